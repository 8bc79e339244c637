/* SPDX-License-Identifier: MIT */
/*
 * shinyd: reads its configuration, has every plugin checked, binds, and serves.
 *
 * A process that is to run a plugin is this program, too, and goes its own way at once.
 *
 * main() prepares what every action needs: the command line, inherited sockets, and the
 * configuration with what is wrong with it. What is done then is in actions.c.
 */
#include "actions.h"
#include "cli.h"
#include "config/config-clamp.h"
#include "config/config.h"
#include "launch/launch.h"
#include "log/log.h"
#include "process/descriptor-limit.h"
#include "worker/entry.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static struct config *load(const struct cli *cli, struct problems *problems)
{
	const struct config_args *args = &cli->args;
	struct config *config;

	if (action_asks(cli->action)) {
		return config_load_status_socket(args->file, args->overrides, problems);
	}
	config = config_load(args->file, args->overrides, true, problems);
	config_clamp(config, descriptor_limit_raise());
	return config;
}

/* Otherwise the first sockets could become standard input, output and error. */
static void open_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0) {
		close(fd);
	}
}

int main(int argc, char **argv)
{
	struct startup startup = { 0 };
	enum exit_code code;

	if (launch_is_launched(argc, argv)) {
		return entry_main();
	}
	open_standard_descriptors();
	signal(SIGPIPE, SIG_IGN); /* of a log that nobody reads any more */
	signal(SIGXFSZ,
	       SIG_IGN); /* of a log, or of memory for workers, at the limit of a file's size */
	service_manager_take_sockets(&startup.inherited);
	launch_open_program();

	if (cli_parse(argc, argv, &startup.cli) < 0) {
		return EXIT_CODE_USAGE;
	}
	startup.config = load(&startup.cli, &startup.problems);
	code = action_run(&startup);
	log_flush();
	log_close();
	config_unref(startup.config);
	problems_finish(&startup.problems);
	service_manager_finish(&startup.inherited);
	cli_finish(&startup.cli);
	launch_close_program();
	return code;
}
