/* SPDX-License-Identifier: MIT */
/*
 * The append-only file in its folder: whose it is, and what stands beside it.
 *
 * The lock is on the file that has the name. A rewrite puts another file in its place, which is
 * locked before it gets the name; whoever locks a file that has lost it looks again.
 */
#include "aof/file.h"

#include <errno.h>
#include <fcntl.h>
#include <shiny-plugin.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_SIZE (64 * 1024)

int aof_place_open(const char *dir, const char *name, char *error, struct aof_place *ret_place)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		snprintf(error, SHINY_ERROR_MAX, "%.128s: %s", dir, strerror(errno));
		return -errno;
	}
	*ret_place = (struct aof_place){ fd, name };
	return 0;
}

int aof_place_sync(const struct aof_place *place)
{
	/* EINVAL: a file system that cannot, and does not need to be told. */
	return fsync(place->dir) < 0 && errno != EINVAL ? -errno : 0;
}

void aof_place_close(struct aof_place *place)
{
	if (place->dir >= 0) {
		close(place->dir);
	}
	place->dir = -1;
}

const char *aof_file_name(const struct aof_place *place, const char *suffix, char *buf)
{
	snprintf(buf, AOF_NAME_MAX, "%s.%s", place->name, suffix);
	return buf;
}

/* Whether the file still has the name. */
static bool is_in_place(const struct aof_place *place, int fd)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && fstatat(place->dir, place->name, &named, 0) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

int aof_file_open(const struct aof_place *place, char *error)
{
	for (;;) {
		int fd = openat(place->dir, place->name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
				0640);

		if (fd < 0) {
			snprintf(error, SHINY_ERROR_MAX, "%.128s: %s", place->name,
				 strerror(errno));
			return -errno;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			snprintf(error, SHINY_ERROR_MAX, "%.128s: another process has it open",
				 place->name);
			close(fd);
			return -EBUSY;
		}
		if (is_in_place(place, fd)) {
			return fd;
		}
		close(fd);
	}
}

void aof_file_remove_empty(const struct aof_place *place, int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size == 0 && is_in_place(place, fd)) {
		unlinkat(place->dir, place->name, 0);
	}
}

int aof_file_create(const struct aof_place *place, const char *suffix)
{
	char name[AOF_NAME_MAX];
	int fd = openat(place->dir, aof_file_name(place, suffix, name),
			O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return -EBUSY;
	}
	return fd < 0 ? -errno : fd;
}

int aof_file_remove(const struct aof_place *place, const char *suffix)
{
	char name[AOF_NAME_MAX];

	return unlinkat(place->dir, aof_file_name(place, suffix, name), 0) < 0 ? -errno : 0;
}

/*
 * ext4 has a file written to the disk before it takes another one's name by rename(2), and the loop
 * would wait for that. It does not when the two change names (RENAME_EXCHANGE, since Linux 3.15).
 */
int aof_file_replace(const struct aof_place *place, const char *suffix)
{
	char buf[AOF_NAME_MAX];
	const char *name = aof_file_name(place, suffix, buf);

	if (renameat2(place->dir, name, place->dir, place->name, RENAME_EXCHANGE) == 0) {
		aof_file_remove(place, suffix);
		return 0;
	}
	/* Not on this file system, or somebody has removed the file. */
	return renameat(place->dir, name, place->dir, place->name) < 0 ? -errno : 0;
}

void aof_file_trim(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && ftruncate(fd, st.st_size) < 0) {
		return; /* it is no loss but of room */
	}
}

int aof_file_write(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno != EINTR) {
			return -errno;
		}
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

int aof_file_copy(int fd, uint64_t from, uint64_t to, int out)
{
	char buf[COPY_SIZE];
	int r = 0;

	while (r == 0 && from < to) {
		size_t most = to - from < sizeof(buf) ? (size_t)(to - from) : sizeof(buf);
		ssize_t n = pread(fd, buf, most, (off_t)from);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return n < 0 ? -errno : -EIO;
		}
		r = aof_file_write(out, buf, (size_t)n);
		from += (uint64_t)n;
	}
	return r;
}
