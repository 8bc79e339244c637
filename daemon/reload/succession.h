/* SPDX-License-Identifier: MIT */
/*
 * How the sections of one configuration follow those of another, without a client noticing.
 *
 * A section that goes on as it is stays; one that must change gets a successor, which has its
 * sockets. Usually the successor serves before the other one drains. Where a plugin is exclusive
 * the other one drains first. A successor that fails is dropped, and the other one goes on, or
 * comes back.
 */
#ifndef SHINYD_SUCCESSION_H
#define SHINYD_SUCCESSION_H

#include "section/section.h"

#include <glib.h>

/*
 * succession_begin() - have @config served instead of what is
 *
 * @sections holds struct section *. Those that are not ready yet to replace another one give up,
 * unless @config would have the same of them. Addresses that cannot be bound are added to
 * @problems; then nothing else has changed.
 */
void succession_begin(GPtrArray *sections, struct config *config, const struct inherited *inherited,
		      struct problems *problems, int64_t now_ms);

/* succession_turn() - go on: who serves, who drains, who is over and goes */
void succession_turn(GPtrArray *sections, int64_t now_ms);

/* succession_is_over() - no section is on its way to replace another one */
bool succession_is_over(const GPtrArray *sections);

#endif
