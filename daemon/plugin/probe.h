/* SPDX-License-Identifier: MIT */
/*
 * What a plugin says to its section of the file, found out in a child process.
 *
 * Loading a shared object runs its code, which may crash, hang or exit. shinyd itself never does
 * it.
 *
 * Called by probe-all.c, which waits for probes, and by reload.c, which does not.
 */
#ifndef SHINYD_PROBE_H
#define SHINYD_PROBE_H

#include "config/config.h"
#include "launch/subprocess.h"

struct probe {
	struct config_section *server;
	struct subprocess subprocess;
};

/*
 * probe_start() - start to check the plugin of a [server] section, and its parameters
 *
 * @folders is the plugin path.
 *
 * Returns: whether a child was started: then call probe_read(), and probe_finish() once that
 *          returns true. If not, the reason has been added to @problems.
 */
bool probe_start(struct probe *probe, struct config_section *server, char *const *folders,
		 const struct privileges *privileges, struct problems *problems);

/* probe_read() - read what there is at probe->subprocess.fd; returns whether the probe is over */
bool probe_read(struct probe *probe, int64_t now_ms);

/*
 * probe_run() - in the child: check what is described, and send what is found
 *
 * Called by entry.c.
 *
 * Returns: what the process exits with.
 */
int probe_run(const struct description *description);

/* probe_finish() - fill in server->plugin, and add what is wrong to @problems */
void probe_finish(struct probe *probe, struct problems *problems);

#endif
