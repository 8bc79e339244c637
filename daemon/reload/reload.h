/* SPDX-License-Identifier: MIT */
/*
 * A new configuration, read and checked while the old one serves.
 *
 * Plugins are probed one after the other; nothing here waits for them. Called by
 * supervisor-reload.c, which then has the configuration rolled out, or logs what is wrong with it.
 */
#ifndef SHINYD_RELOAD_H
#define SHINYD_RELOAD_H

#include "plugin/probe.h"

struct reload {
	struct config *config; /* NULL: there is no reload under way */
	struct problems problems;
	char **folders;
	size_t next; /* the section to be probed after the one that is */
	bool probing;
	struct probe probe;
};

/* reload_start() - read the file that @args names */
void reload_start(struct reload *reload, const struct config_args *args);

/* reload_turn() - go on; returns whether everything has been checked */
bool reload_turn(struct reload *reload, int64_t now_ms);

/* reload_watch() - the descriptor to poll; -1: none */
int reload_watch(const struct reload *reload);

/* reload_has_process() - whether that is the child of its probe */
bool reload_has_process(const struct reload *reload, pid_t pid);

/* reload_timeout() - when reload_turn() is due without an event; INT64_MAX: never */
int64_t reload_timeout(const struct reload *reload);

/* reload_finish() - end it, with a probe that runs */
void reload_finish(struct reload *reload);

#endif
