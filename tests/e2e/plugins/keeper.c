/* SPDX-License-Identifier: MIT */
/*
 * keeper: exclusive and stateful. A connection is told how many there were. On request it bears no
 * other keeper beside it, as one that owns a file, and comes to grief in load or in the first tick.
 */
#include <fcntl.h>
#include <shiny-plugin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PERSISTENT,
	FAIL,
	TAG,
	FILE_OWNED,
	TICK,
};

enum tick {
	GOES_ON,
	CRASHES,
	EXITS,
};

static const char *const ticks[] = {
	[GOES_ON] = "goes on", [CRASHES] = "crashes", [EXITS] = "exits", NULL
};

static const struct shiny_param parameters[] = {
	[PERSISTENT] = { .key = "persistent", .type = SHINY_TYPE_BOOL, .default_value = "no" },
	[FAIL] = { .key = "fail", .type = SHINY_TYPE_BOOL, .default_value = "no" },
	[TAG] = { .key = "tag", .type = SHINY_TYPE_STRING, .default_value = "none" },
	[FILE_OWNED] = { .key = "file", .type = SHINY_TYPE_PATH },
	[TICK] = { .key = "tick",
		   .type = SHINY_TYPE_ENUM,
		   .default_value = "goes on",
		   .choices = ticks },
	{ NULL },
};

static unsigned count; /* a test plugin's, whose process has one section */

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	char reply[32];

	(void)ctx;
	if (len > 0 && *data == 'h') {
		shiny_hold(conn); /* a drain does not end it */
	}
	snprintf(reply, sizeof(reply), "%u\n", ++count);
	return shiny_write(conn, reply, strlen(reply)) == 0;
}

bool on_tick(void *ctx)
{
	const int64_t *tick = ctx;

	if (*tick == CRASHES) {
		raise(SIGSEGV);
	}
	if (*tick == EXITS) {
		exit(0);
	}
	return true;
}

static int lock_file(const char *path)
{
	const struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	return fcntl(fd, F_SETLK, &lock); /* the worker's, as long as it lives */
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	static int64_t tick;

	(void)host;
	if (values[FAIL].number) {
		snprintf(error, SHINY_ERROR_MAX, "as it was told to");
		return -1;
	}
	if (values[FILE_OWNED].text != NULL && lock_file(values[FILE_OWNED].text) < 0) {
		snprintf(error, SHINY_ERROR_MAX, "another process has it open");
		return -1;
	}
	tick = values[TICK].number;
	*ret_ctx = &tick;
	return 0;
}

static bool persistent(const struct shiny_value *values)
{
	return values[PERSISTENT].number;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,	  .name = "keeper",
	.version = "1.0",	  .flags = SHINY_PLUGIN_EXCLUSIVE | SHINY_PLUGIN_STATEFUL,
	.parameters = parameters, .load = load,
	.persistent = persistent,
};
