/* SPDX-License-Identifier: MIT */
/*
 * All that is wrong with a configuration, reported in one run.
 *
 * Whoever finds a problem adds it and goes on. actions.c prints them in the order of files and
 * lines, and ends with the exit code of their kind; a reload logs them.
 */
#ifndef SHINYD_PROBLEMS_H
#define SHINYD_PROBLEMS_H

#include "util/exit-code.h"

#include <stdbool.h>
#include <stdio.h>

enum problem_kind {
	PROBLEM_CONFIG,
	PROBLEM_PLUGIN,
	PROBLEM_BIND,
	PROBLEM_KIND_MAX
};

/* Where a problem stands: a line of a file (0: none of them), inside a section (NULL: none). */
struct source_location {
	const char *file;
	const char *section;
	unsigned line;
};

struct problem {
	enum problem_kind kind;
	char *file;
	char *section; /* NULL: none */
	unsigned line;
	char *text; /* with the section in front */
};

struct problems {
	struct problem *all;
	size_t count;
};

#define PROBLEMS_INIT \
	{             \
		0     \
	}

void problems_finish(struct problems *problems);

void problems_add(struct problems *problems, enum problem_kind kind,
		  const struct source_location *location, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* problems_print() - one line each, in the order of files and lines */
void problems_print(struct problems *problems, FILE *to);

/* problems_text() - the same lines, for g_free() */
char *problems_text(struct problems *problems);

/* problems_log() - the same, into the log */
void problems_log(struct problems *problems);

/* problems_exit_code() - that of the kind which stands first in enum problem_kind; 0 if none */
enum exit_code problems_exit_code(const struct problems *problems);

#endif
