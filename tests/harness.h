/* SPDX-License-Identifier: MIT */
/*
 * What every test program starts from: registering tests, and the checks around each of them.
 *
 * A test is a function without arguments under a name that says what it promises. It runs in a
 * process of its own, so that one that crashes, hangs or breaks a limit fails alone, and it fails
 * too if it leaves a descriptor open or, under AddressSanitizer, memory unfreed.
 *
 *     int main(int argc, char **argv)
 *     {
 *             harness_init(&argc, &argv);
 *             harness_add("/buffer/grow/keeps-what-it-holds", keeps_what_it_holds);
 *             return harness_run();
 *     }
 */
#ifndef TESTS_HARNESS_H
#define TESTS_HARNESS_H

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long anything may take that must happen; far longer than it does, even on a busy machine. */
#define HARNESS_PATIENCE_MS 20000

typedef void (*harness_func)(void);

void harness_init(int *argc, char ***argv);

/* Stands before the names that are added from here on: "/epoll". */
void harness_set_prefix(const char *prefix);

void harness_add(const char *name, harness_func func);

/* A test for which HARNESS_PATIENCE_MS and a little is not enough says how many seconds it may
 * take. */
void harness_add_slow(const char *name, harness_func func, unsigned seconds);

/* Runs in each test's process first; what it leaves open is not the test's. */
void harness_set_up(harness_func func);

/* Returns what main() returns. */
int harness_run(void);

/* Ends the running test as skipped. Descriptors and memory are the process's to give back. */
G_NORETURN void harness_skip(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Ends the running test as failed, saying why. */
G_NORETURN void harness_fail(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Whether a sanitizer slows the program down and pads its memory. */
bool harness_sanitized(void);

/* How many descriptors this process has open. */
size_t harness_count_descriptors(void);

/* A directory of the test's own; harness_remove_dir() removes it with all in it and frees the name.
 */
char *harness_make_dir(void);
void harness_remove_dir(char *dir);

/* A loopback port that was free a moment ago, for programs that cannot be told port 0. */
unsigned harness_free_port(void);

/*
 * A count that other threads wait for. Zeroed memory is a latch at 0; latch_await() fails the test
 * if it has not reached @count within HARNESS_PATIENCE_MS.
 */
struct latch {
	pthread_mutex_t lock; /* not GLib's, which ThreadSanitizer does not understand */
	pthread_cond_t changed;
	uint64_t count;
};

void latch_add(struct latch *latch, uint64_t n);
void latch_reset(struct latch *latch);
uint64_t latch_count(struct latch *latch);
void latch_await_at(struct latch *latch, uint64_t count, const char *what, const char *file,
		    int line);
/* Whether @count is reached within @timeout_ms. */
bool latch_wait(struct latch *latch, uint64_t count, unsigned timeout_ms);

#define latch_await(latch, count) latch_await_at((latch), (count), #latch, __FILE__, __LINE__)

#endif
