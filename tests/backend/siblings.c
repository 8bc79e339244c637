/* SPDX-License-Identifier: MIT */
/*
 * Servers that accept from the same socket: each gets its share of the connections.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

#define SIBLINGS_MAX 8

struct family {
	unsigned count;
	struct serving *members[SIBLINGS_MAX];
	struct shiny_stats stats[SIBLINGS_MAX];
	uint64_t loads[SIBLINGS_MAX];
	int wakeups[SIBLINGS_MAX];
	int listener;
	char *address;
	struct gate gate;
};

/* Each byte is answered by itself; a 'g' holds the server up. */
static bool answer(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct family *family = ctx;

	if (len && *data == 'g') {
		gate_pass(&family->gate);
	}
	return shiny_write(conn, data, len) == 0;
}

static void start_member(struct family *family, unsigned i, unsigned own_max, unsigned max_of_all)
{
	struct shiny_options options = SHINY_OPTIONS;
	int fd = dup(family->listener);

	options.stats = &family->stats[i];
	options.max_connections = own_max;
	options.sibling_loads = family->loads;
	options.sibling_wakeups = family->wakeups;
	options.sibling_count = family->count;
	options.sibling_index = i;
	options.sibling_connections = max_of_all;
	family->members[i] =
		serving_create(&(struct shiny_handlers){ .handle = answer }, &options, family);
	g_assert_cmpint(shiny_server_listen_fd(family->members[i]->server, fd), ==, 0);
	serving_run(family->members[i]);
	while (!(suite_stat(&family->loads[i]) & 1)) {
		g_usleep(1000);
	}
}

static struct family *start(unsigned count, unsigned own_max, unsigned max_of_all)
{
	struct family *family = g_new0(struct family, 1);
	char address[SHINY_ADDRESS_MAX];

	family->count = count;
	g_assert_cmpint(shiny_bind("tcp://127.0.0.1:0", NULL, &family->listener), ==, 0);
	for (unsigned i = 0; i < count; i++) {
		family->wakeups[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	for (unsigned i = 0; i < count; i++) {
		start_member(family, i, own_max, max_of_all);
	}
	g_assert_cmpint(
		shiny_server_address(family->members[0]->server, 0, address, sizeof(address)), ==,
		0);
	family->address = g_strdup(address);
	return family;
}

static void stop(struct family *family)
{
	for (unsigned i = 0; i < family->count; i++) {
		serving_stop(family->members[i]);
		g_assert_cmpuint(family->loads[i], ==, 0);
	}
	for (unsigned i = 0; i < family->count; i++) {
		close(family->wakeups[i]); /* now that nobody wakes it any more */
	}
	close(family->listener);
	g_free(family->address);
	g_free(family);
}

static uint64_t connections(const struct family *family, unsigned i)
{
	return suite_stat(&family->stats[i].connections);
}

/* A connection that has been answered, and stays. */
static int join(const struct family *family)
{
	int fd = client_connect(family->address);

	client_send_text(fd, "x");
	client_expect(fd, "x");
	return fd;
}

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		close(fds[i]);
	}
}

/*
 * Ten at a time: on a machine so busy that the others do not run for a while, one takes all that
 * come meanwhile.
 */
static void spreads_many(void)
{
	struct family *family = start(4, 0, 0);
	int fds[400];

	for (size_t first = 0; first < G_N_ELEMENTS(fds); first += 10) {
		for (size_t i = first; i < first + 10; i++) {
			fds[i] = client_connect(family->address);
			client_send_text(fds[i], "x");
		}
		for (size_t i = first; i < first + 10; i++) {
			client_expect(fds[i], "x");
		}
	}
	for (unsigned i = 0; i < family->count; i++) {
		g_assert_cmpuint(connections(family, i), <=, 125);
	}
	close_all(fds, G_N_ELEMENTS(fds));
	stop(family);
}

/* One by one. */
static void spreads_few(void)
{
	struct family *family = start(8, 0, 0);
	int fds[16];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = join(family);
	}
	for (unsigned i = 0; i < family->count; i++) {
		g_assert_cmpuint(connections(family, i), <=, 4);
	}
	close_all(fds, G_N_ELEMENTS(fds));
	stop(family);
}

static void full_one_leaves_the_rest(void)
{
	struct family *family = start(4, 5, 0);
	int fds[20], extra;

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = join(family);
	}
	for (unsigned i = 0; i < family->count; i++) {
		g_assert_cmpuint(connections(family, i), ==, 5);
		g_assert_cmpuint(suite_stat(&family->stats[i].shed), ==, 0);
	}
	extra = client_connect(family->address);
	client_expect_end(extra);
	close(extra);
	close(fds[0]);
	while (connections(family, 0) + connections(family, 1) + connections(family, 2) +
		       connections(family, 3) ==
	       20) {
		g_usleep(1000);
	}
	fds[0] = join(family);
	close_all(fds, G_N_ELEMENTS(fds));
	stop(family);
}

static void all_have_one_limit(void)
{
	struct family *family = start(4, 0, 10);
	uint64_t shed = 0;
	int fds[10];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = join(family);
	}
	for (int i = 0; i < 30; i++) {
		int extra = client_connect(family->address);

		client_expect_end(extra);
		close(extra);
	}
	for (unsigned i = 0; i < family->count; i++) {
		shed += suite_stat(&family->stats[i].shed);
	}
	g_assert_cmpuint(shed, ==, 30);
	close_all(fds, G_N_ELEMENTS(fds));
	stop(family);
}

/* One that stands still with few is not waited for long, by anybody. */
static void hung_one_is_not_waited_for(void)
{
	struct family *family = start(3, 0, 0);
	int hanging = join(family), fds[30];
	gint64 start_us;

	client_send_text(hanging, "g");
	latch_await(&family->gate.entered, 1);
	start_us = g_get_monotonic_time();
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = join(family);
	}
	/* The bound that no busy machine breaks: not one waits for the gate. */
	g_assert_cmpint(g_get_monotonic_time() - start_us, <, 10 * G_USEC_PER_SEC);
	gate_open(&family->gate);
	client_expect(hanging, "g");
	close(hanging);
	close_all(fds, G_N_ELEMENTS(fds));
	stop(family);
}

static void at_rest_they_sleep(void)
{
	struct family *family = start(3, 2, 0);
	int fds[6];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = join(family);
	}
	for (unsigned i = 0; i < family->count; i++) {
		suite_expect_rest(&family->stats[i]);
	}
	close_all(fds, G_N_ELEMENTS(fds));
	stop(family);
}

/* Whatever stands in the memory that they share, clients are served, and it is right again soon. */
static void rubbish_costs_little(void)
{
	struct family *family = start(3, 0, 0);
	int fds[10];

	for (unsigned i = 0; i < family->count; i++) {
		__atomic_store_n(&family->loads[i], UINT64_MAX - i, __ATOMIC_SEQ_CST);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = join(family);
	}
	for (unsigned i = 0; i < family->count; i++) {
		while (suite_stat(&family->loads[i]) != (connections(family, i) << 1 | 1)) {
			g_usleep(1000);
		}
	}
	close_all(fds, G_N_ELEMENTS(fds));
	stop(family);
}

/* One that was told to end has no share any more. */
static void who_drains_takes_none(void)
{
	struct family *family = start(2, 0, 0);
	int stays = join(family), fds[10];
	unsigned one = connections(family, 0) ? 1 : 0;

	shiny_server_drain(family->members[one]->server, 1000);
	g_assert_cmpint(serving_join(family->members[one]), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = join(family);
	}
	g_assert_cmpuint(connections(family, !one), ==, 1 + G_N_ELEMENTS(fds));
	close_all(fds, G_N_ELEMENTS(fds));
	close(stays);
	serving_run(family->members[one]); /* for stop() */
	stop(family);
}

static void half_a_family_is_refused(void)
{
	struct shiny_handlers handlers = { .handle = serving_echo };
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_server *server;
	uint64_t loads[2] = { 0 };
	int wakeups[2] = { -1, -1 };

	options.backend = suite_backend;
	options.sibling_count = 2;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, -EINVAL);
	options.sibling_loads = loads;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, -EINVAL);
	options.sibling_wakeups = wakeups;
	options.sibling_index = 2;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, -EINVAL);
}

void add_sibling_tests(void)
{
	harness_add("/siblings/spread/many", spreads_many);
	harness_add("/siblings/spread/few-one-by-one", spreads_few);
	harness_add("/siblings/full/one-leaves-the-rest-to-others", full_one_leaves_the_rest);
	harness_add("/siblings/limit/all-have-one", all_have_one_limit);
	harness_add("/siblings/hung/is-not-waited-for-long", hung_one_is_not_waited_for);
	harness_add("/siblings/rest/they-sleep", at_rest_they_sleep);
	harness_add("/siblings/rubbish/costs-little", rubbish_costs_little);
	harness_add("/siblings/drain/takes-none", who_drains_takes_none);
	harness_add("/siblings/options/half-of-them-are-refused", half_a_family_is_refused);
}
