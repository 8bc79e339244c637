/* SPDX-License-Identifier: MIT */
/*
 * What one reply has again and again is worked out once while it is counted, and once while it is
 * written.
 */
#include "client.h"
#include "command/reply-repeat.h"
#include "harness.h"
#include "serving.h"

#include <unistd.h>

#define REPEATS	 1000
#define EXPECTED "$5\r\nfirst\r\n$6\r\nsecond\r\n"

static const struct reply_terms terms = { .most = UINT64_MAX };
static unsigned written;

static void write_text(struct shiny_resp_reply *reply, const void *text)
{
	written++;
	shiny_resp_bulk_text(reply, text);
}

static void write_all(struct shiny_resp_reply *reply)
{
	static const char first[] = "first", second[] = "second";
	struct reply_repeats repeats = { 0 };

	written = 0;
	for (int i = 0; i < REPEATS; i++) {
		reply_repeat(&repeats, reply, first, write_text);
		reply_repeat(&repeats, reply, second, write_text);
	}
}

static uint64_t count_all(void)
{
	char scratch[REPLY_SCRATCH_SIZE];
	struct reply count = { .resp.hooks = &reply_count_hooks,
			       .scratch = scratch,
			       .terms = &terms };

	write_all(&count.resp);
	shiny_resp_flush(&count.resp);
	return count.resp.flushed;
}

static bool answer(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct reply reply = { .resp = { .conn = conn, .hooks = &reply_hooks }, .terms = &terms };

	(void)data, (void)ctx;
	if (len > 0) {
		g_assert_true(reply_prepare(&reply.resp, count_all()));
		write_all(&reply.resp);
		g_assert_cmpuint(written, <=, 4); /* the last may not fit as a copy */
		shiny_resp_flush(&reply.resp);
	}
	return len == 0;
}

static void each_is_worked_out_once(void)
{
	g_assert_cmpuint(count_all(), ==, REPEATS * strlen(EXPECTED));
	g_assert_cmpuint(written, ==, 2);
}

static void copies_are_what_was_written(void)
{
	static const struct shiny_handlers handlers = { .handle = answer };
	struct serving *serving = serving_start(&handlers, NULL, NULL);
	int fd = client_connect(serving->address);

	client_send_text(fd, "go");
	for (int i = 0; i < REPEATS; i++) {
		client_expect(fd, EXPECTED);
	}
	client_expect_end(fd);
	close(fd);
	serving_stop(serving);
}

static void nothing_is_worked_out_for_nobody(void)
{
	struct reply muted = { .resp.hooks = &reply_hooks, .terms = &terms };

	write_all(&muted.resp);
	g_assert_cmpuint(written, ==, 0);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/reply-repeat");
	harness_add("/each-is-worked-out-once", each_is_worked_out_once);
	harness_add("/copies-are-what-was-written", copies_are_what_was_written);
	harness_add("/nothing-is-worked-out-for-nobody", nothing_is_worked_out_for_nobody);
	return harness_run();
}
