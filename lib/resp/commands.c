/* SPDX-License-Identifier: MIT */
/*
 * Commands by name, and the errors of requests that name none or have the wrong arguments.
 *
 * An index is a hash table that is never more than half full, in memory of the caller's. Names that
 * the inline look-up cannot tell apart are in it, too, but such that it passes them over: they are
 * compared as text.
 */
#include "shiny-resp-inline.h"

#include <errno.h>
#include <stdio.h>

/* Redis shows so much of an unknown command. */
#define SHOWN_MAX 128

static struct shiny_resp_name slow_name(const char *name)
{
	return (struct shiny_resp_name){ .head = (uintptr_t)name };
}

static const char *slow_text(const struct shiny_resp_name *name)
{
	return (const char *)(uintptr_t)name->head;
}

/* Where to look for it first. */
static unsigned first_slot(const char *name, size_t len)
{
	struct shiny_resp_name words =
		shiny_resp_name(name, len < SHINY_RESP_NAME_QUICK ? len : SHINY_RESP_NAME_QUICK);

	return shiny_resp_name_slot(&words);
}

static bool is_quick(const char *name, size_t len)
{
	return len <= SHINY_RESP_NAME_QUICK && strspn(name, "abcdefghijklmnopqrstuvwxyz") == len;
}

static bool is_name(const char *name, size_t len)
{
	return len > 0 && len <= SHINY_RESP_NAME_MAX &&
	       strcspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

const void *shiny_resp_find_slowly(const struct shiny_resp_index *index, const char *name,
				   size_t len)
{
	struct shiny_resp_arg arg = { name, len };

	if (len == 0 || len > SHINY_RESP_NAME_MAX) {
		return NULL;
	}
	for (unsigned i = first_slot(name, len); index->slot[i].row;
	     i = (i + 1) % SHINY_RESP_INDEX_SIZE) {
		const struct shiny_resp_name *other = &index->slot[i].name;

		if (other->len == 0 && shiny_resp_arg_is(&arg, slow_text(other))) {
			return index->slot[i].row;
		}
	}
	return NULL;
}

int shiny_resp_index_add(struct shiny_resp_index *index, const char *name, const void *row)
{
	size_t len = name ? strlen(name) : 0;
	unsigned i;

	if (!is_name(name, len) || !row) {
		return -EINVAL;
	}
	if (shiny_resp_find(index, name, len)) {
		return -EEXIST;
	}
	if (index->count == SHINY_RESP_COMMANDS_MAX) {
		return -ENOSPC;
	}
	i = first_slot(name, len);
	while (index->slot[i].row) {
		i = (i + 1) % SHINY_RESP_INDEX_SIZE;
	}
	index->slot[i].name = is_quick(name, len) ? shiny_resp_name(name, len) : slow_name(name);
	index->slot[i].row = row;
	index->count++;
	index->slow += !is_quick(name, len);
	return 0;
}

bool shiny_resp_arg_is(const struct shiny_resp_arg *arg, const char *word)
{
	for (size_t i = 0; i < arg->len; i++) {
		char c = arg->data[i];

		c = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
		if (word[i] == '\0' || c != word[i]) {
			return false;
		}
	}
	return word[arg->len] == '\0';
}

bool shiny_resp_is_http(const struct shiny_resp_arg *name)
{
	return shiny_resp_arg_is(name, "host:") || shiny_resp_arg_is(name, "post");
}

void shiny_resp_unknown_command(struct shiny_resp_reply *reply, const struct shiny_resp_arg *argv,
				size_t argc)
{
	char args[2 * SHOWN_MAX] = "";
	size_t len = 0;

	for (size_t i = 1; i < argc && len < SHOWN_MAX; i++) {
		len += (size_t)snprintf(args + len, sizeof(args) - len, "'%.*s' ",
					SHINY_RESP_ARG_FORMAT(&argv[i], SHOWN_MAX - len));
	}
	shiny_resp_error(reply, "ERR unknown command '%.*s', with args beginning with: %s",
			 SHINY_RESP_ARG_FORMAT(&argv[0], SHOWN_MAX), args);
}

void shiny_resp_wrong_arity(struct shiny_resp_reply *reply, const char *parent, const char *name)
{
	shiny_resp_error(reply, "ERR wrong number of arguments for '%s%s%s' command",
			 parent ? parent : "", parent ? "|" : "", name);
}
