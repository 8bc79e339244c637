/* SPDX-License-Identifier: MIT */
/*
 * How the sections of one configuration replace those of another, without a client noticing.
 *
 * A section that need not change keeps its workers. One that must change gets a replacement, which
 * takes its sockets. Usually the old section drains once the replacement serves; where a plugin is
 * exclusive the old one drains first. A replacement that fails is rolled back: it is dropped, and
 * the old section goes on, or starts workers again.
 *
 * Called by supervisor.c, and by supervisor-reload.c for each reload.
 */
#ifndef SHINYD_ROLLOUT_H
#define SHINYD_ROLLOUT_H

#include "section/section.h"

#include <glib.h>

/*
 * rollout_begin() - have @config served instead of what is
 *
 * @sections holds struct section *. Those that are not ready yet to replace another one give up,
 * unless @config would have the same of them. Addresses that cannot be bound are added to
 * @problems; then nothing else has changed.
 */
void rollout_begin(GPtrArray *sections, struct config *config, const struct inherited *inherited,
		   struct problems *problems, int64_t now_ms);

/* rollout_turn() - go on: who serves, who drains, who is over and goes */
void rollout_turn(GPtrArray *sections, int64_t now_ms);

/* rollout_is_over() - no section is on its way to replace another one */
bool rollout_is_over(const GPtrArray *sections);

#endif
