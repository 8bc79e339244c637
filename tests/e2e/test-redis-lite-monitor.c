/* SPDX-License-Identifier: MIT */
/*
 * What monitors and exporters read of redis-lite: clients, counters, times.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

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
	g_assert_cmpint(field(line, "qbuf"), ==, strlen(half));
	g_assert_cmpint(field(line, "tot-mem"), >, strlen(half));
	g_assert_cmpint(field(line, "fd"), >, 2);
	g_free(line);
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

/* A clock that is set back by an hour is no hour that has not been. */
static void uptime_is_not_of_a_clock_that_is_set(void)
{
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "set", NULL);
	struct shinyd shinyd = { 0 };
	long long before, after;
	int fd;

	g_setenv("SET_CLOCK_FILE", file, TRUE);
	g_setenv("LD_PRELOAD", TEST_PLUGIN_DIR "/set-clock.so", TRUE);
	g_setenv("ASAN_OPTIONS", "verify_asan_link_order=0", TRUE);
	fd = redis_start(&shinyd, NULL, "%s", "");
	before = info(fd, "server_time_usec");
	g_assert_true(g_file_set_contents(file, "", 0, NULL));
	after = info(fd, "server_time_usec");
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
	harness_add("/uptime-is-not-of-a-clock-that-is-set", uptime_is_not_of_a_clock_that_is_set);
	harness_add_slow("/wrong-passwords-are-counted-and-logged",
			 wrong_passwords_are_counted_and_logged, 60);
	return harness_run();
}
