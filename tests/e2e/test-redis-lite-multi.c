/* SPDX-License-Identifier: MIT */
/*
 * Transactions of redis-lite: what EXEC runs, what keeps it from running, and what a file keeps.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <unistd.h>

#define OK	"+OK\r\n"
#define QUEUED	"+QUEUED\r\n"
#define NIL	"$-1\r\n"
#define UNDONE	"*-1\r\n"
#define ABORTED "-EXECABORT Transaction discarded because of previous errors.\r\n"

static void exec_runs_all_in_order(void)
{
	static const struct exchange exchanges[] = {
		{ "EXEC", "-ERR EXEC without MULTI\r\n" },
		{ "DISCARD", "-ERR DISCARD without MULTI\r\n" },
		{ "MULTI", OK },
		{ "SET k 1", QUEUED },
		{ "INCR k", QUEUED },
		{ "MULTI", "-ERR MULTI calls can not be nested\r\n" },
		{ "WATCH k", "-ERR WATCH inside MULTI is not allowed\r\n" },
		{ "SELECT 1", QUEUED },
		{ "SET k v", QUEUED },
		{ "INCR k", QUEUED },
		{ "GET k", QUEUED },
		{ "EXEC", "*6\r\n+OK\r\n:2\r\n+OK\r\n+OK\r\n"
			  "-ERR value is not an integer or out of range\r\n$1\r\nv\r\n" },
		{ "SELECT 0", OK },
		{ "GET k", "$1\r\n2\r\n" },
		{ "MULTI", OK },
		{ "EXEC", "*0\r\n" },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static void what_cannot_be_queued_aborts(void)
{
	static const struct exchange exchanges[] = {
		{ "MULTI", OK },
		{ "SET k v", QUEUED },
		{ "NONE", "-ERR unknown command 'NONE', with args beginning with: \r\n" },
		{ "EXEC", ABORTED },
		{ "MULTI", OK },
		{ "SET k", "-ERR wrong number of arguments for 'set' command\r\n" },
		{ "SET k v", QUEUED },
		{ "EXEC", ABORTED },
		{ "MULTI", OK },
		{ "SHUTDOWN", "-ERR Command not allowed inside a transaction\r\n" },
		{ "EXEC", ABORTED },
		{ "MULTI", OK },
		{ "NONE", "-ERR unknown command 'NONE', with args beginning with: \r\n" },
		{ "SET k v", QUEUED },
		{ "DISCARD", OK },
		{ "EXEC", "-ERR EXEC without MULTI\r\n" },
		{ "GET k", NIL },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

#define OOM "OOM command not allowed when used memory > 'maxmemory'.\r\n"

static void lack_of_memory_aborts(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);

	redis_expect(fd, "SET a 1", OK);
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "SET k v", QUEUED);
	redis_expect(other, "CONFIG SET maxmemory 1", OK);
	redis_expect(fd, "EXEC", "-EXECABORT Transaction discarded because of: " OOM);
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "GET k", "-" OOM); /* the queue itself takes memory */
	redis_expect(fd, "EXEC", ABORTED);
	redis_expect(other, "CONFIG SET maxmemory 0", OK);
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "GET k", QUEUED);
	redis_expect(fd, "EXEC", "*1\r\n$-1\r\n");
	close(other);
	redis_finish(&shinyd, fd);
}

static void a_queue_outlives_its_input(void)
{
	char *value = client_pattern(200000, 1);
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	redis_expect(fd, "MULTI", OK);
	client_send_text(fd, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$200000\r\n");
	client_send(fd, value, 200000);
	client_send_text(fd, "\r\nset \"a \\x6bey\" 'its value'\r\n");
	client_expect(fd, QUEUED QUEUED);
	for (int i = 0; i < 1000; i++) {
		redis_expect(fd, "INCR n", QUEUED);
	}
	redis_send(fd, "EXEC");
	client_expect(fd, "*1002\r\n" OK OK);
	for (int i = 0; i < 1000; i++) {
		char *reply = g_strdup_printf(":%d\r\n", i + 1);

		client_expect(fd, reply);
		g_free(reply);
	}
	redis_send(fd, "GET k");
	client_expect(fd, "$200000\r\n");
	client_expect_bytes(fd, value, 200000);
	client_expect(fd, "\r\n");
	client_send_text(fd, "GET \"a key\"\r\n");
	client_expect(fd, "$9\r\nits value\r\n");
	g_free(value);
	redis_finish(&shinyd, fd);
}

/* What another client does between WATCH and EXEC, and whether that keeps it from running. */
static void watch_sees(const struct exchange *before, const char *change, const char *result)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "allow_debug = yes\n");
	int other = client_connect(serving.address);

	for (; before->request; before++) {
		redis_expect(fd, before->request, before->reply);
	}
	g_free(redis_ask(other, change));
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "PING", QUEUED);
	redis_expect(fd, "EXEC", result);
	close(other);
	redis_finish(&shinyd, fd);
}

#define RAN "*1\r\n+PONG\r\n"

static void watch_sees_every_change(void)
{
	static const struct exchange watch[] = { { "SET k v", OK }, { "WATCH x k", OK }, { 0 } };

	watch_sees(watch, "SET k v", UNDONE);
	watch_sees(watch, "SET x v", UNDONE);
	watch_sees(watch, "DEL k", UNDONE);
	watch_sees(watch, "EXPIRE k 1000", UNDONE);
	watch_sees(watch, "PEXPIREAT k 1", UNDONE);
	watch_sees(watch, "FLUSHALL", UNDONE);
	watch_sees(watch, "FLUSHDB", UNDONE);
	watch_sees(watch, "APPEND k v", UNDONE);
	watch_sees(watch, "SETRANGE k 0 x", UNDONE);
	watch_sees(watch, "SETBIT k 0 1", UNDONE);
	watch_sees(watch, "GETDEL k", UNDONE);
	watch_sees(watch, "GETEX k EX 1000", UNDONE);
	watch_sees(watch, "RENAME k y", UNDONE);
	watch_sees(watch, "RENAME k x", UNDONE);
	watch_sees(watch, "COPY k x", UNDONE);
	watch_sees(watch, "MOVE k 1", UNDONE);
	watch_sees(watch, "SWAPDB 0 1", UNDONE);
}

static void watch_overlooks_what_changes_nothing(void)
{
	static const struct exchange watch[] = { { "SET k v", OK }, { "WATCH x k", OK }, { 0 } };
	static const struct exchange absent[] = { { "WATCH x", OK }, { 0 } };
	static const struct exchange forgotten[] = { { "WATCH k", OK }, { "UNWATCH", OK }, { 0 } };
	static const struct exchange expired[] = {
		{ "SET k v PXAT 1", OK }, { "WATCH k", OK }, { "GET k", NIL }, { 0 }
	};
	static const struct exchange replaced[] = {
		{ "DEBUG SET-ACTIVE-EXPIRE 0", OK },
		{ "SELECT 1", OK },
		{ "SET k v PXAT 1", OK }, /* as if it had been there for long */
		{ "SELECT 0", OK },
		{ "WATCH k", OK },
		{ 0 },
	};

	watch_sees(watch, "GET k", RAN);
	watch_sees(watch, "SET other v", RAN);
	watch_sees(watch, "COPY k other", RAN);
	watch_sees(absent, "SWAPDB 0 1", RAN);
	watch_sees(watch, "SWAPDB 0 0", RAN);
	watch_sees(replaced, "SWAPDB 0 1", RAN);
	watch_sees(watch, "DEL x", RAN);
	watch_sees(watch, "SET k v NX", RAN);
	watch_sees(absent, "FLUSHALL", RAN);
	watch_sees(forgotten, "SET k v", RAN);
	watch_sees(expired, "DEL k", RAN);
}

static void watch_sees_expiry_and_own_changes(void)
{
	static const struct exchange own[] = { { "WATCH k", OK }, { "SET k v", OK }, { 0 } };
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	redis_expect(fd, "SET k v PX 20", OK);
	redis_expect(fd, "WATCH k", OK);
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "PING", QUEUED);
	g_usleep(25000);
	redis_expect(fd, "EXEC", UNDONE);
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "PING", QUEUED);
	redis_expect(fd, "EXEC", RAN);
	redis_finish(&shinyd, fd);
	watch_sees(own, "PING", UNDONE);
}

static void watched_keys_are_limited(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", ""), other = client_connect(serving.address);

	for (int i = 0; i < 100; i++) {
		GString *request = g_string_new("WATCH");

		for (int j = 0; j < 100; j++) {
			g_string_append_printf(request, " key:%d", i * 100 + j);
		}
		redis_expect(fd, request->str, OK);
		g_string_free(request, TRUE);
	}
	redis_expect(fd, "WATCH key:5", OK);
	redis_expect(fd, "WATCH more", "-ERR too many watched keys\r\n");
	redis_expect(other, "SET more v", OK);
	redis_expect(other, "SET key:9999 v", OK);
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "EXEC", UNDONE);
	redis_expect(fd, "WATCH more", OK);
	close(other);
	redis_finish(&shinyd, fd);
}

static void reset_ends_a_transaction(void)
{
	static const struct exchange exchanges[] = {
		{ "SELECT 1", OK },
		{ "CLIENT SETNAME me", OK },
		{ "WATCH k", OK },
		{ "SET k v", OK },
		{ "MULTI", OK },
		{ "RESET", "+RESET\r\n" },
		{ "EXEC", "-ERR EXEC without MULTI\r\n" },
		{ "CLIENT GETNAME", NIL },
		{ "GET k", NIL },
		{ "MULTI", OK },
		{ "PING", QUEUED },
		{ "EXEC", RAN },
		{ NULL, NULL },
	};

	redis_talk(exchanges);
}

static char *read_file(const char *dir, size_t *ret_len)
{
	char *path = g_build_filename(dir, "appendonly.aof", NULL), *data;

	g_assert_true(g_file_get_contents(path, &data, ret_len, NULL));
	g_free(path);
	return data;
}

static void write_file(const char *dir, const char *data, size_t len)
{
	char *path = g_build_filename(dir, "appendonly.aof", NULL);

	g_assert_true(g_file_set_contents(path, data, (gssize)len, NULL));
	g_free(path);
}

static int start_with_file(struct shinyd *shinyd, const char *dir)
{
	*shinyd = (struct shinyd){ 0 };
	return redis_start(shinyd, NULL, "appendonly = yes\ndir = %s\n", dir);
}

#define RECORD_SELECT "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"
#define RECORD_BEFORE "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
#define RECORD_MULTI  "*1\r\n$5\r\nMULTI\r\n"
#define RECORD_SET    "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n2\r\n"
#define RECORD_INCR   "*2\r\n$4\r\nINCR\r\n$1\r\nb\r\n"
#define RECORD_EXEC   "*1\r\n$4\r\nEXEC\r\n"
#define RECORD_PIECE  RECORD_MULTI RECORD_SET RECORD_INCR RECORD_EXEC

static void a_file_keeps_a_transaction_in_one_piece(void)
{
	char *dir = harness_make_dir();
	struct shinyd shinyd;
	int fd = start_with_file(&shinyd, dir);
	size_t len;
	char *data;

	redis_expect(fd, "SET a 1", OK);
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "GET a", QUEUED);
	redis_expect(fd, "EXEC", "*1\r\n$1\r\n1\r\n");
	redis_expect(fd, "MULTI", OK);
	redis_expect(fd, "SET a 2", QUEUED);
	redis_expect(fd, "DEL none", QUEUED);
	redis_expect(fd, "INCR b", QUEUED);
	redis_expect(fd, "EXEC", "*3\r\n+OK\r\n:0\r\n:1\r\n");
	redis_finish(&shinyd, fd);

	data = read_file(dir, &len);
	g_assert_cmpstr(data, ==, RECORD_SELECT RECORD_BEFORE RECORD_PIECE);
	fd = start_with_file(&shinyd, dir);
	redis_expect(fd, "MGET a b", "*2\r\n$1\r\n2\r\n$1\r\n1\r\n");
	redis_finish(&shinyd, fd);
	g_free(data);
	harness_remove_dir(dir);
}

/* Wherever it ends, what is loaded is what stands before the MULTI, and the file ends there. */
static void a_file_cut_in_a_transaction_is_cut_at_its_multi(void)
{
	static const char before[] = RECORD_SELECT RECORD_BEFORE;
	static const char whole[] = RECORD_SELECT RECORD_BEFORE RECORD_PIECE;
	const size_t start = sizeof(before) - 1, end = sizeof(whole) - 1;
	char *dir = harness_make_dir();

	for (size_t cut = start; cut < end; cut += cut + 7 < end ? 7 : 1) {
		struct shinyd shinyd;
		size_t len;
		int fd;

		write_file(dir, whole, cut);
		fd = start_with_file(&shinyd, dir);
		redis_expect(fd, "MGET a b", "*2\r\n$1\r\n1\r\n$-1\r\n");
		g_free(read_file(dir, &len));
		g_assert_cmpuint(len, ==, start);
		redis_finish(&shinyd, fd);
	}
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/multi");
	harness_add("/exec-runs-all-in-order", exec_runs_all_in_order);
	harness_add("/what-cannot-be-queued-aborts", what_cannot_be_queued_aborts);
	harness_add("/lack-of-memory-aborts", lack_of_memory_aborts);
	harness_add("/a-queue-outlives-its-input", a_queue_outlives_its_input);
	harness_add("/watch/sees-every-change", watch_sees_every_change);
	harness_add("/watch/overlooks-what-changes-nothing", watch_overlooks_what_changes_nothing);
	harness_add("/watch/sees-expiry-and-own-changes", watch_sees_expiry_and_own_changes);
	harness_add("/watch/keys-are-limited", watched_keys_are_limited);
	harness_add("/reset-ends-a-transaction", reset_ends_a_transaction);
	harness_add("/file/keeps-a-transaction-in-one-piece",
		    a_file_keeps_a_transaction_in_one_piece);
	harness_add_slow("/file/cut-in-a-transaction-is-cut-at-its-multi",
			 a_file_cut_in_a_transaction_is_cut_at_its_multi, 60);
	return harness_run();
}
