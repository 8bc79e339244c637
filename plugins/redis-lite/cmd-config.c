/* SPDX-License-Identifier: MIT */
/*
 * CONFIG: Redis's names for what is set here, and for what is always so.
 *
 * What a row can set is set for this run; the ini file stays as it is.
 */
#include "aof.h"
#include "cmd.h"
#include "command.h"
#include "evict.h"
#include "glob.h"
#include "instance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Room for a value. */
#define VALUE_MAX 1024

struct setting {
	const char *name;
	const char *value; /* if it is always the same */
	const char *(*show)(const struct instance *instance, char *buf);
	/* Returns why not, or NULL. Without it, only what is so already may be set. */
	const char *(*set)(struct instance *instance, const char *value);
};

static const char *show_appendfilename(const struct instance *instance, char *buf)
{
	(void)buf;
	return instance->settings.appendfilename;
}

static const char *show_appendfsync(const struct instance *instance, char *buf)
{
	(void)buf;
	return aof_fsync_names[instance->settings.appendfsync];
}

/* The file follows at the end of the turn, before this is acknowledged. */
static const char *set_appendfsync(struct instance *instance, const char *value)
{
	for (unsigned policy = 0; policy < AOF_FSYNC_MAX; policy++) {
		if (strcasecmp(value, aof_fsync_names[policy]) == 0) {
			instance->settings.appendfsync = policy;
			return NULL;
		}
	}
	return "argument(s) must be one of the following: everysec, always, no";
}

static const char *show_appendonly(const struct instance *instance, char *buf)
{
	(void)buf;
	return instance->settings.appendonly ? "yes" : "no";
}

static const char *show_dir(const struct instance *instance, char *buf)
{
	(void)buf;
	return instance->settings.dir ? instance->settings.dir : "";
}

static const char *show_debug(const struct instance *instance, char *buf)
{
	(void)buf;
	return instance->settings.allow_debug ? "yes" : "no";
}

static const char *show_port(const struct instance *instance, char *buf)
{
	return instance_port(instance, buf);
}

static const char *show_rewrite_min_size(const struct instance *instance, char *buf)
{
	snprintf(buf, VALUE_MAX, "%" PRIu64, instance->settings.auto_aof_rewrite_min_size);
	return buf;
}

static const char *set_rewrite_min_size(struct instance *instance, const char *value)
{
	return number_parse_size(value, &instance->settings.auto_aof_rewrite_min_size)
		       ? NULL
		       : "argument must be a memory value";
}

static const char *show_rewrite_percentage(const struct instance *instance, char *buf)
{
	snprintf(buf, VALUE_MAX, "%u", instance->settings.auto_aof_rewrite_percentage);
	return buf;
}

static const char *set_rewrite_percentage(struct instance *instance, const char *value)
{
	int64_t percentage;

	if (!number_parse(value, strlen(value), &percentage)) {
		return "argument couldn't be parsed into an integer";
	}
	if (percentage < 0 || percentage > AOF_REWRITE_PERCENTAGE_MAX) {
		return "argument must be between 0 and 1000000 inclusive";
	}
	instance->settings.auto_aof_rewrite_percentage = (unsigned)percentage;
	return NULL;
}

static const char *show_password(const struct instance *instance, char *buf)
{
	const struct password *password = &instance->password;

	memcpy(buf, password->text, password->len);
	buf[password->len] = '\0';
	return buf;
}

static const char *set_password(struct instance *instance, const char *value)
{
	return password_set(&instance->password, value, strlen(value))
		       ? NULL
		       : "it is longer than 512 bytes";
}

static const char *show_maxclients(const struct instance *instance, char *buf)
{
	snprintf(buf, VALUE_MAX, "%u", instance_max_clients(instance));
	return buf;
}

static const char *show_maxmemory(const struct instance *instance, char *buf)
{
	snprintf(buf, VALUE_MAX, "%zu", instance->keyspace.limit);
	return buf;
}

static const char *set_maxmemory(struct instance *instance, const char *value)
{
	struct keyspace *keyspace = &instance->keyspace;
	uint64_t limit;

	if (!number_parse_size(value, &limit)) {
		return "argument must be a memory value";
	}
	evict_configure(keyspace, limit, keyspace->policy);
	return NULL;
}

static const char *show_maxmemory_policy(const struct instance *instance, char *buf)
{
	(void)buf;
	return evict_names[instance->keyspace.policy];
}

static const char *set_maxmemory_policy(struct instance *instance, const char *value)
{
	struct keyspace *keyspace = &instance->keyspace;

	for (unsigned policy = 0; policy < EVICT_MAX; policy++) {
		if (strcasecmp(value, evict_names[policy]) == 0) {
			evict_configure(keyspace, keyspace->limit, (enum evict_policy)policy);
			return NULL;
		}
	}
	return "argument(s) must be one of the following: noeviction, allkeys-lru, allkeys-random, "
	       "volatile-ttl";
}

static const struct setting setting_table[] = {
	{ "appendfilename", NULL, show_appendfilename, NULL },
	{ "appendfsync", NULL, show_appendfsync, set_appendfsync },
	{ "appendonly", NULL, show_appendonly, NULL },
	{ "auto-aof-rewrite-min-size", NULL, show_rewrite_min_size, set_rewrite_min_size },
	{ "auto-aof-rewrite-percentage", NULL, show_rewrite_percentage, set_rewrite_percentage },
	{ "databases", "16", NULL, NULL },
	{ "dir", NULL, show_dir, NULL },
	{ "enable-debug-command", NULL, show_debug, NULL },
	{ "maxclients", NULL, show_maxclients, NULL },
	{ "maxmemory", NULL, show_maxmemory, set_maxmemory },
	{ "maxmemory-policy", NULL, show_maxmemory_policy, set_maxmemory_policy },
	{ "port", NULL, show_port, NULL },
	{ "proto-max-bulk-len", "536870912", NULL, NULL },
	{ "requirepass", NULL, show_password, set_password },
	{ "save", "", NULL, NULL },
};

#define SETTINGS (sizeof(setting_table) / sizeof(setting_table[0]))

static const char *show(const struct setting *setting, const struct instance *instance, char *buf)
{
	return setting->show ? setting->show(instance, buf) : setting->value;
}

static const struct setting *find(const struct resp_arg *name)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		if (arg_is(name, setting_table[i].name)) {
			return &setting_table[i];
		}
	}
	return NULL;
}

static bool is_pattern(const struct resp_arg *arg)
{
	return memchr(arg->data, '*', arg->len) || memchr(arg->data, '?', arg->len) ||
	       memchr(arg->data, '[', arg->len);
}

/* The first argument that asks for a setting; or NULL. */
static const struct resp_arg *asking(const struct call *call, const struct setting *setting)
{
	for (size_t i = 2; i < call->argc; i++) {
		const struct resp_arg *arg = &call->argv[i];

		if (is_pattern(arg) ? glob_match_nocase(arg->data, arg->len, setting->name,
							strlen(setting->name))
				    : arg_is(arg, setting->name)) {
			return arg;
		}
	}
	return NULL;
}

void cmd_config_get(struct call *call)
{
	char buf[VALUE_MAX];
	size_t count = 0;

	for (size_t i = 0; i < SETTINGS; i++) {
		count += asking(call, &setting_table[i]) != NULL;
	}
	reply_map(call->reply, count);
	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *setting = &setting_table[i];
		const struct resp_arg *arg = asking(call, setting);

		if (!arg) {
			continue;
		}
		if (is_pattern(arg)) {
			reply_bulk_text(call->reply, setting->name);
		} else {
			reply_bulk(call->reply, arg->data, arg->len); /* as it was written */
		}
		reply_bulk_text(call->reply, show(setting, call->instance, buf));
	}
}

static void refuse(struct call *call, size_t index, const char *why)
{
	reply_error(call->reply, "ERR CONFIG SET failed (possibly related to argument '%.*s') - %s",
		    ARG_FORMAT(&call->argv[index], 128), why);
}

/* All names must be known, and different. False after an error reply. */
static bool check_names(struct call *call)
{
	for (size_t i = 2; i < call->argc; i += 2) {
		const struct setting *setting = find(&call->argv[i]);

		if (!setting) {
			reply_error(call->reply,
				    "ERR Unknown option or number of arguments for CONFIG SET - "
				    "'%.*s'",
				    ARG_FORMAT(&call->argv[i], 128));
			return false;
		}
		for (size_t j = 2; j < i; j += 2) {
			if (find(&call->argv[j]) == setting) {
				refuse(call, i, "duplicate parameter");
				return false;
			}
		}
	}
	return true;
}

static const char *set(struct instance *instance, const struct setting *setting,
		       const struct resp_arg *arg)
{
	char value[VALUE_MAX], buf[VALUE_MAX];

	if (arg->len >= VALUE_MAX || memchr(arg->data, '\0', arg->len)) {
		return "argument is too long";
	}
	memcpy(value, arg->data, arg->len);
	value[arg->len] = '\0';
	if (setting->set) {
		return setting->set(instance, value);
	}
	return strcmp(value, show(setting, instance, buf)) == 0 ? NULL
								: "can't set immutable config";
}

/* All, or none: what was set before a failure is set back. */
void cmd_config_set(struct call *call)
{
	struct instance *instance = call->instance;
	struct {
		const struct setting *setting;
		char value[VALUE_MAX];
	} old[SETTINGS];
	const char *why = NULL;
	size_t count = 0;

	if (call->argc % 2 != 0) {
		call_syntax_error(call);
		return;
	}
	if (!check_names(call)) {
		return;
	}
	for (size_t i = 2; i < call->argc && !why; i += 2, count++) {
		const struct setting *setting = find(&call->argv[i]);
		char buf[VALUE_MAX];

		old[count].setting = setting;
		snprintf(old[count].value, VALUE_MAX, "%s", show(setting, instance, buf));
		why = set(instance, setting, &call->argv[i + 1]);
	}
	if (!why) {
		reply_ok(call->reply);
		return;
	}
	refuse(call, 2 * count, why);
	for (size_t i = 0; i < count; i++) {
		if (old[i].setting->set) {
			old[i].setting->set(instance, old[i].value);
		}
	}
}

void cmd_config_resetstat(struct call *call)
{
	struct instance *instance = call->instance;
	struct keyspace *keyspace = &instance->keyspace;

	instance->commands_run = 0;
	instance->stats_forgotten = *instance->stats;
	instance->error_stats = (struct error_stats){ 0 };
	keyspace->hits = keyspace->misses = 0;
	keyspace->expired_keys = keyspace->evicted_keys = 0;
	reply_ok(call->reply);
}
