/* SPDX-License-Identifier: MIT */
/*
 * Values that stand in files of their own.
 */
#include "value-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <shiny-plugin.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The longest value, with its newline. */
#define ROOM 4096

const char *value_file_named(const char *text)
{
	return g_str_has_prefix(text, "@/") ? text + 1 : NULL;
}

static int say(char *error, const char *what, const char *why)
{
	snprintf(error, SHINY_ERROR_MAX, "%s%s", what, why);
	return -EINVAL;
}

/* Exactly one line, as editors leave it; the newline may be missing. */
static int cut_line(char *buf, size_t len, char *error)
{
	size_t end = len > 0 && buf[len - 1] == '\n' ? len - 1 : len;

	if (len == ROOM) {
		return say(error, "is longer than any value", "");
	}
	buf[end] = '\0';
	if (strcspn(buf, "\r\n") != end) {
		return say(error, "holds more than a line of text", "");
	}
	return 0;
}

/* @buf has ROOM bytes. */
static int read_line(int fd, char *buf, struct source *file, char *error)
{
	struct stat st;
	ssize_t len;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		return say(error, "is no regular file", "");
	}
	len = read(fd, buf, ROOM);
	if (len < 0) {
		return say(error, "cannot be read: ", strerror(errno));
	}
	file->world_readable = (st.st_mode & S_IROTH) != 0;
	return cut_line(buf, (size_t)len, error);
}

static int read_file(struct setting *setting, struct source *file, char *error)
{
	int fd = open(file->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char buf[ROOM];
	int r;

	if (fd < 0) {
		return say(error, "cannot be opened: ", strerror(errno));
	}
	r = read_line(fd, buf, file, error);
	close(fd);
	if (r == 0) {
		setting_fill(setting, buf, file);
	}
	return r;
}

void value_files_read(struct settings *settings, const struct place *place,
		      struct problems *problems)
{
	for (size_t i = 0; i < settings->count; i++) {
		struct setting *setting = &settings->all[i];
		struct place line = setting_place(setting, place);
		const char *path = value_file_named(setting->text);
		struct source *file = path != NULL ? source_create(path) : NULL;
		char error[SHINY_ERROR_MAX];

		if (file != NULL && read_file(setting, file, error) < 0) {
			problems_add(problems, PROBLEM_CONFIG, &line, "%s: %s %s", setting->key,
				     file->name, error);
		}
		source_unref(file);
	}
}
