/* SPDX-License-Identifier: MIT */
/*
 * What a crash leaves at the end of the append-only file: the beginning of a record, or bytes never
 * written that read as zeros. What is damaged may be cut off the same way, if the operator says so.
 *
 * It is cut off and kept in FILE.cut-1 to FILE.cut-9, for whoever wants to look. When all of them
 * are taken the oldest makes room, and the log says so.
 *
 * A record that is incomplete may also have a length that is wrong, and stand in the middle. Then
 * whole records follow, up to the end of the file. The file is ours alone, and so it is looked at where
 * it is: a length that is wrong may reach over gigabytes.
 */
#include "aof/tail.h"
#include "aof/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <shiny-plugin.h>
#include <shiny-resp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CUTS_MAX   9
#define CHUNK	   (64 * 1024)
#define SUFFIX_MAX 16

/* The most arguments of a record that is looked at, and the most records: what has more is no
 * value. */
#define ARGS_MAX    (128 * 1024)
#define RECORDS_MAX 10000000

int aof_tail_data_end(int fd, uint64_t offset, uint64_t size, uint64_t *ret_end)
{
	char buf[CHUNK];

	while (size > offset) {
		size_t len = size - offset < sizeof(buf) ? (size_t)(size - offset) : sizeof(buf);
		ssize_t n = pread(fd, buf, len, (off_t)(size - len));

		if (n != (ssize_t)len) {
			return n < 0 ? -errno : -EIO;
		}
		while (len > 0 && buf[len - 1] == 0) {
			len--;
			size--;
		}
		if (len > 0) {
			break;
		}
	}
	*ret_end = size;
	return 0;
}

/* Whether there is nothing but whole records. */
static bool is_whole(struct shiny_resp_arg *args, const char *data, const char *end,
		     unsigned *records)
{
	struct shiny_resp_parser parser = { .args = args, .room = ARGS_MAX, .strict = true };

	while (data < end) {
		enum shiny_resp_status status =
			shiny_resp_parse(&parser, data, (size_t)(end - data));

		if (status == SHINY_RESP_ROOM || ++*records > RECORDS_MAX) {
			return true;
		}
		if (status != SHINY_RESP_COMPLETE && status != SHINY_RESP_EMPTY) {
			return false;
		}
		data += parser.used;
	}
	return true;
}

static bool ends_in_records(const char *data, const char *end)
{
	static const char start[] = "\r\n*";
	struct shiny_resp_arg *args = calloc(ARGS_MAX, sizeof(*args));
	unsigned records = 0;
	bool found = false;

	while (args && !found &&
	       (data = memmem(data, (size_t)(end - data), start, sizeof(start) - 1))) {
		data += 2;
		found = is_whole(args, data, end, &records);
	}
	free(args);
	return found;
}

bool aof_tail_has_records(int fd, uint64_t offset, uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), from = offset - offset % page, end;
	bool has_records;
	char *map;

	if (aof_tail_data_end(fd, offset, size, &end) < 0 || end == offset) {
		return false;
	}
	if (end - from > SIZE_MAX / 2) {
		return true; /* more than fits into memory, of 32-bit addresses */
	}
	map = mmap(NULL, (size_t)(end - from), PROT_READ, MAP_PRIVATE, fd, (off_t)from);
	if (map == MAP_FAILED) {
		return true; /* to cut it would be to guess */
	}
	has_records = ends_in_records(map + (offset - from), map + (end - from));
	munmap(map, (size_t)(end - from));
	return has_records;
}

static void suffix_of(unsigned number, char *buf)
{
	snprintf(buf, SUFFIX_MAX, "cut-%u", number);
}

static unsigned oldest_cut(const struct aof_place *place)
{
	char suffix[SUFFIX_MAX], name[AOF_NAME_MAX];
	unsigned oldest = 1;
	struct timespec since = { 0 };

	for (unsigned i = 1; i <= CUTS_MAX; i++) {
		struct stat st;

		suffix_of(i, suffix);
		if (fstatat(place->dir, aof_file_name(place, suffix, name), &st, 0) < 0) {
			continue;
		}
		if (i == 1 || st.st_mtim.tv_sec < since.tv_sec ||
		    (st.st_mtim.tv_sec == since.tv_sec && st.st_mtim.tv_nsec < since.tv_nsec)) {
			oldest = i;
			since = st.st_mtim;
		}
	}
	return oldest;
}

/* Returns a descriptor of a new file, and the end of its name. */
static int create_cut(const struct aof_place *place, const struct shiny_host *host,
		      char *ret_suffix)
{
	char text[SHINY_ERROR_MAX];
	int fd = -EEXIST;

	for (unsigned i = 1; i <= CUTS_MAX && fd == -EEXIST; i++) {
		suffix_of(i, ret_suffix);
		fd = aof_file_create(place, ret_suffix);
	}
	if (fd == -EEXIST) {
		suffix_of(oldest_cut(place), ret_suffix);
		snprintf(text, sizeof(text),
			 "append-only file: the oldest cut, %.128s.%s, is removed", place->name,
			 ret_suffix);
		host->log(host, SHINY_LOG_WARNING, text);
		aof_file_remove(place, ret_suffix);
		fd = aof_file_create(place, ret_suffix);
	}
	return fd;
}

/* The zeros at the end need no room on the disk. */
static int copy_tail(int fd, uint64_t offset, uint64_t size, int out)
{
	uint64_t end;
	int r = aof_tail_data_end(fd, offset, size, &end);

	if (r == 0) {
		r = aof_file_copy(fd, offset, end, out);
	}
	if (r == 0 && (ftruncate(out, (off_t)(size - offset)) < 0 || fsync(out) < 0)) {
		r = -errno;
	}
	return r;
}

int aof_tail_cut(const struct aof_place *place, const struct shiny_host *host, int fd,
		 const char *what, uint64_t offset, uint64_t size, char *error)
{
	char suffix[SUFFIX_MAX], text[SHINY_ERROR_MAX];
	int out = create_cut(place, host, suffix);
	int r = out < 0 ? out : copy_tail(fd, offset, size, out);

	if (out >= 0) {
		close(out);
	}
	if (r == 0) {
		r = aof_place_sync(place);
	}
	if (r == 0 && ftruncate(fd, (off_t)offset) < 0) {
		r = -errno;
	}
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX,
			 "append-only file: cannot keep and cut %s %" PRIu64
			 " bytes at offset %" PRIu64 ": %s",
			 what, size - offset, offset, strerror(-r));
		if (out >= 0) {
			aof_file_remove(place, suffix);
		}
		return r;
	}
	snprintf(text, sizeof(text),
		 "append-only file: cut %s %" PRIu64 " bytes at offset %" PRIu64
		 "; they are kept in %.128s.%s",
		 what, size - offset, offset, place->name, suffix);
	host->log(host, SHINY_LOG_WARNING, text);
	return 0;
}
