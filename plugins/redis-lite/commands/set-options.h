/* SPDX-License-Identifier: MIT */
/*
 * The options of SET and GETEX: conditions and times, in any order. For set.c and get.c.
 */
#ifndef REDIS_LITE_COMMANDS_SET_OPTIONS_H
#define REDIS_LITE_COMMANDS_SET_OPTIONS_H

#include "command/command.h"

enum set_option {
	SET_NX = 1 << 0,
	SET_XX = 1 << 1,
	SET_GET = 1 << 2,
	SET_KEEPTTL = 1 << 3,
	SET_PERSIST = 1 << 4,
	SET_EX = 1 << 5,
	SET_PX = 1 << 6,
	SET_EXAT = 1 << 7,
	SET_PXAT = 1 << 8,
};

#define SET_TIMES (SET_EX | SET_PX | SET_EXAT | SET_PXAT)

struct set_options {
	unsigned set;
	size_t time; /* the argument that has it; 0: none */
};

/* set_options_read() - the arguments from @first on; false after an error reply */
bool set_options_read(struct call *call, size_t first, unsigned allowed,
		      struct set_options *ret_options);

/* set_options_expiry() - the moment they name, 0: none; false after an error reply */
bool set_options_expiry(struct call *call, const struct set_options *options, int64_t *ret_expiry);

#endif
