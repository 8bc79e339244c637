/* SPDX-License-Identifier: MIT */
/*
 * A handler that takes nothing of its input: it is called again when something has happened, and
 * never by itself.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

enum {
	KB = 1024,
	MB = 1024 * 1024
};

/* What a handler under test was given, and what it gave back with. */
struct reader {
	size_t want; /* of shiny_unread(); NEED_MORE: by shiny_need_more() */
	gint calls;  /* atomic: with data, of connections that do not only echo */
	gint wakes;  /* atomic */
	uint64_t id; /* of the latest that gave all back */
	struct latch given_back;
};

#define NEED_MORE SIZE_MAX

static bool give_back(struct shiny_conn *conn, size_t len, struct reader *reader)
{
	int error = reader->want == NEED_MORE ? shiny_need_more(conn)
					      : shiny_unread(conn, len, reader->want);

	reader->id = shiny_id(conn);
	latch_add(&reader->given_back, 1);
	return error == 0;
}

/* Echoes whole lines, and what begins with a dot; the likeliest mistake is a want of 0 here. */
static bool read_line(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct reader *reader = ctx;

	if (len == 0) {
		g_atomic_int_inc(&reader->wakes);
		return true;
	}
	if (data[0] == '.') {
		return shiny_write(conn, data, len) == 0;
	}
	g_atomic_int_inc(&reader->calls);
	if (!memchr(data, '\n', len)) {
		return give_back(conn, len, reader);
	}
	return shiny_write(conn, data, len) == 0;
}

/* So many turns go by in which whoever calls itself is called. */
static void let_turns_pass(struct serving *s)
{
	int fd = client_connect(s->address);

	for (int i = 0; i < 20; i++) {
		client_send_text(fd, ".");
		client_expect(fd, ".");
	}
	close(fd);
}

static void rests(size_t want)
{
	struct reader reader = { .want = want };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = read_line }, NULL, &reader);
	int fd = client_connect(s->address);

	client_send_text(fd, "half");
	latch_await(&reader.given_back, 1);
	let_turns_pass(s);
	g_assert_cmpint(g_atomic_int_get(&reader.calls), ==, 1);
	client_send_text(fd, " a li");
	latch_await(&reader.given_back, 2);
	client_send_text(fd, "ne\n");
	client_expect(fd, "half a line\n");
	g_assert_cmpint(g_atomic_int_get(&reader.calls), ==, 3);

	/* At the FIN once more, and no more. */
	client_send_text(fd, "no line");
	latch_await(&reader.given_back, 3);
	client_send_end(fd);
	client_expect_end(fd);
	latch_await(&s->closes, 1);
	g_assert_cmpint(serving_last_error(s), ==, 0);
	g_assert_cmpint(g_atomic_int_get(&reader.calls), ==, 5);
	close(fd);
	serving_stop(s);
}

static void rests_without_a_want(void)
{
	rests(0);
}

static void rests_for_what_is_there(void)
{
	rests(1);
}

static void rests_for_more(void)
{
	rests(NEED_MORE);
}

/* The loop of docs/plugin-guide.md: what is left of the data, not all of it, is given back. */
static bool take_lines(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct latch *given_back = ctx;
	const char *end;

	while (len > 0 && !shiny_congested(conn)) {
		end = memchr(data, '\n', len);
		if (!end) {
			latch_add(given_back, 1);
			return shiny_unread(conn, len, len + 1) == 0;
		}
		if (shiny_write(conn, data, (size_t)(end + 1 - data)) < 0) {
			return false;
		}
		len -= (size_t)(end + 1 - data);
		data = end + 1;
	}
	return shiny_unread(conn, len, 0) == 0;
}

static void lines_run_once(void)
{
	struct latch given_back = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = take_lines }, NULL, &given_back);
	int fd = client_connect(s->address);

	client_send_text(fd, "a\nb\nha");
	client_expect(fd, "a\nb\n");
	latch_await(&given_back, 1);
	client_send_text(fd, "lf");
	latch_await(&given_back, 2);
	client_send_text(fd, " a line\nc\n");
	client_expect(fd, "half a line\nc\n");
	client_send_end(fd);
	client_expect_end(fd);
	close(fd);
	serving_stop(s);
}

/* Takes the first line of its data, and says that it needs more: the trap that shiny.h tells of. */
static bool need_more_after_a_line(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	const char *end = memchr(data, '\n', len);

	(void)ctx;
	return shiny_write(conn, data, (size_t)(end + 1 - data)) == 0 && shiny_need_more(conn) == 0;
}

static void keeps_all(void)
{
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = need_more_after_a_line }, NULL, NULL);
	int fd = client_connect(s->address);

	client_send_text(fd, "a\nha");
	client_expect(fd, "a\n");
	client_send_text(fd, "lf");
	client_expect(fd, "a\n");
	close(fd);
	serving_stop(s);
}

static int commit_nothing(void *ctx)
{
	(void)ctx;
	return 0;
}

static void rests_with_a_commit(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct reader reader = { 0 };
	struct serving *s;
	int fd;

	options.commit = commit_nothing;
	s = serving_start(&(struct shiny_handlers){ .handle = read_line }, &options, &reader);
	fd = client_connect(s->address);
	client_send_text(fd, "half");
	latch_await(&reader.given_back, 1);
	let_turns_pass(s);
	g_assert_cmpint(g_atomic_int_get(&reader.calls), ==, 1);
	client_send_text(fd, " a line\n");
	client_expect(fd, "half a line\n");
	close(fd);
	serving_stop(s);
}

/* Writes something each time, but takes nothing. */
static bool prompt(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct reader *reader = ctx;

	if (data[0] == '.') {
		return shiny_write(conn, data, len) == 0;
	}
	g_atomic_int_inc(&reader->calls);
	return shiny_write(conn, "?", 1) == 0 && give_back(conn, len, reader);
}

static void written_is_not_taken(void)
{
	struct reader reader = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = prompt }, NULL, &reader);
	int fd = client_connect(s->address);

	client_send_text(fd, "x");
	client_expect(fd, "?");
	let_turns_pass(s);
	g_assert_cmpint(g_atomic_int_get(&reader.calls), ==, 1);
	close(fd);
	serving_stop(s);
}

static void limits(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct reader reader = { .want = NEED_MORE };
	struct serving *s;
	int fd;

	options.max_input = 4;
	s = serving_start(&(struct shiny_handlers){ .handle = read_line }, &options, &reader);
	fd = client_connect(s->address);
	client_send_text(fd, "abc");
	latch_await(&reader.given_back, 1);
	client_send_text(fd, "d"); /* a fifth byte could not be held */
	client_expect_end(fd);
	close(fd);
	serving_stop(s);
}

static bool need_more_in_accept(struct shiny_conn *conn, void *ctx)
{
	(void)ctx;
	g_assert_cmpint(shiny_need_more(conn), ==, -EINVAL);
	return true;
}

static void outside(void)
{
	struct reader reader = { 0 };
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = read_line, .accept = need_more_in_accept },
		NULL, &reader);

	client_exchange(s->address, ".x", ".x");
	serving_stop(s);
}

static void woken(void)
{
	struct reader reader = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = read_line }, NULL, &reader);
	int fd = client_connect(s->address);

	client_send_text(fd, "half");
	latch_await(&reader.given_back, 1);
	for (uint64_t i = 1; i <= 3; i++) {
		shiny_server_wake(s->server, reader.id);
		latch_await(&reader.given_back, 1 + i);
		g_assert_cmpint(g_atomic_int_get(&reader.wakes), ==, i);
	}
	let_turns_pass(s);
	g_assert_cmpint(g_atomic_int_get(&reader.calls), ==, 4);

	/* Who waits for bytes is woken without them. */
	reader.want = NEED_MORE;
	shiny_server_wake(s->server, reader.id);
	latch_await(&reader.given_back, 5);
	shiny_server_wake(s->server, reader.id);
	let_turns_pass(s);
	g_assert_cmpint(g_atomic_int_get(&reader.wakes), ==, 5);
	g_assert_cmpint(g_atomic_int_get(&reader.calls), ==, 5);
	close(fd);
	serving_stop(s);
}

/* Takes nothing in so many calls, and wakes itself meanwhile; then answers. */
static bool wake_itself(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct reader *reader = ctx;

	if (len > 0 && g_atomic_int_add(&reader->calls, 1) < 9) {
		shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
		return shiny_unread(conn, len, 0) == 0;
	}
	return shiny_write(conn, data, len) == 0;
}

/* Also when the peer has sent its FIN, which must not take the input away. */
static void wakes_itself(void)
{
	struct reader reader = { 0 };
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = wake_itself }, NULL, &reader);
	int fd = client_connect(s->address);

	client_send_text(fd, "in the end");
	client_send_end(fd);
	client_expect(fd, "in the end");
	client_expect_end(fd);
	g_assert_cmpint(g_atomic_int_get(&reader.calls), ==, 10);
	close(fd);
	serving_stop(s);
}

/*
 * Gives all back as long as an answer is owed. "h" holds the connection and "p" pauses it instead;
 * a second connection's "r" ends that.
 */
struct debt {
	uint64_t id;
	bool owed, held;
	struct latch owes, read;
};

static bool owe(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct debt *debt = ctx;
	struct shiny_conn *debtor = shiny_server_find(shiny_server_of(conn), debt->id);

	if (data[0] == 'r') {
		debt->owed = false;
		debt->held ? shiny_release(debtor) : shiny_resume(debtor);
		return shiny_write(conn, data, len) == 0;
	}
	latch_add(&debt->read, 1);
	if (data[0] == 'h' || data[0] == 'p') {
		debt->id = shiny_id(conn);
		debt->owed = true;
		debt->held = data[0] == 'h';
		debt->held ? (void)shiny_hold(conn) : shiny_pause(conn);
		latch_add(&debt->owes, 1);
		return shiny_unread(conn, len - 1, 0) == 0;
	}
	return debt->owed ? shiny_unread(conn, len, 0) == 0 : shiny_write(conn, data, len) == 0;
}

static void answers_once_it_may(const char *request)
{
	struct debt debt = { 0 };
	struct serving *s = serving_start(&(struct shiny_handlers){ .handle = owe }, NULL, &debt);
	int fd = client_connect(s->address);

	client_send_text(fd, request);
	client_send_end(fd);
	latch_await(&debt.owes, 1);
	client_exchange(s->address, "r", "r");
	client_expect(fd, request + 1);
	client_expect_end(fd);
	g_assert_cmpuint(latch_count(&debt.read), <=, 4);
	close(fd);
	serving_stop(s);
}

static void released(void)
{
	answers_once_it_may("held");
}

static void resumed(void)
{
	answers_once_it_may("paused");
}

/* A reply of some size to each byte, but none while any of the one before is unsent. */
static bool one_at_a_time(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	static const char reply[MB / 4];

	(void)data;
	(void)ctx;
	if (len == 0) {
		return true;
	}
	if (shiny_unsent(conn) > 0) {
		return shiny_unread(conn, len, 0) == 0;
	}
	return shiny_write(conn, reply, sizeof(reply)) == 0 && shiny_unread(conn, len - 1, 0) == 0;
}

/* The replies fit below high_water, so that the handler is not congested. */
static void output_has_left(int (*commit)(void *ctx), bool fin)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	char *zeros = g_malloc0(8 * MB / 4);
	int fd;

	options.commit = commit;
	options.high_water = MB;
	options.low_water = MB / 2;
	s = serving_start(&(struct shiny_handlers){ .handle = one_at_a_time }, &options, NULL);
	fd = client_connect_narrow(s->address, 16 * KB);
	client_send_text(fd, "12345678");
	if (fin) {
		client_send_end(fd);
	}
	client_expect_bytes(fd, zeros, 8 * MB / 4);
	if (!fin) {
		client_send_end(fd);
	}
	client_expect_end(fd);
	close(fd);
	g_free(zeros);
	serving_stop(s);
}

static void again_when_output_has_left(void)
{
	output_has_left(NULL, false);
	output_has_left(NULL, true);
}

static void again_when_committed_output_has_left(void)
{
	output_has_left(commit_nothing, false);
	output_has_left(commit_nothing, true);
}

void add_need_more_tests(void)
{
	harness_add("/need-more/rests-until-there-is-more", rests_for_more);
	harness_add("/need-more/keeps-all-of-the-data", keeps_all);
	harness_add("/need-more/lines-with-a-rest-run-once", lines_run_once);
	harness_add("/need-more/past-max-input-is-told", limits);
	harness_add("/need-more/is-of-handle-only", outside);
	harness_add("/none-taken/rests-until-there-is-more", rests_without_a_want);
	harness_add("/none-taken/a-want-of-what-is-there-is-none", rests_for_what_is_there);
	harness_add("/none-taken/rests-with-a-commit", rests_with_a_commit);
	harness_add("/none-taken/written-is-not-taken", written_is_not_taken);
	harness_add("/none-taken/comes-again-with-a-wake", woken);
	harness_add("/none-taken/may-wake-itself", wakes_itself);
	harness_add("/none-taken/comes-again-when-released", released);
	harness_add("/none-taken/comes-again-when-resumed", resumed);
	harness_add("/none-taken/comes-again-when-output-has-left", again_when_output_has_left);
	harness_add("/none-taken/comes-again-when-committed-output-has-left",
		    again_when_committed_output_has_left);
}
