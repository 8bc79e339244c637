/* SPDX-License-Identifier: MIT */
/*
 * Where lines of the log go: opened without waiting, written without waiting.
 */
#include "log/log-target.h"

#include "trust/safe-open.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define STDERR_FLAGS (O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
#define FILE_MODE    0640

bool log_target_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/*
 * A pipe or a terminal is opened once more, as O_NONBLOCK belongs to the open file, which others
 * write to as well. If that is not allowed stderr is used as it is.
 */
static int open_stderr(void)
{
	struct stat st;
	int fd = -1;

	if (fstat(STDERR_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))) {
		fd = open("/proc/self/fd/2", STDERR_FLAGS);
	}
	return fd >= 0 ? fd : STDERR_FILENO;
}

static int open_file(const char *path, struct log_target *ret, char *error)
{
	int fd = safe_append(path, FILE_MODE, error);

	if (fd < 0) {
		return fd;
	}
	*ret = (struct log_target){ LOG_FORM_FILE, fd, strdup(path), false };
	return 0;
}

int log_target_open(const char *text, struct log_target *ret, char *error)
{
	bool automatic = strcmp(text, "auto") == 0;

	if (*text == '/') {
		return open_file(text, ret, error);
	}
	if (!automatic && strcmp(text, "stderr") != 0) {
		snprintf(error, TRUST_ERROR_MAX, "expected auto, stderr or an absolute path");
		return -EINVAL;
	}
	*ret = (struct log_target){
		.form = automatic && log_target_is_journal() ? LOG_FORM_JOURNAL : LOG_FORM_PLAIN,
		.fd = open_stderr(),
	};
	return 0;
}

void log_target_close(struct log_target *target)
{
	if (target->fd != STDERR_FILENO) {
		close(target->fd);
	}
	free(target->name);
	*target = (struct log_target)LOG_TARGET_STDERR;
}

/* A socket takes MSG_DONTWAIT with each call. Others are polled, as stderr may be blocking. */
static ssize_t write_now(int fd, const char *data, size_t len)
{
	struct pollfd ready = { fd, POLLOUT, 0 };
	ssize_t n = send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK) {
		n = poll(&ready, 1, 0) == 1 ? write(fd, data, len) : -1;
	}
	return n;
}

bool log_target_write(struct log_target *target, const char *line, size_t len)
{
	ssize_t n;

	if (target->is_torn && write_now(target->fd, "\n", 1) != 1) {
		return false;
	}
	n = write_now(target->fd, line, len);
	target->is_torn = n > 0 && (size_t)n < len;
	return n == (ssize_t)len;
}
