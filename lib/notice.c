/* SPDX-License-Identifier: MIT */
/*
 * Notices: counted, and passed to the program with the peer's address.
 */
#include "notice.h"

#include "address.h"
#include "conn.h"

/* The counter of each notice; 0: the caller counts it. */
static const size_t counters[SHINY_NOTICE_MAX] = {
	[SHINY_NOTICE_PROXY] = offsetof(struct shiny_stats, errors_proxy),
	[SHINY_NOTICE_INPUT] = offsetof(struct shiny_stats, errors_input),
	[SHINY_NOTICE_IDLE] = offsetof(struct shiny_stats, errors_idle),
	[SHINY_NOTICE_STALL] = offsetof(struct shiny_stats, errors_stall),
	[SHINY_NOTICE_DEADLINE] = offsetof(struct shiny_stats, errors_deadline),
	[SHINY_NOTICE_PRODUCE] = offsetof(struct shiny_stats, errors_produce),
};

static void call_notice(const struct shiny_conns *conns, enum shiny_notice notice, int error,
			const char *peer)
{
	if (conns->debug) {
		conns->debug->in_notice = true;
	}
	conns->options.notice(notice, error, peer, conns->options.notice_ctx);
	if (conns->debug) {
		conns->debug->in_notice = false;
	}
	if (shiny_owner_is_other(&conns->owner)) {
		shiny_owner_abort();
	}
}

static void count_notice(const struct shiny_conns *conns, enum shiny_notice notice)
{
	if (counters[notice]) {
		shiny_count_added(conns, counters[notice]);
	}
}

void shiny_notice_conn(const struct shiny_conn *conn, enum shiny_notice notice, int error)
{
	const struct shiny_conns *conns = conn->conns;
	char peer[SHINY_ADDRESS_MAX];

	count_notice(conns, notice);
	if (conns->options.notice) {
		bool known = shiny_conn_peer(conn, peer, sizeof(peer)) == 0;
		call_notice(conns, notice, error, known ? peer : NULL);
	}
}

void shiny_notice_socket(const struct shiny_conns *conns, enum shiny_notice notice, int error,
			 int fd)
{
	struct shiny_address address;
	char peer[SHINY_ADDRESS_MAX];

	count_notice(conns, notice);
	if (conns->options.notice) {
		bool known = fd >= 0 && shiny_address_of_peer(fd, &address) == 0 &&
			     shiny_address_format(&address, peer, sizeof(peer)) == 0;
		call_notice(conns, notice, error, known ? peer : NULL);
	}
}
