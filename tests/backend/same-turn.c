/* SPDX-License-Identifier: MIT */
/*
 * Events of one turn that have to do with each other: what a handler does to a connection whose own
 * event is due in the same turn, and descriptors that come back at once.
 *
 * A connection that sends "gate" holds the loop, until all that the test wants in the next turn has
 * happened.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

/* Two connections, of which the one that is handled first ends the other. */
struct duel {
	struct gate gate;
	void (*end)(struct shiny_conn *conn);
	uint64_t ids[3]; /* by order of accept: the gate's, and the two */
	int accepted, handled;
};

static bool duel_accept(struct shiny_conn *conn, void *ctx)
{
	struct duel *duel = ctx;

	if (duel->accepted < 3) {
		duel->ids[duel->accepted++] = shiny_id(conn);
	}
	return true;
}

static bool duel_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct duel *duel = ctx;

	if (len == 4 && memcmp(data, "gate", 4) == 0) {
		gate_pass(&duel->gate);
	} else if (len == 4 && memcmp(data, "draw", 4) == 0) {
		uint64_t id = duel->ids[shiny_id(conn) == duel->ids[1] ? 2 : 1];
		struct shiny_conn *other = shiny_server_find(shiny_server_of(conn), id);

		g_assert_cmpint(++duel->handled, ==, 1);
		if (other) { /* not gone by itself */
			duel->end(other);
		}
	}
	return shiny_write(conn, data, len) == 0;
}

static void run_duel(void (*end)(struct shiny_conn *conn))
{
	struct duel duel = { .end = end };
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = duel_handle, .accept = duel_accept }, NULL,
		&duel);
	int gate = suite_connect(s, 1), a = suite_connect(s, 2), b = suite_connect(s, 3);
	int newcomer;

	client_send_text(gate, "gate");
	latch_await(&duel.gate.entered, 1);
	client_send_text(a, "draw");
	client_send_text(b, "draw");
	newcomer = client_connect(s->address); /* may get the loser's descriptor */
	client_send_text(newcomer, "hello");
	gate_open(&duel.gate);

	client_expect(newcomer, "hello");
	client_expect(gate, "gate");
	latch_await(&s->accepts, 4);
	close(a);
	close(b);
	latch_await(&s->closes, 2);
	g_assert_cmpint(duel.handled, ==, 1);
	client_send_text(newcomer, "still here");
	client_expect(newcomer, "still here");
	close(newcomer);
	close(gate);
	serving_stop(s);
}

static void close_another(void)
{
	run_duel(shiny_close);
}

static void abort_another(void)
{
	run_duel(shiny_abort);
}

/* The loser's own FIN or reset is due in the turn in which it is ended. */
static void abort_one_that_ends(void)
{
	for (int reset = 0; reset < 2; reset++) {
		struct duel duel = { .end = shiny_abort };
		struct serving *s = serving_start(
			&(struct shiny_handlers){ .handle = duel_handle, .accept = duel_accept },
			NULL, &duel);
		int gate = suite_connect(s, 1), a = suite_connect(s, 2), b = suite_connect(s, 3);

		client_send_text(gate, "gate");
		latch_await(&duel.gate.entered, 1);
		client_send_text(a, "draw");
		reset ? client_reset(b) : (void)close(b);
		gate_open(&duel.gate);
		client_expect(a, "draw");
		latch_await(&s->closes, 1);
		close(a);
		close(gate);
		serving_stop(s);
	}
}

/* Many descriptors closed and opened again within single turns; none gets the bytes of another. */
static void descriptors_come_back(void)
{
	enum {
		ROUNDS = 30,
		CLIENTS = 20
	};
	struct duel duel = { .end = shiny_abort };
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = duel_handle, .accept = duel_accept }, NULL,
		&duel);
	int gate = suite_connect(s, 1), old[CLIENTS], new[CLIENTS];
	char text[32];

	for (int i = 0; i < CLIENTS; i++) {
		old[i] = client_connect(s->address);
	}
	for (int round = 0; round < ROUNDS; round++) {
		latch_reset(&duel.gate.opened);
		client_send_text(gate, "gate");
		latch_await(&duel.gate.entered, (uint64_t)round + 1);
		for (int i = 0; i < CLIENTS; i++) {
			i % 2 ? client_reset(old[i]) : (void)close(old[i]);
			new[i] = client_connect(s->address);
			client_send(new[i], text, (size_t)g_snprintf(text, 32, "%d/%d.", round, i));
		}
		gate_open(&duel.gate);
		for (int i = 0; i < CLIENTS; i++) {
			g_snprintf(text, 32, "%d/%d.", round, i);
			client_expect(new[i], text);
			old[i] = new[i];
		}
		client_expect(gate, "gate");
	}
	for (int i = 0; i < CLIENTS; i++) {
		close(old[i]);
	}
	close(gate);
	serving_stop(s);
}

/*
 * A child process that was forked off keeps every connection open behind the server's back. Its
 * copies must neither wake the loop for ever nor bring events of connections that are gone.
 */
static void forked_copies(void)
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	int fds[10];
	pid_t pid;

	options.stats = &stats;
	s = serving_start(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = suite_connect(s, i + 1);
	}
	pid = fork();
	if (pid == 0) {
		for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
			close(fds[i]); /* the clients' own ends are not for it to keep */
		}
		for (;;) {
			pause();
		}
	}
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		i % 2 ? client_reset(fds[i]) : (void)close(fds[i]);
	}
	latch_await(&s->closes, G_N_ELEMENTS(fds));
	suite_expect_rest(&stats);

	fds[0] = client_connect(s->address);
	client_send_text(fds[0], "x");
	client_expect(fds[0], "x");
	close(fds[0]);
	serving_stop(s);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void add_same_turn_tests(void)
{
	harness_add("/same-turn/close-another/is-not-handled-any-more", close_another);
	harness_add("/same-turn/abort-another/is-not-handled-any-more", abort_another);
	harness_add("/same-turn/abort-another/that-ends-by-itself", abort_one_that_ends);
	harness_add("/same-turn/descriptors/that-come-back-are-not-mixed-up",
		    descriptors_come_back);
	harness_add("/same-turn/forked-copies/bring-no-events", forked_copies);
}
