/* SPDX-License-Identifier: MIT */
/*
 * Input that a handler gives back: when it comes again, with what, and its limit.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	MB = 1024 * 1024
};

/* Frames of a length (4 bytes, network order) and as many bytes; checks that `want` is exact. */
struct framing {
	size_t wanted; /* by the last call, 0: anything */
	int frames, early;
};

static bool answer_frames(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct framing *framing = ctx;

	g_assert_cmpuint(len, >=, framing->wanted);
	framing->wanted = 0;
	while (len > 0) {
		size_t want = 4;
		uint32_t size;

		if (len >= 4) {
			memcpy(&size, data, 4);
			want = 4 + ntohl(size);
		}
		if (len < want) {
			framing->early++;
			framing->wanted = want;
			return shiny_unread(conn, len, want) == 0;
		}
		g_assert_cmpint(shiny_write(conn, data, want), ==, 0);
		framing->frames++;
		data += want;
		len -= want;
	}
	return true;
}

static char *make_frame(size_t size, uint32_t seed)
{
	char *frame = client_pattern(4 + size, seed);
	uint32_t be = htonl((uint32_t)size);

	memcpy(frame, &be, 4);
	return frame;
}

/* However the frame is cut, the handler sees it at most three times: nothing, a length, all. */
static void want_is_exact(void)
{
	static const size_t cuts[] = { 1, 3, 4, 5, 1000, 65536, 100000, 999999 };
	struct framing framing = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = answer_frames }, NULL, &framing);
	char *frame = make_frame(MB, 1);
	int fd = client_connect(s->address);

	for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
		uint64_t handles = latch_count(&s->handles);

		client_send(fd, frame, cuts[i]);
		latch_await(&s->handles,
			    handles + 1); /* so that the rest comes in a turn of its own */
		client_send(fd, frame + cuts[i], 4 + MB - cuts[i]);
		client_expect_bytes(fd, frame, 4 + MB);
	}
	close(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(framing.frames, ==, G_N_ELEMENTS(cuts));
	g_assert_cmpint(framing.early, <=, 2 * G_N_ELEMENTS(cuts));
	g_free(frame);
	serving_stop(s);
}

/* Whole frames, the end of one and the beginning of the next in one read. */
static void frames_overlap(void)
{
	struct framing framing = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = answer_frames }, NULL, &framing);
	int fd = client_connect(s->address);
	GString *all = g_string_new(NULL);

	for (uint32_t i = 0; i < 300; i++) {
		char *frame = make_frame((i * 37) % 1500, i);

		g_string_append_len(all, frame, (gssize)(4 + (i * 37) % 1500));
		g_free(frame);
	}
	for (size_t at = 0; at < all->len; at += 777) {
		client_send(fd, all->str + at, MIN(777, all->len - at));
	}
	client_expect_bytes(fd, all->str, all->len);
	g_string_free(all, TRUE);
	close(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(framing.frames, ==, 300);
	serving_stop(s);
}

/* Takes one byte a call, and gives the rest back for the next turn. */
static bool nibble(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	g_assert_cmpuint(len, >, 0);
	return shiny_write(conn, data, 1) == 0 && shiny_unread(conn, len - 1, 0) == 0;
}

static void next_turn(void)
{
	struct serving *s = serving_start(&(struct shiny_handlers){ .handle = nibble }, NULL, NULL);
	int fd = client_connect(s->address);

	client_send_text(fd, "one by one");
	client_expect(fd, "one by one");
	g_assert_cmpuint(latch_count(&s->bytes), >=, 10);
	close(fd);
	serving_stop(s);
}

/* Nibbles, with a gate in its first call, and says in the context what it was given each time. */
struct nibbler {
	struct gate gate;
	GString *lengths;
};

static bool nibble_after_gate(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct nibbler *nibbler = ctx;

	if (nibbler->lengths->len == 0) {
		gate_pass(&nibbler->gate);
	}
	g_string_append_printf(nibbler->lengths, "%zu ", len);
	return nibble(conn, data, len, NULL);
}

/* What has arrived meanwhile comes in a call of its own, after all that was given back. */
static void not_read_meanwhile(void)
{
	struct nibbler nibbler = { .lengths = g_string_new(NULL) };
	struct serving *s = serving_start(&(struct shiny_handlers){ .handle = nibble_after_gate },
					  NULL, &nibbler);
	int fd = client_connect(s->address);

	client_send_text(fd, "abc");
	latch_await(&nibbler.gate.entered, 1);
	client_send_text(fd, "def");
	gate_open(&nibbler.gate);
	client_expect(fd, "abcdef");
	close(fd);
	serving_stop(s);
	g_assert_cmpstr(nibbler.lengths->str, ==, "3 2 1 3 2 1 ");
	g_string_free(nibbler.lengths, TRUE);
}

/* Holds everything, for ever. */
struct hoard {
	int calls;
	size_t last;
};

static bool hoard_all(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct hoard *hoard = ctx;

	(void)data;
	hoard->calls++;
	hoard->last = len;
	return shiny_unread(conn, len, 1000) == 0;
}

static void once_more_at_fin(void)
{
	struct hoard hoard = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = hoard_all }, NULL, &hoard);
	int fd = client_connect(s->address);

	client_send_text(fd, "abc");
	latch_await(&s->handles, 1);
	client_send_text(fd, "def");
	client_send_end(fd);
	client_expect_end(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	g_assert_cmpuint(hoard.last, ==, 6);
	g_assert_cmpint(hoard.calls, ==, 2);
	close(fd);
	serving_stop(s);
}

static bool over_limit(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	if (len == 0 || data[0] != 'x') {
		return shiny_write(conn, data, len) == 0;
	}
	g_assert_cmpint(shiny_unread(conn, len + 1, 0), ==, -EINVAL);
	g_assert_cmpint(shiny_unread(conn, len, 100001), ==, -EMSGSIZE);
	g_assert_cmpint(shiny_unread(conn, len, SIZE_MAX), ==, -EMSGSIZE);
	g_assert_cmpint(shiny_unread(conn, len, 100000), ==, 0);
	g_assert_cmpint(shiny_unread(conn, len, 100001), ==, -EMSGSIZE); /* nothing held now */
	return shiny_write(conn, "told", 4) == 0;
}

static bool unread_outside(struct shiny_conn *conn, void *ctx)
{
	(void)ctx;
	g_assert_cmpint(shiny_unread(conn, 1, 1), ==, -EINVAL);
	return true;
}

static void limits(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fd;

	options.max_input = 100000;
	s = serving_start(
		&(struct shiny_handlers){ .handle = over_limit, .accept = unread_outside },
		&options, NULL);
	fd = client_connect(s->address);
	client_send_text(fd, "x");
	client_expect(fd, "told");
	client_send_text(fd, "y");
	client_expect(fd, "y");
	close(fd);
	serving_stop(s);
}

/* Woken while it holds input: the wake is a call of its own, the input stays. */
static bool hold_until_newline(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	uint64_t *id = ctx;

	__atomic_store_n(id, shiny_id(conn), __ATOMIC_RELEASE);
	if (len == 0) {
		return shiny_write(conn, "woken\n", 6) == 0;
	}
	return suite_answer_lines(conn, data, len, NULL);
}

static void woken_meanwhile(void)
{
	uint64_t id = 0;
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = hold_until_newline }, NULL, &id);
	int fd = client_connect(s->address);

	client_send_text(fd, "half ");
	latch_await(&s->handles, 1);
	shiny_server_wake(s->server, __atomic_load_n(&id, __ATOMIC_ACQUIRE));
	client_expect(fd, "woken\n");
	client_send_text(fd, "a line\n");
	client_expect(fd, "half a line\n");
	close(fd);
	serving_stop(s);
}

/* Keeps five bytes, and tells what the connection holds when it is woken, and by which descriptor. */
static bool tell_pending(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	uint64_t *id = ctx;
	char reply[64];

	(void)data;
	__atomic_store_n(id, shiny_id(conn), __ATOMIC_RELEASE);
	if (len > 0) {
		return shiny_unread(conn, len, 5) == 0;
	}
	g_assert_cmpint(fcntl(shiny_fd(conn), F_GETFD), ==, FD_CLOEXEC);
	g_snprintf(reply, sizeof(reply), "%zu\n", shiny_pending(conn));
	return shiny_write(conn, reply, strlen(reply)) == 0;
}

static void pending_told(void)
{
	uint64_t id = 0;
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = tell_pending }, NULL, &id);
	int fd = client_connect(s->address);

	client_send_text(fd, "abc");
	latch_await(&s->handles, 1);
	shiny_server_wake(s->server, __atomic_load_n(&id, __ATOMIC_ACQUIRE));
	client_expect(fd, "3\n");
	close(fd);
	serving_stop(s);
}

void add_unread_tests(void)
{
	harness_add("/unread/want/is-exact", want_is_exact);
	harness_add("/unread/want/frames-that-overlap", frames_overlap);
	harness_add("/unread/no-want/comes-again-without-input", next_turn);
	harness_add("/unread/no-want/reads-nothing-by-itself", not_read_meanwhile);
	harness_add("/unread/fin/comes-once-more-then-is-dropped", once_more_at_fin);
	harness_add("/unread/max-input/is-told-and-nothing-held", limits);
	harness_add("/unread/pending/is-told", pending_told);
	harness_add("/unread/wake/leaves-the-input-held", woken_meanwhile);
}
