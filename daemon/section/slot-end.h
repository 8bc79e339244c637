/* SPDX-License-Identifier: MIT */
/*
 * How a worker ended, and what its slot does next. Called by slot.c only.
 */
#ifndef SHINYD_SLOT_END_H
#define SHINYD_SLOT_END_H

#include "section/slot.h"

/* slot_end() - judge an end by its wait(2) @status, and choose the state that follows */
void slot_end(struct slot *slot, int status, int64_t now_ms);

/* slot_restart_later() - have the next worker start after the pause that is due */
void slot_restart_later(struct slot *slot, int64_t now_ms);

#endif
