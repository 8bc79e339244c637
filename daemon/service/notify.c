/* SPDX-License-Identifier: MIT */
/*
 * When the service manager is told what: one function a message, called in their order each turn.
 */
#include "service/notify.h"

#include "service/service-manager.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

#define STATUS_EVERY_MS 1000
#define EXTEND_EVERY_MS 5000
#define EXTENSION_US	"20000000"

static bool send_state(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Returns whether the service manager had room for it. */
static bool send_state(const char *format, ...)
{
	va_list args;
	char *state;
	int r;

	va_start(args, format);
	state = g_strdup_vprintf(format, args);
	va_end(args);
	r = service_manager_send(state);
	g_free(state);
	return r == 0;
}

void notify_init(struct notify *notify)
{
	*notify = (struct notify){
		.enabled = service_manager_is_there(),
		.watchdog_every_ms = service_manager_watchdog_ms() / 2,
	};
}

void notify_finish(struct notify *notify)
{
	g_free(notify->text);
	*notify = (struct notify){ 0 };
}

void notify_reloading(struct notify *notify, int64_t now_us)
{
	notify->reloading_us = now_us;
	notify->ready = false;
	notify->extend_ms = 0;
}

static void send_stopping(struct notify *notify)
{
	if (!notify->stopping) {
		notify->extend_ms = 0;
		notify->stopping = send_state("STOPPING=1");
	}
}

static void send_reloading(struct notify *notify)
{
	if (notify->reloading_us != 0 &&
	    send_state("RELOADING=1\nMONOTONIC_USEC=%" PRId64, notify->reloading_us)) {
		notify->reloading_us = 0;
	}
}

static void set_sent_text(struct notify *notify, const char *text)
{
	g_free(notify->text);
	notify->text = g_strdup(text);
}

static void send_ready(struct notify *notify, const char *text)
{
	if (!notify->ready && notify->reloading_us == 0) {
		notify->ready = send_state("READY=1\nSTATUS=%s", text);
		if (notify->ready) {
			set_sent_text(notify, text);
		}
	}
}

static void send_changes(struct notify *notify, const struct service_state *state)
{
	if (state->stopping) {
		send_stopping(notify);
		return;
	}
	send_reloading(notify);
	if (state->started) {
		send_ready(notify, state->text);
	}
}

static void send_text(struct notify *notify, const char *text, int64_t now_ms)
{
	if (now_ms < notify->status_ms) {
		return;
	}
	if (g_strcmp0(text, notify->text) != 0 && send_state("STATUS=%s", text)) {
		set_sent_text(notify, text);
	}
	notify->status_ms = now_ms + STATUS_EVERY_MS;
}

void notify_extend_timeout(void)
{
	send_state("EXTEND_TIMEOUT_USEC=" EXTENSION_US);
}

/* A plugin that loads a large file takes longer than the service manager waits by default. */
static void extend_timeout(struct notify *notify, int64_t now_ms)
{
	if ((!notify->ready || notify->stopping) && now_ms >= notify->extend_ms) {
		notify_extend_timeout();
		notify->extend_ms = now_ms + EXTEND_EVERY_MS;
	}
}

static void ping_watchdog(struct notify *notify, bool responsive, int64_t now_ms)
{
	bool sent;

	if (notify->watchdog_every_ms == 0 || now_ms < notify->watchdog_ms) {
		return;
	}
	sent = responsive && send_state("WATCHDOG=1");
	notify->watchdog_ms = now_ms + (sent ? notify->watchdog_every_ms
					     : MIN(notify->watchdog_every_ms, STATUS_EVERY_MS));
}

void notify_turn(struct notify *notify, const struct service_state *state, int64_t now_ms)
{
	if (notify->enabled) {
		send_changes(notify, state);
		extend_timeout(notify, now_ms);
		send_text(notify, state->text, now_ms);
		ping_watchdog(notify, state->responsive, now_ms);
	}
}

int64_t notify_timeout(const struct notify *notify)
{
	int64_t timeout_ms = notify->status_ms;

	if (!notify->enabled) {
		return INT64_MAX;
	}
	return notify->watchdog_every_ms > 0 ? MIN(timeout_ms, notify->watchdog_ms) : timeout_ms;
}
