/* SPDX-License-Identifier: MIT */
/*
 * Files opened by way of trust_find(): first found and checked without opening, then opened through
 * that descriptor.
 */
#include "trust/safe-open.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_FLAGS (O_RDONLY | O_NOCTTY | O_CLOEXEC)
#define APPEND_FLAGS \
	(O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

static int refuse(char *error, int r, const char *what, const char *why)
{
	snprintf(error, TRUST_ERROR_MAX, "%s%s", what, why);
	return r;
}

/* Reading from another device may do anything. */
static bool is_stdin(const struct stat *st)
{
	struct stat in;

	return S_ISCHR(st->st_mode) && fstat(STDIN_FILENO, &in) == 0 && S_ISCHR(in.st_mode) &&
	       in.st_rdev == st->st_rdev;
}

static int check_kind(const struct stat *st, bool may_wait, char *error)
{
	bool waits = S_ISFIFO(st->st_mode) || is_stdin(st);

	if (S_ISREG(st->st_mode) || (waits && may_wait)) {
		return 0;
	}
	return refuse(error, waits ? -ESPIPE : -EINVAL, "is no regular file", "");
}

/* Opens what @found stands for, an O_PATH descriptor, now that its kind is known. */
static int open_found(int found, bool may_wait, struct stat *ret_st, char *error)
{
	char path[64];
	int fd, r;

	if (fstat(found, ret_st) < 0) {
		return refuse(error, -errno, "cannot be examined: ", strerror(errno));
	}
	r = check_kind(ret_st, may_wait, error);
	if (r < 0) {
		return r;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", found);
	fd = open(path, READ_FLAGS | (S_ISREG(ret_st->st_mode) ? O_NONBLOCK : 0));
	return fd < 0 ? refuse(error, -errno, "cannot be opened: ", strerror(errno)) : fd;
}

static int read_all(int fd, size_t most, GString *text, char *error)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return refuse(error, -errno, "cannot be read: ", strerror(errno));
		}
		g_string_append_len(text, buf, n);
		if (text->len > most) {
			snprintf(error, TRUST_ERROR_MAX, "is longer than %zu bytes", most);
			return -EFBIG;
		}
	}
	return 0;
}

static int read_found(int found, size_t most, bool may_wait, struct safe_text *ret, char *error)
{
	GString *text = g_string_new(NULL);
	struct stat st;
	int fd = open_found(found, may_wait, &st, error);
	int r = fd < 0 ? fd : read_all(fd, most, text, error);

	if (fd >= 0) {
		close(fd);
	}
	if (r < 0) {
		g_string_free(text, TRUE);
		return r;
	}
	ret->world_readable = (st.st_mode & S_IROTH) != 0;
	ret->len = text->len;
	ret->data = g_string_free(text, FALSE);
	return 0;
}

int safe_read(const char *path, size_t most, bool may_wait, struct safe_text *ret, char *error)
{
	int found = trust_find(path, error);
	int r = found < 0 ? found : read_found(found, most, may_wait, ret, error);

	if (found >= 0) {
		close(found);
	}
	return r;
}

/* Why open(2) failed, in words for a log. */
static const char *explain(int error)
{
	switch (error) {
	case ELOOP:
		return "is a symbolic link: name what it leads to";
	case ENXIO:
		return "nobody reads it";
	default:
		return strerror(error);
	}
}

static int check_appended(int folder, int fd, char *error)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		return refuse(error, -errno, "cannot be examined: ", strerror(errno));
	}
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode)) {
		return refuse(error, -EINVAL, "is no file, FIFO or terminal", "");
	}
	return trust_check_target(folder, fd, error);
}

static int append_in(int folder, const char *name, mode_t mode, char *error)
{
	int fd = openat(folder, name, APPEND_FLAGS, mode);
	int r;

	if (fd < 0) {
		r = -errno;
		return refuse(error, r, explain(-r), "");
	}
	r = check_appended(folder, fd, error);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int safe_append(const char *path, mode_t mode, char *error)
{
	const char *name = strrchr(path, '/') + 1;
	char *folder_path = g_strndup(path, (gsize)(name - path));
	int folder = trust_find_folder(folder_path, error), r = folder;

	g_free(folder_path);
	if (folder >= 0) {
		r = *name != '\0' ? append_in(folder, name, mode, error)
				  : refuse(error, -EISDIR, strerror(EISDIR), "");
		close(folder);
	} else if (folder != -EPERM) {
		refuse(error, folder, strerror(-folder), "");
	}
	return r;
}
