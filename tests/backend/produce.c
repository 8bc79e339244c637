/* SPDX-License-Identifier: MIT */
/*
 * Replies that are written in place: what is sent is what the handler reserved and filled in, or
 * nothing.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	KB = 1024,
	MB = 1024 * 1024,
	SECRET = 10000
};

struct slip {
	struct latch told;
	int error;
};

static void hear(enum shiny_notice notice, int error, const char *peer, void *ctx)
{
	struct slip *slip = ctx;

	(void)peer;
	g_assert_cmpint(notice, ==, SHINY_NOTICE_PRODUCE);
	slip->error = error;
	latch_add(&slip->told, 1);
}

/* Room with something of the handler's in it. */
static void fill(struct shiny_conn *conn, size_t len)
{
	char *room = shiny_reserve(conn, len);

	g_assert_nonnull(room);
	memset(room, 'r', len);
}

static bool in_parts(struct shiny_conn *conn)
{
	fill(conn, 100);
	shiny_produce(conn, 40);
	shiny_produce(conn, 0);
	shiny_produce(conn, 60);
	return true;
}

static bool write_behind(struct shiny_conn *conn)
{
	fill(conn, 100);
	g_assert_cmpint(shiny_write(conn, "w", 1), ==, 0);
	shiny_produce(conn, 100);
	return true;
}

/* So much that it is not all sent when the next call comes, with room that is left then. */
static bool leave_room(struct shiny_conn *conn)
{
	fill(conn, 8 * MB);
	shiny_produce(conn, 8 * MB);
	fill(conn, 100);
	return true;
}

static bool slip(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	static char secret[SECRET];

	(void)ctx;
	switch (data[0]) {
	case 's': /* of which memory is full then */
		memset(secret, 's', sizeof(secret));
		return shiny_write(conn, secret, sizeof(secret)) == 0;
	case 'm': /* more than reserved */
		fill(conn, 10);
		shiny_produce(conn, 2000);
		return true;
	case 'l': /* larger than any buffer */
		fill(conn, 10);
		shiny_produce(conn, SIZE_MAX);
		return true;
	case 'n': /* no reservation at all */
		shiny_produce(conn, 1);
		return true;
	case 'q': /* what was queued before is of no use either */
		g_assert_cmpint(shiny_write(conn, "queued", 6), ==, 0);
		shiny_produce(conn, 1);
		return true;
	case 'p':
		return in_parts(conn);
	case 't': /* one part too many */
		in_parts(conn);
		shiny_produce(conn, 1);
		return true;
	case 'w':
		return write_behind(conn);
	case 'a': /* in two calls */
		return len == 1 ? leave_room(conn) : true;
	case 'b':
		shiny_produce(conn, 100);
		return true;
	}
	return false;
}

static struct serving *start(struct slip *slipped, struct shiny_stats *stats,
			     int (*commit)(void *ctx))
{
	struct shiny_options options = SHINY_OPTIONS;

	options.commit = commit;
	options.stats = stats;
	options.high_water = 64 * MB;
	options.notice = hear;
	options.notice_ctx = slipped;
	return serving_start(&(struct shiny_handlers){ .handle = slip }, &options, NULL);
}

static void leave_a_secret(const char *address)
{
	char got[SECRET];
	int fd = client_connect(address);

	client_send_text(fd, "s");
	client_receive(fd, got, sizeof(got));
	close(fd);
}

static int commit_nothing(void *ctx)
{
	(void)ctx;
	return 0;
}

static void too_much(int (*commit)(void *ctx))
{
	static const char slips[] = "mlnqtw";
	struct shiny_stats stats = { 0 };
	struct slip slipped = { 0 };
	struct serving *s = start(&slipped, &stats, commit);

	for (uint64_t i = 0; slips[i]; i++) {
		int fd;

		leave_a_secret(s->address);
		latch_await(&s->closes, 2 * i + 1);
		fd = client_connect(s->address);
		client_send(fd, &slips[i], 1);
		client_expect_reset(fd); /* and not a byte before it */
		latch_await(&s->closes, 2 * i + 2);
		g_assert_cmpint(serving_last_error(s), ==, EINVAL);
		latch_await(&slipped.told, i + 1);
		g_assert_cmpint(slipped.error, ==, EINVAL);
		g_assert_cmpuint(suite_stat(&stats.errors_produce), ==, i + 1);
		close(fd);
	}
	serving_stop(s);
}

static void too_much_without_a_commit(void)
{
	too_much(NULL);
}

static void too_much_with_a_commit(void)
{
	too_much(commit_nothing);
}

static void parts(void)
{
	struct shiny_stats stats = { 0 };
	struct slip slipped = { 0 };
	struct serving *s = start(&slipped, &stats, NULL);
	char *wanted = g_strnfill(100, 'r');

	client_exchange(s->address, "p", wanted);
	g_assert_cmpuint(latch_count(&slipped.told), ==, 0);
	g_free(wanted);
	serving_stop(s);
}

static void room_of_the_call_before(int (*commit)(void *ctx))
{
	struct shiny_stats stats = { 0 };
	struct slip slipped = { 0 };
	struct serving *s = start(&slipped, &stats, commit);
	int fd = client_connect_narrow(s->address, 16 * KB);

	client_send_text(fd, "a");
	latch_await(&s->handles, 1);
	client_send_text(fd, "b");
	latch_await(&slipped.told, 1);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, EINVAL);
	close(fd);
	serving_stop(s);
}

static void room_is_gone_with_the_call(void)
{
	room_of_the_call_before(NULL);
	room_of_the_call_before(commit_nothing);
}

/* A reservation that failed has ended the connection already. */
static bool flood(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)len;
	(void)ctx;
	while (shiny_reserve(conn, 64 * KB)) {
		shiny_produce(conn, 64 * KB);
	}
	shiny_produce(conn, 64 * KB);
	return true;
}

static void failed_reservation(void)
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fd;

	options.stats = &stats;
	options.max_output = MB;
	s = serving_start(&(struct shiny_handlers){ .handle = flood }, &options, NULL);
	fd = client_connect_narrow(s->address, 16 * KB);
	client_send_text(fd, "x");
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ENOBUFS);
	g_assert_cmpuint(suite_stat(&stats.errors_produce), ==, 0);
	close(fd);
	serving_stop(s);
}

void add_produce_tests(void)
{
	harness_add("/produce/parts/all-are-sent", parts);
	harness_add("/produce/room/that-was-refused-is-no-second-fault", failed_reservation);
	if (suite_debug) {
		return; /* the mistakes below end the program */
	}
	harness_add("/produce/too-much/ends-the-connection-and-sends-nothing",
		    too_much_without_a_commit);
	harness_add("/produce/too-much/also-with-a-commit", too_much_with_a_commit);
	harness_add("/produce/room/is-gone-when-the-handler-returns", room_is_gone_with_the_call);
}
