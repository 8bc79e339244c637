/* SPDX-License-Identifier: MIT */
/*
 * What a worker's server does by itself, in the log: one row a notice, with its level and its
 * words.
 */
#include "ipc/notices.h"

#include "log/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What stands between the two parts of a reason. */
enum detail {
	NOTHING,
	LIMIT, /* " (64M)" */
	ERROR, /* ": Too many open files" */
};

/* What is logged of each. */
static const struct row {
	enum shiny_log_level level;
	const char
		*action; /* behind which the peer stands; NULL: it concerns nobody in particular */
	const char *reason;
	enum detail detail;
	int limit; /* the key of LIMIT */
	const char *more;
} rows[SHINY_NOTICE_MAX] = {
	[SHINY_NOTICE_SHED] = { SHINY_LOG_WARNING, "turned away", "there are max_connections",
				LIMIT, SERVER_MAX_CONNECTIONS, " already" },
	[SHINY_NOTICE_ACCEPT] = { SHINY_LOG_WARNING, NULL, "accepting fails", ERROR, 0,
				  "; clients wait" },
	[SHINY_NOTICE_PROXY] = { SHINY_LOG_WARNING, "closed",
				 "its PROXY header is wrong or missing", NOTHING, 0, "" },
	[SHINY_NOTICE_OUTPUT] = { SHINY_LOG_WARNING, "closed", "more than max_output", LIMIT,
				  SERVER_MAX_OUTPUT, " unsent" },
	[SHINY_NOTICE_INPUT] = { SHINY_LOG_WARNING, "closed", "more than max_input", LIMIT,
				 SERVER_MAX_INPUT, " in a request" },
	[SHINY_NOTICE_IDLE] = { SHINY_LOG_DEBUG, "closed", "idle for idle_timeout", LIMIT,
				SERVER_IDLE_TIMEOUT, "" },
	[SHINY_NOTICE_STALL] = { SHINY_LOG_WARNING, "closed", "took no output for stall_timeout",
				 LIMIT, SERVER_STALL_TIMEOUT, "" },
	[SHINY_NOTICE_DEADLINE] = { SHINY_LOG_WARNING, "closed",
				    "past the deadline that its plugin set", NOTHING, 0, "" },
	[SHINY_NOTICE_PRODUCE] = { SHINY_LOG_ERROR, "closed",
				   "its plugin produced more than it had reserved", NOTHING, 0,
				   "" },
};

/* Of SHINY_NOTICE_ACCEPT, where the client is known. */
static const struct row accepted_row = {
	SHINY_LOG_WARNING, "closed", "it cannot be served", ERROR, 0, "",
};

#define REASON_MAX 160

/* A limit that was lowered has a number only. */
static void describe_limit(const struct config_section *section, int key, char *buf, size_t size)
{
	const struct shiny_value *value = &section->values[key];

	if (key == SERVER_MAX_CONNECTIONS || value->text == NULL) {
		snprintf(buf, size, " (%" PRId64 ")", value->number);
	} else {
		snprintf(buf, size, " (%s)", value->text);
	}
}

/* Writes the reason of @row; with an @error of 0 it stands for several. */
static void describe(const struct row *row, const struct config_section *section, int error,
		     char *buf)
{
	char detail[96] = "";

	if (row->detail != ERROR && error == ENOMEM) {
		snprintf(buf, REASON_MAX, "out of memory");
		return;
	}
	if (row->detail == LIMIT) {
		describe_limit(section, row->limit, detail, sizeof(detail));
	} else if (row->detail == ERROR && error != 0) {
		snprintf(detail, sizeof(detail), ": %s", strerror(error));
	}
	snprintf(buf, REASON_MAX, "%s%s%s", row->reason, detail,
		 row->detail == ERROR && error == 0 ? "" : row->more);
}

/* All that were accepted, served or not. */
static uint64_t count_accepted(const struct shiny_stats *stats)
{
	return __atomic_load_n(&stats->accepted, __ATOMIC_RELAXED) +
	       __atomic_load_n(&stats->refused, __ATOMIC_RELAXED) +
	       __atomic_load_n(&stats->shed, __ATOMIC_RELAXED);
}

/* A failed accept concerns waiting clients, or one that was accepted already and is closed. */
static const struct row *choose_row(enum shiny_notice notice, const char *peer)
{
	return notice == SHINY_NOTICE_ACCEPT && peer != NULL ? &accepted_row : &rows[notice];
}

static void log_one(const struct notices *notices, const struct row *row, int error,
		    const char *peer)
{
	char reason[REASON_MAX];

	describe(row, notices->section, error, reason);
	if (row->action == NULL) {
		log_write(row->level, "[%s] %s", notices->section->title, reason);
	} else {
		log_write(row->level, "[%s] %s %s: %s", notices->section->title, row->action,
			  peer != NULL ? peer : "a client that has gone", reason);
	}
}

static bool admit(struct notices *notices, enum shiny_notice notice, int64_t now_ms)
{
	int64_t since_ms = notices->windows[notice].since_ms;

	if (since_ms == 0 || now_ms - since_ms >= NOTICES_INTERVAL_MS) {
		notices->windows[notice].since_ms = now_ms;
		notices->windows[notice].seen = 0;
	}
	return notices->windows[notice].seen++ < NOTICES_BURST;
}

void notices_add(struct notices *notices, enum shiny_notice notice, int error, const char *peer,
		 int64_t now_ms)
{
	struct notice_counts *counts = notices->counts;

	if ((unsigned)notice >= SHINY_NOTICE_MAX) {
		return; /* a later library's */
	}
	if (notice == SHINY_NOTICE_ACCEPT) {
		__atomic_store_n(&counts->accept_error, error, __ATOMIC_RELAXED);
		__atomic_store_n(&counts->accepted, count_accepted(notices->stats),
				 __ATOMIC_RELAXED);
		__atomic_store_n(&counts->accept_failed_ms, now_ms, __ATOMIC_RELEASE);
	}
	if (admit(notices, notice, now_ms)) {
		log_one(notices, choose_row(notice, peer), error, peer);
	} else {
		__atomic_fetch_add(&counts->dropped[notice], 1, __ATOMIC_RELAXED);
	}
}

/* 12345 as "12,345"; @buf has room for 32 bytes. */
static const char *group_digits(uint64_t number, char *buf)
{
	char *at = buf + 31;
	int digits = 0;

	*at = '\0';
	do {
		if (digits > 0 && digits % 3 == 0) {
			*--at = ',';
		}
		*--at = (char)('0' + number % 10);
		number /= 10;
		digits++;
	} while (number > 0);
	return at;
}

static void log_dropped(const struct row *row, const struct config_section *section, uint64_t n)
{
	char reason[REASON_MAX], number[32];

	describe(row, section, 0, reason);
	log_write(row->level, "[%s] and %s more in the last %d s: %s%s%s", section->title,
		  group_digits(n, number), NOTICES_INTERVAL_MS / 1000,
		  row->action != NULL ? row->action : "", row->action != NULL ? ", " : "", reason);
}

/* A plugin may have overwritten the count: it may be less than before. */
static uint64_t count_unreported(const struct notices_reported *reported,
				 const struct notice_counts *counts, enum shiny_notice notice)
{
	uint64_t dropped = __atomic_load_n(&counts->dropped[notice], __ATOMIC_RELAXED);

	return dropped > reported->dropped[notice] ? dropped - reported->dropped[notice] : 0;
}

static bool has_unreported(const struct notices_reported *reported,
			   const struct notice_counts *counts)
{
	for (int i = 0; i < SHINY_NOTICE_MAX; i++) {
		if (count_unreported(reported, counts, i) > 0) {
			return true;
		}
	}
	return false;
}

void notices_report(struct notices_reported *reported, const struct notice_counts *counts,
		    const struct config_section *section, int64_t now_ms)
{
	if (reported->due_ms == 0 && now_ms != INT64_MAX) {
		reported->due_ms =
			has_unreported(reported, counts) ? now_ms + NOTICES_INTERVAL_MS : 0;
		return;
	}
	if (now_ms < reported->due_ms) {
		return;
	}
	reported->due_ms = 0;
	for (int i = 0; i < SHINY_NOTICE_MAX; i++) {
		uint64_t n = count_unreported(reported, counts, i);

		if (n > 0) {
			reported->dropped[i] += n;
			log_dropped(&rows[i], section, n);
		}
	}
}

int notices_accept_error(const struct notice_counts *counts, const struct shiny_stats *stats,
			 int64_t now_ms)
{
	int64_t failed_ms = __atomic_load_n(&counts->accept_failed_ms, __ATOMIC_ACQUIRE);

	if (failed_ms == 0 || now_ms - failed_ms >= NOTICES_ACCEPT_FAILS_MS ||
	    count_accepted(stats) != __atomic_load_n(&counts->accepted, __ATOMIC_RELAXED)) {
		return 0;
	}
	return __atomic_load_n(&counts->accept_error, __ATOMIC_RELAXED);
}
