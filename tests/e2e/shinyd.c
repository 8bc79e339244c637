/* SPDX-License-Identifier: MIT */
#include "shinyd.h"

#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A test has a process of its own. */
static const char *launcher;

void shinyd_launch_by(const char *program)
{
	launcher = program;
}

void shinyd_prepare(struct shinyd *shinyd)
{
	*shinyd = (struct shinyd){ .dir = harness_make_dir() };
	shinyd->config = g_build_filename(shinyd->dir, "shinyd.ini", NULL);
}

const struct passwd *shinyd_need_nobody(void)
{
	const struct passwd *nobody = getpwnam("nobody");
	bool reaches;

	if (geteuid() != 0 || nobody == NULL) {
		harness_skip("needs root and a user called nobody");
	}
	g_assert_cmpint(seteuid(nobody->pw_uid), ==, 0);
	reaches = faccessat(AT_FDCWD, PLUGIN_DIR, R_OK | X_OK, AT_EACCESS) == 0;
	g_assert_cmpint(seteuid(0), ==, 0);
	if (!reaches) {
		harness_skip("%s is not for everybody", PLUGIN_DIR);
	}
	return nobody;
}

void shinyd_let_crash(void)
{
	const char *options = g_getenv("ASAN_OPTIONS");
	char *more = g_strconcat(options != NULL ? options : "",
				 ":handle_segv=0:handle_abort=0:handle_sigbus=0:handle_sigfpe=0:"
				 "handle_sigill=0",
				 NULL);

	g_setenv("ASAN_OPTIONS", more, TRUE);
	g_free(more);
}

static void start(struct shinyd *shinyd, const char *const arguments[], const char *config)
{
	GPtrArray *argv = g_ptr_array_new();

	if (shinyd->dir == NULL) {
		shinyd_prepare(shinyd);
	}
	g_assert_true(g_file_set_contents(shinyd->config, config, -1, NULL));
	if (launcher != NULL) {
		g_ptr_array_add(argv, (char *)launcher);
	}
	g_ptr_array_add(argv, (char *)SHINYD);
	g_ptr_array_add(argv, (char *)"--config");
	g_ptr_array_add(argv, shinyd->config);
	g_ptr_array_add(argv, (char *)"--plugin-path=" TEST_PLUGIN_DIR);
	g_ptr_array_add(argv, (char *)"--plugin-path=" PLUGIN_DIR);
	for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++) {
		g_ptr_array_add(argv, (char *)arguments[i]);
	}
	g_ptr_array_add(argv, NULL);
	child_start(&shinyd->child, (const char *const *)argv->pdata);
	g_ptr_array_free(argv, TRUE);
}

void shinyd_start_with(struct shinyd *shinyd, const char *const arguments[], const char *format,
		       ...)
{
	va_list args;
	char *config;

	va_start(args, format);
	config = g_strdup_vprintf(format, args);
	va_end(args);
	start(shinyd, arguments, config);
	g_free(config);
}

void shinyd_start(struct shinyd *shinyd, const char *format, ...)
{
	va_list args;
	char *config;

	va_start(args, format);
	config = g_strdup_vprintf(format, args);
	va_end(args);
	start(shinyd, NULL, config);
	g_free(config);
}

/* More of the log; fails the test if there is no more. */
static void read_log(struct shinyd *shinyd, const char *wanted)
{
	struct pollfd wait = { .fd = shinyd->child.fd, .events = POLLIN };
	char buf[4096];
	ssize_t n = 0;

	if (poll(&wait, 1, HARNESS_PATIENCE_MS) > 0) {
		n = read(shinyd->child.fd, buf, sizeof(buf));
	}
	if (n <= 0) {
		harness_fail("no line with \"%s\" in what is left of the log:\n%s", wanted,
			     shinyd->child.output->str);
	}
	g_string_append_len(shinyd->child.output, buf, n);
}

char *shinyd_await_line(struct shinyd *shinyd, const char *text)
{
	GString *log = shinyd->child.output;
	const char *found, *end;
	size_t start, len;
	char *line;

	while ((found = strstr(log->str, text)) == NULL || (end = strchr(found, '\n')) == NULL) {
		read_log(shinyd, text);
	}
	start = (size_t)(found - log->str);
	while (start > 0 && log->str[start - 1] != '\n') {
		start--;
	}
	len = (size_t)(end - log->str) - start;
	line = g_strndup(log->str + start, len);
	g_string_erase(log, (gssize)start, (gssize)len + 1);
	return line;
}

void shinyd_expect_line(struct shinyd *shinyd, const char *text)
{
	g_free(shinyd_await_line(shinyd, text));
}

void shinyd_await_serving(struct shinyd *shinyd, const char *section, struct serving *ret_serving)
{
	char *text = g_strdup_printf("[server %s] serves ", section);
	char *line = shinyd_await_line(shinyd, text);
	const char *address = strstr(line, text) + strlen(text);
	const char *worker = strstr(line, "(worker ");

	g_assert_cmpint(sscanf(address, "%127[^ ,]", ret_serving->address), ==, 1);
	ret_serving->worker = worker != NULL ? atoi(worker + strlen("(worker ")) : 0;
	g_free(line);
	g_free(text);
}

void shinyd_reload(struct shinyd *shinyd, const char *config)
{
	g_assert_true(g_file_set_contents(shinyd->config, config, -1, NULL));
	child_signal(&shinyd->child, SIGHUP);
}

int shinyd_wait(struct shinyd *shinyd)
{
	int status = child_wait(&shinyd->child);

	if (strstr(shinyd->child.output->str, "Sanitizer") != NULL) {
		harness_fail("a sanitizer spoke:\n%s", shinyd->child.output->str);
	}
	return status;
}

void shinyd_reload_well(struct shinyd *shinyd, const char *config)
{
	shinyd_reload(shinyd, config);
	shinyd_expect_line(shinyd, "the configuration was reloaded");
}

char *shinyd_plugin_file(const char *dir, const char *name)
{
	char *folder = g_build_filename(dir, "plugins", "here", NULL);
	char *file = g_build_filename(folder, name, NULL);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
	g_free(folder);
	return file;
}

void shinyd_copy_file(const char *from, const char *to)
{
	char *data;
	gsize len;

	g_assert_true(g_file_get_contents(from, &data, &len, NULL));
	g_assert_true(g_file_set_contents(to, data, (gssize)len, NULL));
	g_free(data);
}

void shinyd_await_end(struct shinyd *shinyd, const struct serving *serving)
{
	char *text = g_strdup_printf("worker %d ended", (int)serving->worker);

	shinyd_expect_line(shinyd, text);
	g_free(text);
}

/* With it as its limit a process gets no more, and can still wait for all that it has. */
static rlim_t lowest_unused_descriptor(pid_t pid)
{
	rlim_t fd = 0;
	char *path = g_strdup_printf("/proc/%d/fd/0", (int)pid);
	char target[1];

	while (readlink(path, target, sizeof(target)) > 0) {
		g_free(path);
		path = g_strdup_printf("/proc/%d/fd/%u", (int)pid, (unsigned)++fd);
	}
	g_free(path);
	return fd;
}

void shinyd_deny_descriptors(const struct shinyd *shinyd, struct rlimit *ret_before)
{
	struct rlimit none = { .rlim_cur = lowest_unused_descriptor(shinyd->child.pid) };

	g_assert_cmpint(prlimit(shinyd->child.pid, RLIMIT_NOFILE, NULL, ret_before), ==, 0);
	none.rlim_max = ret_before->rlim_max;
	g_assert_cmpint(prlimit(shinyd->child.pid, RLIMIT_NOFILE, &none, NULL), ==, 0);
}

int shinyd_stop(struct shinyd *shinyd)
{
	child_signal(&shinyd->child, SIGTERM);
	return shinyd_wait(shinyd);
}

void shinyd_finish(struct shinyd *shinyd)
{
	child_finish(&shinyd->child);
	harness_remove_dir(shinyd->dir);
	g_free(shinyd->config);
	*shinyd = (struct shinyd){ 0 };
}

void shinyd_end(struct shinyd *shinyd)
{
	g_assert_cmpint(shinyd_stop(shinyd), ==, 0);
	shinyd_finish(shinyd);
}

void shinyd_expect(int status, const char *text, const char *const arguments[], const char *format,
		   ...)
{
	struct shinyd shinyd = { 0 };
	va_list args;
	char *config;
	int got;

	va_start(args, format);
	config = g_strdup_vprintf(format, args);
	va_end(args);
	start(&shinyd, arguments, config);
	g_free(config);
	got = shinyd_wait(&shinyd);
	if (got != status || strstr(shinyd.child.output->str, text) == NULL) {
		harness_fail("expected status %d and \"%s\"; got %d and:\n%s", status, text, got,
			     shinyd.child.output->str);
	}
	shinyd_finish(&shinyd);
}
