/* SPDX-License-Identifier: MIT */
/*
 * epoll(7), level-triggered: the backend for Linux.
 */
#include "backend.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MAX 512

struct epoll_poller {
	int fd;
	struct epoll_event events[EVENTS_MAX];
};

static int poller_open(void **ret_poller)
{
	struct epoll_poller *poller = malloc(sizeof(*poller));

	if (!poller) {
		return -ENOMEM;
	}
	poller->fd = epoll_create1(EPOLL_CLOEXEC);
	if (poller->fd < 0) {
		int error = -errno;
		free(poller);
		return error;
	}
	*ret_poller = poller;
	return 0;
}

static void poller_close(void *p)
{
	struct epoll_poller *poller = p;

	close(poller->fd);
	free(poller);
}

static int poller_watch(void *p, struct shiny_watch *watch, unsigned events)
{
	struct epoll_poller *poller = p;
	struct epoll_event event = {
		.events = (events & SHINY_READ ? EPOLLIN : 0) |
			  (events & SHINY_WRITE ? EPOLLOUT : 0) |
			  (events & SHINY_SHARED ? EPOLLEXCLUSIVE : 0),
		.data.ptr = watch,
	};
	int op = !events ? EPOLL_CTL_DEL : watch->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (events == watch->events) {
		return 0;
	}
	if (epoll_ctl(poller->fd, op, watch->fd, &event) < 0) {
		return -errno;
	}
	watch->events = (uint8_t)events;
	return 0;
}

static int poller_wait(void *p, int timeout_ms, struct shiny_ready *ready, int max)
{
	struct epoll_poller *poller = p;
	int n = epoll_wait(poller->fd, poller->events, max < EVENTS_MAX ? max : EVENTS_MAX,
			   timeout_ms);

	if (n < 0) {
		return errno == EINTR ? 0 : -errno;
	}
	for (int i = 0; i < n; i++) {
		struct shiny_watch *watch = poller->events[i].data.ptr;
		unsigned got = poller->events[i].events;

		ready[i].watch = watch;
		ready[i].error = 0;
		ready[i].events =
			(got & EPOLLIN ? SHINY_READ : 0) | (got & EPOLLOUT ? SHINY_WRITE : 0);
		if (got & (EPOLLERR | EPOLLHUP)) {
			ready[i].events |= watch->events & (SHINY_READ | SHINY_WRITE);
		}
	}
	return n;
}

const struct shiny_backend shiny_backend_epoll = {
	.name = "epoll",
	.open = poller_open,
	.close = poller_close,
	.watch = poller_watch,
	.wait = poller_wait,
};
