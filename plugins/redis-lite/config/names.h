/* SPDX-License-Identifier: MIT */
/*
 * Redis's names of settings as rows of a table, and what a row says. Parsing, printing, CONFIG GET
 * and CONFIG SET all read the row.
 */
#ifndef REDIS_LITE_CONFIG_NAMES_H
#define REDIS_LITE_CONFIG_NAMES_H

#include "config/words.h"

#include <stdint.h>

struct instance;

/* Room for why a value is refused. */
#define CONFIG_WHY_MAX 256

enum config_type {
	CONFIG_BOOL,
	CONFIG_INTEGER,
	CONFIG_MEMORY,	/* bytes, with a unit */
	CONFIG_PERCENT, /* bytes, or "10%", which is the number -10 */
	CONFIG_CHOICE,	/* one of the row's */
	CONFIG_CHOICES, /* several of the row's, whose values are bits */
	CONFIG_TEXT,
	CONFIG_WORDS, /* a text that the row's form reads */
};

/* Of Redis's own. */
enum config_flags {
	CONFIG_IMMUTABLE = 1 << 0,
	CONFIG_PROTECTED = 1 << 1, /* as good as immutable: enable-protected-configs is no */
	CONFIG_HIDDEN = 1 << 2,	   /* not found by a pattern */
	CONFIG_SENSITIVE = 1 << 3, /* the value is not for logs */
};

struct config_choice {
	const char *name; /* NULL behind the last */
	int64_t value;
};

/* What a name is set to. A text is not terminated. */
struct config_value {
	int64_t number; /* of all types but the last two; a bool is 0 or 1 */
	char *text;
	size_t len;
};

struct config_name {
	const char *name;
	const char *alias; /* the older name of the same; or NULL */
	enum config_type type;
	unsigned flags;
	int64_t min;
	uint64_t max; /* with a min of 0 and more, as far as UINT64_MAX */
	int64_t default_value;
	const char *text; /* the default of a text; NULL: empty */
	const struct config_choice *choices;

	/* Further bounds: returns why not, or NULL. May change the value to what it means. */
	const char *(*check)(struct config_value *value);
	/* Reads the words of a value into the text that CONFIG GET tells; @before is that text now. */
	const char *(*form)(struct config_words words, const struct config_value *before,
			    struct config_text *text);

	/* Why only what is so already may be set; NULL: it may be changed. */
	const char *fixed;

	/*
	 * What has an effect here. A value is kept in the table of the instance's, and apply is told of
	 * it: at the start, and when it has been set; unless there is show, which finds the value where
	 * it is used, and then apply puts it there. Neither can fail.
	 *
	 * @buf has CONFIG_TEXT_MAX bytes for a text that is put together.
	 */
	void (*show)(const struct instance *instance, char *buf, struct config_value *value);
	void (*apply)(struct instance *instance, const struct config_value *value);
};

/* All names of Redis 7.0's redis.conf, in alphabetical order, and how many; at most so many. */
#define CONFIG_NAMES_MAX 256
extern const struct config_name config_names[];
size_t config_name_count(void);

#endif
