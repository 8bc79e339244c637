/* SPDX-License-Identifier: MIT */
/*
 * What the names of CONFIG are set to, for the time that the process lives: the ini file stays as it is.
 *
 * A value was checked before it comes here, so that setting it cannot fail.
 */
#include "config/config.h"
#include "command/command.h"
#include "command/instance.h"
#include "config/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct config_value *kept_row(const struct instance *instance,
				     const struct config_name *name)
{
	return &instance->config[name - config_names];
}

/* A text that nobody has set is the row's. */
static struct config_value kept_value(const struct instance *instance,
				      const struct config_name *name)
{
	struct config_value value = *kept_row(instance, name);

	if (!value.text && name->text) {
		value.text = (char *)name->text;
		value.len = strlen(name->text);
	}
	return value;
}

static void set_default(struct instance *instance, const struct config_name *name)
{
	kept_row(instance, name)->number = name->default_value;
	if (name->apply && !name->show) {
		struct config_value value = kept_value(instance, name);

		name->apply(instance, &value);
	}
}

int config_init(struct instance *instance)
{
	instance->config = calloc(config_name_count(), sizeof(struct config_value));
	if (!instance->config) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < config_name_count(); i++) {
		set_default(instance, &config_names[i]);
	}
	return 0;
}

void config_finish(struct instance *instance)
{
	for (size_t i = 0; instance->config && i < config_name_count(); i++) {
		config_value_finish(&instance->config[i]);
	}
	free(instance->config);
	instance->config = NULL;
}

struct config_value config_get(const struct instance *instance, const struct config_name *name,
			       char *buf)
{
	struct config_value value = kept_value(instance, name);

	if (name->show) {
		name->show(instance, buf, &value);
	}
	return value;
}

bool config_is_secret(const struct shiny_resp_arg *name)
{
	for (size_t i = 0; i < config_name_count(); i++) {
		const struct config_name *row = &config_names[i];

		if (row->flags & CONFIG_SENSITIVE &&
		    (shiny_resp_arg_is(name, row->name) ||
		     (row->alias && shiny_resp_arg_is(name, row->alias)))) {
			return true;
		}
	}
	return false;
}

void config_set(struct instance *instance, const struct config_name *name,
		struct config_value value)
{
	if (name->apply) {
		name->apply(instance, &value);
	}
	if (name->show || name->fixed) {
		config_value_finish(&value); /* it stands elsewhere, or was so before */
	} else {
		config_value_finish(kept_row(instance, name));
		*kept_row(instance, name) = value;
	}
}
