/* SPDX-License-Identifier: MIT */
/*
 * How long one client has kept the others waiting, and that the loop is not stuck meanwhile.
 *
 * A clock that is read for each request would take a third of a GET's time. So all that takes time
 * counts its work, in about bytes, and the clock is read once that has come to something. The count
 * is only as good as its guess; too high a guess costs a reading of the clock, and nothing else.
 */
#include "util/work.h"
#include "util/clock.h"

#include <shiny.h>

/* How long a client may go on before others have their turn. */
#define SLICE_NS 2000000

void work_check(struct work *work, size_t amount)
{
	int64_t ns = steady_clock_ns();

	if (work->began_ns == 0) {
		work->began_ns = ns;
	}
	work->left = WORK_STEP;
	work->over |= amount >= WORK_SLICE || ns - work->began_ns >= SLICE_NS;
	work->checked = true;
	if (work->notice) {
		*work->notice = true;
	}
	if (work->server) {
		shiny_server_progress(work->server);
	}
}
