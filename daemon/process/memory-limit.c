/* SPDX-License-Identifier: MIT */
/*
 * The limit of memory, set and compared with what a process uses.
 *
 * It is RLIMIT_DATA and not RLIMIT_AS: the latter counts what a process only reserves, as
 * sanitizers and thread stacks do. What a process uses is read from /proc by functions that a
 * signal handler may call.
 */
#include "process/memory-limit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Writes "/proc/PID/statm" without snprintf(3), which signal handlers may not call. */
static void write_path(pid_t pid, char buf[32])
{
	char digits[16];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + pid % 10);
		pid /= 10;
	} while (pid > 0);
	buf = stpcpy(buf, "/proc/");
	while (n > 0) {
		*buf++ = digits[--n];
	}
	strcpy(buf, "/statm");
}

/* The sixth number: pages of data and stack. */
static uint64_t parse_pages(const char *text)
{
	uint64_t pages = 0;

	for (int blanks = 0; blanks < 5 && *text != '\0'; text++) {
		blanks += *text == ' ';
	}
	for (; *text >= '0' && *text <= '9'; text++) {
		pages = pages * 10 + (uint64_t)(*text - '0');
	}
	return pages;
}

/* What RLIMIT_DATA counts; 0 if it cannot be read. */
static uint64_t data_of(pid_t pid)
{
	char path[32], text[256];
	ssize_t n;
	int fd;

	write_path(pid, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return 0;
	}
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return parse_pages(text) * (uint64_t)sysconf(_SC_PAGESIZE);
}

int memory_limit_set(int64_t bytes)
{
	uint64_t most = data_of(getpid()) + (uint64_t)bytes;
	const struct rlimit limit = { most, most };

	return setrlimit(RLIMIT_DATA, &limit) < 0 ? -errno : 0;
}

bool memory_limit_reached(pid_t pid, int64_t bytes)
{
	struct rlimit limit;

	return bytes > 0 && prlimit(pid, RLIMIT_DATA, NULL, &limit) == 0 &&
	       limit.rlim_cur != RLIM_INFINITY &&
	       data_of(pid) >= limit.rlim_cur - (uint64_t)bytes / 8;
}
