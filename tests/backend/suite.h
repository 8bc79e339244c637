/* SPDX-License-Identifier: MIT */
/*
 * The backend suite: what the library promises, checked on one backend at a time.
 *
 * One program, registered once a backend with --backend=NAME; the tests are in a file a theme. They
 * know nothing of the backend but its name, and wait for events, not for time: where time is what
 * is promised, only the bound that a busy machine cannot break is asserted.
 */
#ifndef TESTS_BACKEND_SUITE_H
#define TESTS_BACKEND_SUITE_H

#include <shiny.h>

#include "harness.h"

void add_accept_tests(void);
void add_address_tests(void);
void add_commit_tests(void);
void add_debug_tests(void);
void add_drain_tests(void);
void add_end_tests(void);
void add_flow_tests(void);
void add_fork_tests(void);
void add_limit_tests(void);
void add_loop_tests(void);
void add_need_more_tests(void);
void add_notice_tests(void);
void add_produce_tests(void);
void add_proxy_tests(void);
void add_same_turn_tests(void);
void add_sibling_tests(void);
void add_stats_tests(void);
void add_stream_tests(void);
void add_time_tests(void);
void add_unread_tests(void);
void add_wake_tests(void);
void add_walk_tests(void);

/* The backend under test, for servers that a test makes without struct serving. */
extern const char *suite_backend;

/* Whether struct serving's servers run in debugging mode: then what that ends cannot be tested. */
extern bool suite_debug;

/*
 * Holds the serving thread inside a handler, so that all that clients do meanwhile falls into one
 * turn. The handler passes the gate; the test awaits `entered`, and opens it.
 */
struct gate {
	struct latch entered, opened;
};

void gate_pass(struct gate *gate);
void gate_open(struct gate *gate);

/* A field of struct shiny_stats of a running server. */
uint64_t suite_stat(const uint64_t *field);
void suite_await_stat_at(const uint64_t *field, uint64_t count, const char *what, const char *file,
			 int line);

#define suite_await_stat(field, count) \
	suite_await_stat_at((field), (count), #field, __FILE__, __LINE__)

/* Fails the test if the server does not sleep: a turn that finds nothing to do is one too many. */
void suite_expect_rest(const struct shiny_stats *stats);

/* A handler that answers each line with itself, and holds back what is no whole line yet. */
bool suite_answer_lines(struct shiny_conn *conn, const char *data, size_t len, void *ctx);

/* Sends all from a thread of its own, so that the test can receive meanwhile: g_thread_new("", suite_send, &bulk). */
struct suite_bulk {
	int fd;
	const char *data;
	size_t len;
	struct latch sent;
};

gpointer suite_send(gpointer bulk);

/* A connected client whose server side was accepted as the @nth connection of @s (from 1). */
struct serving;
int suite_connect(struct serving *s, uint64_t nth);

#endif
