/* SPDX-License-Identifier: MIT */
/*
 * slow-constructor: says that it is being mapped, by a file named as SHINYD_TEST_GATE says with
 * ".entered" behind it, and waits for the file without.
 */
#include "ordinary.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void construct(void)
{
	const char *gate = getenv("SHINYD_TEST_GATE");
	char entered[4096];

	if (gate == NULL) {
		return;
	}
	snprintf(entered, sizeof(entered), "%s.entered", gate);
	close(open(entered, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	while (access(gate, F_OK) < 0) {
		usleep(10000);
	}
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "slow-constructor",
	.version = "1",
};
