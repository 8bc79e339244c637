/* SPDX-License-Identifier: MIT */
/*
 * What a probe's child wrote, read by the parent: also where the plugin itself has written there.
 */
#include "plugin/probe-findings.h"

#include "harness.h"

#include <glib.h>
#include <unistd.h>

/* Findings read into a section of their own. */
struct reading {
	struct config_section server;
	struct problems problems;
	bool done;
};

static void reading_begin(struct reading *reading, const char *text)
{
	*reading = (struct reading){ .problems = PROBLEMS_INIT };
	reading->done = probe_findings_read(&reading->server, text, &reading->problems);
}

static void reading_end(struct reading *reading)
{
	g_free(reading->server.plugin.name);
	g_free(reading->server.plugin.version);
	g_free(reading->server.plugin.warnings);
	g_free(reading->server.plugin.parameters);
	problems_finish(&reading->problems);
}

/* What a child sends of a plugin without parameters. For g_free(). */
static char *send_plugin(const struct problems *problems)
{
	const struct plugin plugin = {
		.object = (void *)"",
		.info = { .name = "echo", .version = "1.0", .flags = SHINY_PLUGIN_STATEFUL },
	};
	const struct config_section server = { .plugin = { .persistent = true } };
	char buf[1024];
	int ends[2];
	ssize_t n;

	g_assert_cmpint(pipe(ends), ==, 0);
	probe_findings_send(ends[1], &server, problems, &plugin);
	n = read(ends[0], buf, sizeof(buf));
	close(ends[0]);
	close(ends[1]);
	return g_strndup(buf, (gsize)n);
}

static void arrive_as_they_were_sent(void)
{
	const struct source_location location = { "x.ini", "server a", 7 };
	struct problems problems = PROBLEMS_INIT;
	struct reading reading;
	char *text;

	problems_add(&problems, PROBLEM_PLUGIN, &location, "is\tno plugin");
	text = send_plugin(&problems);
	reading_begin(&reading, text);
	g_assert_true(reading.done);
	g_assert_cmpstr(reading.server.plugin.name, ==, "echo");
	g_assert_cmpstr(reading.server.plugin.version, ==, "1.0");
	g_assert_cmpuint(reading.server.plugin.flags, ==, SHINY_PLUGIN_STATEFUL);
	g_assert_true(reading.server.plugin.persistent);
	g_assert_cmpuint(reading.problems.count, ==, 1);
	g_assert_cmpint(problems_exit_code(&reading.problems), ==, EXIT_CODE_PLUGIN);
	g_assert_cmpstr(reading.problems.all[0].file, ==, "x.ini");
	g_assert_cmpstr(reading.problems.all[0].text, ==, "[server a] is?no plugin");
	g_assert_cmpuint(reading.problems.all[0].line, ==, 7);
	reading_end(&reading);
	problems_finish(&problems);
	g_free(text);
}

/* One whose end is missing, at each of its bytes. */
static void end_with_the_last_one(void)
{
	const struct problems none = PROBLEMS_INIT;
	char *text = send_plugin(&none);
	struct reading reading;

	for (size_t len = strlen(text) - 1; len > 0; len--) {
		text[len - 1] = '\0';
		reading_begin(&reading, text);
		g_assert_false(reading.done);
		reading_end(&reading);
	}
	g_free(text);
}

static void are_ignored_if_unknown(void)
{
	const struct problems none = PROBLEMS_INIT;
	char *sent = send_plugin(&none);
	char *text = g_strconcat("99\t1\tx.ini\twhat is this\n4294967295\t1\tx.ini\tand this\n"
				 "nothing\n",
				 sent, NULL);
	struct reading reading;

	reading_begin(&reading, text);
	g_assert_true(reading.done);
	g_assert_cmpuint(reading.problems.count, ==, 0);
	reading_end(&reading);
	g_free(text);
	g_free(sent);
}

/* The supervisor goes by both. */
static void name_the_plugin_or_a_problem(void)
{
	const struct problems none = PROBLEMS_INIT;
	char *sent = send_plugin(&none);
	struct reading reading;

	sent[strlen(sent) - 1] = '\0';
	reading_begin(&reading, strrchr(sent, '\n') + 1);
	g_assert_false(reading.done);
	reading_end(&reading);
	g_free(sent);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/probe-findings/arrive-as-they-were-sent", arrive_as_they_were_sent);
	harness_add("/probe-findings/end-with-the-last-one", end_with_the_last_one);
	harness_add("/probe-findings/are-ignored-if-unknown", are_ignored_if_unknown);
	harness_add("/probe-findings/name-the-plugin-or-a-problem", name_the_plugin_or_a_problem);
	return harness_run();
}
