/* SPDX-License-Identifier: MIT */
/*
 * talkative: says more than it should as it is mapped, as SHINYD_TEST_TALK has it: a line on standard
 * error that looks like one of the log, or text without end to whoever checks it.
 */
#include "ordinary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECKED_BY 4 /* the descriptor behind its description */

__attribute__((constructor)) static void construct(void)
{
	static const char findings[] = "1\t0\tshinyd.ini\tall is lost\n";
	const char *talk = getenv("SHINYD_TEST_TALK");

	if (talk != NULL && strcmp(talk, "without end") == 0) {
		while (write(CHECKED_BY, findings, sizeof(findings) - 1) > 0) {
		}
	}
	fprintf(stderr, "shinyd: [server b] is \033[31mlost\n");
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "talkative",
	.version = "1",
};
