/* SPDX-License-Identifier: MIT */
/*
 * CONFIG GET and SET beside the real redis-server: every name that it has, a number of values for each,
 * the same replies, and the same told back.
 *
 * What differs on purpose is in tables here, and in redis-lite(7).
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Both servers, and a connection to each. */
struct pair {
	char *dir;
	struct child server;
	struct shinyd shinyd;
	int theirs, ours;
};

static void pair_start(struct pair *pair)
{
	*pair = (struct pair){ .dir = harness_make_dir() };
	pair->theirs = redis_server_start(&pair->server, pair->dir, NULL);
	pair->ours = redis_start(&pair->shinyd, NULL, "%s", "");
	/* Whatever maxmemory-clients is set to. */
	redis_expect(pair->theirs, "CLIENT NO-EVICT ON", "+OK\r\n");
}

static void pair_finish(struct pair *pair)
{
	close(pair->theirs);
	child_finish(&pair->server);
	redis_finish(&pair->shinyd, pair->ours);
	harness_remove_dir(pair->dir);
}

static bool is_in(const char *const list[], const char *name)
{
	return g_strv_contains(list, name);
}

static char *set(int fd, const char *name, const char *value)
{
	const char *const words[] = { "CONFIG", "SET", name, value };

	redis_send_words(fd, words, G_N_ELEMENTS(words));
	return g_string_free(redis_receive(fd), FALSE);
}

/* What one name is set to. */
static char *get(int fd, const char *name)
{
	char *request = g_strdup_printf("CONFIG GET %s", name), *reply = redis_ask(fd, request);
	char **lines = g_strsplit(reply, "\r\n", -1), *value = NULL;

	if (strcmp(lines[0], "*2") == 0) {
		value = g_strdup(lines[4]);
	}
	g_strfreev(lines);
	g_free(reply);
	g_free(request);
	return value;
}

/* All that redis-server has. */
static char **all_names(int theirs)
{
	static const char *const hidden[] = {
		"key-load-delay",     "loading-process-events-interval-bytes",
		"rdb-key-save-delay", "use-exit-on-panic",
		"watchdog-period",
	};
	GPtrArray *names = g_ptr_array_new();
	char *reply = redis_ask(theirs, "CONFIG GET *"), **lines = g_strsplit(reply, "\r\n", -1);

	for (guint i = 2; i < g_strv_length(lines) - 1; i += 4) {
		g_ptr_array_add(names, g_strdup(lines[i]));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(hidden); i++) {
		g_ptr_array_add(names, g_strdup(hidden[i]));
	}
	g_ptr_array_add(names, NULL);
	g_strfreev(lines);
	g_free(reply);
	return (char **)g_ptr_array_free(names, FALSE);
}

/* Not set, they are something else here. */
static const char *const other_defaults[] = {
	"always-show-logo", /* by the command line of the test, or by where it runs: */
	"aof-use-rdb-preamble", "appenddirname",  "bind",	"dir",
	"disable-thp",		"loglevel",	  "maxclients", "port",
	"protected-mode",	"set-proc-title", NULL,
};

static void every_name_is_known_and_has_redis_s_default(void)
{
	struct pair pair;
	char **names;

	pair_start(&pair);
	names = all_names(pair.theirs);
	for (char **name = names; *name; name++) {
		char *theirs = get(pair.theirs, *name), *ours = get(pair.ours, *name);

		if (!ours || (g_strcmp0(theirs, ours) != 0 && !is_in(other_defaults, *name))) {
			harness_fail("%s is '%s' there and '%s' here", *name, theirs, ours);
		}
		g_free(theirs);
		g_free(ours);
	}
	g_strfreev(names);
	pair_finish(&pair);
}

/* Tried with every name. */
static const char *const values[] = {
	"",
	" ",
	"0",
	"-1",
	"1",
	"2",
	"007",
	"-0",
	"+1",
	" 1",
	"1 ",
	"1.5",
	"0x10",
	"yes",
	"YES",
	"no",
	"No",
	"true",
	"abc",
	"a b",
	"a-b.c",
	"{title}",
	"{port} {{x}",
	"{foo}",
	"{port",
	"100",
	"101",
	"501",
	"1023",
	"1024",
	"65535",
	"65536",
	"1048575",
	"1048576",
	"2147483647",
	"2147483648",
	"-2147483648",
	"-2147483649",
	"4294967295",
	"4294967296",
	"9223372036854775807",
	"9223372036854775808",
	"-9223372036854775808",
	"18446744073709551516",
	"18446744073709551615",
	"99999999999999999999",
	"b",
	"kb",
	"1k",
	"1KB",
	"3m",
	"3Mb",
	"2g",
	"2GB",
	"1tb",
	"17179869183gb",
	"5%",
	"100%",
	"101%",
	"-5%",
	"%",
};

/* Tried with names whose values have a form of their own. */
static const struct {
	const char *name, *value;
} forms[] = {
	{ "client-output-buffer-limit", "normal 1 2 3" },
	{ "client-output-buffer-limit", "Normal 1kb 2mb 3 REPLICA 1gb 0 0" },
	{ "client-output-buffer-limit", "slave 1 1 1 pubsub 5 6 7 slave 2 2 2" },
	{ "client-output-buffer-limit", "normal 1 2" },
	{ "client-output-buffer-limit", "normal 1 2 3 4" },
	{ "client-output-buffer-limit", "normal 1 2 " },
	{ "client-output-buffer-limit", "master 1 2 3" },
	{ "client-output-buffer-limit", "foo 1 2 3" },
	{ "client-output-buffer-limit", "normal -1 2 3" },
	{ "client-output-buffer-limit", "normal 1 2x 3" },
	{ "client-output-buffer-limit", "normal 1 2 -3" },
	{ "client-output-buffer-limit", "normal 1 2 2147483648" },
	{ "client-output-buffer-limit", "normal 1 2 4294967297" },
	{ "client-output-buffer-limit", "normal 18446744073709551615 2 3" },
	{ "client-output-buffer-limit", "pubsub 1 2 3 foo 1 2 3" },
	{ "cluster-announce-hostname", "a_b" },
	{ "cluster-announce-hostname", "-Host.Example-1.com" },
	{ "latency-tracking-info-percentiles", "50 99 99.9 100" },
	{ "latency-tracking-info-percentiles", "0.0000001 1e1 .5 -0 0x1p1" },
	{ "latency-tracking-info-percentiles", "50  60" },
	{ "latency-tracking-info-percentiles", "50 60 " },
	{ "latency-tracking-info-percentiles", "100.1" },
	{ "latency-tracking-info-percentiles", "50 -1" },
	{ "latency-tracking-info-percentiles", "nan" },
	{ "latency-tracking-info-percentiles", "inf" },
	{ "notify-keyspace-events", "KEA" },
	{ "notify-keyspace-events", "EK" },
	{ "notify-keyspace-events", "g$lshzxetd" },
	{ "notify-keyspace-events", "g$lshzxetdn" },
	{ "notify-keyspace-events", "nAmE" },
	{ "notify-keyspace-events", "dtexzhsl$g" },
	{ "notify-keyspace-events", "dtexzhsl$" },
	{ "notify-keyspace-events", "nmK" },
	{ "notify-keyspace-events", "Kq" },
	{ "notify-keyspace-events", "K E" },
	{ "oom-score-adj-values", "1 2 3 4" },
	{ "oom-score-adj-values", "1 2" },
	{ "oom-score-adj-values", "1 2 x" },
	{ "oom-score-adj-values", "1 2 2001" },
	{ "oom-score-adj-values", "-2001 2 3" },
	{ "proc-title-template", "  " },
	{ "proc-title-template", "{listen-addr}" },
	{ "proc-title-template", "{server-mode}" },
	{ "proc-title-template", "{config-file}{tls-port}" },
	{ "proc-title-template", "{" },
	{ "proc-title-template", "{{" },
	{ "proc-title-template", "x}" },
	{ "save", "1" },
	{ "save", "0 1" },
	{ "save", "1 -1" },
	{ "save", "1 1 x" },
	{ "save", "1x 1" },
	{ "shutdown-on-sigterm", "now save" },
	{ "shutdown-on-sigterm", "force NOW nosave" },
	{ "shutdown-on-sigterm", "save nosave" },
	{ "shutdown-on-sigterm", "default" },
	{ "shutdown-on-sigterm", "default now" },
	{ "shutdown-on-sigterm", "now now" },
	{ "shutdown-on-sigterm", "now " },
	{ "shutdown-on-sigterm", "now  save" },
};

/* Redis would do something with these to the test, or what it says depends on the machine. */
static const char *const not_set_there[] = {
	"bind",	    "maxclients",      "oom-score-adj",
	"port",	    "requirepass", /* it has no limit there */
	"timeout",		   /* of the test's own connection */
	"tls-port", "watchdog-period", NULL,
};

/* Only what is so already may be set. */
static const char *const fixed[] = {
	"appendonly",	  "min-replicas-to-write", "min-slaves-to-write",
	"protected-mode", "proto-max-bulk-len",	   "save",
	"tls-cluster",	  "tls-replication",	   NULL,
};

static bool is_error(const char *reply)
{
	return reply[0] == '-';
}

/* Refused here with a text of ours, where Redis accepts it. */
static bool is_fixed(const char *name, const char *theirs, const char *ours)
{
	return is_in(fixed, name) && is_error(ours) &&
	       (strcmp(theirs, "+OK\r\n") == 0 || strstr(theirs, "TLS configuration"));
}

/* A policy that is not here, and the list of those which are. */
static bool is_policy(const char *name, const char *ours)
{
	return strcmp(name, "maxmemory-policy") == 0 &&
	       strstr(ours, "argument(s) must be one of the following: noeviction, allkeys-lru, "
			    "allkeys-random, volatile-ttl\r\n");
}

static void expect_same_get(struct pair *pair, const char *name, const char *value)
{
	char *theirs = get(pair->theirs, name), *ours = get(pair->ours, name);

	if (g_strcmp0(theirs, ours) != 0) {
		harness_fail("CONFIG SET %s '%s', and CONFIG GET says\nredis-server: %s\n"
			     "redis-lite:   %s",
			     name, value, theirs, ours);
	}
	g_free(theirs);
	g_free(ours);
}

/* Sets it there and here. Returns their reply. */
static char *try(struct pair *pair, const char *name, const char *value)
{
	char *theirs = set(pair->theirs, name, value), *ours = set(pair->ours, name, value);

	if (is_fixed(name, theirs, ours) || is_policy(name, ours)) {
		g_free(ours);
		ours = get(pair->ours, name);
		g_free(set(pair->theirs, name, ours));
	} else if (strcmp(theirs, ours) != 0) {
		harness_fail("CONFIG SET %s '%s'\nredis-server: %sredis-lite:   %s", name, value,
			     theirs, ours);
	}
	if (!is_error(theirs)) {
		expect_same_get(pair, name, value);
	}
	g_free(ours);
	return theirs;
}

/* Choices are in the text of what is none. */
static void try_choices(struct pair *pair, const char *name)
{
	char *reply = try(pair, name, "none of them");
	const char *list = strstr(reply, "one of the following: ");

	if (list) {
		char **choices = g_strsplit(strchr(list, ':') + 2, ", ", -1);

		for (char **choice = choices; *choice; choice++) {
			g_free(try(pair, name, g_strchomp(*choice)));
		}
		g_strfreev(choices);
	}
	g_free(reply);
}

static void try_name(struct pair *pair, const char *name)
{
	char *before[] = { get(pair->theirs, name), get(pair->ours, name) };

	g_free(set(pair->theirs, name, before[1])); /* where that is another */
	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_free(try(pair, name, values[i]));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
		if (strcmp(name, forms[i].name) == 0) {
			g_free(try(pair, name, forms[i].value));
		}
	}
	try_choices(pair, name);
	if (!is_in(other_defaults, name)) {
		expect_same_get(pair, name, "and others");
	}
	g_free(set(pair->theirs, name, before[0]));
	g_free(set(pair->ours, name, before[1]));
	g_free(before[0]);
	g_free(before[1]);
}

static void every_name_takes_the_same_values(void)
{
	struct pair pair;
	char **names;

	pair_start(&pair);
	names = all_names(pair.theirs);
	for (char **name = names; *name; name++) {
		if (!is_in(not_set_there, *name)) {
			try_name(&pair, *name);
		}
	}
	g_strfreev(names);
	pair_finish(&pair);
}

/* Names for which both servers take the same, and what changes nothing else. */
static const char *const harmless[] = {
	"active-expire-effort",
	"appendfsync",
	"auto-aof-rewrite-percentage",
	"client-output-buffer-limit",
	"databases",
	"dir",
	"hz",
	"lfu-log-factor",
	"list-max-listpack-size",
	"List-Max-Ziplist-Size",
	"maxmemory-clients",
	"none-of-them",
	"notify-keyspace-events",
	"shutdown-timeout",
	"slave-priority",
	"replica-priority",
	"tcp-keepalive",
};

static const char *const few_values[] = { "1",	"2",	  "no",	    "normal 1 1 1", "",
					  "-1", "KEA",	  "x",	    "5%",	    "4gb",
					  "3",	"always", "0 1 1 1" };

static GString *send_several(int fd, GPtrArray *words)
{
	redis_send_words(fd, (const char *const *)words->pdata, words->len);
	return redis_receive(fd);
}

static void expect_same_reply(struct pair *pair, GPtrArray *words)
{
	GString *theirs = send_several(pair->theirs, words);
	GString *ours = send_several(pair->ours, words);

	if (!g_string_equal(theirs, ours)) {
		g_ptr_array_add(words, NULL);
		harness_fail("%s\nredis-server: %sredis-lite:   %s",
			     g_strjoinv(" | ", (char **)words->pdata), theirs->str, ours->str);
	}
	g_string_free(theirs, TRUE);
	g_string_free(ours, TRUE);
}

static void pick_several(GPtrArray *words)
{
	g_ptr_array_set_size(words, 0);
	g_ptr_array_add(words, (char *)"CONFIG");
	g_ptr_array_add(words, (char *)"SET");
	for (int i = g_test_rand_int_range(1, 5); i > 0; i--) {
		int name = g_test_rand_int_range(0, G_N_ELEMENTS(harmless));
		int value = g_test_rand_int_range(0, G_N_ELEMENTS(few_values));

		g_ptr_array_add(words, (char *)harmless[name]);
		g_ptr_array_add(words, (char *)few_values[value]);
	}
	if (g_test_rand_int_range(0, 50) == 0) {
		g_ptr_array_add(words, (char *)"odd");
	}
}

static void several_are_set_or_none(void)
{
	GPtrArray *words = g_ptr_array_new();
	struct pair pair;

	pair_start(&pair);
	for (int i = 0; i < 2000; i++) {
		pick_several(words);
		expect_same_reply(&pair, words);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(harmless); i++) {
		if (!is_in(other_defaults, harmless[i])) {
			expect_same_get(&pair, harmless[i], "and others");
		}
	}
	g_ptr_array_free(words, TRUE);
	pair_finish(&pair);
}

static void what_would_not_be_so_is_refused(void)
{
	static const char *const sets[][2] = {
		{ "appendonly", "yes" },
		{ "bind", "127.0.0.1 ::1" },
		{ "maxclients", "1" },
		{ "maxmemory-policy", "volatile-lru" },
		{ "min-replicas-to-write", "1" },
		{ "min-slaves-to-write", "1" },
		{ "port", "1" },
		{ "protected-mode", "yes" },
		{ "proto-max-bulk-len", "1gb" },
		{ "save", "900 1" },
		{ "tls-cluster", "yes" },
		{ "tls-port", "1" },
		{ "tls-replication", "yes" },
	};
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	for (gsize i = 0; i < G_N_ELEMENTS(sets); i++) {
		char *before = get(fd, sets[i][0]), *reply = set(fd, sets[i][0], sets[i][1]);
		char *why = g_strdup_printf("-ERR CONFIG SET failed (possibly related to argument "
					    "'%s') - ",
					    sets[i][0]);
		char *after = get(fd, sets[i][0]);

		g_assert_true(g_str_has_prefix(reply, why));
		g_assert_cmpstr(before, ==, after);
		g_free(reply);
		/* As it is, it may be set. */
		reply = set(fd, sets[i][0], before);
		g_assert_cmpstr(reply, ==, "+OK\r\n");
		g_free(reply);
		g_free(after);
		g_free(why);
		g_free(before);
	}
	redis_finish(&shinyd, fd);
}

static bool has_ipv6(void)
{
	const struct sockaddr_in6 address = {
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0) {
		close(fd);
	}
	return has;
}

static void where_it_listens_is_told(void)
{
	if (!has_ipv6()) {
		harness_skip("there is no IPv6 here");
	}

	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "listen = unix://%s/s\nlisten = tcp://[::1]:0\n", dir);
	char *bind = get(fd, "bind"), *path = get(fd, "unixsocket"), *port = get(fd, "port");
	char *socket = g_build_filename(dir, "s", NULL);

	g_assert_cmpstr(bind, ==, "127.0.0.1 ::1");
	g_assert_cmpstr(path, ==, socket);
	g_assert_cmpint(atoi(port), >, 0);
	g_free(socket);
	g_free(port);
	g_free(path);
	g_free(bind);
	redis_finish(&shinyd, fd);
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/names");
	harness_add("/every-name-is-known-and-has-redis-s-default",
		    every_name_is_known_and_has_redis_s_default);
	harness_add("/every-name-takes-the-same-values", every_name_takes_the_same_values);
	harness_add("/several-are-set-or-none", several_are_set_or_none);
	harness_add("/what-would-not-be-so-is-refused", what_would_not_be_so_is_refused);
	harness_add("/where-it-listens-is-told", where_it_listens_is_told);
	return harness_run();
}
