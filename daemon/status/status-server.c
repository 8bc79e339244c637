/* SPDX-License-Identifier: MIT */
/*
 * Connections to the status socket, and what is replied to them.
 *
 * A reply is sent in one call without waiting, into a send buffer that was made large enough; then
 * the connection is closed.
 */
#include "status/status-server.h"

#include "log/log.h"

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a client may take to send its line, which comes right behind its connect(2). */
#define REQUEST_TIMEOUT_MS   1000

#define PROGRESS_INTERVAL_MS 1000

static void close_connection(struct status_connection *connection)
{
	close(connection->fd);
	*connection = (struct status_connection){ 0 };
}

void status_server_finish(struct status_server *server)
{
	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		if (server->all[i].state != STATUS_CONNECTION_NONE) {
			close_connection(&server->all[i]);
		}
	}
}

bool status_server_has(const struct status_server *server, enum status_connection_state state)
{
	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		if (server->all[i].state == state) {
			return true;
		}
	}
	return false;
}

bool status_server_has_room(const struct status_server *server)
{
	return status_server_has(server, STATUS_CONNECTION_NONE);
}

void status_server_add(struct status_server *server, int fd, int64_t now_ms)
{
	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		if (server->all[i].state == STATUS_CONNECTION_NONE) {
			server->all[i] = (struct status_connection){
				.state = STATUS_CONNECTION_READING,
				.fd = fd,
				.due_ms = now_ms + REQUEST_TIMEOUT_MS,
			};
			return;
		}
	}
	close(fd);
}

size_t status_server_watch(const struct status_server *server,
			   struct pollfd ret_fds[STATUS_CONNECTIONS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		if (server->all[i].state == STATUS_CONNECTION_READING) {
			ret_fds[n++] = (struct pollfd){ server->all[i].fd, POLLIN, 0 };
		}
	}
	return n;
}

int64_t status_server_timeout(const struct status_server *server)
{
	int64_t due_ms = INT64_MAX;

	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		if (server->all[i].state != STATUS_CONNECTION_NONE) {
			due_ms = MIN(due_ms, server->all[i].due_ms);
		}
	}
	return due_ms;
}

/* Root may have as much as it likes, others what the system allows. */
static void set_send_buffer(int fd, int size)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	}
}

static void reply(struct status_connection *connection, const char *text)
{
	size_t len = strlen(text) + 1; /* with the mark */
	ssize_t n;

	set_send_buffer(connection->fd, (int)MIN(len, INT_MAX / 2));
	n = send(connection->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0) {
		log_write(SHINY_LOG_DEBUG, "status_socket: %s", strerror(errno));
	} else if ((size_t)n < len) {
		log_write(SHINY_LOG_WARNING,
			  "status_socket: only %zd of the reply's %zu bytes could be sent", n, len);
	}
	close_connection(connection);
}

static void reply_reload(struct status_connection *connection, enum exit_code code,
			 const char *text)
{
	char *whole = g_strdup_printf("%d\n%s", (int)code, text);

	reply(connection, whole);
	g_free(whole);
}

/* Whoever can connect may see the status, as monitoring does; a reload takes more rights. */
static bool may_reload(const struct status_connection *connection)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(connection->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static void request_reload(struct status_connection *connection, int64_t now_ms)
{
	if (may_reload(connection)) {
		connection->state = STATUS_CONNECTION_RELOAD_PENDING;
		connection->due_ms = now_ms + PROGRESS_INTERVAL_MS;
	} else {
		reply_reload(connection, EXIT_CODE_RUNTIME,
			     "only root, and the user whom shinyd runs as, may ask for a reload");
	}
}

static void run_request(struct status_connection *connection, int64_t now_ms)
{
	if (strcmp(connection->request, "status\n") == 0) {
		connection->state = STATUS_CONNECTION_STATUS;
	} else if (strcmp(connection->request, "reload\n") == 0) {
		request_reload(connection, now_ms);
	} else if (strchr(connection->request, '\n') != NULL ||
		   connection->len == sizeof(connection->request) - 1) {
		close_connection(
			connection); /* a request of another version's, or of another program's */
	}
}

static void receive_request(struct status_connection *connection, int64_t now_ms)
{
	ssize_t n = recv(connection->fd, connection->request + connection->len,
			 sizeof(connection->request) - 1 - connection->len, MSG_DONTWAIT);

	if (n > 0) {
		connection->len += (size_t)n;
		run_request(connection, now_ms);
	} else if (n == 0 && connection->len == 0) {
		connection->state = STATUS_CONNECTION_STATUS;
	} else if (n == 0 || now_ms >= connection->due_ms || (errno != EAGAIN && errno != EINTR)) {
		close_connection(connection);
	}
}

static void report_progress(struct status_connection *connection, int64_t now_ms)
{
	if (now_ms < connection->due_ms) {
		return;
	}
	connection->due_ms = now_ms + PROGRESS_INTERVAL_MS;
	if (send(connection->fd, "\n", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
		close_connection(connection);
	}
}

bool status_server_turn(struct status_server *server, int64_t now_ms)
{
	bool reload = false;

	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		struct status_connection *connection = &server->all[i];

		if (connection->state == STATUS_CONNECTION_READING) {
			receive_request(connection, now_ms);
			reload = reload || connection->state == STATUS_CONNECTION_RELOAD_PENDING;
		} else if (connection->state == STATUS_CONNECTION_RELOAD_PENDING ||
			   connection->state == STATUS_CONNECTION_RELOAD_RUNNING) {
			report_progress(connection, now_ms);
		}
	}
	return reload;
}

void status_server_begin_reload(struct status_server *server)
{
	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		if (server->all[i].state == STATUS_CONNECTION_RELOAD_PENDING) {
			server->all[i].state = STATUS_CONNECTION_RELOAD_RUNNING;
		}
	}
}

void status_server_reply_status(struct status_server *server, const char *text)
{
	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		if (server->all[i].state == STATUS_CONNECTION_STATUS) {
			reply(&server->all[i], text);
		}
	}
}

void status_server_reply_reload(struct status_server *server, enum exit_code code, const char *text)
{
	for (size_t i = 0; i < STATUS_CONNECTIONS_MAX; i++) {
		if (server->all[i].state == STATUS_CONNECTION_RELOAD_RUNNING) {
			reply_reload(&server->all[i], code, text);
		}
	}
}
