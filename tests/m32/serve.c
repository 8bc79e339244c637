/* SPDX-License-Identifier: MIT */
/*
 * redis-lite served by a program of 32 bits, which cannot be shinyd: that needs GLib.
 *
 *     serve-32 [KEY=VALUE...]
 *
 * takes redis-lite's parameters, says where it listens, and serves until it is told to stop. It is as
 * much of a host as redis-lite needs, and trusts its arguments, which a test gives it.
 */
#include <errno.h>
#include <shiny-plugin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMS_MAX 32

static struct shiny_server *server;

static void stop(int signal)
{
	(void)signal;
	shiny_server_stop(server);
}

static void write_log(const struct shiny_host *host, enum shiny_log_level level, const char *text)
{
	(void)host;
	(void)level;
	fprintf(stderr, "%s\n", text);
}

/* The value that the arguments, or the table, give a parameter. */
static const char *text_of(const struct shiny_param *param, char **args)
{
	size_t len = strlen(param->key);

	for (; *args; args++) {
		if (strncmp(*args, param->key, len) == 0 && (*args)[len] == '=') {
			return *args + len + 1;
		}
	}
	return param->default_value;
}

static int64_t choice_of(const struct shiny_param *param, const char *text)
{
	int64_t choice = 0;

	while (strcmp(param->choices[choice], text) != 0) {
		choice++;
	}
	return choice;
}

static int64_t number_of(const char *text)
{
	char *unit;
	int64_t number = strtoll(text, &unit, 10);
	const char *units = "KMG", *found = *unit ? strchr(units, *unit) : NULL;

	return found ? number << 10 * (found - units + 1) : number;
}

static struct shiny_value value_of(const struct shiny_param *param, char **args)
{
	struct shiny_value value = { .text = text_of(param, args) };

	if (value.text && param->type == SHINY_TYPE_BOOL) {
		value.number = strcmp(value.text, "yes") == 0;
	} else if (value.text && param->type == SHINY_TYPE_ENUM) {
		value.number = choice_of(param, value.text);
	} else if (value.text) {
		value.number = number_of(value.text);
	}
	return value;
}

static int serve(const struct shiny_host *host, const struct shiny_value *values)
{
	char error[SHINY_ERROR_MAX] = "", address[SHINY_ADDRESS_MAX];
	void *ctx;
	int r = shiny_plugin.load(host, values, error, &ctx);

	if (r < 0) {
		fprintf(stderr, "%s\n", error);
		return r;
	}
	shiny_server_set_context(server, ctx);
	r = shiny_server_listen(server, "tcp://127.0.0.1:0");
	if (r == 0) {
		shiny_server_address(server, 0, address, sizeof(address));
		printf("serves %s\n", address);
		fflush(stdout);
		r = shiny_server_run(server);
	}
	shiny_plugin.unload(ctx);
	return r;
}

int main(int argc, char **argv)
{
	const struct shiny_handlers handlers = { on_handle, on_accept, on_closed, on_tick };
	struct shiny_value values[PARAMS_MAX] = { 0 };
	static struct shiny_stats stats;
	struct shiny_options options = SHINY_OPTIONS;
	int r;

	(void)argc;
	for (size_t i = 0; shiny_plugin.parameters[i].key && i < PARAMS_MAX; i++) {
		values[i] = value_of(&shiny_plugin.parameters[i], argv + 1);
	}
	options.commit = shiny_plugin.commit;
	options.stats = &stats;
	r = shiny_server_create(&handlers, &options, NULL, &server);
	if (r == 0) {
		const struct shiny_host host = {
			.size = sizeof(host),
			.server = server,
			.section = "32",
			.log = write_log,
			.stats = &stats,
			.stats_size = options.stats_size,
		};

		signal(SIGTERM, stop);
		r = serve(&host, values);
		shiny_server_destroy(server);
	}
	if (r < 0) {
		fprintf(stderr, "serve-32: %s\n", strerror(-r));
	}
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
