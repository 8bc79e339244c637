/* SPDX-License-Identifier: MIT */
/*
 * kill -9 under load: each key whose SET was acknowledged is there afterwards.
 *
 * Each test does a few rounds; REDIS_LITE_ROUNDS=200 has it do more.
 */
#include "cache.h"
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WRITERS	     4
#define PIPELINE     20
#define ROUNDS_USUAL 4

#define REPLY_SIZE   (sizeof(OK) - 1)

/* A client that sets one key after the other until its server dies. */
struct writer {
	int number;
	int fd;
	int sent;	  /* keys */
	int acked;	  /* of them, since the replies come in order */
	GByteArray *acks; /* a byte a key: whether it was acknowledged */
	GThread *thread;
};

static bool receive_all(int fd, char *buf, size_t len, size_t *ret_got)
{
	*ret_got = 0;
	while (*ret_got < len) {
		ssize_t n = recv(fd, buf + *ret_got, len - *ret_got, 0);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return false;
		}
		*ret_got += (size_t)n;
	}
	return true;
}

/* One pipeline; false once the server is gone. */
static bool write_some(struct writer *writer)
{
	char requests[PIPELINE * 64], replies[PIPELINE * REPLY_SIZE];
	size_t len = 0, got = 0;
	bool alive;

	for (int i = 0; i < PIPELINE; i++) {
		char key[32];
		int n = snprintf(key, sizeof(key), "w%d-%d", writer->number, writer->sent + i);

		len += (size_t)snprintf(requests + len, sizeof(requests) - len,
					"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", n, key, n,
					key);
	}
	alive = client_send_some(writer->fd, requests, len) == len &&
		receive_all(writer->fd, replies, sizeof(replies), &got);
	for (size_t i = 0; i < PIPELINE; i++) {
		guint8 acked = (i + 1) * REPLY_SIZE <= got;

		g_assert_true(!acked || memcmp(replies + i * REPLY_SIZE, OK, REPLY_SIZE) == 0);
		g_byte_array_append(writer->acks, &acked, 1);
		writer->acked += acked;
	}
	writer->sent += PIPELINE;
	return alive;
}

static gpointer write_until_death(gpointer data)
{
	while (write_some(data)) {
	}
	return NULL;
}

static void start_writers(struct writer *writers, const struct cache *cache)
{
	for (int i = 0; i < WRITERS; i++) {
		writers[i].number = i;
		writers[i].fd = client_connect(cache->serving.address);
		writers[i].thread = g_thread_new("writer", write_until_death, &writers[i]);
	}
}

static void join_writers(struct writer *writers)
{
	for (int i = 0; i < WRITERS; i++) {
		g_thread_join(writers[i].thread);
		close(writers[i].fd);
	}
}

/* Has the file rewritten again and again until its server dies; @data is a connection to it. */
static gpointer rewrite_until_death(gpointer data)
{
	static const char request[] = "BGREWRITEAOF\r\n";
	int fd = GPOINTER_TO_INT(data);
	char byte;

	while (client_send_some(fd, request, sizeof(request) - 1) == sizeof(request) - 1 &&
	       recv(fd, &byte, 1, 0) == 1) {
		while (byte != '\n' && recv(fd, &byte, 1, 0) == 1) {
		}
	}
	close(fd);
	return NULL;
}

static void expect_acked(const struct cache *cache, const struct writer *writer)
{
	GString *requests = g_string_new("");

	for (int i = 0; i < writer->sent; i++) {
		if (writer->acks->data[i]) {
			g_string_append_printf(requests, "GET w%d-%d\r\n", writer->number, i);
		}
	}
	client_send(cache->fd, requests->str, requests->len);
	for (int i = 0; i < writer->sent; i++) {
		if (writer->acks->data[i]) {
			char *value = g_strdup_printf("w%d-%d", writer->number, i);
			char *expected = g_strdup_printf("$%zu\r\n%s\r\n", strlen(value), value);
			GString *reply = redis_receive(cache->fd);

			if (strcmp(reply->str, expected) != 0) {
				harness_fail("%s of %d was acknowledged and is lost: %s", value,
					     writer->sent, reply->str);
			}
			g_string_free(reply, TRUE);
			g_free(expected);
			g_free(value);
		}
	}
	g_string_free(requests, TRUE);
}

static int rounds_asked(int usual)
{
	const char *rounds = g_getenv("REDIS_LITE_ROUNDS");

	return rounds ? atoi(rounds) : usual;
}

/* What goes on while it is killed. */
enum meanwhile {
	NOTHING,
	REWRITES,
	SLOW_SYNCS,
};

/* Slows down each sync of a worker, and waits for one to be under way. */
static void slow_down(struct child *strace, pid_t worker)
{
	char *pid = g_strdup_printf("%d", (int)worker);
	const char *argv[] = { "strace", "-f",
			       "-p",	 pid,
			       "-e",	 "trace=fdatasync",
			       "-e",	 "inject=fdatasync:delay_enter=5s",
			       NULL };

	child_start(strace, argv);
	child_await_output(strace, "fdatasync("); /* which is written before the delay */
	g_free(pid);
}

static int one_round(struct cache *cache, struct writer *writers, const char *policy,
		     enum meanwhile meanwhile, GRand *rand)
{
	GThread *rewriter = NULL;
	struct child strace;
	int acked = 0;

	start_writers(writers, cache);
	if (meanwhile == REWRITES) {
		int fd = client_connect(cache->serving.address);

		rewriter = g_thread_new("rewriter", rewrite_until_death, GINT_TO_POINTER(fd));
	}
	g_usleep((gulong)g_rand_int_range(rand, 1000, 60000));
	if (meanwhile == SLOW_SYNCS) {
		slow_down(&strace, cache->serving.worker);
	}
	cache_kill(cache);
	join_writers(writers);
	if (meanwhile == REWRITES) {
		g_thread_join(rewriter);
	}
	if (meanwhile == SLOW_SYNCS) {
		child_finish(&strace);
	}
	cache_start(cache, policy, "");
	g_assert_false(cache_has(cache, ".rewrite"));
	for (int i = 0; i < WRITERS; i++) {
		acked += writers[i].acked;
		expect_acked(cache, &writers[i]);
		g_byte_array_set_size(writers[i].acks, 0);
		writers[i].sent = writers[i].acked = 0;
	}
	redis_expect(cache->fd, "FLUSHALL", OK);
	return acked;
}

static void kill_rounds(const char *policy, enum meanwhile meanwhile, int usual)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct writer writers[WRITERS] = { 0 };
	GRand *rand = g_rand_new_with_seed(8);
	int rounds = rounds_asked(usual);
	long acked = 0;

	for (int i = 0; i < WRITERS; i++) {
		writers[i].acks = g_byte_array_new();
	}
	cache_start(&cache, policy, "");
	for (int i = 0; i < rounds; i++) {
		acked += one_round(&cache, writers, policy, meanwhile, rand);
	}
	g_test_message("%s: %d rounds, %ld acknowledged, 0 lost", policy, rounds, acked);
	g_assert_cmpint(acked, >, 0);
	cache_stop(&cache);
	for (int i = 0; i < WRITERS; i++) {
		g_byte_array_free(writers[i].acks, TRUE);
	}
	g_rand_free(rand);
	harness_remove_dir(cache.dir);
}

static void always_loses_nothing(void)
{
	kill_rounds("always", NOTHING, ROUNDS_USUAL);
}

static void everysec_loses_nothing(void)
{
	kill_rounds("everysec", NOTHING, ROUNDS_USUAL);
}

static void no_loses_nothing(void)
{
	kill_rounds("no", NOTHING, ROUNDS_USUAL);
}

static void always_loses_nothing_while_it_rewrites(void)
{
	kill_rounds("always", REWRITES, ROUNDS_USUAL);
}

static void everysec_loses_nothing_while_it_rewrites(void)
{
	kill_rounds("everysec", REWRITES, ROUNDS_USUAL);
}

static void always_loses_nothing_on_a_slow_disk(void)
{
	redis_need("strace");
	kill_rounds("always", SLOW_SYNCS, 1);
}

static void everysec_loses_nothing_on_a_slow_disk(void)
{
	redis_need("strace");
	kill_rounds("everysec", SLOW_SYNCS, 1);
}

int main(int argc, char **argv)
{
	const unsigned seconds = 3600;

	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/kill");
	harness_add_slow("/always-loses-nothing", always_loses_nothing, seconds);
	harness_add_slow("/everysec-loses-nothing", everysec_loses_nothing, seconds);
	harness_add_slow("/no-loses-nothing", no_loses_nothing, seconds);
	harness_add_slow("/always-loses-nothing-while-it-rewrites",
			 always_loses_nothing_while_it_rewrites, seconds);
	harness_add_slow("/everysec-loses-nothing-while-it-rewrites",
			 everysec_loses_nothing_while_it_rewrites, seconds);
	harness_add_slow("/always-loses-nothing-on-a-slow-disk",
			 always_loses_nothing_on_a_slow_disk, seconds);
	harness_add_slow("/everysec-loses-nothing-on-a-slow-disk",
			 everysec_loses_nothing_on_a_slow_disk, seconds);
	return harness_run();
}
