/* SPDX-License-Identifier: MIT */
/*
 * When the service manager is told what: ready, reloading, stopping, still responsive, and its
 * status text.
 *
 * The supervisor describes its state once a turn; here is decided what of it is news, and when it is
 * due. What the service manager had no room for is sent again with a later turn.
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
	bool enabled;		   /* somebody wants to hear any of it */
	bool ready;		   /* READY was taken */
	bool stopping;		   /* so was STOPPING */
	int64_t reloading_us;	   /* a reload began, and it does not know yet; 0: none */
	char *text;		   /* the last STATUS that it took */
	int64_t status_ms;	   /* when the next STATUS may be sent */
	int64_t extend_ms;	   /* when the next extension of a timeout is due */
	int64_t watchdog_ms;	   /* when the watchdog is due to be fed */
	int64_t watchdog_every_ms; /* 0: there is none */
};

void notify_init(struct notify *notify);
void notify_finish(struct notify *notify);

/* notify_extend_timeout() - what begins now may take longer than the service manager waits by itself */
void notify_extend_timeout(void);

/*
 * notify_reloading() - have it told with the next turn; the READY after it ends the reload
 *
 * The service manager takes no notice of a reload that began before its signal, not even in the
 * same millisecond: @now_us is read after the signal was seen.
 */
void notify_reloading(struct notify *notify, int64_t now_us);

/* notify_turn() - tell what is due */
void notify_turn(struct notify *notify, const struct service_state *state, int64_t now_ms);

/* notify_timeout() - when notify_turn() is due next; INT64_MAX: never */
int64_t notify_timeout(const struct notify *notify);

#endif
