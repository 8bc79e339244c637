/* SPDX-License-Identifier: MIT */
/*
 * redis-lite on a disk that fails, and what it asks of the disk before it replies: strace makes calls
 * of the running worker fail, or writes them down.
 */
#include "cache.h"
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Attaches strace to the worker; arguments end with NULL. */
static void trace(struct child *strace, const struct cache *cache, ...)
{
	char *pid = g_strdup_printf("%d", (int)cache->serving.worker);
	GPtrArray *argv = g_ptr_array_new();
	const char *more;
	va_list args;

	redis_need("strace");
	for (const char *const *word = (const char *const[]){ "strace", "-f", "-p", pid, NULL };
	     *word; word++) {
		g_ptr_array_add(argv, (char *)*word);
	}
	va_start(args, cache);
	do {
		more = va_arg(args, const char *);
		g_ptr_array_add(argv, (char *)more);
	} while (more);
	va_end(args);
	child_start(strace, (const char *const *)argv->pdata);
	child_await_output(strace, "attached");
	g_ptr_array_free(argv, TRUE);
	g_free(pid);
}

/* Injects what @inject says into writes to the file, and to nothing else. */
static void trace_writes(struct child *strace, const struct cache *cache, const char *inject)
{
	char *log = g_build_filename(cache->dir, "appendonly.aof", NULL);

	trace(strace, cache, "-P", log, "-e", "trace=write", "-e", inject, NULL);
	g_free(log);
}

static void untrace(struct child *strace)
{
	child_signal(strace, SIGINT);
	child_wait(strace);
	child_finish(strace);
}

/* Whether the server answers; a connection that it has reset instead is made anew. */
static bool is_answered(struct cache *cache, const char *request)
{
	char byte;

	redis_send(cache->fd, request);
	if (recv(cache->fd, &byte, 1, MSG_PEEK) == 1) {
		return true;
	}
	cache_reconnect(cache);
	return false;
}

/*
 * Waits until a request is answered so. The turn in which a failed sync is found out resets who has
 * written in it: what they wrote is not known to be there.
 */
static void await_reply(struct cache *cache, const char *request, const char *begin)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	bool is_it = false;

	while (!is_it) {
		GString *reply = is_answered(cache, request) ? redis_receive(cache->fd) : NULL;

		is_it = reply && g_str_has_prefix(reply->str, begin);
		if (!is_it && g_get_monotonic_time() > end) {
			harness_fail("%s is answered %s", request,
				     reply ? reply->str : "by a reset");
		}
		if (reply) {
			g_string_free(reply, TRUE);
		}
		if (!is_it) {
			g_usleep(20000);
		}
	}
}

static void always_ends_with_a_failed_sync(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct child strace;
	char *line;

	cache_start(&cache, "always", "");
	redis_expect(cache.fd, "SET acked v", OK);
	trace(&strace, &cache, "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO", NULL);
	redis_send(cache.fd, "SET lost v");
	client_expect_reset(cache.fd);
	line = shinyd_await_line(&cache.shinyd, "cannot sync: Input/output error");
	g_free(line);
	line = shinyd_await_line(&cache.shinyd, "exited with status 1");
	g_free(line);
	child_wait(&strace);
	child_finish(&strace);

	shinyd_await_serving(&cache.shinyd, "cache", &cache.serving);
	cache_reconnect(&cache);
	redis_expect(cache.fd, "MGET acked lost", "*2\r\n$1\r\nv\r\n$-1\r\n");
	redis_expect(cache.fd, "SET more v", OK);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

static void everysec_rewrites_after_a_failed_sync(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct child strace;
	char *line;

	cache_start(&cache, "everysec", "");
	trace(&strace, &cache, "-e", "trace=fdatasync,fsync", "-e",
	      "inject=fdatasync,fsync:error=EIO", NULL);
	redis_expect(cache.fd, "SET acked v", OK);
	await_reply(&cache, "SET other v", "-MISCONF");
	redis_expect(cache.fd, "GET acked", "$1\r\nv\r\n");
	line = shinyd_await_line(&cache.shinyd, "cannot rewrite it: Input/output error");
	g_free(line);
	redis_expect(cache.fd, "GET acked", "$1\r\nv\r\n");
	await_reply(&cache, "SET other v", "-MISCONF");
	untrace(&strace);
	await_reply(&cache, "SET other w", OK);
	cache_kill(&cache);
	cache_start(&cache, "everysec", "");
	redis_expect(cache.fd, "MGET acked other", "*2\r\n$1\r\nv\r\n$1\r\nw\r\n");
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

/* Every third write fails; what is acknowledged nevertheless is there. */
static void writes_that_fail_are_not_acknowledged(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	GString *acked = g_string_new("");
	struct child strace;
	int acknowledged = 0;

	cache_start(&cache, "always", "");
	trace_writes(&strace, &cache, "inject=write:error=ENOSPC:when=3+3");
	for (int i = 0; acknowledged < 12 && i < 2000; i++) {
		char *request = g_strdup_printf("SET k%d v", i);
		char reply[8] = "";
		ssize_t n;

		redis_send(cache.fd, request);
		n = read(cache.fd, reply, sizeof(reply) - 1);
		if (n <= 0) {
			cache_reconnect(&cache);
		} else if (strcmp(reply, OK) == 0) {
			g_string_append_printf(acked, " k%d", i);
			acknowledged++;
		} else {
			char *rest = client_receive_line(cache.fd);

			g_assert_true(g_str_has_prefix(reply, "-MISCON"));
			g_free(rest);
			g_usleep(10000); /* until it is tried again */
		}
		g_free(request);
	}
	untrace(&strace);
	cache_kill(&cache);
	cache_start(&cache, "always", "");
	g_string_prepend(acked, "EXISTS");
	redis_expect(cache.fd, acked->str, ":12\r\n");
	g_string_free(acked, TRUE);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

static void a_rewrite_that_fails_changes_nothing(void)
{
	static const char *const injections[] = {
		"inject=renameat,renameat2:error=EIO",
		"inject=fsync:error=ENOSPC",
	};
	struct cache cache = { .dir = harness_make_dir() };
	struct child strace;

	cache_start(&cache, "always", "");
	redis_expect(cache.fd, "SET before v", OK);
	for (size_t i = 0; i < G_N_ELEMENTS(injections); i++) {
		trace(&strace, &cache, "-e", "trace=renameat,renameat2,fsync", "-e", injections[i],
		      NULL);
		redis_expect(cache.fd, "BGREWRITEAOF",
			     "+Background append only file rewriting started\r\n");
		cache_await(&cache, "aof_last_bgrewrite_status", "err");
		g_assert_false(cache_has(&cache, ".rewrite"));
		redis_expect(cache.fd, "SET after v", OK);
		untrace(&strace);
		/* It may have begun again by itself, as one was due. */
		g_free(redis_ask(cache.fd, "BGREWRITEAOF"));
		cache_await(&cache, "aof_last_bgrewrite_status", "ok");
	}
	cache_kill(&cache);
	cache_start(&cache, "always", "");
	redis_expect(cache.fd, "MGET before after", "*2\r\n$1\r\nv\r\n$1\r\nv\r\n");
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

/* Also without a client who would see it. */
static void a_full_disk_is_told(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct child strace;

	cache_start(&cache, "everysec", "");
	redis_expect(cache.fd, "SET acked v", OK);
	trace_writes(&strace, &cache, "inject=write:error=ENOSPC");
	redis_send(cache.fd, "SET lost v");
	client_expect_reset(cache.fd);
	shinyd_expect_line(&cache.shinyd, "[server cache] is degraded: writes are refused, "
					  "append-only file: No space left on device");
	cache_reconnect(&cache);
	await_reply(&cache, "SET other v", "-MISCONF");
	untrace(&strace);
	shinyd_expect_line(&cache.shinyd, "[server cache] is well again");
	await_reply(&cache, "SET other v", OK);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

/* What a trace of the worker says about the log, so far. */
struct order {
	int replies, syncs;
	bool unsynced;		/* something was written since the last sync */
	GHashTable *unfinished; /* thread: the line with which its running call began */
};

/* Whether a call is about the log: strace -y shows the path behind the descriptor. */
static bool names_log(const char *call)
{
	return strstr(call, "/appendonly.aof>") != NULL;
}

static void follow_begin(struct order *order, const char *call)
{
	if (g_str_has_prefix(call, "write") && names_log(call)) {
		order->unsynced = true;
	} else if (g_str_has_prefix(call, "sendto(") &&
		   (strstr(call, "+OK") || strstr(call, "\":2"))) {
		order->replies++;
		if (order->unsynced) {
			harness_fail("sent before it is synced: %s", call);
		}
	}
}

static void follow_end(struct order *order, const char *call, const char *result)
{
	if (g_str_has_prefix(call, "fdatasync(") && names_log(call) && strstr(result, "= 0")) {
		order->unsynced = false;
		order->syncs++;
	}
}

/* A line is "THREAD CALL", and is two where another thread's call ends between them. */
static void follow(struct order *order, const char *line)
{
	gpointer thread = GINT_TO_POINTER(atoi(line));
	const char *call = line + strspn(line, "0123456789 ");

	if (g_str_has_prefix(call, "<... ")) {
		const char *began = g_hash_table_lookup(order->unfinished, thread);

		follow_end(order, began ? began : "", call);
		g_hash_table_remove(order->unfinished, thread);
		return;
	}
	follow_begin(order, call);
	if (strstr(call, "<unfinished ...>")) {
		g_hash_table_insert(order->unfinished, thread, g_strdup(call));
	} else {
		follow_end(order, call, call);
	}
}

/* Pipelines on several connections, so that a turn serves more than one. */
static void under_always_no_reply_leaves_before_its_sync(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	char *file = g_build_filename(cache.dir, "trace", NULL), *text, **lines;
	struct child strace;
	static const char *const counts[] = { "1", "2", "3", "4" };
	struct order order = {
		.unfinished = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free),
	};
	int fds[8];
	char *large;

	cache_start(&cache, "always", "");
	redis_expect(cache.fd, "SET b v", OK);
	large = g_strdup_printf("SET l %0*d", 1200000, 0); /* is written at once */
	trace(&strace, &cache, "-y", "-s", "64", "-o", file, "-e",
	      "trace=write,writev,fdatasync,sendto,sendmsg", NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = client_connect(cache.serving.address);
	}
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
			redis_send(fds[i], "SET a v");
			redis_send(fds[i], "APPEND b v");
			redis_send(fds[i], "SET b v");
		}
		for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
			client_expect(fds[i], OK ":2\r\n" OK);
		}
		if (round % 5 == 4) {
			redis_expect(cache.fd, "BGREWRITEAOF",
				     "+Background append only file rewriting started\r\n");
			redis_expect(cache.fd, large, OK);
			cache_await(&cache, "aof_rewrites", counts[round / 5]);
			cache_await(&cache, "aof_rewrite_in_progress", "0");
		}
	}
	untrace(&strace);
	g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line; line++) {
		follow(&order, *line);
	}
	g_assert_cmpint(order.replies, >=, 20);
	g_assert_cmpint(order.syncs, >=, 20);
	/* The requests of a turn share a sync. */
	g_assert_cmpint(order.syncs, <, 20 * 2 * (int)G_N_ELEMENTS(fds));
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		close(fds[i]);
	}
	g_hash_table_unref(order.unfinished);
	g_free(large);
	g_strfreev(lines);
	g_free(text);
	g_free(file);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

/* The write comes first under everysec, too, even while a sync is under way and takes its time. */
static void a_slow_sync_stops_nobody_under_everysec(void)
{
	struct cache cache = { .dir = harness_make_dir() };
	struct child strace;
	gint64 began, took = 0;

	cache_start(&cache, "everysec", "");
	trace(&strace, &cache, "-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=4s",
	      NULL);
	began = g_get_monotonic_time();
	while (g_get_monotonic_time() - began < 2500000) {
		gint64 asked = g_get_monotonic_time();

		redis_expect(cache.fd, "SET a v", OK);
		took = MAX(took, g_get_monotonic_time() - asked);
	}
	g_assert_cmpint(took, <, 1000000);
	untrace(&strace);
	cache_stop(&cache);
	harness_remove_dir(cache.dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/disk");
	harness_add_slow("/always-ends-with-a-failed-sync", always_ends_with_a_failed_sync, 60);
	harness_add_slow("/everysec-rewrites-after-a-failed-sync",
			 everysec_rewrites_after_a_failed_sync, 60);
	harness_add_slow("/writes-that-fail-are-not-acknowledged",
			 writes_that_fail_are_not_acknowledged, 60);
	harness_add_slow("/a-full-disk-is-told", a_full_disk_is_told, 60);
	harness_add_slow("/a-rewrite-that-fails-changes-nothing",
			 a_rewrite_that_fails_changes_nothing, 60);
	harness_add_slow("/under-always-no-reply-leaves-before-its-sync",
			 under_always_no_reply_leaves_before_its_sync, 60);
	harness_add_slow("/a-slow-sync-stops-nobody-under-everysec",
			 a_slow_sync_stops_nobody_under_everysec, 60);
	return harness_run();
}
