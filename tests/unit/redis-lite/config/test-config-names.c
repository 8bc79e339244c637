/* SPDX-License-Identifier: MIT */
/*
 * The table of CONFIG's names, and values as text. What redis-server says of them is asked in
 * tests/e2e/test-redis-lite-names.c.
 */
#include "config/names.h"
#include "config/value.h"
#include "harness.h"

#include <string.h>

static const struct config_name *row(const char *name)
{
	for (size_t i = 0; i < config_name_count(); i++) {
		if (strcmp(config_names[i].name, name) == 0) {
			return &config_names[i];
		}
	}
	harness_fail("no row of %s", name);
}

static bool is_free(const char *name)
{
	unsigned count = 0;

	for (size_t i = 0; i < config_name_count(); i++) {
		const struct config_name *other = &config_names[i];

		count += strcmp(other->name, name) == 0;
		count += other->alias && strcmp(other->alias, name) == 0;
	}
	return count == 1;
}

static void rows_are_sorted_and_no_name_stands_twice(void)
{
	for (size_t i = 0; i < config_name_count(); i++) {
		const struct config_name *name = &config_names[i];

		if (i > 0) {
			g_assert_cmpstr(config_names[i - 1].name, <, name->name);
		}
		g_assert_true(is_free(name->name));
		g_assert_true(!name->alias || is_free(name->alias));
	}
}

static bool is_immutable(const struct config_name *name)
{
	return name->flags & (CONFIG_IMMUTABLE | CONFIG_PROTECTED);
}

/* What is set must come from somewhere, and go somewhere. */
static void rows_are_complete(void)
{
	for (size_t i = 0; i < config_name_count(); i++) {
		const struct config_name *name = &config_names[i];
		bool has_choices = name->type == CONFIG_CHOICE || name->type == CONFIG_CHOICES;

		g_assert_true(has_choices == (name->choices != NULL));
		g_assert_true((name->type == CONFIG_WORDS) == (name->form != NULL));
		g_assert_true(name->text || name->show || name->type < CONFIG_TEXT);
		g_assert_true(!name->show || name->apply || name->fixed || is_immutable(name));
		g_assert_true(!name->fixed || (!name->apply && !is_immutable(name)));
	}
}

/* A default, told and read, is the same. */
static void defaults_are_values(void)
{
	for (size_t i = 0; i < config_name_count(); i++) {
		const struct config_name *name = &config_names[i];
		struct config_value default_value = { .number = name->default_value }, value;
		char buf[CONFIG_TEXT_MAX], why[CONFIG_WHY_MAX];
		const char *text, *refusal;
		size_t len;

		if (is_immutable(name) || name->show) {
			continue;
		}
		if (name->text) {
			default_value.text = (char *)name->text;
			default_value.len = strlen(name->text);
		}
		text = config_value_format(name, &default_value, buf, &len);
		refusal = config_value_parse(name, text, len, &default_value, why, &value);
		if (refusal) {
			harness_fail("%s %.*s: %s", name->name, (int)len, text, refusal);
		}
		g_assert_cmpint(value.number, ==, default_value.number);
		g_assert_cmpmem(value.text, value.len, default_value.text, default_value.len);
		config_value_finish(&value);
	}
}

/* The text that is told of what is set, or why it is not. */
static const char *try(const char *name, const char *text, char *buf)
{
	struct config_value before = { .number = row(name)->default_value }, value;
	char why[CONFIG_WHY_MAX];
	const char *told;
	size_t len;

	if (row(name)->text) {
		before.text = (char *)row(name)->text;
		before.len = strlen(row(name)->text);
	}
	told = config_value_parse(row(name), text, strlen(text), &before, why, &value);
	if (told) {
		return strncpy(buf, told, CONFIG_TEXT_MAX - 1);
	}
	told = config_value_format(row(name), &value, buf, &len);
	if (told != buf) {
		memcpy(buf, told, len);
	}
	buf[len] = '\0';
	config_value_finish(&value);
	return buf;
}

static void numbers_do_not_depend_on_the_size_of_a_word(void)
{
	static const struct {
		const char *name, *text, *told;
	} rows[] = {
		{ "maxmemory", "5gb", "5368709120" },
		{ "maxmemory", "17179869183gb", "18446744072635809792" },
		{ "maxmemory", "17179869184gb", "argument must be a memory value" },
		{ "maxmemory", "99999999999999999999", "18446744073709551615" },
		{ "repl-backlog-size", "4gb", "4294967296" },
		{ "repl-backlog-size", "9223372036854775808",
		  "argument must be between 1 and 9223372036854775807 inclusive" },
		{ "cluster-node-timeout", "4294967297", "4294967297" },
		{ "list-max-listpack-size", "-1", "-1" },
		{ "list-max-listpack-size", "2147483648",
		  "argument must be between -2147483648 and 2147483647 inclusive" },
		{ "maxmemory-clients", "5gb", "5368709120" },
		{ "maxmemory-clients", "5%", "5%" },
		{ "maxmemory-clients", "18446744073709551615", "1%" },
		{ "client-output-buffer-limit", "normal 5gb 5gb 4294967297",
		  "normal 5368709120 5368709120 1 slave 268435456 67108864 60 "
		  "pubsub 33554432 8388608 60" },
	};
	char buf[CONFIG_TEXT_MAX] = "";

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_assert_cmpstr(try(rows[i].name, rows[i].text, buf), ==, rows[i].told);
	}
}

static void a_value_has_a_limit(void)
{
	char text[CONFIG_TEXT_MAX + 1], buf[CONFIG_TEXT_MAX] = "";

	memset(text, 'x', sizeof(text));
	text[CONFIG_TEXT_MAX] = '\0';
	g_assert_cmpstr(try("masterauth", text, buf), ==, "argument is too long");
	text[CONFIG_TEXT_MAX - 1] = '\0';
	g_assert_cmpstr(try("masterauth", text, buf), ==, text);
	/* What is told is longer than what is set. */
	for (size_t i = 0; i + 3 < CONFIG_TEXT_MAX; i += 3) {
		memcpy(text + i, ".1 ", 3);
	}
	text[CONFIG_TEXT_MAX - 2] = '0';
	g_assert_cmpstr(try("latency-tracking-info-percentiles", text, buf), ==,
			"argument is too long");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/config-names/rows-are-sorted-and-no-name-stands-twice",
		    rows_are_sorted_and_no_name_stands_twice);
	harness_add("/config-names/rows-are-complete", rows_are_complete);
	harness_add("/config-names/defaults-are-values", defaults_are_values);
	harness_add("/config-names/numbers-do-not-depend-on-the-size-of-a-word",
		    numbers_do_not_depend_on_the_size_of_a_word);
	harness_add("/config-names/a-value-has-a-limit", a_value_has_a_limit);
	return harness_run();
}
