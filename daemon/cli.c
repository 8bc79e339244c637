/* SPDX-License-Identifier: MIT */
/*
 * The command line.
 */
#include "cli.h"

#include <errno.h>
#include <glib.h>

static const char summary[] = "Serves the protocols that plugins implement, each [server] section "
			      "of its configuration\nin processes of its own.";

static int refuse(const char *text)
{
	g_printerr("shinyd: %s; see shinyd --help\n", text);
	return -EINVAL;
}

static int check_combination(const struct cli *cli, int n_rest, char **rest)
{
	if (n_rest > 1) {
		char *text = g_strdup_printf("unexpected argument '%s'", rest[1]);
		int r = refuse(text);

		g_free(text);
		return r;
	}
	if (cli->check && cli->single != NULL) {
		return refuse("--check and --single exclude each other");
	}
	return 0;
}

int cli_parse(int argc, char **argv, struct cli *ret_cli)
{
	struct cli cli = { 0 };
	gboolean check = FALSE, version = FALSE;
	/* Every option is a row; --help prints it, and shinyd(8) has it. */
	const GOptionEntry options[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &cli.config,
		  "Read FILE instead of " SHINYD_CONFIG, "FILE" },
		{ "check", 0, 0, G_OPTION_ARG_NONE, &check,
		  "Check the configuration and its plugins, and exit", NULL },
		{ "single", 0, 0, G_OPTION_ARG_STRING, &cli.single,
		  "Serve one section in the foreground, in this process", "SECTION" },
		{ "plugin-path", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &cli.plugin_path,
		  "Look for plugins in DIR first; may be given several times", "DIR" },
		{ "version", 'V', 0, G_OPTION_ARG_NONE, &version, "Print the version and exit",
		  NULL },
		{ NULL },
	};
	GOptionContext *context = g_option_context_new(NULL);
	GError *error = NULL;
	int r;

	g_option_context_set_summary(context, summary);
	g_option_context_add_main_entries(context, options, NULL);
	r = g_option_context_parse(context, &argc, &argv, &error) ? 0 : refuse(error->message);
	g_clear_error(&error);
	g_option_context_free(context);
	cli.check = check;
	cli.version = version;
	if (r == 0) {
		r = check_combination(&cli, argc, argv);
	}
	if (r < 0) {
		cli_finish(&cli);
		return r;
	}
	if (cli.config == NULL) {
		cli.config = g_strdup(SHINYD_CONFIG);
	}
	*ret_cli = cli;
	return 0;
}

void cli_finish(struct cli *cli)
{
	g_free(cli->config);
	g_free(cli->single);
	g_strfreev(cli->plugin_path);
	*cli = (struct cli){ 0 };
}
