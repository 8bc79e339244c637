/* SPDX-License-Identifier: MIT */
/*
 * Timeouts: that they come, and that what should hold them off does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	MB = 1024 * 1024
};

static struct serving *start_idle(unsigned timeout_ms)
{
	struct shiny_options options = SHINY_OPTIONS;

	options.idle_timeout_ms = timeout_ms;
	return serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
}

static void idle_ends(void)
{
	struct serving *s = start_idle(200);
	int fd = client_connect(s->address);

	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ETIMEDOUT);
	close(fd);
	serving_stop(s);
}

/* Whether a byte is echoed; false once the connection has ended. */
static bool exchange_byte(int fd)
{
	char c;

	return client_send_some(fd, "x", 1) == 1 && read(fd, &c, 1) == 1;
}

/*
 * A byte every 50 ms, for @for_us. False if the connection was ended, which it may be only where
 * this client, on a busy machine, has let the timeout go by.
 */
static bool outlives_timeout(int fd, gint64 timeout_us, gint64 for_us)
{
	gint64 start = g_get_monotonic_time(), sent = start;

	while (sent - start < for_us) {
		gint64 before = sent;

		g_usleep(50 * 1000);
		sent = g_get_monotonic_time();
		if (!exchange_byte(fd)) {
			g_assert_cmpint(g_get_monotonic_time() - before, >=, timeout_us);
			return false;
		}
	}
	return true;
}

static void idle_reset(void)
{
	struct serving *s = start_idle(800);
	uint64_t ended = 0;
	int fd = client_connect(s->address);

	while (!outlives_timeout(fd, 750 * 1000, 2400 * 1000)) {
		ended++;
		close(fd);
		fd = client_connect(s->address);
	}
	latch_await(&s->closes, ended + 1);
	g_assert_cmpint(serving_last_error(s), ==, ETIMEDOUT);
	close(fd);
	serving_stop(s);
}

/* To "?" the reply is how long the first connection has been idle. */
static bool tell_idle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct shiny_conn *first = shiny_server_find(shiny_server_of(conn), *(uint64_t *)ctx);
	char reply[32];

	if (len == 1 && *data == '?') {
		g_assert_cmpuint(shiny_idle_ms(conn), ==, 0);
		g_snprintf(reply, sizeof(reply), "%u\n", (unsigned)shiny_idle_ms(first));
		return shiny_write(conn, reply, strlen(reply)) == 0;
	}
	return shiny_write(conn, data, len) == 0;
}

static bool note_first(struct shiny_conn *conn, void *ctx)
{
	uint64_t *first = ctx;

	*first = *first ? *first : shiny_id(conn);
	return true;
}

static unsigned ask_idle(int fd)
{
	char *line;
	unsigned idle_ms;

	client_send_text(fd, "?");
	line = client_receive_line(fd);
	idle_ms = (unsigned)strtoul(line, NULL, 10);
	g_free(line);
	return idle_ms;
}

static void idle_told(void)
{
	uint64_t first = 0;
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = tell_idle, .accept = note_first },
			      NULL, &first);
	int fd = client_connect(s->address), other;
	unsigned idle_ms, last_ms = 0;

	client_send_text(fd, "x");
	client_expect(fd, "x");
	other = client_connect(s->address);
	while ((idle_ms = ask_idle(other)) < 300) {
		g_assert_cmpuint(idle_ms, >=, last_ms);
		last_ms = idle_ms;
	}
	do {
		client_send_text(fd, "x");
		client_expect(fd, "x");
	} while (ask_idle(other) >= idle_ms);
	close(other);
	close(fd);
	serving_stop(s);
}

/* To "?" the reply is how old the first connection is, and how old the asking one. */
static bool tell_age(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct shiny_conn *first = shiny_server_find(shiny_server_of(conn), *(uint64_t *)ctx);
	char reply[64];

	if (len == 1 && *data == '?') {
		g_snprintf(reply, sizeof(reply), "%u %u\n",
			   first ? (unsigned)shiny_age_ms(first) : 0, (unsigned)shiny_age_ms(conn));
		return shiny_write(conn, reply, strlen(reply)) == 0;
	}
	return shiny_write(conn, data, len) == 0;
}

static void ask_age(int fd, unsigned *ret_first, unsigned *ret_own)
{
	char *line;

	client_send_text(fd, "?");
	line = client_receive_line(fd);
	g_assert_cmpint(sscanf(line, "%u %u", ret_first, ret_own), ==, 2);
	g_free(line);
}

/* Traffic makes nobody younger, and who comes into a slot that was another's begins anew. */
static void age_told(void)
{
	uint64_t id = 0;
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = tell_age, .accept = note_first }, NULL, &id);
	int fd = client_connect(s->address), other;
	unsigned first, own, last = 0;

	client_send_text(fd, "x");
	client_expect(fd, "x");
	do {
		ask_age(fd, &first, &own);
		g_assert_cmpuint(first, >=, last);
		g_assert_cmpuint(first, ==, own);
		last = first;
	} while (first < 300);
	other = client_connect(s->address);
	ask_age(other, &first, &own);
	g_assert_cmpuint(first, >=, own + 300);
	close(fd);
	latch_await(&s->closes, 1);
	do {
		ask_age(other, &first, &own);
	} while (own < 300);
	fd = client_connect(s->address);
	ask_age(other, &first, &last);
	ask_age(fd, &first, &own);
	g_assert_cmpuint(own + 300, <=, last + 100);
	close(fd);
	close(other);
	serving_stop(s);
}

static bool hold(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)ctx;
	if (len == 1) {
		shiny_hold(conn);
	} else {
		shiny_release(conn);
	}
	return true;
}

static void idle_held(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fd;

	options.idle_timeout_ms = 100;
	s = serving_start(&(struct shiny_handlers){ .handle = hold }, &options, NULL);
	fd = client_connect(s->address);
	client_send_text(fd, "h");
	g_assert_false(latch_wait(&s->closes, 1, 600));
	client_send_text(fd, "release");
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ETIMEDOUT);
	close(fd);
	serving_stop(s);
}

static bool write_8_mb(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)len;
	return shiny_write(conn, ctx, 8 * MB) == 0;
}

static struct serving *start_stall(unsigned timeout_ms, char *data)
{
	struct shiny_options options = SHINY_OPTIONS;

	options.stall_timeout_ms = timeout_ms;
	return serving_start(&(struct shiny_handlers){ .handle = write_8_mb }, &options, data);
}

static void stall_ends(void)
{
	char *data = client_pattern(8 * MB, 1);
	struct serving *s = start_stall(200, data);
	int fd = client_connect_narrow(s->address, 16384);

	client_send_text(fd, "x");
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ETIMEDOUT);
	g_free(data);
	close(fd);
	serving_stop(s);
}

/* One who reads little by little is slow, not stalled; and one who reads all owes nothing. */
static void stall_progress(void)
{
	char *data = client_pattern(8 * MB, 1);
	struct serving *s = start_stall(1000, data);
	int fd = client_connect(s->address);

	client_send_text(fd, "x");
	for (int i = 0; i < 32; i++) {
		client_expect_bytes(fd, data + (size_t)i * MB / 4, MB / 4);
		g_usleep(60 * 1000);
	}
	g_assert_false(latch_wait(&s->closes, 1, 1300));
	g_free(data);
	close(fd);
	serving_stop(s);
}

/* Each digit sets a deadline of as many tenths of a second; all is echoed. */
static bool set_deadline(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	for (size_t i = 0; i < len; i++) {
		if (data[i] >= '0' && data[i] <= '9') {
			shiny_set_deadline(conn, (unsigned)(data[i] - '0') * 100);
		}
	}
	return shiny_write(conn, data, len) == 0;
}

static struct serving *start_deadline(void)
{
	return serving_start(&(struct shiny_handlers){ .handle = set_deadline }, NULL, NULL);
}

static void deadline_ends(void)
{
	struct serving *s = start_deadline();
	int fd = client_connect(s->address);
	gint64 start = g_get_monotonic_time();

	client_send_text(fd, "3");
	client_expect(fd, "3");
	client_expect_reset(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(g_get_monotonic_time() - start, >=, 290 * 1000);
	g_assert_cmpint(serving_last_error(s), ==, ETIMEDOUT);
	close(fd);
	serving_stop(s);
}

/* Other than the idle timeout, a deadline comes whatever the connection does. */
static void deadline_busy(void)
{
	struct serving *s = start_deadline();
	int fd = client_connect(s->address);
	char c;

	client_send_text(fd, "5");
	while (client_send_some(fd, "x", 1) == 1 && read(fd, &c, 1) == 1) {
	}
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ETIMEDOUT);
	close(fd);
	serving_stop(s);
}

/* Both deadlines are moved in the call that sets them: no machine is too slow for that. */
static void deadline_moved(void)
{
	struct serving *s = start_deadline();
	int back = client_connect(s->address), later = client_connect(s->address);
	gint64 start;

	client_send_text(back, "10");
	client_expect(back, "10");
	start = g_get_monotonic_time();
	client_send_text(later, "19");
	client_expect(later, "19");
	client_expect_reset(later);
	g_assert_cmpint(g_get_monotonic_time() - start, >=, 890 * 1000);
	/* That one's first deadline has long gone by. */
	client_send_text(back, "x");
	client_expect(back, "x");
	close(back);
	close(later);
	serving_stop(s);
}

void add_time_tests(void)
{
	harness_add("/time/idle/ends-the-connection", idle_ends);
	harness_add("/time/idle/is-reset-by-traffic", idle_reset);
	harness_add("/time/idle/is-told", idle_told);
	harness_add("/time/idle/waits-for-an-answer-owed", idle_held);
	harness_add("/time/age/is-told", age_told);
	harness_add("/time/stall/ends-the-connection", stall_ends);
	harness_add("/time/stall/is-reset-by-progress", stall_progress);
	harness_add("/time/deadline/ends-the-connection", deadline_ends);
	harness_add("/time/deadline/comes-under-traffic-too", deadline_busy);
	harness_add("/time/deadline/may-be-moved-and-taken-back", deadline_moved);
}
