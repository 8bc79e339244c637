/* SPDX-License-Identifier: MIT */
/*
 * Stats: what they say is what happened.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	CLIENTS = 10,
	REPLIES = 20,
	SIZE = 1000
};

static struct serving *start_counting(struct shiny_stats *stats,
				      const struct shiny_handlers *handlers)
{
	struct shiny_options options = SHINY_OPTIONS;

	options.stats = stats;
	return serving_start(handlers, &options, NULL);
}

static void add_up(void)
{
	struct shiny_stats stats = { 0 };
	struct serving *s =
		start_counting(&stats, &(struct shiny_handlers){ .handle = serving_echo });
	char *data = client_pattern(SIZE, 1);
	uint64_t turns = 0;
	int fds[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = suite_connect(s, (uint64_t)i + 1);
		for (int j = 0; j < REPLIES; j++) {
			client_send(fds[i], data, SIZE);
			client_expect_bytes(fds[i], data, SIZE);
		}
	}
	suite_await_stat(&stats.connections, CLIENTS);
	for (int i = 0; i < CLIENTS; i++) {
		i == 0 ? client_reset(fds[i]) : (void)close(fds[i]);
	}
	latch_await(&s->closes, CLIENTS);
	shiny_server_stop(s->server);
	g_assert_cmpint(serving_join(s), ==, 0);

	g_assert_cmpuint(stats.connections, ==, 0);
	g_assert_cmpuint(stats.accepted, ==, CLIENTS);
	g_assert_cmpuint(stats.refused, ==, 0);
	g_assert_cmpuint(stats.shed, ==, 0);
	g_assert_cmpuint(stats.bytes_in, ==, CLIENTS * REPLIES * SIZE);
	g_assert_cmpuint(stats.bytes_out, ==, CLIENTS * REPLIES * SIZE);
	g_assert_cmpuint(stats.reads, >=, CLIENTS * REPLIES);
	g_assert_cmpuint(stats.writes, >=, CLIENTS * REPLIES);
	g_assert_cmpuint(stats.wakes, ==, 0);
	g_assert_cmpuint(stats.errors_reset, ==, 1);
	g_assert_cmpuint(stats.errors_accept + stats.errors_timeout + stats.errors_overflow +
				 stats.errors_commit,
			 ==, 0);
	for (int i = 0; i < SHINY_STATS_TURN_BUCKETS; i++) {
		turns += stats.turn_ns[i];
	}
	g_assert_cmpuint(stats.turns, >, 0);
	g_assert_cmpuint(turns, ==, stats.turns);
	g_free(data);
	serving_destroy(s);
}

static bool refuse_all(struct shiny_conn *conn, void *ctx)
{
	(void)conn;
	(void)ctx;
	return false;
}

static void refusals(void)
{
	struct shiny_stats stats = { 0 };
	struct serving *s =
		start_counting(&stats, &(struct shiny_handlers){ .accept = refuse_all });

	for (int i = 0; i < 5; i++) {
		int fd = client_connect(s->address);

		client_expect_end(fd);
		close(fd);
	}
	suite_await_stat(&stats.refused, 5);
	g_assert_cmpuint(suite_stat(&stats.accepted), ==, 0);
	serving_stop(s);
}

static bool wake_itself(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	if (len > 0) {
		shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
		return true;
	}
	return shiny_write(conn, "w", 1) == 0 && data[0] == '\0';
}

static void wakes_and_ticks(void)
{
	struct shiny_stats stats = { 0 };
	struct serving *s =
		start_counting(&stats, &(struct shiny_handlers){ .handle = wake_itself });
	int fd = client_connect(s->address);

	for (int i = 0; i < 10; i++) {
		client_send_text(fd, "x");
		client_expect(fd, "w");
	}
	close(fd);
	shiny_server_stop(s->server);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpuint(stats.wakes, ==, 10);
	g_assert_cmpuint(stats.ticks, ==, latch_count(&s->ticks) - 1); /* one is of the join */
	serving_destroy(s);
}

/* Each event function is named while it runs; the stats are the ctx. */
static bool handle_is_named(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	g_assert_cmpuint(((struct shiny_stats *)ctx)->running, ==, SHINY_EVENT_HANDLE);
	return shiny_write(conn, data, len) == 0;
}

static bool accept_is_named(struct shiny_conn *conn, void *ctx)
{
	(void)conn;
	g_assert_cmpuint(((struct shiny_stats *)ctx)->running, ==, SHINY_EVENT_ACCEPT);
	return true;
}

static void closed_is_named(struct shiny_conn *conn, int error, void *ctx)
{
	(void)conn;
	(void)error;
	g_assert_cmpuint(((struct shiny_stats *)ctx)->running, ==, SHINY_EVENT_CLOSED);
}

static bool tick_is_named(void *ctx)
{
	g_assert_cmpuint(((struct shiny_stats *)ctx)->running, ==, SHINY_EVENT_TICK);
	return true;
}

static int commit_is_named(void *ctx)
{
	g_assert_cmpuint(((struct shiny_stats *)ctx)->running, ==, SHINY_EVENT_COMMIT);
	return 0;
}

static void running(void)
{
	static const struct shiny_handlers handlers = {
		.handle = handle_is_named,
		.accept = accept_is_named,
		.closed = closed_is_named,
		.tick = tick_is_named,
	};
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fd;

	options.stats = &stats;
	options.commit = commit_is_named;
	s = serving_start(&handlers, &options, &stats);
	fd = client_connect(s->address);
	client_send_text(fd, "x");
	client_expect(fd, "x");
	close(fd);
	latch_await(&s->closes, 1);
	shiny_server_stop(s->server);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpuint(stats.running, ==, SHINY_EVENT_NONE);
	serving_destroy(s);
}

/* A caller that was built with an older header gives fewer options. */
static void short_options(void)
{
	struct shiny_options options = { .size = offsetof(struct shiny_options, high_water) };
	struct serving *s;
	int fd;

	memset((char *)&options + options.size, 0xff, sizeof(options) - options.size);
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	fd = client_connect(s->address);
	client_send_text(fd, "x");
	client_expect(fd, "x");
	close(fd);
	serving_stop(s);
}

/* One that was built with a later header gives more: good while they are not set. */
static void long_options(void)
{
	struct {
		struct shiny_options known;
		char news[64];
	} options = { .known = SHINY_OPTIONS };
	struct shiny_handlers handlers = { .handle = serving_echo };
	struct shiny_server *server;
	int fd;

	options.known.size = sizeof(options);
	g_assert_cmpint(shiny_server_create(&handlers, &options.known, NULL, &server), ==, 0);
	shiny_server_destroy(server);
	g_assert_cmpint(shiny_bind("tcp://127.0.0.1:0", &options.known, &fd), ==, 0);
	close(fd);

	options.news[sizeof(options.news) - 1] = 1;
	g_assert_cmpint(shiny_server_create(&handlers, &options.known, NULL, &server), ==, -E2BIG);
	g_assert_cmpint(shiny_bind("tcp://127.0.0.1:0", &options.known, &fd), ==, -E2BIG);
}

static bool progress_and_echo(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	shiny_server_progress(shiny_server_of(conn));
	return shiny_write(conn, data, len) == 0;
}

/* Memory of @size bytes, behind which is none: a write beyond ends the test. */
static struct shiny_stats *stats_at_an_edge(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	g_assert_true(memory != MAP_FAILED);
	g_assert_cmpint(mprotect(memory + page, page, PROT_NONE), ==, 0);
	return (struct shiny_stats *)(void *)(memory + page - size);
}

/* Has the handler make progress @count times, with @stats of @size. */
static void make_progress(struct shiny_stats *stats, size_t size, int count)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fd;

	options.stats = stats;
	options.stats_size = size;
	s = serving_start(&(struct shiny_handlers){ .handle = progress_and_echo }, &options, NULL);
	fd = client_connect(s->address);
	for (int i = 0; i < count; i++) {
		client_send_text(fd, "x");
		client_expect(fd, "x");
	}
	close(fd);
	serving_stop(s);
	g_assert_cmpuint(stats->bytes_in, ==, count);
}

static void smaller_stats(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_handlers handlers = { .handle = serving_echo };
	struct shiny_server *server;

	make_progress(stats_at_an_edge(SHINY_STATS_SIZE_FIRST), 0, 5);
	make_progress(stats_at_an_edge(SHINY_STATS_SIZE_FIRST), SHINY_STATS_SIZE_FIRST, 5);

	options.stats_size = SHINY_STATS_SIZE_FIRST - 1;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, -EINVAL);
}

static void progress_is_counted(void)
{
	const size_t covers_it = offsetof(struct shiny_stats, progress) + sizeof(uint64_t);
	struct shiny_stats *stats = stats_at_an_edge(covers_it);

	make_progress(stats, covers_it, 7);
	g_assert_cmpuint(stats->progress, ==, 7);

	/* More room than there are counters. */
	make_progress(stats_at_an_edge(sizeof(*stats) + 64), sizeof(*stats) + 64, 1);
}

void add_stats_tests(void)
{
	harness_add("/stats/traffic/adds-up", add_up);
	harness_add("/stats/refused/is-counted-apart", refusals);
	harness_add("/stats/wakes-and-ticks/are-counted", wakes_and_ticks);
	harness_add("/stats/running/names-the-event", running);
	harness_add("/stats/options/of-an-older-header-will-do", short_options);
	harness_add("/stats/options/of-a-later-header-are-refused-if-set", long_options);
	harness_add("/stats/size/nothing-is-written-beyond", smaller_stats);
	harness_add("/stats/progress/is-counted-where-there-is-room", progress_is_counted);
}
