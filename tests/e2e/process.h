/* SPDX-License-Identifier: MIT */
/*
 * What /proc tells of a process. A test that may not look there is skipped.
 */
#ifndef TESTS_PROCESS_H
#define TESTS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A file of /proc/PID with a newline in place of each NUL, for g_free(). */
char *process_text(pid_t pid, const char *name);

/* The child of that process of which /proc/PID/cmdline begins with @title, once it is there. */
pid_t process_await_child(pid_t parent, const char *title);

/* Until it loads, or has loaded, an object whose path has @name in it. */
void process_await_loaded(pid_t pid, const char *name);

/* Until it has ended, whoever reaps it. */
void process_await_end(int pidfd);

/* Where the first object is mapped whose path has @name in it. */
uint64_t process_base(pid_t pid, const char *name);

/* What the kernel gave it of chance as it was executed. */
void process_random(pid_t pid, uint8_t ret_bytes[16]);

/*
 * Its descriptors, a line each: the first three by their number, the others sorted, and each by what
 * it is, without the numbers of pipes and sockets. For g_free().
 */
char *process_descriptors(pid_t pid);

/* Whether @text stands anywhere in what it has mapped and may read. */
bool process_has_in_memory(pid_t pid, const char *text);

#endif
