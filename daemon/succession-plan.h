/* SPDX-License-Identifier: MIT */
/*
 * What becomes of each section of a new configuration, found out before anything is changed.
 *
 * Called by succession.c only.
 */
#ifndef SHINYD_SUCCESSION_PLAN_H
#define SHINYD_SUCCESSION_PLAN_H

#include "section.h"

#include <glib.h>

enum outcome {
	ADOPT,	 /* the workers that run can do what is asked */
	KEEP,	 /* they cannot, but hold what must not be lost */
	REPLACE, /* or begin, if there is no old section */
};

/* What becomes of one section of the new configuration. */
struct step {
	struct config_section *server;
	struct section *old; /* that has its name; NULL: none */
	enum outcome outcome;
	char **changes; /* config_compare()'s; NULL without an old section */
	struct sockets sockets;
};

struct plan {
	struct step *steps; /* one a section, in the configuration's order */
	size_t count;
};

/*
 * plan_make() - who stays, who comes, and with which sockets
 *
 * @sections holds struct section *. Addresses that cannot be had are added to @problems.
 *
 * Owner:   *@ret_plan is for plan_finish(), which lets go of what was not taken out of it.
 */
void plan_make(const GPtrArray *sections, struct config *config, const struct inherited *inherited,
	       struct problems *problems, struct plan *ret_plan);
void plan_finish(struct plan *plan);

#endif
