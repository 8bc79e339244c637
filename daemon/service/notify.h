/* SPDX-License-Identifier: MIT */
/*
 * When the service manager is told what: ready, reloading, stopping, still responsive, and its
 * status text.
 *
 * The supervisor describes its state once a turn; here is decided what of it is news, and when it
 * is due. What the service manager had no room for is sent again with a later turn.
 */
#ifndef SHINYD_NOTIFY_H
#define SHINYD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* The state of the service as a whole. */
struct service_state {
	bool started;	 /* every section has loaded, or failed to */
	bool responsive; /* every loop that should turn does */
	bool stopping;	 /* it was told to stop */
	const char *text;
};

struct notify {
	bool enabled;		   /* there is a service manager that listens */
	bool ready;		   /* READY was taken */
	bool stopping;		   /* STOPPING was taken */
	int64_t reloading_us;	   /* when a reload began, to be sent; 0: sent, or none */
	char *text;		   /* the last STATUS that was taken */
	int64_t status_ms;	   /* when the next STATUS may be sent */
	int64_t extend_ms;	   /* when the next extension of a timeout is due */
	int64_t watchdog_ms;	   /* when WATCHDOG is due next */
	int64_t watchdog_every_ms; /* 0: there is none */
};

void notify_init(struct notify *notify);
void notify_finish(struct notify *notify);

/* notify_extend_timeout() - what begins now may take longer than the service manager waits */
void notify_extend_timeout(void);

/*
 * notify_reloading() - have RELOADING sent with the next turn; the READY after it ends the reload
 *
 * The service manager takes no notice of a reload that began before its signal, not even in the
 * same millisecond: @now_us is read after the signal was seen.
 */
void notify_reloading(struct notify *notify, int64_t now_us);

/* notify_turn() - send what is due */
void notify_turn(struct notify *notify, const struct service_state *state, int64_t now_ms);

/* notify_timeout() - when notify_turn() is due next; INT64_MAX: never */
int64_t notify_timeout(const struct notify *notify);

#endif
