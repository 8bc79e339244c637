/* SPDX-License-Identifier: MIT */
/*
 * Problems collected, sorted, and written as "FILE:LINE: error: TEXT".
 */
#include "config/problems.h"

#include "log/log.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

static const enum exit_code exit_codes[PROBLEM_KIND_MAX] = {
	[PROBLEM_CONFIG] = EXIT_CODE_CONFIG,
	[PROBLEM_PLUGIN] = EXIT_CODE_PLUGIN,
	[PROBLEM_BIND] = EXIT_CODE_BIND,
};

void problems_finish(struct problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		g_free(problems->all[i].file);
		g_free(problems->all[i].section);
		g_free(problems->all[i].text);
	}
	g_free(problems->all);
	*problems = (struct problems)PROBLEMS_INIT;
}

void problems_add(struct problems *problems, enum problem_kind kind,
		  const struct source_location *location, const char *format, ...)
{
	struct problem *problem;
	GString *text = g_string_new(NULL);
	va_list args;

	if (location->section != NULL) {
		g_string_append_printf(text, "[%s] ", location->section);
	}
	va_start(args, format);
	g_string_append_vprintf(text, format, args);
	va_end(args);

	problems->all = g_renew(struct problem, problems->all, problems->count + 1);
	problem = &problems->all[problems->count++];
	*problem = (struct problem){
		.kind = kind,
		.file = g_strdup(location->file),
		.section = g_strdup(location->section),
		.line = location->line,
		.text = g_string_free(text, FALSE),
	};
}

static int compare(const void *a, const void *b)
{
	const struct problem *left = a, *right = b;
	int by_file = strcmp(left->file, right->file);

	return by_file != 0 ? by_file : (left->line > right->line) - (left->line < right->line);
}

static void sort(struct problems *problems)
{
	if (problems->count > 0) {
		qsort(problems->all, problems->count, sizeof(*problems->all), compare);
	}
}

/* "FILE:LINE: error: TEXT", for g_free() */
static char *format(const struct problem *problem)
{
	return problem->line == 0 ? g_strdup_printf("%s: error: %s", problem->file, problem->text)
				  : g_strdup_printf("%s:%u: error: %s", problem->file,
						    problem->line, problem->text);
}

void problems_print(struct problems *problems, FILE *to)
{
	sort(problems);
	for (size_t i = 0; i < problems->count; i++) {
		char *line = format(&problems->all[i]);

		print_message(to, "%s", line);
		g_free(line);
	}
}

char *problems_text(struct problems *problems)
{
	GString *text = g_string_new(NULL);

	sort(problems);
	for (size_t i = 0; i < problems->count; i++) {
		char *line = format(&problems->all[i]);

		g_string_append_printf(text, "%s\n", line);
		g_free(line);
	}
	return g_string_free(text, FALSE);
}

void problems_log(struct problems *problems)
{
	sort(problems);
	for (size_t i = 0; i < problems->count; i++) {
		char *line = format(&problems->all[i]);

		log_plain(SHINY_LOG_ERROR, line);
		g_free(line);
	}
}

enum exit_code problems_exit_code(const struct problems *problems)
{
	enum problem_kind first = PROBLEM_KIND_MAX;

	for (size_t i = 0; i < problems->count; i++) {
		first = MIN(first, problems->all[i].kind);
	}
	return first == PROBLEM_KIND_MAX ? EXIT_CODE_OK : exit_codes[first];
}
