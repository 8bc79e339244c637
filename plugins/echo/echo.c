/* SPDX-License-Identifier: MIT */
/*
 * echo: sends back what it gets, and is the first plugin to read.
 *
 * Bytes go back as they come. Beside that every line is looked at, for two of them are commands:
 * "quit" ends the connection, "shutdown" the server, if the configuration lets it.
 *
 * The network cuts lines where it likes, so the state of a connection is how much of a command its
 * current line has spelt. That is a pointer into one of the commands below, and small enough to be
 * the connection's user pointer itself: nothing has to be allocated or freed.
 */
#include <shiny-plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long the others may take to end when somebody shuts the server down. */
#define SHUTDOWN_TIMEOUT_MS 1000

static const char greeting[] =
	"Welcome to the echo server!\n"
	"Enter 'quit' to close your connection or 'shutdown' to close the server.\n";
static const char refusal[] = "shutdown is not allowed here\n";

static const char quit_line[] = "quit\n";
static const char shutdown_line[] = "shutdown\n";
static const char neither[] = "";

struct echo {
	bool allow_shutdown;
};

/*
 * What is left of the command that a line spells, one byte further on. NULL is the start of a line.
 * At the end of a command is the NUL behind it.
 */
static const char *advance(const char *rest, char byte)
{
	if (rest == NULL) {
		rest = byte == *quit_line	? quit_line
		       : byte == *shutdown_line ? shutdown_line
						: neither;
	}
	if (byte == '\r') {
		return rest; /* telnet ends its lines with \r\n */
	}
	if (byte == *rest && *rest != '\0') {
		return rest + 1;
	}
	return byte == '\n' ? NULL : neither;
}

static bool is_end_of(const char *rest, const char *command)
{
	return rest == command + strlen(command);
}

static bool run_shutdown(struct shiny_conn *conn, const struct echo *echo)
{
	if (!echo->allow_shutdown) {
		return shiny_write(conn, refusal, strlen(refusal)) == 0;
	}
	shiny_server_drain(shiny_server_of(conn), SHUTDOWN_TIMEOUT_MS);
	return false;
}

bool on_accept(struct shiny_conn *conn, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, greeting, strlen(greeting)) == 0;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	const char *rest = shiny_user(conn);
	size_t echoed = 0;

	for (size_t i = 0; i < len; i++) {
		if (rest == neither) {
			const char *newline = memchr(data + i, '\n', len - i);
			if (newline == NULL) {
				break; /* the rest of the line is no command whatever it says */
			}
			i = (size_t)(newline - data);
		}
		rest = advance(rest, data[i]);
		if (is_end_of(rest, quit_line)) {
			shiny_write(conn, data + echoed, i + 1 - echoed);
			return false; /* ends the connection once all is sent */
		}
		if (is_end_of(rest, shutdown_line)) {
			if (shiny_write(conn, data + echoed, i + 1 - echoed) < 0 ||
			    !run_shutdown(conn, ctx)) {
				return false;
			}
			echoed = i + 1;
			rest = NULL;
		}
	}
	shiny_set_user(conn, (void *)rest);
	return shiny_write(conn, data + echoed, len - echoed) == 0;
}

enum {
	ALLOW_SHUTDOWN,
};

static const struct shiny_param parameters[] = {
	[ALLOW_SHUTDOWN] = {
		.key = "allow_shutdown",
		.type = SHINY_TYPE_BOOL,
		.default_value = "no",
		.help = "whether the line 'shutdown' ends the server",
	},
	{ NULL },
};

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct echo *echo = malloc(sizeof(*echo));

	(void)host;
	if (echo == NULL) {
		snprintf(error, SHINY_ERROR_MAX, "out of memory");
		return -1;
	}
	echo->allow_shutdown = values[ALLOW_SHUTDOWN].number;
	*ret_ctx = echo;
	return 0;
}

static void unload(void *ctx)
{
	free(ctx);
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "echo",
	.version = "1.0",
	.summary = "sends back what it gets",
	.parameters = parameters,
	.load = load,
	.unload = unload,
};
/* clang-format on */
