/* SPDX-License-Identifier: MIT */
/*
 * Values of settings as text, both ways, by the type that a name's row says.
 */
#ifndef REDIS_LITE_CONFIG_VALUE_H
#define REDIS_LITE_CONFIG_VALUE_H

#include "config/names.h"

/*
 * config_value_parse() - what a text means for a name
 *
 * @before: what the name is set to now.
 *
 * Returns NULL, with a value for config_value_finish(); or why not, in Redis's words, which may stand
 * in @buf (of CONFIG_WHY_MAX bytes).
 */
const char *config_value_parse(const struct config_name *name, const char *text, size_t len,
			       const struct config_value *before, char *buf,
			       struct config_value *ret_value);

/*
 * config_value_format() - as CONFIG GET tells it
 *
 * Returns the value's text or, as all others are printed there, @buf (of CONFIG_TEXT_MAX bytes).
 */
const char *config_value_format(const struct config_name *name, const struct config_value *value,
				char *buf, size_t *ret_len);

/* config_value_finish() - free what it holds */
void config_value_finish(struct config_value *value);

#endif
