/* SPDX-License-Identifier: MIT */
/*
 * The state of one section in a few words, and what is wrong with it.
 */
#include "status/condition.h"

#include <string.h>

const char *condition_state(const struct section *section)
{
	if (section->state != SECTION_RUNS) {
		return section_is_over(section) ? "ended" : "draining";
	}
	if (section_is_up(section)) {
		return "serving";
	}
	if (section_is_over(section)) {
		return section_has_failed(section) ? "failed" : "ended";
	}
	return section->down_since_ms != 0 ? "down" : "loading";
}

/* Takes @text; the same text of another worker stands there once. */
static void add_once(GPtrArray *troubles, char *text)
{
	for (guint i = 0; i < troubles->len; i++) {
		if (strcmp(troubles->pdata[i], text) == 0) {
			g_free(text);
			return;
		}
	}
	g_ptr_array_add(troubles, text);
}

static void add_child_troubles(const struct child *child, int64_t now_ms, GPtrArray *troubles)
{
	int error = notices_accept_error(&child->shared->notices, &child->shared->stats, now_ms);
	char text[SHINY_ERROR_MAX];

	if (child_has_failed(child)) {
		add_once(troubles, g_strdup("failed"));
	}
	if (child_retries(child)) {
		add_once(troubles, g_strdup("failed to load"));
	}
	if (child_loads_long(child, now_ms)) {
		add_once(troubles, g_strdup("still loading"));
	}
	if (child->state != CHILD_SERVING) {
		return;
	}
	if (error != 0) {
		add_once(troubles, g_strdup_printf("accepting fails: %s", g_strerror(error)));
	}
	if (degraded_get(&child->shared->degraded, text)) {
		add_once(troubles, g_strdup_printf(CONDITION_DEGRADED "%s", text));
	}
}

GPtrArray *condition_troubles(const struct section *section, int64_t now_ms)
{
	GPtrArray *troubles = g_ptr_array_new_with_free_func(g_free);

	if (section->state != SECTION_RUNS) {
		return troubles;
	}
	for (size_t i = 0; i < section->n_children; i++) {
		add_child_troubles(&section->children[i], now_ms, troubles);
	}
	if (troubles->len == 0 && section->down_since_ms != 0) {
		add_once(troubles, g_strdup("down"));
	}
	return troubles;
}
