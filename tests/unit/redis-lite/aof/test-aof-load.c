/* SPDX-License-Identifier: MIT */
/*
 * What is loaded of a file that a crash has cut short, and what becomes of the rest.
 */
#include "aof/aof.h"
#include "command/batch.h"
#include "command/command.h"
#include "harness.h"
#include "redis-lite/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What the file held when so many bytes of it were written. */
struct state {
	size_t size;
	char *contents;
};

#define RECORDS	     130
#define RECORDS_TORN 100

static void record_one(struct instance *instance, int i)
{
	static const char *const forms[] = {
		"SET k%d value-%d", "INCRBY n%d %d",	   "SET t%d v PXAT 999%d",
		"MSET a%d 1 b%d 2", "PEXPIREAT k%d 888%d", "DEL a%d k%d",
	};
	char *request = g_strdup_printf(forms[(size_t)i % G_N_ELEMENTS(forms)], i % 7, i % 5);

	store_run(instance, request, 1);
	g_free(request);
}

static void record_transaction(struct instance *instance)
{
	aof_begin_transaction(instance->aof);
	store_run(instance, "SET in v", 1);
	store_run(instance, "INCR count", 1);
	aof_end_transaction(instance->aof);
}

static void record(const char *dir, struct state *states)
{
	struct instance *instance;
	struct aof_status status;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	for (int i = 0; i < RECORDS; i++) {
		if (i % 10 == 9) {
			record_transaction(instance);
		} else {
			record_one(instance, i);
		}
		g_assert_cmpint(aof_commit(instance->aof), ==, 0);
		aof_get_status(instance->aof, &status);
		states[i] = (struct state){ status.size, store_contents(instance) };
	}
	store_destroy(instance);
}

static void put(const char *file, const char *data, size_t len)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	g_assert_cmpint(__real_write(fd, data, len), ==, len);
	close(fd);
}

static void expect_file(const char *file, const char *data, size_t len)
{
	char *got;
	size_t got_len;

	g_assert_true(g_file_get_contents(file, &got, &got_len, NULL));
	g_assert_cmpmem(got, got_len, data, len);
	g_free(got);
}

/* Loads @len bytes, of which the first @state->size are whole: those count, the rest is kept. */
static void expect_prefix(const char *dir, const char *data, size_t len, const struct state *state)
{
	char *file = g_build_filename(dir, "file", NULL);
	char *cut = g_build_filename(dir, "file.cut-1", NULL);
	struct instance *instance;
	char *got;

	put(file, data, len);
	if (disk_open_store(dir, AOF_FSYNC_NO, &instance) < 0) {
		harness_fail("%zu bytes, of which %zu are whole: %s", len, state->size,
			     store_error);
	}
	got = store_contents(instance);
	g_assert_cmpstr(got, ==, state->contents);
	g_free(got);
	store_destroy(instance);
	expect_file(file, data, state->size);
	if (len > state->size) {
		expect_file(cut, data + state->size, len - state->size);
		g_assert_cmpint(unlink(cut), ==, 0);
	}
	g_assert_cmpint(access(cut, F_OK), <, 0);
	g_free(cut);
	g_free(file);
}

/* Tries each cut of the last records, with so many zeros behind it. */
static void tear(size_t zeros, size_t step)
{
	struct state states[RECORDS];
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL), *data;
	size_t len, whole = RECORDS - RECORDS_TORN;

	record(dir, states);
	g_assert_true(g_file_get_contents(file, &data, &len, NULL));
	g_assert_cmpuint(len, ==, states[RECORDS - 1].size);
	for (size_t cut = states[whole].size; cut <= len; cut += step) {
		char *torn = g_malloc0(cut + zeros);

		while (whole + 1 < RECORDS && states[whole + 1].size <= cut) {
			whole++;
		}
		memcpy(torn, data, cut);
		expect_prefix(dir, torn, cut + zeros, &states[whole]);
		g_free(torn);
	}
	for (size_t i = 0; i < RECORDS; i++) {
		g_free(states[i].contents);
	}
	g_free(data);
	g_free(file);
	harness_remove_dir(dir);
}

static void a_file_cut_at_any_byte_is_its_whole_prefix(void)
{
	tear(0, 1);
}

static void zeros_behind_a_cut_make_no_difference(void)
{
	static const size_t zeros[] = { 1, 12, 4095, 4096, 65536 };

	for (size_t i = 0; i < G_N_ELEMENTS(zeros); i++) {
		tear(zeros[i], disk_is_thorough() ? 1 : 31);
	}
}

static void cuts_are_kept_and_their_number_is_bounded(void)
{
	static const char data[] = "*1\r\n$8\r\nFLUSHALL\r\n*3\r\n$3\r\nSET\r\n$1\r\n";
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	struct instance *instance;
	GDir *folder;
	unsigned files = 0;

	for (int i = 0; i < 12; i++) {
		put(file, data, sizeof(data) - 1);
		g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
		store_destroy(instance);
		g_assert_nonnull(
			strstr(store_log->str, i < 9 ? "offset 18; they are kept in file.cut-"
						     : "the oldest cut, file.cut-"));
		g_string_truncate(store_log, 0);
	}
	folder = g_dir_open(dir, 0, NULL);
	while (g_dir_read_name(folder)) {
		files++;
	}
	g_dir_close(folder);
	g_assert_cmpuint(files, ==, 10);
	g_free(file);
	harness_remove_dir(dir);
}

static void nothing_is_cut_that_cannot_be_kept(void)
{
	static const char data[] = "*1\r\n$8\r\nFLUSHALL\r\n*3\r\n$3\r\nSET\r\n$1\r\n";
	static const enum disk_call kinds[] = { DISK_WRITE, DISK_SYNC, DISK_TRUNCATE };
	char *dir = harness_make_dir(), *file = g_build_filename(dir, "file", NULL);
	char *cut = g_build_filename(dir, "file.cut-1", NULL);
	struct instance *instance;

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		put(file, data, sizeof(data) - 1);
		disk.kind = kinds[i];
		disk.error = ENOSPC;
		atomic_store(&disk.left, 1);
		g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, -ENOSPC);
		g_assert_nonnull(strstr(store_error, "cannot keep and cut"));
		store_destroy(instance);
		expect_file(file, data, sizeof(data) - 1);
		g_assert_cmpint(access(cut, F_OK), <, 0);
	}
	g_free(cut);
	g_free(file);
	harness_remove_dir(dir);
}

/* Else the loader, whose buffer may be of 512 MB, would move the rest of it for each. */
static void large_requests_of_a_file_are_run_in_one_go(void)
{
	char *dir = harness_make_dir(), *value = g_strnfill(STORE_MIB, 'v');
	GString *wire = g_string_new("");
	static const struct reply_terms terms;
	struct reply reply = { .resp.hooks = &reply_hooks, .terms = &terms };
	struct instance *instance;
	struct batch_result result;

	g_assert_cmpint(disk_open_store(dir, AOF_FSYNC_NO, &instance), ==, 0);
	for (int i = 0; i < 3; i++) {
		g_string_append_printf(wire, "*3\r\n$3\r\nSET\r\n$1\r\n%d\r\n$%d\r\n%s\r\n", i,
				       STORE_MIB, value);
	}
	struct call call = { .instance = instance, .reply = &reply.resp };
	result = batch_run(&instance->batch, &call, wire->str, wire->len);
	g_assert_cmpuint(result.used, ==, wire->len);
	store_destroy(instance);
	g_string_free(wire, TRUE);
	g_free(value);
	harness_remove_dir(dir);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/aof-load");
	harness_add_slow("/a-file-cut-at-any-byte-is-its-whole-prefix",
			 a_file_cut_at_any_byte_is_its_whole_prefix, 300);
	harness_add_slow("/zeros-behind-a-cut-make-no-difference",
			 zeros_behind_a_cut_make_no_difference, 3600);
	harness_add("/cuts-are-kept-and-their-number-is-bounded",
		    cuts_are_kept_and_their_number_is_bounded);
	harness_add("/nothing-is-cut-that-cannot-be-kept", nothing_is_cut_that_cannot_be_kept);
	harness_add("/large-requests-of-a-file-are-run-in-one-go",
		    large_requests_of_a_file_are_run_in_one_go);
	return harness_run();
}
