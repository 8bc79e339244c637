/* SPDX-License-Identifier: MIT */
/*
 * Waiting for descriptors: the small vtable behind which epoll, kqueue and poll are alike.
 *
 * All are level-triggered. Who wants to wait embeds a struct shiny_watch and gets its address back;
 * a backend keeps nothing else of it, so it must be unwatched before it moves, goes or its
 * descriptor is closed (an epoll set goes on reporting a closed descriptor of which a forked child
 * has a copy).
 */
#ifndef SHINY_BACKEND_H
#define SHINY_BACKEND_H

#include <stddef.h>
#include <stdint.h>

enum shiny_watch_events {
	SHINY_READ = 1 << 0,
	SHINY_WRITE = 1 << 1,
	SHINY_SHARED =
		1 << 2, /* a listening socket that several processes watch: wake one of them */
};

/* Whose a watch is: what the loop does with its events. */
enum shiny_watch_kind {
	SHINY_WATCH_CONN,
	SHINY_WATCH_LISTENER,
	SHINY_WATCH_WAKEUP,
	SHINY_WATCH_SIBLINGS,
};

struct shiny_watch {
	int fd;
	uint8_t kind;	/* enum shiny_watch_kind */
	uint8_t events; /* watched now; written by the backend only */
};

struct shiny_ready {
	struct shiny_watch *watch;
	unsigned events; /* SHINY_READ, SHINY_WRITE; errors and hang-ups as what is watched */
	int error; /* positive errno, where asking took the socket's error so that recv will not tell */
};

struct shiny_backend {
	const char *name;
	int (*open)(void **ret_poller);
	void (*close)(void *poller);

	/*
	 * Watches for @events from now on; 0 for none at all. Returns 0 or -errno, then nothing has
	 * changed.
	 */
	int (*watch)(void *poller, struct shiny_watch *watch, unsigned events);

	/*
	 * Waits up to @timeout_ms, fills up to @max; returns how many, 0 also when a signal came,
	 * or -errno.
	 */
	int (*wait)(void *poller, int timeout_ms, struct shiny_ready *ready, int max);
};

extern const struct shiny_backend shiny_backend_epoll;
extern const struct shiny_backend shiny_backend_kqueue;
extern const struct shiny_backend shiny_backend_poll;

/* The backend of that name, the best one for NULL; NULL if it is not built in. */
const struct shiny_backend *shiny_backend_find(const char *name);

#endif
