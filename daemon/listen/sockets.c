/* SPDX-License-Identifier: MIT */
/*
 * The listening sockets of one section: shared objects with a count of holders.
 */
#include "listen/sockets.h"

#include "config/listen-address.h"
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <shiny.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

/* How many clients of one socket are shed before the next one has its turn. */
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

static void add_holder(struct sockets *sockets, struct socket *socket)
{
	socket->holders++;
	sockets->all = g_renew(struct socket *, sockets->all, sockets->count + 1);
	sockets->all[sockets->count++] = socket;
}

static void add_socket(struct sockets *sockets, int fd, const char *address, bool inherited)
{
	struct socket *socket = g_new0(struct socket, 1);

	socket->fd = fd;
	socket->address = g_strdup(address);
	socket->inherited = inherited;
	socket_file_init(listen_address_path(address), &socket->file);
	add_holder(sockets, socket);
}

static bool is_among(const struct sockets *sockets, const struct socket *socket)
{
	for (size_t i = 0; i < sockets->count; i++) {
		if (sockets->all[i] == socket) {
			return true;
		}
	}
	return false;
}

/* Finds one that @taken does not have yet: several may have a chosen port, or share one. */
static struct socket *find_socket(const struct sockets *sockets, const char *address,
				  const struct sockets *taken)
{
	for (size_t i = 0; i < sockets->count; i++) {
		struct socket *socket = sockets->all[i];

		if (listen_address_same(socket->address, address) && !is_among(taken, socket)) {
			return socket;
		}
	}
	return NULL;
}

bool sockets_have(const struct sockets *sockets, const char *address)
{
	static const struct sockets none;

	return find_socket(sockets, address, &none) != NULL;
}

/* Keeps a socket that some section holds at the address; returns whether there is one. */
static bool reuse_held(const char *address, const struct sockets *const held[],
		       struct sockets *sockets)
{
	size_t most = listen_address_has_dynamic_port(address) ? 1 : SIZE_MAX;
	struct socket *found = NULL;

	for (size_t i = 0; i < most && held[i] != NULL && found == NULL; i++) {
		found = find_socket(held[i], address, sockets);
	}
	if (found != NULL) {
		add_holder(sockets, found);
	}
	return found != NULL;
}

static void bind_address(const struct config_section *server, const struct setting *setting,
			 struct problems *problems, struct sockets *sockets)
{
	const struct shiny_options options = bind_options(server);
	const struct source_location location = setting_location(setting, &server->location);
	int fd, r;

	r = shiny_bind(setting->text, &options, &fd);
	if (r < 0) {
		problems_add(problems, PROBLEM_BIND, &location, "listen: %s: %s", setting->text,
			     listen_address_explain(r));
		return;
	}
	add_socket(sockets, fd, setting->text, false);
}

static bool is_listening(int fd)
{
	int type = 0, listening = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_STREAM &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening != 0;
}

/* One name may have several sockets. The originals stay open for later sections. */
static void add_inherited(const struct config_section *server, const struct setting *setting,
			  const struct inherited *inherited, struct problems *problems,
			  struct sockets *sockets)
{
	const struct source_location location = setting_location(setting, &server->location);
	const char *name = listen_address_inherited(setting->text);
	int fd = service_manager_socket(inherited, name, 0);

	if (fd < 0) {
		problems_add(problems, PROBLEM_BIND, &location,
			     "listen: the service manager passed no socket named '%s'", name);
	}
	for (; fd >= 0; fd = service_manager_socket(inherited, name, fd + 1)) {
		int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

		if (copy >= 0 && is_listening(copy)) {
			fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
			add_socket(sockets, copy, setting->text, true);
			continue;
		}
		problems_add(problems, PROBLEM_BIND, &location,
			     "listen: '%s' of the service manager is no listening stream socket",
			     name);
		if (copy >= 0) {
			close(copy);
		}
	}
}

void sockets_bind(const struct config_section *server, const struct privileges *privileges,
		  const struct inherited *inherited, const struct sockets *const held[],
		  struct problems *problems, struct sockets *ret_sockets)
{
	struct sockets sockets = { 0 };

	privileges_set_file_group(privileges);
	for (size_t i = 0; i < server->settings.count; i++) {
		const struct setting *setting = &server->settings.all[i];

		if (!setting_is(setting, &server_keys[SERVER_LISTEN])) {
			continue;
		}
		if (listen_address_inherited(setting->text) != NULL) {
			add_inherited(server, setting, inherited, problems, &sockets);
		} else if (!reuse_held(setting->text, held, &sockets)) {
			bind_address(server, setting, problems, &sockets);
		}
	}
	privileges_set_file_group(NULL);
	*ret_sockets = sockets;
}

static void set_mode(const struct socket *socket, const struct config_section *server, mode_t mode)
{
	int r = mode != 0 ? socket_file_set_mode(&socket->file, mode) : 0;

	if (r < 0) {
		log_write(SHINY_LOG_WARNING, "[%s] unix_mode: cannot change %s: %s", server->title,
			  socket->file.path,
			  r == -ESTALE ? "another file is there by now" : strerror(-r));
	}
}

void sockets_configure(const struct sockets *sockets, const struct config_section *server)
{
	const struct shiny_options options = bind_options(server);
	const int reuse_port = options.reuse_port != 0;

	for (size_t i = 0; i < sockets->count; i++) {
		const struct socket *socket = sockets->all[i];

		if (socket->inherited) {
			continue;
		}
		listen(socket->fd, (int)options.backlog);
		setsockopt(socket->fd, SOL_SOCKET, SO_REUSEPORT, &reuse_port, sizeof(reuse_port));
		set_mode(socket, server, options.unix_mode);
	}
}

/*
 * A worker that drains has the socket open for as long as that takes. Without shutdown(2) clients
 * would wait there for somebody to accept them, and the address would be in use.
 */
static void release_socket(struct socket *socket)
{
	if (--socket->holders > 0) {
		return;
	}
	socket_file_finish(&socket->file);
	if (socket->fd >= 0 && !socket->inherited) {
		shutdown(socket->fd, SHUT_RD);
	}
	if (socket->fd >= 0) {
		close(socket->fd);
	}
	g_free(socket->address);
	g_free(socket);
}

void sockets_finish(struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++) {
		release_socket(sockets->all[i]);
	}
	g_free(sockets->all);
	*sockets = (struct sockets){ 0 };
}

/* Returns 1; 0 if no client waits; -errno. */
static int shed_one(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return 1;
	}
	return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM ? -errno
											 : 0;
}

int sockets_shed(const struct sockets *sockets, unsigned *ret_shed)
{
	unsigned shed = 0;
	int r = 0;

	for (size_t i = 0; i < sockets->count && r >= 0; i++) {
		unsigned n = 0;

		while (n < SHED_BATCH && (r = shed_one(sockets->all[i]->fd)) > 0) {
			n++;
		}
		shed += n;
	}
	*ret_shed = shed;
	return MIN(r, 0);
}
