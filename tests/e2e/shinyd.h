/* SPDX-License-Identifier: MIT */
/*
 * A shinyd with a configuration of the test's own.
 *
 *     struct shinyd daemon = { 0 };
 *     struct serving serving;
 *
 *     shinyd_start(&daemon, "[server a]\nplugin = echo\nlisten = tcp://127.0.0.1:0\n");
 *     shinyd_await_serving(&daemon, "a", &serving);
 *     fd = client_connect(serving.address);
 *     ...
 *     shinyd_end(&daemon);
 *
 * Port 0 lets the kernel choose: the log tells the address. Plugins of the build tree and those
 * made for the tests are found by name.
 */
#ifndef TESTS_SHINYD_H
#define TESTS_SHINYD_H

#include "child.h"

#include <pwd.h>
#include <sys/resource.h>
#include <sys/types.h>

struct shinyd {
	struct child child; /* its output is the log */
	char *dir;	    /* a directory of the test's own, for sockets and files */
	char *config;	    /* shinyd.ini in there */
};

/* What the log says of a worker that has become ready. */
struct serving {
	char address[128]; /* the first one */
	pid_t worker;
};

/* shinyd_prepare() - the directory, and nothing else; for tests that put files there first */
void shinyd_prepare(struct shinyd *shinyd);

/* shinyd_need_nobody() - skip the test unless it is root's, and nobody can read what was built */
const struct passwd *shinyd_need_nobody(void);

/* shinyd_let_crash() - keep sanitizers from turning deaths by a signal into reports, from now on */
void shinyd_let_crash(void);

/* shinyd_launch_by() - have that program start it, which gets its command line, from now on */
void shinyd_launch_by(const char *launcher);

/* shinyd_start() - run it with that configuration, preparing what is not prepared */
void shinyd_start(struct shinyd *shinyd, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* shinyd_start_with() - the same, with further arguments, which end with NULL */
void shinyd_start_with(struct shinyd *shinyd, const char *const arguments[], const char *format,
		       ...) G_GNUC_PRINTF(3, 4);

/*
 * shinyd_await_line() - the first line of the log that has @text in it
 *
 * Takes it out of the log, so that the next call finds the next one. For g_free().
 */
char *shinyd_await_line(struct shinyd *shinyd, const char *text);

/* shinyd_expect_line() - the same, for those who only want to know that it is there */
void shinyd_expect_line(struct shinyd *shinyd, const char *text);

/* shinyd_await_serving() - until a worker of that section is ready; again for the next one */
void shinyd_await_serving(struct shinyd *shinyd, const char *section, struct serving *ret_serving);

/* shinyd_reload() - write that configuration, and SIGHUP */
void shinyd_reload(struct shinyd *shinyd, const char *config);

/* shinyd_reload_well() - the same, until it is found right; new workers may still load */
void shinyd_reload_well(struct shinyd *shinyd, const char *config);

/*
 * shinyd_plugin_file() - where a test may put a plugin of the build tree, for g_free()
 *
 * Below the directory, so that the folders which such a plugin has in its RPATH are in there, too.
 */
char *shinyd_plugin_file(const char *dir, const char *name);

/*
 * shinyd_copy_file() - put a copy of @from at @to
 *
 * It is renamed into place, as an upgrade must be: a plugin's old file is mapped.
 */
void shinyd_copy_file(const char *from, const char *to);

/* shinyd_await_end() - until that worker has ended in order; till then it takes connections too */
void shinyd_await_end(struct shinyd *shinyd, const struct serving *serving);

/*
 * shinyd_deny_descriptors() - have the supervisor get no further descriptor
 *
 * *@ret_before is its limit till now, for prlimit(2).
 */
void shinyd_deny_descriptors(const struct shinyd *shinyd, struct rlimit *ret_before);

/* shinyd_stop() - SIGTERM; returns the exit status, or minus the signal's number */
int shinyd_stop(struct shinyd *shinyd);

/* shinyd_wait() - its end, as child_wait() tells it */
int shinyd_wait(struct shinyd *shinyd);

/* shinyd_finish() - kills it if it still runs; removes the directory */
void shinyd_finish(struct shinyd *shinyd);

/* shinyd_end() - SIGTERM, the end of a shinyd that is well, and shinyd_finish() */
void shinyd_end(struct shinyd *shinyd);

/*
 * shinyd_expect() - start it, and have it end by itself with that status, @text in its log
 *
 * For what is wrong with a configuration, or with the command line.
 */
void shinyd_expect(int status, const char *text, const char *const arguments[], const char *format,
		   ...) G_GNUC_PRINTF(4, 5);

#endif
