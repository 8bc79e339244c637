/* SPDX-License-Identifier: MIT */
/*
 * What supervisor.c and supervisor-reload.c share. Nobody else includes this.
 */
#ifndef SHINYD_SUPERVISOR_INTERNAL_H
#define SHINYD_SUPERVISOR_INTERNAL_H

#include "config/config.h"
#include "reload/reload.h"
#include "service/notify.h"
#include "service/service-manager.h"
#include "status/status-server.h"
#include "status/status-socket.h"
#include "supervisor/orphans.h"

#include <glib.h>
#include <signal.h>

struct supervisor {
	const struct config_args *args;
	const struct inherited *inherited;
	struct config *config; /* the last one that was right */
	GPtrArray *sections;   /* of struct section * */
	struct status_socket status;
	struct status_server status_server;
	struct reload reload;
	bool reload_asked; /* and not begun, for one is under way */
	struct notify notify;
	struct orphans *orphans;
	sigset_t waiting_mask; /* the signals that are blocked while it waits: none of ours */
	unsigned stops;	       /* requests to stop */
};

/* supervisor_set_config() - take @config as the current one; sections refer to it by themselves */
void supervisor_set_config(struct supervisor *supervisor, struct config *config);

/*
 * supervisor_reload() - go on with a reload, or begin one if a signal or a client has @asked for it
 *
 * There is one at a time; what is asked for meanwhile begins after it.
 */
void supervisor_reload(struct supervisor *supervisor, bool asked, int64_t now_ms);

#endif
