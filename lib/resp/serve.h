/* SPDX-License-Identifier: MIT */
/*
 * What shiny_resp_create() makes, for serve.c and for the commands in connection.c.
 */
#ifndef SHINY_RESP_SERVE_H
#define SHINY_RESP_SERVE_H

#include "shiny-resp-inline.h"

struct shiny_resp {
	struct shiny_resp_index index;
	struct shiny_resp_options options;
	struct shiny_resp_limits limits;
	struct shiny_resp_arg *args;
	char *text; /* of quoted inline arguments */
};

#endif
