/* SPDX-License-Identifier: MIT */
/*
 * The tables of keys: that they are right in themselves, and that shinyd.ini(5) says the same.
 */
#include "config/keys.h"
#include "config/value.h"
#include "harness.h"

#include <string.h>

static void table_is_right(const struct key *keys, size_t n)
{
	struct shiny_value value;
	char error[SHINY_ERROR_MAX];

	for (size_t i = 0; i < n; i++) {
		if (value_default(&keys[i].param, &value, error) < 0) {
			harness_fail("%s: %s", keys[i].param.key, error);
		}
		g_assert_nonnull(keys[i].param.help);
		g_assert_true(key_reserved(keys[i].param.key));
		for (size_t j = 0; j < i; j++) {
			g_assert_cmpstr(keys[i].param.key, !=, keys[j].param.key);
		}
	}
}

static void tables_are_right(void)
{
	table_is_right(daemon_keys, DAEMON_KEY_MAX);
	table_is_right(server_keys, SERVER_KEY_MAX);
}

static void reserves_what_may_come(void)
{
	g_assert_true(key_reserved("proxy_protocol"));
	g_assert_true(key_reserved("include"));
	g_assert_false(key_reserved("appendonly"));
}

/* What the manual says of a key: from its line to the next one's, for g_free(). */
static char *find_entry(const char *manual, const char *key)
{
	char *head = g_strdup_printf("\n*%s* = ", key);
	const char *start = strstr(manual, head);
	const char *end;

	if (start == NULL) {
		harness_fail("shinyd.ini(5) does not have %s", key);
	}
	end = strstr(start + 1, "\n\n*");
	g_free(head);
	return end != NULL ? g_strndup(start, (gsize)(end - start)) : g_strdup(start);
}

static void expect_in(const char *entry, const char *text)
{
	if (strstr(entry, text) == NULL) {
		harness_fail("no \"%s\" in:\n%s", text, entry);
	}
}

static void manual_has(const char *manual, const struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct shiny_param *param = &keys[i].param;
		char *entry = find_entry(manual, param->key);

		for (size_t j = 0; param->choices != NULL && param->choices[j] != NULL; j++) {
			expect_in(entry, param->choices[j]);
		}
		if (param->default_value != NULL) {
			char *default_value = g_strdup_printf("Default: %s.", param->default_value);

			expect_in(entry, default_value);
			g_free(default_value);
		}
		if (param->required) {
			expect_in(entry, "Required.");
		}
		g_free(entry);
	}
}

static void manual_says_the_same(void)
{
	char *manual;

	g_assert_true(g_file_get_contents(DOCS_DIR "/shinyd.ini.5.scd", &manual, NULL, NULL));
	manual_has(manual, daemon_keys, DAEMON_KEY_MAX);
	manual_has(manual, server_keys, SERVER_KEY_MAX);
	g_free(manual);
}

static void append_live(GString *names, const struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((keys[i].flags & KEY_LIVE) != 0) {
			g_string_append_printf(names, "_%s_ ", keys[i].param.key);
		}
	}
}

/* Those in "A reload (see ...) applies _a_, _b_ and _c_ in place;". */
static void append_named(GString *names, const char *manual)
{
	const char *start = strstr(manual, "\nA reload (see ");
	char **words = g_strsplit_set(start != NULL ? start : "", " ,\n", -1);

	for (size_t i = 0; words[i] != NULL && strcmp(words[i], "place;") != 0; i++) {
		if (*words[i] == '_') {
			g_string_append_printf(names, "%s ", words[i]);
		}
	}
	g_strfreev(words);
}

static void manual_names_live_keys(void)
{
	GString *live = g_string_new(NULL);
	GString *named = g_string_new(NULL);
	char *manual;

	append_live(live, daemon_keys, DAEMON_KEY_MAX);
	append_live(live, server_keys, SERVER_KEY_MAX);
	g_assert_true(g_file_get_contents(DOCS_DIR "/shinyd.ini.5.scd", &manual, NULL, NULL));
	append_named(named, manual);
	g_assert_cmpstr(named->str, ==, live->str);
	g_string_free(named, TRUE);
	g_string_free(live, TRUE);
	g_free(manual);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/keys/defaults-and-help-are-right", tables_are_right);
	harness_add("/keys/reserved-from-the-start", reserves_what_may_come);
	harness_add("/keys/the-manual-says-the-same", manual_says_the_same);
	harness_add("/keys/the-manual-names-those-that-apply-in-place", manual_names_live_keys);
	return harness_run();
}
