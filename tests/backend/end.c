/* SPDX-License-Identifier: MIT */
/*
 * How connections end: nothing is lost on the way, and each end is reported once with its reason.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	MB = 1024 * 1024
};

static void half_close(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = suite_answer_lines }, NULL, NULL);
	int fd = client_connect(s->address);
	GString *lines = g_string_new(NULL);

	for (int i = 0; i < 1000; i++) {
		g_string_append_printf(lines, "line %d\n", i);
	}
	client_send(fd, lines->str, lines->len);
	client_send_end(fd);
	client_expect_bytes(fd, lines->str, lines->len);
	client_expect_end(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	g_string_free(lines, TRUE);
	close(fd);
	serving_stop(s);
}

static bool pass_gate_and_echo(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct gate *gate = ctx;

	if (latch_count(&gate->entered) == 0) {
		gate_pass(gate);
	}
	return shiny_write(conn, data, len) == 0;
}

static gpointer send_last_words(gpointer data)
{
	struct suite_bulk *words = data;

	client_send(words->fd, words->data, words->len);
	client_send_end(words->fd);
	latch_add(&words->sent, 1);
	return NULL;
}

/* The FIN and a megabyte, or what of it fits the socket buffers, wait before the server reads. */
static void fin_behind_input(void)
{
	struct gate gate = { 0 };
	struct serving *s = serving_start(&(struct shiny_handlers){ .handle = pass_gate_and_echo },
					  NULL, &gate);
	char *data = client_pattern(MB, 3);
	struct suite_bulk words = {
		.fd = client_connect(s->address),
		.data = data,
		.len = MB,
	};
	GThread *sender;

	client_send_text(words.fd, "x");
	latch_await(&gate.entered, 1);
	sender = g_thread_new("sender", send_last_words, &words);
	latch_wait(&words.sent, 1, 200);
	gate_open(&gate);
	client_expect(words.fd, "x");
	client_expect_bytes(words.fd, data, MB);
	client_expect_end(words.fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	g_thread_join(sender);
	g_free(data);
	close(words.fd);
	serving_stop(s);
}

struct farewell {
	const char *data;
	size_t len;
	bool by_close; /* shiny_close() instead of returning false */
	int calls;     /* of handle */
};

static bool say_farewell(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct farewell *farewell = ctx;

	(void)data;
	(void)len;
	g_assert_cmpint(++farewell->calls, ==, 1);
	g_assert_cmpint(shiny_write(conn, farewell->data, farewell->len), ==, 0);
	if (farewell->by_close) {
		shiny_close(conn);
		g_assert_cmpint(shiny_write(conn, "more", 4), ==, -EPIPE);
		g_assert_null(shiny_reserve(conn, 4));
		return true;
	}
	return false;
}

static void deliver_farewell(bool by_close)
{
	char *data = client_pattern(8 * MB, 4);
	struct farewell farewell = { .data = data, .len = 8 * MB, .by_close = by_close };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = say_farewell }, NULL, &farewell);
	int fd = client_connect(s->address);

	client_send_text(fd, "bye");
	client_expect_bytes(fd, data, 8 * MB);
	client_expect_end(fd);
	close(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	g_free(data);
	serving_stop(s);
}

static void false_delivers(void)
{
	deliver_farewell(false);
}

static void close_delivers(void)
{
	deliver_farewell(true);
}

static gpointer send_until_refused(gpointer data)
{
	char *junk = client_pattern(MB, 8);

	for (int i = 0; i < 8; i++) {
		client_send_some(GPOINTER_TO_INT(data), junk, MB);
	}
	g_free(junk);
	return NULL;
}

/* A socket that is closed with unread input resets, and the peer loses what it had not read yet. */
static void close_with_unread_input(void)
{
	char *data = client_pattern(2 * MB, 6);
	struct farewell farewell = { .data = data, .len = 2 * MB };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = say_farewell }, NULL, &farewell);
	int fd = client_connect(s->address);
	GThread *sender = g_thread_new("sender", send_until_refused, GINT_TO_POINTER(fd));

	client_expect_bytes(fd, data, 2 * MB);
	client_expect_end(fd);
	g_thread_join(sender);
	close(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	serving_stop(s);
	g_free(data);
}

/* The linger is the wait for the peer's FIN; for what is still unsent there is the stall timeout. */
static void close_outlives_linger(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	char *data = client_pattern(8 * MB, 9);
	struct farewell farewell = { .data = data, .len = 8 * MB };
	struct serving *s;
	int fd;

	options.linger_timeout_ms = 100;
	s = serving_start(&(struct shiny_handlers){ .handle = say_farewell }, &options, &farewell);
	fd = client_connect_narrow(s->address, 16384);
	client_send_text(fd, "bye");
	g_assert_false(latch_wait(&s->closes, 1, 500));
	client_expect_bytes(fd, data, 8 * MB);
	client_expect_end(fd);
	close(fd);
	serving_stop(s);
	g_free(data);
}

static void linger_ends(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct farewell farewell = { .data = "bye", .len = 3 };
	struct serving *s;
	int fd;

	options.linger_timeout_ms = 100;
	s = serving_start(&(struct shiny_handlers){ .handle = say_farewell }, &options, &farewell);
	fd = client_connect(s->address);
	client_send_text(fd, "bye");
	client_expect(fd, "bye");
	client_expect_end(fd);
	latch_await(&s->closes, 1); /* though the client never closes */
	close(fd);
	serving_stop(s);
}

static void reset_while_reading(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);
	int fd = client_connect(s->address);

	client_send_text(fd, "x");
	client_expect(fd, "x");
	client_reset(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ECONNRESET);
	serving_stop(s);
}

static bool write_8_mb(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)len;
	return shiny_write(conn, ctx, 8 * MB) == 0;
}

/* SIGPIPE has its default action here, which would end the test's process. */
static void reset_while_writing(void)
{
	char *data = client_pattern(8 * MB, 7), first;
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = write_8_mb }, NULL, data);

	for (uint64_t i = 1; i <= 10; i++) {
		int fd = client_connect(s->address);

		client_send_text(fd, "x");
		client_receive(fd, &first, 1);
		client_reset(fd);
		latch_await(&s->closes, i);
		g_assert_true(serving_last_error(s) == ECONNRESET ||
			      serving_last_error(s) == EPIPE);
	}
	serving_stop(s);
	g_free(data);
}

static bool abort_it(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	shiny_write(conn, data, len);
	shiny_abort(conn);
	return true;
}

static void abort_resets(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = abort_it }, NULL, NULL);
	int fd = client_connect(s->address);

	client_send_text(fd, "dropped");
	client_expect_reset(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ECANCELED);
	close(fd);
	serving_stop(s);
}

/* Holds at data, answers when woken. */
static bool answer_when_woken(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	uint64_t *id = ctx;

	(void)data;
	if (len > 0) {
		shiny_hold(conn);
		__atomic_store_n(id, shiny_id(conn), __ATOMIC_RELEASE);
		return true;
	}
	shiny_release(conn);
	return shiny_write(conn, "answer", 6) == 0;
}

static void held_past_fin(void)
{
	uint64_t id = 0;
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = answer_when_woken }, NULL, &id);
	int fd = client_connect(s->address);

	client_send_text(fd, "question");
	client_send_end(fd);
	latch_await(&s->handles, 1);
	g_assert_false(client_readable(fd, 100));
	g_assert_cmpuint(latch_count(&s->closes), ==, 0);
	shiny_server_wake(s->server, __atomic_load_n(&id, __ATOMIC_ACQUIRE));
	client_expect(fd, "answer");
	client_expect_end(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	close(fd);
	serving_stop(s);
}

enum {
	QUESTIONS = 200000
};

/* Each byte is a question. They are answered all at once, when no more can be owed or none is left. */
struct debts {
	unsigned asked, owed, refusals;
};

static bool answer_in_bulk(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct debts *debts = ctx;
	int error = 0;

	(void)data;
	if (len == 0) {
		for (; debts->owed > 0; debts->owed--) {
			shiny_release(conn);
			g_assert_cmpint(shiny_write(conn, "a", 1), ==, 0);
		}
		return true;
	}
	while (len > 0 && (error = shiny_hold(conn)) == 0) {
		debts->asked++;
		debts->owed++;
		len--;
	}
	if (error < 0) {
		g_assert_cmpint(error, ==, -EOVERFLOW);
		g_assert_cmpuint(debts->owed, ==, UINT16_MAX);
		debts->refusals++;
	}
	if (error < 0 || debts->asked == QUESTIONS) {
		shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
	}
	return shiny_unread(conn, len, 0) == 0;
}

static void held_too_often(void)
{
	struct debts debts = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = answer_in_bulk }, NULL, &debts);
	char *questions = g_strnfill(QUESTIONS, 'q'), *answers = g_strnfill(QUESTIONS, 'a');
	int fd = client_connect(s->address);

	client_send(fd, questions, QUESTIONS);
	client_send_end(fd);
	client_expect_bytes(fd, answers, QUESTIONS);
	client_expect_end(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpuint(debts.refusals, ==, QUESTIONS / UINT16_MAX);
	close(fd);
	g_free(questions);
	g_free(answers);
	serving_stop(s);
}

static void stop_reports_all(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);
	int fds[50];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = suite_connect(s, i + 1);
	}
	shiny_server_stop(s->server);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpuint(latch_count(&s->closes), ==, G_N_ELEMENTS(fds));
	g_assert_cmpint(serving_last_error(s), ==, ECANCELED);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		g_assert_true(client_readable(fds[i], HARNESS_PATIENCE_MS));
		close(fds[i]);
	}
	serving_destroy(s);
}

/* Ends as the first byte says. */
static bool end_somehow(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)len;
	(void)ctx;
	switch (data[0]) {
	case 'f':
		return false;
	case 'c':
		shiny_close(conn);
		shiny_close(conn);
		return false;
	case 'a':
		shiny_abort(conn);
		return false;
	case 'b':
		shiny_close(conn);
		shiny_abort(conn);
		return true;
	case 'w':
		shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
		shiny_close(conn);
		return true;
	case 'd':
		shiny_set_deadline(conn, 1);
		return true;
	default:
		return true;
	}
}

/* struct serving counts; here is every way to end, alone, doubled and mixed with the peer's. */
static void closed_once(void)
{
	static const char ways[] = "fcabwd-";
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = end_somehow }, NULL, NULL);

	for (const char *way = ways; *way; way++) {
		int fins = client_connect(s->address);
		int resets = client_connect(s->address);
		int waits = client_connect(s->address);

		client_send(fins, way, 1);
		close(fins);
		client_send(resets, way, 1);
		client_reset(resets);
		client_send(waits, way, 1);
		if (*way == '-') {
			client_send_end(waits);
		}
		g_assert_true(client_readable(waits, HARNESS_PATIENCE_MS));
		close(waits);
	}
	/* One that was reset before it was accepted may never have been a connection. */
	latch_await(&s->closes, 2 * strlen(ways));
	serving_stop(s);
}

static bool owe_an_answer(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	if (*data == 'h') {
		shiny_hold(conn);
	}
	return shiny_write(conn, data, len) == 0;
}

/* As one does who gives back what handle took, and some things that make no sense any more. */
static void call_all(struct shiny_conn *conn, int error, void *ctx)
{
	(void)error;
	(void)ctx;
	shiny_hold(conn);
	shiny_release(conn);
	shiny_pause(conn);
	shiny_resume(conn);
	shiny_set_deadline(conn, 1);
	g_assert_cmpint(shiny_write(conn, "late", 4), ==, -EPIPE);
	g_assert_null(shiny_reserve(conn, 4));
	shiny_produce(conn, 4);
	shiny_close(conn);
	shiny_abort(conn);
}

static void closed_may_call_all(void)
{
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = owe_an_answer, .closed = call_all }, NULL,
		NULL);
	int fd = client_connect(s->address);

	client_send_text(fd, "h");
	client_expect(fd, "h");
	client_reset(fd);
	latch_await(&s->closes, 1);
	fd = client_connect(s->address);
	client_send_text(fd, "on");
	client_expect(fd, "on");
	close(fd);
	latch_await(&s->closes, 2);
	serving_stop(s);
}

void add_end_tests(void)
{
	harness_add("/end/half-close/replies-to-all-it-got", half_close);
	harness_add("/end/half-close/with-a-megabyte-unread", fin_behind_input);
	harness_add("/end/half-close/waits-for-an-answer-owed", held_past_fin);
	harness_add("/end/hold/too-many-are-refused-and-none-is-lost", held_too_often);
	harness_add("/end/false/delivers-8-mb-pending", false_delivers);
	harness_add("/end/close/delivers-8-mb-pending", close_delivers);
	harness_add("/end/close/with-unread-input-loses-nothing", close_with_unread_input);
	harness_add("/end/close/slow-reader-outlives-the-linger", close_outlives_linger);
	harness_add("/end/linger/ends-after-its-time", linger_ends);
	harness_add("/end/reset/while-reading-is-reported", reset_while_reading);
	harness_add("/end/reset/while-writing-raises-no-signal", reset_while_writing);
	harness_add("/end/abort/resets-the-peer", abort_resets);
	harness_add("/end/stop/reports-every-connection", stop_reports_all);
	harness_add("/end/closed/comes-once-on-every-path", closed_once);
	harness_add("/end/closed/may-call-all-there-is", closed_may_call_all);
}
