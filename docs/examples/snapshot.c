/* SPDX-License-Identifier: MIT */
/*
 * snapshot: a plugin that forks. Each line "add NAME" counts NAME, and is answered with its count. "save" writes all
 * counts to a file, and is answered with "saved" once they are on disk.
 *
 * A child writes the file: it has the memory of the moment of the fork, which no later request changes, and the worker
 * serves on meanwhile. The child closes what it inherited, calls nothing of shiny.h, and ends by _exit(2). tick sees
 * that it has ended.
 */
#define _GNU_SOURCE 1 /* twalk_r(3) */

#include <shiny-plugin.h>

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_MAX_BYTES 256
#define NAMES_MAX      1000000
/* How often tick looks whether the child has ended. */
#define CHILD_TICK_MS 50

struct count {
	uint64_t count;
	char name[];
};

struct snapshot {
	const struct shiny_host *host;
	const char *file;
	char *temporary;
	void *names; /* a tree of struct count, see tsearch(3) */
	size_t names_count;
	pid_t child;	/* that saves; 0: none */
	uint64_t saver; /* the connection that waits for it */
};

static int compare(const void *left, const void *right)
{
	return strcmp(((const struct count *)left)->name, ((const struct count *)right)->name);
}

static void write_count(const void *node, VISIT visit, void *file)
{
	const struct count *count = *(const struct count *const *)node;

	if (visit == postorder || visit == leaf) {
		fprintf(file, "%s %llu\n", count->name, (unsigned long long)count->count);
	}
}

/* The old file stays until the new one is complete and on disk. */
static int save(const struct snapshot *app)
{
	FILE *file = fopen(app->temporary, "we");

	if (!file) {
		return -errno;
	}
	twalk_r(app->names, write_count, file);
	if (fflush(file) != 0 || fsync(fileno(file)) < 0 || fclose(file) != 0 ||
	    rename(app->temporary, app->file) < 0) {
		return -errno;
	}
	return 0;
}

/*
 * The child has the worker's sockets and signal handlers. While it has a client's socket, that client would not see
 * the end of a connection that the worker resets; and its SIGTERM would not end it. It does not outlive the worker.
 */
static void become_child(pid_t worker)
{
	signal(SIGTERM, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != worker) {
		_exit(1);
	}
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

static pid_t fork_child(const struct snapshot *app)
{
	pid_t worker = getpid();
	pid_t child = fork();

	if (child == 0) {
		become_child(worker);
		_exit(save(app) < 0);
	}
	return child;
}

static bool write_line(struct shiny_conn *conn, const char *text)
{
	return shiny_write(conn, text, strlen(text)) == 0;
}

static bool start_save(struct snapshot *app, struct shiny_conn *conn)
{
	pid_t child;

	if (app->child > 0) {
		return write_line(conn, "busy\n");
	}
	child = fork_child(app);
	if (child < 0) {
		return write_line(conn, "failed\n");
	}
	app->child = child;
	app->saver = shiny_id(conn);
	shiny_hold(conn);
	shiny_server_set_tick(app->host->server, CHILD_TICK_MS, CHILD_TICK_MS);
	return true;
}

/* Tells who asked, if it is still there. */
static void end_save(struct snapshot *app, bool saved)
{
	struct shiny_conn *conn = shiny_server_find(app->host->server, app->saver);

	app->child = 0;
	shiny_server_set_tick(app->host->server, 0, 0);
	if (conn) {
		shiny_release(conn);
		if (!write_line(conn, saved ? "saved\n" : "failed\n")) {
			shiny_close(conn);
		}
	}
}

bool on_tick(void *ctx)
{
	struct snapshot *app = ctx;
	int status;

	if (app->child > 0 && waitpid(app->child, &status, WNOHANG) == app->child) {
		end_save(app, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	return true;
}

static struct count *find_count(struct snapshot *app, const char *name)
{
	struct count *count = malloc(sizeof(*count) + strlen(name) + 1);
	struct count **found;

	if (!count) {
		return NULL;
	}
	count->count = 0;
	strcpy(count->name, name);
	found = tsearch(count, &app->names, compare);
	if (!found || *found != count) {
		free(count); /* it is there already, or there is no memory */
		return found ? *found : NULL;
	}
	app->names_count++;
	return count;
}

static bool add(struct snapshot *app, struct shiny_conn *conn, const char *name)
{
	struct count *count = app->names_count < NAMES_MAX ? find_count(app, name) : NULL;
	char text[32];

	if (!count) {
		return write_line(conn, "full\n");
	}
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)++count->count);
	return write_line(conn, text);
}

static bool serve(struct snapshot *app, struct shiny_conn *conn, const char *data, size_t len)
{
	char line[LINE_MAX_BYTES + 1];

	memcpy(line, data, len);
	line[len] = '\0';
	if (strcmp(line, "save") == 0) {
		return start_save(app, conn);
	}
	if (strncmp(line, "add ", 4) == 0 && line[4] != '\0') {
		return add(app, conn, line + 4);
	}
	return write_line(conn, "what?\n");
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	while (len > 0 && !shiny_congested(conn)) {
		const char *end = memchr(data, '\n', len);
		size_t line = end ? (size_t)(end - data) : len;

		if (line > LINE_MAX_BYTES) {
			return false;
		}
		if (!end) {
			return shiny_unread(conn, len, len + 1) == 0;
		}
		if (!serve(ctx, conn, data, line)) {
			return false;
		}
		data += line + 1;
		len -= line + 1;
	}
	return shiny_unread(conn, len, 0) == 0;
}

static const struct shiny_param parameters[] = {
	{
		.key = "file",
		.type = SHINY_TYPE_PATH,
		.required = true,
		.help = "where the counts are saved",
	},
	{ .key = NULL },
};

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct snapshot *app = calloc(1, sizeof(*app));

	(void)error;
	if (!app) {
		return -ENOMEM;
	}
	app->host = host;
	app->file = values[0].text;
	if (asprintf(&app->temporary, "%s.new", app->file) < 0) {
		free(app);
		return -ENOMEM;
	}
	*ret_ctx = app;
	return 0;
}

static void unload(void *ctx)
{
	struct snapshot *app = ctx;

	/* A child that still saves ends with this process, as it has asked to. */
	tdestroy(app->names, free);
	free(app->temporary);
	free(app);
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "snapshot",
	.version = "1.0",
	.summary = "counts names, and saves them from a child",
	/* Two workers would write the same file. */
	.flags = SHINY_PLUGIN_EXCLUSIVE | SHINY_PLUGIN_STATEFUL,
	.parameters = parameters,
	.load = load,
	.unload = unload,
};
/* clang-format on */
