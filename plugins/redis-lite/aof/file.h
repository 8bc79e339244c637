/* SPDX-License-Identifier: MIT */
/*
 * The folder of the append-only file and the names in it. Whoever opens, locks, copies, renames or
 * removes one of its files does it here.
 *
 * Nothing here knows what the files hold. Called by the rest of aof/, by import/ and at the start.
 */
#ifndef REDIS_LITE_AOF_FILE_H
#define REDIS_LITE_AOF_FILE_H

#include <stddef.h>
#include <stdint.h>

/* Room for the name of a file in the folder. */
#define AOF_NAME_MAX 256

/* Where the append-only file is: an open folder, and the name in it. */
struct aof_place {
	int dir;
	const char *name;
};

/* aof_place_open() - 0, or -errno with one line in @error (of SHINY_ERROR_MAX bytes) */
int aof_place_open(const char *dir, const char *name, char *error, struct aof_place *ret_place);

/* aof_place_sync() - make names last that were made, changed or removed; 0 or -errno */
int aof_place_sync(const struct aof_place *place);

/* aof_place_close() - what was opened, or nothing if dir is negative */
void aof_place_close(struct aof_place *place);

/*
 * aof_file_open() - open or create the file, and make it ours alone
 *
 * Returns a descriptor, or -errno with one line in @error.
 */
int aof_file_open(const struct aof_place *place, char *error);

/* aof_file_remove_empty() - take back what aof_file_open() created, unless there is something in it */
void aof_file_remove_empty(const struct aof_place *place, int fd);

/*
 * aof_file_create() - a file beside it, FILE.SUFFIX, which must not exist yet; ours alone, too
 *
 * Returns a descriptor or -errno.
 */
int aof_file_create(const struct aof_place *place, const char *suffix);

/* aof_file_remove() - FILE.SUFFIX; returns 0 or -errno */
int aof_file_remove(const struct aof_place *place, const char *suffix);

/*
 * aof_file_replace() - put FILE.SUFFIX in the file's place, in one step; returns 0 or -errno
 *
 * Where the names can be exchanged that takes no time, whatever is not on the disk yet.
 */
int aof_file_replace(const struct aof_place *place, const char *suffix);

/* aof_file_name() - FILE.SUFFIX in @buf (of AOF_NAME_MAX bytes), which is returned */
const char *aof_file_name(const struct aof_place *place, const char *suffix, char *buf);

/* aof_file_trim() - give back the room on the disk that a file has behind its end, if it has any */
void aof_file_trim(int fd);

/* aof_file_write() - all of it; returns 0 or -errno */
int aof_file_write(int fd, const char *data, size_t len);

/* aof_file_copy() - append what stands in [@from, @to) of one file to another; 0 or -errno */
int aof_file_copy(int fd, uint64_t from, uint64_t to, int out);

#endif
