/* SPDX-License-Identifier: MIT */
/*
 * What a probe's child wrote, read by the parent: also where the plugin itself has written there.
 */
#include "plugin/probe-findings.h"

#include "harness.h"

#include <errno.h>
#include <glib.h>
#include <unistd.h>

/* Findings read into a section of their own. */
struct reading {
	struct config_section *server;
	struct problems problems;
	int result;
};

static void reading_begin_bytes(struct reading *reading, const char *bytes, size_t len)
{
	GString *text = g_string_new_len(bytes, (gssize)len);

	*reading = (struct reading){
		.server = config_section_create("x.ini", "server a", 3),
		.problems = PROBLEMS_INIT,
	};
	reading->result = probe_findings_read(reading->server, text, &reading->problems);
	g_string_free(text, TRUE);
}

static void reading_begin(struct reading *reading, const char *text)
{
	reading_begin_bytes(reading, text, strlen(text));
}

static void reading_end(struct reading *reading)
{
	/* All or nothing. */
	if (reading->result < 0) {
		g_assert_null(reading->server->plugin.name);
		g_assert_null(reading->server->plugin.parameters);
		g_assert_null(reading->server->plugin.warnings);
		g_assert_cmpuint(reading->problems.count, ==, 0);
	}
	config_section_destroy(reading->server);
	problems_finish(&reading->problems);
}

static void expect(int result, const char *text)
{
	struct reading reading;

	reading_begin(&reading, text);
	g_assert_cmpint(reading.result, ==, result);
	reading_end(&reading);
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
	g_assert_cmpint(reading.result, ==, 0);
	g_assert_cmpstr(reading.server->plugin.name, ==, "echo");
	g_assert_cmpstr(reading.server->plugin.version, ==, "1.0");
	g_assert_cmpuint(reading.server->plugin.flags, ==, SHINY_PLUGIN_STATEFUL);
	g_assert_true(reading.server->plugin.persistent);
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

	expect(0, text);
	for (size_t len = strlen(text); len > 0; len--) {
		text[len - 1] = '\0';
		expect(-ENODATA, text);
	}
	g_free(text);
}

/* By hand, as probe-findings.c numbers them. */
#define FACTS	"3\t0\t\techo\n4\t0\t\t1.0\n5\t0\t\t2\n6\t0\t\t0\n"
#define PROBLEM "0\t7\tx.ini\t[server a] is wrong\n"
#define DONE	"9\t0\t\t\n"

static void are_taken_in_their_order(void)
{
	expect(0, FACTS DONE);
	expect(0, PROBLEM DONE);
	expect(0, PROBLEM PROBLEM FACTS DONE);
	expect(0, FACTS "7\t0\t\ta_key = 7\n7\t0\t\t; b_key is not set\n8\t0\t\tbeware\n" DONE);
	expect(-EPROTO, FACTS PROBLEM DONE);
	expect(-EPROTO, FACTS FACTS DONE);
	expect(-EPROTO, DONE FACTS);
	expect(-EPROTO, FACTS DONE DONE);
	expect(-EPROTO, FACTS DONE "and more");
	expect(-EPROTO, FACTS "8\t0\t\tbeware\n7\t0\t\ta_key = 7\n" DONE);
	expect(-EPROTO, "7\t0\t\ta_key = 7\n" DONE);
	expect(-EPROTO, "3\t0\t\techo\n5\t0\t\t2\n4\t0\t\t1.0\n6\t0\t\t0\n" DONE);
}

/* The supervisor goes by both. */
static void name_the_plugin_or_a_problem(void)
{
	expect(-EPROTO, DONE);
	expect(-EPROTO, "8\t0\t\tbeware\n" DONE);
	expect(-EPROTO, "5\t0\t\t2\n6\t0\t\t0\n" DONE);
	expect(-EPROTO, "3\t0\t\t\n4\t0\t\t1.0\n5\t0\t\t2\n6\t0\t\t0\n" DONE);
	expect(-EPROTO, "3\t0\t\ta b\n4\t0\t\t1.0\n5\t0\t\t2\n6\t0\t\t0\n" DONE);
}

static void are_of_known_kinds(void)
{
	expect(-EPROTO, "10\t0\t\t\n" FACTS DONE);
	expect(-EPROTO, "77\t1\tx.ini\t[server a] is wrong\n" DONE);
	expect(-EPROTO, "4294967295\t1\tx.ini\t[server a] is wrong\n" DONE);
	expect(-EPROTO, "4294967299\t0\t\techo\n" DONE);
	expect(-EPROTO, "-1\t1\tx.ini\t[server a] is wrong\n" DONE);
	expect(-EPROTO, "x\t1\tx.ini\t[server a] is wrong\n" DONE);
}

static void are_lines_of_four_fields(void)
{
	expect(-EPROTO, "nothing\n" FACTS DONE);
	expect(-EPROTO, "\n" FACTS DONE);
	expect(-EPROTO, "0\t7\tx.ini\n" DONE);
	expect(-EPROTO, "0\tseven\tx.ini\t[server a] is wrong\n" DONE);
	expect(-EPROTO, "0\t7\tx.ini\t[server a] is\twrong\n" DONE);
	expect(-EPROTO, "3\t1\t\techo\n" DONE);
	expect(-EPROTO, "3\t0\tx.ini\techo\n" DONE);
}

static void are_of_their_section(void)
{
	expect(-EPROTO, "0\t7\tx.ini\t[server b] is wrong\n" DONE);
	expect(-EPROTO, "0\t7\tx.ini\tall is wrong\n" DONE);
	expect(-EPROTO, "0\t7\t/etc/passwd\t[server a] is wrong\n" DONE);
	expect(-EPROTO, FACTS "7\t0\t\t[server b]\n" DONE);
	expect(-EPROTO, FACTS "7\t0\t\t  worker: ended\n" DONE);
}

static void are_printable(void)
{
	struct reading reading;

	expect(-EPROTO, "0\t7\tx.ini\t[server a] \x1b[2J\n" DONE);
	expect(-EPROTO, "0\t7\tx.ini\t[server a] \xc2\x9b\n" DONE);
	expect(-EPROTO, FACTS "8\t0\t\tbe\rware\n" DONE);
	reading_begin_bytes(&reading, FACTS DONE "\0", strlen(FACTS DONE) + 1);
	g_assert_cmpint(reading.result, ==, -EPROTO);
	reading_end(&reading);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/probe-findings/arrive-as-they-were-sent", arrive_as_they_were_sent);
	harness_add("/probe-findings/end-with-the-last-one", end_with_the_last_one);
	harness_add("/probe-findings/are-taken-in-their-order", are_taken_in_their_order);
	harness_add("/probe-findings/name-the-plugin-or-a-problem", name_the_plugin_or_a_problem);
	harness_add("/probe-findings/are-of-known-kinds", are_of_known_kinds);
	harness_add("/probe-findings/are-lines-of-four-fields", are_lines_of_four_fields);
	harness_add("/probe-findings/are-of-their-section", are_of_their_section);
	harness_add("/probe-findings/are-printable", are_printable);
	return harness_run();
}
