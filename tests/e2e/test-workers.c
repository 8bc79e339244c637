/* SPDX-License-Identifier: MIT */
/*
 * Several workers of one section: how connections spread over them, and how many there may be.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Connections that stay, and who serves them. */
struct crowd {
	int fds[800];
	size_t count;
	GHashTable *workers; /* their pid: how many */
};

/* One that is turned away is closed at once. Returns whether it was served. */
static bool join(struct crowd *crowd, const char *address)
{
	int fd = client_connect(address);
	char line[64], c;
	size_t len = 0;
	gpointer pid;

	client_send_some(fd, "id", 2);
	while (read(fd, &c, 1) == 1 && c != '\n' && len < sizeof(line) - 1) {
		line[len++] = c;
	}
	line[len] = '\0';
	if (len == 0) {
		close(fd);
		return false;
	}
	pid = GINT_TO_POINTER(atoi(line));
	g_hash_table_insert(
		crowd->workers, pid,
		GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(crowd->workers, pid)) + 1));
	g_assert_cmpuint(crowd->count, <, G_N_ELEMENTS(crowd->fds));
	crowd->fds[crowd->count++] = fd;
	return true;
}

static void join_all(struct crowd *crowd, const char *address, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		g_assert_true(join(crowd, address));
	}
}

static int largest(const struct crowd *crowd)
{
	GHashTableIter iter;
	gpointer value;
	int most = 0;

	g_hash_table_iter_init(&iter, crowd->workers);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		most = MAX(most, GPOINTER_TO_INT(value));
	}
	return most;
}

static int of_worker(const struct crowd *crowd, pid_t pid)
{
	return GPOINTER_TO_INT(g_hash_table_lookup(crowd->workers, GINT_TO_POINTER(pid)));
}

static struct crowd *crowd_create(void)
{
	struct crowd *crowd = g_new0(struct crowd, 1);

	crowd->workers = g_hash_table_new(NULL, NULL);
	return crowd;
}

static void crowd_leave(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++) {
		close(crowd->fds[i]);
	}
	g_hash_table_unref(crowd->workers);
	g_free(crowd);
}

static void start(struct shinyd *shinyd, unsigned workers, const char *keys,
		  struct serving *ret_serving)
{
	const struct rlimit limit = { 4096, 4096 };

	setrlimit(RLIMIT_NOFILE, &limit);
	shinyd_let_crash();
	shinyd_start(shinyd, "[server a]\nworkers = %u\n%s" PUPPET, workers, keys);
	for (unsigned i = 0; i < workers; i++) {
		shinyd_await_serving(shinyd, "a", ret_serving);
	}
}

static void many_spread(void)
{
	struct shinyd shinyd = { 0 };
	struct crowd *crowd = crowd_create();
	struct serving serving;

	start(&shinyd, 8, "", &serving);
	join_all(crowd, serving.address, 800);
	g_assert_cmpint(largest(crowd), <=, 125);
	crowd_leave(crowd);
	shinyd_end(&shinyd);
}

static void few_spread(void)
{
	struct shinyd shinyd = { 0 };
	struct crowd *crowd = crowd_create();
	struct serving serving;

	start(&shinyd, 8, "", &serving);
	join_all(crowd, serving.address, 16);
	g_assert_cmpint(largest(crowd), <=, 4);
	crowd_leave(crowd);
	shinyd_end(&shinyd);
}

/* 200 of 300 are too many, whoever accepts them. */
static void the_limit_is_the_section_s(void)
{
	struct shinyd shinyd = { 0 };
	struct crowd *crowd = crowd_create();
	struct serving serving;
	unsigned turned_away = 0;

	start(&shinyd, 8, "max_connections = 100\n", &serving);
	for (int i = 0; i < 300; i++) {
		turned_away += !join(crowd, serving.address);
		g_assert_cmpuint(turned_away == 0, ==, i < 100);
	}
	g_assert_cmpuint(turned_away, ==, 200);
	g_assert_cmpint(largest(crowd), <=, 16);
	crowd_leave(crowd);
	shinyd_end(&shinyd);
}

/* What one that is down does not have the others may. */
static void others_take_the_place_of_one_that_is_down(void)
{
	struct shinyd shinyd = { 0 };
	struct crowd *crowd = crowd_create();
	struct serving serving;

	start(&shinyd, 3, "max_connections = 30\non_crash = stop\n", &serving);
	g_assert_cmpint(kill(serving.worker, SIGKILL), ==, 0);
	shinyd_expect_line(&shinyd, "no other worker is started");
	join_all(crowd, serving.address, 30);
	g_assert_cmpint(of_worker(crowd, serving.worker), ==, 0);
	g_assert_false(join(crowd, serving.address));
	crowd_leave(crowd);
	shinyd_end(&shinyd);
}

static void one_that_comes_back_gets_its_share(void)
{
	struct shinyd shinyd = { 0 };
	struct crowd *crowd = crowd_create();
	struct serving serving, again;

	start(&shinyd, 4, "", &serving);
	join_all(crowd, serving.address, 40);
	g_assert_cmpint(kill(serving.worker, SIGSEGV), ==, 0);
	shinyd_await_serving(&shinyd, "a", &again);
	while (of_worker(crowd, again.worker) == 0) { /* until it is beyond its first tick */
		join_all(crowd, serving.address, 1);
	}
	join_all(crowd, serving.address, 10);
	g_assert_cmpint(of_worker(crowd, again.worker), >=, 6);
	crowd_leave(crowd);
	shinyd_end(&shinyd);
}

/* Its clients wait, nobody else's do. */
static void one_that_hangs_holds_nobody_up(void)
{
	struct shinyd shinyd = { 0 };
	struct crowd *crowd = crowd_create();
	struct serving serving;
	int fd;

	start(&shinyd, 3, "watchdog = 1m\n", &serving);
	fd = puppet_give(serving.address, "stand still");
	join_all(crowd, serving.address, 60);
	g_assert_cmpuint(g_hash_table_size(crowd->workers), ==, 2);
	close(fd);
	crowd_leave(crowd);
	child_signal(&shinyd.child, SIGKILL);
	shinyd_wait(&shinyd);
	shinyd_finish(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/workers/many-connections-spread", many_spread);
	harness_add("/e2e/workers/few-connections-spread", few_spread);
	harness_add("/e2e/workers/max-connections-is-the-section-s", the_limit_is_the_section_s);
	harness_add("/e2e/workers/others-take-the-place-of-one-that-is-down",
		    others_take_the_place_of_one_that_is_down);
	harness_add("/e2e/workers/one-that-comes-back-gets-its-share",
		    one_that_comes_back_gets_its_share);
	harness_add("/e2e/workers/one-that-hangs-holds-nobody-up", one_that_hangs_holds_nobody_up);
	return harness_run();
}
