/* SPDX-License-Identifier: MIT */
/*
 * Text turned into values: one row a type, with its parser and its units.
 */
#include "config/value.h"

#include "util/suggest.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A unit that a number may carry. Factor 0: only zero needs none. */
struct unit {
	const char *suffix;
	int64_t factor;
};

#define KIB INT64_C(1024)

static const struct unit integer_units[] = { { "", 1 }, { NULL } };

/* The largest unit is last: bounds are written in the largest that divides them. */
static const struct unit size_units[] = {
	{ "", 1 },
	{ "k", KIB },
	{ "K", KIB },
	{ "m", KIB *KIB },
	{ "M", KIB *KIB },
	{ "g", KIB *KIB *KIB },
	{ "G", KIB *KIB *KIB },
	{ "t", KIB *KIB *KIB *KIB },
	{ "T", KIB *KIB *KIB *KIB },
	{ NULL },
};

static const struct unit duration_units[] = {
	{ "", 0 },
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
	{ NULL },
};

struct type {
	const char *name;
	/* -EINVAL; -ERANGE with the nearest number that there is */
	int (*parse)(const struct shiny_param *param, const char *text, struct shiny_value *ret);
	const char *expected;
	const struct unit *units;
	int64_t min; /* where the parameter sets no bounds */
};

static const struct type types[SHINY_TYPE_MAX];

static int parse_bool(const struct shiny_param *param, const char *text, struct shiny_value *ret)
{
	bool yes = strcmp(text, "yes") == 0;

	(void)param;
	if (!yes && strcmp(text, "no") != 0) {
		return -EINVAL;
	}
	*ret = (struct shiny_value){ .number = yes, .text = text };
	return 0;
}

static int parse_number(const struct shiny_param *param, const char *text, struct shiny_value *ret)
{
	const struct unit *unit = types[param->type].units;
	char *end;
	long long number;

	if (strspn(text, "-0123456789") == 0) {
		return -EINVAL; /* strtoll would skip blanks and take a plus */
	}
	errno = 0;
	number = strtoll(text, &end, 10);
	while (unit->suffix != NULL && strcmp(end, unit->suffix) != 0) {
		unit++;
	}
	if (unit->suffix == NULL || end == text || (unit->factor == 0 && number != 0)) {
		return -EINVAL;
	}
	ret->text = text;
	if (errno != 0 || __builtin_mul_overflow(number, unit->factor, &ret->number)) {
		ret->number = number < 0 ? INT64_MIN : INT64_MAX;
		return -ERANGE;
	}
	return 0;
}

static int parse_text(const struct shiny_param *param, const char *text, struct shiny_value *ret)
{
	(void)param;
	*ret = (struct shiny_value){ .text = text };
	return 0;
}

static int parse_path(const struct shiny_param *param, const char *text, struct shiny_value *ret)
{
	return text[0] == '/' ? parse_text(param, text, ret) : -EINVAL;
}

static int parse_choice(const struct shiny_param *param, const char *text, struct shiny_value *ret)
{
	for (int64_t i = 0; param->choices[i] != NULL; i++) {
		if (strcmp(text, param->choices[i]) == 0) {
			*ret = (struct shiny_value){ .number = i, .text = param->choices[i] };
			return 0;
		}
	}
	return -EINVAL;
}

static const struct type types[SHINY_TYPE_MAX] = {
	[SHINY_TYPE_BOOL] = { "yes | no", parse_bool, "yes or no" },
	[SHINY_TYPE_INTEGER] = { "integer", parse_number, "a whole number", integer_units,
				 INT64_MIN },
	[SHINY_TYPE_SIZE] = { "size", parse_number, "a size such as 512, 64K, 1M or 2G",
			      size_units },
	[SHINY_TYPE_DURATION] = { "duration", parse_number,
				  "a duration such as 250ms, 10s, 5m, 2h or 1d", duration_units },
	[SHINY_TYPE_STRING] = { "string", parse_text },
	[SHINY_TYPE_PATH] = { "path", parse_path, "an absolute path" },
	[SHINY_TYPE_ENUM] = { NULL, parse_choice },
	[SHINY_TYPE_SECRET] = { "secret", parse_text },
};

/* "a, b or c" */
static void join_choices(const char *const *choices, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; choices[i] != NULL && used < size; i++) {
		const char *before = i == 0 ? "" : choices[i + 1] == NULL ? " or " : ", ";

		used += (size_t)snprintf(buf + used, size - used, "%s%s", before, choices[i]);
	}
}

static void explain_unexpected(const struct shiny_param *param, const char *text, char *error)
{
	struct suggestion near;
	char choices[SHINY_ERROR_MAX / 2];

	if (param->type != SHINY_TYPE_ENUM) {
		snprintf(error, SHINY_ERROR_MAX, "expected %s, not '%.100s'",
			 types[param->type].expected, text);
		return;
	}
	join_choices(param->choices, choices, sizeof(choices));
	suggestion_init(&near, text);
	for (size_t i = 0; param->choices[i] != NULL; i++) {
		suggestion_offer(&near, param->choices[i]);
	}
	snprintf(error, SHINY_ERROR_MAX, "expected %s, not '%.60s'%s%s%s", choices, text,
		 near.best ? "; did you mean '" : "", near.best ? near.best : "",
		 near.best ? "'?" : "");
}

/* Writes a bound as people do: 64K, 10s. The largest number, which no unit divides, is cut. */
static void format_number(const struct unit *units, int64_t number, char *buf, size_t size)
{
	const struct unit *best = &units[0];

	for (const struct unit *unit = units; unit->suffix != NULL; unit++) {
		if (number != 0 && unit->factor != 0 &&
		    (number % unit->factor == 0 || number == INT64_MAX)) {
			best = unit;
		}
	}
	snprintf(buf, size, "%" PRId64 "%s", best->factor ? number / best->factor : number,
		 best->suffix);
}

struct bounds {
	int64_t min, max;
};

static struct bounds bounds_of(const struct shiny_param *param)
{
	bool bounded = param->min != 0 || param->max != 0;

	return bounded ? (struct bounds){ param->min, param->max }
		       : (struct bounds){ types[param->type].min, INT64_MAX };
}

static int refuse_number(const struct shiny_param *param, const struct shiny_value *value,
			 char *error)
{
	struct bounds bounds = bounds_of(param);
	bool low = value->number < bounds.min || value->number == INT64_MIN;
	char limit[32];

	format_number(types[param->type].units, low ? bounds.min : bounds.max, limit,
		      sizeof(limit));
	snprintf(error, SHINY_ERROR_MAX, "must be at %s %s, not %.100s", low ? "least" : "most",
		 limit, value->text);
	return -EINVAL;
}

static bool is_within(const struct shiny_param *param, int64_t number)
{
	struct bounds bounds = bounds_of(param);

	return number >= bounds.min && number <= bounds.max;
}

int value_parse(const struct shiny_param *param, const char *text, struct shiny_value *ret_value,
		char *error)
{
	const struct type *type = &types[param->type];
	struct shiny_value value;
	int r;

	if (*text == '\0') {
		snprintf(error, SHINY_ERROR_MAX, "expected a value");
		return -EINVAL;
	}
	r = type->parse(param, text, &value);
	if (r == -EINVAL) {
		explain_unexpected(param, text, error);
		return r;
	}
	if (type->units != NULL && (r < 0 || !is_within(param, value.number))) {
		return refuse_number(param, &value, error);
	}
	*ret_value = value;
	return 0;
}

int value_default(const struct shiny_param *param, struct shiny_value *ret_value, char *error)
{
	if (param->default_value == NULL) {
		*ret_value = (struct shiny_value){ 0 };
		return 0;
	}
	return value_parse(param, param->default_value, ret_value, error);
}

static int check_bounds(const struct shiny_param *param, char *error)
{
	const struct unit *units = types[param->type].units;
	char min[32], max[32];

	if (units == NULL || param->min <= param->max) {
		return 0;
	}
	format_number(units, param->min, min, sizeof(min));
	format_number(units, param->max, max, sizeof(max));
	snprintf(error, SHINY_ERROR_MAX, "must be at least %s and at most %s%s", min, max,
		 param->max == 0 ? ": where there is no most, set .max to INT64_MAX" : "");
	return -EINVAL;
}

/* What is @wrong, if it @is. */
static int check(bool is, const char *wrong, char *error)
{
	if (is) {
		snprintf(error, SHINY_ERROR_MAX, "%s", wrong);
	}
	return is ? -EINVAL : 0;
}

static int check_default(const struct shiny_param *param, char *error)
{
	struct shiny_value value;
	char reason[SHINY_ERROR_MAX];

	if (value_default(param, &value, reason) == 0) {
		return 0;
	}
	snprintf(error, SHINY_ERROR_MAX, "has a wrong default: %.200s", reason);
	return -EINVAL;
}

int value_check(const struct shiny_param *param, char *error)
{
	if (check((unsigned)param->type >= SHINY_TYPE_MAX, "has no type that this shinyd knows",
		  error) < 0 ||
	    check(param->type == SHINY_TYPE_ENUM &&
			  (param->choices == NULL || param->choices[0] == NULL),
		  "is one of several choices, and has none", error) < 0 ||
	    check(param->required && param->default_value != NULL,
		  "is required and has a default: drop one of them", error) < 0 ||
	    check_bounds(param, error) < 0 || check_default(param, error) < 0) {
		return -EINVAL;
	}
	return 0;
}

void value_describe(const struct shiny_param *param, char *buf, size_t size)
{
	const struct type *type = &types[param->type];
	char min[32], max[32];

	if (param->type == SHINY_TYPE_ENUM) {
		char *choices = g_strjoinv(" | ", (char **)param->choices);

		g_strlcpy(buf, choices, size);
		g_free(choices);
	} else if (type->units == NULL || (param->min == 0 && param->max == 0)) {
		g_strlcpy(buf, type->name, size);
	} else {
		format_number(type->units, param->min, min, sizeof(min));
		format_number(type->units, param->max, max, sizeof(max));
		snprintf(buf, size, "%s, %s to %s", type->name, min, max);
	}
}
