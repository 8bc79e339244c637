/* SPDX-License-Identifier: MIT */
/*
 * When the service manager is told what.
 */
#include "notify.h"

#include "service-manager.h"

#include <glib.h>
#include <inttypes.h>
#include <string.h>

#define TELL_EVERY_MS	1000
#define EXTEND_EVERY_MS 5000
#define EXTENSION_US	"20000000"

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...)
{
	va_list args;
	char *state;

	va_start(args, format);
	state = g_strdup_vprintf(format, args);
	va_end(args);
	service_manager_tell(state);
	g_free(state);
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
	if (notify->listens) {
		tell("RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_us);
		notify->ready = false;
		notify->patience_ms = 0;
	}
}

static void tell_state(struct notify *notify, const struct condition *condition)
{
	if (condition->stopping && !notify->stopping) {
		notify->stopping = true;
		notify->patience_ms = 0;
		tell("STOPPING=1");
	}
	if (condition->settled && !notify->ready && !notify->stopping) {
		notify->ready = true;
		tell("READY=1\nSTATUS=%s", condition->text);
	}
}

static void tell_text(struct notify *notify, const char *text, int64_t now_ms)
{
	if (now_ms >= notify->tell_ms && g_strcmp0(text, notify->text) != 0) {
		tell("STATUS=%s", text);
		g_free(notify->text);
		notify->text = g_strdup(text);
	}
	if (now_ms >= notify->tell_ms) {
		notify->tell_ms = now_ms + TELL_EVERY_MS;
	}
}

/* A plugin that loads a large file takes longer than the service manager waits by itself. */
static void ask_for_patience(struct notify *notify, int64_t now_ms)
{
	if ((!notify->ready || notify->stopping) && now_ms >= notify->patience_ms) {
		tell("EXTEND_TIMEOUT_USEC=" EXTENSION_US);
		notify->patience_ms = now_ms + EXTEND_EVERY_MS;
	}
}

static void feed(struct notify *notify, bool turning, int64_t now_ms)
{
	if (notify->feed_every_ms > 0 && turning && now_ms >= notify->feed_ms) {
		tell("WATCHDOG=1");
		notify->feed_ms = now_ms + notify->feed_every_ms;
	}
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
