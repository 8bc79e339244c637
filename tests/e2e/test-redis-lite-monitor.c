/* SPDX-License-Identifier: MIT */
/*
 * What monitors and exporters read of redis-lite: clients, counters, times.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OK	  "+OK\r\n"
#define WRONGPASS "-WRONGPASS invalid username-password pair or user is disabled.\r\n"

/* The names of a line's fields, NAME=VALUE with blanks between; for g_free(). */
static char *field_names(const char *line)
{
	GString *names = g_string_new(NULL);
	char **fields = g_strsplit(line, " ", 0);

	for (char **field = fields; *field; field++) {
		char *equals = strchr(*field, '=');

		g_assert_nonnull(equals);
		g_string_append_len(names, *field, equals + 1 - *field);
	}
	g_strfreev(fields);
	return g_string_free(names, FALSE);
}

/* The line that a bulk or verbatim reply consists of; for g_free(). */
static char *ask_line(int fd, const char *request)
{
	char *reply = redis_ask(fd, request), *line = g_strdup(strchr(reply, '\n') + 1);

	g_free(reply);
	*strchr(line, '\n') = '\0';
	return line;
}

static long long field(const char *line, const char *name)
{
	char *before = g_strdup_printf(" %s=", name);
	const char *at = strstr(line, before);

	g_assert_nonnull(at);
	at += strlen(before);
	g_free(before);
	return atoll(at);
}

static void clients_have_redis_fields_in_its_order(void)
{
	struct child child = { 0 };
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	int peer = redis_server_start(&child, shinyd.dir, NULL);
	char *ours = ask_line(fd, "CLIENT LIST"), *theirs = ask_line(peer, "CLIENT LIST");
	char *our_names = field_names(ours), *their_names = field_names(theirs);
	char *expected = g_strconcat(their_names, "lib-name=lib-ver=", NULL);

	g_assert_cmpstr(our_names, ==, expected);
	g_assert_cmpint(field(ours, "qbuf"), ==, field(theirs, "qbuf"));
	g_assert_cmpint(field(ours, "argv-mem"), ==, field(theirs, "argv-mem"));
	g_free(expected);
	g_free(our_names);
	g_free(their_names);
	g_free(ours);
	g_free(theirs);
	close(peer);
	child_finish(&child);
	redis_finish(&shinyd, fd);
}

/* In the listing of all clients, the line of the one with that name; for g_free(). */
static char *line_of(int fd, const char *name)
{
	char *reply = redis_ask(fd, "CLIENT LIST"), **lines = g_strsplit(reply, "\n", 0);
	char *mark = g_strdup_printf(" name=%s ", name), *found = NULL;

	for (char **line = lines; *line && !found; line++) {
		found = strstr(*line, mark) ? g_strdup(*line) : NULL;
	}
	g_assert_nonnull(found);
	g_free(mark);
	g_strfreev(lines);
	g_free(reply);
	return found;
}

/* Until a field of that client is what it should be; fails by the clock of the test. */
static void await_field(int fd, const char *client, const char *name, long long least)
{
	long long value;

	do {
		char *line = line_of(fd, client);

		value = field(line, name);
		g_free(line);
	} while (value < least);
}

static void a_clients_age_and_what_it_holds_are_told(void)
{
	static const char half[] = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\nabcde";
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);
	char *line;

	redis_expect(other, "CLIENT SETNAME half", OK);
	client_send_text(other, half);
	await_field(fd, "half", "qbuf", (long long)strlen(half));
	await_field(fd, "half", "age", 1);
	line = line_of(fd, "half");
	g_assert_nonnull(strstr(line, " cmd=client|setname user="));
	g_assert_cmpint(field(line, "qbuf"), ==, strlen(half));
	g_assert_cmpint(field(line, "tot-mem"), >, strlen(half));
	g_assert_cmpint(field(line, "fd"), >, 2);
	g_free(line);
	close(other);
	redis_finish(&shinyd, fd);
}

/* What a client has called last is known also of one that has said nothing of itself. */
static void the_last_command_is_told(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);
	bool known;
	char *text;

	redis_expect(other, "GET none", "$-1\r\n");
	text = redis_ask(fd, "CLIENT LIST");
	g_assert_nonnull(strstr(text, " cmd=get user="));
	g_assert_nonnull(strstr(text, " cmd=client|list user="));
	g_free(text);
	redis_expect(other, "SELECT 1", OK);
	redis_expect(other, "CONFIG RESETSTAT", OK);
	text = redis_ask(fd, "CLIENT LIST");
	g_assert_nonnull(strstr(text, " db=1 "));
	g_assert_nonnull(strstr(text, " cmd=config|resetstat user="));
	g_free(text);
	redis_expect(other, "RESET", "+RESET\r\n");
	text = redis_ask(fd, "CLIENT LIST");
	g_assert_nonnull(strstr(text, " cmd=reset user="));
	g_free(text);
	close(other);
	other = client_connect(serving.address);
	do {
		text = redis_ask(fd, "CLIENT LIST");
		known = strstr(text, " cmd=NULL user=");
		g_free(text);
	} while (!known);
	close(other);
	redis_finish(&shinyd, fd);
}

/* The number in a line of INFO. */
static long long info(int fd, const char *name)
{
	char *reply = redis_ask(fd, "INFO everything"), *before = g_strdup_printf("\n%s:", name);
	const char *at = strstr(reply, before);
	long long value;

	if (!at) {
		harness_fail("no %s in:\n%s", name, reply);
	}
	value = atoll(at + strlen(before));
	g_free(before);
	g_free(reply);
	return value;
}

/* Requests of every kind of success and failure; what they reply is compared elsewhere. */
static const char *const mixed_requests[] = {
	"CONFIG RESETSTAT",
	"SET a b",
	"GET a b",
	"FOO",
	"INCR a",
	"CLIENT FOO",
	"CLIENT",
	"CLIENT KILL",
	"CLIENT GETNAME",
	"EXEC",
	"MULTI",
	"SET n 1",
	"INCR n",
	"INCR a",
	"EXEC",
	"MULTI",
	"GET",
	"EXEC",
	"CONFIG SET maxmemory 1",
	"SET c d",
	"MULTI",
	"SET c d",
	"EXEC",
	"CONFIG SET maxmemory 0",
	"LATENCY RESET",
	"SLOWLOG LEN",
	"AUTH x y",
	"PING",
	"PING",
};

static void ask_all(int fd, const char *const requests[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		g_free(redis_ask(fd, requests[i]));
	}
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A reply without what @pattern matches; for g_free(). */
static char *ask_masked(int fd, const char *request, const char *pattern)
{
	GRegex *regex = g_regex_new(pattern, 0, 0, NULL);
	char *reply = redis_ask(fd, request);
	char *rest = g_regex_replace_literal(regex, reply, -1, 0, "", 0, NULL);

	g_regex_unref(regex);
	g_free(reply);
	return rest;
}

/* The lines of a text behind the first one, in alphabetical order; for g_free(). */
static char *sort_lines(const char *text)
{
	char **lines = g_strsplit(text, "\r\n", 0), *sorted;

	qsort(lines + 1, g_strv_length(lines) - 1, sizeof(*lines), compare_lines);
	sorted = g_strjoinv("\n", lines + 1);
	g_strfreev(lines);
	return sorted;
}

/* Both reply the same, but for what @pattern matches, and for the order of lines. */
static void expect_same_lines(int ours, int theirs, const char *request, const char *pattern)
{
	char *our_text = ask_masked(ours, request, pattern), *our_lines = sort_lines(our_text);
	char *their_text = ask_masked(theirs, request, pattern);
	char *their_lines = sort_lines(their_text);

	g_assert_cmpstr(our_lines, ==, their_lines);
	g_free(our_lines);
	g_free(their_lines);
	g_free(our_text);
	g_free(their_text);
}

static void expect_same(int ours, int theirs, const char *request, const char *pattern)
{
	char *our_text = ask_masked(ours, request, pattern);
	char *their_text = ask_masked(theirs, request, pattern);

	if (strcmp(our_text, their_text) != 0) {
		harness_fail("%s: %s\nredis-server: %s", request, our_text, their_text);
	}
	g_free(our_text);
	g_free(their_text);
}

#define TIMES "usec=[0-9]+,usec_per_call=[0-9.]+,|=[0-9]+[.][0-9]+"

static void calls_and_failures_are_counted_as_redis_does(void)
{
	struct child child = { 0 };
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	int peer = redis_server_start(&child, shinyd.dir, NULL);

	ask_all(fd, mixed_requests, G_N_ELEMENTS(mixed_requests));
	ask_all(peer, mixed_requests, G_N_ELEMENTS(mixed_requests));
	g_assert_cmpint(info(fd, "total_commands_processed"), ==,
			info(peer, "total_commands_processed"));
	expect_same_lines(fd, peer, "INFO commandstats errorstats", TIMES);
	expect_same_lines(fd, peer, "INFO latencystats", TIMES);
	ask_all(fd, mixed_requests, 1);
	ask_all(peer, mixed_requests, 1);
	expect_same_lines(fd, peer, "INFO commandstats errorstats latencystats", TIMES);
	close(peer);
	child_finish(&child);
	redis_finish(&shinyd, fd);
}

/* In one piece, and across two of them. */
static void calls_of_a_pipeline_are_all_counted(void)
{
	enum {
		CALLS = 50000
	};
	GString *requests = g_string_new(NULL);
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);
	char *replies = g_malloc(CALLS * 12), *reply;

	for (unsigned i = 0; i < CALLS; i++) {
		g_string_append(requests, "PING\r\nSET k v\r\n");
	}
	client_send(other, requests->str, requests->len);
	client_receive(other, replies, CALLS * 12);
	reply = redis_ask(fd, "INFO commandstats");
	g_assert_nonnull(strstr(reply, "cmdstat_ping:calls=50000,usec="));
	g_assert_nonnull(strstr(reply, "cmdstat_set:calls=50000,usec="));
	g_free(reply);
	reply = redis_ask(fd, "LATENCY HISTOGRAM set");
	g_assert_nonnull(strstr(reply, "$5\r\ncalls\r\n:50000\r\n"));
	g_free(reply);
	g_free(replies);
	close(other);
	g_string_free(requests, TRUE);
	redis_finish(&shinyd, fd);
}

/* By the numbers of the same line. */
static void the_time_of_a_call_is_the_time_divided_by_the_calls(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	for (int i = 0; i < 100; i++) {
		char *reply, *expected;
		const char *at;
		long long calls, us;

		redis_expect(fd, "PING", "+PONG\r\n");
		reply = redis_ask(fd, "INFO commandstats");
		at = strstr(reply, "cmdstat_ping:");
		g_assert_nonnull(at);
		g_assert_cmpint(sscanf(at, "cmdstat_ping:calls=%lld,usec=%lld", &calls, &us), ==,
				2);
		expected = g_strdup_printf(",usec=%lld,usec_per_call=%.2f,", us,
					   (double)us / (double)calls);
		if (!strstr(at, expected)) {
			harness_fail("no %s in:\n%s", expected, at);
		}
		g_free(expected);
		g_free(reply);
	}
	redis_finish(&shinyd, fd);
}

static void sections_of_info_are_chosen_as_in_redis(void)
{
	static const char *const requests[] = {
		"INFO",
		"INFO all",
		"INFO everything",
		"INFO default",
		"INFO default commandstats",
		"INFO SERVER latencystats none",
		"INFO none",
	};
	struct child child = { 0 };
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	int peer = redis_server_start(&child, shinyd.dir, NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		expect_same(fd, peer, requests[i], "\n[a-z][^\n]*|\\$[0-9]+");
	}
	close(peer);
	child_finish(&child);
	redis_finish(&shinyd, fd);
}

/* Times, ids and addresses are not the same. */
#define ENTRY "(?<=:)[0-9]+|\\$1[0-9]\r\n127[.]0[.]0[.]1:[0-9]+"

static void slow_requests_are_told_as_redis_does(void)
{
	static const char *const requests[] = {
		"SLOWLOG GET",
		"SLOWLOG GET 2",
		"SLOWLOG GET 0",
		"SLOWLOG GET -2",
		"SLOWLOG GET x",
		"SLOWLOG GET 1 2",
		"SLOWLOG NONE",
		"SLOWLOG",
		"SLOWLOG LEN x",
		"SLOWLOG LEN",
		"CONFIG SET slowlog-max-len 3",
		"PING",
		"SLOWLOG LEN",
		"SLOWLOG GET -1",
		"CONFIG SET slowlog-log-slower-than -1",
		"SLOWLOG RESET",
		"PING",
		"SLOWLOG LEN",
		"CONFIG SET slowlog-log-slower-than 10000 slowlog-max-len 128",
		"PING",
		"SLOWLOG GET",
	};
	char *text = g_strnfill(300, 'x'), *set = g_strconcat("SET k ", text, NULL);
	const char *noted[] = {
		"CLIENT SETNAME me",
		set,
		"DEL 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m n o p q r s t u v w x y z",
		"AUTH user password",
		"HELLO 2 AUTH user password SETNAME you",
		"CONFIG SET requirepass  masterauth secret maxmemory 0",
		"MULTI",
		"INCR k",
		"EXEC",
		"NONE",
	};
	struct child child = { 0 };
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	int peer = redis_server_start(&child, shinyd.dir, NULL);

	redis_expect(fd, "CONFIG SET slowlog-log-slower-than 0", OK);
	redis_expect(peer, "CONFIG SET slowlog-log-slower-than 0", OK);
	g_free(redis_ask(fd, "SLOWLOG RESET"));
	g_free(redis_ask(peer, "SLOWLOG RESET"));
	for (size_t i = 0; i < G_N_ELEMENTS(noted); i++) {
		expect_same(fd, peer, noted[i], ENTRY);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		expect_same(fd, peer, requests[i], ENTRY);
	}
	g_free(set);
	g_free(text);
	close(peer);
	child_finish(&child);
	redis_finish(&shinyd, fd);
}

/* By themselves: a command that its row calls long, and one that had much to do. */
static void what_was_slow_in_a_pipeline_is_told(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "allow_debug = yes\n");
	int other = client_connect(serving.address);
	GString *reply;
	char *log;

	redis_expect(fd, "SETRANGE large 99999999 x", ":100000000\r\n");
	redis_expect(fd, "CONFIG SET slowlog-log-slower-than 1000", OK);
	client_send_text(other, "PING\r\nDEBUG SLEEP 0.02\r\nPING\r\n");
	client_expect(other, "+PONG\r\n+OK\r\n+PONG\r\n");
	client_send_text(other, "PING\r\nGET large\r\nPING\r\n");
	client_expect(other, "+PONG\r\n");
	reply = redis_receive(other);
	g_assert_cmpuint(reply->len, >, 100000000);
	g_string_free(reply, TRUE);
	client_expect(other, "+PONG\r\n");
	log = redis_ask(fd, "SLOWLOG GET -1");
	g_assert_nonnull(strstr(log, "*3\r\n$5\r\nDEBUG\r\n$5\r\nSLEEP\r\n$4\r\n0.02\r\n"));
	g_assert_nonnull(strstr(log, "*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n"));
	g_free(log);
	log = redis_ask(fd, "INFO commandstats");
	g_assert_cmpint(atoi(strstr(log, "cmdstat_debug:calls=1,usec=") + 27), >=, 20000);
	g_free(log);
	close(other);
	redis_finish(&shinyd, fd);
}

static void latencies_are_told_as_redis_does(void)
{
	static const char *const requests[] = {
		"LATENCY HISTOGRAM none",
		"LATENCY HISTOGRAM set none config",
		"LATENCY HISTOGRAM config|get",
		"LATENCY LATEST",
		"LATENCY HISTORY command",
		"LATENCY GRAPH command",
		"LATENCY RESET",
		"LATENCY RESET command event",
		"LATENCY DOCTOR x",
		"LATENCY HISTORY",
		"LATENCY NONE",
		"LATENCY",
		"CONFIG SET latency-tracking no",
		"CONFIG RESETSTAT",
		"LATENCY HISTOGRAM",
		"INFO latencystats",
		"CONFIG SET latency-tracking yes latency-tracking-info-percentiles 99.95",
		"LATENCY HISTOGRAM none",
		"INFO latencystats",
		"CONFIG SET latency-tracking-info-percentiles ",
		"INFO latencystats",
	};
	struct child child = { 0 };
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");
	int peer = redis_server_start(&child, shinyd.dir, NULL);

	expect_same(fd, peer, "SET k v", "");
	expect_same(fd, peer, "CONFIG GET maxmemory", "");
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		bool is_info = g_str_has_prefix(requests[i], "INFO");

		/* How long it took is anyone's; how many calls there were is not. */
		(is_info ? expect_same_lines : expect_same)(
			fd, peer, requests[i], "(?<=usec\r\n)\\*2\r\n:[0-9]+|=[0-9.]+|\\$[0-9]+");
	}
	close(peer);
	child_finish(&child);
	redis_finish(&shinyd, fd);
}

/* A clock that is set back by an hour is no hour that has not been. */
static void uptime_is_not_of_a_clock_that_is_set(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "set", NULL);
	struct shinyd shinyd = { 0 };
	long long before, after;
	int fd;

	g_setenv("SHINYD_SET_CLOCK_FILE", file, TRUE);
	g_setenv("LD_PRELOAD", TEST_PLUGIN_DIR "/set-clock.so", TRUE);
	g_setenv("ASAN_OPTIONS", "verify_asan_link_order=0", TRUE);
	fd = redis_start(&shinyd, NULL, "%s", "");
	before = info(fd, "server_time_usec");
	g_assert_true(g_file_set_contents(file, "", 0, NULL));
	do {
		after = info(fd, "server_time_usec");
	} while (after >= before);
	g_assert_cmpint(after, <, before - 3500LL * 1000 * 1000);
	g_assert_cmpint(info(fd, "uptime_in_seconds"), >=, 0);
	g_assert_cmpint(info(fd, "uptime_in_seconds"), <, 3000);
	redis_finish(&shinyd, fd);
	g_free(file);
	harness_remove_dir(dir);
}

/* In one go, so that the server is busy with nothing else. */
static void wrong_passwords_are_counted_and_logged(void)
{
	enum {
		TRIES = 200000
	};
	GString *tries = g_string_new(NULL);
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd, other;
	unsigned lines = 0;

	umask(077); /* a file that holds a secret is not for everybody */
	fd = redis_start(&shinyd, &serving, "requirepass = s3cret\n");
	other = client_connect(serving.address);
	redis_expect(fd, "AUTH s3cret", OK);
	for (unsigned i = 0; i < TRIES; i++) {
		g_string_append(tries, "AUTH x\r\n");
	}
	for (unsigned sent = 0; sent < 4; sent++) {
		char *replies = g_malloc(TRIES / 4 * strlen(WRONGPASS));

		client_send(other, tries->str + sent * (tries->len / 4), tries->len / 4);
		client_receive(other, replies, TRIES / 4 * strlen(WRONGPASS));
		g_free(replies);
	}
	redis_expect(other, "HELLO 3 AUTH other x", WRONGPASS);
	g_assert_cmpint(info(fd, "acl_access_denied_auth"), ==, TRIES + 1);
	close(fd);
	close(other);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_nonnull(strstr(shinyd.child.output->str, "wrong password from tcp://127.0.0.1:"));
	g_assert_nonnull(strstr(shinyd.child.output->str, " more wrong passwords, the last one"));
	for (char *at = shinyd.child.output->str; (at = strstr(at, "wrong password")); at++) {
		lines++;
	}
	g_assert_cmpuint(lines, <=, 5);
	g_string_free(tries, TRUE);
	shinyd_finish(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/monitor");
	harness_add("/clients-have-redis-fields-in-its-order",
		    clients_have_redis_fields_in_its_order);
	harness_add("/a-clients-age-and-what-it-holds-are-told",
		    a_clients_age_and_what_it_holds_are_told);
	harness_add("/the-last-command-is-told", the_last_command_is_told);
	harness_add("/calls-and-failures-are-counted-as-redis-does",
		    calls_and_failures_are_counted_as_redis_does);
	harness_add("/calls-of-a-pipeline-are-all-counted", calls_of_a_pipeline_are_all_counted);
	harness_add("/the-time-of-a-call-is-the-time-divided-by-the-calls",
		    the_time_of_a_call_is_the_time_divided_by_the_calls);
	harness_add("/sections-of-info-are-chosen-as-in-redis",
		    sections_of_info_are_chosen_as_in_redis);
	harness_add("/slow-requests-are-told-as-redis-does", slow_requests_are_told_as_redis_does);
	harness_add("/what-was-slow-in-a-pipeline-is-told", what_was_slow_in_a_pipeline_is_told);
	harness_add("/latencies-are-told-as-redis-does", latencies_are_told_as_redis_does);
	harness_add("/uptime-is-not-of-a-clock-that-is-set", uptime_is_not_of_a_clock_that_is_set);
	harness_add_slow("/wrong-passwords-are-counted-and-logged",
			 wrong_passwords_are_counted_and_logged, 60);
	return harness_run();
}
