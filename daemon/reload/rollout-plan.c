/* SPDX-License-Identifier: MIT */
/*
 * What becomes of each section of a new configuration: its workers go on, are awaited, are kept
 * although they do not fit, or are replaced.
 */
#include "reload/rollout-plan.h"

#include "config/listen-address.h"
#include "reload/config-compare.h"

#include <string.h>

/* The one that stays, or is resumed, if its replacement fails. */
static struct section *find_section(const GPtrArray *sections, const char *name)
{
	for (size_t i = 0; i < sections->len; i++) {
		struct section *section = section_at(sections, i);

		if (!section->dropped && section->replaces == NULL &&
		    strcmp(section->job.section->name, name) == 0) {
			return section;
		}
	}
	return NULL;
}

static struct section *find_replacement(const GPtrArray *sections, const struct section *old)
{
	for (size_t i = 0; old != NULL && i < sections->len; i++) {
		if (section_at(sections, i)->replaces == old) {
			return section_at(sections, i);
		}
	}
	return NULL;
}

/* A section whose workers do not serve has no state. */
static bool keeps_its_state(const struct section *old, const struct config_section *server)
{
	const struct plugin_facts *plugin = &old->job.section->plugin;

	return (plugin->flags & SHINY_PLUGIN_STATEFUL) != 0 && !plugin->persistent &&
	       server->values[SERVER_ON_RELOAD].number == ON_RELOAD_KEEP && section_is_up(old);
}

static enum rollout_outcome choose_outcome(const struct rollout_step *step)
{
	const struct section *old = step->old;

	if (old == NULL) {
		return ROLLOUT_REPLACE;
	}
	if (step->replacement != NULL) {
		return ROLLOUT_AWAIT;
	}
	if (*step->changes == NULL && !section_has_failed(old)) {
		return ROLLOUT_ADOPT;
	}
	return keeps_its_state(old, step->server) ? ROLLOUT_KEEP : ROLLOUT_REPLACE;
}

static char **compare(const struct rollout_plan *plan, const struct section *section,
		      const struct config_section *server)
{
	return config_compare(section->config, section->job.section, plan->config, server);
}

/* A replacement that still loads need not begin again if it would load the same. */
static struct section *choose_replacement(const struct rollout_plan *plan,
					  const struct rollout_step *step)
{
	struct section *replacement = find_replacement(plan->sections, step->old);
	char **changes;

	if (replacement == NULL) {
		return NULL;
	}
	changes = compare(plan, replacement, step->server);
	if (*changes != NULL) {
		replacement = NULL;
	}
	g_strfreev(changes);
	return replacement;
}

static void plan_section(const struct rollout_plan *plan, struct config_section *server,
			 struct rollout_step *ret_step)
{
	struct rollout_step step = { .server = server };

	step.old = find_section(plan->sections, server->name);
	step.replacement = choose_replacement(plan, &step);
	step.changes = step.old != NULL ? compare(plan, step.old, server) : NULL;
	step.outcome = choose_outcome(&step);
	*ret_step = step;
}

struct config_section *rollout_plan_server(const struct rollout_plan *plan,
					   const struct section *section)
{
	return config_find_server(plan->config, section->job.section->name);
}

bool rollout_plan_awaits(const struct rollout_plan *plan, const struct section *section)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->steps[i].replacement == section) {
			return true;
		}
	}
	return false;
}

static bool is_removed(const struct rollout_plan *plan, const struct section *section)
{
	return section->replaces != NULL ? !rollout_plan_awaits(plan, section)
					 : rollout_plan_server(plan, section) == NULL;
}

/* The sockets that may be taken over: its own, and those of removed sections. For g_free(). */
static const struct sockets **list_sockets(const struct rollout_plan *plan,
					   const struct section *own)
{
	static const struct sockets none;
	const GPtrArray *sections = plan->sections;
	const struct sockets **held = g_new0(const struct sockets *, sections->len + 2);
	size_t n = 0;

	held[n++] = own != NULL ? &own->sockets : &none;
	for (size_t i = 0; i < sections->len; i++) {
		if (is_removed(plan, section_at(sections, i))) {
			held[n++] = &section_at(sections, i)->sockets;
		}
	}
	return held;
}

/* Another section that stays and holds the address, although the file gives it away. */
static const struct section *find_other_holder(const struct rollout_plan *plan,
					       const struct rollout_step *step, const char *address)
{
	for (size_t i = 0; i < plan->sections->len; i++) {
		const struct section *section = section_at(plan->sections, i);

		if (section != step->old && !is_removed(plan, section) &&
		    config_find_listen(rollout_plan_server(plan, section), address) == NULL &&
		    sockets_have(&section->sockets, address)) {
			return section;
		}
	}
	return NULL;
}

/*
 * An address moves only from a section that is removed. One that stays may keep its workers, or may
 * be resumed when its replacement fails, and then both would serve there. Returns whether all is
 * well.
 */
static bool check_addresses(const struct rollout_plan *plan, const struct rollout_step *step,
			    struct problems *problems)
{
	const struct config_section *server = step->server;
	bool well = true;

	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];
		const struct source_location location =
			setting_location(setting, &server->location);
		const struct section *holder = NULL;

		if (setting_is(setting, &server_keys[SERVER_LISTEN]) &&
		    !listen_address_has_dynamic_port(setting->text)) {
			holder = find_other_holder(plan, step, setting->text);
		}
		if (holder != NULL) {
			well = false;
			problems_add(problems, PROBLEM_BIND, &location,
				     "listen: %s is still held by [%s]: remove it there in an "
				     "earlier reload",
				     setting->text, holder->job.section->title);
		}
	}
	return well;
}

static void bind_addresses(const struct rollout_plan *plan, struct rollout_step *step,
			   const struct inherited *inherited, struct problems *problems)
{
	const struct sockets **held = list_sockets(plan, step->old);

	sockets_bind(step->server, &plan->config->privileges, inherited, held, problems,
		     &step->sockets);
	g_free(held);
}

void rollout_plan_make(const GPtrArray *sections, struct config *config,
		       const struct inherited *inherited, struct problems *problems,
		       struct rollout_plan *ret_plan)
{
	struct rollout_plan plan = { sections, config,
				     g_new0(struct rollout_step, config->n_servers),
				     config->n_servers };

	for (size_t i = 0; i < plan.count; i++) {
		plan_section(&plan, config->servers[i], &plan.steps[i]);
	}
	for (size_t i = 0; i < plan.count; i++) {
		struct rollout_step *step = &plan.steps[i];

		if (step->outcome == ROLLOUT_REPLACE && check_addresses(&plan, step, problems)) {
			bind_addresses(&plan, step, inherited, problems);
		}
	}
	*ret_plan = plan;
}

void rollout_plan_finish(struct rollout_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		sockets_finish(&plan->steps[i].sockets);
		g_strfreev(plan->steps[i].changes);
	}
	g_free(plan->steps);
	*plan = (struct rollout_plan){ 0 };
}
