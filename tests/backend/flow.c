/* SPDX-License-Identifier: MIT */
/*
 * Flow control of output: high and low water, the limit, pause and resume, and fairness.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	KB = 1024,
	MB = 1024 * 1024
};

/* Echoes, and checks that it is called only while it should be. */
struct tide {
	size_t high_water, low_water;
	const struct shiny_stats *stats;
	uint64_t pauses; /* before the last call */
};

static bool echo_with_tide(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct tide *tide = ctx;
	size_t unsent = shiny_unsent(conn);

	g_assert_cmpuint(unsent, <=, tide->high_water);
	if (tide->stats->pauses > tide->pauses) {
		g_assert_cmpuint(unsent, <, tide->low_water);
	}
	tide->pauses = tide->stats->pauses;
	g_assert_cmpint(shiny_write(conn, data, len), ==, 0);
	g_assert_true(shiny_congested(conn) == (shiny_unsent(conn) > tide->high_water));
	return true;
}

/* The client reads nothing until the server has stopped reading from it, then everything. */
static void pause_and_resume(int (*commit)(void *ctx))
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct tide tide = {
		.high_water = 300 * KB,
		.low_water = 100 * KB,
		.stats = &stats,
	};
	struct suite_bulk upload = { .len = 24 * MB };
	struct serving *s;
	GThread *thread;

	options.commit = commit;
	options.high_water = tide.high_water;
	options.low_water = tide.low_water;
	options.stats = &stats;
	s = serving_start(&(struct shiny_handlers){ .handle = echo_with_tide }, &options, &tide);
	upload.fd = client_connect_narrow(s->address, 16 * KB);
	upload.data = client_pattern(upload.len, 1);
	thread = g_thread_new("upload", suite_send, &upload);
	suite_await_stat(&stats.pauses, 1);
	suite_expect_rest(&stats);
	client_expect_bytes(upload.fd, upload.data, upload.len);
	g_thread_join(thread);
	g_free((char *)upload.data);
	close(upload.fd);
	serving_stop(s);
}

static void pauses_and_resumes(void)
{
	pause_and_resume(NULL);
}

static int commit_nothing(void *ctx)
{
	(void)ctx;
	return 0;
}

static void pauses_while_it_waits_for_the_commit(void)
{
	pause_and_resume(commit_nothing);
}

/* Writes the pattern until congested, then gives the one byte of its input back. */
struct producer {
	const char *data;
	size_t len, sent, low_water;
	int calls;
};

static bool produce(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct producer *producer = ctx;

	g_assert_cmpuint(len, ==, 1);
	g_assert_cmpint(data[0], ==, 'g');
	g_assert_cmpuint(shiny_unsent(conn), <, producer->low_water);
	producer->calls++;
	while (producer->sent < producer->len && !shiny_congested(conn)) {
		size_t n = MIN(10000, producer->len - producer->sent);

		g_assert_cmpint(shiny_write(conn, producer->data + producer->sent, n), ==, 0);
		producer->sent += n;
	}
	return producer->sent == producer->len || shiny_unread(conn, 1, 0) == 0;
}

static void called_again(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct producer producer = { .len = 32 * MB, .low_water = 64 * KB };
	struct serving *s;
	int fd;

	options.high_water = 256 * KB;
	options.low_water = producer.low_water;
	producer.data = client_pattern(producer.len, 2);
	s = serving_start(&(struct shiny_handlers){ .handle = produce }, &options, &producer);
	fd = client_connect(s->address);
	client_send_text(fd, "g");
	client_expect_bytes(fd, producer.data, producer.len);
	client_send_end(fd);
	client_expect_end(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(producer.calls, >, 1);
	close(fd);
	serving_stop(s);
	g_free((char *)producer.data);
}

/* 'w' floods by write, 'r' in place; anything else is echoed. */
static bool flood(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	static const char junk[64 * KB];
	size_t before;
	char *room;

	(void)ctx;
	if (data[0] == 'w') {
		do {
			before = shiny_unsent(conn);
		} while (shiny_write(conn, junk, sizeof(junk)) == 0);
		g_assert_cmpuint(before, >=, MB);
		g_assert_cmpint(shiny_write(conn, junk, 1), <, 0);
		return true;
	}
	if (data[0] == 'r') {
		while ((room = shiny_reserve(conn, sizeof(junk)))) {
			before = shiny_unsent(conn);
			g_assert_cmpuint(before, <, MB);
			memset(room, 0, sizeof(junk));
			shiny_produce(conn, sizeof(junk));
		}
		return true;
	}
	return shiny_write(conn, data, len) == 0;
}

static void offender_only(void)
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int good, bad;

	options.max_output = MB;
	options.stats = &stats;
	s = serving_start(&(struct shiny_handlers){ .handle = flood }, &options, NULL);
	good = client_connect(s->address);
	for (uint64_t i = 0; i < 4; i++) {
		bad = client_connect_narrow(s->address, 16 * KB);
		client_send_text(bad, i % 2 ? "r" : "w");
		latch_await(&s->closes, i + 1);
		g_assert_cmpint(serving_last_error(s), ==, ENOBUFS);
		client_send_text(good, "still here");
		client_expect(good, "still here");
		close(bad);
	}
	g_assert_cmpuint(suite_stat(&stats.errors_overflow), ==, 4);
	close(good);
	serving_stop(s);
}

static bool reply_8_mb(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)len;
	return shiny_write(conn, ctx, 8 * MB) == 0;
}

static void one_reply_passes(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	char *data = client_pattern(8 * MB, 3);
	struct serving *s;
	int fd;

	options.max_output = MB;
	s = serving_start(&(struct shiny_handlers){ .handle = reply_8_mb }, &options, data);
	fd = client_connect(s->address);
	for (int i = 0; i < 2; i++) {
		client_send_text(fd, "x");
		client_expect_bytes(fd, data, 8 * MB);
	}
	close(fd);
	serving_stop(s);
	g_free(data);
}

#define ANSWER_SIZE (8 * MB)

/* 'a' answers in pieces, beyond max_output, and 'f' floods until it is stopped. */
static bool answer_or_flood(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	const char *answer = ctx;
	size_t piece = 64 * KB, before;

	(void)len;
	if (data[0] == 'a') {
		g_assert_cmpint(shiny_allow_output(conn, ANSWER_SIZE), ==, 0);
		g_assert_cmpint(shiny_allow_output(conn, 1), ==, 0); /* is no step back */
		for (size_t at = 0; at < ANSWER_SIZE; at += piece) {
			g_assert_cmpint(shiny_write(conn, answer + at, piece), ==, 0);
		}
		return true;
	}
	do {
		before = shiny_unsent(conn);
	} while (shiny_write(conn, answer, piece) == 0);
	g_assert_cmpuint(before, >=, MB);
	g_assert_cmpuint(before, <, MB + piece);
	g_assert_cmpint(shiny_allow_output(conn, ANSWER_SIZE), ==, -EPIPE);
	return true;
}

static void answer_in_pieces(int (*commit)(void *ctx))
{
	struct shiny_options options = SHINY_OPTIONS;
	char *data = client_pattern(ANSWER_SIZE, 3);
	struct serving *s;
	int fd;

	options.max_output = MB;
	options.commit = commit;
	s = serving_start(&(struct shiny_handlers){ .handle = answer_or_flood }, &options, data);
	fd = client_connect_narrow(s->address, 16 * KB);
	for (int i = 0; i < 2; i++) {
		client_send_text(fd, "a");
		client_expect_bytes(fd, data, ANSWER_SIZE);
	}
	client_send_text(fd, "f"); /* what was allowed is over */
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ENOBUFS);
	close(fd);
	serving_stop(s);
	g_free(data);
}

static void allowed_answer_passes(void)
{
	answer_in_pieces(NULL);
	answer_in_pieces(commit_nothing);
}

/* What is allowed and not written leaves the connection as it was. */
static bool allow_nothing_much(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	g_assert_cmpint(shiny_allow_output(conn, ANSWER_SIZE), ==, 0);
	return data[0] == '-' || shiny_write(conn, data, len) == 0;
}

static void allowed_for_nothing(void)
{
	struct serving *s;
	int fd;

	s = serving_start(&(struct shiny_handlers){ .handle = allow_nothing_much }, NULL, NULL);
	fd = client_connect(s->address);
	client_send_text(fd, "hello");
	client_expect(fd, "hello");
	client_send_text(fd, "-");
	shutdown(fd, SHUT_WR);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	close(fd);
	serving_stop(s);
}

/* Accepted connections are paused; a wake is answered with "w" and resumes if told to. */
struct sleeper {
	uint64_t id;
	gint resume; /* atomic */
};

static bool sleeper_accept(struct shiny_conn *conn, void *ctx)
{
	struct sleeper *sleeper = ctx;

	sleeper->id = shiny_id(conn);
	shiny_pause(conn);
	return true;
}

static bool sleeper_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct sleeper *sleeper = ctx;

	if (len > 0) {
		g_assert_true(g_atomic_int_get(&sleeper->resume));
		return shiny_write(conn, data, len) == 0;
	}
	if (g_atomic_int_get(&sleeper->resume)) {
		shiny_resume(conn);
	}
	return shiny_write(conn, "w", 1) == 0;
}

static struct serving *start_sleeper(struct sleeper *sleeper, struct shiny_stats *stats)
{
	struct shiny_options options = SHINY_OPTIONS;

	options.stats = stats;
	return serving_start(
		&(struct shiny_handlers){ .handle = sleeper_handle, .accept = sleeper_accept },
		&options, sleeper);
}

static void paused(void)
{
	struct shiny_stats stats = { 0 };
	struct sleeper sleeper = { 0 };
	struct serving *s = start_sleeper(&sleeper, &stats);
	int fd = suite_connect(s, 1);

	client_send_text(fd, "data");
	shiny_server_wake(s->server, sleeper.id);
	client_expect(fd, "w");
	suite_expect_rest(&stats);
	g_assert_cmpuint(latch_count(&s->handles), ==, 0);
	g_atomic_int_set(&sleeper.resume, 1);
	shiny_server_wake(s->server, sleeper.id);
	client_expect(fd, "wdata");
	close(fd);
	serving_stop(s);
}

static void paused_then_fin(void)
{
	struct shiny_stats stats = { 0 };
	struct sleeper sleeper = { 0 };
	struct serving *s = start_sleeper(&sleeper, &stats);
	int fd = suite_connect(s, 1);

	client_send_text(fd, "data");
	client_send_end(fd);
	suite_expect_rest(&stats);
	g_assert_cmpuint(latch_count(&s->closes), ==, 0);
	g_atomic_int_set(&sleeper.resume, 1);
	shiny_server_wake(s->server, sleeper.id);
	client_expect(fd, "wdata");
	client_expect_end(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	close(fd);
	serving_stop(s);
}

static void paused_then_reset(void)
{
	struct shiny_stats stats = { 0 };
	struct sleeper sleeper = { 0 };
	struct serving *s = start_sleeper(&sleeper, &stats);
	int fd = suite_connect(s, 1);

	client_reset(fd);
	suite_expect_rest(&stats);
	g_assert_cmpuint(latch_count(&s->closes), ==, 0);
	g_atomic_int_set(&sleeper.resume, 1);
	shiny_server_wake(s->server, sleeper.id);
	latch_await(&s->closes, 1);
	serving_stop(s);
}

static bool pause_it(struct shiny_conn *conn, void *ctx)
{
	(void)ctx;
	shiny_pause(conn);
	return true;
}

static void paused_for_too_long(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fd;

	options.idle_timeout_ms = 100;
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo, .accept = pause_it },
			  &options, NULL);
	fd = client_connect(s->address);
	client_send_text(fd, "not read");
	client_send_end(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ETIMEDOUT);
	close(fd);
	serving_stop(s);
}

struct flooder {
	int fd;
	gint done; /* atomic */
};

static gpointer send_flood(gpointer data)
{
	struct flooder *flooder = data;
	char *junk = client_pattern(256 * KB, 4);

	while (!g_atomic_int_get(&flooder->done)) {
		client_send(flooder->fd, junk, 256 * KB);
	}
	g_free(junk);
	return NULL;
}

static bool echo_small(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return len > 100 || shiny_write(conn, data, len) == 0;
}

static void flooded(void)
{
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = echo_small }, NULL, NULL);
	struct flooder flooder = { .fd = client_connect(s->address) };
	GThread *thread = g_thread_new("flooder", send_flood, &flooder);
	int fds[100];

	latch_await(&s->bytes, MB);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = client_connect(s->address);
	}
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
			client_send_text(fds[i], "ping");
		}
		for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
			client_expect(fds[i], "ping");
		}
	}
	g_atomic_int_set(&flooder.done, 1);
	g_thread_join(thread);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		close(fds[i]);
	}
	close(flooder.fd);
	serving_stop(s);
}

void add_flow_tests(void)
{
	harness_add("/flow/high-water/pauses-reading-until-low-water", pauses_and_resumes);
	harness_add("/flow/high-water/holds-with-a-commit-too",
		    pauses_while_it_waits_for_the_commit);
	harness_add("/flow/congested/handler-is-called-again-without-input", called_again);
	harness_add("/flow/max-output/ends-the-offender-only", offender_only);
	harness_add("/flow/max-output/one-reply-may-pass-it", one_reply_passes);
	harness_add("/flow/max-output/an-answer-in-pieces-may-be-allowed-to",
		    allowed_answer_passes);
	harness_add("/flow/max-output/allowed-for-nothing-is-nothing", allowed_for_nothing);
	harness_add("/flow/pause/brings-nothing-but-wakes", paused);
	harness_add("/flow/pause/end-of-stream-comes-after-resume", paused_then_fin);
	harness_add("/flow/pause/a-reset-is-not-noticed-before-resume", paused_then_reset);
	harness_add("/flow/pause/idle-timeout-ends-it", paused_for_too_long);
	harness_add("/flow/flooder/does-not-starve-others", flooded);
}
