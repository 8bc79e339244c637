/* SPDX-License-Identifier: MIT */
/*
 * What a plugin says to its section of the file, found out in a child process.
 *
 * Loading a shared object runs its code, which may crash, hang or exit: shinyd itself never does it.
 */
#ifndef SHINYD_PROBE_H
#define SHINYD_PROBE_H

#include "config.h"
#include "privileges.h"

/*
 * probe_plugin() - check the plugin of a [server] section and the parameters it is given there
 *
 * Fills in server->plugin, and adds what is wrong to @problems. @folders is the plugin path.
 */
void probe_plugin(struct config_section *server, char *const *folders,
		  const struct privileges *privileges, struct problems *problems);

#endif
