/* SPDX-License-Identifier: MIT */
/*
 * The run as a whole: its tick, its end, a second run, another server beside it.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

/* Counts ticks and when they came; false at the one that is the last. */
struct clock {
	struct shiny_server *server;
	int ticks, last;
	gint64 begin_us; /* before the run, where the test sets it */
	gint64 first_us, latest_us;
	gint64 longest_us; /* between two */
};

static bool count_tick(void *ctx)
{
	struct clock *clock = ctx;
	gint64 now = g_get_monotonic_time();

	if (clock->ticks++ == 0) {
		clock->first_us = now;
	} else {
		clock->longest_us = MAX(clock->longest_us, now - clock->latest_us);
	}
	clock->latest_us = now;
	return clock->ticks != clock->last;
}

static bool accept_after_tick(struct shiny_conn *conn, void *ctx)
{
	const struct clock *clock = ctx;

	(void)conn;
	g_assert_cmpint(clock->ticks, >, 0);
	return true;
}

static const struct shiny_handlers clock_handlers = {
	.handle = serving_echo,
	.accept = accept_after_tick,
	.tick = count_tick,
};

/* The client is in the queue before the run begins. */
static void tick_before_accept(void)
{
	struct clock clock = { 0 };
	struct serving *s = serving_create(&clock_handlers, NULL, &clock);
	int fd;

	serving_listen(s, "tcp://127.0.0.1:0");
	fd = client_connect(s->address);
	client_send_text(fd, "x");
	serving_run(s);
	client_expect(fd, "x");
	close(fd);
	serving_stop(s);
}

static void false_at_first(void)
{
	struct clock clock = { .last = 1 };
	struct serving *s = serving_create(&clock_handlers, NULL, &clock);
	int fd;

	serving_listen(s, "tcp://127.0.0.1:0");
	fd = client_connect(s->address);
	serving_run(s);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(clock.ticks, ==, 1);
	g_assert_cmpuint(latch_count(&s->accepts), ==, 0);
	serving_destroy(s);
	close(fd);
}

/* Pings until the server has gone away. */
static gpointer ping(gpointer data)
{
	int fd = GPOINTER_TO_INT(data);
	char c;

	while (client_send_some(fd, "x", 1) == 1 && read(fd, &c, 1) == 1) {
	}
	return NULL;
}

static void false_under_load(void)
{
	struct clock clock = { .last = 6 };
	struct serving *s = serving_start(&clock_handlers, NULL, &clock);
	GThread *threads[4];
	int fds[4];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = client_connect(s->address);
		threads[i] = g_thread_new("ping", ping, GINT_TO_POINTER(fds[i]));
	}
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(clock.ticks, ==, 6);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		g_thread_join(threads[i]);
		close(fds[i]);
	}
	serving_destroy(s);
}

/*
 * Each of @clock's ticks came at least @tick_ms after the one before. The sum of the pauses is what
 * a busy machine cannot make look shorter: a tick that is noticed late makes the next pause look short.
 */
static void expect_pauses(const struct clock *clock, gint64 tick_ms)
{
	g_assert_cmpint(clock->latest_us - clock->begin_us, >=, (clock->last - 1) * tick_ms * 1000);
}

/* Every 50 ms: no sooner, and soon enough that 20 fit well into ten times their time. */
static void busy_cadence(void)
{
	struct clock clock = { .last = 20, .begin_us = g_get_monotonic_time() };
	struct serving *s = serving_start(&clock_handlers, NULL, &clock);
	int fd = client_connect(s->address);
	GThread *thread = g_thread_new("ping", ping, GINT_TO_POINTER(fd));

	g_assert_cmpint(serving_join(s), ==, 0);
	expect_pauses(&clock, 50);
	g_assert_cmpint(clock.latest_us - clock.first_us, <, 10 * 20 * 50 * 1000);
	g_thread_join(thread);
	close(fd);
	serving_destroy(s);
}

/* Once a second: rests, but for no longer. */
static void idle_cadence(void)
{
	struct clock clock = { .last = 4 };
	struct serving *s = serving_start(&clock_handlers, NULL, &clock);

	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(clock.latest_us - clock.first_us, >, 1000 * 1000);
	g_assert_cmpint(clock.longest_us, <, 3 * 1000 * 1000);
	serving_destroy(s);
}

static void set_cadence(void)
{
	struct clock clock = { .last = 40, .begin_us = g_get_monotonic_time() };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;

	options.tick_ms = 5;
	options.idle_tick_ms = 10;
	s = serving_create(&clock_handlers, &options, &clock);
	serving_listen(s, "tcp://127.0.0.1:0");
	serving_run(s);
	g_assert_cmpint(serving_join(s), ==, 0);
	expect_pauses(&clock, 5);
	/* 40 idle ticks of the default would take 40 s. */
	g_assert_cmpint(clock.latest_us - clock.first_us, <, 10 * 1000 * 1000);
	serving_destroy(s);
}

/* From its second tick on it hurries, for the last two it rests. */
static bool hurry(void *ctx)
{
	struct clock *clock = ctx;

	if (clock->ticks == 1) {
		g_assert_cmpint(shiny_server_set_tick(clock->server, 5, 5), ==, 0);
		g_assert_cmpint(shiny_server_set_tick(clock->server, 5, 1001), ==, -EINVAL);
		g_assert_cmpint(shiny_server_set_tick(clock->server, 6, 5), ==, -EINVAL);
	} else if (clock->ticks == 40) {
		g_assert_cmpint(shiny_server_set_tick(clock->server, 0, 0), ==, 0);
	}
	return count_tick(ctx);
}

static void cadence_changes_while_it_runs(void)
{
	struct clock clock = { .last = 42 };
	struct shiny_handlers handlers = clock_handlers;
	struct serving *s;

	handlers.tick = hurry;
	s = serving_create(&handlers, NULL, &clock);
	clock.server = s->server;
	serving_listen(s, "tcp://127.0.0.1:0");
	serving_run(s);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(clock.latest_us - clock.first_us, >, 1000 * 1000);
	g_assert_cmpint(clock.latest_us - clock.first_us, <, 10 * 1000 * 1000);
	serving_destroy(s);
}

static void stop_before_run(void)
{
	struct serving *s =
		serving_create(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);

	serving_listen(s, "tcp://127.0.0.1:0");
	shiny_server_stop(s->server);
	serving_run(s);
	g_assert_cmpint(serving_join(s), ==, 0);
	serving_destroy(s);
}

/* For the signal handler. */
static struct shiny_server *signalled_server;

static void stop_from_signal(int signal)
{
	(void)signal;
	shiny_server_stop(signalled_server);
}

static void stop_in_handler(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);
	struct sigaction action = { .sa_handler = stop_from_signal };
	int fd = suite_connect(s, 1);

	signalled_server = s->server;
	sigaction(SIGTERM, &action, NULL);
	raise(SIGTERM);
	g_assert_cmpint(serving_join(s), ==, 0);
	close(fd);
	serving_destroy(s);
}

static bool stop_at_data(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)len;
	(void)ctx;
	shiny_server_stop(shiny_server_of(conn));
	return true;
}

static void stop_in_event(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = stop_at_data }, NULL, NULL);
	int fd = client_connect(s->address);

	client_send_text(fd, "x");
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(serving_last_error(s), ==, ECANCELED);
	close(fd);
	serving_destroy(s);
}

static void run_twice(void)
{
	struct serving *s =
		serving_create(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);

	serving_listen(s, "tcp://127.0.0.1:0");
	for (uint64_t run = 1; run <= 3; run++) {
		int fd;

		serving_run(s);
		fd = suite_connect(s, run);
		client_send_text(fd, "x");
		client_expect(fd, "x");
		shiny_server_stop(s->server);
		g_assert_cmpint(serving_join(s), ==, 0);
		g_assert_cmpuint(latch_count(&s->closes), ==, run);
		close(fd);
	}
	serving_destroy(s);
}

static void two_at_once(void)
{
	struct shiny_handlers handlers = { .handle = serving_echo };
	struct serving *a = serving_start(&handlers, NULL, NULL);
	struct serving *b = serving_start(&handlers, NULL, NULL);
	int fd_a = client_connect(a->address), fd_b = client_connect(b->address);

	for (int i = 0; i < 100; i++) {
		client_send_text(fd_a, "a");
		client_send_text(fd_b, "b");
		client_expect(fd_a, "a");
		client_expect(fd_b, "b");
	}
	serving_stop(a);
	client_send_text(fd_b, "b");
	client_expect(fd_b, "b");
	serving_stop(b);
	close(fd_a);
	close(fd_b);
}

static bool count_two_ticks(void *ctx)
{
	int *ticks = ctx;

	return ++*ticks < 2;
}

static void serve_call(void)
{
	struct shiny_handlers handlers = { .tick = count_two_ticks };
	struct shiny_options options = SHINY_OPTIONS;
	int ticks = 0;

	options.backend = suite_backend;
	g_assert_cmpint(shiny_serve("tcp://127.0.0.1:0", &handlers, &options, &ticks), ==, 0);
	g_assert_cmpint(ticks, ==, 2);
	g_assert_cmpint(shiny_serve("carrier://pigeon", &handlers, &options, &ticks), ==,
			-EPROTONOSUPPORT);
}

static void ignore_signal(int signal)
{
	(void)signal;
}

struct storm {
	pthread_t thread; /* the one to interrupt; set by the first tick */
	bool known;
	gint done; /* atomic */
};

static bool note_thread(void *ctx)
{
	struct storm *storm = ctx;

	if (!storm->known) {
		storm->known = true;
		storm->thread = pthread_self();
	}
	return true;
}

static gpointer interrupt_often(gpointer data)
{
	struct storm *storm = data;

	while (!g_atomic_int_get(&storm->done)) {
		pthread_kill(storm->thread, SIGUSR1);
		g_usleep(50);
	}
	return NULL;
}

static void interrupted(void)
{
	struct storm storm = { 0 };
	struct sigaction action = { .sa_handler = ignore_signal }; /* without SA_RESTART */
	char *data = client_pattern(100000, 1);
	struct serving *s;
	GThread *thread;
	int fd;

	sigaction(SIGUSR1, &action, NULL);
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo, .tick = note_thread },
			  NULL, &storm);
	thread = g_thread_new("storm", interrupt_often, &storm);
	for (int i = 0; i < 100; i++) {
		fd = client_connect(s->address);
		client_send(fd, data, 100000);
		client_expect_bytes(fd, data, 100000);
		close(fd);
	}
	g_atomic_int_set(&storm.done, 1);
	g_thread_join(thread);
	g_free(data);
	serving_stop(s);
}

static void rests(void)
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fds[20];

	options.stats = &stats;
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = suite_connect(s, i + 1);
		client_send_text(fds[i], "x");
		client_expect(fds[i], "x");
	}
	suite_expect_rest(&stats);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		close(fds[i]);
	}
	serving_stop(s);
}

static bool end_at_once(void *ctx)
{
	bool *called = ctx;

	*called = true;
	return false;
}

static void context_is_set(void)
{
	const struct shiny_handlers handlers = { .tick = end_at_once };
	struct shiny_options options = SHINY_OPTIONS;
	bool before = false, after = false;
	struct shiny_server *server;

	options.backend = suite_backend;
	g_assert_cmpint(shiny_server_create(&handlers, &options, &before, &server), ==, 0);
	g_assert_cmpint(shiny_server_listen(server, "tcp://127.0.0.1:0"), ==, 0);
	shiny_server_set_context(server, &after);
	g_assert_cmpint(shiny_server_run(server), ==, 0);
	shiny_server_destroy(server);
	g_assert_true(after && !before);
}

void add_loop_tests(void)
{
	harness_add("/loop/context/may-be-replaced", context_is_set);
	harness_add("/loop/tick/comes-before-any-accept", tick_before_accept);
	harness_add("/loop/tick/false-at-the-first-ends-with-success", false_at_first);
	harness_add("/loop/tick/false-under-load-ends-the-run", false_under_load);
	harness_add("/loop/tick/busy-every-50-ms", busy_cadence);
	harness_add("/loop/tick/idle-once-a-second", idle_cadence);
	harness_add("/loop/tick/cadence-may-be-set", set_cadence);
	harness_add("/loop/tick/cadence-changes-while-it-runs", cadence_changes_while_it_runs);
	harness_add("/loop/stop/before-the-run-ends-it", stop_before_run);
	harness_add("/loop/stop/from-a-signal-handler", stop_in_handler);
	harness_add("/loop/stop/from-an-event", stop_in_event);
	harness_add("/loop/run/may-be-repeated", run_twice);
	harness_add("/loop/run/two-servers-at-once", two_at_once);
	harness_add("/loop/serve/is-all-in-one", serve_call);
	harness_add("/loop/interrupts/go-unnoticed", interrupted);
	harness_add("/loop/idle/sleeps", rests);
}
