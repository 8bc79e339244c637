/* SPDX-License-Identifier: MIT */
/*
 * Those who ask at the status socket.
 */
#include "status/askers.h"

#include "log/log.h"

#include <errno.h>
#include <glib.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS \
	1000 /* with one that says nothing: its line comes right behind its connect(2) */
#define AT_IT_MS 1000

static void leave(struct asker *asker)
{
	close(asker->fd);
	*asker = (struct asker){ 0 };
}

void askers_finish(struct askers *askers)
{
	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (askers->all[i].state != ASKER_NONE) {
			leave(&askers->all[i]);
		}
	}
}

bool askers_want(const struct askers *askers, enum asker_state state)
{
	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (askers->all[i].state == state) {
			return true;
		}
	}
	return false;
}

bool askers_have_room(const struct askers *askers)
{
	return askers_want(askers, ASKER_NONE);
}

void askers_add(struct askers *askers, int fd, int64_t now_ms)
{
	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (askers->all[i].state == ASKER_NONE) {
			askers->all[i] = (struct asker){
				.state = ASKER_SILENT,
				.fd = fd,
				.due_ms = now_ms + PATIENCE_MS,
			};
			return;
		}
	}
	close(fd);
}

size_t askers_watch(const struct askers *askers, struct pollfd ret_fds[ASKERS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (askers->all[i].state == ASKER_SILENT) {
			ret_fds[n++] = (struct pollfd){ askers->all[i].fd, POLLIN, 0 };
		}
	}
	return n;
}

int64_t askers_timeout(const struct askers *askers)
{
	int64_t due_ms = INT64_MAX;

	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (askers->all[i].state != ASKER_NONE) {
			due_ms = MIN(due_ms, askers->all[i].due_ms);
		}
	}
	return due_ms;
}

/* Root may have as much as it likes, others what the system allows. */
static void make_room(int fd, int size)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	}
}

static void answer(struct asker *asker, const char *text)
{
	size_t len = strlen(text) + 1; /* with the mark */
	ssize_t n;

	make_room(asker->fd, (int)MIN(len, INT_MAX / 2));
	n = send(asker->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0) {
		log_write(SHINY_LOG_DEBUG, "status_socket: %s", strerror(errno));
	} else if ((size_t)n < len) {
		log_write(SHINY_LOG_WARNING,
			  "status_socket: there was room for %zd of the answer's %zu bytes", n,
			  len);
	}
	leave(asker);
}

static void answer_reload(struct asker *asker, enum exit_code code, const char *text)
{
	char *whole = g_strdup_printf("%d\n%s", (int)code, text);

	answer(asker, whole);
	g_free(whole);
}

/* Whoever can connect may see the status: an operator may give the socket to those who monitor. */
static bool may_reload(const struct asker *asker)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(asker->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static void ask_for_reload(struct asker *asker, int64_t now_ms)
{
	if (may_reload(asker)) {
		asker->state = ASKER_RELOAD;
		asker->due_ms = now_ms + AT_IT_MS;
	} else {
		answer_reload(asker, EXIT_CODE_RUNTIME,
			      "only root, and the user whom shinyd runs as, may ask for a reload");
	}
}

static void run_request(struct asker *asker, int64_t now_ms)
{
	if (strcmp(asker->request, "status\n") == 0) {
		asker->state = ASKER_STATUS;
	} else if (strcmp(asker->request, "reload\n") == 0) {
		ask_for_reload(asker, now_ms);
	} else if (strchr(asker->request, '\n') != NULL ||
		   asker->len == sizeof(asker->request) - 1) {
		leave(asker); /* a request of another version's, or of another program's */
	}
}

static void receive_request(struct asker *asker, int64_t now_ms)
{
	ssize_t n = recv(asker->fd, asker->request + asker->len,
			 sizeof(asker->request) - 1 - asker->len, MSG_DONTWAIT);

	if (n > 0) {
		asker->len += (size_t)n;
		run_request(asker, now_ms);
	} else if (n == 0 && asker->len == 0) {
		asker->state = ASKER_STATUS;
	} else if (n == 0 || now_ms >= asker->due_ms || (errno != EAGAIN && errno != EINTR)) {
		leave(asker);
	}
}

static void report_progress(struct asker *asker, int64_t now_ms)
{
	if (now_ms < asker->due_ms) {
		return;
	}
	asker->due_ms = now_ms + AT_IT_MS;
	if (send(asker->fd, "\n", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
		leave(asker);
	}
}

bool askers_turn(struct askers *askers, int64_t now_ms)
{
	bool reload = false;

	for (size_t i = 0; i < ASKERS_MAX; i++) {
		struct asker *asker = &askers->all[i];

		if (asker->state == ASKER_SILENT) {
			receive_request(asker, now_ms);
			reload = reload || asker->state == ASKER_RELOAD;
		} else if (asker->state == ASKER_RELOAD || asker->state == ASKER_FOLLOWS) {
			report_progress(asker, now_ms);
		}
	}
	return reload;
}

void askers_follow(struct askers *askers)
{
	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (askers->all[i].state == ASKER_RELOAD) {
			askers->all[i].state = ASKER_FOLLOWS;
		}
	}
}

void askers_tell_status(struct askers *askers, const char *text)
{
	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (askers->all[i].state == ASKER_STATUS) {
			answer(&askers->all[i], text);
		}
	}
}

void askers_tell_reload(struct askers *askers, enum exit_code code, const char *text)
{
	for (size_t i = 0; i < ASKERS_MAX; i++) {
		if (askers->all[i].state == ASKER_FOLLOWS) {
			answer_reload(&askers->all[i], code, text);
		}
	}
}
