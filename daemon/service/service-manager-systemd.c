/* SPDX-License-Identifier: MIT */
/*
 * The service manager's messages and sockets, through libsystemd.
 *
 * Messages are not sent by sd_notify(3): it waits for a service manager that does not read, and the
 * process that watches all workers must not wait.
 *
 * The library is loaded where a service manager has passed something to be read, and nowhere else: it
 * brings half a dozen others along, for which each worker would pay as it starts.
 */
#include "service/service-manager.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

const bool service_manager_supported = true;

/* The library's function of that name, into *@ret_function; false if there is none. */
static bool find_function(const char *name, void *ret_function)
{
	void *library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
	void *symbol = library != NULL ? dlsym(library, name) : NULL;

	/* POSIX has functions fit into pointers to objects, and ISO C has no such conversion. */
	memcpy(ret_function, &symbol, sizeof(symbol));
	return symbol != NULL;
}

void service_manager_take_sockets(struct inherited *ret)
{
	int (*listen_fds_with_names)(int unset_environment, char ***names);
	char **names = NULL;

	*ret = (struct inherited){ 0 };
	if (getenv("LISTEN_FDS") != NULL &&
	    find_function("sd_listen_fds_with_names", &listen_fds_with_names) &&
	    listen_fds_with_names(1, &names) > 0) {
		ret->names = names;
	}
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
	int (*watchdog_enabled)(int unset_environment, uint64_t *us);
	uint64_t us = 0;

	if (getenv("WATCHDOG_USEC") == NULL ||
	    !find_function("sd_watchdog_enabled", &watchdog_enabled) ||
	    watchdog_enabled(0, &us) <= 0) {
		return 0;
	}
	return (int64_t)(us / 1000);
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
