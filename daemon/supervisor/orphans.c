/* SPDX-License-Identifier: MIT */
/*
 * What plugins leave behind, found and ended.
 *
 * A process that forks again and again must not outrun this. So the list of children is read and
 * worked off anew until nothing was in it, or the time of a turn is up. A process with SIGKILL
 * pending cannot fork any more, so a round leaves no more than what was forked during the round.
 */
#include "supervisor/orphans.h"

#include "log/log.h"
#include "util/clock.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_MS    1000
#define TURN_MS	    5  /* of each turn at most */
#define AGAIN_MS    20 /* from one turn to the next that looks for them */
#define LOG_MS	    10000
#define DEADLINE_MS 5000 /* for what was killed to be gone */
#define REAP_BATCH  256	 /* where there is no list of children */

static bool nobody_is_ours(const void *ctx, pid_t pid)
{
	(void)ctx;
	(void)pid;
	return false;
}

/* All children of this process, which has one thread. Returns whether the system lists them. */
static bool list_children(GArray *pids)
{
	char path[64];
	FILE *file;
	int pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "re");
	if (file == NULL) {
		return false;
	}
	while (fscanf(file, "%d", &pid) == 1) {
		g_array_append_val(pids, pid);
	}
	fclose(file);
	return true;
}

/* Returns its index among the children from before; -1: it is none. */
static int find_earlier(const struct orphans *orphans, pid_t pid)
{
	for (guint i = 0; i < orphans->earlier->len; i++) {
		if (g_array_index(orphans->earlier, pid_t, i) == pid) {
			return (int)i;
		}
	}
	return -1;
}

/*
 * Reaps or kills a child that we did not start; returns false if it is to be left alone. Its id is
 * nobody else's, for it was not reaped: waitpid(2) tells whether it is a child.
 */
static bool end_child(struct orphans *orphans, pid_t pid)
{
	int earlier = find_earlier(orphans, pid), status = 0;
	pid_t r = waitpid(pid, &status, WNOHANG);

	if (earlier >= 0) {
		if (r != 0) {
			g_array_remove_index_fast(orphans->earlier, (guint)earlier);
		}
		return false;
	}
	if (r == 0) {
		kill(pid, SIGKILL);
	} else if (r == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
		orphans->killed++;
	}
	return r >= 0;
}

/* Those that have ended only, up to the first one of ours. */
static void reap_unlisted(orphans_is_ours is_ours, const void *ctx)
{
	for (int i = 0; i < REAP_BATCH; i++) {
		siginfo_t info = { 0 };

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0 ||
		    is_ours(ctx, info.si_pid)) {
			return;
		}
		waitpid(info.si_pid, NULL, WNOHANG);
	}
}

/* Returns whether there was any: then there may be others, which one of them has forked. */
static bool end_all_once(struct orphans *orphans, orphans_is_ours is_ours, const void *ctx)
{
	GArray *pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	bool found = false;

	if (!list_children(pids)) {
		reap_unlisted(is_ours, ctx);
	}
	for (guint i = 0; i < pids->len; i++) {
		pid_t pid = g_array_index(pids, pid_t, i);

		if (!is_ours(ctx, pid) && end_child(orphans, pid)) {
			found = true;
		}
	}
	g_array_free(pids, TRUE);
	return found;
}

/* Until there are none, or until @end_ms; returns whether there are. */
static bool end_all(struct orphans *orphans, orphans_is_ours is_ours, const void *ctx,
		    int64_t end_ms)
{
	while (end_all_once(orphans, is_ours, ctx)) {
		if (clock_now_ms() >= end_ms) {
			return true;
		}
		sched_yield(); /* to those that are about to end */
	}
	return false;
}

/* When all are gone, so that one line has them all. */
static void log_killed(struct orphans *orphans, int64_t now_ms)
{
	if (orphans->killed > 0 && !orphans->due && now_ms >= orphans->log_ms) {
		log_write(SHINY_LOG_WARNING, "%u process%s that plugins left behind w%s killed",
			  orphans->killed, orphans->killed == 1 ? "" : "es",
			  orphans->killed == 1 ? "as" : "ere");
		orphans->killed = 0;
		orphans->log_ms = now_ms + LOG_MS;
	}
}

/* Once, until there are none any more. */
static void log_stubborn(struct orphans *orphans, int64_t now_ms)
{
	if (!orphans->due) {
		orphans->stubborn = false;
		orphans->deadline_ms = INT64_MAX;
		return;
	}
	orphans->deadline_ms = MIN(orphans->deadline_ms, now_ms + DEADLINE_MS);
	if (now_ms >= orphans->deadline_ms && !orphans->stubborn) {
		log_write(SHINY_LOG_ERROR,
			  "processes that plugins left behind are killed, and there are still some "
			  "after %d s",
			  DEADLINE_MS / 1000);
		orphans->stubborn = true;
	}
}

void orphans_init(struct orphans *orphans)
{
	*orphans = (struct orphans){
		.earlier = g_array_new(FALSE, FALSE, sizeof(pid_t)),
		.deadline_ms = INT64_MAX,
	};
	list_children(orphans->earlier);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void orphans_turn(struct orphans *orphans, bool child_ended, orphans_is_ours is_ours,
		  const void *ctx, int64_t now_ms)
{
	orphans->due = orphans->due || child_ended || now_ms >= orphans->check_ms;
	if (orphans->due && now_ms >= orphans->again_ms) {
		orphans->due = end_all(orphans, is_ours, ctx, clock_now_ms() + TURN_MS);
		orphans->again_ms = now_ms + AGAIN_MS;
		orphans->check_ms = now_ms + CHECK_MS;
		log_stubborn(orphans, now_ms);
	}
	log_killed(orphans, now_ms);
}

int64_t orphans_timeout(const struct orphans *orphans)
{
	if (orphans->due) {
		return orphans->again_ms;
	}
	return orphans->killed > 0 ? orphans->log_ms : INT64_MAX;
}

void orphans_finish(struct orphans *orphans)
{
	int64_t now_ms = clock_now_ms();

	if (orphans->earlier == NULL) {
		return;
	}
	orphans->due = end_all(orphans, nobody_is_ours, NULL, now_ms + DEADLINE_MS);
	orphans->deadline_ms = orphans->due ? now_ms : INT64_MAX;
	log_stubborn(orphans, now_ms);
	orphans->due = false;
	orphans->log_ms = now_ms;
	log_killed(orphans, now_ms);
	g_array_free(orphans->earlier, TRUE);
	*orphans = (struct orphans){ 0 };
}
