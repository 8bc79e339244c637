/* SPDX-License-Identifier: MIT */
/*
 * What becomes of each section of a new configuration, found out before anything is changed.
 *
 * Called by succession.c only.
 */
#ifndef SHINYD_SUCCESSION_PLAN_H
#define SHINYD_SUCCESSION_PLAN_H

#include "section/section.h"

#include <glib.h>

enum outcome {
	ADOPT,	 /* the workers that run can do what is asked */
	AWAIT,	 /* those that come to replace them can */
	KEEP,	 /* they cannot, but hold what must not be lost */
	REPLACE, /* or begin, if there is no old section */
};

/* What becomes of one section of the new configuration. */
struct step {
	struct config_section *server;
	struct section *old;	   /* that has its name; NULL: none */
	struct section *successor; /* that comes to replace it, and is awaited; NULL: none */
	enum outcome outcome;
	char **changes; /* config_compare()'s; NULL without an old section */
	struct sockets sockets;
};

struct plan {
	const GPtrArray *sections; /* as they are, struct section * */
	struct config *config;	   /* as they shall be */
	struct step *steps;	   /* one a section, in the configuration's order */
	size_t count;
};

/*
 * plan_make() - who stays, who comes, and with which sockets
 *
 * @sections holds struct section *. Addresses that cannot be had are added to @problems. Those who
 * are not awaited any more, and those whom the configuration does not have, give up theirs.
 *
 * Owner:   *@ret_plan is for plan_finish(), which lets go of what was not taken out of it.
 */
void plan_make(const GPtrArray *sections, struct config *config, const struct inherited *inherited,
	       struct problems *problems, struct plan *ret_plan);
void plan_finish(struct plan *plan);

/* plan_server() - what the new configuration has under the name of @section; NULL: nothing */
struct config_section *plan_server(const struct plan *plan, const struct section *section);

/* plan_awaits() - whether @section is about to replace another one, and goes on with that */
bool plan_awaits(const struct plan *plan, const struct section *section);

#endif
