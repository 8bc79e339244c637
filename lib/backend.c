/* SPDX-License-Identifier: MIT */
/*
 * The backends of this build, the best one first.
 */
#include "backend.h"

#include <string.h>

static const struct shiny_backend *const backends[] = {
#ifdef SHINY_HAVE_EPOLL
	&shiny_backend_epoll,
#endif
#ifdef SHINY_HAVE_KQUEUE
	&shiny_backend_kqueue,
#endif
	&shiny_backend_poll,
};

const struct shiny_backend *shiny_backend_find(const char *name)
{
	for (size_t i = 0; i < sizeof(backends) / sizeof(*backends); i++) {
		if (!name || strcmp(backends[i]->name, name) == 0) {
			return backends[i];
		}
	}
	return NULL;
}
