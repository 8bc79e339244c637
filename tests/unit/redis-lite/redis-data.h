/* SPDX-License-Identifier: MIT */
/*
 * What a redis-server leaves in its folder, for the tests of imports.
 */
#ifndef TESTS_REDIS_LITE_REDIS_DATA_H
#define TESTS_REDIS_LITE_REDIS_DATA_H

#include <glib.h>

/* Each kind of data: how it is made, what it is called, and what store_contents() has of it. */
struct redis_data {
	void (*leave)(const char *dir);
	const char *name, *has;
};

#define REDIS_DATA_COUNT 4
extern const struct redis_data redis_data[REDIS_DATA_COUNT];

/* redis_leave_dump() - dump.rdb, which holds REDIS_DUMP_HAS */
void redis_leave_dump(const char *dir);

#define REDIS_DUMP_HAS "0 base=v@0\n0 n=1@0\n0 past=v@1000\n0 timed=v@9000000000000\n7 seven=v@0"

/* Pieces of files: requests, an empty dump, lines of a manifest. */
#define REDIS_INCR	"*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n"
#define REDIS_RECORD	"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
#define REDIS_EMPTY_RDB "REDIS0004\xff"
#define REDIS_BASE	"file b seq 1 type b\n"
#define REDIS_INCR1	"file i seq 1 type i\n"

struct redis_file {
	const char *name, *text; /* a folder without a text */
};

/* redis_put_files() - up to @count of them, or to the first one without a name */
void redis_put_files(const char *dir, const struct redis_file *files, size_t count);

/*
 * redis_put() - a file with that, which is freed; redis_put_text() - with a text;
 * redis_make_folder() - an empty folder
 */
void redis_put(const char *dir, const char *name, GString *data);
void redis_put_text(const char *dir, const char *name, const char *text);

void redis_make_folder(const char *dir, const char *name);

#endif
