/* SPDX-License-Identifier: MIT */
/*
 * Whether other processes of the same user may read and trace this one.
 */
#include "process/dumpable.h"

#include <sys/prctl.h>

void dumpable_forbid(void)
{
	if (!SHINYD_SANITIZED) {
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	}
}

void dumpable_allow(void)
{
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}
