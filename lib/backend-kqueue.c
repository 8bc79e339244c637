/* SPDX-License-Identifier: MIT */
/*
 * kqueue(2), level-triggered: the backend for the BSDs and macOS, and for Linux where libkqueue is
 * there.
 *
 * Reading and writing are two filters, so a watch that is ready for both is reported twice. A child
 * process does not inherit the queue.
 */
#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/event.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 512

struct kqueue_poller {
	int fd;
	pid_t pid; /* of the process that opened it: a child does not inherit it */
	struct kevent events[EVENTS_MAX];
};

static int poller_open(void **ret_poller)
{
	struct kqueue_poller *poller = malloc(sizeof(*poller));

	if (!poller) {
		return -ENOMEM;
	}
	poller->pid = getpid();
	poller->fd = kqueue();
	if (poller->fd < 0 || fcntl(poller->fd, F_SETFD, FD_CLOEXEC) < 0) {
		int error = -errno;
		if (poller->fd >= 0) {
			close(poller->fd);
		}
		free(poller);
		return error;
	}
	*ret_poller = poller;
	return 0;
}

static void poller_close(void *p)
{
	struct kqueue_poller *poller = p;

	if (poller->pid == getpid()) {
		close(poller->fd);
	}
	free(poller);
}

static int poller_watch(void *p, struct shiny_watch *watch, unsigned events)
{
	static const struct {
		unsigned event;
		short filter;
	} filters[] = { { SHINY_READ, EVFILT_READ }, { SHINY_WRITE, EVFILT_WRITE } };
	struct kqueue_poller *poller = p;
	struct kevent changes[2];
	int count = 0;

	for (int i = 0; i < 2; i++) {
		unsigned event = filters[i].event;
		if ((events ^ watch->events) & event) {
			EV_SET(&changes[count++], (uintptr_t)watch->fd, filters[i].filter,
			       events & event ? EV_ADD : EV_DELETE, 0, 0, watch);
		}
	}
	if (count && kevent(poller->fd, changes, count, NULL, 0, NULL) < 0) {
		return -errno;
	}
	watch->events = (uint8_t)events;
	return 0;
}

static int poller_wait(void *p, int timeout_ms, struct shiny_ready *ready, int max)
{
	struct kqueue_poller *poller = p;
	struct timespec timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = timeout_ms % 1000 * 1000000L,
	};
	int n = kevent(poller->fd, NULL, 0, poller->events, max < EVENTS_MAX ? max : EVENTS_MAX,
		       &timeout);

	if (n < 0) {
		return errno == EINTR ? 0 : -errno;
	}
	for (int i = 0; i < n; i++) {
		const struct kevent *event = &poller->events[i];
		ready[i].watch = event->udata;
		ready[i].events = event->filter == EVFILT_WRITE ? SHINY_WRITE : SHINY_READ;
		ready[i].error = event->flags & EV_EOF ? (int)event->fflags : 0;
	}
	return n;
}

const struct shiny_backend shiny_backend_kqueue = {
	.name = "kqueue",
	.open = poller_open,
	.close = poller_close,
	.watch = poller_watch,
	.wait = poller_wait,
};
