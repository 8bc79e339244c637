/* SPDX-License-Identifier: MIT */
/*
 * A new configuration, read at once and checked over many turns.
 */
#include "reload/reload.h"

#include "config/config-clamp.h"
#include "plugin/plugin-path.h"
#include "process/descriptor-limit.h"

#include <glib.h>

void reload_start(struct reload *reload, const struct config_args *args)
{
	*reload = (struct reload){ .problems = PROBLEMS_INIT };
	reload->config = config_load(args->file, args->overrides, false, &reload->problems);
	config_clamp(reload->config, descriptor_limit_raise());
	reload->folders = plugin_path_create(
		args->plugin_path, reload->config->daemon->values[DAEMON_PLUGIN_PATH].text);
}

static void start_next(struct reload *reload)
{
	struct config *config = reload->config;

	while (!reload->probing && reload->next < config->n_servers) {
		reload->probing =
			probe_start(&reload->probe, config->servers[reload->next++],
				    reload->folders, &config->privileges, &reload->problems);
	}
}

bool reload_turn(struct reload *reload, int64_t now_ms)
{
	if (reload->probing && probe_read(&reload->probe, now_ms)) {
		probe_finish(&reload->probe, &reload->problems);
		reload->probing = false;
	}
	start_next(reload);
	return !reload->probing;
}

int reload_watch(const struct reload *reload)
{
	return reload->probing ? reload->probe.subprocess.fd : -1;
}

bool reload_has_process(const struct reload *reload, pid_t pid)
{
	return reload->probing && reload->probe.subprocess.pid == pid;
}

int64_t reload_timeout(const struct reload *reload)
{
	return reload->probing ? reload->probe.subprocess.deadline_ms : INT64_MAX;
}

void reload_finish(struct reload *reload)
{
	if (reload->probing) {
		subprocess_finish(&reload->probe.subprocess);
	}
	config_unref(reload->config);
	problems_finish(&reload->problems);
	g_strfreev(reload->folders);
	*reload = (struct reload){ 0 };
}
