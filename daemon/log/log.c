/* SPDX-License-Identifier: MIT */
/*
 * The log: level, sink, and the form of a line.
 *
 * A message goes to the sink if there is one, and to the target otherwise. Nothing here waits for a
 * target: an error that finds no room is kept in the backlog, other lines are counted as lost.
 */
#include "log/log.h"

#include "log/log-backlog.h"
#include "log/log-target.h"
#include "trust/trust.h"
#include "util/printable.h"

#include <errno.h>
#include <glib.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
	const char *word; /* nothing where the message speaks for itself */
	int priority;	  /* syslog's */
} levels[SHINY_LOG_LEVEL_MAX] = {
	[SHINY_LOG_DEBUG] = { "debug: ", 7 }, [SHINY_LOG_INFO] = { "", 6 },
	[SHINY_LOG_NOTICE] = { "", 5 },	      [SHINY_LOG_WARNING] = { "warning: ", 4 },
	[SHINY_LOG_ERROR] = { "error: ", 3 },
};

/* Writes the beginning of a line and returns its length. @word may be left out. */
typedef size_t (*log_head_writer)(enum shiny_log_level level, const char *word, char *buf,
				  size_t size);

static size_t plain_head(enum shiny_log_level level, const char *word, char *buf, size_t size)
{
	(void)level;
	return (size_t)snprintf(buf, size, "shinyd: %s", word);
}

/* The journal knows the program and the time, and takes the level off the line. */
static size_t journal_head(enum shiny_log_level level, const char *word, char *buf, size_t size)
{
	(void)word;
	return (size_t)snprintf(buf, size, "<%d>", levels[level].priority);
}

static size_t file_head(enum shiny_log_level level, const char *word, char *buf, size_t size)
{
	struct timespec now;
	struct tm local;
	char stamp[32], zone[8];

	(void)level;
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &local);
	strftime(zone, sizeof(zone), "%z", &local);
	return (size_t)snprintf(buf, size, "%s.%03ld%s shinyd: %s", stamp, now.tv_nsec / 1000000,
				zone, word);
}

static const log_head_writer heads[LOG_FORM_MAX] = {
	[LOG_FORM_PLAIN] = plain_head,
	[LOG_FORM_JOURNAL] = journal_head,
	[LOG_FORM_FILE] = file_head,
};

static struct {
	enum shiny_log_level level;
	const unsigned *level_source; /* instead of level; may be NULL */
	struct log_target target;
	struct log_backlog backlog; /* errors that the target did not take yet */
	unsigned lost_lines;	    /* other lines that it did not take */
	log_sink sink;
	void *sink_ctx;
} log_state = {
	.level = SHINY_LOG_INFO,
	.target = LOG_TARGET_STDERR,
};

void log_set_level(enum shiny_log_level level)
{
	log_state.level = level;
}

void log_set_level_source(const unsigned *level)
{
	log_state.level_source = level;
}

void log_set_target(struct log_target *target)
{
	log_close();
	log_state.target = *target;
	*target = (struct log_target)LOG_TARGET_STDERR;
}

static int open_and_use(const char *target, char *error)
{
	struct log_target opened;
	int r = log_target_open(target, &opened, error);

	if (r == 0) {
		log_set_target(&opened);
	}
	return r;
}

int log_open(const char *target)
{
	char error[TRUST_ERROR_MAX];

	return open_and_use(target, error);
}

int log_reopen(char *error)
{
	return log_state.target.name != NULL ? open_and_use(log_state.target.name, error) : 0;
}

void log_close(void)
{
	log_target_close(&log_state.target);
}

void log_set_sink(log_sink sink, void *ctx)
{
	log_state.sink = sink;
	log_state.sink_ctx = ctx;
}

static enum shiny_log_level current_level(void)
{
	return log_state.level_source != NULL ? (enum shiny_log_level) * log_state.level_source
					      : log_state.level;
}

static size_t write_head(enum shiny_log_level level, const char *word, char *buf, size_t size)
{
	return heads[log_state.target.form](level, word, buf, size);
}

/*
 * A target that is full or gone must not stop the service. Errors, such as the one line that
 * reports a crash, wait for room; there are few of them.
 */
static void write_line(enum shiny_log_level level, char *line, size_t len)
{
	line[len++] = '\n';
	if (log_backlog_write(&log_state.backlog, &log_state.target) &&
	    log_target_write(&log_state.target, line, len)) {
		return;
	}
	if (level < SHINY_LOG_ERROR || !log_backlog_keep(&log_state.backlog, line, len)) {
		log_state.lost_lines++;
	}
}

static void report_lost(void)
{
	char line[128];
	unsigned lost_lines = log_state.lost_lines;
	size_t len;

	if (lost_lines == 0) {
		return;
	}
	log_state.lost_lines = 0;
	len = write_head(SHINY_LOG_WARNING, levels[SHINY_LOG_WARNING].word, line, sizeof(line));
	snprintf(line + len, sizeof(line) - len, "%u lines of the log were lost here", lost_lines);
	write_line(SHINY_LOG_WARNING, line, strlen(line));
	log_state.lost_lines = log_state.lost_lines > 0 ? lost_lines : 0; /* told, or still to be */
}

static void write_text(enum shiny_log_level level, const char *word, const char *text)
{
	char line[LOG_LINE_MAX + 1]; /* and the newline */
	size_t len = write_head(level, word, line, LOG_LINE_MAX);

	if ((size_t)snprintf(line + len, LOG_LINE_MAX - len, "%s", text) >= LOG_LINE_MAX - len) {
		printable(line + len); /* it may end within a character */
	}
	report_lost();
	write_line(level, line, strlen(line));
}

bool log_flush(void)
{
	if (log_backlog_write(&log_state.backlog, &log_state.target)) {
		report_lost();
	}
	return log_state.backlog.len == 0 && log_state.lost_lines == 0;
}

void log_write_to_target(enum shiny_log_level level, const char *text)
{
	write_text(level, levels[level].word, text);
}

void log_plain(enum shiny_log_level level, const char *text)
{
	char line[LOG_LINE_MAX];

	snprintf(line, sizeof(line), "%s", text);
	printable(line);
	write_text(level, "", line);
}

void log_write(enum shiny_log_level level, const char *format, ...)
{
	char text[LOG_LINE_MAX];
	va_list args;

	if (level < current_level()) {
		return;
	}
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printable(text);
	if (log_state.sink != NULL) {
		log_state.sink(log_state.sink_ctx, level, text);
	} else {
		log_write_to_target(level, text);
	}
}

void print_message(FILE *to, const char *format, ...)
{
	const char *begin = to == stderr && log_target_is_journal() ? "<3>" : "shinyd: ";
	va_list args;
	char *text;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	fprintf(to, "%s%s\n", begin, printable(text));
	g_free(text);
}
