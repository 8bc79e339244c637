/* SPDX-License-Identifier: MIT */
/*
 * Drain: nobody new, everyone gets what is owed, and an end in time.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	FOR_EVER_MS = 3600 * 1000,
	MB = 1024 * 1024
};

static void idle_at_once(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);
	int fds[20];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = suite_connect(s, i + 1);
	}
	client_send_text(fds[0], "x");
	client_expect(fds[0], "x");
	shiny_server_drain(s->server, FOR_EVER_MS);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		client_expect_end(fds[i]);
		close(fds[i]);
	}
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	serving_destroy(s);
}

/* Holds at data; a wake gives the answer that is owed. */
struct debtor {
	uint64_t id;
	char *answer;
	size_t len;
};

static bool owe(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct debtor *debtor = ctx;

	(void)data;
	if (len > 0) {
		debtor->id = shiny_id(conn);
		shiny_hold(conn);
		return true;
	}
	shiny_release(conn);
	return shiny_write(conn, debtor->answer, debtor->len) == 0;
}

static void owed(void)
{
	struct debtor debtor = { .answer = client_pattern(8 * MB, 1), .len = 8 * MB };
	struct serving *s = serving_start(&(struct shiny_handlers){ .handle = owe }, NULL, &debtor);
	int idle = suite_connect(s, 1), busy = suite_connect(s, 2), late;

	client_send_text(busy, "x");
	latch_await(&s->handles, 1);
	shiny_server_drain(s->server, FOR_EVER_MS);
	client_expect_end(idle);
	close(idle);
	g_assert_false(client_readable(busy, 100));
	late = client_try_connect(s->address); /* may wait in the queue, but is not accepted */

	shiny_server_wake(s->server, debtor.id);
	client_expect_bytes(busy, debtor.answer, debtor.len);
	client_expect_end(busy);
	close(busy);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	g_assert_cmpuint(latch_count(&s->accepts), ==, 2);
	if (late >= 0) {
		close(late);
	}
	g_free(debtor.answer);
	serving_destroy(s);
}

static bool write_all(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)len;
	return shiny_write(conn, ctx, 8 * MB) == 0;
}

static void unsent(void)
{
	char *data = client_pattern(8 * MB, 2);
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = write_all }, NULL, data);
	int fd = client_connect(s->address);

	client_send_text(fd, "x");
	latch_await(&s->handles, 1);
	shiny_server_drain(s->server, FOR_EVER_MS);
	client_expect_bytes(fd, data, 8 * MB);
	client_expect_end(fd);
	close(fd);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	g_free(data);
	serving_destroy(s);
}

static bool gate_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	if (len == 4 && memcmp(data, "gate", 4) == 0) {
		gate_pass(ctx);
	}
	return shiny_write(conn, data, len) == 0;
}

/* What had arrived when the drain began is answered. */
static void unread(void)
{
	struct gate gate = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = gate_handle }, NULL, &gate);
	int fd = suite_connect(s, 1), other = suite_connect(s, 2);

	client_send_text(fd, "gate");
	latch_await(&gate.entered, 1);
	client_send_text(other, "question");
	shiny_server_drain(s->server, FOR_EVER_MS);
	gate_open(&gate);
	client_expect(fd, "gate");
	client_expect_end(fd);
	client_expect(other, "question");
	client_expect_end(other);
	close(fd);
	close(other);
	g_assert_cmpint(serving_join(s), ==, 0);
	serving_destroy(s);
}

static void forced(bool shortened)
{
	struct debtor debtor = { 0 };
	struct serving *s = serving_start(&(struct shiny_handlers){ .handle = owe }, NULL, &debtor);
	int fd = client_connect(s->address);

	client_send_text(fd, "x");
	latch_await(&s->handles, 1);
	if (shortened) {
		shiny_server_drain(s->server, FOR_EVER_MS);
		g_assert_false(latch_wait(&s->finished, 1, 100));
	}
	shiny_server_drain(s->server, 100);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(serving_last_error(s), ==, ECANCELED);
	client_expect_reset(fd);
	close(fd);
	serving_destroy(s);
}

static void forced_in_time(void)
{
	forced(false);
}

static void second_shortens(void)
{
	forced(true);
}

static void stopped(void)
{
	struct debtor debtor = { 0 };
	struct serving *s = serving_start(&(struct shiny_handlers){ .handle = owe }, NULL, &debtor);
	int fd = client_connect(s->address);

	client_send_text(fd, "x");
	latch_await(&s->handles, 1);
	shiny_server_drain(s->server, FOR_EVER_MS);
	shiny_server_stop(s->server);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpint(serving_last_error(s), ==, ECANCELED);
	close(fd);
	serving_destroy(s);
}

static void nobody_there(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);

	shiny_server_drain(s->server, FOR_EVER_MS);
	g_assert_cmpint(serving_join(s), ==, 0);
	serving_destroy(s);
}

/* For the signal handler. */
static struct shiny_server *signalled_server;

static void drain_from_signal(int signal)
{
	(void)signal;
	shiny_server_drain(signalled_server, FOR_EVER_MS);
}

static void signalled(void)
{
	struct sigaction action = { .sa_handler = drain_from_signal };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);
	int fd = suite_connect(s, 1);

	signalled_server = s->server;
	sigaction(SIGTERM, &action, NULL);
	raise(SIGTERM);
	client_expect_end(fd);
	close(fd);
	g_assert_cmpint(serving_join(s), ==, 0);
	serving_destroy(s);
}

void add_drain_tests(void)
{
	harness_add("/drain/idle/ends-at-once", idle_at_once);
	harness_add("/drain/nobody/ends-at-once", nobody_there);
	harness_add("/drain/owed/is-waited-for", owed);
	harness_add("/drain/unsent/is-delivered", unsent);
	harness_add("/drain/unread/is-answered", unread);
	harness_add("/drain/deadline/forces-the-end", forced_in_time);
	harness_add("/drain/deadline/may-be-shortened", second_shortens);
	harness_add("/drain/stop/ends-it", stopped);
	harness_add("/drain/signal-handler/may-call-it", signalled);
}
