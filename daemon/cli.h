/* SPDX-License-Identifier: MIT */
/*
 * The command line.
 */
#ifndef SHINYD_CLI_H
#define SHINYD_CLI_H

#include <stdbool.h>

struct cli {
	char *config; /* the file; the installed one by default */
	bool check;
	char *single;	    /* a section's name, or NULL */
	char **plugin_path; /* NULL, or a vector that ends with NULL */
	bool version;
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
