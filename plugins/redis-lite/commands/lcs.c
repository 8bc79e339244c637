/* SPDX-License-Identifier: MIT */
/*
 * LCS: what two values have in common.
 */
#include "util/lcs.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"

#include <errno.h>
#include <stdlib.h>

struct options {
	bool len, idx, with_len;
	int64_t min_len;
};

/* False after an error reply. */
static bool read_options(struct call *call, struct options *options)
{
	for (size_t i = 3; call_has(call, i); i++) {
		const struct shiny_resp_arg *arg = &call->argv[i];

		if (shiny_resp_arg_is(arg, "idx")) {
			options->idx = true;
		} else if (shiny_resp_arg_is(arg, "len")) {
			options->len = true;
		} else if (shiny_resp_arg_is(arg, "withmatchlen")) {
			options->with_len = true;
		} else if (shiny_resp_arg_is(arg, "minmatchlen") && i + 1 < call->argc) {
			if (!call_number(call, ++i, &options->min_len)) {
				return false;
			}
		} else {
			call_syntax_error(call);
			return false;
		}
	}
	if (options->len && options->idx) {
		shiny_resp_error(
			call->reply,
			"ERR If you want both the length and indexes, please just use IDX.");
		return false;
	}
	return true;
}

/* No match takes more: three arrays and five numbers. */
#define MATCH_SIZE_MAX ((uint64_t)5 * SHINY_RESP_FIXED_MAX)

struct matches {
	const struct options *options;
	struct shiny_resp_reply *reply; /* NULL: only count */
	size_t count;
};

static void reply_range(struct shiny_resp_reply *reply, size_t start, size_t len)
{
	shiny_resp_array(reply, 2);
	shiny_resp_integer(reply, (int64_t)start);
	shiny_resp_integer(reply, (int64_t)(start + len - 1));
}

static void visit_match(void *arg, size_t a_start, size_t b_start, size_t len)
{
	struct matches *matches = arg;
	bool with_len = matches->options->with_len;

	if ((int64_t)len < matches->options->min_len) {
		return;
	}
	matches->count++;
	if (!matches->reply) {
		return;
	}
	shiny_resp_array(matches->reply, with_len ? 3 : 2);
	reply_range(matches->reply, a_start, len);
	reply_range(matches->reply, b_start, len);
	if (with_len) {
		shiny_resp_integer(matches->reply, (int64_t)len);
	}
}

static void reply_matches(struct call *call, const struct lcs *lcs, const struct options *options)
{
	struct matches matches = { .options = options };

	lcs_walk(lcs, visit_match, &matches);
	if (!reply_prepare(call->reply, MATCH_SIZE_MAX * (matches.count + 1))) {
		return;
	}
	shiny_resp_map(call->reply, 2);
	shiny_resp_bulk_text(call->reply, "matches");
	shiny_resp_array(call->reply, matches.count);
	matches.reply = call->reply;
	lcs_walk(lcs, visit_match, &matches);
	shiny_resp_bulk_text(call->reply, "len");
	shiny_resp_integer(call->reply, (int64_t)lcs_length(lcs));
}

/* Where the text is written, from its end. */
struct text_end {
	const struct lcs *lcs;
	char *at;
};

static void visit_text(void *arg, size_t a_start, size_t b_start, size_t len)
{
	struct text_end *end = arg;

	(void)b_start;
	end->at -= len;
	memcpy(end->at, end->lcs->a + a_start, len);
}

static void reply_subsequence(struct call *call, const struct lcs *lcs)
{
	size_t len = lcs_length(lcs);
	char *text;

	if (!reply_prepare(call->reply, SHINY_RESP_FIXED_MAX + len)) {
		return;
	}
	text = malloc(len + 1);
	if (!text) {
		call_memory_error(call);
		return;
	}
	lcs_walk(lcs, visit_text, &(struct text_end){ lcs, text + len });
	shiny_resp_bulk(call->reply, text, len);
	free(text);
}

static struct shiny_resp_arg value_of(struct call *call, size_t index)
{
	struct key key = call_key(call, index);
	const struct entry *entry =
		keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);

	return entry ? (struct shiny_resp_arg){ entry_value(entry), entry->value_len }
		     : SHINY_RESP_ARG("");
}

void cmd_lcs(struct call *call)
{
	struct options options = { 0 };
	struct shiny_resp_arg a, b;
	struct lcs lcs;
	int r;

	if (!read_options(call, &options)) {
		return;
	}
	a = value_of(call, 1);
	b = value_of(call, 2);
	r = lcs_init(&lcs, a.data, a.len, b.data, b.len, SHINY_RESP_BULK_MAX,
		     &call->instance->work);
	if (r == -EFBIG) {
		shiny_resp_error(call->reply, "ERR Insufficient memory, transient memory for LCS "
					      "exceeds proto-max-bulk-len");
	} else if (r < 0) {
		shiny_resp_error(call->reply,
				 "ERR Insufficient memory, failed allocating transient "
				 "memory for LCS");
	} else if (options.idx) {
		reply_matches(call, &lcs, &options);
	} else if (options.len) {
		shiny_resp_integer(call->reply, (int64_t)lcs_length(&lcs));
	} else {
		reply_subsequence(call, &lcs);
	}
	lcs_finish(&lcs);
}
