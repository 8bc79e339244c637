/* SPDX-License-Identifier: MIT */
/*
 * What the names of CONFIG are set to. Values that the configuration file sets are found where they
 * are used; all others are kept here. For redis-lite.c and the CONFIG command.
 */
#ifndef REDIS_LITE_CONFIG_CONFIG_H
#define REDIS_LITE_CONFIG_CONFIG_H

#include "config/names.h"

#include <stdbool.h>

struct shiny_resp_arg;

/*
 * config_init() - set all names that the ini file does not set to their defaults
 *
 * Returns 0 or -ENOMEM.
 */
int config_init(struct instance *instance);

void config_finish(struct instance *instance);

/* config_get() - what a name is set to; @buf has CONFIG_TEXT_MAX bytes, and holds it if need be */
struct config_value config_get(const struct instance *instance, const struct config_name *name,
			       char *buf);

/* config_is_secret() - whether what an argument names is set to what is not for logs */
bool config_is_secret(const struct shiny_resp_arg *name);

/* config_set() - set it to a value that was parsed for it, and take that value over */
void config_set(struct instance *instance, const struct config_name *name,
		struct config_value value);

#endif
