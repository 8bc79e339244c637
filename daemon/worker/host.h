/* SPDX-License-Identifier: MIT */
/*
 * One section served in this process: its plugin, and the server that calls it.
 *
 * Called by worker.c and by single.c, which add to it what is different between them.
 */
#ifndef SHINYD_HOST_H
#define SHINYD_HOST_H

#include "config/config.h"
#include "ipc/pages.h"
#include "ipc/siblings.h"
#include "plugin/plugin.h"

#include <pthread.h>

struct host {
	struct shiny_host api; /* what the plugin sees; first, as it is told from that */
	const struct config_section *section;
	struct plugin plugin;
	struct shiny_value *values; /* of the plugin's parameters */
	struct shiny_server *server;
	struct shared *shared; /* the caller's */
	struct notices notices;
	struct notices_reported reported; /* of those that were left out, */
	bool is_alone;			  /* if this process tells, as there is no supervisor */
	pthread_mutex_t degraded_lock;	  /* threads of the plugin's may all say how it is */
	void *ctx;			  /* the plugin's */
	bool loaded;			  /* its load has succeeded, so its unload is due */
};

/*
 * host_create() - map the plugin and make a server for it, which listens nowhere yet
 *
 * @sibling is the worker's place among those of its section; NULL: it is alone, and has no
 * supervisor either.
 *
 * Owner:   *@ret_host is the caller's, for host_destroy(). @section, @shared and what @sibling
 *          points to must live as long.
 * Returns: 0; negative with the reason in @error (SHINY_ERROR_MAX bytes), which fits behind
 *          "PATH: ".
 */
int host_create(struct config_section *section, struct shared *shared,
		const struct sibling *sibling, char *error, struct host **ret_host);

/*
 * host_load() - have the plugin load, and its server listen
 *
 * Then host->server may run.
 *
 * Owner:   @listeners are the server's after success.
 * Returns: 0; negative with one line in @error (SHINY_ERROR_MAX bytes).
 */
int host_load(struct host *host, int *listeners, size_t count, char *error);

/* host_destroy() - unload the plugin and close the listeners */
void host_destroy(struct host *host);

/* host_describe() - "serves tcp://127.0.0.1:9999, unix:///run/echo with echo 1.0" */
void host_describe(const struct host *host, char *buf, size_t size);

#endif
