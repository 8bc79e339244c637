/* SPDX-License-Identifier: MIT */
/*
 * What may stand behind "listen =". The library knows what an address is; here are the words for
 * what is none, and the addresses that only shinyd knows (systemd://).
 */
#include "config/listen-address.h"

#include "service/service-manager.h"

#include <errno.h>
#include <glib.h>
#include <shiny-plugin.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	int error;
	const char *text;
} explanations[] = {
	{ EPROTONOSUPPORT,
	  "expected tcp://HOST:PORT, tcp4://, tcp6://, unix:///PATH or systemd://NAME" },
	{ EINVAL, "is no address: expected tcp://HOST:PORT or unix:///PATH" },
	{ EADDRNOTAVAIL, "the host is no address of this machine" },
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

/* The service manager passes no other names, and --dump-config could not print them. */
static bool is_descriptor_name(const char *name)
{
	size_t len = 0;

	while (name[len] >= ' ' && name[len] <= '~' && name[len] != ':') {
		len++;
	}
	return len > 0 && name[len] == '\0';
}

static int check_inherited(const char *address, char *error)
{
	if (!is_descriptor_name(address + strlen(INHERITED))) {
		snprintf(error, SHINY_ERROR_MAX,
			 "expected systemd://NAME, and a NAME as FileDescriptorName takes it: of "
			 "printable ASCII without ':'");
		return -EINVAL;
	}
	if (!service_manager_supported) {
		snprintf(error, SHINY_ERROR_MAX, "%.100s: this shinyd was built without systemd",
			 address);
		return -EPROTONOSUPPORT;
	}
	return 0;
}

static bool is_port(const char *text)
{
	return *text != '\0' && strlen(text) <= strlen("65535") &&
	       text[strspn(text, "0123456789")] == '\0' && atoi(text) <= 65535;
}

/* Why the library refuses @address, if the text tells more than the errno does. */
static const char *explain_text(const char *address, int error)
{
	bool tcp = g_str_has_prefix(address, "tcp");
	const char *host =
		strstr(address, "://") + strlen("://"); /* the library knows the scheme */
	const char *colon = strrchr(host, ':');

	if (tcp && error == -EADDRNOTAVAIL) {
		return "expected a numeric host, for names are not resolved; without one, as in "
		       "tcp://:80, it is every address";
	}
	if (tcp && error == -EINVAL && *host != '[' && colon != strchr(host, ':')) {
		return "an IPv6 host needs brackets, as in tcp://[::1]:80";
	}
	if (tcp && error == -EINVAL && (colon == NULL || !is_port(colon + 1))) {
		return "expected a port behind the host's ':'; the port is 0 to 65535";
	}
	return listen_address_explain(error);
}

/* Nobody means to have "://" in a path. */
static bool is_several(const char *address)
{
	const char *host = strstr(address, "://");

	return host != NULL && (strstr(host + strlen("://"), "://") != NULL ||
				(g_str_has_prefix(address, "tcp") && strpbrk(host, ", ") != NULL));
}

int listen_address_check(const char *address, char *error)
{
	int r;

	if (is_several(address)) {
		snprintf(error, SHINY_ERROR_MAX,
			 "%.100s: this is more than one address; each takes a line of its own",
			 address);
		return -EINVAL;
	}
	if (listen_address_inherited(address) != NULL) {
		return check_inherited(address, error);
	}
	r = shiny_address_check(address);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "%.100s: %s", address,
			 r == -EPROTONOSUPPORT ? listen_address_explain(r)
					       : explain_text(address, r));
	}
	return r;
}

bool listen_address_same(const char *left, const char *right)
{
	return strcmp(left, right) == 0 || shiny_address_same(left, right);
}

bool listen_address_conflicts(const char *left, const char *right)
{
	return shiny_address_conflicts(left, right);
}

bool listen_address_has_dynamic_port(const char *address)
{
	return g_str_has_prefix(address, "tcp") && g_str_has_suffix(address, ":0");
}

const char *listen_address_path(const char *address)
{
	return g_str_has_prefix(address, "unix:///") ? address + strlen("unix://") : NULL;
}
