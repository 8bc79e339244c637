/* SPDX-License-Identifier: MIT */
/*
 * The listening sockets of one section.
 */
#include "sockets.h"

#include "listen-address.h"

#include <glib.h>
#include <shiny.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Clients turned away from one socket before others are looked at. */
#define SHED_BATCH 256

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
		struct place place = setting_place(setting, &server->place);
		struct socket socket;
		int r;

		if (!setting_is(setting, &server_keys[SERVER_LISTEN])) {
			continue;
		}
		r = shiny_bind(setting->text, &options, &socket.fd);
		if (r < 0) {
			problems_add(problems, PROBLEM_BIND, &place, "listen: %s: %s",
				     setting->text, listen_address_explain(r));
			continue;
		}
		socket.path = listen_address_path(setting->text);
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
