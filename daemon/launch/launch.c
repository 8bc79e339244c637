/* SPDX-License-Identifier: MIT */
/*
 * A process for what runs a plugin.
 *
 * Between vfork(2) and execveat(2) nothing but system calls is made: what is handed over is first
 * moved out of the way, then to its place, and the rest is closed.
 */
#include "launch/launch.h"

#include "launch/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>

#define TITLE_PREFIX "shinyd: "

/* What a process is executed from is a matter of the whole process. */
static int program = -1;

int launch_open_program(void)
{
	const char *path = (const char *)(uintptr_t)getauxval(AT_EXECFN);

	program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (program < 0 && path != NULL) {
		program = open(path, O_PATH | O_CLOEXEC); /* where there is no /proc */
	}
	return program >= 0 ? 0 : -errno;
}

void launch_close_program(void)
{
	if (program >= 0) {
		close(program);
	}
	program = -1;
}

/* Passes @r on; what failed first is in *@ret_error, as the rest may fail for want of it. */
static int check(int r, int *ret_error)
{
	if (r < 0 && *ret_error == 0) {
		*ret_error = errno;
	}
	return r;
}

/* A copy of @fd from @from on. */
static int move(int fd, int from, int *ret_error)
{
	return check(fcntl(fd, F_DUPFD_CLOEXEC, from), ret_error);
}

/* Has descriptors where launch.h says, and no others but @program_at; 0 or -errno. */
static int place_descriptors(const struct launch *launch, int *moved, int program_at)
{
	int free_from = program_at + 1, error = 0;
	int null = check(open("/dev/null", O_RDONLY | O_CLOEXEC), &error);
	int output = move(launch->output, free_from, &error);
	int executed = move(program, free_from, &error);

	for (size_t i = 0; i < launch->handed_count; i++) {
		moved[i] = move(launch->handed[i], free_from, &error);
	}
	check(dup2(null, STDIN_FILENO), &error);
	check(dup2(output, STDOUT_FILENO), &error);
	check(dup2(output, STDERR_FILENO), &error);
	for (size_t i = 0; i < launch->handed_count; i++) {
		check(dup2(moved[i], LAUNCH_DESCRIPTION + (int)i), &error);
	}
	check(dup3(executed, program_at, O_CLOEXEC), &error);
	check(close_range((unsigned)free_from, ~0U, 0), &error);
	return -error;
}

/* What the child of vfork(2) goes by, and what it leaves for its parent. */
struct attempt {
	const struct launch *launch;
	int *moved;
	char **argv;
	char **environment;
	volatile int error; /* why it could not be executed, told in shared memory; 0: it could */
};

/* The child. */
__attribute__((noreturn)) static void execute(struct attempt *attempt)
{
	int program_at = LAUNCH_DESCRIPTION + (int)attempt->launch->handed_count;
	int r = place_descriptors(attempt->launch, attempt->moved, program_at);

	if (r == 0) {
		execveat(program_at, "", attempt->argv, attempt->environment, AT_EMPTY_PATH);
		r = -errno;
	}
	attempt->error = -r;
	_exit(EXIT_FAILURE);
}

/*
 * The parent stands still until the child has been executed, which uses its memory till then: with
 * a copy of the memory of all that a supervisor has mapped a start would take longer, the more
 * sections there are. No signal has a handler meanwhile that would run in the child.
 */
static pid_t attempt_start(struct attempt *attempt)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execute(attempt);
	}
	return pid;
}

pid_t launch_start(const struct launch *launch)
{
	char *title = g_strconcat(TITLE_PREFIX, launch->title, NULL);
	char *argv[] = { title, NULL };
	struct attempt attempt = {
		.launch = launch,
		.moved = g_new(int, launch->handed_count),
		.argv = argv,
		.environment = environment_list(),
	};
	pid_t pid = attempt_start(&attempt);

	if (pid < 0) {
		pid = -errno;
	} else if (attempt.error != 0) {
		waitpid(pid, NULL, 0);
		pid = -attempt.error;
	}
	g_free(attempt.moved);
	g_free(attempt.environment);
	g_free(title);
	return pid;
}

bool launch_is_launched(int argc, char *const argv[])
{
	return argc == 1 && strncmp(argv[0], TITLE_PREFIX, strlen(TITLE_PREFIX)) == 0;
}
