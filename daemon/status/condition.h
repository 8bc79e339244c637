/* SPDX-License-Identifier: MIT */
/*
 * The state of one section in a few words: for --status, and for the service manager's status text.
 */
#ifndef SHINYD_CONDITION_H
#define SHINYD_CONDITION_H

#include "section/section.h"

#include <glib.h>

/* The beginning of what a plugin says of itself. */
#define CONDITION_DEGRADED "degraded: "

/* condition_state() - "serving", "loading", "down" and so on */
const char *condition_state(const struct section *section);

/*
 * condition_troubles() - what keeps it from serving as it should, in words; empty: nothing does
 *
 * For g_ptr_array_unref().
 */
GPtrArray *condition_troubles(const struct section *section, int64_t now_ms);

#endif
