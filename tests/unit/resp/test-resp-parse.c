/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <shiny-resp-inline.h>
#include <string.h>

#define ROOM 4096

static struct shiny_resp_arg args[ROOM];
static char text[SHINY_RESP_LINE_MAX];

static struct shiny_resp_parser new_parser(void)
{
	return (struct shiny_resp_parser){
		.args = args,
		.room = ROOM,
		.text = text,
		.text_room = sizeof(text),
	};
}

/* Parses a copy that ends where the data does, so that reading on would be noticed. */
static enum shiny_resp_status parse(struct shiny_resp_parser *parser, const char *data, size_t len,
				    char **ret_copy)
{
	char *copy = g_memdup2(data, len);

	*parser = new_parser();
	*ret_copy = copy;
	return shiny_resp_parse(parser, copy, len);
}

static char *joined(const struct shiny_resp_parser *parser)
{
	GString *all = g_string_new("");

	for (size_t i = 0; i < parser->argc; i++) {
		g_string_append_c(all, '<');
		g_string_append_len(all, parser->args[i].data, (gssize)parser->args[i].len);
		g_string_append_c(all, '>');
	}
	return g_string_free(all, false);
}

static void expect_request(const char *data, size_t len, const char *expected)
{
	struct shiny_resp_parser parser;
	char *copy, *found;

	g_assert_cmpint(parse(&parser, data, len, &copy), ==, SHINY_RESP_COMPLETE);
	found = joined(&parser);
	g_assert_cmpstr(found, ==, expected);
	g_assert_cmpuint(parser.used, ==, len);
	g_free(found);
	g_free(copy);
}

static void expect_error(const char *data, size_t len, const char *error)
{
	struct shiny_resp_parser parser;
	char *copy;

	g_assert_cmpint(parse(&parser, data, len, &copy), ==, SHINY_RESP_ERROR);
	g_assert_cmpstr(parser.error, ==, error);
	g_free(copy);
}

static void expect_empty(const char *data)
{
	struct shiny_resp_parser parser;
	char *copy;

	g_assert_cmpint(parse(&parser, data, strlen(data), &copy), ==, SHINY_RESP_EMPTY);
	g_assert_cmpuint(parser.used, ==, strlen(data));
	g_free(copy);
}

#define SET_REQUEST "*3\r\n$3\r\nSET\r\n$12\r\nkey\r\n$5\r\n ab\r\n$0\r\n\r\n"

static void array_holds_any_bytes(void)
{
	expect_request("*1\r\n$4\r\nPING\r\n", 14, "<PING>");
	expect_request(SET_REQUEST, strlen(SET_REQUEST), "<SET><key\r\n$5\r\n ab><>");
}

static void nothing_is_a_request(void)
{
	expect_empty("\r\n");
	expect_empty("\n");
	expect_empty("   \r\n");
	expect_empty("*0\r\n");
	expect_empty("*-1\r\n");
	expect_empty("*-1000\r\n");
}

/* At each cut the parser must ask for more than there is, and for no more than the whole. */
static void cut_anywhere_waits_for_what_is_missing(void)
{
	static const char *const requests[] = {
		SET_REQUEST,
		"*2\r\n$4\r\nECHO\r\n$100\r\n"
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678901"
		"234567890123456789\r\n",
		"set \"a key\" 'a value'\r\n",
	};

	for (size_t r = 0; r < G_N_ELEMENTS(requests); r++) {
		size_t whole = strlen(requests[r]);

		for (size_t len = 1; len < whole; len++) {
			struct shiny_resp_parser parser;
			char *copy;

			g_assert_cmpint(parse(&parser, requests[r], len, &copy), ==,
					SHINY_RESP_MORE);
			g_assert_cmpuint(parser.want, >, len);
			g_assert_cmpuint(parser.want, <=, whole);
			g_free(copy);
		}
	}
}

static void a_bulk_string_is_awaited_exactly(void)
{
	static const char request[] = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nabc";
	struct shiny_resp_parser parser;
	char *copy;

	g_assert_cmpint(parse(&parser, request, sizeof(request) - 1, &copy), ==, SHINY_RESP_MORE);
	g_assert_cmpuint(parser.want, ==, sizeof(request) - 1 - 3 + 536870912 + 2);
	g_free(copy);
}

/* An array of many arguments that comes in packets is not parsed for each of them. */
static void a_long_array_is_parsed_a_few_times(void)
{
	enum {
		COUNT = 100000,
		PACKET = 1000
	};
	GString *request = g_string_new("");
	struct shiny_resp_arg *many = g_new(struct shiny_resp_arg, COUNT);
	struct shiny_resp_parser parser = { .args = many, .room = COUNT };
	size_t have = PACKET;
	unsigned times = 1;

	g_string_append_printf(request, "*%d\r\n", COUNT);
	for (int i = 0; i < COUNT; i++) {
		g_string_append(request, "$16\r\n0123456789abcdef\r\n");
	}
	while (shiny_resp_parse(&parser, request->str, have) == SHINY_RESP_MORE) {
		while (have < parser.want) {
			have += PACKET;
		}
		have = MIN(have, request->len);
		times++;
	}
	g_assert_cmpuint(parser.used, ==, request->len);
	g_assert_cmpuint(times, <, 100);
	g_free(many);
	g_string_free(request, true);
}

static void errors_are_redis_own(void)
{
	static const struct {
		const char *data, *error;
	} rows[] = {
		{ "*abc\r\n", "invalid multibulk length" },
		{ "*3000000000\r\n", "invalid multibulk length" },
		{ "*99999999999999999999\r\n", "invalid multibulk length" },
		{ "*01\r\n", "invalid multibulk length" },
		{ "*1\r\n!3\r\n", "expected '$', got '!'" },
		{ "*1\r\n:3\r\nabc\r\n", "expected '$', got ':'" },
		{ "*1\r\n$abc\r\n", "invalid bulk length" },
		{ "*1\r\n$-1\r\n", "invalid bulk length" },
		{ "*1\r\n$536870913\r\n", "invalid bulk length" },
		{ "get \"abc\r\n", "unbalanced quotes in request" },
		{ "get 'abc\r\n", "unbalanced quotes in request" },
		{ "get \"abc\"d\r\n", "unbalanced quotes in request" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		expect_error(rows[i].data, strlen(rows[i].data), rows[i].error);
	}
}

static void a_line_without_end_is_refused(void)
{
	static const struct {
		const char *start, *error;
	} rows[] = {
		{ "a", "too big inline request" },
		{ "*1", "too big mbulk count string" },
		{ "*1\r\n$1", "too big bulk count string" },
		{ "*1\r\nx", "too big bulk count string" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		GString *data = g_string_new(rows[i].start);
		struct shiny_resp_parser parser;
		char *copy;

		g_assert_cmpint(parse(&parser, data->str, data->len, &copy), ==, SHINY_RESP_MORE);
		g_free(copy);
		while (data->len <= SHINY_RESP_LINE_MAX + 16) {
			g_string_append_c(data, '1');
		}
		expect_error(data->str, data->len, rows[i].error);
		g_string_free(data, true);
	}
}

static void inline_words_are_quoted_as_in_redis(void)
{
	static const struct {
		const char *line, *expected;
	} rows[] = {
		{ "PING\r\n", "<PING>" },
		{ "PING\n", "<PING>" },
		{ "  set   key\tvalue  \r\n", "<set><key><value>" },
		{ "set \"a key\" 'a value'\r\n", "<set><a key><a value>" },
		{ "echo \"\"\r\n", "<echo><>" },
		{ "echo \"\\x41\\n\\r\\t\\b\\a\\\\\\\"\\q\"\r\n", "<echo><A\n\r\t\b\a\\\"q>" },
		{ "echo \"\\x4\"\r\n", "<echo><x4>" },
		{ "echo 'it\\'s \\n'\r\n", "<echo><it's \\n>" },
		{ "echo ab\"cd\"\r\n", "<echo><abcd>" },
		{ "echo a\\n\r\n", "<echo><a\\n>" },
		{ "\v\fecho \va\vb \"c\"\v\f d\re\r\n", "<echo><a\vb><c><d><e>" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		expect_request(rows[i].line, strlen(rows[i].line), rows[i].expected);
	}
}

static void without_room_nothing_is_overwritten(void)
{
	struct shiny_resp_parser parser = new_parser();

	parser.room = 2;
	g_assert_cmpint(shiny_resp_parse(&parser, SET_REQUEST, strlen(SET_REQUEST)), ==,
			SHINY_RESP_ROOM);
	g_assert_cmpuint(parser.want, ==, 3);
	g_assert_false(parser.is_line);
	g_assert_cmpint(shiny_resp_parse(&parser, "a b c\r\n", 7), ==, SHINY_RESP_ROOM);
	g_assert_cmpuint(parser.want, ==, 4);
	g_assert_false(parser.is_line);
	parser.room = 0; /* who grows the room to what is wanted gets somewhere */
	g_assert_cmpint(shiny_resp_parse(&parser, "a b c\r\n", 7), ==, SHINY_RESP_ROOM);
	g_assert_cmpuint(parser.want, ==, 1);
	parser = new_parser();
	parser.text_room = 3;
	g_assert_cmpint(shiny_resp_parse(&parser, "echo 'a'\r\n", 10), ==, SHINY_RESP_ROOM);
	g_assert_cmpuint(parser.want, ==, 8);
	g_assert_true(parser.is_line);
}

/* What a peer announces takes no memory before it is there. */
static void room_is_asked_for_what_is_there(void)
{
	static const char request[] = "*1000000\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n";
	struct shiny_resp_parser parser = new_parser();

	parser.room = 1;
	g_assert_cmpint(shiny_resp_parse(&parser, request, strlen(request)), ==, SHINY_RESP_ROOM);
	g_assert_cmpuint(parser.want, >=, 3);
	g_assert_cmpuint(parser.want, <=, 4);
}

static void files_are_read_strictly(void)
{
	struct shiny_resp_parser parser = new_parser();

	parser.strict = true;
	g_assert_cmpint(shiny_resp_parse(&parser, "PING\r\n", 6), ==, SHINY_RESP_ERROR);
	g_assert_cmpint(shiny_resp_parse(&parser, "*1\r\n$4\r\nPING\r\n", 14), ==,
			SHINY_RESP_COMPLETE);
	g_assert_cmpint(shiny_resp_parse(&parser, "*1\r\n$4\r\nPING\0\0", 14), ==,
			SHINY_RESP_ERROR);
}

/* Damaged requests end in some status, and what is found lies within the data. */
static void damage_is_survived(void)
{
	GRand *rand = g_rand_new_with_seed(7);

	for (int round = 0; round < 20000; round++) {
		char data[] = SET_REQUEST;
		size_t len = (size_t)g_rand_int_range(rand, 1, sizeof(data));
		struct shiny_resp_parser parser;
		char *copy;

		for (int i = g_rand_int_range(rand, 0, 4); i > 0; i--) {
			data[g_rand_int_range(rand, 0, (gint)len)] =
				"*$\r\n0129-\" x"[g_rand_int_range(rand, 0, 12)];
		}
		if (parse(&parser, data, len, &copy) == SHINY_RESP_COMPLETE) {
			g_assert_cmpuint(parser.used, <=, len);
			g_free(joined(&parser));
		}
		g_free(copy);
	}
	g_rand_free(rand);
}

/* What a client may send, but no file may hold. */
static void says_what_is_written_by_the_book(void)
{
	static const struct {
		const char *data;
		bool exact;
	} cases[] = {
		{ "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", true },
		{ "*1\r\n$4096\r\n", true },
		{ "*2\r\n$3\r\nGETXX$1\r\nk\r\n", false },
		{ "*2\r\n$3\r\nGET\r\n$1\r\nkXX", false },
		{ "*2\r\n$3\rXGET\r\n$1\r\nk\r\n", false },
		{ "*2\rX$3\r\nGET\r\n$1\r\nk\r\n", false },
		{ "GET k\r\n", false },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *data = g_string_new(cases[i].data);
		struct shiny_resp_parser parser;
		char *copy;

		if (strstr(cases[i].data, "$4096")) {
			g_string_append_printf(data, "%4096s\r\n", "");
		}
		g_assert_cmpint(parse(&parser, data->str, data->len, &copy), ==,
				SHINY_RESP_COMPLETE);
		g_assert_cmpint(parser.exact, ==, cases[i].exact);
		g_free(copy);
		parser = new_parser();
		parser.strict = true;
		g_assert_cmpint(shiny_resp_parse(&parser, data->str, data->len), ==,
				cases[i].exact ? SHINY_RESP_COMPLETE : SHINY_RESP_ERROR);
		g_string_free(data, TRUE);
	}
}

static void skips_annotations_in_files_only(void)
{
	static const char line[] = "#TS:1700000000\r\n*1\r\n";
	struct shiny_resp_parser parser = new_parser();

	parser.strict = true;
	g_assert_cmpint(shiny_resp_parse(&parser, line, 5), ==, SHINY_RESP_MORE);
	g_assert_cmpint(shiny_resp_parse(&parser, line, sizeof(line) - 1), ==, SHINY_RESP_EMPTY);
	g_assert_cmpuint(parser.used, ==, 16);
	parser.strict = false;
	g_assert_cmpint(shiny_resp_parse(&parser, line, sizeof(line) - 1), ==, SHINY_RESP_COMPLETE);
}

/* Each cut of each request, and whatever stands behind. */
static void quick_parsing_takes_what_is_whole_and_usual(void)
{
	static const struct {
		const char *data;
		size_t used; /* 0: not quickly */
	} cases[] = {
		{ "*1\r\n$4\r\nPING\r\n", 14 },
		{ "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n*1", 26 },
		{ "*2\r\n$3\r\nGET\r\n$10\r\n0123456789\r\n", 30 },
		{ "*0\r\n$1\r\n", 0 },
		{ "*1\r\n$01\r\nk\r\n", 0 },
		{ "*1\r\n$\r\n\r\n\r\n", 0 },
		{ "*1\r\n$:\r\n0123456789\r\n", 0 },
		{ "*1\r\n:1\r\nk\r\n", 0 },
		{ "*1\n\r$1\r\nk\r\n", 0 },
		{ "*1\r\n$1\rXk\r\n", 0 },
		{ "*1\r\n$1\r\nkXX", 0 },
		{ "*1\r\n$-1\r\n", 0 },
		{ "*1\r\n$100000\r\n", 0 },
		{ "PING\r\nPING\r\n", 0 },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		size_t whole = strlen(cases[i].data);

		for (size_t len = 1; len <= whole; len++) {
			char *copy = g_memdup2(cases[i].data, len);
			struct shiny_resp_parser parser = new_parser();
			bool taken = shiny_resp_parse_quick(&parser, copy, copy + len);

			g_assert_cmpint(taken, ==, cases[i].used && len >= cases[i].used);
			g_assert_true(!taken || parser.used == cases[i].used);
			g_free(copy);
		}
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/resp/array/holds-any-bytes", array_holds_any_bytes);
	harness_add("/resp/array/a-bulk-string-is-awaited-exactly",
		    a_bulk_string_is_awaited_exactly);
	harness_add("/resp/array/a-long-one-is-parsed-a-few-times",
		    a_long_array_is_parsed_a_few_times);
	harness_add("/resp/nothing-is-a-request", nothing_is_a_request);
	harness_add("/resp/cut-anywhere-waits-for-what-is-missing",
		    cut_anywhere_waits_for_what_is_missing);
	harness_add("/resp/errors/are-redis-own", errors_are_redis_own);
	harness_add("/resp/errors/a-line-without-end-is-refused", a_line_without_end_is_refused);
	harness_add("/resp/inline/words-are-quoted-as-in-redis",
		    inline_words_are_quoted_as_in_redis);
	harness_add("/resp/without-room-nothing-is-overwritten",
		    without_room_nothing_is_overwritten);
	harness_add("/resp/room-is-asked-for-what-is-there", room_is_asked_for_what_is_there);
	harness_add("/resp/files-are-read-strictly", files_are_read_strictly);
	harness_add("/resp/quick-parsing-takes-what-is-whole-and-usual",
		    quick_parsing_takes_what_is_whole_and_usual);
	harness_add("/resp/says-what-is-written-by-the-book", says_what_is_written_by_the_book);
	harness_add("/resp/skips-annotations-in-files-only", skips_annotations_in_files_only);
	harness_add("/resp/damage-is-survived", damage_is_survived);
	return harness_run();
}
