/* SPDX-License-Identifier: MIT */
/*
 * How the sections of one configuration replace those of another.
 *
 * rollout_begin() has a plan made, which changes nothing, and carries it out if nothing is wrong
 * with it. From then on each turn looks at every section that replaces another one: does it serve,
 * has it failed, may it start?
 */
#include "reload/rollout.h"

#include "reload/rollout-plan.h"

#include <errno.h>
#include <string.h>

/* Whether workers of both must not run at once. */
static bool exclude_each_other(const struct config_section *a, const struct config_section *b)
{
	return ((a->plugin.flags | b->plugin.flags) & SHINY_PLUGIN_EXCLUSIVE) != 0;
}

static void start_replacement(GPtrArray *sections, struct config *config, struct rollout_step *step,
			      int64_t now_ms)
{
	struct section *old = step->old;
	struct section *section;

	sockets_configure(&step->sockets, step->server);
	section = section_create(config, step->server, &step->sockets);
	if (section == NULL) {
		log_write(SHINY_LOG_ERROR, "[%s] %s", step->server->title, strerror(errno));
		return;
	}
	section->replaces = old;
	g_ptr_array_add(sections, section);
	if (old != NULL && exclude_each_other(old->job.section, step->server)) {
		section_drain(old, now_ms);
	}
}

static void reuse_workers(const struct config *config, struct rollout_step *step)
{
	const char *title = step->server->title;

	log_write(SHINY_LOG_WARNING,
		  "[%s] keeps its workers, as what they hold would be lost; "
		  "on_reload = replace allows that",
		  title);
	for (char **change = step->changes; *change != NULL; change++) {
		log_write(SHINY_LOG_WARNING, "[%s] waits for a restart: %s", title, *change);
	}
	section_adopt_live(step->old, config, step->server, step->changes);
	step->changes = NULL; /* the section's now */
}

static void apply_step(GPtrArray *sections, struct config *config, struct rollout_step *step,
		       int64_t now_ms)
{
	switch (step->outcome) {
	case ROLLOUT_ADOPT:
		section_adopt(step->old, config, step->server);
		section_retry(step->old, now_ms);
		break;
	case ROLLOUT_AWAIT:
		section_adopt(step->replacement, config, step->server);
		break;
	case ROLLOUT_KEEP:
		reuse_workers(config, step);
		section_retry(step->old, now_ms);
		break;
	case ROLLOUT_REPLACE:
		start_replacement(sections, config, step, now_ms);
		break;
	}
}

/* Stops sections that the new configuration does not have. */
static void stop_removed(GPtrArray *sections, const struct rollout_plan *plan, int64_t now_ms)
{
	for (size_t i = 0; i < sections->len; i++) {
		struct section *section = section_at(sections, i);

		if (!section->dropped && rollout_plan_server(plan, section) == NULL) {
			log_write(SHINY_LOG_NOTICE, "[%s] is no longer served",
				  section->job.section->title);
			section->dropped = true;
			section_stop(section, now_ms);
		}
	}
}

static void roll_back(struct section *section, int64_t now_ms)
{
	struct section *old = section->replaces;

	log_write(SHINY_LOG_ERROR, "[%s] goes on with its old configuration",
		  section->job.section->title);
	section->replaces = NULL;
	section->dropped = true;
	sockets_configure(&old->sockets, old->job.section);
	section_stop(section, now_ms);
	section_resume(old);
}

static void complete_replacement(struct section *section, int64_t now_ms)
{
	struct section *old = section->replaces;

	section->replaces = NULL;
	old->dropped = true;
	section_stop(old, now_ms);
}

static void conclude_replacement(struct section *section, int64_t now_ms)
{
	if (section->replaces == NULL) {
		return;
	}
	if (section_failed_at_startup(section)) {
		roll_back(section, now_ms);
	} else if (section_serves(section) || section_is_over(section)) {
		complete_replacement(section, now_ms); /* one that its plugin has ended did serve */
	}
}

static void conclude_replacements(GPtrArray *sections, int64_t now_ms)
{
	for (size_t i = 0; i < sections->len; i++) {
		conclude_replacement(section_at(sections, i), now_ms);
	}
}

/* A load that hangs, or takes long, must not keep an operator from the next reload. */
static void roll_back_unplanned(GPtrArray *sections, const struct rollout_plan *plan,
				int64_t now_ms)
{
	for (size_t i = 0; i < sections->len; i++) {
		struct section *section = section_at(sections, i);

		if (section->replaces != NULL && !rollout_plan_awaits(plan, section)) {
			log_write(SHINY_LOG_WARNING,
				  "[%s] was not ready in time for the next reload",
				  section->job.section->title);
			roll_back(section, now_ms);
		}
	}
}

void rollout_begin(GPtrArray *sections, struct config *config, const struct inherited *inherited,
		   struct problems *problems, int64_t now_ms)
{
	struct rollout_plan plan;

	conclude_replacements(sections, now_ms);
	rollout_plan_make(sections, config, inherited, problems, &plan);
	if (problems->count == 0) {
		roll_back_unplanned(sections, &plan, now_ms);
		for (size_t i = 0; i < plan.count; i++) {
			apply_step(sections, config, &plan.steps[i], now_ms);
		}
		stop_removed(sections, &plan, now_ms);
	}
	rollout_plan_finish(&plan);
}

/*
 * Whether @section may need what @other still has, such as a file: it has the same name, or it is
 * new and may be a removed section under another name.
 */
static bool may_need_resources(const struct section *section, const struct section *other)
{
	const struct config_section *a = section->job.section, *b = other->job.section;

	return strcmp(a->name, b->name) == 0 ||
	       (section_is_new(section) && section->replaces == NULL && other->dropped &&
		strcmp(a->plugin.name, b->plugin.name) == 0);
}

static bool must_wait(const GPtrArray *sections, const struct section *section)
{
	for (size_t i = 0; i < sections->len; i++) {
		const struct section *other = section_at(sections, i);

		if (other->state != SECTION_RUNS && !section_is_over(other) &&
		    exclude_each_other(other->job.section, section->job.section) &&
		    may_need_resources(section, other)) {
			return true;
		}
	}
	return false;
}

static void destroy_ended(GPtrArray *sections)
{
	for (size_t i = sections->len; i-- > 0;) {
		struct section *section = section_at(sections, i);

		if (section->dropped && section_is_over(section)) {
			g_ptr_array_remove_index(sections, (guint)i);
		}
	}
}

void rollout_turn(GPtrArray *sections, int64_t now_ms)
{
	conclude_replacements(sections, now_ms);
	for (size_t i = 0; i < sections->len; i++) {
		struct section *section = section_at(sections, i);

		if (section_waits(section) && !must_wait(sections, section)) {
			section_start(section, now_ms);
		}
	}
	destroy_ended(sections);
}

bool rollout_is_over(const GPtrArray *sections)
{
	for (size_t i = 0; i < sections->len; i++) {
		if (section_at(sections, i)->replaces != NULL) {
			return false;
		}
	}
	return true;
}
