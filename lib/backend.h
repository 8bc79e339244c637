/* SPDX-License-Identifier: MIT */
/*
 * Waiting for descriptors: a table of four functions that epoll, kqueue and poll each implement.
 *
 * All are level-triggered. What is watched embeds a struct shiny_watch, and a wait reports its
 * address. The backend keeps nothing but that address, so the caller stops watching before the
 * structure moves or its descriptor is closed. (An epoll set continues to report a closed
 * descriptor of which a child process has a copy.) Called by loop.c, listeners.c, conns.c and
 * conn.c.
 */
#ifndef SHINY_BACKEND_H
#define SHINY_BACKEND_H

#include <stddef.h>
#include <stdint.h>

enum shiny_watch_events {
	SHINY_READ = 1 << 0,
	SHINY_WRITE = 1 << 1,
	SHINY_SHARED =
		1 << 2, /* of a listening socket that several processes watch: wake one of them */
};

/* What a watch is part of: it decides what the loop does with its events. */
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
	int error;	 /* positive errno, if the backend has taken the socket's error from recv */
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
