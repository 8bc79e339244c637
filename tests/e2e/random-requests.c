/* SPDX-License-Identifier: MIT */
#include "random-requests.h"

#include <string.h>

#define WORDS_MAX 8

/*
 * A request is a template, in which a letter stands for a word: k a key, c one of few keys, v a
 * value, n a number, d a database, f a floating-point number, i an index, o an offset, b a bit, w any
 * of the words below, s seconds, S a moment in seconds, m and M the same in milliseconds, t what is
 * no time.
 */
static const char *const templates[] = {
	"GET k",
	"GET k",
	"SET k v",
	"SET k v",
	"SET k n",
	"SET k v w",
	"SET k v w w",
	"SET k v w t",
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
	"EXPIRE k t",
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
	"APPEND k v",
	"APPEND k n",
	"BITCOUNT k",
	"BITCOUNT k 0",
	"BITCOUNT k i i",
	"BITCOUNT k i i BIT",
	"BITCOUNT k 0 i w",
	"BITCOUNT k i i w",
	"BITCOUNT k n n w",
	"BITCOUNT k i n BIT w",
	"BITCOUNT k w w w w",
	"GETBIT k o",
	"GETBIT k n",
	"GETBIT k w",
	"GETDEL k",
	"GETEX k",
	"GETEX k w",
	"GETEX k w t",
	"GETEX k EX s",
	"GETEX k PXAT M",
	"GETEX k PERSIST",
	"GETRANGE k i i",
	"GETRANGE k n n",
	"GETRANGE k i w",
	"GETSET k v",
	"INCRBYFLOAT k f",
	"INCRBYFLOAT k f",
	"MSETNX k v k v",
	"MSETNX k v k",
	"PSETEX k m v",
	"PSETEX k t v",
	"SET k f",
	"SET k f EX s",
	"SETBIT k o b",
	"SETBIT k o b",
	"SETBIT k o n",
	"SETBIT k w w",
	"SETEX k s v",
	"SETEX k t v",
	"SETNX k v",
	"SETRANGE k o v",
	"SETRANGE k w w",
	"STRLEN k",
	"LCS k k",
	"LCS k k LEN",
	"LCS k k IDX WITHMATCHLEN",
	"LCS k k IDX MINMATCHLEN n w",
	"LCS k k w w",
	"SUBSTR k i i",
	"COPY k k",
	"COPY k k REPLACE",
	"COPY k k DB d",
	"COPY k k DB d replace",
	"COPY k k w n",
	"EXPIRETIME n",
	"EXPIREAT k S w",
	"PEXPIRE k m w w",
	"MEMORY USAGE k w",
	"MEMORY w",
	"MOVE k d",
	"MOVE k n",
	"OBJECT FREQ k",
	"OBJECT w k",
	"PEXPIRETIME k k",
	"RANDOMKEY k",
	"RENAME k k",
	"RENAME k k",
	"RENAMENX k k",
	"SWAPDB d d",
	"SWAPDB n n",
	"TIME k",
	"TOUCH k k",
	"UNLINK k k",
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
	"RENAME c c",
	"COPY c c REPLACE",
	"MOVE c 1",
	"SWAPDB 0 1",
	"SWAPDB 1 1",
	"OBJECT ENCODING c",
	"OBJECT ENCODING c",
	"APPEND c v",
	"APPEND c n",
	"SETRANGE c 1 n",
	"SETBIT c 1 1",
	"GETEX c EX s",
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
	"NX",  "xx",  "GET",   "KeepTTL",   "EX",      "px",   "EXAT", "PXAT", "GT",
	"lt",  "foo", "match", "\"quote\"", "a\nb",    "x\ry", "100",  "-1",   "0",
	"1e3", "",    "ASYNC", "get",	    "PERSIST", "BYTE", "bit",
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

/* Times that no key gets: soon is not the same moment for two servers. */
static const char *const no_times[] = {
	"0", "-1", "-100", "", "abc", "1.5", "9223372036854775807", "99999999999999999999",
};

static const char *const floats[] = {
	"0",
	"-0",
	"0.1",
	"-0.1",
	"3.0e3",
	"1e-5",
	"1e-17",
	"-2.5",
	"10.50",
	"1.",
	".5",
	"0x1p3",
	"5e300",
	"inf",
	"-inf",
	"nan",
	"",
	" 1",
	"1 ",
	"1x",
	"1e5000",
	"1e-5000",
	"12345678901234567890",
	"0.12345678901234567890",
	"1e4932",
};

/* None makes a value large: that is another test's. */
static const char *const offsets[] = {
	"0", "1", "7", "8", "100", "300", "-1", "x", "", "4294967296", "99999999999",
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

/* Seconds from now; never twice the same, or GT would ask whether a millisecond has gone by since. */
static int random_time(void)
{
	static int count;

	count = (count + 1) % 9000;
	return g_test_rand_int_range(1, 10) * 100000 + 10 * count;
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
	case 't':
		return g_strdup(pick(no_times, G_N_ELEMENTS(no_times)));
	case 'd':
		return g_strdup_printf("%d", g_test_rand_int_range(0, 4));
	case 'f':
		return g_strdup(pick(floats, G_N_ELEMENTS(floats)));
	case 'i':
		return g_test_rand_int_range(0, 10) == 0
			       ? g_strdup(pick(numbers, G_N_ELEMENTS(numbers)))
			       : g_strdup_printf("%d", g_test_rand_int_range(-30, 30));
	case 'o':
		return g_strdup(pick(offsets, G_N_ELEMENTS(offsets)));
	case 'b':
		return g_strdup_printf("%d", g_test_rand_int_range(0, 20) % 3);
	case 'w':
		return g_strdup(pick(words, G_N_ELEMENTS(words)));
	case 's':
		return g_strdup_printf("%d", random_time());
	case 'm':
		return g_strdup_printf("%d000", random_time());
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

static void append_random_request(struct random_requests *requests, const char *template)
{
	char **letters = g_strsplit(template, " ", WORDS_MAX);
	guint count = g_strv_length(letters);
	GString *text = g_string_new("");

	g_string_append_printf(requests->data, "*%u\r\n", count);
	for (guint i = 0; i < count; i++) {
		char *word = random_word(letters[i]), *escaped = g_strescape(word, NULL);

		g_string_append_printf(requests->data, "$%zu\r\n%s\r\n", strlen(word), word);
		g_string_append_printf(text, "\"%s\" ", escaped);
		g_free(escaped);
		g_free(word);
	}
	g_ptr_array_add(requests->shown, g_string_free(text, FALSE));
	g_strfreev(letters);
}

static const char *pick_template(enum random_kind kind)
{
	return kind == RANDOM_TRANSACTIONS
		       ? pick(transaction_templates, G_N_ELEMENTS(transaction_templates))
		       : pick(templates, G_N_ELEMENTS(templates));
}

struct random_requests random_requests(enum random_kind kind, unsigned count)
{
	struct random_requests requests = {
		.data = g_string_new(""),
		.shown = g_ptr_array_new_with_free_func(g_free),
	};

	for (unsigned i = 0; i < count; i++) {
		append_random_request(&requests, pick_template(kind));
	}
	return requests;
}

void random_requests_free(struct random_requests *requests)
{
	g_ptr_array_free(requests->shown, TRUE);
	g_string_free(requests->data, TRUE);
}
