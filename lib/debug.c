/* SPDX-License-Identifier: MIT */
/*
 * Debugging mode: the checks, and the lines that report what they find.
 */
#include "debug.h"

#include "conn.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUARANTINE	1024  /* slots that wait before one of them gets another owner */
#define FRUITLESS_WAKES 10000 /* so many in a row, in so many seconds, are a spin */
#define FRUITLESS_TICKS (10 * 1000 / SHINY_WHEEL_TICK_MS)
#define GUARD_BYTE	0xa5
#define GUARD_SIZE	64
#define LINE_SIZE	512

static const char *const event_names[SHINY_EVENT_MAX] = {
	[SHINY_EVENT_NONE] = "no event function",
	[SHINY_EVENT_HANDLE] = "handle",
	[SHINY_EVENT_ACCEPT] = "accept",
	[SHINY_EVENT_CLOSED] = "closed",
	[SHINY_EVENT_TICK] = "tick",
	[SHINY_EVENT_COMMIT] = "commit",
};

static void write_line(const char *format, va_list args)
{
	char line[LINE_SIZE] = "libshiny: ";
	size_t used = strlen(line);

	vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	strcat(line, "\n");
	(void)!write(STDERR_FILENO, line, strlen(line));
}

__attribute__((format(printf, 1, 2))) static void warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(format, args);
	va_end(args);
}

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_line(format, args);
	va_end(args);
	abort();
}

static const char *running_event(const struct shiny_conns *conns)
{
	return event_names[conns->options.stats->running];
}

static unsigned long long id_of(const struct shiny_conn *conn)
{
	return (unsigned long long)shiny_conn_id(conn);
}

/* The id of the slot's last connection: the generation is one higher by now. */
static unsigned long long former_id_of(const struct shiny_conn *conn)
{
	return id_of(conn) - ((uint64_t)1 << 32);
}

static struct shiny_debug_slot *slot_of(const struct shiny_conn *conn)
{
	return &conn->conns->debug->slots[conn->slot];
}

int shiny_debug_init(struct shiny_conns *conns)
{
	if (!conns->options.debug) {
		return 0;
	}
	conns->debug = calloc(1, sizeof(*conns->debug));
	return conns->debug ? 0 : -ENOMEM;
}

void shiny_debug_finish(struct shiny_conns *conns)
{
	if (conns->debug) {
		free(conns->debug->slots);
		free(conns->debug);
	}
}

static uintptr_t this_thread(void)
{
	return (uintptr_t)pthread_self();
}

void shiny_debug_begin_run(struct shiny_conns *conns)
{
	if (conns->debug) {
		atomic_store(&conns->debug->thread, this_thread());
	}
}

void shiny_debug_end_run(struct shiny_conns *conns)
{
	if (conns->debug) {
		atomic_store(&conns->debug->thread, 0);
	}
}

void shiny_debug_check_thread(const struct shiny_conns *conns, const char *function)
{
	uintptr_t thread = atomic_load(&conns->debug->thread);

	if (thread && thread != this_thread()) {
		fail("%s() was called by a thread that does not run the server: of other threads "
		     "only shiny_server_wake(), shiny_server_stop() and shiny_server_drain() may "
		     "be called",
		     function);
	}
	if (thread && shiny_owner_is_other(&conns->owner)) {
		fail("%s() was called by a child process that was forked in %s: it must exec or "
		     "_exit",
		     function, running_event(conns));
	}
	if (conns->debug->in_notice) {
		fail("%s() was called by the notice function, which must not call the library",
		     function);
	}
}

void shiny_debug_check_stopped(const struct shiny_conns *conns, const char *function)
{
	if (atomic_load(&conns->debug->thread)) {
		fail("%s() was called while the server runs: call it before shiny_server_run(), or "
		     "after that has returned",
		     function);
	}
}

void shiny_debug_check_conn(const struct shiny_conn *conn, const char *function)
{
	const struct shiny_conns *conns = conn->conns;

	if (conn->phase == CONN_FREE) {
		fail("%s() was called with connection %llu, which has ended: a connection is valid "
		     "until its closed call returns; keep its id, and look for it with "
		     "shiny_server_find()",
		     function, former_id_of(conn));
	}
	if (conn->flags & CONN_NOT_ACCEPTED) {
		fail("%s() was called with connection %llu, which was refused: it is valid until "
		     "accept returns false",
		     function, id_of(conn));
	}
	shiny_debug_check_thread(conns, function);
	if (conns->options.stats->running == SHINY_EVENT_NONE) {
		fail("%s() was called with connection %llu outside of the event functions",
		     function, id_of(conn));
	}
	shiny_debug_check_guard(conn);
}

/* The guard is behind the rest of the reservation, which begins at the end of the buffer. */
static char *guard_of(const struct shiny_buffer *out)
{
	return out->data + out->end + out->reserved;
}

size_t shiny_debug_guarded(size_t len)
{
	return len < SIZE_MAX - GUARD_SIZE ? len + GUARD_SIZE : SIZE_MAX;
}

void shiny_debug_set_guard(struct shiny_conn *conn, size_t len)
{
	conn->out->reserved = len;
	memset(guard_of(conn->out), GUARD_BYTE, GUARD_SIZE);
}

void shiny_debug_check_guard(const struct shiny_conn *conn)
{
	const struct shiny_buffer *out = conn->out;
	const char *guard = out && out->reserved ? guard_of(out) : NULL;

	for (size_t i = 0; guard && i < GUARD_SIZE; i++) {
		if ((unsigned char)guard[i] != GUARD_BYTE) {
			fail("what shiny_reserve() gave for connection %llu was written past, at "
			     "the latest in %s: byte %zu behind it is another one now; reserve as "
			     "much as is written",
			     id_of(conn), running_event(conn->conns), i);
		}
	}
}

void shiny_debug_check_guards(const struct shiny_conns *conns)
{
	for (const struct shiny_conn *conn = conns->first; conn; conn = conn->next) {
		shiny_debug_check_guard(conn);
	}
}

void shiny_debug_fail_produce(const struct shiny_conn *conn, size_t len)
{
	size_t reserved = conn->out ? conn->out->reserved : 0;

	fail("shiny_produce() of %zu bytes for connection %llu in %s, where %zu are left of what "
	     "was reserved: a reservation is gone at the next one, at a write, and when the event "
	     "function returns",
	     len, id_of(conn), running_event(conn->conns), reserved);
}

void shiny_debug_open(struct shiny_conn *conn)
{
	struct shiny_debug *debug = conn->conns->debug;

	if (conn->slot >= debug->slots_size) {
		size_t size = ((size_t)conn->slot + 1) * 2;
		struct shiny_debug_slot *slots = realloc(debug->slots, size * sizeof(*slots));
		if (!slots) {
			fail("no memory for what debugging needs");
		}
		debug->slots = slots;
		debug->slots_size = size;
	}
	conn->flags |= CONN_DEBUG;
	*slot_of(conn) = (struct shiny_debug_slot){ .wakes = 0 };
}

void shiny_debug_recycle(struct shiny_conns *conns, struct shiny_conn *conn)
{
	struct shiny_debug *debug = conns->debug;
	struct shiny_conn *oldest = debug->first;

	if (oldest) {
		debug->last->next = conn;
	} else {
		debug->first = conn;
	}
	conn->next = NULL;
	debug->last = conn;
	if (++debug->count > QUARANTINE) {
		debug->first = oldest->next;
		debug->count--;
		oldest->next = conns->free;
		conns->free = oldest;
	}
}

void shiny_debug_note_wake(const struct shiny_conns *conns, const struct shiny_conn *conn)
{
	if (atomic_load(&conns->debug->thread) == this_thread() &&
	    conns->options.stats->running != SHINY_EVENT_NONE && conn->phase != CONN_FREE) {
		slot_of(conn)->woken_by_handler = true;
	}
}

/* A number that differs once anything has been written to the connection. */
static uint64_t written_so_far(const struct shiny_conn *conn)
{
	return conn->conns->options.stats->bytes_out + shiny_buffer_length(conn->out);
}

static void count_fruitless_wake(const struct shiny_conn *conn, struct shiny_debug_slot *slot)
{
	uint32_t now = conn->conns->wheel.now;

	if (slot->wakes == 0) {
		slot->wakes_since = now;
	}
	if (++slot->wakes < FRUITLESS_WAKES) {
		return;
	}
	if (now - slot->wakes_since < FRUITLESS_TICKS) {
		fail("handle of connection %llu was woken %u times in a row by event functions, "
		     "and "
		     "wrote nothing and got nothing each time: wake it once there is something to "
		     "do",
		     id_of(conn), slot->wakes);
	}
	slot->wakes = 0;
}

bool shiny_debug_call_handle(struct shiny_conn *conn, const char *data, size_t len)
{
	struct shiny_conns *conns = conn->conns;
	struct shiny_debug_slot *slot = slot_of(conn);
	uint64_t written = written_so_far(conn);
	bool by_handler = slot->woken_by_handler;
	bool go_on;

	if (len == 0) {
		slot->woken_by_handler = false;
	}
	go_on = conns->handlers.handle(conn, data, len, conns->ctx);
	if (shiny_owner_is_other(&conns->owner)) {
		return go_on; /* the child ends now */
	}
	shiny_debug_check_guard(conn);
	slot = slot_of(conn);
	if (len == 0 && by_handler && written_so_far(conn) == written) {
		count_fruitless_wake(conn, slot);
	} else {
		slot->wakes = 0;
	}
	return go_on;
}

void shiny_debug_note_hold(const struct shiny_conn *conn)
{
	slot_of(conn)->held_since = conn->conns->wheel.now;
	slot_of(conn)->hold_reported = false;
}

void shiny_debug_fail_release(const struct shiny_conn *conn)
{
	fail("shiny_release() of connection %llu in %s, where no answer is owed: call it once for "
	     "each shiny_hold()",
	     id_of(conn), running_event(conn->conns));
}

static void check_hold(const struct shiny_conn *conn, unsigned most_ms)
{
	struct shiny_debug_slot *slot = slot_of(conn);
	uint32_t ticks = conn->conns->wheel.now - slot->held_since;

	if (!slot->hold_reported && (uint64_t)ticks * SHINY_WHEEL_TICK_MS >= most_ms) {
		slot->hold_reported = true;
		warn("an answer to connection %llu has been owed for %llu ms: call shiny_release() "
		     "once it is given",
		     id_of(conn), (unsigned long long)ticks * SHINY_WHEEL_TICK_MS);
	}
}

void shiny_debug_check_holds(struct shiny_conns *conns)
{
	for (uint32_t i = 0; i < conns->used; i++) {
		const struct shiny_conn *conn = shiny_conns_slot(conns, i);
		if (conn->phase == CONN_OPEN && conn->held) {
			check_hold(conn, conns->options.debug_hold_ms);
		}
	}
}

void shiny_debug_check_drain(struct shiny_conn *conn)
{
	if (conn->phase == CONN_OPEN && conn->held && !conn->in && !conn->out) {
		warn("a drain has waited in vain for connection %llu, to which %u answers are "
		     "owed: "
		     "call shiny_release() once they are given",
		     id_of(conn), conn->held);
	}
}

void shiny_debug_check_end(const struct shiny_conn *conn)
{
	if (conn->held && conn->error == 0 && !(conn->flags & CONN_NOT_ACCEPTED)) {
		warn("connection %llu was closed in order, and %u answers to it were owed: close "
		     "it "
		     "once they are given, or call shiny_release() before",
		     id_of(conn), conn->held);
	}
}
