/* SPDX-License-Identifier: MIT */
/*
 * Values of CONFIG SET as text, and back: every type as Redis reads and writes it, to the wording of
 * why not.
 *
 * Knows rows, and nothing of what their names do.
 */
#include "config/value.h"
#include "util/number.h"

#include <inttypes.h>
#include <shiny-resp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *parse_bool(const char *text, struct config_value *value)
{
	value->number = strcasecmp(text, "yes") == 0;
	return value->number || strcasecmp(text, "no") == 0 ? NULL
							    : "argument must be 'yes' or 'no'";
}

/* Bounds that begin at 0 are those of a number without a sign, which a negative one is far above. */
static const char *check_range(const struct config_name *name, int64_t number, char *buf)
{
	bool within = name->min < 0 ? number >= name->min && number <= (int64_t)name->max
				    : (uint64_t)number >= (uint64_t)name->min &&
					      (uint64_t)number <= name->max;

	if (within) {
		return NULL;
	}
	snprintf(buf, CONFIG_WHY_MAX,
		 "argument must be between %" PRId64 " and %" PRIu64 " inclusive", name->min,
		 name->max);
	return buf;
}

static const char *parse_integer(const struct config_name *name, const char *text, size_t len,
				 char *buf, struct config_value *value)
{
	return shiny_resp_parse_integer(text, len, &value->number)
		       ? check_range(name, value->number, buf)
		       : "argument couldn't be parsed into an integer";
}

static bool parse_bytes(const char *text, struct config_value *value)
{
	uint64_t bytes;

	if (!number_parse_size(text, &bytes)) {
		return false;
	}
	value->number = (int64_t)bytes;
	return true;
}

static const char *parse_memory(const struct config_name *name, const char *text, char *buf,
				struct config_value *value)
{
	return parse_bytes(text, value) ? check_range(name, value->number, buf)
					: "argument must be a memory value";
}

/* Bytes so many that they are negative are taken for a percentage; so does Redis. */
static const char *parse_percent(const struct config_name *name, const char *text, size_t len,
				 char *buf, struct config_value *value)
{
	int64_t percent;

	if (!parse_bytes(text, value)) {
		if (len < 2 || text[len - 1] != '%' ||
		    !shiny_resp_parse_integer(text, len - 1, &percent) || percent < 0) {
			return "argument must be a memory or percent value";
		}
		value->number = -percent;
	}
	if (value->number < name->min) {
		snprintf(buf, CONFIG_WHY_MAX,
			 "percentage argument must be less or equal to %" PRId64, -name->min);
		return buf;
	}
	return NULL;
}

static const struct config_choice *find_choice(const struct config_name *name, const char *text)
{
	for (const struct config_choice *choice = name->choices; choice->name; choice++) {
		if (strcasecmp(text, choice->name) == 0) {
			return choice;
		}
	}
	return NULL;
}

static const char *no_choice(const struct config_name *name, char *buf)
{
	size_t len =
		(size_t)snprintf(buf, CONFIG_WHY_MAX, "argument(s) must be one of the following: ");

	for (const struct config_choice *choice = name->choices;
	     choice->name && len < CONFIG_WHY_MAX; choice++) {
		len += (size_t)snprintf(buf + len, CONFIG_WHY_MAX - len, "%s%s",
					choice == name->choices ? "" : ", ", choice->name);
	}
	return buf;
}

static const char *parse_choice(const struct config_name *name, const char *text, char *buf,
				struct config_value *value)
{
	const struct config_choice *choice = find_choice(name, text);

	if (!choice) {
		return no_choice(name, buf);
	}
	value->number = choice->value;
	return NULL;
}

static const char *parse_choices(const struct config_name *name, char *text, char *buf,
				 struct config_value *value)
{
	struct config_words words = config_words(text);

	if (words.count == 0) {
		return no_choice(name, buf);
	}
	value->number = 0;
	while (words.count > 0) {
		const struct config_choice *choice = find_choice(name, config_word(&words));

		if (!choice) {
			return no_choice(name, buf);
		}
		value->number |= choice->value;
	}
	return NULL;
}

static const char *copy_text(const char *text, size_t len, struct config_value *value)
{
	value->text = malloc(len + 1);
	if (!value->text) {
		return "out of memory";
	}
	memcpy(value->text, text, len);
	value->text[len] = '\0';
	value->len = len;
	return NULL;
}

static const char *parse_words(const struct config_name *name, char *text,
			       const struct config_value *before, struct config_value *value)
{
	struct config_text formed = { .len = 0 };
	const char *why = name->form(config_words(text), before, &formed);

	if (why) {
		return why;
	}
	return config_text_is_whole(&formed) ? copy_text(formed.data, formed.len, value)
					     : "argument is too long";
}

static const char *parse(const struct config_name *name, char *text, size_t len,
			 const struct config_value *before, char *buf, struct config_value *value)
{
	switch (name->type) {
	case CONFIG_BOOL:
		return parse_bool(text, value);
	case CONFIG_INTEGER:
		return parse_integer(name, text, len, buf, value);
	case CONFIG_MEMORY:
		return parse_memory(name, text, buf, value);
	case CONFIG_PERCENT:
		return parse_percent(name, text, len, buf, value);
	case CONFIG_CHOICE:
		return parse_choice(name, text, buf, value);
	case CONFIG_CHOICES:
		return parse_choices(name, text, buf, value);
	case CONFIG_TEXT:
		return copy_text(text, len, value);
	case CONFIG_WORDS:
		return parse_words(name, text, before, value);
	}
	return NULL;
}

static bool is_same(const struct config_value *a, const struct config_value *b)
{
	return a->number == b->number && a->len == b->len &&
	       (a->len == 0 || memcmp(a->text, b->text, a->len) == 0);
}

const char *config_value_parse(const struct config_name *name, const char *text, size_t len,
			       const struct config_value *before, char *buf,
			       struct config_value *ret_value)
{
	struct config_value value = { 0 };
	char copy[CONFIG_TEXT_MAX];
	const char *why;

	if (len >= sizeof(copy)) {
		return "argument is too long";
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	why = parse(name, copy, len, before, buf, &value);
	if (!why && name->check) {
		why = name->check(&value);
	}
	if (!why && name->fixed && !is_same(&value, before)) {
		why = name->fixed;
	}
	if (why) {
		config_value_finish(&value);
		return why;
	}
	*ret_value = value;
	return NULL;
}

static size_t format_choice(const struct config_name *name, int64_t number, char *buf)
{
	const struct config_choice *choice = name->choices;

	while (choice->name && choice->value != number) {
		choice++;
	}
	return choice->name ? (size_t)snprintf(buf, CONFIG_TEXT_MAX, "%s", choice->name) : 0;
}

/* One name, if there is one for all of them, or one for each. */
static size_t format_choices(const struct config_name *name, int64_t number, char *buf)
{
	size_t len = format_choice(name, number, buf);

	if (len > 0) {
		return len;
	}
	for (const struct config_choice *choice = name->choices; choice->name; choice++) {
		if (number & choice->value) {
			len += (size_t)snprintf(buf + len, CONFIG_TEXT_MAX - len, "%s%s",
						len ? " " : "", choice->name);
		}
	}
	return len;
}

static size_t format_percent(int64_t number, char *buf)
{
	size_t len = shiny_resp_format_unsigned(buf, (uint64_t)(number < 0 ? -number : number));

	if (number < 0) {
		buf[len++] = '%';
	}
	return len;
}

const char *config_value_format(const struct config_name *name, const struct config_value *value,
				char *buf, size_t *ret_len)
{
	switch (name->type) {
	case CONFIG_BOOL:
		*ret_len = (size_t)snprintf(buf, CONFIG_TEXT_MAX, value->number ? "yes" : "no");
		return buf;
	case CONFIG_INTEGER:
		*ret_len = shiny_resp_format_integer(buf, value->number);
		return buf;
	case CONFIG_MEMORY:
		*ret_len = shiny_resp_format_unsigned(buf, (uint64_t)value->number);
		return buf;
	case CONFIG_PERCENT:
		*ret_len = format_percent(value->number, buf);
		return buf;
	case CONFIG_CHOICE:
		*ret_len = format_choice(name, value->number, buf);
		return buf;
	case CONFIG_CHOICES:
		*ret_len = format_choices(name, value->number, buf);
		return buf;
	case CONFIG_TEXT:
	case CONFIG_WORDS:
		break;
	}
	*ret_len = value->len;
	return value->text;
}

void config_value_finish(struct config_value *value)
{
	free(value->text);
	*value = (struct config_value){ 0 };
}
