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

/* A copy of @fd from @from on. */
static int move(int fd, int from)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, from);
}

/* Has descriptors where launch.h says, and no others but @program_at; -1 with errno. */
static int place_descriptors(const struct launch *launch, int *moved, int program_at)
{
	int free_from = program_at + 1, r = 0;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int output = move(launch->output, free_from), executed = move(program, free_from);

	for (size_t i = 0; i < launch->handed_count; i++) {
		moved[i] = move(launch->handed[i], free_from);
	}
	r |= dup2(null, STDIN_FILENO) | dup2(output, STDOUT_FILENO) | dup2(output, STDERR_FILENO);
	for (size_t i = 0; i < launch->handed_count; i++) {
		r |= dup2(moved[i], LAUNCH_DESCRIPTION + (int)i);
	}
	r |= dup3(executed, program_at, O_CLOEXEC);
	r |= close_range((unsigned)free_from, ~0U, 0);
	return r < 0 ? -1 : 0;
}

/* The child. */
static void execute(const struct launch *launch, int *moved, char *const argv[],
		    char *const environment[])
{
	int program_at = LAUNCH_DESCRIPTION + (int)launch->handed_count;

	if (place_descriptors(launch, moved, program_at) == 0) {
		execveat(program_at, "", argv, environment, AT_EMPTY_PATH);
	}
	dprintf(STDERR_FILENO, "shinyd cannot be executed: %s\n", strerror(errno));
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
