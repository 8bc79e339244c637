/* SPDX-License-Identifier: MIT */
/*
 * Sections of INFO that have files of their own. Called by info.c.
 */
#ifndef REDIS_LITE_COMMANDS_INFO_H
#define REDIS_LITE_COMMANDS_INFO_H

#include <stdio.h>

struct call;

/* Sections of INFO, without their titles. */
void info_commandstats(FILE *out, const struct call *call);
void info_errorstats(FILE *out, const struct call *call);
void info_latencystats(FILE *out, const struct call *call);
void info_memory(FILE *out, const struct call *call);

#endif
