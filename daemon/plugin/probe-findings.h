/* SPDX-License-Identifier: MIT */
/*
 * What a probe's child found out, on its way through a pipe.
 *
 * One finding a line: what it is, a line of a file, the file, a text, with tabs between them. First
 * come the problems, then what the plugin is, if it could be loaded: its name, its version, its flags
 * and whether it is persistent, its parameters. Warnings follow, and a last line that says that the
 * child has come to its end.
 *
 * Called by probe.c only.
 */
#ifndef SHINYD_PROBE_FINDINGS_H
#define SHINYD_PROBE_FINDINGS_H

#include "config/config.h"
#include "plugin/plugin.h"

#include <glib.h>

/* Those below are problems, by their kind. */
enum finding {
	FINDING_NAME = PROBLEM_KIND_MAX,
	FINDING_VERSION,
	FINDING_FLAGS,
	FINDING_PERSISTENT,
	FINDING_PARAMETER,
	FINDING_WARNING,
	FINDING_DONE,
	FINDING_MAX
};

/* probe_findings_send() - in the child: all that is known of the plugin, and the @problems */
void probe_findings_send(int fd, const struct config_section *server,
			 const struct problems *problems, const struct plugin *plugin);

/*
 * probe_findings_read() - in the parent: fill in server->plugin, and add to @problems
 *
 * The plugin may have written there, too. So all of it must be findings, each in its place, of this
 * section and printable; else nothing is taken.
 *
 * Returns: 0; -ENODATA if the child did not come to its end; -EPROTO for what is no such text.
 */
int probe_findings_read(struct config_section *server, const GString *text,
			struct problems *problems);

#endif
