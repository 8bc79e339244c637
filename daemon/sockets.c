/* SPDX-License-Identifier: MIT */
/*
 * The listening sockets of one section.
 */
#include "sockets.h"

#include <errno.h>
#include <glib.h>
#include <shiny.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Clients turned away from one socket before others are looked at. */
#define SHED_BATCH 256

static const struct {
	int error;
	const char *text;
} bind_errors[] = {
	{ EINVAL, "is no address: expected tcp://HOST:PORT or unix:///PATH" },
	{ EADDRNOTAVAIL, "the host is no numeric address of this machine" },
	{ EADDRINUSE, "the address is in use" },
	{ ENAMETOOLONG, "the path is longer than 107 bytes" },
	{ EACCES, "permission denied" },
};

static const char *explain(int error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(bind_errors); i++) {
		if (bind_errors[i].error == error) {
			return bind_errors[i].text;
		}
	}
	return strerror(error);
}

/* The file of a unix socket that is not in the abstract namespace; NULL for any other address. */
static const char *socket_path(const char *address)
{
	return g_str_has_prefix(address, "unix:///") ? address + strlen("unix://") : NULL;
}

static struct shiny_options bind_options(const struct config_section *server)
{
	const struct shiny_value *values = server->values;
	const char *mode = values[SERVER_UNIX_MODE].text;
	struct shiny_options options = SHINY_OPTIONS;

	options.backlog = (unsigned)values[SERVER_BACKLOG].number;
	options.unix_mode = mode != NULL ? (unsigned)strtoul(mode, NULL, 8) : 0;
	options.reuse_port = (unsigned)values[SERVER_REUSE_PORT].number;
	return options;
}

void sockets_bind(const struct config_section *server, struct problems *problems,
		  struct sockets *ret_sockets)
{
	struct shiny_options options = bind_options(server);
	struct sockets sockets = { .all = g_new(struct socket, server->settings.count) };

	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];
		struct place place = server->place;
		struct socket socket;
		int r;

		if (!setting_is(setting, &server_keys[SERVER_LISTEN])) {
			continue;
		}
		r = shiny_bind(setting->text, &options, &socket.fd);
		if (r < 0) {
			place.line = setting->line;
			problems_add(problems, PROBLEM_BIND, &place, "listen: %s: %s",
				     setting->text, explain(-r));
			continue;
		}
		socket.path = socket_path(setting->text);
		sockets.all[sockets.count++] = socket;
	}
	*ret_sockets = sockets;
}

void sockets_finish(struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++) {
		const struct socket *socket = &sockets->all[i];

		if (socket->path != NULL) {
			unlink(socket->path);
		}
		if (socket->fd >= 0) {
			close(socket->fd);
		}
	}
	g_free(sockets->all);
	*sockets = (struct sockets){ 0 };
}

void sockets_shed(const struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++) {
		for (unsigned n = 0; n < SHED_BATCH; n++) {
			int fd = accept4(sockets->all[i].fd, NULL, NULL, SOCK_CLOEXEC);

			if (fd < 0) {
				break;
			}
			close(fd);
		}
	}
}
