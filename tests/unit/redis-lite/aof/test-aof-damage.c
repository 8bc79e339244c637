/* SPDX-License-Identifier: MIT */
/*
 * The append-only file after something else than a crash: a record that was never written whole is
 * cut off and kept, whatever else is wrong is refused and named, and nothing goes without a word.
 */
#include "harness.h"
#include "redis-lite/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Thousands of files are loaded, and none is to last. */
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);

int __wrap_fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int __wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

#define RECORD "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"

#define TRANSACTION                                                                          \
	"*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*2\r\n$3\r\nDEL\r\n$1\r\nx\r\n" \
	"*1\r\n$4\r\nEXEC\r\n"

/* One of each kind of record, with what may stand in front of and between them. */
static const char *const records[] = {
	"#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n",
	"*3\r\n$3\r\nSET\r\n$4\r\nlong\r\n$30\r\nhello *1\r\n$1\r\n12\r\nand more\r\n\r\n\r\n",
	"*5\r\n$3\r\nSET\r\n$1\r\nt\r\n$1\r\nv\r\n$4\r\nPXAT\r\n$13\r\n9000000000000\r\n",
	"*5\r\n$4\r\nMSET\r\n$1\r\nx\r\n$1\r\n1\r\n$1\r\ny\r\n$0\r\n\r\n",
	"*3\r\n$6\r\nINCRBY\r\n$1\r\nn\r\n$2\r\n10\r\n",
	TRANSACTION,
	"*3\r\n$9\r\nPEXPIREAT\r\n$4\r\nlong\r\n$13\r\n9000000000000\r\n",
	RECORD,
};

static GString *all_records(size_t *ret_last)
{
	GString *data = g_string_new("");

	for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
		*ret_last = data->len;
		g_string_append(data, records[i]);
	}
	return data;
}

/* Loads a file that holds this; returns what store_open() does, and what was served. */
static int load(const char *dir, const char *data, size_t len, uint64_t may_lose,
		uint64_t *ret_commands, char **ret_contents)
{
	struct instance *store = store_create(dir);
	int r;

	store_put(dir, "file", data, len);
	g_string_truncate(store_log, 0);
	store->settings.aof.load_corrupt_tail_max_size = may_lose;
	r = store_open(store);
	*ret_commands = store->batch.requests_run;
	*ret_contents = store_contents(store);
	store_destroy(store);
	return r;
}

/* What is left in the folder: the file, and what was cut from its end. */
static size_t left(const char *dir, const char *data, size_t len)
{
	size_t kept_len, cut_len = 0;
	char *kept = store_get(dir, "file", &kept_len), *cut = NULL, *path;

	if (store_has(dir, "file.cut-1")) {
		cut = store_get(dir, "file.cut-1", &cut_len);
		path = g_build_filename(dir, "file.cut-1", NULL);
		g_assert_cmpint(unlink(path), ==, 0);
		g_free(path);
		g_assert_nonnull(strstr(store_log->str, "kept in file.cut-1"));
	}
	g_assert_cmpuint(kept_len + cut_len, ==, len);
	g_assert_cmpint(memcmp(kept, data, kept_len), ==, 0);
	g_assert_cmpint(cut_len ? memcmp(cut, data + kept_len, cut_len) : 0, ==, 0);
	g_free(cut);
	g_free(kept);
	return kept_len;
}

static void expect_refusal(const char *data, size_t len, const char *text)
{
	char *dir = harness_make_dir(), *contents;
	uint64_t commands;
	int r = load(dir, data, len, 0, &commands, &contents);

	if (r != -EBADMSG || !strstr(store_error, text)) {
		harness_fail("expected \"%s\"; got %d, \"%s\"", text, r, store_error);
	}
	g_assert_nonnull(strstr(store_error, "; see REPAIR in redis-lite(7)"));
	g_assert_cmpuint(left(dir, data, len), ==, len);
	g_free(contents);
	harness_remove_dir(dir);
}

static void a_tail_that_is_no_beginning_of_a_record_is_damage(void)
{
	static const char *const tails[] = {
		"*abc",
		"*3\r\n$zz",
		"*3\r\n+OK",
		"*3\r\n$3\nSET",
		"*\xff\xff",
		"*3\n",
		"*3\r$",
		"*03",
		"*0",
		"*-1",
		"*-",
		"*99999999999",
		"*3\r\n$-",
		"*3\r\n$00",
		"*3\r\n$999999999999",
		"*3\r\n*",
		"*3\r\n$3\r\nSET\n",
		"*3\r\n$3\r\nSETXX",
		"#TS\x01",
		"#TS:12\rX",
		"SET",
		"\r\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(tails); i++) {
		char *data = g_strdup_printf("%s%s", RECORD, tails[i]);
		char *text = g_strdup_printf("damaged at offset %zu of %zu: ", strlen(RECORD),
					     strlen(data));

		expect_refusal(data, strlen(data), text);
		g_free(text);
		g_free(data);
	}
}

/* As a transfer in the wrong mode does. */
static void a_file_whose_lines_end_otherwise_is_damage(void)
{
	GString *data = g_string_new("*2\n$6\nSELECT\n$1\n0\n");
	char *text;

	for (int i = 0; i < 1000; i++) {
		g_string_append_printf(data, "*3\n$3\nSET\n$5\nk%04d\n$1\nv\n", i);
	}
	text = g_strdup_printf("damaged at offset 0 of %zu: ", data->len);
	expect_refusal(data->str, data->len, text);
	g_free(text);
	g_string_free(data, TRUE);
}

/* However far a wrong length reaches, and however large the record at the end is. */
static void records_behind_a_wrong_length_are_not_cut(void)
{
	enum {
		LARGE = 3 << 20
	};
	GString *data = g_string_new(RECORD "*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$99999999\r\n1\r\n");
	char *text, *value = g_strnfill(LARGE, '*');

	for (char *p = value; p < value + LARGE - 8; p += 8) {
		memcpy(p, "\r\n*1\r\nxx", 8); /* what looks like one until it is looked at */
	}
	g_string_append_printf(data, "*3\r\n$3\r\nSET\r\n$1\r\nc\r\n$%d\r\n%s\r\n", LARGE, value);
	text = g_strdup_printf("damaged at offset %zu of %zu: a length that reaches beyond the end",
			       strlen(RECORD), data->len);
	expect_refusal(data->str, data->len, text);
	g_string_set_size(data, data->len + 70000);
	memset(data->str + data->len - 70000, 0, 70000);
	expect_refusal(data->str, data->len, "a length that reaches beyond the end");
	g_free(value);
	g_free(text);
	g_string_free(data, TRUE);
}

/* A record that was never written whole, whose value looks like that. */
static void a_torn_value_that_looks_like_records_is_cut(void)
{
	GString *data = g_string_new(RECORD "*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$9999999\r\n");
	char *dir = harness_make_dir(), *contents;
	uint64_t commands;

	for (int i = 0; i < 20000; i++) {
		g_string_append(data, "\r\n*2\r\n$3\r\nGET\r\n");
	}
	g_string_append(data, "*2\r\n$3\r\nGE");
	g_assert_cmpint(load(dir, data->str, data->len, 0, &commands, &contents), ==, 0);
	g_assert_cmpstr(contents, ==, "0 a=1@0");
	g_assert_cmpuint(left(dir, data->str, data->len), ==, strlen(RECORD));
	g_free(contents);
	g_string_free(data, TRUE);
	harness_remove_dir(dir);
}

/* Where the last record, or annotation, ends that is whole in the first @len bytes. */
static size_t whole_in(size_t len)
{
	size_t end = strcspn(records[0], "\n") + 1, next = 0;

	end = end <= len ? end : 0;
	for (size_t i = 0; i < G_N_ELEMENTS(records); i++) {
		next += strlen(records[i]);
		end = next <= len ? next : end;
	}
	return end;
}

/* With zeros behind, too, as of a page that was never written. */
static void each_beginning_of_a_file_is_served_up_to_its_last_record(void)
{
	size_t last;
	GString *data = all_records(&last);
	char *dir = harness_make_dir(), *contents, *cut;
	uint64_t commands;

	for (size_t len = 0; len <= data->len; len++) {
		for (size_t zeros = 0; zeros <= 5000; zeros += 5000) {
			cut = g_malloc0(len + zeros + 1);
			memcpy(cut, data->str, len);
			g_assert_cmpint(load(dir, cut, len + zeros, 0, &commands, &contents), ==,
					0);
			g_assert_cmpuint(left(dir, cut, len + zeros), ==, whole_in(len));
			g_free(contents);
			g_free(cut);
		}
	}
	g_string_free(data, TRUE);
	harness_remove_dir(dir);
}

/*
 * One byte is another one. Then all records are run, some with other bytes, or the file is refused. The
 * last record alone may look as if it had never been written whole.
 */
static void a_wrong_byte_loses_no_record_in_silence(void)
{
	static const char others[] = "\0\r\n*$#-019zZ\xff";
	size_t last;
	GString *data = all_records(&last);
	char *dir = harness_make_dir();
	uint64_t usual, commands;
	unsigned refused = 0, run = 0, cut = 0;
	char *contents;

	g_assert_cmpint(load(dir, data->str, data->len, 0, &usual, &contents), ==, 0);
	g_assert_cmpuint(left(dir, data->str, data->len), ==, data->len);
	g_free(contents);
	for (size_t i = 0; i < data->len; i++) {
		char right = data->str[i];

		for (size_t n = 0; n < 8 + sizeof(others) - 1; n++) {
			data->str[i] = n < 8 ? (char)(right ^ 1 << n) : others[n - 8];
			if (data->str[i] == right) {
				continue;
			}
			int r = load(dir, data->str, data->len, 0, &commands, &contents);
			size_t kept = left(dir, data->str, data->len);

			if (r < 0) {
				g_assert_cmpint(r, ==, -EBADMSG);
				g_assert_cmpuint(kept, ==, data->len);
				refused++;
			} else if (kept == data->len) {
				g_assert_cmpuint(commands, ==, usual);
				run++;
			} else {
				g_assert_cmpuint(kept, ==, last);
				g_assert_cmpuint(i, >=, last);
				cut++;
			}
			g_free(contents);
		}
		data->str[i] = right;
	}
	g_assert_cmpuint(refused, >, run);
	g_assert_cmpuint(run, >, cut);
	g_assert_cmpuint(cut, >, 0);
	g_string_free(data, TRUE);
	harness_remove_dir(dir);
}

static void change(GString *data, GRand *rand)
{
	gssize at = g_rand_int_range(rand, 0, (gint32)data->len);
	gssize len = g_rand_int_range(rand, 1, 20);

	switch (g_rand_int_range(rand, 0, 4)) {
	case 0:
		data->str[at] = (char)g_rand_int(rand);
		break;
	case 1:
		g_string_erase(data, at, MIN(len, (gssize)data->len - at));
		break;
	case 2:
		g_string_insert_len(data, at, data->str, MIN(len, (gssize)data->len));
		break;
	case 3:
		memset(data->str + at, 0, (size_t)MIN(len, (gssize)data->len - at));
		break;
	}
}

/* Whatever was done to it: what is not served is still there, and was told. */
static void no_change_loses_a_byte(void)
{
	GRand *rand = g_rand_new_with_seed(5);
	char *dir = harness_make_dir();
	size_t last;

	for (int round = 0; round < 3000; round++) {
		GString *data = all_records(&last);
		uint64_t commands;
		char *contents;
		int r;

		for (int i = g_rand_int_range(rand, 1, 4); i > 0 && data->len > 0; i--) {
			change(data, rand);
		}
		r = load(dir, data->str, data->len, 0, &commands, &contents);
		if (left(dir, data->str, data->len) < data->len) {
			g_assert_cmpint(r, ==, 0);
		}
		g_free(contents);
		g_string_free(data, TRUE);
	}
	g_rand_free(rand);
	harness_remove_dir(dir);
}

static void a_damaged_end_is_cut_off_up_to_what_may_be_lost(void)
{
	static const struct {
		const char *end;
		size_t lost; /* 0: it is refused whatever may be lost */
		const char *served;
	} cases[] = {
		{ "*abc", 4, "0 a=1@0" },
		{ "*3\n$3\nSET\n" RECORD, 37, "0 a=1@0" },
		{ "*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$99\r\n1\r\n" RECORD, 55, "0 a=1@0" },
		{ "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\na\r\n*1\r\nx", 41, "0 a=1@0" },
		{ "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\na\r\n*1\r\n$4\r\nEXEC\r\n??", 2,
		  "0 a=2@0" },
		{ "*2\r\n$4\r\nSADD\r\n$1\r\na\r\n", 0, NULL },
	};
	char *dir = harness_make_dir(), *contents;
	uint64_t commands;

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *data = g_strdup_printf("%s%s", RECORD, cases[i].end);
		size_t len = strlen(data);

		uint64_t lost = cases[i].lost ? cases[i].lost - 1 : 1000000;
		g_assert_cmpint(load(dir, data, len, lost, &commands, &contents), ==, -EBADMSG);
		g_assert_cmpuint(left(dir, data, len), ==, len);
		g_free(contents);
		if (cases[i].lost) {
			g_assert_cmpint(load(dir, data, len, cases[i].lost, &commands, &contents),
					==, 0);
			g_assert_cmpstr(contents, ==, cases[i].served);
			g_assert_nonnull(strstr(store_log->str, "cut a damaged end of "));
			g_assert_cmpuint(left(dir, data, len), ==, len - cases[i].lost);
			g_free(contents);
		}
		g_free(data);
	}
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/aof/damage");
	harness_add("/a-tail-that-is-no-beginning-of-a-record-is-damage",
		    a_tail_that_is_no_beginning_of_a_record_is_damage);
	harness_add("/a-file-whose-lines-end-otherwise-is-damage",
		    a_file_whose_lines_end_otherwise_is_damage);
	harness_add("/records-behind-a-wrong-length-are-not-cut",
		    records_behind_a_wrong_length_are_not_cut);
	harness_add("/a-torn-value-that-looks-like-records-is-cut",
		    a_torn_value_that_looks_like_records_is_cut);
	harness_add_slow("/each-beginning-of-a-file-is-served-up-to-its-last-record",
			 each_beginning_of_a_file_is_served_up_to_its_last_record, 60);
	harness_add_slow("/a-wrong-byte-loses-no-record-in-silence",
			 a_wrong_byte_loses_no_record_in_silence, 120);
	harness_add_slow("/no-change-loses-a-byte", no_change_loses_a_byte, 60);
	harness_add("/a-damaged-end-is-cut-off-up-to-what-may-be-lost",
		    a_damaged_end_is_cut_off_up_to_what_may_be_lost);
	return harness_run();
}
