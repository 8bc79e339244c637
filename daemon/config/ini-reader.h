/* SPDX-License-Identifier: MIT */
/*
 * An ini file, read strictly: every line is a section, a pair, a comment or an error.
 *
 * inih knows what a pair and a comment look like. The rest is checked here, for inih gives no line
 * numbers, takes a ':' for a '=', joins an indented line to the value before it, cuts long lines in
 * two and long section names off, does not report sections without pairs or sections that stand
 * twice, and reports no bad line but the first.
 *
 * Called by config-load.c.
 */
#ifndef SHINYD_INI_READER_H
#define SHINYD_INI_READER_H

#include <stdio.h>

/* Called in the order of the lines. The texts are valid during the call. */
struct ini_events {
	/* @name is NULL where it is no more than the begin of a section, which is an error, too. */
	void (*section)(void *ctx, unsigned line, const char *name);
	void (*pair)(void *ctx, unsigned line, const char *key, const char *value);
	void (*error)(void *ctx, unsigned line, const char *text);
};

/*
 * ini_read() - report all that stands in @file
 *
 * Reading goes on after an error, so that one run reports them all. A section that stands twice is
 * reported as such by whoever keeps the sections.
 *
 * Returns: 0, also after errors in the text; -ENOMEM, or what reading reported.
 */
int ini_read(FILE *file, const struct ini_events *events, void *ctx);

#endif
