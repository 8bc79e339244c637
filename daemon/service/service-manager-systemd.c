/* SPDX-License-Identifier: MIT */
/*
 * The service manager's messages and sockets, through libsystemd.
 *
 * Messages are not sent by sd_notify(3): it waits for a service manager that does not read, and the
 * process that watches all workers must not wait.
 */
#include "service/service-manager.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

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

/* A vsock address leads to the host of a virtual machine, and is not for a service. */
bool service_manager_is_there(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	return name != NULL && (*name == '/' || *name == '@');
}

int64_t service_manager_watchdog_ms(void)
{
	uint64_t us = 0;

	return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 1000) : 0;
}

/* Returns the length of the address; 0 if there is no service manager. */
static socklen_t notify_address(struct sockaddr_un *ret)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t len = service_manager_is_there() ? strlen(name) : 0;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (len == 0 || len > sizeof(ret->sun_path)) {
		return 0;
	}
	memcpy(ret->sun_path, name, len);
	if (*name == '@') {
		*ret->sun_path = '\0'; /* Linux's abstract namespace */
	}
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

int service_manager_send(const char *state)
{
	struct sockaddr_un address;
	socklen_t len = notify_address(&address);
	int fd = len > 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	int r = 0;

	if (fd < 0) {
		return len > 0 ? -errno : -ENOTCONN;
	}
	if (sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
		   (struct sockaddr *)&address, len) < 0) {
		r = -errno;
	}
	close(fd);
	return r;
}
