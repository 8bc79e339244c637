/* SPDX-License-Identifier: MIT */
/*
 * days: a plugin with a bug, to be found by the means that docs/plugin-guide.md shows. Each line is a number from 0 to
 * 6, and the answer is a day of the week. What else a client may send is not checked.
 */
#include <shiny-plugin.h>

#include <stdlib.h>
#include <string.h>

static const char *const names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
				     "Friday", "Saturday", "Sunday" };

static const char *name_of_day(const char *number)
{
	int day = atoi(number);

	return names[day]; /* the bug */
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	char number[16];

	(void)ctx;
	while (len > 0 && !shiny_congested(conn)) {
		const char *end = memchr(data, '\n', len), *name;
		size_t line = end ? (size_t)(end - data) : len;

		if (line >= sizeof(number)) {
			return false;
		}
		if (!end) {
			return shiny_unread(conn, len, len + 1) == 0;
		}
		memcpy(number, data, line);
		number[line] = '\0';
		name = name_of_day(number);
		if (shiny_write(conn, name, strlen(name)) < 0 || shiny_write(conn, "\n", 1) < 0) {
			return false;
		}
		data += line + 1;
		len -= line + 1;
	}
	return shiny_unread(conn, len, 0) == 0;
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "days",
	.version = "1.0",
	.summary = "the days of the week, with a bug",
};
/* clang-format on */
