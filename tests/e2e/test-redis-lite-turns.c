/* SPDX-License-Identifier: MIT */
/*
 * Clients that ask for more than a moment's work: the others have their turn meanwhile, and the worker
 * is not taken for one that hangs.
 *
 * What is checked is the order of events. The worker is stopped until both sides have sent: first the
 * pipeline, in which a counter follows each long command, then the other client, who asks how far the
 * counter has come.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <glib/gstdio.h>
#include <linux/sockios.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* One of them. */
struct attack {
	const char *section;	 /* further lines; NULL: none */
	const char *login;	 /* of both clients; NULL: none */
	void (*arrange)(int fd); /* what the requests need; NULL: nothing */
	/* A request in front of them, its reply, NULL for none, and one in front of the other's. */
	const char *before, *answer, *large;
	const char *requests,
		*replies; /* what is repeated, divided by ';'; replies NULL: none come */
	int count;
	int most; /* of it that may come before the other client's turn */
};

static char *repeated(const char *before, const char *what, size_t count, const char *behind)
{
	GString *string = g_string_new(before);

	for (size_t i = 0; i < count; i++) {
		g_string_append(string, what);
	}
	g_string_append(string, behind);
	return g_string_free(string, FALSE);
}

/* Some of the words of which are long. */
static void expect_long(int fd, const char *before, const char *what, size_t count,
			const char *behind, const char *reply)
{
	char *request = repeated(before, what, count, behind);

	redis_expect(fd, request, reply);
	g_free(request);
}

static void put(GString *pipeline, const char *request)
{
	char **words = g_strsplit(request, " ", -1);

	g_string_append_printf(pipeline, "*%u\r\n", g_strv_length(words));
	for (char **word = words; *word; word++) {
		g_string_append_printf(pipeline, "$%zu\r\n%s\r\n", strlen(*word), *word);
	}
	g_strfreev(words);
}

static void fill_pipeline(GString *pipeline, const struct attack *attack)
{
	char **requests = g_strsplit(attack->requests, ";", -1);

	if (attack->before) {
		put(pipeline, attack->before);
	}
	for (int i = 0; i < attack->count; i++) {
		for (char **request = requests; *request; request++) {
			put(pipeline, *request);
		}
		put(pipeline, "INCR n");
	}
	g_strfreev(requests);
}

static void await_stopped(pid_t pid)
{
	char *path = g_strdup_printf("/proc/%d/stat", (int)pid), *stat;
	bool stopped = false;

	while (!stopped) {
		g_assert_true(g_file_get_contents(path, &stat, NULL, NULL));
		stopped = strstr(stat, ") T ");
		g_free(stat);
	}
	g_free(path);
}

/* What fits into the buffers of a connection whose other end does not read. */
#define LAST_MAX ((size_t)64 * 1024)

/* Sends what is more than that, has it arrive, and leaves the rest. */
static void send_first(int fd, GString *pipeline)
{
	size_t len = pipeline->len > LAST_MAX ? pipeline->len - LAST_MAX : 0;
	int left = 1;

	client_send(fd, pipeline->str, len);
	while (left > 0) {
		g_assert_cmpint(ioctl(fd, SIOCOUTQ, &left), ==, 0);
	}
	g_string_erase(pipeline, 0, (gssize)len);
}

/* A number as a bulk string; 0 for null. */
static int64_t receive_number(int fd)
{
	GString *reply = redis_receive(fd);
	int64_t number = reply->str[1] == '-'
				 ? 0
				 : g_ascii_strtoll(strstr(reply->str, "\r\n") + 2, NULL, 10);

	g_string_free(reply, TRUE);
	return number;
}

/*
 * Sends both at once, the pipeline first, for the other client what asks for the counter, behind a
 * large request of its own or not. Returns what it is told.
 */
static int64_t race(const struct serving *serving, int fd, GString *pipeline, int other,
		    const char *large)
{
	GString *question = g_string_new("");

	if (large) {
		put(question, large);
	}
	put(question, "GET n");
	send_first(fd, pipeline);
	send_first(other, question);
	g_assert_cmpint(kill(serving->worker, SIGSTOP), ==, 0);
	await_stopped(serving->worker);
	client_send(fd, pipeline->str, pipeline->len);
	client_send(other, question->str, question->len);
	g_assert_cmpint(kill(serving->worker, SIGCONT), ==, 0);
	g_string_free(question, TRUE);
	client_expect(other, large ? "+OK\r\n" : "");
	return receive_number(other);
}

/* All of them, also after the client's own FIN. */
static void expect_replies(int fd, const struct attack *attack)
{
	client_send_end(fd);
	client_expect(fd, attack->answer ? attack->answer : "");
	for (int i = 1; attack->replies && i <= attack->count; i++) {
		char *replies = g_strdup_printf("%s:%d\r\n", attack->replies, i);

		client_expect(fd, replies);
		g_free(replies);
	}
	client_expect_end(fd);
}

static void log_in(int fd, const struct attack *attack)
{
	if (attack->login) {
		redis_expect(fd, attack->login, "+OK\r\n");
	}
}

static void run(const struct attack *attack)
{
	GString *pipeline = g_string_new("");
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "watchdog = 2s\n%s",
			     attack->section ? attack->section : "");
	int other = client_connect(serving.address);
	int64_t counted;

	log_in(fd, attack);
	log_in(other, attack);
	redis_expect(other, "PING", "+PONG\r\n");
	if (attack->arrange) {
		attack->arrange(fd);
	}
	fill_pipeline(pipeline, attack);
	counted = race(&serving, fd, pipeline, other, attack->large);
	if (counted > attack->most) {
		harness_fail("%s: %d times before another client's turn", attack->requests,
			     (int)counted);
	}
	expect_replies(fd, attack);
	redis_send(other, "GET n");
	g_assert_cmpint(receive_number(other), ==, attack->count);
	g_assert_cmpint(kill(serving.worker, 0), ==, 0);
	g_string_free(pipeline, TRUE);
	close(other);
	redis_finish(&shinyd, fd);
}

static void set_bits(int fd)
{
	redis_expect(fd, "SETBIT k 536870911 1", ":0\r\n");
}

static void bits_are_counted_in_turn(void)
{
	run(&(struct attack){
		.arrange = set_bits,
		.requests = "BITCOUNT k",
		.replies = ":1\r\n",
		.count = 100,
		.most = 2,
	});
}

static void set_value(int fd)
{
	redis_expect(fd, "SETRANGE k 33554431 x", ":33554432\r\n");
}

/* It takes no more memory than if each copy had given back the one before. */
static void values_are_copied_in_turn(void)
{
	run(&(struct attack){
		.section = "memory = 1G\n",
		.arrange = set_value,
		.requests = "COPY k c REPLACE",
		.replies = ":1\r\n",
		.count = 100,
		.most = 2,
	});
}

static void values_are_extended_in_turn(void)
{
	run(&(struct attack){
		.section = "memory = 1G\n",
		.requests = "DEL r;SETRANGE r 33554431 x",
		.replies = ":1\r\n:33554432\r\n",
		.before = "SETRANGE r 33554431 x",
		.answer = ":33554432\r\n",
		.count = 100,
		.most = 2,
	});
}

static void set_texts(int fd)
{
	expect_long(fd, "SET a ", "xy", 5500, "", "+OK\r\n");
	expect_long(fd, "SET b ", "yx", 5500, "", "+OK\r\n");
}

static void texts_are_compared_in_turn(void)
{
	run(&(struct attack){
		.arrange = set_texts,
		.requests = "LCS a b LEN",
		.replies = ":10999\r\n",
		.count = 100,
		.most = 4,
	});
}

#define SPARSE_KEYS 400000
#define SPARSE_STEP 1000

static void change_keys(int fd, const char *command, const char *behind)
{
	for (int i = 0; i < SPARSE_KEYS; i += SPARSE_STEP) {
		GString *request = g_string_new(command);

		for (int j = i; j < i + SPARSE_STEP; j++) {
			g_string_append_printf(request, " key:%d%s", j, behind);
		}
		redis_send(fd, request->str);
		g_string_free(redis_receive(fd), TRUE);
		g_string_free(request, TRUE);
	}
}

/* One key in a table that was made for many. */
static void make_sparse(int fd)
{
	change_keys(fd, "MSET", " v");
	change_keys(fd, "DEL", "");
	redis_expect(fd, "SET n 0", "+OK\r\n");
}

static void random_keys_are_found_in_turn(void)
{
	run(&(struct attack){
		.arrange = make_sparse,
		.requests = "RANDOMKEY",
		.replies = "$1\r\nn\r\n",
		.count = 1000,
		.most = 100,
	});
}

/* Their replies would stop it, if there were any. */
static void reports_are_made_in_turn(void)
{
	run(&(struct attack){
		.before = "CLIENT REPLY OFF",
		.requests = "INFO ALL;COMMAND DOCS;COMMAND;CONFIG GET *",
		.count = 500,
		.most = 50,
	});
}

static void sleep_is_in_turn(void)
{
	run(&(struct attack){
		.section = "allow_debug = yes\n",
		.requests = "DEBUG SLEEP 0.05",
		.replies = "+OK\r\n",
		.count = 50,
		.most = 2,
	});
}

static void with_a_file_too(void)
{
	char *dir = g_dir_make_tmp("shiny-turns-XXXXXX", NULL);
	char *section = g_strdup_printf("appendonly = yes\ndir = %s\n", dir);
	char *file = g_build_filename(dir, "appendonly.aof", NULL);

	run(&(struct attack){
		.section = section,
		.arrange = set_bits,
		.requests = "BITCOUNT k",
		.replies = ":1\r\n",
		.count = 50,
		.most = 2,
	});
	g_assert_cmpint(g_remove(file), ==, 0);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
	g_free(file);
	g_free(section);
	g_free(dir);
}

static void behind_a_large_request_too(void)
{
	char *request = repeated("SET large ", "x", 3 << 20, "");

	run(&(struct attack){
		.arrange = set_bits,
		.before = request,
		.answer = "+OK\r\n",
		.large = request,
		.requests = "BITCOUNT k",
		.replies = ":1\r\n",
		.count = 50,
		.most = 2,
	});
	g_free(request);
}

static void track(int fd)
{
	g_free(redis_ask(fd, "HELLO 3"));
	redis_expect(fd, "CLIENT TRACKING ON NOLOOP", "+OK\r\n");
	set_bits(fd);
}

static void who_tracks_keys_too(void)
{
	run(&(struct attack){
		.arrange = track,
		.requests = "BITCOUNT k",
		.replies = ":1\r\n",
		.count = 50,
		.most = 2,
	});
}

static void who_has_said_a_password_too(void)
{
	umask(077);
	run(&(struct attack){
		.section = "requirepass = secret\n",
		.login = "AUTH secret",
		.arrange = set_bits,
		.requests = "BITCOUNT k",
		.replies = ":1\r\n",
		.count = 50,
		.most = 2,
	});
}

#define TRANSACTION_COUNTS 200

/* For those who wait it is one command. It takes seconds. */
static void a_transaction_is_whole_and_makes_progress(void)
{
	GString *pipeline = g_string_new("");
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "watchdog = 2s\n");
	int other = client_connect(serving.address);

	set_bits(fd);
	redis_expect(other, "SET n 0", "+OK\r\n");
	put(pipeline, "MULTI");
	put(pipeline, "INCR n");
	for (int i = 0; i < TRANSACTION_COUNTS; i++) {
		put(pipeline, "BITCOUNT k");
	}
	put(pipeline, "INCR n");
	put(pipeline, "EXEC");
	g_assert_cmpint(race(&serving, fd, pipeline, other, NULL) % 2, ==, 0);
	client_expect(fd, "+OK\r\n");
	for (int i = 0; i < TRANSACTION_COUNTS + 2; i++) {
		client_expect(fd, "+QUEUED\r\n");
	}
	g_string_printf(pipeline, "*%d\r\n:1\r\n", TRANSACTION_COUNTS + 2);
	client_expect(fd, pipeline->str);
	for (int i = 0; i < TRANSACTION_COUNTS; i++) {
		client_expect(fd, ":1\r\n");
	}
	client_expect(fd, ":2\r\n");
	g_assert_cmpint(kill(serving.worker, 0), ==, 0);
	g_string_free(pipeline, TRUE);
	close(other);
	redis_finish(&shinyd, fd);
}

/* Each took longer than any watchdog waits. */
static void no_pattern_takes_long(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "watchdog = 2s\n");

	expect_long(fd, "SET ", "a", 100000, " v", "+OK\r\n");
	expect_long(fd, "KEYS *[", "z", 40000, "]", "*0\r\n");
	expect_long(fd, "KEYS *[^a", "z", 40000, "]", "*0\r\n");
	expect_long(fd, "KEYS *[^a", "z", 40000, "]*", "*0\r\n");
	expect_long(fd, "KEYS *", "a", 50000, "b", "*0\r\n");
	expect_long(fd, "KEYS *", "a", 50000, "b*", "*0\r\n");
	expect_long(fd, "SCAN 0 MATCH *[", "z", 40000, "]", "*2\r\n$1\r\n0\r\n*0\r\n");
	redis_finish(&shinyd, fd);
}

/* With elements that are no plain bytes it takes as long as both lengths, multiplied. */
static void a_long_walk_makes_progress(void)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "watchdog = 2s\n");

	expect_long(fd, "SET ", "a", 30000, " v", "+OK\r\n");
	expect_long(fd, "KEYS *?", "a", 13000, "b*", "*0\r\n");
	redis_finish(&shinyd, fd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/redis-lite/turns/bits-are-counted-in-turn", bits_are_counted_in_turn);
	harness_add("/redis-lite/turns/values-are-copied-in-turn", values_are_copied_in_turn);
	harness_add("/redis-lite/turns/values-are-extended-in-turn", values_are_extended_in_turn);
	harness_add("/redis-lite/turns/texts-are-compared-in-turn", texts_are_compared_in_turn);
	harness_add("/redis-lite/turns/random-keys-are-found-in-turn",
		    random_keys_are_found_in_turn);
	harness_add("/redis-lite/turns/reports-are-made-in-turn", reports_are_made_in_turn);
	harness_add("/redis-lite/turns/sleep-is-in-turn", sleep_is_in_turn);
	harness_add("/redis-lite/turns/with-a-file-too", with_a_file_too);
	harness_add("/redis-lite/turns/behind-a-large-request-too", behind_a_large_request_too);
	harness_add("/redis-lite/turns/who-tracks-keys-too", who_tracks_keys_too);
	harness_add("/redis-lite/turns/who-has-said-a-password-too", who_has_said_a_password_too);
	harness_add("/redis-lite/turns/a-transaction-is-whole-and-makes-progress",
		    a_transaction_is_whole_and_makes_progress);
	harness_add("/redis-lite/turns/no-pattern-takes-long", no_pattern_takes_long);
	harness_add("/redis-lite/turns/a-long-walk-makes-progress", a_long_walk_makes_progress);
	return harness_run();
}
