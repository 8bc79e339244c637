/* SPDX-License-Identifier: MIT */
/*
 * Requests that took long, the last so many of them: SLOWLOG tells them.
 *
 * Of a large request only its beginning is kept, and of a password nothing, so that the log stays
 * small and may be read by others.
 */
#include "command/slowlog.h"
#include "command/client.h"
#include "command/command.h"

#include <stdio.h>
#include <stdlib.h>

/* Room for an argument and the words about what was left out. */
#define SHOWN_MAX (SLOWLOG_ARG_MAX + 48)

static void drop_oldest(struct slowlog *log)
{
	struct slowlog_entry *entry = log->oldest;

	log->oldest = entry->newer;
	if (log->oldest) {
		log->oldest->older = NULL;
	} else {
		log->newest = NULL;
	}
	log->count--;
	free(entry);
}

void slowlog_clear(struct slowlog *log)
{
	while (log->oldest) {
		drop_oldest(log);
	}
}

static bool is_secret(const struct call *call, size_t index)
{
	return call->command->is_secret && call->command->is_secret(call, index);
}

/* How an argument is shown, in @buf unless it is shown as it is. */
static struct shiny_resp_arg show_arg(const struct call *call, size_t index, char buf[SHOWN_MAX])
{
	const struct shiny_resp_arg *arg = &call->argv[index];
	int len;

	if (index == SLOWLOG_ARGS_MAX - 1 && call->argc > SLOWLOG_ARGS_MAX) {
		len = snprintf(buf, SHOWN_MAX, "... (%zu more arguments)", call->argc - index);
	} else if (is_secret(call, index)) {
		len = snprintf(buf, SHOWN_MAX, "(redacted)");
	} else if (arg->len > SLOWLOG_ARG_MAX) {
		memcpy(buf, arg->data, SLOWLOG_ARG_MAX);
		len = SLOWLOG_ARG_MAX + snprintf(buf + SLOWLOG_ARG_MAX, SHOWN_MAX - SLOWLOG_ARG_MAX,
						 "... (%zu more bytes)",
						 arg->len - SLOWLOG_ARG_MAX);
	} else {
		return *arg;
	}
	return (struct shiny_resp_arg){ buf, (size_t)len };
}

/* An entry with copies of those. */
static struct slowlog_entry *create_entry(const struct shiny_resp_arg argv[], size_t argc)
{
	size_t head = sizeof(struct slowlog_entry) + argc * sizeof(argv[0]), size = head;
	struct slowlog_entry *entry;
	char *text;

	for (size_t i = 0; i < argc; i++) {
		size += argv[i].len;
	}
	entry = malloc(size);
	if (!entry) {
		return NULL;
	}
	text = (char *)entry + head;
	for (size_t i = 0; i < argc; i++) {
		if (argv[i].len > 0) {
			memcpy(text, argv[i].data, argv[i].len);
		}
		entry->argv[i] = (struct shiny_resp_arg){ text, argv[i].len };
		text += argv[i].len;
	}
	entry->argc = argc;
	return entry;
}

static void append_entry(struct slowlog *log, struct slowlog_entry *entry)
{
	entry->newer = NULL;
	entry->older = log->newest;
	if (log->newest) {
		log->newest->newer = entry;
	} else {
		log->oldest = entry;
	}
	log->newest = entry;
	log->count++;
	while (log->count > log->max_count) {
		drop_oldest(log);
	}
}

void slowlog_add(struct slowlog *log, const struct call *call, int64_t took_ns)
{
	char texts[SLOWLOG_ARGS_MAX][SHOWN_MAX], address[SHINY_ADDRESS_MAX];
	size_t argc = call->argc < SLOWLOG_ARGS_MAX ? call->argc : SLOWLOG_ARGS_MAX;
	struct shiny_resp_arg argv[SLOWLOG_ARGS_MAX + 2];
	struct slowlog_entry *entry;

	if (log->max_count == 0 || !call->command || !call->argv ||
	    call->command->flags & CMD_NO_SLOWLOG) {
		return;
	}
	for (size_t i = 0; i < argc; i++) {
		argv[i] = show_arg(call, i, texts[i]);
	}
	client_address(call->conn, address);
	argv[argc] = (struct shiny_resp_arg){ address, strlen(address) };
	argv[argc + 1] = (struct shiny_resp_arg){ NULL, 0 };
	if (call->client) {
		argv[argc + 1] =
			(struct shiny_resp_arg){ call->client->name.data, call->client->name.len };
	}
	entry = create_entry(argv, argc + 2);
	if (entry) {
		entry->id = log->next_id++;
		entry->time_ms = call->now_ms;
		entry->took_us = took_ns / SLOWLOG_NS_PER_US;
		append_entry(log, entry);
	}
}
