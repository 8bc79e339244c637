/* SPDX-License-Identifier: MIT */
/*
 * Errors that found no room at the log's target, kept until there is some.
 *
 * Called by log.c only.
 */
#ifndef SHINYD_LOG_BACKLOG_H
#define SHINYD_LOG_BACKLOG_H

#include "log/log-target.h"

#define LOG_BACKLOG_SIZE 16384

struct log_backlog {
	size_t len;
	char lines[LOG_BACKLOG_SIZE];
};

/* log_backlog_keep() - a line with its newline; whether there was room for it here */
bool log_backlog_keep(struct log_backlog *backlog, const char *line, size_t len);

/* log_backlog_write() - as many as @target takes, the oldest first; whether none is left */
bool log_backlog_write(struct log_backlog *backlog, struct log_target *target);

#endif
