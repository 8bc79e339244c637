/* SPDX-License-Identifier: MIT */
/*
 * A worker: it takes what it was handed, and serves.
 *
 * The plugin is loaded by a process that has nothing of anybody else's.
 */
#include "worker/worker.h"

#include "ipc/channel.h"
#include "ipc/pages.h"
#include "ipc/siblings.h"
#include "launch/confine.h"
#include "launch/launch.h"
#include "process/memory-limit.h"
#include "worker/crash.h"
#include "worker/drain.h"
#include "worker/host.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int drain_signals[] = { SIGTERM, 0 };

/* Where the worker's log lines go. */
struct outbox {
	int channel;
	atomic_uint lost; /* lines that the channel had no room for */
};

static void send_log(void *ctx, enum shiny_log_level level, const char *text)
{
	struct outbox *outbox = ctx;
	unsigned lost = atomic_exchange(&outbox->lost, 0);

	if (lost > 0) {
		char line[64];

		snprintf(line, sizeof(line), "%u lines of the log were lost here", lost);
		if (channel_send(outbox->channel, MESSAGE_LOG, SHINY_LOG_WARNING, line) < 0) {
			atomic_fetch_add(&outbox->lost, lost);
		}
	}
	if (channel_send(outbox->channel, MESSAGE_LOG, level, text) < 0) {
		atomic_fetch_add(&outbox->lost, 1);
	}
}

static int fail(const char *error)
{
	channel_send(LAUNCH_CHANNEL, MESSAGE_FAILED, 0, error);
	return EXIT_CODE_PLUGIN;
}

/* What a worker finds at its descriptors, in the order in which child-start.c hands it over. */
struct belongings {
	struct pages pages;
	int *listeners;
	struct siblings siblings;
};

/* The pages stay: exit handlers of the plugin may log, by the level that stands there. */
static void belongings_finish(struct belongings *belongings)
{
	siblings_finish(&belongings->siblings);
	free(belongings->listeners);
}

/* Returns 0 or -errno; what is mapped needs its descriptor no more. */
static int take_belongings(const struct description *description, struct belongings *ret)
{
	int next = LAUNCH_MORE;
	int r = pages_map(next, next + 1, &ret->pages);

	ret->listeners = calloc(description->listeners + 1, sizeof(int));
	if (r < 0 || ret->listeners == NULL) {
		return r < 0 ? r : -ENOMEM;
	}
	close(next++);
	close(next++);
	for (unsigned i = 0; i < description->listeners; i++) {
		ret->listeners[i] = next++;
	}
	return siblings_take(next, description->siblings, &ret->siblings);
}

/* Returns what the process exits with. */
static int serve(const struct description *description, struct host *host, int *listeners)
{
	char text[LOG_LINE_MAX];
	int r;

	r = host_load(host, listeners, description->listeners, text);
	if (r < 0 && drain_requested()) {
		return EXIT_CODE_OK; /* nobody listens there any more */
	}
	if (r < 0) {
		return fail(text);
	}
	host_describe(host, text, sizeof(text));
	channel_send(LAUNCH_CHANNEL, MESSAGE_READY, 0, text);

	r = shiny_server_run(host->server);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] the server stopped: %s",
			  description->section->title, strerror(-r));
		return EXIT_CODE_RUNTIME;
	}
	return EXIT_CODE_OK;
}

/* Returns what the process exits with. */
static int run_section(const struct description *description, struct belongings *belongings)
{
	struct config_section *section = description->section;
	const struct sibling sibling = { &belongings->siblings, description->index };
	int64_t memory = section->values[SERVER_MEMORY].number;
	char error[SHINY_ERROR_MAX], text[LOG_LINE_MAX];
	struct host *host;
	int code;

	if (memory > 0 && memory_limit_set(memory) < 0) {
		return fail("its memory cannot be limited");
	}
	if (host_create(section, belongings->pages.shared, &sibling, error, &host) < 0) {
		snprintf(text, sizeof(text), "%s: %s", section->plugin.path, error);
		return fail(text);
	}
	drain_on_signals(drain_signals, host->server, &belongings->pages.control->drain_timeout_ms);
	code = serve(description, host, belongings->listeners);
	drain_ignore(drain_signals);
	host_destroy(host);
	if (code == EXIT_CODE_OK) {
		channel_send(LAUNCH_CHANNEL, MESSAGE_ENDED,
			     drain_requested() ? END_BY_SIGNAL : END_BY_PLUGIN, "");
	}
	return code;
}

/* Until there is a server to drain. */
static void block_termination(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

int worker_run(const struct description *description)
{
	/* Never freed: exit handlers of the plugin may log until the process is gone. */
	struct outbox *outbox = calloc(1, sizeof(*outbox));
	struct belongings belongings = { .pages = PAGES_INIT };
	int r = outbox != NULL ? take_belongings(description, &belongings) : -ENOMEM;
	char error[SHINY_ERROR_MAX];
	int code;

	block_termination();
	if (r < 0) {
		return fail("its descriptors are not those that it was to get");
	}
	if (confine(description, error) < 0) {
		return fail(error);
	}
	outbox->channel = LAUNCH_CHANNEL;
	log_set_sink(send_log, outbox);
	log_set_level_source(&belongings.pages.control->log_level);
	crash_install(LAUNCH_CHANNEL, description->section->values[SERVER_MEMORY].number);
	code = run_section(description, &belongings);
	crash_uninstall();
	belongings_finish(&belongings);
	return code;
}
