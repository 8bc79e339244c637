/* SPDX-License-Identifier: MIT */
/*
 * In a build without libsystemd there is no service manager to talk to.
 */
#include "service/service-manager.h"

#include <errno.h>

const bool service_manager_supported = false;

void service_manager_take_sockets(struct inherited *ret)
{
	*ret = (struct inherited){ 0 };
}

void service_manager_finish(struct inherited *inherited)
{
	(void)inherited;
}

int service_manager_socket(const struct inherited *inherited, const char *name, int from)
{
	(void)inherited;
	(void)name;
	(void)from;
	return -1;
}

bool service_manager_is_there(void)
{
	return false;
}

int64_t service_manager_watchdog_ms(void)
{
	return 0;
}

int service_manager_send(const char *state)
{
	(void)state;
	return -ENOTCONN;
}
