/* SPDX-License-Identifier: MIT */
/*
 * Values from files: each holds one line, which takes the place of the file's name.
 */
#include "config/value-file.h"

#include "trust/safe-open.h"

#include <errno.h>
#include <glib.h>

#define VALUE_MAX 4096 /* bytes, with the newline */

const char *value_file_named(const char *text)
{
	return g_str_has_prefix(text, "@/") ? text + 1 : NULL;
}

/* Takes exactly one line, as editors leave it; the newline may be missing. */
static int cut_line(struct safe_text *text, char *error)
{
	size_t end = text->len > 0 && text->data[text->len - 1] == '\n' ? text->len - 1 : text->len;

	text->data[end] = '\0';
	if (strcspn(text->data, "\r\n") != end) {
		snprintf(error, TRUST_ERROR_MAX, "holds more than a line of text");
		return -EINVAL;
	}
	return 0;
}

static int read_file(struct setting *setting, struct source *file, char *error)
{
	struct safe_text text;
	int r = safe_read(file->name, VALUE_MAX, false, &text, error);

	if (r < 0) {
		return r;
	}
	file->world_readable = text.world_readable;
	r = cut_line(&text, error);
	if (r == 0) {
		setting_fill(setting, text.data, file);
	}
	g_free(text.data);
	return r;
}

void value_files_read(struct settings *settings, const struct source_location *location,
		      struct problems *problems)
{
	for (size_t i = 0; i < settings->count; i++) {
		struct setting *setting = &settings->all[i];
		struct source_location line = setting_location(setting, location);
		const char *path = value_file_named(setting->text);
		struct source *file = path != NULL ? source_create(path) : NULL;
		char error[TRUST_ERROR_MAX];

		if (file != NULL && read_file(setting, file, error) < 0) {
			problems_add(problems, PROBLEM_CONFIG, &line, "%s: %s: %s", setting->key,
				     file->name, error);
		}
		source_unref(file);
	}
}
