/* SPDX-License-Identifier: MIT */
/*
 * The actions of shinyd: serving, and each option that does something else and exits.
 *
 * Called by main.c, which prepares the same startup for all of them.
 */
#ifndef SHINYD_ACTIONS_H
#define SHINYD_ACTIONS_H

#include "cli.h"
#include "config/problems.h"
#include "service/service-manager.h"
#include "supervisor/orphans.h"
#include "util/exit-code.h"

/* What main() prepares for whoever serves. */
struct startup {
	struct cli cli;
	struct config *config;
	struct problems problems;
	struct inherited inherited;
	struct orphans orphans; /* zeroed where no other process runs a plugin */
};

/* action_asks() - whether that action asks a shinyd that runs, and needs no more than where */
bool action_asks(enum cli_action action);

/* action_run() - do what the command line asks for; prints what is wrong */
enum exit_code action_run(struct startup *startup);

#endif
