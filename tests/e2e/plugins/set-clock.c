/* SPDX-License-Identifier: MIT */
/*
 * No plugin, but what LD_PRELOAD puts before libc: the wall's clock, an hour slow from the moment on
 * at which the file that SHINYD_SET_CLOCK_FILE names is there.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ts)
{
	const char *file = getenv("SHINYD_SET_CLOCK_FILE");
	int r = (int)syscall(SYS_clock_gettime, clock, ts);

	if (r == 0 && clock == CLOCK_REALTIME && file && access(file, F_OK) == 0) {
		ts->tv_sec -= 3600;
	}
	return r;
}
