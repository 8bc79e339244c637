/* SPDX-License-Identifier: MIT */
/*
 * Dumps of a Redis: each form of a string in each version, whatever would be lost, and files that end
 * anywhere or say what cannot be.
 */
#include "harness.h"
#include "rdb/crc64.h"
#include "rdb/rdb.h"
#include "redis-lite/rdb-bytes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VERSION_MAX 12

/* What the last read found: "DB KEY=VALUE@EXPIRY" of each key, and what was wrong. */
static GString *found;
static char error[RDB_ERROR_MAX];
static uint64_t error_offset, end_offset;

static int note(void *arg, struct rdb_input *input, const struct rdb_pair *pair)
{
	(void)arg;
	(void)input;
	g_string_append_printf(found, "%" G_GUINT64_FORMAT " %.*s=%.*s@%" G_GINT64_FORMAT "\n",
			       pair->db, (int)pair->key_len, pair->key, (int)pair->value_len,
			       pair->value, pair->expiry);
	return 0;
}

/* Reads a copy that ends where the bytes do, so that reading on would be noticed. */
static int read_bytes(const char *data, size_t len)
{
	char *copy = g_memdup2(data, len);
	struct rdb_input *input = rdb_input_create_from(copy, len);
	int r;

	if (!found) {
		found = g_string_new("");
	}
	g_string_truncate(found, 0);
	r = rdb_read(input, note, NULL, &error_offset);
	memcpy(error, input->error, sizeof(error));
	end_offset = input->offset;
	rdb_input_destroy(input);
	g_free(copy);
	return r;
}

/* Frees @rdb, too. */
static void expect(GString *rdb, const char *expected)
{
	int r = read_bytes(rdb->str, rdb->len);

	if (r < 0) {
		harness_fail("%s", error);
	}
	g_assert_cmpstr(found->str, ==, expected);
	g_assert_cmpuint(end_offset, ==, rdb->len);
	g_string_free(rdb, TRUE);
}

static void expect_refusal(GString *rdb, const char *text)
{
	int r = read_bytes(rdb->str, rdb->len);

	if (r >= 0 || !strstr(error, text)) {
		harness_fail("expected \"%s\"; got %d, \"%s\"", text, r, error);
	}
	g_string_free(rdb, TRUE);
}

static void the_checksum_is_that_of_redis(void)
{
	static const char text[] = "123456789This is a test of the emergency broadcast system.";
	struct crc64 *crc = g_new(struct crc64, 1);
	uint64_t whole, bits = 0;

	crc64_init(crc);
	g_assert_cmphex(crc64_add(crc, 0, text, 9), ==, 0xe9c6d914c4b8d9ca);
	whole = crc64_add(crc, 0, text, sizeof(text) - 1);
	for (size_t cut = 0; cut < sizeof(text); cut++) {
		uint64_t sum = crc64_add(crc, 0, text, cut);

		g_assert_cmphex(crc64_add(crc, sum, text + cut, sizeof(text) - 1 - cut), ==, whole);
	}
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		bits = crc64_add(crc, bits, text + i, 1);
	}
	g_assert_cmphex(bits, ==, whole);
	g_free(crc);
}

/* A length in each of its forms. */
static void put_text_as(GString *rdb, unsigned bytes, const char *text)
{
	guint64 wide = GUINT64_TO_BE(strlen(text));

	if (bytes == 2) {
		rdb_put_byte(rdb, 0x40);
		rdb_put_byte(rdb, (unsigned)strlen(text));
	} else {
		rdb_put_byte(rdb, bytes == 4 ? 0x80 : 0x81);
		rdb_put(rdb, (char *)&wide + 8 - bytes, bytes);
	}
	g_string_append(rdb, text);
}

/* What every version can say. */
static void put_everything(GString *rdb)
{
	static const char number32[] = { '\xc2', '\x4e', '\x61', '\xbc', '\x00' };
	static const char negative16[] = { '\xc1', '\x2e', '\xfb' };
	static const char seconds[] = { '\xfd', '\x00', '\x2f', '\x68', '\x59' };

	rdb_put_byte(rdb, 254);
	rdb_put_length(rdb, 0);
	rdb_put_pair(rdb, "plain", "value");
	rdb_put_pair(rdb, "empty", "");
	rdb_put_byte(rdb, 0);
	rdb_put_text(rdb, "int8");
	rdb_put(rdb, "\xc0\x80", 2);
	rdb_put_byte(rdb, 0);
	rdb_put_text(rdb, "int16");
	rdb_put(rdb, negative16, sizeof(negative16));
	rdb_put_byte(rdb, 0);
	rdb_put(rdb, number32, sizeof(number32));
	rdb_put_text(rdb, "a number for a key");
	for (unsigned bytes = 2; bytes <= 8; bytes *= 2) {
		rdb_put_byte(rdb, 0);
		put_text_as(rdb, bytes, "wide");
		put_text_as(rdb, bytes, "length");
	}
	rdb_put(rdb, seconds, sizeof(seconds));
	rdb_put_pair(rdb, "seconds", "v");
	rdb_put_pair(rdb, "no longer", "v");
}

static const char everything[] = "0 plain=value@0\n"
				 "0 empty=@0\n"
				 "0 int8=-128@0\n"
				 "0 int16=-1234@0\n"
				 "0 12345678=a number for a key@0\n"
				 "0 wide=length@0\n"
				 "0 wide=length@0\n"
				 "0 wide=length@0\n"
				 "0 seconds=v@1500000000000\n"
				 "0 no longer=v@0\n";

static void each_form_of_a_string_is_read_in_each_version(void)
{
	for (unsigned version = 1; version <= VERSION_MAX; version++) {
		GString *rdb = rdb_begin(version);

		put_everything(rdb);
		if (version < 5) {
			rdb_put_byte(rdb, 255);
		} else {
			rdb_end(rdb);
		}
		expect(rdb, everything);
	}
}

/* What is said of keys: what counts is kept, and what a Redis only keeps for itself is not. */
static void what_is_said_of_keys_is_read(void)
{
	GString *rdb = rdb_begin(VERSION_MAX);

	rdb_put_byte(rdb, 250);
	rdb_put_text(rdb, "redis-ver");
	rdb_put_text(rdb, "7.0.15");
	rdb_put_byte(rdb, 250);
	rdb_put_text(rdb, "lua");
	rdb_put_text(rdb, "return 1");
	rdb_put_byte(rdb, 254);
	rdb_put_length(rdb, 15);
	rdb_put_byte(rdb, 251);
	rdb_put_length(rdb, 70000);
	rdb_put_length(rdb, 1);
	rdb_put_byte(rdb, 244);
	rdb_put_length(rdb, 16383);
	rdb_put_length(rdb, 1);
	rdb_put_length(rdb, 0);
	rdb_put_expiry(rdb, 1700000000123);
	rdb_put_byte(rdb, 249);
	rdb_put_byte(rdb, 255);
	rdb_put_pair(rdb, "often", "v");
	rdb_put_byte(rdb, 248);
	rdb_put_length(rdb, 1000);
	rdb_put_pair(rdb, "idle", "v");
	rdb_put_expiry(rdb, 0);
	rdb_put_pair(rdb, "long ago", "v");
	rdb_put_expiry(rdb, -5);
	rdb_put_pair(rdb, "before", "v");
	rdb_put(rdb, "\xfd\xff\xff\xff\xff", 5);
	rdb_put_pair(rdb, "before, too", "v");
	rdb_end(rdb);
	expect(rdb, "15 often=v@1700000000123\n15 idle=v@0\n15 long ago=v@1\n15 before=v@1\n"
		    "15 before, too=v@1\n");
}

static void compressed_strings_are_read(void)
{
	/* As a redis-server 7.0.15 has written 300 x. */
	static const char packed[] = "\xc3\x0c\x41\x2c\x01\x78\x78\xe0\xff\x00\xe0\x17\x00\x01\x78"
				     "\x78";
	GString *rdb = rdb_begin(10), *expected = g_string_new("0 big=");

	for (int i = 0; i < 300; i++) {
		g_string_append_c(expected, 'x');
	}
	g_string_append(expected, "@0\n0 a key of more than 32 bytes, literally=packed@0\n");
	rdb_put_byte(rdb, 0);
	rdb_put_text(rdb, "big");
	rdb_put(rdb, packed, sizeof(packed) - 1);
	rdb_put_byte(rdb, 0);
	if (!rdb_put_packed(rdb, "a key of more than 32 bytes, literally")) {
		expect_refusal(rdb, "a string is compressed by LZF, and this build has no liblzf");
		harness_skip("built without liblzf");
	}
	rdb_put_packed(rdb, "packed");
	rdb_end(rdb);
	expect(rdb, expected->str);
	g_string_free(expected, TRUE);
}

static void wrong_compression_is_damage(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} cases[] = {
		{ "\xc3\x09\x05\x04x", 5, "a string reaches beyond the end of the file" },
		{ "\xc3\x02\x05\x04x", 5, "what LZF has compressed" },
		{ "\xc3\x02\x01\x01xy", 6, "what LZF has compressed" },
		{ "\xc3\x02\x03\x00xy", 6, "what LZF has compressed" },
		{ "\xc3\x02\x00\x00xy", 6, "what LZF has compressed" },
		{ "\xc3\x00\x00", 3, "what LZF has compressed" },
		{ "\xc3\x02\x20\xe0\xff", 5, "what LZF has compressed" },
		{ "\xc3\x02\x80\x20\x00\x00\x00xy", 9, "a compressed string cannot become so" },
		{ "\xc3\xc0\x02", 3, "a number that cannot be" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *rdb = rdb_begin(10);

		rdb_put_byte(rdb, 0);
		if (!rdb_put_packed(rdb, "key")) {
			harness_skip("built without liblzf");
		}
		rdb_put(rdb, cases[i].bytes, cases[i].len);
		expect_refusal(rdb, cases[i].text);
	}
}

static void what_would_be_lost_is_refused_by_name(void)
{
	static const struct {
		unsigned type;
		const char *text;
	} types[] = {
		{ 1, "the key 'k\\x01' is a list; only strings are served" },
		{ 2, "is a set" },
		{ 3, "is a sorted set" },
		{ 4, "is a hash" },
		{ 5, "is a sorted set" },
		{ 6, "is of a module's type" },
		{ 9, "is a hash" },
		{ 10, "is a list" },
		{ 11, "is a set" },
		{ 12, "is a sorted set" },
		{ 13, "is a hash" },
		{ 14, "is a list" },
		{ 15, "is a stream" },
		{ 16, "is a hash" },
		{ 17, "is a sorted set" },
		{ 18, "is a list" },
		{ 19, "is a stream" },
		{ 20, "is a set" },
		{ 21, "is a stream" },
		{ 22, "is a hash" },
		{ 25, "is a hash" },
		{ 8, "damaged: nothing is of type 8" },
		{ 26, "damaged: nothing is of type 26" },
		{ 243, "damaged: nothing is of type 243" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		GString *rdb = rdb_begin(VERSION_MAX);

		rdb_put_pair(rdb, "s", "v");
		rdb_put_byte(rdb, types[i].type);
		rdb_put_text(rdb, "k\x01");
		rdb_put_text(rdb, "whatever");
		expect_refusal(rdb, types[i].text);
		g_assert_cmpuint(error_offset, ==, 9 + 5);
	}
}

/* Ids as the modules have them: a name of 9 letters, and a version. */
static void functions_and_modules_are_refused_by_name(void)
{
	static const char rejson[] = { '\x81', '\x45', '\xe2', '\x52', '\x38',
				       '\xdf', '\x91', '\x2c', '\x03' };
	GString *rdb = rdb_begin(10);

	rdb_put_byte(rdb, 245);
	rdb_put_text(rdb, "#!lua name=mylib\nredis.register_function('f', f)");
	expect_refusal(rdb, "the function library '#!lua name=mylib' would be lost");

	rdb = rdb_begin(10);
	rdb_put_byte(rdb, 246);
	expect_refusal(rdb, "a function library would be lost");

	rdb = rdb_begin(10);
	rdb_put_byte(rdb, 247);
	rdb_put(rdb, rejson, sizeof(rejson));
	expect_refusal(rdb, "data of the module type ReJSON-RL would be lost");

	rdb = rdb_begin(10);
	rdb_put_byte(rdb, 7);
	rdb_put_text(rdb, "doc");
	rdb_put(rdb, rejson, sizeof(rejson));
	expect_refusal(rdb, "the key 'doc' is of the module type ReJSON-RL; only");
}

static void other_files_and_versions_are_refused(void)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "", "the file ends too early" },
		{ "REDIS001", "the file ends too early" },
		{ "VALKEY080\xff", "it does not begin with REDIS" },
		{ "REDIS00x2\xff", "it has no version" },
		{ "REDIS0000\xff", "RDB version 0; those from 1 to 12 can be read" },
		{ "REDIS0013\xff", "RDB version 13; those from 1 to 12 can be read" },
		{ "REDIS0010\xff", "the file ends too early" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		expect_refusal(g_string_new(cases[i].bytes), cases[i].text);
	}
}

/* No memory is asked for that the file has no bytes for. */
static void lengths_that_cannot_be_are_refused(void)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *text;
	} cases[] = {
		{ "\x3f", 1, "reaches beyond the end" },
		{ "\x7f\xff", 2, "reaches beyond the end" },
		{ "\x80\xff\xff\xff\xff", 5, "reaches beyond the end" },
		{ "\x81\xff\xff\xff\xff\xff\xff\xff\xff", 9, "reaches beyond the end" },
		{ "\x81\x80\x00\x00\x00\x00\x00\x00\x00", 9, "reaches beyond the end" },
		{ "\x82", 1, "no length begins so" },
		{ "\xbf", 1, "no length begins so" },
		{ "\xc4", 1, "no string begins so" },
		{ "\xff", 1, "no string begins so" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		GString *rdb = rdb_begin(10);

		rdb_put_byte(rdb, 0);
		rdb_put(rdb, cases[i].bytes, cases[i].len);
		expect_refusal(rdb, cases[i].text);
	}
}

static void values_above_the_limit_are_refused_by_name(void)
{
	static const char value[] = { '\x80', '\x20', '\x00', '\x00', '\x01' };
	char *dir = harness_make_dir(), *path = g_build_filename(dir, "dump.rdb", NULL);
	GString *rdb = rdb_begin(10);
	struct rdb_input *input;
	FILE *file = fopen(path, "w+e");

	rdb_put_byte(rdb, 0);
	rdb_put_text(rdb, "large");
	rdb_put(rdb, value, sizeof(value));
	g_assert_cmpuint(fwrite(rdb->str, 1, rdb->len, file), ==, rdb->len);
	g_assert_cmpint(fflush(file), ==, 0);
	g_assert_cmpint(ftruncate(fileno(file), (off_t)1 << 30), ==, 0);
	input = rdb_input_create(fileno(file), (uint64_t)1 << 30);
	g_assert_cmpint(rdb_read(input, note, NULL, &error_offset), ==, -EFBIG);
	g_assert_cmpstr(input->error, ==,
			"the value of the key 'large': a string of 536870913 bytes; there may be "
			"536870912 at most");
	rdb_input_destroy(input);
	fclose(file);
	g_string_free(rdb, TRUE);
	g_free(path);
	harness_remove_dir(dir);
}

static void a_file_that_ends_anywhere_is_refused(void)
{
	for (unsigned version = 1; version <= VERSION_MAX; version++) {
		GString *rdb = rdb_begin(version);

		put_everything(rdb);
		rdb_put_expiry(rdb, 1700000000000);
		rdb_put_byte(rdb, 0);
		rdb_put_packed(rdb, "key");
		rdb_put_packed(rdb, "value");
		if (version < 5) {
			rdb_put_byte(rdb, 255);
		} else {
			rdb_end(rdb);
		}
		for (size_t len = 0; len < rdb->len; len++) {
			g_assert_cmpint(read_bytes(rdb->str, len), <, 0);
			g_assert_cmpuint(error_offset, <=, len);
			g_assert_cmpuint(end_offset, <=, len);
		}
		g_string_free(rdb, TRUE);
	}
}

static void a_wrong_byte_is_noticed_by_the_checksum(void)
{
	GString *rdb = rdb_begin(10);
	uint64_t none = 0;

	put_everything(rdb);
	rdb_end(rdb);
	for (size_t i = 0; i < rdb->len; i++) {
		char right = rdb->str[i];

		for (unsigned bit = 0; bit < 8; bit++) {
			rdb->str[i] = (char)(right ^ 1 << bit);
			g_assert_cmpint(read_bytes(rdb->str, rdb->len), <, 0);
		}
		rdb->str[i] = right;
	}
	rdb->str[rdb->len - 1] ^= 1;
	read_bytes(rdb->str, rdb->len);
	g_assert_nonnull(strstr(error, "damaged: the checksum is "));
	memcpy(rdb->str + rdb->len - sizeof(none), &none, sizeof(none));
	expect(rdb, everything);
}

/* Values that are longer than what is read at once, from a file, and something behind. */
static void files_are_read_in_pieces(void)
{
	enum {
		SIZE = 700001
	};
	GString *rdb = rdb_begin(10), *expected = g_string_new("");
	char *dir = harness_make_dir(), *path = g_build_filename(dir, "dump.rdb", NULL);
	struct rdb_input *input;
	FILE *file;

	for (int i = 0; i < 5; i++) {
		char *value = g_strnfill(SIZE + (gsize)i * 131071, (char)('a' + i));
		char *key = g_strdup_printf("key%d", i);

		rdb_put_pair(rdb, key, value);
		rdb_put_pair(rdb, "small", "v");
		g_string_append_printf(expected, "0 %s=%s@0\n0 small=v@0\n", key, value);
		g_free(key);
		g_free(value);
	}
	rdb_end(rdb);
	g_assert_true(g_file_set_contents(path, rdb->str, (gssize)rdb->len, NULL));
	file = fopen(path, "a+e");
	fputs("behind", file);
	fflush(file);
	input = rdb_input_create(fileno(file), rdb->len + strlen("behind"));
	found = g_string_new("");
	g_assert_cmpint(rdb_read(input, note, NULL, &error_offset), ==, 0);
	g_assert_cmpuint(input->offset, ==, rdb->len);
	g_assert_cmpuint(rdb_input_left(input), ==, strlen("behind"));
	g_assert_cmpstr(found->str, ==, expected->str);
	rdb_input_destroy(input);
	input = rdb_input_create(fileno(file), rdb->len + 100); /* which are not there */
	g_assert_cmpint(rdb_read(input, note, NULL, &error_offset), ==, 0);
	rdb_input_destroy(input);
	g_assert_cmpint(ftruncate(fileno(file), 500000), ==, 0);
	input = rdb_input_create(fileno(file), rdb->len);
	g_assert_cmpint(rdb_read(input, note, NULL, &error_offset), ==, -EBADMSG);
	g_assert_nonnull(strstr(input->error, "it became shorter while it was read"));
	rdb_input_destroy(input);
	fclose(file);
	g_string_free(expected, TRUE);
	g_string_free(rdb, TRUE);
	g_free(path);
	harness_remove_dir(dir);
}

static void keys_are_shown_so_that_they_print(void)
{
	char buf[RDB_SHOWN_MAX], *dots;
	char *all = g_strnfill(500, '\n'), *letters = g_strnfill(500, 'x');

	g_assert_cmpstr(rdb_show("", 0, buf), ==, "''");
	g_assert_cmpstr(rdb_show("a b\0\xff", 5, buf), ==, "'a b\\x00\\xff'");
	for (size_t len = 0; len < 500; len++) {
		g_assert_cmpuint(strlen(rdb_show(all, len, buf)), <, RDB_SHOWN_MAX);
		g_assert_cmpuint(strlen(rdb_show(letters, len, buf)), <, RDB_SHOWN_MAX);
	}
	dots = strstr(rdb_show(letters, 500, buf), "...'");
	g_assert_nonnull(dots);
	g_free(letters);
	g_free(all);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/rdb");
	harness_add("/the-checksum-is-that-of-redis", the_checksum_is_that_of_redis);
	harness_add("/each-form-of-a-string-is-read-in-each-version",
		    each_form_of_a_string_is_read_in_each_version);
	harness_add("/what-is-said-of-keys-is-read", what_is_said_of_keys_is_read);
	harness_add("/compressed-strings-are-read", compressed_strings_are_read);
	harness_add("/wrong-compression-is-damage", wrong_compression_is_damage);
	harness_add("/what-would-be-lost-is-refused-by-name",
		    what_would_be_lost_is_refused_by_name);
	harness_add("/functions-and-modules-are-refused-by-name",
		    functions_and_modules_are_refused_by_name);
	harness_add("/other-files-and-versions-are-refused", other_files_and_versions_are_refused);
	harness_add("/lengths-that-cannot-be-are-refused", lengths_that_cannot_be_are_refused);
	harness_add("/values-above-the-limit-are-refused-by-name",
		    values_above_the_limit_are_refused_by_name);
	harness_add("/a-file-that-ends-anywhere-is-refused", a_file_that_ends_anywhere_is_refused);
	harness_add("/a-wrong-byte-is-noticed-by-the-checksum",
		    a_wrong_byte_is_noticed_by_the_checksum);
	harness_add("/files-are-read-in-pieces", files_are_read_in_pieces);
	harness_add("/keys-are-shown-so-that-they-print", keys_are_shown_so_that_they_print);
	return harness_run();
}
