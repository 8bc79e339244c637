/* SPDX-License-Identifier: MIT */
/*
 * Commit: nothing that a turn wrote is sent before it, and nothing at all if it fails.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

/* The commit of the turn in which "tell" was handled waits at the gate, and has this result. */
struct journal {
	struct gate gate;
	int result;
	bool told;
	uint64_t peer; /* whom "tell" writes to: the first connection */
};

static int commit_at_gate(void *ctx)
{
	struct journal *journal = ctx;

	if (!journal->told) {
		return 0;
	}
	journal->told = false;
	gate_pass(&journal->gate);
	return journal->result;
}

static bool note_first(struct shiny_conn *conn, void *ctx)
{
	struct journal *journal = ctx;

	if (!journal->peer) {
		journal->peer = shiny_id(conn);
	}
	return true;
}

/* Echoes; "tell" is passed on to the first connection as well. */
static bool tell(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct journal *journal = ctx;

	if (len == 4 && memcmp(data, "tell", 4) == 0) {
		journal->told = true;
		shiny_write(shiny_server_find(shiny_server_of(conn), journal->peer), "told", 4);
	}
	return shiny_write(conn, data, len) == 0;
}

static struct serving *start_journal(struct journal *journal, struct shiny_stats *stats)
{
	struct shiny_options options = SHINY_OPTIONS;

	options.commit = commit_at_gate;
	options.stats = stats;
	return serving_start(&(struct shiny_handlers){ .handle = tell, .accept = note_first },
			     &options, journal);
}

static void before_any_byte(void)
{
	struct journal journal = { 0 };
	struct serving *s = start_journal(&journal, NULL);
	int listener = suite_connect(s, 1), fd = suite_connect(s, 2);

	client_send_text(fd, "tell");
	latch_await(&journal.gate.entered, 1);
	g_assert_false(client_readable(fd, 100));
	g_assert_false(client_readable(listener, 0));
	gate_open(&journal.gate);
	client_expect(fd, "tell");
	client_expect(listener, "told");
	close(fd);
	close(listener);
	serving_stop(s);
}

/* The failure resets those who would have been told something in that turn, and nobody else. */
static void fail_with(int result)
{
	struct shiny_stats stats = { 0 };
	struct journal journal = { .result = result };
	struct serving *s = start_journal(&journal, &stats);
	int listener = suite_connect(s, 1), fd = suite_connect(s, 2), other = suite_connect(s, 3);

	client_send_text(other, "before");
	client_expect(other, "before");
	client_send_text(fd, "tell");
	gate_open(&journal.gate);
	client_expect_reset(fd);
	client_expect_reset(listener);
	latch_await(&s->closes, 2);
	g_assert_cmpint(serving_last_error(s), ==, EIO);
	g_assert_cmpuint(suite_stat(&stats.errors_commit), ==, 1);
	client_send_text(other, "after");
	client_expect(other, "after");
	close(other);
	close(listener);
	close(fd);
	serving_stop(s);
}

static void failure_resets(void)
{
	fail_with(-EIO);
	fail_with(EIO);
}

static int commit_nothing(void *ctx)
{
	(void)ctx;
	return 0;
}

static struct serving *start_committing(struct shiny_stats *stats)
{
	struct shiny_options options = SHINY_OPTIONS;

	options.commit = commit_nothing;
	options.stats = stats;
	return serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
}

/* When a reply is there, its turn was committed; and no turn is committed twice. */
static void once_a_turn(void)
{
	struct shiny_stats stats = { 0 };
	struct serving *s = start_committing(&stats);
	int fd = suite_connect(s, 1);

	for (int i = 0; i < 500; i++) {
		uint64_t commits = latch_count(&s->commits);

		client_send_text(fd, "x");
		client_expect(fd, "x");
		g_assert_cmpuint(latch_count(&s->commits), >, commits);
	}
	close(fd);
	shiny_server_stop(s->server);
	g_assert_cmpint(serving_join(s), ==, 0);
	g_assert_cmpuint(latch_count(&s->commits), <=, stats.turns);
	serving_destroy(s);
}

/* What a turn has committed but the socket has not taken stays in front of what comes later. */
static void keeps_order(void)
{
	struct serving *s = start_committing(NULL);
	struct suite_bulk bulk = { .fd = client_connect(s->address), .len = 8 * 1024 * 1024 };
	GThread *thread;

	bulk.data = client_pattern(bulk.len, 1);
	thread = g_thread_new("sender", suite_send, &bulk);
	client_expect_bytes(bulk.fd, bulk.data, bulk.len);
	g_thread_join(thread);
	g_free((char *)bulk.data);
	close(bulk.fd);
	serving_stop(s);
}

/* What happened, a letter each, while letters of the slow client are there. */
struct order {
	struct gate gate;
	GString *events;
	bool begun;
};

/* Takes a letter at a time and gives the rest back, the first time at the gate. */
static bool take_a_letter(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct order *order = ctx;

	g_string_append_c(order->events, *data);
	if (!order->begun && *data == 's') {
		order->begun = true;
		gate_pass(&order->gate);
	}
	return shiny_write(conn, data, 1) == 0 && shiny_unread(conn, len - 1, 0) == 0;
}

static int note_commit(void *ctx)
{
	struct order *order = ctx;

	if (order->begun) {
		g_string_append_c(order->events, '.');
	}
	return 0;
}

static void others_get_replies_first(void)
{
	struct order order = { .events = g_string_new("") };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int slow, quick;

	options.commit = note_commit;
	s = serving_start(&(struct shiny_handlers){ .handle = take_a_letter }, &options, &order);
	slow = suite_connect(s, 1);
	quick = suite_connect(s, 2);
	client_send_text(slow, "sss");
	latch_await(&order.gate.entered, 1);
	client_send_text(quick, "q");
	gate_open(&order.gate);
	client_expect(quick, "q");
	client_expect(slow, "sss");
	close(quick);
	close(slow);
	serving_stop(s);
	g_assert_true(g_str_has_prefix(order.events->str, "s.q.s.s."));
	g_string_free(order.events, TRUE);
}

/* Of struct serving, which is the context of its servers. */
static int count_commit(void *ctx)
{
	struct serving *s = ctx;

	latch_add(&s->commits, 1);
	return 0;
}

static int fail_commit(void *ctx)
{
	(void)ctx;
	return -EIO;
}

/* Both ways: none where the options have one, and one where they have none. */
static void commit_is_set(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	int (*const commits[])(void *ctx) = { NULL, count_commit };

	for (size_t i = 0; i < G_N_ELEMENTS(commits); i++) {
		struct serving *s;

		options.commit = commits[i] ? NULL : fail_commit;
		s = serving_create(&(struct shiny_handlers){ .handle = serving_echo }, &options,
				   NULL);
		shiny_server_set_commit(s->server, commits[i]);
		serving_listen(s, "tcp://127.0.0.1:0");
		serving_run(s);
		client_exchange(s->address, "hello", "hello");
		g_assert_true((latch_count(&s->commits) > 0) == (commits[i] != NULL));
		serving_stop(s);
	}
}

void add_commit_tests(void)
{
	harness_add("/commit/set/replaces-that-of-the-options", commit_is_set);
	harness_add("/commit/output/waits-for-it", before_any_byte);
	harness_add("/commit/failure/resets-those-it-was-for", failure_resets);
	harness_add("/commit/turn/commits-before-its-reply", once_a_turn);
	harness_add("/commit/order/survives-a-full-socket", keeps_order);
	harness_add("/commit/order/replies-leave-before-input-that-was-given-back-is-served",
		    others_get_replies_first);
}
