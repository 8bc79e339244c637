/* SPDX-License-Identifier: MIT */
/*
 * The command line: what to do, and with which configuration.
 *
 * Called by main.c only. What the rest of shinyd needs of it is struct config_args.
 */
#ifndef SHINYD_CLI_H
#define SHINYD_CLI_H

#include "config/config.h"

enum cli_action {
	CLI_SERVE, /* unless something else is asked for */
	CLI_CHECK,
	CLI_SINGLE,
	CLI_DUMP_CONFIG,
	CLI_LIST_PLUGINS,
	CLI_DESCRIBE,
	CLI_STATUS,
	CLI_RELOAD,
	CLI_VERSION,
	CLI_ACTION_MAX
};

struct cli {
	enum cli_action action;
	char *subject; /* of --single the section, of --describe the plugin */
	struct config_args args;
};

/*
 * cli_parse() - read the arguments
 *
 * --help prints and exits.
 *
 * Owner:   *@ret_cli is the caller's, for cli_finish().
 * Returns: 0; -EINVAL after one line on stderr.
 */
int cli_parse(int argc, char **argv, struct cli *ret_cli);
void cli_finish(struct cli *cli);

#endif
