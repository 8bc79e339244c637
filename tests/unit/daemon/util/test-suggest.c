/* SPDX-License-Identifier: MIT */
/*
 * Which word is offered for a misspelt one.
 */
#include "harness.h"
#include "util/suggest.h"

static const char *nearest(const char *word)
{
	static const char *const keys[] = { "plugin",	    "listen",
					    "workers",	    "max_connections",
					    "idle_timeout", "max_output",
					    "user" };
	struct suggestion near;

	suggestion_init(&near, word);
	for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
		suggestion_offer(&near, keys[i]);
	}
	return near.best;
}

static void finds_slips(void)
{
	g_assert_cmpstr(nearest("plugn"), ==, "plugin");
	g_assert_cmpstr(nearest("plugins"), ==, "plugin");
	g_assert_cmpstr(nearest("pluhin"), ==, "plugin");
	g_assert_cmpstr(nearest("lisetn"), ==, "listen");
	g_assert_cmpstr(nearest("ilde_timeout"), ==, "idle_timeout");
	g_assert_cmpstr(nearest("max-output"), ==, "max_output");
	g_assert_cmpstr(nearest("listen"), ==, "listen");
}

static void ignores_case(void)
{
	g_assert_cmpstr(nearest("Plugin"), ==, "plugin");
	g_assert_cmpstr(nearest("LISETN"), ==, "listen");
	g_assert_cmpstr(nearest("MaxCon"), ==, "max_connections");
}

static void finds_abbreviations(void)
{
	g_assert_cmpstr(nearest("maxcon"), ==, "max_connections");
	g_assert_cmpstr(nearest("idle"), ==, "idle_timeout");
}

static void knows_when_nothing_is_near(void)
{
	g_assert_null(nearest("appendonly"));
	g_assert_null(nearest("xy"));
	g_assert_null(nearest(""));
}

static void bears_any_length(void)
{
	char *word = g_strnfill(1000, 'x');

	g_assert_null(nearest(word));
	g_free(word);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/suggest/slips-of-the-pen", finds_slips);
	harness_add("/suggest/whatever-the-case", ignores_case);
	harness_add("/suggest/abbreviations", finds_abbreviations);
	harness_add("/suggest/nothing-for-another-word", knows_when_nothing_is_near);
	harness_add("/suggest/any-length", bears_any_length);
	return harness_run();
}
