/* SPDX-License-Identifier: MIT */
/*
 * The state of all sections, in words: a line for the service manager, the whole for operators.
 *
 * Called by supervisor.c.
 */
#ifndef SHINYD_STATUS_H
#define SHINYD_STATUS_H

#include "section/section.h"

#include <glib.h>

/* Sections are struct section *; text that is returned is for g_free(). */

/* status_summary() - "degraded: cache (failed to load); 2 sections, 40 connections" */
char *status_summary(const GPtrArray *sections, int64_t now_ms);

/* status_report() - every section with its workers, and the configuration that each runs with */
char *status_report(const GPtrArray *sections, const struct config *config, int64_t now_ms);

/* status_log() - a report into the log, line by line */
void status_log(const char *report);

#endif
