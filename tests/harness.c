/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

/* libkqueue, where a backend is tested through it, keeps what is its own. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libkqueue\n";
}

enum {
	EXIT_SKIPPED = 77
};

struct test {
	harness_func func;
	unsigned seconds;
};

static const char *prefix = "";
static harness_func set_up;

/* The program's arguments as GLib gets them. */
static char **arguments;

/* In the test's own process: where it writes why it was skipped or failed. */
static int reason_fd = -1;

/* Where the running test's directories are. Goes with it, unless it failed: then it is worth a look. */
static char *test_dir;

/* What each open descriptor refers to; the caller frees the table. */
static GHashTable *list_descriptors(void)
{
	GHashTable *table = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
	DIR *dir = opendir("/proc/self/fd");

	g_assert_nonnull(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		char target[256];
		ssize_t len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		int fd = atoi(entry->d_name);

		if (len >= 0 && fd != dirfd(dir)) {
			g_hash_table_insert(table, GINT_TO_POINTER(fd), g_strndup(target, len));
		}
	}
	closedir(dir);
	return table;
}

/* As they are once there are @count again; a thread of libkqueue's takes a moment to close its own. */
static GHashTable *list_descriptors_left(guint count)
{
	GHashTable *left = list_descriptors();

	for (int i = 0; i < 200 && g_hash_table_size(left) > count; i++) {
		g_hash_table_unref(left);
		g_usleep(10000);
		left = list_descriptors();
	}
	return left;
}

static void compare_descriptors(GHashTable *before, GHashTable *after)
{
	GHashTableIter iter;
	gpointer fd, target;

	g_hash_table_iter_init(&iter, after);
	while (g_hash_table_iter_next(&iter, &fd, &target)) {
		const char *old = g_hash_table_lookup(before, fd);

		if (!old) {
			g_printerr("descriptor %d left open: %s\n", GPOINTER_TO_INT(fd),
				   (char *)target);
			g_test_fail();
		} else if (strcmp(old, target) != 0) {
			g_printerr("descriptor %d was %s, is %s\n", GPOINTER_TO_INT(fd), old,
				   (char *)target);
			g_test_fail();
		}
	}
	g_hash_table_iter_init(&iter, before);
	while (g_hash_table_iter_next(&iter, &fd, &target)) {
		if (!g_hash_table_contains(after, fd)) {
			g_printerr("descriptor %d was closed: %s\n", GPOINTER_TO_INT(fd),
				   (char *)target);
			g_test_fail();
		}
	}
}

size_t harness_count_descriptors(void)
{
	GHashTable *table = list_descriptors();
	size_t count = g_hash_table_size(table);

	g_hash_table_unref(table);
	return count;
}

bool harness_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	return true;
#elif defined(__has_feature)
	return __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
	return false;
#endif
}

void harness_skip(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(reason_fd, format, args);
	va_end(args);
	_exit(EXIT_SKIPPED);
}

/* For the parent's report: the first line of @text. */
static void give_reason(const char *text)
{
	dprintf(reason_fd, "%.*s", (int)strcspn(text, "\n"), text);
}

void harness_fail(const char *format, ...)
{
	va_list args;
	char *reason;

	va_start(args, format);
	reason = g_strdup_vprintf(format, args);
	va_end(args);
	fprintf(stderr, "%s\n", reason);
	give_reason(reason);
	abort();
}

/* GLib prints a failed assertion as two stars and a line that says where and what. */
static void print_error(const gchar *text)
{
	fputs(text, stderr);
	if (g_str_has_prefix(text, "**\nERROR:")) {
		give_reason(text + strlen("**\nERROR:"));
	}
}

/* The test's own process. stdout carries the parent's TAP, so that what is printed here goes aside.
 */
G_NORETURN static void run_child(const struct test *test)
{
	GHashTable *before, *after;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fflush(stdout);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	g_setenv("TMPDIR", test_dir, TRUE); /* for what the test starts */
	g_set_printerr_handler(print_error);
	alarm(test->seconds);

	if (set_up) {
		set_up();
	}
	before = list_descriptors();
	test->func();
	after = list_descriptors_left(g_hash_table_size(before));
	compare_descriptors(before, after);
	g_hash_table_unref(before);
	g_hash_table_unref(after);
	exit(g_test_failed() ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void harness_remove_dir(char *dir)
{
	g_assert_cmpint(nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
	g_free(dir);
}

/* As /tmp is, since a test may become another user. */
static void make_test_dir(void)
{
	GError *error = NULL;

	test_dir = g_dir_make_tmp("shiny-XXXXXX", &error);
	g_assert_no_error(error);
	g_assert_cmpint(chmod(test_dir, 01777), ==, 0);
}

static void report(const struct test *test, int status, const char *reason)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) {
		g_test_skip(reason);
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
		g_test_fail_printf("not done within %u s", test->seconds);
	} else if (WIFSIGNALED(status) && reason[0]) {
		g_test_fail_printf("%s", reason);
	} else if (WIFSIGNALED(status)) {
		g_test_fail_printf("killed by signal %d (%s)", WTERMSIG(status),
				   strsignal(WTERMSIG(status)));
	} else if (WEXITSTATUS(status) != 0) {
		g_test_fail_printf("exit status %d", WEXITSTATUS(status));
	}
}

static void run_test(gconstpointer data)
{
	const struct test *test = data;
	char reason[256] = "";
	int fds[2], status;
	ssize_t len;
	pid_t pid;

	g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
	make_test_dir();
	fflush(NULL);
	pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		close(fds[0]);
		reason_fd = fds[1];
		run_child(test);
	}
	setpgid(pid, pid);
	close(fds[1]);
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	/* What the test started and left behind is in its group. */
	kill(-pid, SIGKILL);

	/* Only now: a process that was left behind may have held the other end open. */
	len = read(fds[0], reason, sizeof(reason) - 1);
	g_assert_cmpint(len, >=, 0);
	close(fds[0]);
	report(test, status, reason);
	if (WIFEXITED(status) &&
	    (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == EXIT_SKIPPED)) {
		harness_remove_dir(test_dir);
	} else {
		g_free(test_dir);
	}
}

void harness_init(int *argc, char ***argv)
{
	arguments = g_new0(char *, *argc + 2);
	/* A test that fails must not keep the others from running. */
	arguments[0] = (*argv)[0];
	arguments[1] = (char *)"--keep-going";
	memcpy(arguments + 2, *argv + 1, (size_t)(*argc - 1) * sizeof(*arguments));
	*argc += 1;
	*argv = arguments;
	g_test_init(argc, argv, NULL);
}

void harness_set_up(harness_func func)
{
	set_up = func;
}

void harness_set_prefix(const char *new_prefix)
{
	prefix = new_prefix;
}

void harness_add_slow(const char *name, harness_func func, unsigned seconds)
{
	struct test *test = g_new(struct test, 1);
	char *path = g_strconcat(prefix, name, NULL);

	*test = (struct test){ .func = func, .seconds = seconds };
	g_test_add_data_func_full(path, test, run_test, g_free);
	g_free(path);
}

void harness_add(const char *name, harness_func func)
{
	harness_add_slow(name, func, HARNESS_PATIENCE_MS / 1000 + 10);
}

int harness_run(void)
{
	return g_test_run();
}

char *harness_make_dir(void)
{
	char *dir = g_build_filename(test_dir, "XXXXXX", NULL);

	g_assert_nonnull(g_mkdtemp(dir));
	return dir;
}

unsigned harness_free_port(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), ==, 0);
	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&sin, &len), ==, 0);
	close(fd);
	return ntohs(sin.sin_port);
}

void latch_add(struct latch *latch, uint64_t n)
{
	pthread_mutex_lock(&latch->lock);
	latch->count += n;
	pthread_cond_broadcast(&latch->changed);
	pthread_mutex_unlock(&latch->lock);
}

void latch_reset(struct latch *latch)
{
	pthread_mutex_lock(&latch->lock);
	latch->count = 0;
	pthread_mutex_unlock(&latch->lock);
}

uint64_t latch_count(struct latch *latch)
{
	uint64_t count;

	pthread_mutex_lock(&latch->lock);
	count = latch->count;
	pthread_mutex_unlock(&latch->lock);
	return count;
}

bool latch_wait(struct latch *latch, uint64_t count, unsigned timeout_ms)
{
	gint64 end_us = g_get_real_time() + (gint64)timeout_ms * 1000;
	struct timespec end = {
		.tv_sec = end_us / G_USEC_PER_SEC,
		.tv_nsec = end_us % G_USEC_PER_SEC * 1000,
	};
	bool reached, in_time = true;

	pthread_mutex_lock(&latch->lock);
	while (latch->count < count && in_time) {
		in_time = pthread_cond_timedwait(&latch->changed, &latch->lock, &end) == 0;
	}
	reached = latch->count >= count;
	pthread_mutex_unlock(&latch->lock);
	return reached;
}

void latch_await_at(struct latch *latch, uint64_t count, const char *what, const char *file,
		    int line)
{
	if (!latch_wait(latch, count, HARNESS_PATIENCE_MS)) {
		harness_fail("%s:%d: %s is %" PRIu64 ", not %" PRIu64 ", after %d ms", file, line,
			     what, latch_count(latch), count, HARNESS_PATIENCE_MS);
	}
}
