/* SPDX-License-Identifier: MIT */
/*
 * What becomes of each section of a new configuration, found out before anything is changed.
 *
 * One step a section. Sockets of sections that are to be replaced are bound here, so that an
 * address that cannot be bound refuses the whole configuration.
 *
 * Called by rollout.c only.
 */
#ifndef SHINYD_ROLLOUT_PLAN_H
#define SHINYD_ROLLOUT_PLAN_H

#include "section/section.h"

#include <glib.h>

enum rollout_outcome {
	ROLLOUT_ADOPT,	 /* the workers that run can do what is asked */
	ROLLOUT_AWAIT,	 /* those of a replacement that already loads can */
	ROLLOUT_KEEP,	 /* they cannot, but hold what must not be lost */
	ROLLOUT_REPLACE, /* by a new section; or there is no old one */
};

/* What becomes of one section of the new configuration. */
struct rollout_step {
	struct config_section *server;
	struct section *old;	     /* of the same name; NULL: none */
	struct section *replacement; /* that comes to replace it, and is awaited; NULL: none */
	enum rollout_outcome outcome;
	char **changes; /* config_compare()'s; NULL without an old section */
	struct sockets sockets;
};

struct rollout_plan {
	const GPtrArray *sections;  /* as they are, struct section * */
	struct config *config;	    /* as they shall be */
	struct rollout_step *steps; /* one a section, in the configuration's order */
	size_t count;
};

/*
 * rollout_plan_make() - decide which sections stay and which are replaced, and bind their sockets
 *
 * @sections holds struct section *. Addresses that cannot be bound are added to @problems.
 * Sockets of sections that the configuration does not have, and of replacements that are not
 * awaited any more, can be taken over.
 *
 * Owner:   *@ret_plan is for rollout_plan_finish(), which releases what was not taken out of it.
 */
void rollout_plan_make(const GPtrArray *sections, struct config *config,
		       const struct inherited *inherited, struct problems *problems,
		       struct rollout_plan *ret_plan);
void rollout_plan_finish(struct rollout_plan *plan);

/* rollout_plan_server() - the section of the new configuration that has @section's name, or NULL */
struct config_section *rollout_plan_server(const struct rollout_plan *plan,
					   const struct section *section);

/* rollout_plan_awaits() - whether @section is a replacement that fits the new configuration, too */
bool rollout_plan_awaits(const struct rollout_plan *plan, const struct section *section);

#endif
