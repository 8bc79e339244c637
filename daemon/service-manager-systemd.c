/* SPDX-License-Identifier: MIT */
/*
 * What shinyd and the service manager say to each other, through libsystemd.
 */
#include "service-manager.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

const bool service_manager_supported = true;

void service_manager_take_sockets(struct inherited *ret)
{
	char **names = NULL;

	*ret = (struct inherited){ sd_listen_fds_with_names(1, &names) > 0 ? names : NULL };
}

void service_manager_finish(struct inherited *inherited)
{
	for (size_t i = 0; inherited->names != NULL && inherited->names[i] != NULL; i++) {
		free(inherited->names[i]);
	}
	free(inherited->names);
	*inherited = (struct inherited){ 0 };
}

int service_manager_socket(const struct inherited *inherited, const char *name, int from)
{
	for (int i = 0; inherited->names != NULL && inherited->names[i] != NULL; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (fd >= from && strcmp(inherited->names[i], name) == 0) {
			return fd;
		}
	}
	return -1;
}

bool service_manager_listens(void)
{
	return getenv("NOTIFY_SOCKET") != NULL;
}

int64_t service_manager_watchdog_ms(void)
{
	uint64_t us = 0;

	return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 1000) : 0;
}

void service_manager_tell(const char *state)
{
	sd_notify(0, state);
}

void service_manager_leave(void)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}
