/* SPDX-License-Identifier: MIT */
/*
 * Requests of clients that speak Redis's protocol. The first byte chooses how strict the parser is.
 *
 * However a stream is cut into packets, it holds the same requests; the parser never asks to wait
 * for more than the request has; and arguments lie in the bytes that were parsed.
 */
#include "fuzz.h"

#include <shiny-resp-inline.h>
#include <string.h>

#define ARGS_ROOM   64
#define TEXT_ROOM   4096
#define PREFIX_MOST 512

static const struct shiny_resp_limits unauthenticated = SHINY_RESP_LIMITS_UNAUTHENTICATED;

struct attempt {
	struct shiny_resp_parser parser;
	struct shiny_resp_arg args[ARGS_ROOM];
	char text[TEXT_ROOM];
	enum shiny_resp_status status;
};

static void check_args(const struct attempt *attempt, const char *data)
{
	const struct shiny_resp_parser *parser = &attempt->parser;

	FUZZ_ASSERT(parser->argc > 0 && parser->argc <= ARGS_ROOM);
	FUZZ_ASSERT(parser->text_used <= TEXT_ROOM);
	for (size_t i = 0; i < parser->argc; i++) {
		const struct shiny_resp_arg *arg = &parser->args[i];
		const char *end = arg->data + arg->len;
		bool in_data = arg->data >= data && end <= data + parser->used;
		bool in_text =
			arg->data >= attempt->text && end <= attempt->text + parser->text_used;

		FUZZ_ASSERT(in_data || in_text);
	}
}

/* What is taken quickly is what is taken otherwise. */
static void check_quick(const struct attempt *attempt, const char *data, size_t len)
{
	static struct shiny_resp_arg args[ARGS_ROOM];
	const struct shiny_resp_parser *parser = &attempt->parser;
	struct shiny_resp_parser quick = {
		.args = args,
		.room = ARGS_ROOM,
		.limits = parser->limits,
	};

	if (!shiny_resp_parse_quick(&quick, data, data + len)) {
		return;
	}
	FUZZ_ASSERT(attempt->status == SHINY_RESP_COMPLETE && parser->exact && quick.exact);
	FUZZ_ASSERT(quick.used == parser->used && quick.argc == parser->argc);
	for (size_t i = 0; i < quick.argc; i++) {
		FUZZ_ASSERT(args[i].data == parser->args[i].data);
		FUZZ_ASSERT(args[i].len == parser->args[i].len);
	}
}

/* Parses a copy that ends where the data does, so that reading on is noticed. */
static void parse(struct attempt *attempt, unsigned mode, const char *data, size_t len)
{
	char *copy = malloc(len);
	struct shiny_resp_parser *parser = &attempt->parser;

	memcpy(copy, data, len);
	*parser = (struct shiny_resp_parser){
		.args = attempt->args,
		.room = ARGS_ROOM,
		.text = attempt->text,
		.text_room = TEXT_ROOM,
		.strict = mode & 1,
		.limits = mode & 2 ? &unauthenticated : NULL,
	};
	attempt->status = shiny_resp_parse(parser, copy, len);
	switch (attempt->status) {
	case SHINY_RESP_COMPLETE:
		check_args(attempt, copy);
		/* fall through */
	case SHINY_RESP_EMPTY:
		FUZZ_ASSERT(parser->used > 0 && parser->used <= len);
		break;
	case SHINY_RESP_MORE:
		FUZZ_ASSERT(parser->want > len);
		break;
	case SHINY_RESP_ROOM:
		FUZZ_ASSERT(parser->want > (parser->is_line ? parser->text_room : parser->room));
		break;
	case SHINY_RESP_ERROR:
		FUZZ_ASSERT(memchr(parser->error, '\0', SHINY_RESP_ERROR_MAX));
		break;
	}
	check_quick(attempt, copy, len);
	free(copy);
}

/* What fewer bytes say of the request that @whole says is complete. */
static void check_prefixes(const struct attempt *whole, unsigned mode, const char *data)
{
	size_t used = whole->parser.used;
	size_t most = used - 1 < PREFIX_MOST ? used - 1 : PREFIX_MOST;

	for (size_t len = 1; len <= most; len++) {
		static struct attempt part;

		parse(&part, mode, data, len);
		FUZZ_ASSERT(part.status == SHINY_RESP_MORE);
		FUZZ_ASSERT(part.parser.want <= used);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct attempt attempt;
	const char *data = (const char *)bytes + 1;
	unsigned mode = size > 0 ? bytes[0] : 0;
	size_t len = size > 0 ? size - 1 : 0;

	while (len > 0) {
		parse(&attempt, mode, data, len);
		if (attempt.status != SHINY_RESP_COMPLETE && attempt.status != SHINY_RESP_EMPTY) {
			break;
		}
		check_prefixes(&attempt, mode, data);
		data += attempt.parser.used;
		len -= attempt.parser.used;
	}
	return 0;
}
