/* SPDX-License-Identifier: MIT */
/*
 * How shinyd ends, for whoever started it. shinyd(8) documents the same numbers.
 */
#ifndef SHINYD_EXIT_CODE_H
#define SHINYD_EXIT_CODE_H

enum exit_code {
	EXIT_CODE_OK,
	EXIT_CODE_RUNTIME,
	EXIT_CODE_USAGE,
	EXIT_CODE_CONFIG,
	EXIT_CODE_PLUGIN,
	EXIT_CODE_BIND, /* or privilege */
};

#endif
