/* SPDX-License-Identifier: MIT */
/*
 * Another program, started by a test: its output, its end.
 *
 * stdout and stderr come through one pipe, in order. The program dies with the test.
 */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;	 /* 0 once it is gone */
	int fd;		 /* its output */
	GString *output; /* as much of it as was read */
};

/* @argv ends with NULL; argv[0] is looked up in PATH if it has no slash. */
void child_start(struct child *child, const char *const argv[]);

/* Reads until the output holds @text; fails the test after HARNESS_PATIENCE_MS or at its end. */
void child_await_output(struct child *child, const char *text);

void child_signal(struct child *child, int signal);

/* Whether it is gone; child_wait() and child_finish() go on from there. */
bool child_has_ended(const struct child *child);

/*
 * Waits for the end, reading the output meanwhile. Returns the exit status, or minus the signal's
 * number. Fails the test after HARNESS_PATIENCE_MS.
 */
int child_wait(struct child *child);

/* Kills it if it still runs, and frees what is held. */
void child_finish(struct child *child);

/* Start, wait, finish in one; the output is the caller's to free, or pass NULL. */
int child_run(const char *const argv[], char **ret_output);

#endif
