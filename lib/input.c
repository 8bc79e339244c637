/* SPDX-License-Identifier: MIT */
/*
 * Input of a connection: reads, calls of handle, and bytes that are held.
 */
#include "input.h"

#include "notice.h"
#include "output.h"
#include "proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define HELD_READ_SIZE ((size_t)16 * 1024)
#define WANT_REFUSED   SIZE_MAX /* conns->want after shiny_unread() failed for max_input */

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max_size(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* As shiny_unread(). */
static int give_back(struct shiny_conn *conn, size_t n, size_t want)
{
	struct shiny_conns *conns = conn->conns;
	size_t max_input = conns->options.max_input;

	if (conn != conns->current || n > conns->given) {
		return -EINVAL;
	}
	bool fits = n <= max_input && want <= max_input;

	conns->unread = fits ? n : 0;
	conns->want = fits ? want : WANT_REFUSED;
	return fits ? 0 : -EMSGSIZE;
}

/*
 * Instead of handle, until the PROXY header is complete: accept is called once the peer is known.
 */
static bool read_proxy_header(struct shiny_conn *conn, const char *data, size_t len)
{
	struct shiny_address peer;
	size_t want;
	ssize_t header = shiny_proxy_parse(data, len, &peer, &want);

	if (header == 0 && conn->flags & CONN_EOF) {
		shiny_notice_conn(conn, SHINY_NOTICE_PROXY, EPROTO);
	}
	if (header == 0) {
		return give_back(conn, len, want) == 0;
	}
	if (header > 0 && peer.len) {
		conn->peer = malloc(sizeof(peer));
		if (conn->peer) {
			*conn->peer = peer;
		}
	}
	if (header < 0 || (peer.len && !conn->peer)) {
		shiny_notice_conn(conn, SHINY_NOTICE_PROXY, header < 0 ? (int)-header : ENOMEM);
		shiny_conn_abort(conn);
		return false;
	}
	shiny_conn_call_accept(conn);
	/* These were read already, and are not what max_input limits. */
	conn->conns->unread = len - (size_t)header;
	conn->conns->want = 0;
	return true;
}

/* The calls that ordinary input does not take. */
static bool handle_specially(struct shiny_conn *conn, const char *data, size_t len)
{
	bool go_on;

	if (conn->flags & CONN_PROXY_HEADER) {
		return read_proxy_header(conn, data, len);
	}
	shiny_enter(conn->conns, SHINY_EVENT_HANDLE);
	go_on = shiny_debug_call_handle(conn, data, len);
	shiny_leave(conn->conns);
	return go_on;
}

static void call_handler(struct shiny_conn *conn, const char *data, size_t len)
{
	struct shiny_conns *conns = conn->conns;
	bool go_on;

	conns->current = conn;
	conns->given = len;
	conns->unread = 0;
	conns->want = 0;
	conns->found_output = conn->out != NULL;
	if (conn->flags & (CONN_PROXY_HEADER | CONN_DEBUG)) {
		go_on = handle_specially(conn, data, len);
	} else {
		shiny_enter(conns, SHINY_EVENT_HANDLE);
		go_on = conns->handlers.handle(conn, data, len, conns->ctx);
		shiny_leave(conns);
	}
	conns->current = NULL;
	if (!go_on) {
		shiny_conn_close(conn);
	}
}

/*
 * After a call of the handler: sends its output, now or at the end of the turn, and updates the
 * rest.
 */
static void finish_dispatch(struct shiny_conn *conn)
{
	if (conn->conns->options.commit) {
		shiny_output_apply_water_marks(conn);
	} else {
		shiny_output_flush(conn);
	}
	shiny_conn_update(conn);
}

/* The handler stopped because of output: too much is unsent, or some was when it began. */
static bool waits_for_output(const struct shiny_conn *conn)
{
	return conn->flags & CONN_CONGESTED || shiny_output_is_congested(conn) ||
	       (conn->conns->found_output && !(conn->flags & CONN_BLOCKED));
}

/* Whether something other than input will come and call shiny_conn_retry_input(). */
static bool will_be_retried(const struct shiny_conn *conn)
{
	return conn->flags & (CONN_PAUSED | CONN_BLOCKED) || conn->held ||
	       shiny_wake_node_is_woken(&conn->wake_node);
}

/*
 * After the peer's FIN no byte can complete what is held. It comes again only if the handler takes
 * it piece by piece, or waits for something other than input.
 */
static bool can_never_complete(const struct shiny_conn *conn, bool took_some)
{
	const struct shiny_conns *conns = conn->conns;

	return conn->flags & CONN_EOF &&
	       (conns->want > conns->unread ||
		(!took_some && !waits_for_output(conn) && !will_be_retried(conn)));
}

static void end_without_memory(struct shiny_conn *conn)
{
	shiny_notice_conn(conn, SHINY_NOTICE_INPUT, ENOMEM);
	shiny_conn_end(conn, ENOMEM);
}

/* Holds the last conns->unread of the bytes that the handler was given. */
static void hold_unread(struct shiny_conn *conn, const char *data, size_t len)
{
	struct shiny_conns *conns = conn->conns;
	size_t unread = conns->unread;
	bool took_some = unread < len;

	conn->flags &= (uint16_t)~CONN_AGAIN;
	if (conn->phase != CONN_OPEN) {
		if (conns->want == WANT_REFUSED) {
			shiny_notice_conn(conn, SHINY_NOTICE_INPUT, EMSGSIZE);
		}
		return;
	}
	if (unread == 0 || can_never_complete(conn, took_some)) {
		shiny_buffer_give(&conns->pool, &conn->in);
		return;
	}
	if (!conn->in) {
		conn->in = shiny_buffer_take(&conns->pool);
		if (!conn->in || shiny_buffer_reserve(conn->in, unread) < 0) {
			end_without_memory(conn);
			return;
		}
		memcpy(conn->in->data, data + len - unread, unread);
		conn->in->end = unread;
	}
	conn->in->start = conn->in->end - unread;
	shiny_buffer_trim(conn->in);
	conn->in->want = conns->want;
	/*
	 * A handler that took nothing would take nothing again at once: something must happen
	 * first.
	 */
	if (conns->want <= unread && (took_some || waits_for_output(conn))) {
		conn->flags |= CONN_AGAIN;
	}
}

static void dispatch(struct shiny_conn *conn, const char *data, size_t len)
{
	call_handler(conn, data, len);
	hold_unread(conn, data, len);
	finish_dispatch(conn);
}

static void dispatch_held(struct shiny_conn *conn)
{
	dispatch(conn, conn->in->data + conn->in->start, shiny_buffer_length(conn->in));
}

static void end_of_input(struct shiny_conn *conn)
{
	conn->flags |= CONN_EOF;
	if (conn->phase == CONN_LINGERING) {
		shiny_conn_end(conn, 0);
	} else if (conn->phase == CONN_OPEN && conn->in && !(conn->flags & CONN_AGAIN)) {
		dispatch_held(conn);
		return;
	}
	shiny_conn_update(conn);
}

void shiny_input_fail(struct shiny_conn *conn, int error)
{
	/* Once everything was sent, it does not matter how the peer ends. */
	shiny_conn_end(conn, conn->phase == CONN_LINGERING ? 0 : error);
}

/* One recv. True: there were bytes. False: none, the end of input, or an error; all are handled. */
static bool receive(struct shiny_conn *conn, char *room, size_t size, size_t *ret_len)
{
	struct shiny_conns *conns = conn->conns;
	ssize_t n = recv(conn->watch.fd, room, size, 0);

	shiny_count(&conns->options.stats->reads, 1);
	if (n > 0) {
		shiny_count(&conns->options.stats->bytes_in, (uint64_t)n);
		conns->traffic = true;
		*ret_len = (size_t)n;
		return true;
	}
	if (n == 0) {
		end_of_input(conn);
	} else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
		shiny_input_fail(conn, errno);
	}
	return false;
}

/* Reads behind the held input. */
static void read_held(struct shiny_conn *conn)
{
	struct shiny_buffer *in = conn->in;
	size_t held = shiny_buffer_length(in);
	size_t missing = in->want > held ? in->want - held : 0;
	/* It grows with what has arrived, not with what a peer announces. */
	size_t room = max_size(HELD_READ_SIZE, min_size(held, missing));
	size_t len;

	if (shiny_buffer_reserve(in, room) < 0) {
		end_without_memory(conn);
		return;
	}
	if (!receive(conn, in->data + in->end, in->size - in->end, &len)) {
		return;
	}
	in->end += len;
	conn->active = conn->conns->wheel.now;
	if (held + len >= in->want) {
		dispatch_held(conn);
	}
}

/* Reads into the loop's buffer. */
static void read_direct(struct shiny_conn *conn)
{
	char *buffer = conn->conns->read_buffer;
	size_t len;

	if (receive(conn, buffer, SHINY_READ_SIZE, &len)) {
		conn->active = conn->conns->wheel.now;
		dispatch(conn, buffer, len);
	}
}

/* For a connection that is closing: close(2) would reset it if input were unread. */
static void discard(struct shiny_conn *conn)
{
	size_t len;

	receive(conn, conn->conns->read_buffer, SHINY_READ_SIZE, &len);
}

void shiny_input_readable(struct shiny_conn *conn)
{
	if (conn->phase == CONN_DEAD || !shiny_conn_reads(conn)) {
		return;
	}
	if (conn->phase != CONN_OPEN) {
		discard(conn);
	} else if (conn->in) {
		read_held(conn);
	} else {
		read_direct(conn);
	}
}

void shiny_input_again(struct shiny_conn *conn)
{
	if (shiny_conn_is_due_again(conn)) {
		dispatch_held(conn);
	}
}

void shiny_input_woken(struct shiny_conn *conn)
{
	if (conn->phase == CONN_OPEN) {
		shiny_count(&conn->conns->options.stats->wakes, 1);
		shiny_conn_retry_input(conn);
		call_handler(conn, "", 0);
		finish_dispatch(conn);
	}
}

size_t shiny_pending(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return shiny_buffer_length(conn->in);
}

int shiny_unread(struct shiny_conn *conn, size_t n, size_t want)
{
	shiny_conn_check(conn, __func__);
	return give_back(conn, n, want);
}

int shiny_need_more(struct shiny_conn *conn)
{
	size_t given = conn->conns->given;

	shiny_conn_check(conn, __func__);
	return give_back(conn, given, given + 1);
}

void shiny_pause(struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	conn->flags |= CONN_PAUSED;
	shiny_conns_list(conn->conns, conn);
}

void shiny_resume(struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	conn->flags &= (uint16_t)~CONN_PAUSED;
	shiny_conn_retry_input(conn);
	shiny_conns_list(conn->conns, conn);
}
