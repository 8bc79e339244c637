/* SPDX-License-Identifier: MIT */
/*
 * Children that have ended, reaped unless they are ours.
 */
#include "supervisor/orphans.h"

#include <sys/wait.h>

/* Reaped in one call: who forks without end must not keep others. */
#define REAP_BATCH 256

/* A child that has ended, which stays as it is; 0: there is none. */
static pid_t find_ended(void)
{
	siginfo_t info = { 0 };

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
		return 0;
	}
	return info.si_pid;
}

bool orphans_reap(bool (*is_ours)(const void *ctx, pid_t pid), const void *ctx)
{
	for (int i = 0; i < REAP_BATCH; i++) {
		pid_t pid = find_ended();

		if (pid == 0 || is_ours(ctx, pid)) {
			return false;
		}
		waitpid(pid, NULL, WNOHANG);
	}
	return true;
}
