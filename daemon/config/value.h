/* SPDX-License-Identifier: MIT */
/*
 * Text of the configuration in, struct shiny_value out.
 *
 * The keys of shinyd and the parameters of plugins are described by the same struct shiny_param and
 * read by the same code.
 */
#ifndef SHINYD_VALUE_H
#define SHINYD_VALUE_H

#include <shiny-plugin.h>

/*
 * value_parse() - read @text as @param says
 *
 * Owner:   the value's text points to @text or to one of the choices.
 * Returns: 0; -EINVAL with what is wrong in @error (SHINY_ERROR_MAX bytes), which fits behind
 *          "KEY: " and never tells a secret.
 */
int value_parse(const struct shiny_param *param, const char *text, struct shiny_value *ret_value,
		char *error);

/*
 * value_default() - the value of a key that is not set
 *
 * Returns: as value_parse(), for the parameter's default.
 */
int value_default(const struct shiny_param *param, struct shiny_value *ret_value, char *error);

/*
 * value_check() - whether there can be values of @param at all, and its default is one
 *
 * Returns: 0; -EINVAL with what is wrong in @error (SHINY_ERROR_MAX bytes), which fits behind the
 *          key.
 */
int value_check(const struct shiny_param *param, char *error);

/* value_describe() - the type with its bounds or choices: "size, 1 to 64M", "always | no" */
void value_describe(const struct shiny_param *param, char *buf, size_t size);

#endif
