/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TESTS_MAX    64
#define TEST_SECONDS 60

struct test {
	const char *prefix, *name;
	harness_func func;
};

static struct test tests[TESTS_MAX];
static size_t test_count;
static const char *prefix = "";

void harness_init(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
}

void harness_set_prefix(const char *text)
{
	prefix = text;
}

void harness_add(const char *name, harness_func func)
{
	g_assert_cmpuint(test_count, <, TESTS_MAX);
	tests[test_count++] = (struct test){ prefix, name, func };
}

void harness_add_slow(const char *name, harness_func func, unsigned seconds)
{
	(void)seconds;
	harness_add(name, func);
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

void harness_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/* stdout is for TAP. */
static bool run(const struct test *test)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		alarm(TEST_SECONDS);
		test->func();
		exit(EXIT_SUCCESS);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) == EXIT_SUCCESS;
}

int harness_run(void)
{
	size_t failed = 0;

	printf("1..%zu\n", test_count);
	for (size_t i = 0; i < test_count; i++) {
		bool passed = run(&tests[i]);

		failed += !passed;
		printf("%sok %zu %s%s\n", passed ? "" : "not ", i + 1, tests[i].prefix,
		       tests[i].name);
	}
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
