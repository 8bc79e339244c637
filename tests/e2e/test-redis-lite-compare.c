/* SPDX-License-Identifier: MIT */
/*
 * The same random requests to redis-server and to redis-lite: the replies must be the same bytes.
 *
 * What differs by nature is left out: the order of keys, ids, statistics, how many expired keys are
 * not yet swept. Times are far away, so
 * that a moment between the two servers makes no difference to a TTL in seconds. GTest's --seed
 * repeats a run.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <unistd.h>

#define ROUNDS	      60
#define PIPELINE      500
#define BROKEN_ROUNDS 300
#define STEPS	      6000
#define WORDS_MAX     8

/*
 * A request is a template, in which a letter stands for a word: k a key, v a value, n a number,
 * c one of few keys, w any of the words below, s seconds, S a moment in seconds, m and M the same in milliseconds.
 */
static const char *const templates[] = {
	"GET k",
	"GET k",
	"SET k v",
	"SET k v",
	"SET k n",
	"SET k v w",
	"SET k v w w",
	"SET k v w n",
	"SET k v EX s",
	"SET k v PX m w",
	"SET k v EXAT S",
	"SET k v PXAT M",
	"SET k v w EX s",
	"SET k v KEEPTTL",
	"SET k v GET w",
	"DEL k",
	"DEL k k k",
	"EXISTS k k",
	"MGET k k k",
	"MSET k v k v",
	"MSET k v k",
	"INCR k",
	"DECR k",
	"INCRBY k n",
	"DECRBY k n",
	"EXPIRE k s",
	"EXPIRE k n",
	"EXPIRE k s w",
	"EXPIRE k s w w",
	"PEXPIRE k m",
	"EXPIREAT k S",
	"PEXPIREAT k M w",
	"TTL k",
	"PERSIST k",
	"TYPE k",
	"MGET k",
	"PING",
	"PING v",
	"ECHO v",
	"ECHO",
	"SELECT n",
	"SELECT 0",
	"SELECT 1",
	"FLUSHDB",
	"w k v",
	"SCAN w",
	"SCAN 0 COUNT w",
	"SCAN 0 w n",
	"w w",
	"CLIENT SETNAME v",
	"CLIENT GETNAME",
	"CLIENT w",
	"HELLO w",
	"CONFIG w",
	"GET",
	"SET k",
	"CLIENT ID k",
	"KEYS",
	"FLUSHALL w w",
	"COMMAND COUNT w",
};

/* What matters to transactions, and little else, so that they meet. */
static const char *const transaction_templates[] = {
	"MULTI",
	"MULTI",
	"EXEC",
	"EXEC",
	"EXEC",
	"DISCARD",
	"WATCH c",
	"WATCH c c",
	"WATCH",
	"UNWATCH",
	"UNWATCH x",
	"GET c",
	"SET c v",
	"SET c n",
	"SET c v EX s",
	"SET c v PXAT 1",
	"SET c v NX",
	"MSET c v c n",
	"INCR c",
	"INCRBY c n",
	"DEL c",
	"EXPIRE c s",
	"EXPIRE c -1",
	"PERSIST c",
	"TTL c",
	"SELECT 0",
	"SELECT 1",
	"FLUSHDB",
	"FLUSHALL",
	"PING",
	"GET",
	"w c",
	"RESET",
	"CLIENT SETNAME c",
	"CLIENT GETNAME",
	"CLIENT foo",
	"SHUTDOWN foo",
};

static const char *const words[] = {
	"NX",	 "xx",	      "GET",  "KeepTTL", "EX",	"px", "EXAT", "PXAT", "GT", "lt",    "foo",
	"match", "\"quote\"", "a\nb", "x\ry",	 "100", "-1", "0",    "1e3",  "",   "ASYNC", "get",
};

static const char *const numbers[] = {
	"0",
	"1",
	"-1",
	"10",
	"15",
	"16",
	"007",
	"-0",
	"+1",
	"1.5",
	"",
	"abc",
	" 1",
	"9223372036854775807",
	"-9223372036854775808",
	"9223372036854775808",
	"99999999999999999999",
	"2147483648",
};

static const char *pick(const char *const choices[], size_t count)
{
	return choices[g_test_rand_int_range(0, (gint32)count)];
}

static char *random_value(void)
{
	GString *value = g_string_new("");
	int len = g_test_rand_bit() ? g_test_rand_int_range(0, 20) : g_test_rand_int_range(0, 300);

	for (int i = 0; i < len; i++) {
		/* No NUL: redis-server prints names of client and options up to one. */
		g_string_append_c(value, (gchar)g_test_rand_int_range(1, 256));
	}
	return g_string_free(value, FALSE);
}

static char *random_word(const char *letter)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;

	if (letter[0] == '\0' || letter[1] != '\0') {
		return g_strdup(letter);
	}
	switch (letter[0]) {
	case 'k':
		return g_strdup_printf("key:%d", g_test_rand_int_range(0, 30));
	case 'c':
		return g_strdup_printf("key:%d", g_test_rand_int_range(0, 3));
	case 'v':
		return random_value();
	case 'n':
		return g_strdup(pick(numbers, G_N_ELEMENTS(numbers)));
	case 'w':
		return g_strdup(pick(words, G_N_ELEMENTS(words)));
	case 's':
		return g_strdup_printf("%d", g_test_rand_int_range(1, 10) * 100000);
	case 'm':
		return g_strdup_printf("%d000", g_test_rand_int_range(1, 10) * 100000);
	case 'S':
		return g_strdup_printf("%" G_GINT64_FORMAT,
				       now - 500 + 1000000 * g_test_rand_int_range(0, 10));
	case 'M':
		return g_strdup_printf("%" G_GINT64_FORMAT,
				       (now - 500 + 1000000 * g_test_rand_int_range(0, 10)) * 1000);
	default:
		return g_strdup(letter);
	}
}

static void append_random_request(GString *requests, GPtrArray *shown, const char *template)
{
	char **letters = g_strsplit(template, " ", WORDS_MAX);
	guint count = g_strv_length(letters);
	GString *text = g_string_new("");

	g_string_append_printf(requests, "*%u\r\n", count);
	for (guint i = 0; i < count; i++) {
		char *word = random_word(letters[i]), *escaped = g_strescape(word, NULL);

		g_string_append_printf(requests, "$%zu\r\n%s\r\n", strlen(word), word);
		g_string_append_printf(text, "\"%s\" ", escaped);
		g_free(escaped);
		g_free(word);
	}
	g_ptr_array_add(shown, g_string_free(text, FALSE));
	g_strfreev(letters);
}

static void expect_same(const char *request, const GString *theirs, const GString *ours)
{
	if (!g_string_equal(theirs, ours)) {
		char *a = g_strescape(theirs->str, NULL), *b = g_strescape(ours->str, NULL);

		harness_fail("%s\nredis-server: %s\nredis-lite:   %s", request, a, b);
	}
}

/* What differs by nature: the order of a scan, and names that redis-server has and we do not. */
static bool may_differ(const char *request, const GString *theirs, const GString *ours)
{
	return (g_str_has_prefix(request, "\"SCAN\"") && g_str_has_prefix(ours->str, "*2\r\n")) ||
	       (g_str_has_prefix(ours->str, "-ERR unknown subcommand") &&
		!g_str_has_prefix(theirs->str, "-ERR unknown subcommand"));
}

static void compare_round(int theirs, int ours, const char *hello)
{
	GString *requests = g_string_new("");
	GPtrArray *shown = g_ptr_array_new_with_free_func(g_free);

	g_free(redis_ask(theirs, hello));
	g_free(redis_ask(ours, hello));
	for (int i = 0; i < PIPELINE; i++) {
		append_random_request(requests, shown, pick(templates, G_N_ELEMENTS(templates)));
	}
	client_send(theirs, requests->str, requests->len);
	client_send(ours, requests->str, requests->len);
	for (guint i = 0; i < shown->len; i++) {
		GString *a = redis_receive(theirs), *b = redis_receive(ours);

		if (!may_differ(g_ptr_array_index(shown, i), a, b)) {
			expect_same(g_ptr_array_index(shown, i), a, b);
		}
		g_string_free(a, TRUE);
		g_string_free(b, TRUE);
	}
	g_ptr_array_free(shown, TRUE);
	g_string_free(requests, TRUE);
}

static void random_requests_get_the_same_replies(void)
{
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct child server;
	int theirs = redis_server_start(&server, dir, NULL);
	int ours = redis_start(&shinyd, NULL, "%s", "");

	for (int round = 0; round < ROUNDS; round++) {
		compare_round(theirs, ours, round % 2 ? "HELLO 3" : "HELLO 2");
	}
	close(theirs);
	child_finish(&server);
	redis_finish(&shinyd, ours);
	harness_remove_dir(dir);
}

/* Both get the request on this one of their connections. */
static void compare_step(int theirs, int ours)
{
	GString *request = g_string_new(""), *a, *b;
	GPtrArray *shown = g_ptr_array_new_with_free_func(g_free);

	append_random_request(request, shown,
			      pick(transaction_templates, G_N_ELEMENTS(transaction_templates)));
	client_send(theirs, request->str, request->len);
	client_send(ours, request->str, request->len);
	a = redis_receive(theirs);
	b = redis_receive(ours);
	expect_same(g_ptr_array_index(shown, 0), a, b);
	g_string_free(a, TRUE);
	g_string_free(b, TRUE);
	g_ptr_array_free(shown, TRUE);
	g_string_free(request, TRUE);
}

static char *address_of(int server)
{
	char *config = redis_ask(server, "CONFIG GET port");
	char **lines = g_strsplit(config, "\r\n", -1);
	char *address = g_strdup_printf("tcp://127.0.0.1:%s", lines[4]);

	g_strfreev(lines);
	g_free(config);
	return address;
}

/* Two clients who change what the other one watches. */
static void random_transactions_get_the_same_replies(void)
{
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct child server;
	int theirs[2] = { redis_server_start(&server, dir, NULL) };
	int ours[2] = { redis_start(&shinyd, &serving, "%s", "") };
	char *their_address = address_of(theirs[0]);

	theirs[1] = client_connect(their_address);
	ours[1] = client_connect(serving.address);
	for (int i = 0; i < STEPS; i++) {
		int n = g_test_rand_bit();

		compare_step(theirs[n], ours[n]);
	}
	g_free(their_address);
	close(ours[1]);
	close(theirs[0]);
	close(theirs[1]);
	child_finish(&server);
	redis_finish(&shinyd, ours[0]);
	harness_remove_dir(dir);
}

/* Some requests, a few bytes of them changed. */
static GString *broken_requests(void)
{
	static const char *const requests[] = {
		"*1\r\n$4\r\nPING\r\n",
		"*2\r\n$4\r\nECHO\r\n$5\r\nworld\r\n",
		"PING\r\n",
		"echo \"a b\" \r\n",
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
		"set k 'v'\r\n",
	};
	static const char bytes[] = "*$\r\n019-\" 'x\\";
	GString *data = g_string_new("");

	for (int i = 0; i < 5; i++) {
		g_string_append(data, pick(requests, G_N_ELEMENTS(requests)));
	}
	for (int i = g_test_rand_int_range(1, 4); i > 0; i--) {
		data->str[g_test_rand_int_range(0, (gint32)data->len)] =
			bytes[g_test_rand_int_range(0, sizeof(bytes) - 1)];
	}
	return data;
}

/* All that a server says to this, up to its end. */
static GByteArray *answer(const char *address, const GString *data)
{
	int fd = client_connect(address);
	GByteArray *all;

	client_send(fd, data->str, data->len);
	client_send_end(fd);
	all = client_receive_rest(fd);
	close(fd);
	return all;
}

/* Bytes that are nearly requests: the same replies, and the same end. */
static void broken_requests_get_the_same_replies(void)
{
	char *dir = harness_make_dir();
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct child server;
	int theirs = redis_server_start(&server, dir, NULL);
	int ours = redis_start(&shinyd, &serving, "%s", "");
	char *their_address = address_of(theirs);

	for (int round = 0; round < BROKEN_ROUNDS; round++) {
		GString *data = broken_requests();
		GByteArray *a = answer(their_address, data), *b = answer(serving.address, data);

		if (a->len != b->len || memcmp(a->data, b->data, a->len) != 0) {
			harness_fail("%s\nredis-server: %.*s\nredis-lite: %.*s",
				     g_strescape(data->str, NULL), (int)a->len, (char *)a->data,
				     (int)b->len, (char *)b->data);
		}
		g_byte_array_free(a, TRUE);
		g_byte_array_free(b, TRUE);
		g_string_free(data, TRUE);
	}
	g_free(their_address);
	close(theirs);
	child_finish(&server);
	redis_finish(&shinyd, ours);
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/compare");
	harness_add_slow("/random-requests-get-the-same-replies",
			 random_requests_get_the_same_replies, 120);
	harness_add_slow("/random-transactions-get-the-same-replies",
			 random_transactions_get_the_same_replies, 120);
	harness_add_slow("/broken-requests-get-the-same-replies",
			 broken_requests_get_the_same_replies, 120);
	return harness_run();
}
