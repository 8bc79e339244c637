/* SPDX-License-Identifier: MIT */
/*
 * A process for what runs a plugin.
 *
 * Between fork(2) and execveat(2) nothing but system calls is made: what is handed over is first
 * moved out of the way, then to its place, and the rest is closed.
 */
#include "launch/launch.h"

#include "launch/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

#define TITLE_PREFIX "shinyd: "

/* As a shell has it for what cannot be executed. */
#define EXIT_NOT_EXECUTED 126

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

/* The child. */
static void execute(const struct launch *launch, int *moved, char *const argv[],
		    char *const environment[])
{
	int program_at = LAUNCH_DESCRIPTION + (int)launch->handed_count;
	int r = place_descriptors(launch, moved, program_at);

	if (r == 0) {
		execveat(program_at, "", argv, environment, AT_EMPTY_PATH);
		r = -errno;
	}
	dprintf(STDERR_FILENO, "shinyd cannot be executed: %s\n", strerror(-r));
	_exit(EXIT_NOT_EXECUTED);
}

pid_t launch_start(const struct launch *launch)
{
	char *title = g_strconcat(TITLE_PREFIX, launch->title, NULL);
	char *argv[] = { title, NULL };
	char **environment = environment_list();
	int *moved = g_new(int, launch->handed_count);
	pid_t pid = fork();

	if (pid == 0) {
		execute(launch, moved, argv, environment);
	}
	pid = pid < 0 ? -errno : pid;
	g_free(moved);
	g_free(environment);
	g_free(title);
	return pid;
}

bool launch_is_launched(int argc, char *const argv[])
{
	return argc == 1 && strncmp(argv[0], TITLE_PREFIX, strlen(TITLE_PREFIX)) == 0;
}
