/* SPDX-License-Identifier: MIT */
/*
 * The beginning of a process that runs a plugin's code: it reads what it is to do, and goes on as
 * what it is described to be.
 */
#include "worker/entry.h"

#include "ipc/channel.h"
#include "launch/description.h"
#include "launch/launch.h"
#include "plugin/inspect.h"
#include "plugin/probe.h"
#include "util/exit-code.h"
#include "worker/worker.h"

#include <linux/close_range.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

static int (*const kinds[DESCRIPTION_KIND_MAX])(const struct description *description) = {
	[DESCRIPTION_WORKER] = worker_run,
	[DESCRIPTION_PROBE] = probe_run,
	[DESCRIPTION_SUMMARY] = inspect_run,
	[DESCRIPTION_DESCRIBE] = inspect_run,
};

/* What it was to be is not known: a worker, of which one hears by the channel, or something else. */
static int refuse(const char *error)
{
	channel_send(LAUNCH_CHANNEL, MESSAGE_FAILED, 0, error);
	dprintf(STDERR_FILENO, "%s\n", error);
	return EXIT_CODE_PLUGIN;
}

int entry_main(void)
{
	struct description description;
	char error[SHINY_ERROR_MAX];
	int code;

	/* What a plugin executes gets none of them. */
	close_range(LAUNCH_DESCRIPTION, ~0U, CLOSE_RANGE_CLOEXEC);
	if (description_read(LAUNCH_DESCRIPTION, &description, error) < 0) {
		return refuse(error);
	}
	close(LAUNCH_DESCRIPTION);
	if (description.section != NULL) {
		prctl(PR_SET_NAME, description.section->title); /* for ps and top */
	}
	code = kinds[description.kind](&description);
	if (description.kind != DESCRIPTION_WORKER) {
		_exit(code); /* without the exit handlers of a plugin that was not used */
	}
	description_finish(&description);
	return code;
}
