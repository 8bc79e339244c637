/* SPDX-License-Identifier: MIT */
/*
 * What may stand behind "listen =". The library knows what an address is; here are the words for it.
 */
#include "listen-address.h"

#include "service-manager.h"

#include <errno.h>
#include <glib.h>
#include <shiny-plugin.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int error;
	const char *text;
} explanations[] = {
	{ EPROTONOSUPPORT,
	  "expected tcp://HOST:PORT, tcp4://, tcp6://, unix:///PATH or systemd://NAME" },
	{ EINVAL, "is no address: expected tcp://HOST:PORT or unix:///PATH" },
	{ EADDRNOTAVAIL, "the host is no numeric address of this machine" },
	{ EADDRINUSE, "the address is in use" },
	{ ENAMETOOLONG, "the path is longer than 107 bytes" },
	{ EACCES, "permission denied" },
};

const char *listen_address_explain(int error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(explanations); i++) {
		if (explanations[i].error == -error) {
			return explanations[i].text;
		}
	}
	return strerror(-error);
}

#define INHERITED "systemd://"

const char *listen_address_inherited(const char *address)
{
	return g_str_has_prefix(address, INHERITED) ? address + strlen(INHERITED) : NULL;
}

static int check_inherited(const char *address, char *error)
{
	if (address[strlen(INHERITED)] == '\0') {
		snprintf(error, SHINY_ERROR_MAX, "expected systemd://NAME");
		return -EINVAL;
	}
	if (!service_manager_supported) {
		snprintf(error, SHINY_ERROR_MAX, "%.100s: this shinyd was built without systemd",
			 address);
		return -EPROTONOSUPPORT;
	}
	return 0;
}

int listen_address_check(const char *address, char *error)
{
	int r;

	if (listen_address_inherited(address) != NULL) {
		return check_inherited(address, error);
	}
	r = shiny_address_check(address);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "%.100s: %s", address, listen_address_explain(r));
	}
	return r;
}

const char *listen_address_path(const char *address)
{
	return g_str_has_prefix(address, "unix:///") ? address + strlen("unix://") : NULL;
}
