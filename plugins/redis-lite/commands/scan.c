/* SPDX-License-Identifier: MIT */
/*
 * KEYS and SCAN: walks that reply with the names of keys.
 *
 * The head of an array says how many follow, and a reply that is too large is not begun, so that
 * each walk is done twice: once to count, once to reply. Nothing changes between the two, and nothing
 * is stored.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"
#include "util/glob.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#define SCAN_COUNT 10

/* Room for a cursor as text. */
#define CURSOR_MAX 32

struct walk {
	struct shiny_resp_reply *reply; /* NULL: only count */
	int64_t now_ms;
	struct work *work;
	const struct glob *glob; /* NULL: all match */
	bool none;		 /* of a type that no key has */
	size_t seen, matched;
	uint64_t size; /* of the reply to come, for what matched */
};

static void visit(table_slot slot, void *arg)
{
	const struct entry *entry = table_entry(slot);
	struct walk *walk = arg;

	walk->seen++;
	work_add(walk->work, WORK_LOOK);
	if (walk->none || (slot & TABLE_SLOT_EXPIRES && entry_expiry(entry) <= walk->now_ms) ||
	    (walk->glob &&
	     !glob_match(walk->glob, entry_key(entry), entry_key_len(entry), walk->work))) {
		return;
	}
	if (walk->reply) {
		shiny_resp_bulk(walk->reply, entry_key(entry), entry_key_len(entry));
	} else {
		walk->matched++;
		walk->size += shiny_resp_bulk_size(entry_key_len(entry));
	}
}

static struct walk begin_walk(const struct call *call)
{
	return (struct walk){ .now_ms = call->now_ms, .work = &call->instance->work };
}

/*
 * Reads a pattern, NULL for none, to be given to glob_finish(). One star needs no matching; it also
 * matches the empty key, as no other does. False after an error reply.
 */
static bool read_pattern(struct call *call, const struct shiny_resp_arg *arg, struct glob *glob,
			 struct walk *walk)
{
	*glob = (struct glob){ 0 };
	if (!arg || (arg->len == 1 && arg->data[0] == '*')) {
		return true;
	}
	if (glob_init(glob, arg->data, arg->len, false) < 0) {
		call_memory_error(call);
		return false;
	}
	walk->glob = glob;
	return true;
}

static void each_key(const struct table *table, struct walk *walk)
{
	for (size_t index = 0; index < table->buckets; index++) {
		table_each(table, index, visit, walk);
		work_add(walk->work, sizeof(struct table_bucket));
	}
}

void cmd_keys(struct call *call)
{
	const struct table *table = &call->instance->keyspace.db[call->db];
	struct walk walk = begin_walk(call);
	struct glob glob;

	if (!read_pattern(call, &call->argv[1], &glob, &walk)) {
		return;
	}
	each_key(table, &walk);
	if (reply_prepare(call->reply, walk.size + 2 * SHINY_RESP_FIXED_MAX)) {
		shiny_resp_array(call->reply, walk.matched);
		walk.reply = call->reply;
		each_key(table, &walk);
	}
	glob_finish(&glob);
}

/* Takes what strtoul() takes, as Redis does: nothing at all, and a sign. */
static bool read_cursor(struct call *call, uint64_t *ret_cursor)
{
	const struct shiny_resp_arg *arg = &call->argv[1];
	char text[CURSOR_MAX] = " ", *end;

	if (arg->len < sizeof(text)) {
		memcpy(text, arg->data, arg->len);
		text[arg->len] = '\0';
	}
	errno = 0;
	*ret_cursor = strtoull(text, &end, 10);
	if (isspace((unsigned char)text[0]) || *end != '\0' || errno == ERANGE) {
		shiny_resp_error(call->reply, "ERR invalid cursor");
		return false;
	}
	return true;
}

static bool read_options(struct call *call, struct walk *walk,
			 const struct shiny_resp_arg **ret_pattern, uint64_t *ret_count)
{
	int64_t count = SCAN_COUNT;

	for (size_t i = 2; call_has(call, i); i += 2) {
		bool has_value = i + 1 < call->argc;

		if (has_value && shiny_resp_arg_is(&call->argv[i], "count")) {
			if (!call_number(call, i + 1, &count)) {
				return false;
			}
			if (count >= 1) {
				continue;
			}
		} else if (has_value && shiny_resp_arg_is(&call->argv[i], "match")) {
			*ret_pattern = &call->argv[i + 1];
			continue;
		} else if (has_value && shiny_resp_arg_is(&call->argv[i], "type")) {
			walk->none = !shiny_resp_arg_is(&call->argv[i + 1], "string");
			continue;
		}
		call_syntax_error(call);
		return false;
	}
	*ret_count = (uint64_t)count;
	return true;
}

/* Walks until about @count keys were seen; returns the next cursor. Empty buckets do not count, but
 * are not gone through without end. */
static uint64_t scan(const struct table *table, uint64_t cursor, uint64_t count, struct walk *walk)
{
	uint64_t steps = 0;

	do {
		cursor = table_scan(table, cursor, visit, walk);
		work_add(walk->work, sizeof(struct table_bucket));
	} while (cursor && walk->seen < count && ++steps / 10 < count);
	return cursor;
}

void cmd_scan(struct call *call)
{
	const struct table *table = &call->instance->keyspace.db[call->db];
	const struct shiny_resp_arg *pattern = NULL;
	struct walk walk = begin_walk(call);
	struct glob glob;
	uint64_t cursor, count;

	if (!read_cursor(call, &cursor) || !read_options(call, &walk, &pattern, &count) ||
	    !read_pattern(call, pattern, &glob, &walk)) {
		return;
	}
	struct walk reply_walk = walk;
	reply_walk.reply = call->reply;
	uint64_t next = scan(table, cursor, count, &walk);

	if (reply_prepare(call->reply, walk.size + 4 * SHINY_RESP_FIXED_MAX)) {
		char digits[SHINY_RESP_INTEGER_MAX];

		shiny_resp_array(call->reply, 2);
		shiny_resp_bulk(call->reply, digits, shiny_resp_format_unsigned(digits, next));
		shiny_resp_array(call->reply, walk.matched);
		scan(table, cursor, count, &reply_walk);
	}
	glob_finish(&glob);
}
