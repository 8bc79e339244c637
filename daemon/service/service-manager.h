/* SPDX-License-Identifier: MIT */
/*
 * The service manager that started shinyd: sockets that it passes, and messages to it.
 *
 * This is the wire only; notify.h decides what is sent, and when. Meson chooses between
 * service-manager-systemd.c and, in a build without libsystemd, service-manager-none.c.
 */
#ifndef SHINYD_SERVICE_MANAGER_H
#define SHINYD_SERVICE_MANAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether systemd:// addresses can work at all. */
extern const bool service_manager_supported;

/* Listening sockets that were inherited, as descriptors from 3 on. */
struct inherited {
	char **names; /* of LISTEN_FDNAMES, in the order of the descriptors; ends with NULL */
};

/*
 * service_manager_take_sockets() - what the environment says of inherited sockets
 *
 * Takes it out of the environment. To be called before any descriptor is opened.
 *
 * Owner:   *@ret is the caller's, for service_manager_finish(); the descriptors stay open.
 */
void service_manager_take_sockets(struct inherited *ret);
void service_manager_finish(struct inherited *inherited);

/* service_manager_socket() - the first descriptor of that name from @from on; -1: there is none */
int service_manager_socket(const struct inherited *inherited, const char *name, int from);

/* service_manager_is_there() - whether it wants to be told anything */
bool service_manager_is_there(void);

/* service_manager_watchdog_ms() - how long it bears silence; 0: for ever */
int64_t service_manager_watchdog_ms(void);

/*
 * service_manager_send() - lines as sd_notify(3) takes them, without waiting
 *
 * Returns: 0; -errno if they were not taken: -EAGAIN where it has not read what it was told before.
 */
int service_manager_send(const char *state);

#endif
