/* SPDX-License-Identifier: MIT */
/*
 * The parent of all workers.
 *
 * Signals are blocked but for the time in ppoll(2), so that none slips in between looking and
 * waiting. Each turn looks at all sections: there are few, and it happens rarely.
 */
#include "supervisor.h"

#include "clock.h"
#include "log.h"
#include "notify.h"
#include "section.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct supervisor {
	struct section *sections;
	size_t n_sections;
	struct pollfd *fds;
	sigset_t waiting_mask; /* the signals that are blocked while it waits: none of ours */
	unsigned stops_heeded; /* requests to stop */
	struct notify notify;
};

/* A signal handler finds its context nowhere else. */
static volatile sig_atomic_t stops_asked;

static void on_stop(int signal)
{
	(void)signal;
	stops_asked++;
}

static void on_child(int signal)
{
	(void)signal; /* that it came is enough to end the wait */
}

static const struct {
	int number;
	void (*handler)(int signal);
} handled[] = {
	{ SIGTERM, on_stop },
	{ SIGINT, on_stop },
	{ SIGCHLD, on_child },
};

static void block_signals(struct supervisor *supervisor)
{
	sigset_t ours;

	sigemptyset(&ours);
	for (size_t i = 0; i < sizeof(handled) / sizeof(handled[0]); i++) {
		struct sigaction action = { .sa_handler = handled[i].handler };

		sigaddset(&ours, handled[i].number);
		sigaction(handled[i].number, &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &ours, &supervisor->waiting_mask);
	signal(SIGPIPE, SIG_IGN); /* a log that nobody reads any more */
}

static int supervisor_init(struct supervisor *supervisor, const struct config *config,
			   struct sockets *sockets, const struct privileges *privileges)
{
	int64_t now_ms = clock_now_ms();
	size_t descriptors = 0;

	*supervisor = (struct supervisor){
		.sections = calloc(config->n_servers, sizeof(struct section)),
	};
	if (supervisor->sections == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < config->n_servers; i++) {
		struct section *section = &supervisor->sections[i];

		int r = section_init(section, config, config->servers[i], &sockets[i], privileges,
				     now_ms);

		supervisor->n_sections++;
		if (r < 0) {
			return r;
		}
		descriptors += section_descriptors(section);
	}
	supervisor->fds = calloc(descriptors, sizeof(struct pollfd));
	if (supervisor->fds == NULL) {
		return -ENOMEM;
	}
	block_signals(supervisor);
	notify_init(&supervisor->notify);
	return 0;
}

static void supervisor_finish(struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->n_sections; i++) {
		section_finish(&supervisor->sections[i]);
	}
	free(supervisor->sections);
	free(supervisor->fds);
	notify_finish(&supervisor->notify);
}

static void wait_for_events(struct supervisor *supervisor, int64_t now_ms)
{
	int64_t until_ms = notify_timeout(&supervisor->notify);
	struct timespec timeout;
	size_t n = 0;

	for (size_t i = 0; i < supervisor->n_sections; i++) {
		const struct section *section = &supervisor->sections[i];
		int64_t due_ms = section_timeout(section, now_ms);

		n += section_watch(section, supervisor->fds + n, now_ms);
		until_ms = due_ms < until_ms ? due_ms : until_ms;
	}
	if (until_ms < now_ms) {
		until_ms = now_ms;
	}
	timeout = (struct timespec){ .tv_sec = (until_ms - now_ms) / 1000,
				     .tv_nsec = (until_ms - now_ms) % 1000 * 1000000 };
	ppoll(supervisor->fds, n, until_ms == INT64_MAX ? NULL : &timeout,
	      &supervisor->waiting_mask);
}

static void heed_stop(struct supervisor *supervisor, int64_t now_ms)
{
	unsigned asked = (unsigned)stops_asked;

	if (asked == supervisor->stops_heeded) {
		return;
	}
	if (supervisor->stops_heeded == 0) {
		log_write(SHINY_LOG_NOTICE, "stopping");
	}
	for (size_t i = 0; i < supervisor->n_sections; i++) {
		section_stop(&supervisor->sections[i], now_ms);
		if (asked > 1) {
			section_kill(&supervisor->sections[i]);
		}
	}
	supervisor->stops_heeded = asked;
}

static bool is_over(const struct supervisor *supervisor)
{
	for (size_t i = 0; i < supervisor->n_sections; i++) {
		if (!section_is_over(&supervisor->sections[i])) {
			return false;
		}
	}
	return true;
}

/* "degraded: cache is down; 2 sections, 40 connections", for g_free() */
static char *describe(const struct supervisor *supervisor)
{
	GString *text = g_string_new(NULL);
	uint64_t connections = 0;

	for (size_t i = 0; i < supervisor->n_sections; i++) {
		const struct section *section = &supervisor->sections[i];

		connections += section_connections(section);
		if (section_is_degraded(section)) {
			g_string_append_printf(text, "%s%s", text->len == 0 ? "degraded: " : ", ",
					       section->job.section->name);
		}
	}
	g_string_append_printf(text, "%s%zu sections, %" PRIu64 " connections",
			       text->len == 0 ? "" : "; ", supervisor->n_sections, connections);
	return g_string_free(text, FALSE);
}

static void tell_service_manager(struct supervisor *supervisor, int64_t now_ms)
{
	struct condition condition = {
		.settled = true,
		.turning = true,
		.stopping = supervisor->stops_heeded > 0,
		.text = describe(supervisor),
	};

	for (size_t i = 0; i < supervisor->n_sections; i++) {
		const struct section *section = &supervisor->sections[i];

		condition.settled = condition.settled && section_is_settled(section);
		condition.turning = condition.turning && section_turns(section, now_ms);
	}
	notify_turn(&supervisor->notify, &condition, now_ms);
	g_free((char *)condition.text);
}

static enum exit_code judge(const struct supervisor *supervisor)
{
	for (size_t i = 0; supervisor->stops_heeded == 0 && i < supervisor->n_sections; i++) {
		if (section_has_failed(&supervisor->sections[i])) {
			log_write(SHINY_LOG_ERROR, "nothing is left to serve");
			return EXIT_CODE_RUNTIME;
		}
	}
	return EXIT_CODE_OK;
}

enum exit_code supervisor_run(const struct config *config, struct sockets *sockets,
			      const struct privileges *privileges)
{
	struct supervisor supervisor;
	enum exit_code code;
	int r;

	r = supervisor_init(&supervisor, config, sockets, privileges);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "%s", strerror(-r));
		supervisor_finish(&supervisor);
		return EXIT_CODE_RUNTIME;
	}
	while (!is_over(&supervisor)) {
		int64_t now_ms = clock_now_ms();

		heed_stop(&supervisor, now_ms);
		for (size_t i = 0; i < supervisor.n_sections; i++) {
			section_reap(&supervisor.sections[i], now_ms);
			section_turn(&supervisor.sections[i], now_ms);
		}
		tell_service_manager(&supervisor, now_ms);
		if (!is_over(&supervisor)) {
			wait_for_events(&supervisor, now_ms);
		}
	}
	code = judge(&supervisor);
	supervisor_finish(&supervisor);
	return code;
}
