/* SPDX-License-Identifier: MIT */
/*
 * As much of the tests' harness as there is for programs of 32 bits: tests are registered, each runs
 * in a process of its own, and what comes of it is told as TAP.
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <glib.h>

typedef void (*harness_func)(void);

void harness_init(int *argc, char ***argv);
void harness_set_prefix(const char *prefix);
void harness_add(const char *name, harness_func func);
void harness_add_slow(const char *name, harness_func func, unsigned seconds);
int harness_run(void);
bool harness_sanitized(void);
G_NORETURN void harness_fail(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
