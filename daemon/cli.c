/* SPDX-License-Identifier: MIT */
/*
 * The command line.
 *
 * Every option is a row of GLib's table, which --help prints. Options that choose an action exclude
 * each other.
 */
#include "cli.h"

#include "util/printable.h"

#include <errno.h>
#include <glib.h>
#include <locale.h>
#include <string.h>

static const char summary[] = "Serves the protocols that plugins implement, each [server] section "
			      "of its configuration\nin processes of its own.";

/* As --help names them. */
static const char *const action_options[CLI_ACTION_MAX] = {
	[CLI_CHECK] = "--check",
	[CLI_SINGLE] = "--single",
	[CLI_DUMP_CONFIG] = "--dump-config",
	[CLI_LIST_PLUGINS] = "--list-plugins",
	[CLI_DESCRIBE] = "--describe",
	[CLI_STATUS] = "--status",
	[CLI_RELOAD] = "--reload",
	[CLI_VERSION] = "--version",
};

static enum cli_action find_action(const char *option)
{
	for (enum cli_action i = 0; i < CLI_ACTION_MAX; i++) {
		if (g_strcmp0(option, action_options[i]) == 0) {
			return i;
		}
	}
	return CLI_VERSION; /* the only one with a letter: -V */
}

static gboolean choose_action(const char *option, const char *value, void *ctx, GError **error)
{
	struct cli *cli = ctx;
	enum cli_action action = find_action(option);

	if (cli->action != CLI_SERVE) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
			    "%s and %s exclude each other", action_options[cli->action],
			    action_options[action]);
		return FALSE;
	}
	cli->action = action;
	cli->subject = g_strdup(value);
	return TRUE;
}

static GOptionContext *create_context(struct cli *cli)
{
	/*
	 * Every option is a row; --help prints it, and shinyd(8) has it. Values are the bytes that
	 * were typed, as in the file, whatever the locale: hence FILENAME.
	 */
	GOptionEntry options[] = {
		{ "config", 'c', 0, G_OPTION_ARG_FILENAME, &cli->args.file,
		  "Read FILE instead of " SHINYD_CONFIG, "FILE" },
		{ "option", 'o', 0, G_OPTION_ARG_FILENAME_ARRAY, &cli->args.overrides,
		  "Set a key of a section, whatever the file says; may be given several times",
		  "SECTION.KEY=VALUE" },
		{ "plugin-path", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &cli->args.plugin_path,
		  "Look for plugins in DIR first; may be given several times", "DIR" },
		{ "check", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, NULL,
		  "Check the configuration and its plugins, and exit", NULL },
		{ "single", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, NULL,
		  "Serve one section in the foreground, in this process", "SECTION" },
		{ "dump-config", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, NULL,
		  "Print the configuration with where each value comes from, and exit", NULL },
		{ "list-plugins", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, NULL,
		  "Print what plugins there are, and what is wrong with them, and exit", NULL },
		{ "describe", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, NULL,
		  "Print what PLUGIN is and what can be set, and exit", "PLUGIN" },
		{ "status", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, NULL,
		  "Print what the shinyd that runs with this configuration does, and exit", NULL },
		{ "reload", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, NULL,
		  "Have the shinyd that runs with this configuration read it again, and exit with "
		  "what came of it",
		  NULL },
		{ "version", 'V', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, NULL,
		  "Print the version and exit", NULL },
		{ NULL },
	};
	GOptionContext *context = g_option_context_new(NULL);
	GOptionGroup *group = g_option_group_new("", "", "", cli, NULL);

	for (GOptionEntry *option = options; option->long_name != NULL; option++) {
		if (option->arg == G_OPTION_ARG_CALLBACK) {
			/* ISO C converts no function's pointer to a void *. */
			*(GOptionArgFunc *)&option->arg_data = choose_action;
		}
	}
	g_option_group_add_entries(group, options);
	g_option_context_set_main_group(context, group);
	g_option_context_set_summary(context, summary);
	return context;
}

static int refuse(const char *text)
{
	char *line = g_strdup(text);

	g_printerr("shinyd: %s; see shinyd --help\n", printable(line));
	g_free(line);
	return -EINVAL;
}

static int refuse_argument(const char *argument)
{
	char *text = g_strdup_printf("unexpected argument '%s'", argument);
	int r = refuse(text);

	g_free(text);
	return r;
}

int cli_parse(int argc, char **argv, struct cli *ret_cli)
{
	struct cli cli = { 0 };
	GOptionContext *context;
	GError *error = NULL;
	int r = 0;

	setlocale(LC_CTYPE, ""); /* GLib's own words have letters beyond ASCII */
	context = create_context(&cli);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		r = refuse(error->message);
		g_error_free(error);
	} else if (argc > 1) {
		r = refuse_argument(argv[1]);
	}
	g_option_context_free(context);
	if (r < 0) {
		cli_finish(&cli);
		return r;
	}
	cli.args.file_is_named = cli.args.file != NULL;
	if (cli.args.file == NULL) {
		cli.args.file = g_strdup(SHINYD_CONFIG);
	}
	*ret_cli = cli;
	return 0;
}

void cli_finish(struct cli *cli)
{
	g_free(cli->subject);
	g_free(cli->args.file);
	g_strfreev(cli->args.overrides);
	g_strfreev(cli->args.plugin_path);
	*cli = (struct cli){ 0 };
}
