/* SPDX-License-Identifier: MIT */
/*
 * The functions that rows of the table of names have as .show and .apply: where a value is found,
 * and what is done when it is set. For names.c alone.
 */
#ifndef REDIS_LITE_CONFIG_EFFECTS_H
#define REDIS_LITE_CONFIG_EFFECTS_H

struct config_value;
struct instance;

/* What rows of config/names.c have as .show and .apply. */
void config_show_appendfilename(const struct instance *instance, char *buf,
				struct config_value *value);
void config_show_appendfsync(const struct instance *instance, char *buf,
			     struct config_value *value);
void config_show_appendonly(const struct instance *instance, char *buf, struct config_value *value);
void config_show_bind(const struct instance *instance, char *buf, struct config_value *value);
void config_show_debug(const struct instance *instance, char *buf, struct config_value *value);
void config_show_dir(const struct instance *instance, char *buf, struct config_value *value);
void config_show_maxclients(const struct instance *instance, char *buf, struct config_value *value);
void config_show_maxmemory(const struct instance *instance, char *buf, struct config_value *value);
void config_show_maxmemory_policy(const struct instance *instance, char *buf,
				  struct config_value *value);
void config_show_password(const struct instance *instance, char *buf, struct config_value *value);
void config_show_port(const struct instance *instance, char *buf, struct config_value *value);
void config_show_rewrite_min_size(const struct instance *instance, char *buf,
				  struct config_value *value);
void config_show_rewrite_percentage(const struct instance *instance, char *buf,
				    struct config_value *value);
void config_show_unixsocket(const struct instance *instance, char *buf, struct config_value *value);

void config_apply_appendfsync(struct instance *instance, const struct config_value *value);
void config_apply_latency_percentiles(struct instance *instance, const struct config_value *value);
void config_apply_latency_tracking(struct instance *instance, const struct config_value *value);
void config_apply_maxmemory(struct instance *instance, const struct config_value *value);
void config_apply_maxmemory_policy(struct instance *instance, const struct config_value *value);
void config_apply_password(struct instance *instance, const struct config_value *value);
void config_apply_rewrite_min_size(struct instance *instance, const struct config_value *value);
void config_apply_rewrite_percentage(struct instance *instance, const struct config_value *value);
void config_apply_slowlog_max_len(struct instance *instance, const struct config_value *value);
void config_apply_slowlog_slower_than(struct instance *instance, const struct config_value *value);

#endif
