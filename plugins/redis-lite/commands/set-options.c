/* SPDX-License-Identifier: MIT */
/*
 * The options that SET and GETEX share, and the moments that they name.
 */
#include "commands/set-options.h"

static const struct {
	const char *word;
	unsigned option;
	unsigned excludes; /* not after one of these */
} option_table[] = {
	{ "nx", SET_NX, SET_XX },
	{ "xx", SET_XX, SET_NX },
	{ "get", SET_GET, 0 },
	{ "keepttl", SET_KEEPTTL, SET_TIMES },
	{ "persist", SET_PERSIST, SET_TIMES },
	{ "ex", SET_EX, SET_KEEPTTL | SET_PERSIST | (SET_TIMES & ~SET_EX) },
	{ "px", SET_PX, SET_KEEPTTL | SET_PERSIST | (SET_TIMES & ~SET_PX) },
	{ "exat", SET_EXAT, SET_KEEPTTL | SET_PERSIST | (SET_TIMES & ~SET_EXAT) },
	{ "pxat", SET_PXAT, SET_KEEPTTL | SET_PERSIST | (SET_TIMES & ~SET_PXAT) },
};

/* Reads the option at @index, which moves to its last argument; false if there is none. */
static bool read_option(const struct call *call, unsigned allowed, size_t *index,
			struct set_options *options)
{
	for (size_t i = 0; i < sizeof(option_table) / sizeof(option_table[0]); i++) {
		unsigned option = option_table[i].option;

		if (!(option & allowed) ||
		    !shiny_resp_arg_is(&call->argv[*index], option_table[i].word)) {
			continue;
		}
		if (options->set & option_table[i].excludes ||
		    (option & SET_TIMES && *index + 1 == call->argc)) {
			return false;
		}
		options->set |= option;
		if (option & SET_TIMES) {
			options->time = ++*index;
		}
		return true;
	}
	return false;
}

bool set_options_read(struct call *call, size_t first, unsigned allowed,
		      struct set_options *ret_options)
{
	struct set_options options = { 0 };

	for (size_t i = first; call_has(call, i); i++) {
		if (!read_option(call, allowed, &i, &options)) {
			call_syntax_error(call);
			return false;
		}
	}
	*ret_options = options;
	return true;
}

bool set_options_expiry(struct call *call, const struct set_options *options, int64_t *ret_expiry)
{
	int64_t unit = options->set & (SET_EX | SET_EXAT) ? 1000 : 1;
	int64_t base = options->set & (SET_EX | SET_PX) ? call_base_ms(call) : 0;
	int64_t expiry;

	*ret_expiry = 0;
	if (!options->time) {
		return true;
	}
	if (!call_number(call, options->time, &expiry)) {
		return false;
	}
	if (expiry <= 0 || __builtin_mul_overflow(expiry, unit, &expiry) ||
	    __builtin_add_overflow(expiry, base, &expiry)) {
		shiny_resp_error(call->reply, "ERR invalid expire time in '%s' command",
				 call->command->name);
		return false;
	}
	*ret_expiry = expiry;
	return true;
}
