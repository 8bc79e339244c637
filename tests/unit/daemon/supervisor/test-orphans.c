/* SPDX-License-Identifier: MIT */
#include "supervisor/orphans.h"

#include "harness.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 300

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

static void end_all(struct orphans *orphans, orphans_is_ours is_ours, const void *ctx)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	int64_t now_ms = 1;

	orphans_turn(orphans, true, is_ours, ctx, now_ms);
	while ((now_ms = orphans_timeout(orphans)) < INT64_MAX && orphans->due) {
		if (g_get_monotonic_time() > end) {
			harness_fail("some are left");
		}
		orphans_turn(orphans, false, is_ours, ctx, now_ms);
	}
}

static void expect_no_children(void)
{
	g_assert_cmpint(waitpid(-1, NULL, WNOHANG), ==, -1);
	g_assert_cmpint(errno, ==, ECHILD);
}

static pid_t start_sleeper(void)
{
	pid_t pid = fork();

	while (pid == 0) {
		pause();
	}
	g_assert_cmpint(pid, >, 0);
	return pid;
}

static void all_that_ended_are_reaped(void)
{
	struct orphans orphans;

	orphans_init(&orphans);
	for (int i = 0; i < MANY; i++) {
		leave_ended();
	}
	end_all(&orphans, is_nobodys, NULL);
	expect_no_children();
	g_assert_cmpuint(orphans.killed, ==, 0);
	orphans_finish(&orphans);
}

static void leaves_what_is_ours(void)
{
	struct orphans orphans;
	pid_t ours;

	orphans_init(&orphans);
	ours = leave_ended();
	end_all(&orphans, is_the_one, &ours);
	g_assert_cmpint(waitpid(ours, NULL, WNOHANG), ==, ours);
	ours = start_sleeper();
	end_all(&orphans, is_the_one, &ours);
	g_assert_cmpint(waitpid(ours, NULL, WNOHANG), ==, 0);
	orphans_finish(&orphans);
	expect_no_children();
}

/* As of a shell that has executed shinyd. */
static void leaves_what_was_there_before(void)
{
	pid_t first = leave_ended(), second = start_sleeper();
	struct orphans orphans;

	orphans_init(&orphans);
	start_sleeper();
	end_all(&orphans, is_nobodys, NULL);
	g_assert_cmpint(waitpid(first, NULL, WNOHANG), ==, -1);
	orphans_finish(&orphans);
	g_assert_cmpint(waitpid(second, NULL, WNOHANG), ==, 0);
	g_assert_cmpint(kill(second, SIGKILL), ==, 0);
	g_assert_cmpint(waitpid(second, NULL, 0), ==, second);
}

/* A process forks and ends, and so does its child: nobody of them lives for long. */
static void run_away(void)
{
	while (fork() == 0) {
		setsid();
	}
	_exit(0);
}

static void nobody_runs_away(void)
{
	struct orphans orphans;
	int lives[2];
	char c;

	orphans_init(&orphans);
	g_assert_cmpint(pipe(lives), ==, 0);
	for (int i = 0; i < 3; i++) {
		if (fork() == 0) {
			run_away();
		}
	}
	close(lives[1]);
	g_usleep(100000); /* on their way */
	orphans_finish(&orphans);
	g_assert_cmpint(read(lives[0], &c, 1), ==, 0); /* none of them has it open */
	close(lives[0]);
	expect_no_children();
}

/* Whoever leaves some behind again and again does not fill the log. */
static void one_line_tells_of_many(void)
{
	struct orphans orphans;

	orphans_init(&orphans);
	start_sleeper();
	end_all(&orphans, is_nobodys, NULL);
	g_assert_cmpuint(orphans.killed, ==, 0); /* logged */
	for (int i = 0; i < 3; i++) {
		start_sleeper();
	}
	orphans_turn(&orphans, true, is_nobodys, NULL, orphans.again_ms);
	while (orphans.due) {
		orphans_turn(&orphans, true, is_nobodys, NULL, orphans.again_ms);
	}
	g_assert_cmpuint(orphans.killed, ==, 3);
	g_assert_cmpint(orphans_timeout(&orphans), ==, orphans.log_ms);
	orphans_finish(&orphans);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/orphans/all-that-ended-are-reaped", all_that_ended_are_reaped);
	harness_add("/orphans/leave-what-is-ours", leaves_what_is_ours);
	harness_add("/orphans/leave-what-was-there-before", leaves_what_was_there_before);
	harness_add("/orphans/nobody-runs-away", nobody_runs_away);
	harness_add("/orphans/one-line-tells-of-many", one_line_tells_of_many);
	return harness_run();
}
