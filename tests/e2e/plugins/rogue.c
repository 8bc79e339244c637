/* SPDX-License-Identifier: MIT */
/*
 * rogue: does to its own process what no plugin should.
 *
 * A connection's first byte is the order. on_load = terminate does it in load, which also fails
 * where the file that needs names is not there.
 */
#include <errno.h>
#include <shiny-plugin.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ON_LOAD,
	NEEDS,
};

static const char *const orders[] = { "nothing", "terminate", NULL };

static const struct shiny_param parameters[] = {
	[ON_LOAD] = { .key = "on_load",
		      .type = SHINY_TYPE_ENUM,
		      .preset = "nothing",
		      .choices = orders },
	[NEEDS] = { .key = "needs", .type = SHINY_TYPE_PATH },
	{ NULL },
};

/* A grandchild whose parent is gone, and which has ended. Returns its id. */
static pid_t leave_an_orphan(void)
{
	int ends[2];
	pid_t orphan = 0, child;

	if (pipe(ends) < 0) {
		return -1;
	}
	child = fork();
	if (child == 0) {
		orphan = fork();
		if (orphan == 0) {
			_exit(0);
		}
		_exit(write(ends[1], &orphan, sizeof(orphan)) != sizeof(orphan));
	}
	waitpid(child, NULL, 0);
	if (read(ends[0], &orphan, sizeof(orphan)) != sizeof(orphan)) {
		orphan = -1;
	}
	close(ends[0]);
	close(ends[1]);
	return orphan;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	char reply[64] = "";

	(void)ctx;
	if (len == 0) {
		return true;
	}
	switch (*data) {
	case 'o':
		snprintf(reply, sizeof(reply), "%d\n", (int)leave_an_orphan());
		break;
	case 't':
		raise(SIGTERM);
		break;
	}
	shiny_write(conn, reply, strlen(reply));
	return shiny_write(conn, "done\n", 5) == 0;
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	const char *needs = values[NEEDS].text;

	(void)host;
	(void)ret_ctx;
	if (needs != NULL && access(needs, F_OK) < 0) {
		snprintf(error, SHINY_ERROR_MAX, "%s: %s", needs, strerror(errno));
		return -errno;
	}
	if (values[ON_LOAD].number == 1) {
		raise(SIGTERM);
	}
	return 0;
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,	  .name = "rogue", .version = "1.0",
	.parameters = parameters, .load = load,
};
