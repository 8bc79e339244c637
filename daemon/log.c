/* SPDX-License-Identifier: MIT */
/*
 * shinyd's log. A form is how a line looks on one kind of target.
 */
#include "log.h"

#include "printable.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct {
	const char *word; /* nothing where the message speaks for itself */
	int priority;	  /* syslog's */
} levels[SHINY_LOG_LEVEL_MAX] = {
	[SHINY_LOG_DEBUG] = { "debug: ", 7 }, [SHINY_LOG_INFO] = { "", 6 },
	[SHINY_LOG_NOTICE] = { "", 5 },	      [SHINY_LOG_WARNING] = { "warning: ", 4 },
	[SHINY_LOG_ERROR] = { "error: ", 3 },
};

/* Writes what stands before the text and returns its length. */
typedef size_t (*log_form)(enum shiny_log_level level, char *buf, size_t size);

static size_t plain_form(enum shiny_log_level level, char *buf, size_t size)
{
	return (size_t)snprintf(buf, size, "shinyd: %s", levels[level].word);
}

/* The journal knows the program and the time, and takes the level off the line. */
static size_t journal_form(enum shiny_log_level level, char *buf, size_t size)
{
	return (size_t)snprintf(buf, size, "<%d>", levels[level].priority);
}

static size_t file_form(enum shiny_log_level level, char *buf, size_t size)
{
	struct timespec now;
	struct tm local;
	char stamp[32], zone[8];

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &local);
	strftime(zone, sizeof(zone), "%z", &local);
	return (size_t)snprintf(buf, size, "%s.%03ld%s shinyd: %s", stamp, now.tv_nsec / 1000000,
				zone, levels[level].word);
}

static struct {
	enum shiny_log_level level;
	const unsigned *followed; /* instead of level; may be NULL */
	log_form form;
	char *target; /* a file's name; NULL: stderr */
	int fd;
	unsigned lost; /* lines that the target did not take */
	log_sink sink;
	void *sink_ctx;
} log_state = {
	.level = SHINY_LOG_INFO,
	.form = plain_form,
	.fd = STDERR_FILENO,
};

void log_set_level(enum shiny_log_level level)
{
	log_state.level = level;
}

/* The service manager names the journal's end of stderr in the environment. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_follow_level(const unsigned *level)
{
	log_state.followed = level;
}

int log_open(const char *target)
{
	char *name = *target == '/' ? strdup(target) : NULL;
	int fd = STDERR_FILENO;
	log_form form = plain_form;

	if (*target == '/') {
		fd = open(target, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
		form = file_form;
	} else if (strcmp(target, "auto") == 0) {
		form = stderr_is_journal() ? journal_form : plain_form;
	} else if (strcmp(target, "stderr") != 0) {
		return -EINVAL;
	}
	if (fd < 0) {
		int error = errno;

		free(name);
		return -error;
	}
	log_close();
	log_state.fd = fd;
	log_state.form = form;
	log_state.target = name;
	return 0;
}

int log_reopen(void)
{
	char *name = log_state.target != NULL ? strdup(log_state.target) : NULL;
	int r = name != NULL ? log_open(name) : 0;

	free(name);
	return r;
}

void log_close(void)
{
	if (log_state.fd != STDERR_FILENO) {
		close(log_state.fd);
	}
	free(log_state.target);
	log_state.target = NULL;
	log_state.fd = STDERR_FILENO;
	log_state.form = plain_form;
}

void log_divert(log_sink sink, void *ctx)
{
	log_state.sink = sink;
	log_state.sink_ctx = ctx;
}

static enum shiny_log_level current_level(void)
{
	return log_state.followed != NULL ? (enum shiny_log_level) * log_state.followed
					  : log_state.level;
}

/*
 * A target that is full or gone must not stop the service: who reads our pipe may have stopped
 * reading. A pipe that is ready takes as much as a line has.
 */
static void put(char *line, size_t len)
{
	struct pollfd ready = { log_state.fd, POLLOUT, 0 };

	line[len++] = '\n';
	if (poll(&ready, 1, 0) != 1 || write(log_state.fd, line, len) < 0) {
		log_state.lost++;
	}
}

static void tell_losses(void)
{
	char line[128];
	unsigned lost = log_state.lost;
	size_t head;

	if (lost == 0) {
		return;
	}
	log_state.lost = 0;
	head = log_state.form(SHINY_LOG_WARNING, line, sizeof(line));
	snprintf(line + head, sizeof(line) - head, "%u lines of the log were lost here", lost);
	put(line, strlen(line));
	log_state.lost = log_state.lost > 0 ? lost : 0; /* told, or still to be */
}

void log_to_target(enum shiny_log_level level, const char *text)
{
	char line[LOG_LINE_MAX + 1]; /* and the newline */
	size_t head = log_state.form(level, line, LOG_LINE_MAX);

	snprintf(line + head, LOG_LINE_MAX - head, "%s", text);
	tell_losses();
	put(line, strlen(line));
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
		log_to_target(level, text);
	}
}
