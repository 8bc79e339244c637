/* SPDX-License-Identifier: MIT */
/*
 * CONFIG: Redis's names for what is set here, for what is always so, and for what has no effect.
 *
 * The names are in config/names.c, what they are set to in config/config.c.
 */
#include "config/config.h"
#include "aof/aof.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"
#include "config/value.h"
#include "util/glob.h"

#include <string.h>

/* So much of a name that does not exist is shown. */
#define SHOWN_MAX 128

/* Each row has two names, which are two to Redis: one may be set beside the other. */
#define NAMES_MAX (2 * CONFIG_NAMES_MAX)

static const struct config_name *row_of(size_t index)
{
	return &config_names[index / 2];
}

/* NULL: there is no alias. */
static const char *name_of(size_t index)
{
	return index % 2 ? row_of(index)->alias : row_of(index)->name;
}

static size_t name_count(void)
{
	return 2 * config_name_count();
}

/* The index of a name; as many as there are without one. */
static size_t find(const struct shiny_resp_arg *arg)
{
	size_t index = 0;

	while (index < name_count() &&
	       !(name_of(index) && shiny_resp_arg_is(arg, name_of(index)))) {
		index++;
	}
	return index;
}

static bool is_pattern(const struct shiny_resp_arg *arg)
{
	return memchr(arg->data, '*', arg->len) || memchr(arg->data, '?', arg->len) ||
	       memchr(arg->data, '[', arg->len);
}

static bool matches(const struct glob *glob, size_t index)
{
	const char *name = name_of(index);

	return name && !(row_of(index)->flags & CONFIG_HIDDEN) &&
	       glob_match(glob, name, strlen(name), NULL);
}

/* Notes the names that match a pattern. False after an error reply. */
static bool select_by_pattern(struct call *call, const struct shiny_resp_arg *arg,
			      const struct shiny_resp_arg *asking[NAMES_MAX])
{
	struct glob glob;

	if (glob_init(&glob, arg->data, arg->len, true) < 0) {
		call_memory_error(call);
		return false;
	}
	for (size_t index = 0; index < name_count(); index++) {
		if (!asking[index] && matches(&glob, index)) {
			asking[index] = arg;
		}
	}
	glob_finish(&glob);
	return true;
}

/* Notes the names that an argument asks for, and no other one has asked for before. */
static bool select_names(struct call *call, const struct shiny_resp_arg *arg,
			 const struct shiny_resp_arg *asking[NAMES_MAX])
{
	size_t index;

	work_add(&call->instance->work, name_count() * WORK_LOOK);
	if (is_pattern(arg)) {
		return select_by_pattern(call, arg, asking);
	}
	index = find(arg);
	if (index < name_count() && !asking[index]) {
		asking[index] = arg;
	}
	return true;
}

static void reply_setting(struct call *call, size_t index, const struct shiny_resp_arg *arg)
{
	char buf[CONFIG_TEXT_MAX], text[CONFIG_TEXT_MAX];
	struct config_value value = config_get(call->instance, row_of(index), buf);
	size_t len;

	if (is_pattern(arg)) {
		shiny_resp_bulk_text(call->reply, name_of(index));
	} else {
		shiny_resp_bulk(call->reply, arg->data, arg->len); /* as it was written */
	}
	const char *formatted = config_value_format(row_of(index), &value, text, &len);
	shiny_resp_bulk(call->reply, formatted, len);
}

void cmd_config_get(struct call *call)
{
	const struct shiny_resp_arg *asking[NAMES_MAX] = { NULL };
	size_t count = 0;

	for (size_t i = 2; i < call->argc; i++) {
		if (!select_names(call, &call->argv[i], asking)) {
			return;
		}
	}
	for (size_t index = 0; index < name_count(); index++) {
		count += asking[index] != NULL;
	}
	shiny_resp_map(call->reply, count);
	for (size_t index = 0; index < name_count(); index++) {
		if (asking[index]) {
			reply_setting(call, index, asking[index]);
		}
	}
}

static void reply_refusal(struct call *call, const char *name, size_t len, const char *why)
{
	shiny_resp_error(call->reply,
			 "ERR CONFIG SET failed (possibly related to argument '%.*s') - %s",
			 (int)len, name, why);
}

/* Why a name cannot be set at all, or not beside those before it; or NULL. */
static const char *check_name(const size_t *indices, size_t count)
{
	unsigned flags = row_of(indices[count])->flags;

	if (flags & (CONFIG_IMMUTABLE | CONFIG_PROTECTED)) {
		return flags & CONFIG_IMMUTABLE ? "can't set immutable config"
						: "can't set protected config";
	}
	for (size_t i = 0; i < count; i++) {
		if (indices[i] == indices[count]) {
			return "duplicate parameter";
		}
	}
	return NULL;
}

/* Finds all names; there are no more than differ. False after an error reply. */
static bool find_names(struct call *call, size_t indices[NAMES_MAX + 1])
{
	for (size_t i = 0; 2 * i + 2 < call->argc; i++) {
		const struct shiny_resp_arg *arg = &call->argv[2 * i + 2];
		const char *why;

		indices[i] = find(arg);
		if (indices[i] == name_count()) {
			shiny_resp_error(
				call->reply,
				"ERR Unknown option or number of arguments for CONFIG SET - "
				"'%.*s'",
				SHINY_RESP_ARG_FORMAT(arg, SHOWN_MAX));
			return false;
		}
		why = check_name(indices, i);
		if (why) {
			reply_refusal(call, arg->data, arg->len, why);
			return false;
		}
	}
	return true;
}

/* Reads all values, and changes nothing yet. Returns how many there are; fewer after an error reply. */
static size_t read_values(struct call *call, const size_t *indices, size_t count,
			  struct config_value *values)
{
	char before_buf[CONFIG_TEXT_MAX], why_buf[CONFIG_WHY_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct config_name *row = row_of(indices[i]);
		const struct shiny_resp_arg *arg = &call->argv[2 * i + 3];
		struct config_value before = config_get(call->instance, row, before_buf);
		const char *why =
			config_value_parse(row, arg->data, arg->len, &before, why_buf, &values[i]);

		if (why) {
			reply_refusal(call, name_of(indices[i]), strlen(name_of(indices[i])), why);
			return i;
		}
	}
	return count;
}

/* All, or none. */
bool config_set_arg_is_secret(const struct call *call, size_t index)
{
	return index % 2 == 1 && config_is_secret(&call->argv[index - 1]);
}

void cmd_config_set(struct call *call)
{
	size_t indices[NAMES_MAX + 1], count = call->argc / 2 - 1, read;
	struct config_value values[NAMES_MAX];

	if (call->argc % 2 != 0) {
		call_syntax_error(call);
		return;
	}
	if (!find_names(call, indices)) {
		return;
	}
	read = read_values(call, indices, count, values);
	for (size_t i = 0; i < read; i++) {
		if (read == count) {
			config_set(call->instance, row_of(indices[i]), values[i]);
		} else {
			config_value_finish(&values[i]);
		}
	}
	if (read == count) {
		shiny_resp_ok(call->reply);
	}
}

/* The ini file is the operator's. */
void cmd_config_rewrite(struct call *call)
{
	shiny_resp_error(call->reply, "ERR The server is running without a config file");
}

void cmd_config_resetstat(struct call *call)
{
	struct instance *instance = call->instance;
	struct keyspace *keyspace = &instance->keyspace;

	command_stats_reset(&instance->command_stats);
	instance->stats_forgotten = *instance->stats;
	instance->error_stats = (struct error_stats){ 0 };
	keyspace->hits = keyspace->misses = 0;
	keyspace->expired_keys = keyspace->evicted_keys = 0;
	usage_reset(&instance->usage);
	if (instance->aof) {
		aof_reset_status(instance->aof);
	}
	shiny_resp_ok(call->reply);
}
