/* SPDX-License-Identifier: MIT */
/*
 * What a probe's child found out, on its way through a pipe.
 *
 * One finding a line: what it is, a line of a file, the file, a text, with tabs between them. If
 * the last one of them is there the child has come to its end. What the parent reads may come from
 * a plugin gone wrong: it is text, and never more than that.
 *
 * Called by probe.c only.
 */
#ifndef SHINYD_PROBE_FINDINGS_H
#define SHINYD_PROBE_FINDINGS_H

#include "config/config.h"
#include "plugin/plugin.h"

/* probe_findings_send() - in the child: all that is known of the plugin, and the @problems */
void probe_findings_send(int fd, const struct config_section *server,
			 const struct problems *problems, const struct plugin *plugin);

/*
 * probe_findings_read() - in the parent: fill in server->plugin, and add to @problems
 *
 * What is no finding is ignored, for the plugin may have written there, too.
 *
 * Returns: whether the child came to its end, and either has found problems or names the plugin.
 */
bool probe_findings_read(struct config_section *server, const char *text,
			 struct problems *problems);

#endif
