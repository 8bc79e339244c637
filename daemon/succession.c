/* SPDX-License-Identifier: MIT */
/*
 * How the sections of one configuration follow those of another.
 */
#include "succession.h"

#include "config-compare.h"

#include <errno.h>
#include <string.h>

enum outcome {
	ADOPT,	 /* the workers that run can do what is asked */
	KEEP,	 /* they cannot, but hold what must not be lost */
	REPLACE, /* or begin, if there is no old section */
};

/* What becomes of one section of the new configuration. */
struct step {
	struct config_section *server;
	struct section *old; /* that has its name; NULL: none */
	enum outcome outcome;
	char **changes; /* config_compare()'s; NULL without an old section */
	struct sockets sockets;
};

static struct section *section_at(const GPtrArray *sections, size_t i)
{
	return sections->pdata[i];
}

static struct section *find_section(const GPtrArray *sections, const char *name)
{
	for (size_t i = 0; i < sections->len; i++) {
		struct section *section = section_at(sections, i);

		if (!section->dropped && strcmp(section->job.section->name, name) == 0) {
			return section;
		}
	}
	return NULL;
}

static bool keeps_its_state(const struct section *old, const struct config_section *server)
{
	const struct plugin_facts *plugin = &old->job.section->plugin;

	return (plugin->flags & SHINY_PLUGIN_STATEFUL) != 0 && !plugin->persistent &&
	       server->values[SERVER_ON_RELOAD].number == ON_RELOAD_KEEP && !section_is_over(old);
}

static enum outcome choose_outcome(const struct step *step)
{
	const struct section *old = step->old;

	if (old == NULL) {
		return REPLACE;
	}
	if (*step->changes == NULL && !section_has_failed(old)) {
		return ADOPT;
	}
	return keeps_its_state(old, step->server) ? KEEP : REPLACE;
}

/* Whoever holds a socket now, for sockets_bind(). For g_free(). */
static const struct sockets **list_sockets(const GPtrArray *sections, const struct section *own)
{
	static const struct sockets none;
	const struct sockets **held = g_new0(const struct sockets *, sections->len + 2);

	held[0] = own != NULL ? &own->sockets : &none;
	for (size_t i = 0; i < sections->len; i++) {
		held[i + 1] = &section_at(sections, i)->sockets;
	}
	return held;
}

static void bind_addresses(const GPtrArray *sections, const struct config *config,
			   struct step *step, const struct inherited *inherited,
			   struct problems *problems)
{
	const struct sockets **held = list_sockets(sections, step->old);

	sockets_bind(step->server, &config->privileges, inherited, held, problems, &step->sockets);
	g_free(held);
}

static struct step *plan(const GPtrArray *sections, struct config *config,
			 const struct inherited *inherited, struct problems *problems)
{
	struct step *steps = g_new0(struct step, config->n_servers);

	for (size_t i = 0; i < config->n_servers; i++) {
		struct step *step = &steps[i];

		step->server = config->servers[i];
		step->old = find_section(sections, step->server->name);
		if (step->old != NULL) {
			step->changes = config_compare(step->old->config, step->old->job.section,
						       config, step->server);
		}
		step->outcome = choose_outcome(step);
		if (step->outcome == REPLACE) {
			bind_addresses(sections, config, step, inherited, problems);
		}
	}
	return steps;
}

static bool is_exclusive(const struct section *old, const struct config_section *server)
{
	return ((old->job.section->plugin.flags | server->plugin.flags) & SHINY_PLUGIN_EXCLUSIVE) !=
	       0;
}

static void replace(GPtrArray *sections, struct config *config, struct step *step, int64_t now_ms)
{
	struct section *old = step->old;
	bool wait = old != NULL && !section_is_over(old) && is_exclusive(old, step->server);
	struct section *section;

	sockets_configure(&step->sockets, step->server);
	section = section_create(config, step->server, &step->sockets, wait ? INT64_MAX : now_ms,
				 now_ms);
	if (section == NULL) {
		log_write(SHINY_LOG_ERROR, "[%s] %s", step->server->title, strerror(errno));
		return;
	}
	section->replaces = old;
	g_ptr_array_add(sections, section);
	if (wait) {
		section_drain(old, now_ms);
	}
}

static void keep(const struct config *config, struct step *step)
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

static void apply(GPtrArray *sections, struct config *config, struct step *step, int64_t now_ms)
{
	switch (step->outcome) {
	case ADOPT:
		section_adopt(step->old, config, step->server);
		break;
	case KEEP:
		keep(config, step);
		break;
	case REPLACE:
		replace(sections, config, step, now_ms);
		break;
	}
}

static bool is_planned(const struct section *section, const struct config *config)
{
	return config_find_server(config, section->job.section->name) != NULL;
}

/* Those that the new configuration does not have. */
static void drop_others(GPtrArray *sections, const struct config *config, int64_t now_ms)
{
	for (size_t i = 0; i < sections->len; i++) {
		struct section *section = section_at(sections, i);

		if (!section->dropped && !is_planned(section, config)) {
			log_write(SHINY_LOG_NOTICE, "[%s] is no longer served",
				  section->job.section->title);
			section->dropped = true;
			section_stop(section, now_ms);
		}
	}
}

void succession_begin(GPtrArray *sections, struct config *config, const struct inherited *inherited,
		      struct problems *problems, int64_t now_ms)
{
	struct step *steps = plan(sections, config, inherited, problems);

	for (size_t i = 0; i < config->n_servers; i++) {
		if (problems->count == 0) {
			apply(sections, config, &steps[i], now_ms);
		}
		sockets_finish(&steps[i].sockets);
		g_strfreev(steps[i].changes);
	}
	if (problems->count == 0) {
		drop_others(sections, config, now_ms);
	}
	g_free(steps);
}

static void succeed(struct section *section, int64_t now_ms)
{
	struct section *old = section->replaces;

	section->replaces = NULL;
	old->dropped = true;
	section_stop(old, now_ms);
}

static void step_back(struct section *section, int64_t now_ms)
{
	struct section *old = section->replaces;

	log_write(SHINY_LOG_ERROR, "[%s] goes on with its old configuration",
		  section->job.section->title);
	section->replaces = NULL;
	section->dropped = true;
	sockets_configure(&old->sockets, old->job.section);
	section_stop(section, now_ms);
	if (old->stopping) {
		section_revive(old, now_ms);
	}
}

static void settle(struct section *section, int64_t now_ms)
{
	struct section *old = section->replaces;

	if (section_has_stumbled(section)) {
		step_back(section, now_ms);
	} else if (section_serves(section) || section_is_over(section)) {
		succeed(section, now_ms); /* one that its plugin has ended did serve */
	} else if (old->stopping && section_is_over(old) && section_waits(section)) {
		section_revive(section, now_ms);
	}
}

void succession_turn(GPtrArray *sections, int64_t now_ms)
{
	for (size_t i = 0; i < sections->len; i++) {
		struct section *section = section_at(sections, i);

		if (section->replaces != NULL) {
			settle(section, now_ms);
		}
	}
	for (size_t i = sections->len; i-- > 0;) {
		struct section *section = section_at(sections, i);

		if (section->dropped && section_is_over(section)) {
			g_ptr_array_remove_index(sections, (guint)i);
		}
	}
}

bool succession_is_over(const GPtrArray *sections)
{
	for (size_t i = 0; i < sections->len; i++) {
		if (section_at(sections, i)->replaces != NULL) {
			return false;
		}
	}
	return true;
}
