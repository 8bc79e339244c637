/* SPDX-License-Identifier: MIT */
/*
 * What a worker tells its slot. Called by slot.c and slot-end.c only.
 */
#ifndef SHINYD_SLOT_MESSAGES_H
#define SHINYD_SLOT_MESSAGES_H

#include "section/slot.h"

/*
 * slot_hear() - take in what the worker has said, as much as is fair to others
 *
 * Returns: whether there may be more.
 */
bool slot_hear(struct slot *slot, int64_t now_ms);

void slot_close_channel(struct slot *slot);

#endif
