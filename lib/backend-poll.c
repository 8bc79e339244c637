/* SPDX-License-Identifier: MIT */
/*
 * poll(2): the backend that every system has.
 *
 * The watched descriptors fill the front of an array, in no order; places[fd] is the index of each.
 * A wait that finds more descriptors than it may report continues after them at the next wait, so
 * that low places do not starve high ones.
 */
#include "backend.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

struct poll_poller {
	struct pollfd *fds;
	struct shiny_watch **watches; /* beside fds */
	size_t count, size;
	uint32_t *places; /* by descriptor */
	size_t places_size;
	size_t next; /* where the next wait begins to look */
};

static int poller_open(void **ret_poller)
{
	struct poll_poller *poller = calloc(1, sizeof(*poller));

	if (!poller) {
		return -ENOMEM;
	}
	*ret_poller = poller;
	return 0;
}

static void poller_close(void *p)
{
	struct poll_poller *poller = p;

	free(poller->fds);
	free(poller->watches);
	free(poller->places);
	free(poller);
}

/* Makes room in *@array for @need elements of @width bytes, and half as many more. */
static int grow(void *array, size_t *size, size_t need, size_t width)
{
	void **at = array;
	size_t new_size = need + need / 2;
	void *grown = realloc(*at, new_size * width);

	if (!grown) {
		return -ENOMEM;
	}
	*at = grown;
	*size = new_size;
	return 0;
}

static int add(struct poll_poller *poller, struct shiny_watch *watch)
{
	size_t fd = (size_t)watch->fd;
	size_t old_size = poller->size;

	if (poller->count == poller->size) {
		size_t size = old_size;
		if (grow(&poller->fds, &size, old_size + 16, sizeof(*poller->fds)) < 0 ||
		    grow(&poller->watches, &poller->size, old_size + 16, sizeof(*poller->watches)) <
			    0) {
			return -ENOMEM;
		}
	}
	if (fd >= poller->places_size &&
	    grow(&poller->places, &poller->places_size, fd + 1, sizeof(*poller->places)) < 0) {
		return -ENOMEM;
	}
	poller->places[fd] = (uint32_t)poller->count;
	poller->watches[poller->count] = watch;
	poller->fds[poller->count] = (struct pollfd){ .fd = watch->fd };
	poller->count++;
	return 0;
}

static void drop(struct poll_poller *poller, size_t place)
{
	size_t last = --poller->count;

	poller->fds[place] = poller->fds[last];
	poller->watches[place] = poller->watches[last];
	poller->places[poller->fds[place].fd] = (uint32_t)place;
}

static int poller_watch(void *p, struct shiny_watch *watch, unsigned events)
{
	struct poll_poller *poller = p;

	if (events == watch->events) {
		return 0;
	}
	if (!watch->events) {
		int error = add(poller, watch);
		if (error < 0) {
			return error;
		}
	}
	if (events) {
		poller->fds[poller->places[watch->fd]].events =
			(short)((events & SHINY_READ ? POLLIN : 0) |
				(events & SHINY_WRITE ? POLLOUT : 0));
	} else {
		drop(poller, poller->places[watch->fd]);
	}
	watch->events = (uint8_t)events;
	return 0;
}

static unsigned events_of(short got, const struct shiny_watch *watch)
{
	unsigned events = (got & POLLIN ? SHINY_READ : 0) | (got & POLLOUT ? SHINY_WRITE : 0);

	if (got & (POLLERR | POLLHUP | POLLNVAL)) {
		events |= watch->events & (SHINY_READ | SHINY_WRITE);
	}
	return events;
}

static int poller_wait(void *p, int timeout_ms, struct shiny_ready *ready, int max)
{
	struct poll_poller *poller = p;
	int left = poll(poller->fds, poller->count, timeout_ms);
	int n = 0;

	if (left < 0) {
		return errno == EINTR ? 0 : -errno;
	}
	size_t place = poller->next < poller->count ? poller->next : 0;
	for (size_t seen = 0; seen < poller->count && left > 0 && n < max; seen++) {
		if (poller->fds[place].revents) {
			ready[n].watch = poller->watches[place];
			ready[n].error = 0;
			ready[n].events = events_of(poller->fds[place].revents, ready[n].watch);
			n++;
			left--;
		}
		if (++place == poller->count) {
			place = 0;
		}
	}
	poller->next = place;
	return n;
}

const struct shiny_backend shiny_backend_poll = {
	.name = "poll",
	.open = poller_open,
	.close = poller_close,
	.watch = poller_watch,
	.wait = poller_wait,
};
