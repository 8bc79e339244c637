/* SPDX-License-Identifier: MIT */
/*
 * Wakes: from anywhere, none lost, never to the wrong connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

/* What a test knows of the connection that it wakes. */
struct target {
	uint64_t id; /* set by accept: readable once the accept was awaited */
	bool wakes_in_accept;
	int wakes_left; /* how often handle wakes itself */
	char *reply;	/* to data, instead of an echo */
	size_t reply_len;
};

static bool note_id(struct shiny_conn *conn, void *ctx)
{
	struct target *target = ctx;

	target->id = shiny_id(conn);
	if (target->wakes_in_accept) {
		shiny_server_wake(shiny_server_of(conn), target->id);
	}
	return true;
}

/* "w" for a wake, data as it comes. */
static bool answer_wake(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct target *target = ctx;

	if (len == 0) {
		g_assert_cmpstr(data, ==, "");
		if (target->wakes_left-- > 0) {
			shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
		}
		return shiny_write(conn, "w", 1) == 0;
	}
	if (target->reply) {
		return shiny_write(conn, target->reply, target->reply_len) == 0;
	}
	return shiny_write(conn, data, len) == 0;
}

static struct serving *start_target(struct target *target)
{
	return serving_start(&(struct shiny_handlers){ .handle = answer_wake, .accept = note_id },
			     NULL, target);
}

static void from_thread(void)
{
	struct target target = { 0 };
	struct serving *s = start_target(&target);
	int fd = suite_connect(s, 1);

	for (uint64_t i = 0; i < 1000; i++) {
		shiny_server_wake(s->server, target.id);
		client_expect(fd, "w");
	}
	g_assert_false(client_readable(fd, 20));
	close(fd);
	serving_stop(s);
}

static void inside_accept(void)
{
	struct target target = { .wakes_in_accept = true };
	struct serving *s = start_target(&target);
	int fd = client_connect(s->address);

	client_expect(fd, "w");
	client_send_text(fd, "x");
	client_expect(fd, "x");
	close(fd);
	serving_stop(s);
}

static void inside_handle(void)
{
	struct target target = { .wakes_left = 100 };
	struct serving *s = start_target(&target);
	int fd = suite_connect(s, 1);

	shiny_server_wake(s->server, target.id);
	for (int i = 0; i < 101; i++) {
		client_expect(fd, "w");
	}
	g_assert_false(client_readable(fd, 20));
	close(fd);
	serving_stop(s);
}

/* One that wakes itself in every call keeps neither the others nor a stop waiting. */
static void for_ever(void)
{
	struct target target = { .wakes_left = 1000000000 };
	struct serving *s = start_target(&target);
	int fd = suite_connect(s, 1), other;

	shiny_server_wake(s->server, target.id);
	client_expect(fd, "wwwwwwww");
	other = client_connect(s->address);
	client_send_text(other, "x");
	client_expect(other, "x");
	serving_stop(s);
	close(other);
	close(fd);
}

/* Wakes for what is gone are no events; nor are they for the next owner of the slot. */
static void late(void)
{
	struct target target = { 0 };
	struct serving *s = start_target(&target);

	for (uint64_t i = 1; i <= 200; i++) {
		int fd = suite_connect(s, 2 * i - 1), next;
		uint64_t old = target.id;

		close(fd);
		latch_await(&s->closes, 2 * i - 1);
		next = suite_connect(s, 2 * i);
		shiny_server_wake(s->server, old);
		client_send_text(next, "x");
		client_expect(next, "x");
		close(next);
		latch_await(&s->closes, 2 * i);
		shiny_server_wake(s->server, target.id);
	}
	shiny_server_wake(s->server, 0);
	shiny_server_wake(s->server, UINT64_MAX);
	shiny_server_wake(s->server, target.id + 1);
	close(suite_connect(s, 401));
	latch_await(&s->closes, 401);
	g_assert_cmpuint(latch_count(&s->wakes), ==, 0);
	serving_stop(s);
}

static bool close_at_data(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data;
	(void)ctx;
	g_assert_cmpuint(len, >, 0);
	shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
	shiny_close(conn);
	return true;
}

/* The connection lingers: it is still there, but ended for its handler. */
static void after_close(void)
{
	struct target target = { 0 };
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = close_at_data, .accept = note_id }, NULL,
		&target);
	int fd = suite_connect(s, 1);

	client_send_text(fd, "x");
	client_expect_end(fd);
	for (int i = 0; i < 100; i++) {
		shiny_server_wake(s->server, target.id);
	}
	client_send_some(fd, "more", 4);
	close(fd);
	latch_await(&s->closes, 1);
	serving_stop(s);
}

/* A connection that is not read because so much is unsent is still woken. */
static void with_output_pending(void)
{
	struct target target = { .reply_len = 8 * 1024 * 1024 };
	struct serving *s;
	int fd;

	target.reply = client_pattern(target.reply_len, 1);
	s = start_target(&target);
	fd = client_connect_narrow(s->address, 8192);
	client_send_text(fd, "x");
	latch_await(&s->handles, 1);
	shiny_server_wake(s->server, target.id);
	latch_await(&s->wakes, 1);
	client_expect_bytes(fd, target.reply, target.reply_len);
	client_expect(fd, "w");
	g_free(target.reply);
	close(fd);
	serving_stop(s);
}

struct waker {
	struct serving *s;
	uint64_t id;
	gint done; /* atomic */
};

static gpointer wake_until_done(gpointer data)
{
	struct waker *waker = data;

	while (!g_atomic_int_get(&waker->done)) {
		shiny_server_wake(waker->s->server, waker->id);
	}
	return NULL;
}

static void racing_stop(void)
{
	for (int i = 0; i < 50; i++) {
		struct target target = { 0 };
		struct serving *s = start_target(&target);
		int fd = suite_connect(s, 1);
		struct waker waker = { .s = s, .id = target.id };
		GThread *thread = g_thread_new("waker", wake_until_done, &waker);

		latch_await(&s->wakes, 1);
		shiny_server_stop(s->server);
		g_assert_cmpint(serving_join(s), ==, 0);
		g_atomic_int_set(&waker.done, 1);
		g_thread_join(thread);
		serving_destroy(s);
		close(fd);
	}
}

/* Descriptor 0 is the program's like any other, though it is 0. */
static void stdin_untouched(void)
{
	struct target target = { 0 };
	int saved = fcntl(0, F_DUPFD_CLOEXEC, 3), fds[2], fd;
	struct serving *s;
	char buf[8];

	g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
	dup2(fds[0], 0);
	close(fds[0]);
	g_assert_cmpint(write(fds[1], "unread", 6), ==, 6);

	s = start_target(&target);
	fd = suite_connect(s, 1);
	for (int i = 0; i < 100; i++) {
		shiny_server_wake(s->server, target.id);
		client_expect(fd, "w");
	}
	close(fd);
	serving_stop(s);

	g_assert_cmpint(read(0, buf, sizeof(buf)), ==, 6);
	close(fds[1]);
	dup2(saved, 0);
	close(saved);
}

static void while_idle(void)
{
	struct target target = { 0 };
	struct serving *s = start_target(&target);
	int fd = suite_connect(s, 1);
	gint64 start;

	g_usleep(200 * 1000); /* the loop sleeps for up to a second now */
	start = g_get_monotonic_time();
	for (int i = 0; i < 5; i++) {
		g_usleep(60 * 1000);
		shiny_server_wake(s->server, target.id);
		client_expect(fd, "w");
	}
	/* Waiting for ticks instead would take 5 s. */
	g_assert_cmpint(g_get_monotonic_time() - start, <, 3 * G_USEC_PER_SEC);
	close(fd);
	serving_stop(s);
}

/* For the signal handler. */
static struct shiny_server *signalled_server;
static uint64_t signalled_id;

static void wake_from_signal(int signal)
{
	(void)signal;
	shiny_server_wake(signalled_server, signalled_id);
}

static void from_signal_handler(void)
{
	struct target target = { 0 };
	struct serving *s = start_target(&target);
	int fd = suite_connect(s, 1);
	struct sigaction action = { .sa_handler = wake_from_signal };

	signalled_server = s->server;
	signalled_id = target.id;
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 100; i++) {
		raise(SIGUSR1);
		client_expect(fd, "w");
	}
	close(fd);
	serving_stop(s);
}

/*
 * Each of the threads wakes a connection of its own, after it has counted one up. That a count is
 * seen is awaited often, because a wake that is lost would be made good by the next.
 */
enum {
	WAKERS = 8,
	WAKES_EACH = 12500,
	BURST = 5
};

struct counted {
	struct serving *s;
	uint64_t id;
	int fd;
	gint count;	   /* atomic; by the waking thread */
	struct latch seen; /* by the handler */
};

struct crowd {
	struct counted each[WAKERS];
	int accepted;
};

static bool crowd_accept(struct shiny_conn *conn, void *ctx)
{
	struct crowd *crowd = ctx;
	struct counted *counted = &crowd->each[crowd->accepted++];

	counted->id = shiny_id(conn);
	shiny_set_user(conn, counted);
	return true;
}

static bool crowd_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct counted *counted = shiny_user(conn);
	uint64_t count = (uint64_t)g_atomic_int_get(&counted->count);

	(void)data;
	(void)len;
	(void)ctx;
	g_assert_cmpuint(count, >=, latch_count(&counted->seen));
	latch_add(&counted->seen, count - latch_count(&counted->seen));
	return true;
}

static gpointer wake_often(gpointer data)
{
	struct counted *counted = data;

	for (uint64_t i = 1; i <= WAKES_EACH; i++) {
		g_atomic_int_inc(&counted->count);
		shiny_server_wake(counted->s->server, counted->id);
		if (i % BURST == 0) {
			latch_await(&counted->seen, i);
		}
	}
	return NULL;
}

static void none_lost(void)
{
	struct crowd crowd = { 0 };
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = crowd_handle, .accept = crowd_accept }, NULL,
		&crowd);
	GThread *threads[WAKERS];

	for (int i = 0; i < WAKERS; i++) {
		crowd.each[i].s = s;
		crowd.each[i].fd = suite_connect(s, (uint64_t)i + 1);
	}
	for (int i = 0; i < WAKERS; i++) {
		threads[i] = g_thread_new("waker", wake_often, &crowd.each[i]);
	}
	for (int i = 0; i < WAKERS; i++) {
		g_thread_join(threads[i]);
		g_assert_cmpuint(latch_count(&crowd.each[i].seen), ==, WAKES_EACH);
		close(crowd.each[i].fd);
	}
	serving_stop(s);
}

void add_wake_tests(void)
{
	harness_add("/wake/thread/is-answered", from_thread);
	harness_add("/wake/thread/ends-a-sleep", while_idle);
	harness_add("/wake/signal-handler/is-answered", from_signal_handler);
	harness_add("/wake/accept/is-answered", inside_accept);
	harness_add("/wake/handle/is-answered", inside_handle);
	harness_add("/wake/handle/for-ever-keeps-nobody-waiting", for_ever);
	harness_add("/wake/close/is-no-event-after-it", after_close);
	harness_add("/wake/late/reaches-nobody", late);
	harness_add("/wake/output-pending/is-answered", with_output_pending);
	harness_add("/wake/stop/may-race-it", racing_stop);
	harness_add("/wake/stdin/stays-untouched", stdin_untouched);
	harness_add_slow("/wake/100000-from-8-threads/none-is-lost", none_lost, 120);
}
