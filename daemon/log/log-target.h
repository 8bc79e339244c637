/* SPDX-License-Identifier: MIT */
/*
 * Where lines of the log go: stderr, which may be the journal, or a file.
 *
 * Whoever reads there may have stopped or gone, or never come. Nothing here waits for a reader.
 *
 * Called by log.c, and by whoever opens a target before it is used.
 */
#ifndef SHINYD_LOG_TARGET_H
#define SHINYD_LOG_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* How lines look there. */
enum log_form {
	LOG_FORM_PLAIN,
	LOG_FORM_JOURNAL,
	LOG_FORM_FILE,
	LOG_FORM_MAX
};

struct log_target {
	enum log_form form;
	int fd;
	char *name;   /* a file's; NULL: stderr */
	bool is_torn; /* the last line was taken in part */
};

/* What needs no opening. */
#define LOG_TARGET_STDERR                                  \
	{                                                  \
		LOG_FORM_PLAIN, STDERR_FILENO, NULL, false \
	}

/*
 * log_target_open() - "auto", "stderr", or a file's absolute path
 *
 * Owner:   *@ret is the caller's, for log_target_close() or log_set_target().
 * Returns: 0; as safe_append() if the file cannot be opened; -EINVAL for anything else. @error
 *          (TRUST_ERROR_MAX bytes) says why.
 */
int log_target_open(const char *text, struct log_target *ret, char *error);
void log_target_close(struct log_target *target);

/* log_target_write() - a line with its newline; whether it was taken */
bool log_target_write(struct log_target *target, const char *line, size_t len);

/* log_target_is_journal() - whether stderr is the journal, as the service manager says */
bool log_target_is_journal(void);

#endif
