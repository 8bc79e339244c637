/* SPDX-License-Identifier: MIT */
/*
 * The process's limits: descriptors that run out or must not leak, and memory.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "serving.h"
#include "suite.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

static void set_descriptor_limit(size_t limit)
{
	struct rlimit rlimit;

	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &rlimit), ==, 0);
	rlimit.rlim_cur = limit;
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &rlimit), ==, 0);
}

/* All clients are in the queue, of which the server can take a few. */
static void out_of_descriptors(void)
{
	struct shiny_stats stats = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct serving *s;
	size_t limit;
	int fds[30];

	options.stats = &stats;
	s = serving_create(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	serving_listen(s, "tcp://127.0.0.1:0");
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = client_connect(s->address);
		client_send_text(fds[i], "x");
	}
	limit = harness_count_descriptors() + 10;
	set_descriptor_limit(limit);
	serving_run(s);
	suite_await_stat(&stats.errors_accept, 1);
	client_expect(fds[0], "x");
	suite_expect_rest(&stats);
	g_assert_cmpuint(latch_count(&s->accepts), <, G_N_ELEMENTS(fds));

	/* Nobody tells the server that there is room again. */
	set_descriptor_limit(limit + 100);
	for (size_t i = 1; i < G_N_ELEMENTS(fds); i++) {
		client_expect(fds[i], "x");
		close(fds[i]);
	}
	close(fds[0]);
	serving_stop(s);
}

/* The descriptors that a program started from here would inherit. */
static char *inherited(void)
{
	static const char *const argv[] = { "ls", "/proc/self/fd", NULL };
	char *output;

	g_assert_cmpint(child_run(argv, &output), ==, 0);
	return output;
}

static void exec_leaks_nothing(void)
{
	struct shiny_handlers handlers = { .handle = serving_echo };
	char *before = inherited(), *after;
	char *dir = harness_make_dir(), *address = g_strdup_printf("unix://%s/socket", dir);
	struct serving *s = serving_create(&handlers, NULL, NULL);
	int fds[10];

	serving_listen(s, "tcp://127.0.0.1:0");
	serving_listen(s, address);
	serving_run(s);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = suite_connect(s, i + 1);
	}
	after = inherited();
	g_assert_cmpstr(after, ==, before);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		close(fds[i]);
	}
	serving_stop(s);
	g_free(before);
	g_free(after);
	g_free(address);
	harness_remove_dir(dir);
}

static void resets_leave_nothing(void)
{
	unsigned n = harness_sanitized() ? 10000 : 100000;
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);
	size_t before = harness_count_descriptors();
	int fd;

	for (unsigned i = 0; i < n; i++) {
		client_reset(client_connect(s->address));
	}
	/* Those in the queue are in front of it. */
	fd = client_connect(s->address);
	client_send_text(fd, "x");
	client_expect(fd, "x");
	close(fd);
	latch_await(&s->closes, latch_count(&s->accepts));
	/* One turn on, their descriptors are closed too; this one has two. */
	fd = client_connect(s->address);
	client_send_text(fd, "x");
	client_expect(fd, "x");
	g_assert_cmpuint(harness_count_descriptors(), ==, before + 2);
	close(fd);
	serving_stop(s);
}

/* Private memory of the process, in bytes. */
static size_t private_memory(void)
{
	FILE *file = fopen("/proc/self/smaps_rollup", "re");
	size_t kb, sum = 0;
	char line[256];

	if (!file) {
		harness_skip("no /proc/self/smaps_rollup");
	}
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Private_Clean: %zu", &kb) == 1 ||
		    sscanf(line, "Private_Dirty: %zu", &kb) == 1) {
			sum += kb * 1024;
		}
	}
	fclose(file);
	return sum;
}

/* MALLOC_PERTURB_, which Meson sets, has glibc fill what is allocated, also what is never used. */
static void touch_no_free_memory(void)
{
#ifdef M_PERTURB
	mallopt(M_PERTURB, 0);
#endif
}

static gpointer run_server(gpointer server)
{
	g_assert_cmpint(shiny_server_run(server), ==, 0);
	return NULL;
}

/*
 * Connects and has one byte echoed, so that the server has done all that it ever does for them. Many
 * at a time, since a turn of poll(2) takes longer the more there are.
 */
static void connect_all(const char *address, int *fds, size_t n)
{
	for (size_t first = 0; first < n; first += 200) {
		size_t end = MIN(first + 200, n);

		for (size_t i = first; i < end; i++) {
			fds[i] = client_connect(address);
			client_send_text(fds[i], "x");
		}
		for (size_t i = first; i < end; i++) {
			client_expect(fds[i], "x");
		}
	}
}

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		close(fds[i]);
	}
}

enum {
	WARM = 1000,
	IDLE = 9000
};

static int idle_fds[IDLE];

/* poll(2) reads its set from user memory, where others have it in the kernel. */
static size_t allowed_bytes(void)
{
	return strcmp(suite_backend, "poll") == 0 ? 192 : 128;
}

/* Without struct serving, which keeps books of its own on each connection. */
static void idle_memory(void)
{
	struct shiny_handlers handlers = { .handle = serving_echo };
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_server *server;
	char address[SHINY_ADDRESS_MAX];
	struct rlimit rlimit;
	size_t before, after;
	GThread *thread;

	if (harness_sanitized()) {
		harness_skip("sanitizers pad what is allocated");
	}
	getrlimit(RLIMIT_NOFILE, &rlimit);
	if (rlimit.rlim_max < 2 * IDLE + 100) {
		harness_skip("the limit of descriptors is %ju", (uintmax_t)rlimit.rlim_max);
	}
	set_descriptor_limit(rlimit.rlim_max);
	touch_no_free_memory();
	options.backend = suite_backend;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, 0);
	g_assert_cmpint(shiny_server_listen(server, "tcp://127.0.0.1:0"), ==, 0);
	g_assert_cmpint(shiny_server_address(server, 0, address, sizeof(address)), ==, 0);
	thread = g_thread_new("server", run_server, server);

	connect_all(address, idle_fds, WARM);
	before = private_memory();
	connect_all(address, idle_fds + WARM, IDLE - WARM);
	after = private_memory();
	g_test_message("%zu bytes a connection", (after - before) / (IDLE - WARM));
	g_assert_cmpuint(after - before, <=, allowed_bytes() * (IDLE - WARM));

	close_all(idle_fds, IDLE);
	shiny_server_stop(server);
	g_thread_join(thread);
	shiny_server_destroy(server);
}

void add_limit_tests(void)
{
	harness_add("/limit/descriptors/waits-when-out-of-them", out_of_descriptors);
	harness_add("/limit/descriptors/exec-leaks-none", exec_leaks_nothing);
	harness_add_slow("/limit/descriptors/resets-leave-none", resets_leave_nothing, 120);
	harness_add_slow("/limit/memory/idle-connections-stay-small", idle_memory, 60);
}
