/* SPDX-License-Identifier: MIT */
/*
 * What is logged of what a server does by itself, what is counted, and when that is told.
 */
#include "ipc/notices.h"

#include "harness.h"
#include "ipc/degraded.h"
#include "log/log.h"

#include <errno.h>
#include <string.h>

/* A section "a", and the lines that were logged. */
struct stage {
	struct config_section section;
	struct notice_counts counts;
	struct shiny_stats stats;
	struct notices notices;
	struct notices_reported reported;
	GPtrArray *lines;
};

static void take_line(void *ctx, enum shiny_log_level level, const char *text)
{
	struct stage *stage = ctx;

	(void)level;
	g_ptr_array_add(stage->lines, g_strdup(text));
}

static struct stage *stage_create(void)
{
	struct stage *stage = g_new0(struct stage, 1);

	stage->section.title = (char *)"server a";
	stage->section.values[SERVER_MAX_CONNECTIONS].number = 100;
	stage->section.values[SERVER_MAX_OUTPUT].text = "64M";
	stage->notices = (struct notices){ .section = &stage->section,
					   .counts = &stage->counts,
					   .stats = &stage->stats };
	stage->lines = g_ptr_array_new_with_free_func(g_free);
	log_set_sink(take_line, stage);
	return stage;
}

static void stage_finish(struct stage *stage)
{
	log_set_sink(NULL, NULL);
	g_ptr_array_unref(stage->lines);
	g_free(stage);
}

static void take(struct stage *stage, enum shiny_notice notice, int error, unsigned times,
		 int64_t now_ms)
{
	for (unsigned i = 0; i < times; i++) {
		notices_add(&stage->notices, notice, error, "tcp://192.0.2.1:5", now_ms);
	}
}

static void expect_line(const struct stage *stage, guint i, const char *expected)
{
	g_assert_cmpuint(i, <, stage->lines->len);
	g_assert_cmpstr(stage->lines->pdata[i], ==, expected);
}

static void says_who_and_why(void)
{
	struct stage *stage = stage_create();

	take(stage, SHINY_NOTICE_OUTPUT, ENOBUFS, 1, 1);
	take(stage, SHINY_NOTICE_OUTPUT, ENOMEM, 1, 1);
	take(stage, SHINY_NOTICE_SHED, 0, 1, 1);
	notices_add(&stage->notices, SHINY_NOTICE_ACCEPT, EMFILE, NULL, 1);
	notices_add(&stage->notices, SHINY_NOTICE_PROXY, EPROTO, NULL, 1);
	notices_add(&stage->notices, SHINY_NOTICE_MAX, EPROTO, NULL, 1); /* a later library's */
	expect_line(stage, 0,
		    "[server a] closed tcp://192.0.2.1:5: more than max_output (64M) unsent");
	expect_line(stage, 1, "[server a] closed tcp://192.0.2.1:5: out of memory");
	expect_line(stage, 2,
		    "[server a] turned away tcp://192.0.2.1:5: there are max_connections (100) "
		    "already");
	expect_line(stage, 3, "[server a] accepting fails: Too many open files; clients wait");
	expect_line(stage, 4,
		    "[server a] closed a client that has gone: its PROXY header is wrong or "
		    "missing");
	g_assert_cmpuint(stage->lines->len, ==, 5);
	stage_finish(stage);
}

/* One that was accepted does not wait, and its header is not wrong where memory is missing. */
static void tells_errors_apart(void)
{
	struct stage *stage = stage_create();

	take(stage, SHINY_NOTICE_ACCEPT, ENOMEM, 1, 1);
	notices_add(&stage->notices, SHINY_NOTICE_ACCEPT, ENOMEM, NULL, 1);
	take(stage, SHINY_NOTICE_PROXY, ENOMEM, 1, 1);
	take(stage, SHINY_NOTICE_PROXY, EPROTO, 1, 1);
	expect_line(stage, 0,
		    "[server a] closed tcp://192.0.2.1:5: it cannot be served: Cannot allocate "
		    "memory");
	expect_line(stage, 1, "[server a] accepting fails: Cannot allocate memory; clients wait");
	expect_line(stage, 2, "[server a] closed tcp://192.0.2.1:5: out of memory");
	expect_line(stage, 3,
		    "[server a] closed tcp://192.0.2.1:5: its PROXY header is wrong or missing");
	stage_finish(stage);
}

/* Of those that were left out, some may wait and some be closed. */
static void counts_accepts_that_failed(void)
{
	struct stage *stage = stage_create();

	take(stage, SHINY_NOTICE_ACCEPT, ENOMEM, NOTICES_BURST + 5, 1);
	notices_report(&stage->reported, &stage->counts, &stage->section, INT64_MAX);
	expect_line(stage, NOTICES_BURST,
		    "[server a] and 5 more in the last 10 s: accepting fails");
	stage_finish(stage);
}

static void counts_the_rest(void)
{
	struct stage *stage = stage_create();

	take(stage, SHINY_NOTICE_SHED, 0, 12355, 1);
	g_assert_cmpuint(stage->lines->len, ==, NOTICES_BURST);
	notices_report(&stage->reported, &stage->counts, &stage->section, 500);
	g_assert_cmpint(notices_timeout(&stage->reported), ==, 500 + NOTICES_INTERVAL_MS);
	notices_report(&stage->reported, &stage->counts, &stage->section,
		       499 + NOTICES_INTERVAL_MS);
	g_assert_cmpuint(stage->lines->len, ==, NOTICES_BURST);
	notices_report(&stage->reported, &stage->counts, &stage->section,
		       500 + NOTICES_INTERVAL_MS);
	expect_line(stage, NOTICES_BURST,
		    "[server a] and 12,345 more in the last 10 s: turned away, there are "
		    "max_connections (100) already");
	/* Nothing new, nothing told. */
	notices_report(&stage->reported, &stage->counts, &stage->section, INT64_MAX);
	g_assert_cmpuint(stage->lines->len, ==, NOTICES_BURST + 1);
	stage_finish(stage);
}

static void begins_again(void)
{
	struct stage *stage = stage_create();

	take(stage, SHINY_NOTICE_SHED, 0, 100, 1);
	take(stage, SHINY_NOTICE_OUTPUT, ENOBUFS, 1, 1); /* another kind */
	g_assert_cmpuint(stage->lines->len, ==, NOTICES_BURST + 1);
	take(stage, SHINY_NOTICE_SHED, 0, 1, NOTICES_INTERVAL_MS);
	g_assert_cmpuint(stage->lines->len, ==, NOTICES_BURST + 1);
	take(stage, SHINY_NOTICE_SHED, 0, 1, 1 + NOTICES_INTERVAL_MS);
	g_assert_cmpuint(stage->lines->len, ==, NOTICES_BURST + 2);
	stage_finish(stage);
}

/* A plugin gone wild may write there. */
static void bears_rubbish(void)
{
	struct stage *stage = stage_create();

	memset(&stage->counts, 0xff, sizeof(stage->counts));
	notices_report(&stage->reported, &stage->counts, &stage->section, INT64_MAX);
	memset(&stage->counts, 0, sizeof(stage->counts));
	notices_report(&stage->reported, &stage->counts, &stage->section, INT64_MAX);
	g_assert_cmpuint(stage->lines->len, ==, SHINY_NOTICE_MAX - 1); /* idle is for debug */
	stage_finish(stage);
}

static int accept_error(const struct stage *stage, int64_t now_ms)
{
	return notices_accept_error(&stage->counts, &stage->stats, now_ms);
}

static void accepting_fails_until_one_is_accepted(void)
{
	struct stage *stage = stage_create();

	stage->stats.accepted = 7;
	take(stage, SHINY_NOTICE_ACCEPT, EMFILE, 1, 5000);
	g_assert_cmpint(accept_error(stage, 5001), ==, EMFILE);
	stage->stats.accepted++;
	g_assert_cmpint(accept_error(stage, 5001), ==, 0);
	take(stage, SHINY_NOTICE_ACCEPT, EMFILE, 1, 5002);
	g_assert_cmpint(accept_error(stage, 5003), ==, EMFILE);
	stage->stats.shed++;
	g_assert_cmpint(accept_error(stage, 5003), ==, 0);
	stage_finish(stage);
}

static void accepting_fails_for_a_while(void)
{
	struct stage *stage = stage_create();

	g_assert_cmpint(accept_error(stage, 5000), ==, 0);
	take(stage, SHINY_NOTICE_ACCEPT, EMFILE, 1, 5000);
	g_assert_cmpint(accept_error(stage, 5000), ==, EMFILE);
	g_assert_cmpint(accept_error(stage, 4999 + NOTICES_ACCEPT_FAILS_MS), ==, EMFILE);
	g_assert_cmpint(accept_error(stage, 5000 + NOTICES_ACCEPT_FAILS_MS), ==, 0);
	stage_finish(stage);
}

static void a_plugin_s_words_are_one_line(void)
{
	struct degraded degraded = { 0 };
	char text[SHINY_ERROR_MAX], longest[2 * SHINY_ERROR_MAX];

	g_assert_false(degraded_get(&degraded, text));
	degraded_set(&degraded, "no space\nleft");
	g_assert_true(degraded_get(&degraded, text));
	g_assert_cmpstr(text, ==, "no space?left");
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	degraded_set(&degraded, longest);
	g_assert_true(degraded_get(&degraded, text));
	g_assert_cmpuint(strlen(text), ==, SHINY_ERROR_MAX - 1);
	memset(&degraded, 0xff, sizeof(degraded)); /* a plugin gone wild, in the midst of it */
	degraded_get(&degraded, text);
	g_assert_cmpuint(strlen(text), ==, SHINY_ERROR_MAX - 1);
	degraded_set(&degraded, "");
	g_assert_false(degraded_get(&degraded, text));
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/notices/say-who-and-why", says_who_and_why);
	harness_add("/notices/tell-errors-apart", tells_errors_apart);
	harness_add("/notices/count-accepts-that-failed", counts_accepts_that_failed);
	harness_add("/notices/count-the-rest", counts_the_rest);
	harness_add("/notices/begin-again", begins_again);
	harness_add("/notices/bear-rubbish", bears_rubbish);
	harness_add("/notices/accepting-fails-for-a-while", accepting_fails_for_a_while);
	harness_add("/notices/accepting-fails-until-one-is-accepted",
		    accepting_fails_until_one_is_accepted);
	harness_add("/degraded/is-one-line", a_plugin_s_words_are_one_line);
	return harness_run();
}
