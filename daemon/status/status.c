/* SPDX-License-Identifier: MIT */
/*
 * The state of all sections, in words: each section with its workers and their counters.
 */
#include "status/status.h"

#include "config/config-dump.h"
#include "ipc/stats.h"
#include "status/condition.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const char *const state_names[] = {
	[CHILD_DUE] = "about to start", [CHILD_LOADING] = "loading", [CHILD_SERVING] = "serving",
	[CHILD_CRASHING] = "crashing",	[CHILD_ENDED] = "ended",     [CHILD_FAILED] = "failed",
};

#define COUNTER(field) offsetof(struct shiny_stats, field)

/* The counters of a worker, shown always or once they are not 0. */
static const struct {
	const char *name;
	size_t offset;
	bool always;
} counters[] = {
	{ "connections", COUNTER(connections), true },
	{ "accepted", COUNTER(accepted), true },
	{ "shed", COUNTER(shed), true },
	{ "refused", COUNTER(refused), true },
	{ "refused for the PROXY header", COUNTER(errors_proxy), false },
	{ "accepts failed", COUNTER(errors_accept), false },
	{ "ended by max_output", COUNTER(errors_overflow), false },
	{ "ended by max_input", COUNTER(errors_input), false },
	{ "ended by idle_timeout", COUNTER(errors_idle), false },
	{ "ended by stall_timeout", COUNTER(errors_stall), false },
	{ "ended by the plugin's deadline", COUNTER(errors_deadline), false },
	{ "ended by the plugin's fault", COUNTER(errors_produce), false },
};

/* A section and its replacement count once. */
static bool is_counted(const struct section *section)
{
	return !section->dropped && section->replaces == NULL;
}

/* What a plugin says of itself stands behind "degraded: ", as the summary does. */
static const char *skip_degraded(const char *trouble)
{
	return g_str_has_prefix(trouble, CONDITION_DEGRADED) ? trouble + strlen(CONDITION_DEGRADED)
							     : trouble;
}

/* "a (failed to load)", behind what @text has of others. */
static void append_troubles(const struct section *section, const GPtrArray *troubles, GString *text)
{
	g_string_append_printf(text, "%s%s (", text->len == 0 ? CONDITION_DEGRADED : ", ",
			       section->job.section->name);
	for (guint i = 0; i < troubles->len; i++) {
		g_string_append_printf(text, "%s%s", i > 0 ? "; " : "",
				       skip_degraded(troubles->pdata[i]));
	}
	g_string_append_c(text, ')');
}

char *status_summary(const GPtrArray *sections, int64_t now_ms)
{
	GString *text = g_string_new(NULL);
	uint64_t connections = 0;
	size_t n = 0;

	for (size_t i = 0; i < sections->len; i++) {
		const struct section *section = section_at(sections, i);
		GPtrArray *troubles = condition_troubles(section, now_ms);

		connections += section_connections(section);
		n += is_counted(section);
		if (is_counted(section) && troubles->len > 0) {
			append_troubles(section, troubles, text);
		}
		g_ptr_array_unref(troubles);
	}
	g_string_append_printf(text, "%s%zu section%s, %" PRIu64 " connection%s",
			       text->len == 0 ? "" : "; ", n, n == 1 ? "" : "s", connections,
			       connections == 1 ? "" : "s");
	return g_string_free(text, FALSE);
}

static const char *state_of(const struct child *child)
{
	if (child_retries(child)) {
		return "failed to load";
	}
	return child->pid > 0 && child->stopping ? "draining" : state_names[child->state];
}

static void report_worker(const struct child *child, int64_t now_ms, GString *text)
{
	const struct shiny_stats *stats = &child->shared->stats;

	g_string_append_printf(text, "  worker: %s", state_of(child));
	if (child->pid > 0) {
		g_string_append_printf(text, ", pid %d", (int)child->pid);
	}
	if (child_retries(child)) {
		g_string_append_printf(text, ", is loaded again in %" PRId64 " s",
				       (child->due_ms - now_ms + 999) / 1000);
	}
	if (child->state == CHILD_SERVING) {
		g_string_append_printf(text, ", up %" PRId64 " s",
				       (now_ms - child->ready_ms) / 1000);
	}
	g_string_append_printf(text, ", restarts %u", child->starts > 0 ? child->starts - 1 : 0);
	for (size_t i = 0; i < G_N_ELEMENTS(counters); i++) {
		uint64_t n = stats_get(
			(const uint64_t *)(const void *)((const char *)stats + counters[i].offset));

		if (n > 0 || counters[i].always) {
			g_string_append_printf(text, ", %s %" PRIu64, counters[i].name, n);
		}
	}
	g_string_append_c(text, '\n');
}

/* "serving; degraded: no space left on device"; a trouble that is the state stands once */
static void report_condition(const struct section *section, int64_t now_ms, GString *text)
{
	GPtrArray *troubles = condition_troubles(section, now_ms);
	const char *state = condition_state(section);

	g_string_append_printf(text, "  state: %s", state);
	for (guint i = 0; i < troubles->len; i++) {
		const char *trouble = troubles->pdata[i];

		if (strcmp(trouble, state) != 0) {
			g_string_append_printf(text, "; %s", trouble);
		}
	}
	g_string_append_c(text, '\n');
	g_ptr_array_unref(troubles);
}

static void report_section(const struct section *section, int64_t now_ms, GString *text)
{
	const struct config_section *server = section->job.section;
	const struct plugin_facts *plugin = &server->plugin;

	g_string_append_printf(text, "\n%s%s\n", server->title,
			       section->dropped		   ? " (stopping)"
			       : section->replaces != NULL ? " (starting)"
							   : "");
	g_string_append_printf(text, "  plugin: %s %s, ABI %d, %s\n", plugin->name, plugin->version,
			       SHINY_PLUGIN_ABI, plugin->path);
	report_condition(section, now_ms, text);
	for (size_t i = 0; i < section->n_children; i++) {
		report_worker(&section->children[i], now_ms, text);
	}
	if (section->log_rate.dropped > 0) {
		g_string_append_printf(text, "  lines left out by log_rate: %" PRIu64 "\n",
				       section->log_rate.dropped);
	}
	for (char **change = section->pending_changes; change != NULL && *change != NULL;
	     change++) {
		g_string_append_printf(text, "  waits for a restart: %s\n", *change);
	}
	config_dump_section(server, text);
}

char *status_report(const GPtrArray *sections, const struct config *config, int64_t now_ms)
{
	char *summary = status_summary(sections, now_ms);
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "shinyd %s, pid %d, %s: %s\n", SHINY_VERSION, (int)getpid(),
			       config->file, summary);
	config_dump_section(config->daemon, text);
	for (size_t i = 0; i < sections->len; i++) {
		report_section(section_at(sections, i), now_ms, text);
	}
	g_free(summary);
	return g_string_free(text, FALSE);
}

void status_log(const char *report)
{
	char **lines = g_strsplit(report, "\n", -1);

	for (size_t i = 0; lines[i] != NULL; i++) {
		if (*lines[i] != '\0') {
			log_plain(SHINY_LOG_NOTICE, lines[i]);
		}
	}
	g_strfreev(lines);
}
