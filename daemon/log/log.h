/* SPDX-License-Identifier: MIT */
/*
 * shinyd's log: one line a message, on stderr, in the journal's form, or in a file.
 *
 * The supervisor owns the target. A worker diverts its lines to the supervisor, so that lines never
 * interleave; see channel.h.
 */
#ifndef SHINYD_LOG_H
#define SHINYD_LOG_H

#include <shiny-plugin.h>
#include <stdbool.h>
#include <stdio.h>

/* The longest line; the rest is cut off. */
#define LOG_LINE_MAX 2048

typedef void (*log_sink)(void *ctx, enum shiny_log_level level, const char *text);

void log_set_level(enum shiny_log_level level);

struct log_target;

/*
 * log_set_target() - lines go to *@target from now on
 *
 * Before that, and after log_close(), they go to stderr.
 *
 * Owner:   takes *@target.
 */
void log_set_target(struct log_target *target);

/* log_open() - open a target and use it; returns as log_target_open() does */
int log_open(const char *target);
void log_close(void);

/*
 * log_reopen() - open a file's name again, which may be another file now
 *
 * Returns: 0; negative with the reason in @error (TRUST_ERROR_MAX bytes), and the old file is kept.
 */
int log_reopen(char *error);

/*
 * log_flush() - write what waits for room at the target; whether nothing is left to say
 *
 * Errors wait, up to LOG_BACKLOG_SIZE bytes of them; other lines that find no room are counted. Each
 * line that is logged catches up first.
 */
bool log_flush(void);

/* log_set_level_source() - have the level told by *@level from now on, which another process may set */
void log_set_level_source(const unsigned *level);

/* log_set_sink() - hand every line of the level to @sink instead of the target; NULL: no more */
void log_set_sink(log_sink sink, void *ctx);

/* log_write_to_target() - what a sink was handed, and may be logged after all */
void log_write_to_target(enum shiny_log_level level, const char *text);

/*
 * log_plain() - what was asked for, or says itself what it is
 *
 * Whatever the level that is logged, and without the level's word. For the supervisor.
 */
void log_plain(enum shiny_log_level level, const char *text);

/* log_write() - from any thread; control characters of the text become '?' */
void log_write(enum shiny_log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * print_message() - "shinyd: TEXT" past the log, one line of printable text, to who started shinyd
 *
 * Where stderr is the journal it is told there that this is an error.
 */
void print_message(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
