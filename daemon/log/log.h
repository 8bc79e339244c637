/* SPDX-License-Identifier: MIT */
/*
 * shinyd's log: one line a message, to stderr, in the journal's form, or to a file.
 *
 * Everybody logs by log_write(). The supervisor has the target. A worker hands its lines to a sink,
 * which sends them to the supervisor, so that lines of several processes never mix; see channel.h.
 *
 * The log is the process's, and so its state is the one mutable global of shinyd besides what
 * signal handlers need.
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
 * log_flush() - write what waits for room at the target; returns whether nothing is left
 *
 * Errors wait, up to LOG_BACKLOG_SIZE bytes of them; other lines that find no room are counted.
 * Each line that is logged does this first.
 */
bool log_flush(void);

/* log_set_level_source() - read the level from *@level from now on; another process may set it */
void log_set_level_source(const unsigned *level);

/* log_set_sink() - hand every line to @sink instead of the target; NULL: no longer */
void log_set_sink(log_sink sink, void *ctx);

/* log_write_to_target() - write a line that a sink was handed */
void log_write_to_target(enum shiny_log_level level, const char *text);

/*
 * log_plain() - a line without the word of its level, logged whatever the level is set to
 *
 * For what somebody asked for, and what says itself what it is. For the supervisor.
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
