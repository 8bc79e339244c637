/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

const char *suite_backend;
bool suite_debug;

void gate_pass(struct gate *gate)
{
	latch_add(&gate->entered, 1);
	latch_await(&gate->opened, 1);
}

void gate_open(struct gate *gate)
{
	latch_add(&gate->opened, 1);
}

uint64_t suite_stat(const uint64_t *field)
{
	return __atomic_load_n(field, __ATOMIC_RELAXED);
}

void suite_await_stat_at(const uint64_t *field, uint64_t count, const char *what, const char *file,
			 int line)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;

	while (suite_stat(field) < count) {
		if (g_get_monotonic_time() > end) {
			harness_fail("%s:%d: %s is %llu, not %llu", file, line, what,
				     (unsigned long long)suite_stat(field),
				     (unsigned long long)count);
		}
		g_usleep(1000);
	}
}

void suite_expect_rest(const struct shiny_stats *stats)
{
	gint64 start_us = g_get_monotonic_time();
	uint64_t before = suite_stat(&stats->turns), turns;

	g_usleep(300 * 1000);
	turns = suite_stat(&stats->turns) - before;
	/* Ticks and deadlines cause one in 50 ms; this thread may have slept for longer. */
	g_assert_cmpuint(turns, <, (uint64_t)(g_get_monotonic_time() - start_us) / 6000);
}

bool suite_answer_lines(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	const char *end = memrchr(data, '\n', len);
	size_t whole = end ? (size_t)(end - data) + 1 : 0;

	(void)ctx;
	if (shiny_write(conn, data, whole) < 0) {
		return false;
	}
	return whole == len || shiny_unread(conn, len - whole, len - whole + 1) == 0;
}

gpointer suite_send(gpointer data)
{
	struct suite_bulk *bulk = data;

	client_send(bulk->fd, bulk->data, bulk->len);
	latch_add(&bulk->sent, 1);
	return NULL;
}

int suite_connect(struct serving *s, uint64_t nth)
{
	int fd = client_connect(s->address);

	latch_await(&s->accepts, nth);
	return fd;
}

static void skip_all(void)
{
	harness_skip("this build has no %s backend", suite_backend);
}

/* Whether the library has the backend; every other failure is one of the tests to come. */
/*
 * Keeps a server for the life of the test's process, so that what a backend's own library shares among its users
 * (libkqueue: a thread and its descriptors) is there before the test begins and stays until it has ended.
 */
static struct shiny_server *keeper;

static int keep_backend(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_handlers handlers = { 0 };

	options.backend = suite_backend;
	return shiny_server_create(&handlers, &options, NULL, &keeper);
}

static void set_up(void)
{
	g_assert_cmpint(keep_backend(), ==, 0);
}

/* In a child, so that each test's process begins without such a thread. */
static bool backend_exists(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		_exit(keep_backend() == -ENOENT);
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	return status == 0;
}

static void add_all(void)
{
	add_accept_tests();
	add_address_tests();
	add_commit_tests();
	add_debug_tests();
	add_drain_tests();
	add_end_tests();
	add_flow_tests();
	add_fork_tests();
	add_limit_tests();
	add_loop_tests();
	add_need_more_tests();
	add_notice_tests();
	add_produce_tests();
	add_proxy_tests();
	add_same_turn_tests();
	add_sibling_tests();
	add_stats_tests();
	add_stream_tests();
	add_time_tests();
	add_unread_tests();
	add_wake_tests();
	add_walk_tests();
}

int main(int argc, char **argv)
{
	char *prefix;
	int result;

	if (argc < 2 || !g_str_has_prefix(argv[1], "--backend=")) {
		g_printerr("usage: %s --backend=NAME [--debug] [GLib test options]\n", argv[0]);
		return 2;
	}
	suite_backend = strchr(argv[1], '=') + 1;
	suite_debug = argc > 2 && g_str_equal(argv[2], "--debug");
	serving_set_defaults(suite_backend, suite_debug);
	argv[1 + suite_debug] = argv[0];
	argc -= 1 + suite_debug;
	argv += 1 + suite_debug;
	harness_init(&argc, &argv);

	prefix = g_strconcat("/", suite_backend, suite_debug ? "-debug" : NULL, NULL);
	harness_set_prefix(prefix);
	if (backend_exists()) {
		harness_set_up(set_up);
		add_all();
	} else {
		harness_add("/suite", skip_all);
	}
	result = harness_run();
	g_free(prefix);
	return result;
}
