/* SPDX-License-Identifier: MIT */
/*
 * Signals that drain the server of this process; a second one stops it at once.
 *
 * Called by worker.c and by single.c.
 */
#ifndef SHINYD_DRAIN_H
#define SHINYD_DRAIN_H

#include <shiny.h>
#include <stdbool.h>

/*
 * drain_on_signals() - from now on any of @signals drains @server
 *
 * They are unblocked. @signals ends with 0. *@timeout_ms is read when one comes.
 */
void drain_on_signals(const int *signals, struct shiny_server *server, const unsigned *timeout_ms);

/* drain_ignore() - ignore them from now on; before the server is destroyed */
void drain_ignore(const int *signals);

/* drain_requested() - whether one has come */
bool drain_requested(void);

#endif
