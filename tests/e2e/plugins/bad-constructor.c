/* SPDX-License-Identifier: MIT */
/*
 * bad-constructor: crashes as it is mapped, before anything of it can be looked at.
 */
#include "ordinary.h"

#include <signal.h>

__attribute__((constructor)) static void construct(void)
{
	raise(SIGSEGV);
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "bad-constructor",
	.version = "1",
};
