/* SPDX-License-Identifier: MIT */
/*
 * Output of a connection: queued, limited and sent.
 */
#include "output.h"

#include "notice.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS: descriptor-fcntl.c sets SO_NOSIGPIPE instead */
#endif

#define COLD __attribute__((noinline, cold))

/* The socket gets a write of so many bytes before the rest is copied. */
#define DIRECT_SIZE ((size_t)16 * 1024)

size_t shiny_unsent(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return shiny_buffer_length(conn->out);
}

bool shiny_output_is_congested(const struct shiny_conn *conn)
{
	return shiny_buffer_length(conn->out) > conn->conns->options.high_water;
}

bool shiny_congested(const struct shiny_conn *conn)
{
	shiny_conn_check(conn, __func__);
	return shiny_output_is_congested(conn);
}

static void end_with_reset(struct shiny_conn *conn, int error)
{
	conn->flags |= CONN_RESET;
	shiny_conn_end(conn, error);
}

static int fail_write(struct shiny_conn *conn, int error)
{
	shiny_notice_conn(conn, SHINY_NOTICE_OUTPUT, error);
	end_with_reset(conn, error);
	return -error;
}

/* Gives an open connection a buffer for its output. */
static int take_buffer(struct shiny_conn *conn)
{
	struct shiny_conns *conns = conn->conns;

	conn->out = shiny_buffer_take(&conns->pool);
	if (!conn->out) {
		return fail_write(conn, ENOMEM);
	}
	conn->progress = conns->wheel.now;
	return 0;
}

static int ensure_buffer(struct shiny_conn *conn)
{
	return conn->out ? 0 : take_buffer(conn);
}

/*
 * A connection that has a buffer, even an empty one, is flushed when the dispatch or the turn ends.
 */
static void list_for_flush(struct shiny_conn *conn)
{
	struct shiny_conns *conns = conn->conns;

	if (conn != conns->current || conns->options.commit) {
		shiny_conns_list(conns, conn);
	}
}

static bool is_full(const struct shiny_conn *conn)
{
	size_t unsent = shiny_buffer_length(conn->out);

	return unsent >= conn->conns->options.max_output && unsent >= conn->out->allowed;
}

/* Inlined where it is called often, whatever debugging mode adds. */
__attribute__((always_inline)) static inline int reserve(struct shiny_conn *conn, size_t len,
							 char **ret_room)
{
	int error;

	if (conn->phase != CONN_OPEN) {
		return -EPIPE;
	}
	if (conn->out && is_full(conn)) {
		return fail_write(conn, ENOBUFS);
	}
	error = ensure_buffer(conn);
	if (error < 0) {
		return error;
	}
	if (shiny_buffer_reserve(conn->out, len) < 0) {
		return fail_write(conn, ENOMEM);
	}
	list_for_flush(conn);
	conn->out->reserved = len;
	*ret_room = conn->out->data + conn->out->end;
	return 0;
}

int shiny_allow_output(struct shiny_conn *conn, size_t most)
{
	int error;

	shiny_conn_check(conn, __func__);
	if (conn->phase != CONN_OPEN) {
		return -EPIPE;
	}
	error = ensure_buffer(conn);
	if (error < 0) {
		return error;
	}
	if (conn->out->allowed < most) {
		conn->out->allowed = most;
	}
	list_for_flush(conn);
	return 0;
}

/* In debugging mode. */
COLD static char *reserve_guarded(struct shiny_conn *conn, size_t len)
{
	char *room;

	shiny_debug_check_conn(conn, "shiny_reserve");
	if (reserve(conn, shiny_debug_guarded(len), &room) < 0) {
		return NULL;
	}
	shiny_debug_set_guard(conn, len);
	return room;
}

char *shiny_reserve(struct shiny_conn *conn, size_t len)
{
	char *room;

	if (__builtin_expect(conn->flags & CONN_DEBUG, 0)) {
		return reserve_guarded(conn, len);
	}
	return reserve(conn, len, &room) == 0 ? room : NULL;
}

/* Bytes that the handler has not written may belong to another client. */
COLD static void refuse_produce(struct shiny_conn *conn, size_t len)
{
	if (conn->phase != CONN_OPEN) {
		return; /* the reservation failed, as the connection is ending */
	}
	if (conn->flags & CONN_DEBUG) {
		shiny_debug_fail_produce(conn, len);
	}
	shiny_notice_conn(conn, SHINY_NOTICE_PRODUCE, EINVAL);
	end_with_reset(conn, EINVAL);
}

static void produce(struct shiny_conn *conn, size_t len)
{
	struct shiny_buffer *out = conn->out;

	if (len > (out ? out->reserved : 0)) {
		refuse_produce(conn, len);
		return;
	}
	if (!len) {
		return;
	}
	out->reserved -= len;
	out->end += len;
	if (conn->conns->options.commit) {
		conn->flags |= CONN_UNCOMMITTED;
	}
}

COLD static void produce_checked(struct shiny_conn *conn, size_t len)
{
	shiny_debug_check_conn(conn, "shiny_produce");
	produce(conn, len);
}

void shiny_produce(struct shiny_conn *conn, size_t len)
{
	if (__builtin_expect(conn->flags & CONN_DEBUG, 0)) {
		produce_checked(conn, len);
		return;
	}
	produce(conn, len);
}

/* Returns how many bytes the socket took, or -errno. */
static ssize_t send_some(struct shiny_conn *conn, const char *data, size_t len)
{
	struct shiny_conns *conns = conn->conns;
	ssize_t n = send(conn->watch.fd, data, len, MSG_NOSIGNAL);

	shiny_count(&conns->options.stats->writes, 1);
	if (n < 0) {
		bool later = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
		return later ? 0 : errno == EPIPE ? -ECONNRESET : -errno;
	}
	shiny_count(&conns->options.stats->bytes_out, (uint64_t)n);
	if (n > 0) {
		conn->active = conn->progress = conns->wheel.now;
	}
	return n;
}

int shiny_write(struct shiny_conn *conn, const void *data, size_t len)
{
	const char *bytes = data;
	char *room;
	int error;

	shiny_conn_check(conn, __func__);
	if (len >= DIRECT_SIZE && conn->phase == CONN_OPEN && !conn->out &&
	    !conn->conns->options.commit) {
		ssize_t n = send_some(conn, bytes, len);
		if (n < 0) {
			shiny_conn_end(conn, (int)-n);
			return -EPIPE;
		}
		bytes += n;
		len -= (size_t)n;
	}
	error = reserve(conn, len, &room);
	if (error < 0) {
		return error;
	}
	if (len) {
		memcpy(room, bytes, len);
	}
	produce(conn, len);
	return 0;
}

void shiny_output_apply_water_marks(struct shiny_conn *conn)
{
	const struct shiny_options *options = &conn->conns->options;
	size_t unsent = shiny_buffer_length(conn->out);

	if (conn->out) {
		conn->out->reserved = 0;
	}
	if (unsent > options->high_water && !(conn->flags & CONN_CONGESTED)) {
		conn->flags |= CONN_CONGESTED;
		shiny_count(&options->stats->pauses, 1);
	} else if (unsent < options->low_water || !unsent) {
		conn->flags &= (uint16_t)~CONN_CONGESTED;
		if (conn->out) {
			conn->out->allowed = 0;
		}
	}
}

void shiny_output_flush(struct shiny_conn *conn)
{
	struct shiny_conns *conns = conn->conns;
	struct shiny_buffer *out = conn->out;
	size_t unsent = shiny_buffer_length(out);

	if (unsent) {
		ssize_t n = send_some(conn, out->data + out->start, unsent);
		if (n < 0) {
			shiny_conn_end(conn, (int)-n);
			return;
		}
		out->start += (size_t)n;
		unsent -= (size_t)n;
	}
	if (unsent) {
		conn->flags |= CONN_BLOCKED;
	} else {
		if (conn->flags & CONN_BLOCKED) {
			conn->flags &= (uint16_t)~CONN_BLOCKED;
			shiny_conn_retry_input(conn);
		}
		shiny_buffer_give(&conns->pool, &conn->out);
	}
	shiny_output_apply_water_marks(conn);
}

void shiny_output_writable(struct shiny_conn *conn)
{
	if (conn->phase == CONN_DEAD) {
		return;
	}
	if (conn->flags & CONN_UNCOMMITTED) {
		/* It is listed already, and sent after the commit. */
		conn->flags &= (uint16_t)~CONN_BLOCKED;
		shiny_conn_retry_input(conn);
		return;
	}
	shiny_output_flush(conn);
	shiny_conn_update(conn);
}

void shiny_output_drop_uncommitted(struct shiny_conn *conn)
{
	if (conn->flags & CONN_UNCOMMITTED) {
		end_with_reset(conn, EIO);
	}
}
