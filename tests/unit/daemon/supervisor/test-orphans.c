/* SPDX-License-Identifier: MIT */
#include "supervisor/orphans.h"

#include "harness.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 300 /* more than are reaped in one call */

static bool is_nobodys(const void *ctx, pid_t pid)
{
	(void)ctx;
	(void)pid;
	return false;
}

static bool is_the_one(const void *ctx, pid_t pid)
{
	return *(const pid_t *)ctx == pid;
}

/* It has ended, and is not reaped. */
static pid_t leave_ended(void)
{
	pid_t pid = fork();
	siginfo_t info;

	if (pid == 0) {
		_exit(0);
	}
	g_assert_cmpint(pid, >, 0);
	g_assert_cmpint(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), ==, 0);
	return pid;
}

static void tells_whether_there_are_more(void)
{
	for (int i = 0; i < MANY; i++) {
		leave_ended();
	}
	g_assert_true(orphans_reap(is_nobodys, NULL));
	g_assert_false(orphans_reap(is_nobodys, NULL));
	g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
	g_assert_cmpint(errno, ==, ECHILD);
}

static void leaves_what_is_ours(void)
{
	pid_t ours = leave_ended();

	g_assert_false(orphans_reap(is_the_one, &ours));
	g_assert_cmpint(waitpid(ours, NULL, WNOHANG), ==, ours);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/orphans/tell-whether-there-are-more", tells_whether_there_are_more);
	harness_add("/orphans/leave-what-is-ours", leaves_what_is_ours);
	return harness_run();
}
