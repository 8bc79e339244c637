/* SPDX-License-Identifier: MIT */
/*
 * Why a plugin cannot serve as it should, in a line of its own words, in memory that its worker
 * shares with the supervisor.
 */
#ifndef SHINYD_DEGRADED_H
#define SHINYD_DEGRADED_H

#include <shiny-plugin.h>
#include <stdbool.h>
#include <stdint.h>

struct degraded {
	uint32_t version;	    /* odd while it is being written */
	char text[SHINY_ERROR_MAX]; /* "": it is well */
};

/* degraded_set() - one writer at a time; "": it is well */
void degraded_set(struct degraded *degraded, const char *text);

/*
 * degraded_get() - a copy of it, as printable text; whether there is any
 *
 * A plugin may have overwritten it with anything. @ret_text has SHINY_ERROR_MAX bytes.
 */
bool degraded_get(const struct degraded *degraded, char *ret_text);

#endif
