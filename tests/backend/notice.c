/* SPDX-License-Identifier: MIT */
/*
 * Notices: whatever the library does by itself it tells the program that asks for it, with the peer.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	KB = 1024,
	MB = 1024 * 1024
};

/* The latest notice; its fields are there once it is counted. */
struct ear {
	struct latch heard;
	enum shiny_notice notice;
	int error;
	char peer[SHINY_ADDRESS_MAX]; /* "" if none was known */
};

static void hear(enum shiny_notice notice, int error, const char *peer, void *ctx)
{
	struct ear *ear = ctx;

	ear->notice = notice;
	ear->error = error;
	g_strlcpy(ear->peer, peer ? peer : "", sizeof(ear->peer));
	latch_add(&ear->heard, 1);
}

static struct shiny_options options_with(struct ear *ear, struct shiny_stats *stats)
{
	struct shiny_options options = SHINY_OPTIONS;

	options.notice = hear;
	options.notice_ctx = ear;
	options.stats = stats;
	return options;
}

static void await_notice(struct ear *ear, uint64_t count, enum shiny_notice notice, int error)
{
	latch_await(&ear->heard, count);
	g_assert_cmpint(ear->notice, ==, notice);
	g_assert_cmpint(ear->error, ==, error);
	g_assert_cmpuint(latch_count(&ear->heard), ==, count);
}

/* The latest notice was about that client. */
static void expect_peer(const struct ear *ear, int fd)
{
	struct sockaddr_in name;
	socklen_t name_len = sizeof(name);
	char own[SHINY_ADDRESS_MAX];

	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&name, &name_len), ==, 0);
	g_snprintf(own, sizeof(own), "tcp://127.0.0.1:%u", g_ntohs(name.sin_port));
	g_assert_cmpstr(ear->peer, ==, own);
}

static void shed(void)
{
	struct shiny_stats stats = { 0 };
	struct ear ear = { 0 };
	struct shiny_options options = options_with(&ear, &stats);
	struct serving *s;
	int fd, other;

	options.max_connections = 1;
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	fd = suite_connect(s, 1);
	other = client_connect(s->address);
	await_notice(&ear, 1, SHINY_NOTICE_SHED, 0);
	expect_peer(&ear, other);
	client_expect_end(other);
	close(other);
	close(fd);
	serving_stop(s);
}

static void no_descriptors(void)
{
	struct shiny_stats stats = { 0 };
	struct ear ear = { 0 };
	struct shiny_options options = options_with(&ear, &stats);
	struct rlimit before, limit;
	struct serving *s;
	int fd;

	s = serving_create(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	serving_listen(s, "tcp://127.0.0.1:0");
	fd = client_connect(s->address);
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	limit = before;
	limit.rlim_cur = (rlim_t)fd + 1;
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	serving_run(s);
	latch_await(&ear.heard, 1); /* and again, for as long as it lasts */
	g_assert_cmpint(ear.notice, ==, SHINY_NOTICE_ACCEPT);
	g_assert_cmpint(ear.error, ==, EMFILE);
	g_assert_cmpstr(ear.peer, ==, "");
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	client_send_text(fd, "x");
	client_expect(fd, "x");
	close(fd);
	serving_stop(s);
}

static void no_proxy_header(void)
{
	struct shiny_stats stats = { 0 };
	struct ear ear = { 0 };
	struct shiny_options options = options_with(&ear, &stats);
	struct serving *s;
	int fd;

	options.proxy_from = "127.0.0.1";
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	fd = client_connect(s->address);
	client_send_text(fd, "GET / HTTP/1.0\r\n\r\n");
	await_notice(&ear, 1, SHINY_NOTICE_PROXY, EPROTO);
	expect_peer(&ear, fd);
	close(fd);

	/* A balancer's check whether anybody listens is nothing to tell of. */
	fd = client_connect(s->address);
	client_send_end(fd);
	client_expect_end(fd);
	close(fd);

	fd = client_connect(s->address);
	client_send_text(fd, "PROXY TCP4 ");
	client_send_end(fd);
	await_notice(&ear, 2, SHINY_NOTICE_PROXY, EPROTO);
	client_expect_end(fd);
	close(fd);

	fd = client_connect(s->address);
	await_notice(&ear, 3, SHINY_NOTICE_PROXY, ETIMEDOUT);
	expect_peer(&ear, fd);
	client_expect_reset(fd);
	close(fd);
	g_assert_cmpuint(suite_stat(&stats.errors_proxy), ==, 3);
	serving_stop(s);
}

/* Past max_output, by all means. */
static bool flood(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	static const char junk[64 * KB];

	(void)data;
	(void)len;
	(void)ctx;
	while (shiny_write(conn, junk, sizeof(junk)) == 0) {
	}
	return true;
}

static void too_much_output(void)
{
	struct shiny_stats stats = { 0 };
	struct ear ear = { 0 };
	struct shiny_options options = options_with(&ear, &stats);
	struct serving *s;
	int fd;

	options.max_output = MB;
	s = serving_start(&(struct shiny_handlers){ .handle = flood }, &options, NULL);
	fd = client_connect_narrow(s->address, 16 * KB);
	client_send_text(fd, "x");
	await_notice(&ear, 1, SHINY_NOTICE_OUTPUT, ENOBUFS);
	expect_peer(&ear, fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ENOBUFS);
	g_assert_cmpuint(latch_count(&ear.heard), ==, 1);
	close(fd);
	serving_stop(s);
}

/* 'm' waits for more than may be held; 'l' too, and then for less; both end at a refusal. */
static bool want_much(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	if (len > 1) {
		return shiny_write(conn, data, len) == 0;
	}
	return shiny_unread(conn, len, MB + 1) == 0 ||
	       (data[0] == 'l' && shiny_unread(conn, len, 2) == 0);
}

static void too_much_input(void)
{
	struct shiny_stats stats = { 0 };
	struct ear ear = { 0 };
	struct shiny_options options = options_with(&ear, &stats);
	struct serving *s;
	int fd;

	options.max_input = MB;
	s = serving_start(&(struct shiny_handlers){ .handle = want_much }, &options, NULL);
	fd = client_connect(s->address);
	client_send_text(fd, "l");
	latch_await(&s->handles, 1);
	client_send_text(fd, "x");
	client_expect(fd, "lx"); /* nobody was harmed */
	g_assert_cmpuint(latch_count(&ear.heard), ==, 0);
	client_send_text(fd, "m");
	await_notice(&ear, 1, SHINY_NOTICE_INPUT, EMSGSIZE);
	expect_peer(&ear, fd);
	g_assert_cmpuint(suite_stat(&stats.errors_input), ==, 1);
	client_expect_end(fd);
	close(fd);
	serving_stop(s);
}

static bool set_deadline(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)len;
	(void)ctx;
	shiny_set_deadline(conn, 100);
	return true;
}

static bool write_much(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	static const char junk[8 * MB];

	(void)data;
	(void)len;
	(void)ctx;
	return shiny_write(conn, junk, sizeof(junk)) == 0;
}

/* A connection of @s is timed out, for that reason. */
static void expect_timeout(struct serving *s, struct ear *ear, enum shiny_notice reason)
{
	int fd = client_connect_narrow(s->address, 16 * KB);

	client_send_text(fd, "x");
	await_notice(ear, 1, reason, ETIMEDOUT);
	expect_peer(ear, fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, ETIMEDOUT);
	close(fd);
	serving_stop(s);
}

static void idle(void)
{
	struct shiny_stats stats = { 0 };
	struct ear ear = { 0 };
	struct shiny_options options = options_with(&ear, &stats);

	options.idle_timeout_ms = 100;
	options.stall_timeout_ms = 60000;
	expect_timeout(
		serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL),
		&ear, SHINY_NOTICE_IDLE);
	g_assert_cmpuint(stats.errors_idle, ==, 1);
	g_assert_cmpuint(stats.errors_timeout, ==, 1);
}

static void stalled(void)
{
	struct shiny_stats stats = { 0 };
	struct ear ear = { 0 };
	struct shiny_options options = options_with(&ear, &stats);

	options.idle_timeout_ms = 60000;
	options.stall_timeout_ms = 100;
	expect_timeout(
		serving_start(&(struct shiny_handlers){ .handle = write_much }, &options, NULL),
		&ear, SHINY_NOTICE_STALL);
	g_assert_cmpuint(stats.errors_stall, ==, 1);
}

static void past_its_deadline(void)
{
	struct shiny_stats stats = { 0 };
	struct ear ear = { 0 };
	struct shiny_options options = options_with(&ear, &stats);

	options.idle_timeout_ms = 60000;
	expect_timeout(
		serving_start(&(struct shiny_handlers){ .handle = set_deadline }, &options, NULL),
		&ear, SHINY_NOTICE_DEADLINE);
	g_assert_cmpuint(stats.errors_deadline, ==, 1);
}

void add_notice_tests(void)
{
	harness_add("/notice/shed/names-the-peer", shed);
	harness_add("/notice/accept/out-of-descriptors", no_descriptors);
	harness_add("/notice/proxy/header-is-wrong-cut-or-missing", no_proxy_header);
	harness_add("/notice/output/past-max-output", too_much_output);
	harness_add("/notice/input/refused-by-max-input", too_much_input);
	harness_add("/notice/idle/timed-out", idle);
	harness_add("/notice/stall/timed-out", stalled);
	harness_add("/notice/deadline/timed-out", past_its_deadline);
}
