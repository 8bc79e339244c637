/* SPDX-License-Identifier: MIT */
/*
 * When the service manager is told what.
 *
 * What it had no room for is said again: it may be busy, or start itself anew.
 */
#include "service/notify.h"

#include "service/service-manager.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

#define TELL_EVERY_MS	1000
#define EXTEND_EVERY_MS 5000
#define EXTENSION_US	"20000000"

static bool tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Whether it was taken. */
static bool tell(const char *format, ...)
{
	va_list args;
	char *state;
	int r;

	va_start(args, format);
	state = g_strdup_vprintf(format, args);
	va_end(args);
	r = service_manager_tell(state);
	g_free(state);
	return r == 0;
}

void notify_init(struct notify *notify)
{
	*notify = (struct notify){
		.listens = service_manager_listens(),
		.feed_every_ms = service_manager_watchdog_ms() / 2,
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
	notify->patience_ms = 0;
}

static void tell_stopping(struct notify *notify)
{
	if (!notify->stopping) {
		notify->patience_ms = 0;
		notify->stopping = tell("STOPPING=1");
	}
}

static void tell_reloading(struct notify *notify)
{
	if (notify->reloading_us != 0 &&
	    tell("RELOADING=1\nMONOTONIC_USEC=%" PRId64, notify->reloading_us)) {
		notify->reloading_us = 0;
	}
}

static void note_told(struct notify *notify, const char *text)
{
	g_free(notify->text);
	notify->text = g_strdup(text);
}

static void tell_ready(struct notify *notify, const char *text)
{
	if (!notify->ready && notify->reloading_us == 0) {
		notify->ready = tell("READY=1\nSTATUS=%s", text);
		if (notify->ready) {
			note_told(notify, text);
		}
	}
}

static void tell_state(struct notify *notify, const struct condition *condition)
{
	if (condition->stopping) {
		tell_stopping(notify);
		return;
	}
	tell_reloading(notify);
	if (condition->settled) {
		tell_ready(notify, condition->text);
	}
}

static void tell_text(struct notify *notify, const char *text, int64_t now_ms)
{
	if (now_ms < notify->tell_ms) {
		return;
	}
	if (g_strcmp0(text, notify->text) != 0 && tell("STATUS=%s", text)) {
		note_told(notify, text);
	}
	notify->tell_ms = now_ms + TELL_EVERY_MS;
}

void notify_patience(void)
{
	tell("EXTEND_TIMEOUT_USEC=" EXTENSION_US);
}

/* A plugin that loads a large file takes longer than the service manager waits by itself. */
static void ask_for_patience(struct notify *notify, int64_t now_ms)
{
	if ((!notify->ready || notify->stopping) && now_ms >= notify->patience_ms) {
		notify_patience();
		notify->patience_ms = now_ms + EXTEND_EVERY_MS;
	}
}

static void feed(struct notify *notify, bool turning, int64_t now_ms)
{
	bool fed;

	if (notify->feed_every_ms == 0 || now_ms < notify->feed_ms) {
		return;
	}
	fed = turning && tell("WATCHDOG=1");
	notify->feed_ms =
		now_ms + (fed ? notify->feed_every_ms : MIN(notify->feed_every_ms, TELL_EVERY_MS));
}

void notify_turn(struct notify *notify, const struct condition *condition, int64_t now_ms)
{
	if (notify->listens) {
		tell_state(notify, condition);
		ask_for_patience(notify, now_ms);
		tell_text(notify, condition->text, now_ms);
		feed(notify, condition->turning, now_ms);
	}
}

int64_t notify_timeout(const struct notify *notify)
{
	int64_t timeout_ms = notify->tell_ms;

	if (!notify->listens) {
		return INT64_MAX;
	}
	return notify->feed_every_ms > 0 ? MIN(timeout_ms, notify->feed_ms) : timeout_ms;
}
