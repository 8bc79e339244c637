/* SPDX-License-Identifier: MIT */
/*
 * A [server] section as it runs.
 *
 * It is down while no worker serves. Clients then wait in the backlog, as a worker usually is back
 * within a second. If it is not they are accepted and closed, so that whoever checks on the service
 * sees that there is none.
 */
#include "section/section.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* How long to wait if there was no descriptor to accept a client with. */
#define SHED_AGAIN_MS 1000

struct section *section_at(const GPtrArray *sections, size_t i)
{
	return sections->pdata[i];
}

/* Writes the settings that workers read while they run. */
static void publish_settings(struct section *section, const struct config *config)
{
	const struct shiny_value *values = config->daemon->values;
	const struct control control = {
		.drain_timeout_ms = (unsigned)values[DAEMON_DRAIN_TIMEOUT].number,
		.log_level = (unsigned)values[DAEMON_LOG_LEVEL].number,
	};

	for (size_t i = 0; i < section->n_children; i++) {
		child_control(&section->children[i], &control);
	}
}

static int create_children(struct section *section)
{
	size_t n = (size_t)section->job.section->values[SERVER_WORKERS].number;
	int r = siblings_init(&section->job.siblings, n);

	if (r < 0) {
		return r;
	}
	section->children = calloc(n, sizeof(struct child));
	if (section->children == NULL) {
		return -ENOMEM;
	}
	while (section->n_children < n) {
		size_t i = section->n_children++;

		child_init(&section->children[i], &section->job, (unsigned)i, &section->log_rate);
	}
	publish_settings(section, section->config);
	return 0;
}

struct section *section_create(struct config *config, struct config_section *server,
			       struct sockets *sockets)
{
	struct section *section = calloc(1, sizeof(*section));
	int r;

	if (section == NULL) {
		return NULL;
	}
	section->config = config_ref(config);
	section->job = (struct worker_job){
		.section = server,
		.sockets = &section->sockets,
		.privileges = &config->privileges,
	};
	section->sockets = *sockets;
	*sockets = (struct sockets){ 0 };
	r = create_children(section);
	if (r < 0) {
		section_destroy(section);
		errno = -r;
		return NULL;
	}
	return section;
}

void section_destroy(struct section *section)
{
	if (section == NULL) {
		return;
	}
	sockets_finish(&section->sockets);
	for (size_t i = 0; i < section->n_children; i++) {
		child_finish(&section->children[i]);
	}
	free(section->children);
	siblings_finish(&section->job.siblings);
	g_strfreev(section->pending_changes);
	config_unref(section->config);
	free(section);
}

static void set_pending_changes(struct section *section, char **pending_changes)
{
	g_strfreev(section->pending_changes);
	section->pending_changes = pending_changes;
}

void section_adopt(struct section *section, struct config *config, struct config_section *server)
{
	config_ref(config);
	config_unref(section->config);
	section->config = config;
	section->job.section = server;
	section->job.privileges = &config->privileges;
	publish_settings(section, config);
	set_pending_changes(section, NULL);
}

void section_adopt_live(struct section *section, const struct config *config,
			const struct config_section *server, char **pending_changes)
{
	config_take_live(section->job.section, server);
	publish_settings(section, config);
	set_pending_changes(section, pending_changes);
}

/* When clients are shed; never while another section is about to take them. */
static int64_t shed_from_ms(const struct section *section)
{
	if (section->down_since_ms == 0 || section->state != SECTION_RUNS ||
	    section->replaces != NULL) {
		return INT64_MAX;
	}
	return MAX(section->down_since_ms + SECTION_DOWN_MAX_MS, section->shed_ms);
}

size_t section_descriptors(const struct section *section)
{
	return section->n_children * CHILD_DESCRIPTORS + section->sockets.count;
}

size_t section_watch(const struct section *section, struct pollfd *ret_fds, int64_t now_ms)
{
	bool shedding = shed_from_ms(section) <= now_ms;
	size_t n = 0;

	for (size_t i = 0; i < section->n_children; i++) {
		n += child_watch(&section->children[i], &ret_fds[n], now_ms);
	}
	for (size_t i = 0; shedding && i < section->sockets.count; i++) {
		ret_fds[n++] = (struct pollfd){ section->sockets.all[i]->fd, POLLIN, 0 };
	}
	return n;
}

int64_t section_timeout(const struct section *section, int64_t now_ms)
{
	int64_t shed_ms = shed_from_ms(section);
	int64_t next_ms =
		MIN(shed_ms > now_ms ? shed_ms : INT64_MAX, log_rate_timeout(&section->log_rate));

	for (size_t i = 0; i < section->n_children; i++) {
		next_ms = MIN(next_ms, child_timeout(&section->children[i]));
	}
	return next_ms;
}

/* Called when the section is up again, or stops. */
static void log_clients_shed(struct section *section)
{
	if (section->clients_shed > 0) {
		log_write(SHINY_LOG_WARNING,
			  "[%s] %" PRIu64 " client%s turned away while it was down",
			  section->job.section->title, section->clients_shed,
			  section->clients_shed == 1 ? " was" : "s were");
	}
	section->clients_shed = 0;
}

static void shed_clients(struct section *section, int64_t now_ms)
{
	unsigned n;
	int r = sockets_shed(&section->sockets, &n);

	if (r < 0 && section->shed_ms == 0) {
		log_write(SHINY_LOG_ERROR, "[%s] is down, and clients cannot be turned away: %s",
			  section->job.section->title, strerror(-r));
	}
	section->shed_ms = r < 0 ? now_ms + SHED_AGAIN_MS : 0;

	if (n > 0 && section->clients_shed == 0) {
		log_write(SHINY_LOG_WARNING, "[%s] is down, and clients are turned away",
			  section->job.section->title);
	}
	section->clients_shed += n;
}

static void update_down_since(struct section *section, int64_t now_ms)
{
	if (section_is_up(section) || section_is_starting(section)) {
		section->down_since_ms = 0;
		log_clients_shed(section);
	} else if (section->down_since_ms == 0) {
		section->down_since_ms = now_ms;
	}
}

static void stop_if_plugin_ended(struct section *section, int64_t now_ms)
{
	if (section_has_ended(section) && section->state == SECTION_RUNS) {
		section_stop(section, now_ms); /* what it says in one worker counts for all */
		log_write(SHINY_LOG_NOTICE, "[%s] was ended by its plugin",
			  section->job.section->title);
	}
}

void section_turn(struct section *section, int64_t now_ms)
{
	for (size_t i = 0; i < section->n_children; i++) {
		child_reap(&section->children[i], now_ms);
		child_turn(&section->children[i], now_ms);
	}
	log_rate_report(&section->log_rate, section->job.section->title, now_ms);
	section->job.served = section_has_served(section);
	update_down_since(section, now_ms);
	stop_if_plugin_ended(section, now_ms);
	if (shed_from_ms(section) <= now_ms) {
		shed_clients(section, now_ms);
	}
}

void section_start(struct section *section, int64_t now_ms)
{
	for (size_t i = 0; i < section->n_children; i++) {
		child_start(&section->children[i], now_ms);
	}
}

void section_retry(struct section *section, int64_t now_ms)
{
	for (size_t i = 0; i < section->n_children; i++) {
		child_retry(&section->children[i], now_ms);
	}
}

static void stop_children(struct section *section, int64_t now_ms)
{
	for (size_t i = 0; i < section->n_children; i++) {
		child_stop(&section->children[i], now_ms);
	}
}

void section_drain(struct section *section, int64_t now_ms)
{
	if (section->state == SECTION_RUNS) {
		section->state = SECTION_DRAINS;
		stop_children(section, now_ms);
	}
}

void section_resume(struct section *section)
{
	if (section->state != SECTION_DRAINS) {
		return;
	}
	section->state = SECTION_RUNS;
	section->down_since_ms = 0; /* who has waited for the other one may wait for this one */
	for (size_t i = 0; i < section->n_children; i++) {
		child_resume(&section->children[i]);
	}
}

void section_stop(struct section *section, int64_t now_ms)
{
	section->state = SECTION_ENDS;
	log_clients_shed(section);
	stop_children(section, now_ms); /* before they find that they listen no more */
	sockets_finish(&section->sockets);
}

void section_kill(struct section *section)
{
	for (size_t i = 0; i < section->n_children; i++) {
		child_kill(&section->children[i]);
	}
}
