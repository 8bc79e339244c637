/* SPDX-License-Identifier: MIT */
/*
 * Names of CONFIG that stand for something here: where their values are found, and what is done when
 * they are set.
 */
#include "config/effects.h"
#include "command/instance.h"
#include "config/names.h"
#include "store/evict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show_text(const char *text, char *buf, struct config_value *value)
{
	value->text = buf;
	value->len = (size_t)snprintf(buf, CONFIG_TEXT_MAX, "%s", text);
}

void config_show_appendfilename(const struct instance *instance, char *buf,
				struct config_value *value)
{
	show_text(instance->settings.aof.filename, buf, value);
}

void config_show_appendfsync(const struct instance *instance, char *buf, struct config_value *value)
{
	(void)buf;
	value->number = instance->settings.aof.fsync;
}

/* The file follows at the end of the turn, before this is acknowledged. */
void config_apply_appendfsync(struct instance *instance, const struct config_value *value)
{
	instance->settings.aof.fsync = (enum aof_fsync)value->number;
}

void config_show_appendonly(const struct instance *instance, char *buf, struct config_value *value)
{
	(void)buf;
	value->number = instance->settings.appendonly;
}

void config_show_debug(const struct instance *instance, char *buf, struct config_value *value)
{
	show_text(instance->settings.allow_debug ? "yes" : "no", buf, value);
}

void config_show_dir(const struct instance *instance, char *buf, struct config_value *value)
{
	show_text(instance->settings.aof.dir ? instance->settings.aof.dir : "", buf, value);
}

void config_show_rewrite_min_size(const struct instance *instance, char *buf,
				  struct config_value *value)
{
	(void)buf;
	value->number = (int64_t)instance->settings.aof.rewrite_min_size;
}

void config_apply_rewrite_min_size(struct instance *instance, const struct config_value *value)
{
	instance->settings.aof.rewrite_min_size = (uint64_t)value->number;
}

void config_show_rewrite_percentage(const struct instance *instance, char *buf,
				    struct config_value *value)
{
	(void)buf;
	value->number = instance->settings.aof.rewrite_percentage;
}

void config_apply_rewrite_percentage(struct instance *instance, const struct config_value *value)
{
	instance->settings.aof.rewrite_percentage = (unsigned)value->number;
}

void config_show_password(const struct instance *instance, char *buf, struct config_value *value)
{
	memcpy(buf, instance->password.text, instance->password.len);
	value->text = buf;
	value->len = instance->password.len;
}

void config_apply_password(struct instance *instance, const struct config_value *value)
{
	password_set(&instance->password, value->text, value->len);
}

void config_show_maxclients(const struct instance *instance, char *buf, struct config_value *value)
{
	(void)buf;
	value->number = instance_max_clients(instance);
}

void config_show_maxmemory(const struct instance *instance, char *buf, struct config_value *value)
{
	(void)buf;
	value->number = (int64_t)instance->keyspace.limit;
}

void config_apply_maxmemory(struct instance *instance, const struct config_value *value)
{
	struct keyspace *keyspace = &instance->keyspace;

	evict_configure(keyspace, (uint64_t)value->number, keyspace->policy);
}

void config_show_maxmemory_policy(const struct instance *instance, char *buf,
				  struct config_value *value)
{
	(void)buf;
	value->number = instance->keyspace.policy;
}

void config_apply_maxmemory_policy(struct instance *instance, const struct config_value *value)
{
	struct keyspace *keyspace = &instance->keyspace;

	evict_configure(keyspace, keyspace->limit, (enum evict_policy)value->number);
}

void config_show_port(const struct instance *instance, char *buf, struct config_value *value)
{
	value->number = atoi(instance_port(instance, buf));
}

/* A host, without the brackets around an IPv6 one. */
static void add_host(struct config_text *hosts, const char *host, const char *colon)
{
	bool bracketed = *host == '[';

	config_text_add(hosts, "%.*s", (int)(colon - host) - 2 * bracketed, host + bracketed);
}

void config_show_bind(const struct instance *instance, char *buf, struct config_value *value)
{
	struct config_text hosts = { .len = 0 };
	char address[SHINY_ADDRESS_MAX];

	for (size_t i = 0;
	     shiny_server_address(instance->host->server, i, address, sizeof(address)) == 0; i++) {
		if (strncmp(address, "tcp://", 6) == 0) {
			add_host(&hosts, address + 6, strrchr(address, ':'));
		}
	}
	show_text(hosts.data, buf, value);
}

void config_show_unixsocket(const struct instance *instance, char *buf, struct config_value *value)
{
	char address[SHINY_ADDRESS_MAX];

	show_text("", buf, value);
	for (size_t i = 0; value->len == 0 && shiny_server_address(instance->host->server, i,
								   address, sizeof(address)) == 0;
	     i++) {
		if (strncmp(address, "unix://", 7) == 0) {
			show_text(address + 7, buf, value);
		}
	}
}

/* The text stays where it is until another one is set. */
void config_apply_latency_percentiles(struct instance *instance, const struct config_value *value)
{
	instance->command_stats.percentiles = (struct shiny_resp_arg){ value->text, value->len };
}

void config_apply_latency_tracking(struct instance *instance, const struct config_value *value)
{
	instance->command_stats.tracking = value->number != 0;
}

void config_apply_slowlog_max_len(struct instance *instance, const struct config_value *value)
{
	instance->slowlog.max_count = (size_t)value->number;
}

void config_apply_slowlog_slower_than(struct instance *instance, const struct config_value *value)
{
	instance->slowlog.slower_than_us = value->number;
}
