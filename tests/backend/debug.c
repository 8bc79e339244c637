/* SPDX-License-Identifier: MIT */
/*
 * Debugging mode: each mistake is told by a line that says what was done and what would be right.
 *
 * The server runs in a child, as most mistakes end it; without struct serving, since what is looked
 * at is the child's standard error.
 */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "suite.h"

/* What the functions below are given as ctx. */
struct scene {
	struct shiny_handlers handlers;
	struct shiny_options options;
	struct shiny_server *server;
	char address[SHINY_ADDRESS_MAX];
	pid_t child;
	int errors;		  /* the child's standard error, read here */
	struct shiny_conn *first; /* in the child: the first connection, gone or not */
	unsigned wakes;
};

/* In a signal handler there is no context. */
static struct shiny_conn *signalled_conn;

static void serve_in_child(struct scene *scene, int errors)
{
	const struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	dup2(errors, STDERR_FILENO);
	close(errors);
	shiny_server_run(scene->server);
	_exit(0);
}

static void start(struct scene *scene)
{
	int ends[2];

	scene->options.size = sizeof(scene->options);
	scene->options.backend = suite_backend;
	scene->options.debug = 1;
	g_assert_cmpint(
		shiny_server_create(&scene->handlers, &scene->options, scene, &scene->server), ==,
		0);
	g_assert_cmpint(shiny_server_listen(scene->server, "tcp://127.0.0.1:0"), ==, 0);
	g_assert_cmpint(
		shiny_server_address(scene->server, 0, scene->address, sizeof(scene->address)), ==,
		0);
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	scene->child = fork();
	g_assert_cmpint(scene->child, >=, 0);
	if (scene->child == 0) {
		close(ends[0]);
		serve_in_child(scene, ends[1]);
	}
	close(ends[1]);
	scene->errors = ends[0];
}

/* How the child ended, which it must have by now or will. */
static int await_child(const struct scene *scene)
{
	int status;

	g_assert_cmpint(waitpid(scene->child, &status, 0), ==, scene->child);
	return status;
}

static void finish(struct scene *scene)
{
	close(scene->errors);
	shiny_server_destroy(scene->server);
}

static void expect_line(const struct scene *scene, const char *pattern)
{
	char *line = g_strchomp(client_receive_line(scene->errors));

	if (!g_pattern_match_simple(pattern, line)) {
		harness_fail("\"%s\" is not \"%s\"", line, pattern);
	}
	g_free(line);
}

static int connect_and_send(const struct scene *scene)
{
	int fd = client_connect(scene->address);

	client_send_text(fd, "x");
	return fd;
}

/* A server with those handlers is ended by the first byte that it gets, if not by an earlier one. */
static void expect_abort(struct scene *scene, int clients, const char *pattern)
{
	int fds[4], status;

	start(scene);
	for (int i = 0; i < clients; i++) {
		fds[i] = connect_and_send(scene);
	}
	expect_line(scene, pattern);
	status = await_child(scene);
	g_assert_true(WIFSIGNALED(status));
	g_assert_cmpint(WTERMSIG(status), ==, SIGABRT);
	for (int i = 0; i < clients; i++) {
		close(fds[i]);
	}
	finish(scene);
}

/* One that is told and goes on; the child is ended here. */
static void expect_warning(struct scene *scene, const char *pattern)
{
	int fd;

	start(scene);
	fd = connect_and_send(scene);
	expect_line(scene, pattern);
	kill(scene->child, SIGKILL);
	await_child(scene);
	close(fd);
	finish(scene);
}

static gpointer write_elsewhere(gpointer conn)
{
	shiny_write(conn, "x", 1);
	return NULL;
}

static bool write_by_thread(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	g_thread_join(g_thread_new("elsewhere", write_elsewhere, conn));
	return true;
}

static void another_thread(void)
{
	expect_abort(&(struct scene){ .handlers.handle = write_by_thread }, 1,
		     "libshiny: shiny_write() was called by a thread that does not run the server: "
		     "of other threads only shiny_server_wake(), *");
}

static gpointer find_elsewhere(gpointer server)
{
	shiny_server_find(server, 1);
	return NULL;
}

static bool find_by_thread(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	g_thread_join(g_thread_new("elsewhere", find_elsewhere, shiny_server_of(conn)));
	return true;
}

static void another_thread_looks(void)
{
	expect_abort(&(struct scene){ .handlers.handle = find_by_thread }, 1,
		     "libshiny: shiny_server_find() was called by a thread that does not run *");
}

/* The first connection ends at once; the next one's handler uses it. */
static bool use_the_first(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct scene *scene = ctx;

	(void)data, (void)len;
	if (!scene->first) {
		scene->first = conn;
		shiny_abort(conn);
		return true;
	}
	shiny_write(scene->first, "x", 1);
	return true;
}

static void after_its_end(void)
{
	struct scene scene = { .handlers.handle = use_the_first };
	int fd;

	start(&scene);
	fd = connect_and_send(&scene);
	client_expect_reset(fd);
	close(fd);
	fd = connect_and_send(&scene);
	expect_line(&scene,
		    "libshiny: shiny_write() was called with connection 4294967296, which has "
		    "ended: a connection is valid until its closed call returns; keep its id, and "
		    "look for it with shiny_server_find()");
	g_assert_cmpint(WTERMSIG(await_child(&scene)), ==, SIGABRT);
	close(fd);
	finish(&scene);
}

static bool refuse_and_use(struct shiny_conn *conn, void *ctx)
{
	struct scene *scene = ctx;

	if (scene->first) {
		shiny_user(scene->first);
	}
	scene->first = conn;
	return false;
}

static void after_its_refusal(void)
{
	expect_abort(&(struct scene){ .handlers.accept = refuse_and_use }, 2,
		     "libshiny: shiny_user() was called with connection *, which was refused: it "
		     "is valid until accept returns false");
}

static void use_in_signal(int number)
{
	(void)number;
	shiny_unsent(signalled_conn);
}

static bool wait_for_signal(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	signalled_conn = conn;
	signal(SIGUSR1, use_in_signal);
	return shiny_write(conn, data, len) == 0;
}

static void outside_of_events(void)
{
	struct scene scene = { .handlers.handle = wait_for_signal, .options.idle_tick_ms = 1000 };
	int fd;

	start(&scene);
	fd = connect_and_send(&scene);
	client_expect(fd, "x");
	kill(scene.child, SIGUSR1);
	expect_line(&scene, "libshiny: shiny_unsent() was called with connection * outside of the "
			    "event functions");
	g_assert_cmpint(WTERMSIG(await_child(&scene)), ==, SIGABRT);
	close(fd);
	finish(&scene);
}

static bool produce_too_much(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	memset(shiny_reserve(conn, 4), 'x', 4);
	shiny_produce(conn, 3);
	shiny_produce(conn, 2);
	return true;
}

static void too_much_produced(void)
{
	expect_abort(&(struct scene){ .handlers.handle = produce_too_much }, 1,
		     "libshiny: shiny_produce() of 2 bytes for connection * in handle, where 1 are "
		     "left of what was reserved: *");
}

static bool write_past(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	memset(shiny_reserve(conn, 4), 'x', 6);
	shiny_produce(conn, 4);
	return true;
}

static void written_past(void)
{
	expect_abort(
		&(struct scene){ .handlers.handle = write_past }, 1,
		"libshiny: what shiny_reserve() gave for connection * was written past, at the "
		"latest in handle: byte 0 behind it *");
}

static bool write_past_and_forget(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	char *room = shiny_reserve(conn, 4);

	(void)data, (void)len, (void)ctx;
	room[4 + 5] = 'x';
	return true;
}

static void written_past_and_not_produced(void)
{
	expect_abort(&(struct scene){ .handlers.handle = write_past_and_forget }, 1,
		     "libshiny: what shiny_reserve() gave for connection * byte 5 behind it *");
}

static bool wake_itself(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
	return true;
}

static void spins(void)
{
	expect_abort(&(struct scene){ .handlers.handle = wake_itself }, 1,
		     "libshiny: handle of connection * was woken 10000 times in a row by event "
		     "functions, and wrote nothing *");
}

/* Longer than a spin may last. */
static bool wake_itself_and_write(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct scene *scene = ctx;

	(void)data, (void)len;
	if (++scene->wakes > 15000) {
		return shiny_write(conn, "\n", 1) == 0;
	}
	shiny_server_wake(shiny_server_of(conn), shiny_id(conn));
	return shiny_write(conn, "w", 1) == 0;
}

static void wakes_with_an_effect(void)
{
	struct scene scene = { .handlers.handle = wake_itself_and_write };
	char *line;
	int fd;

	start(&scene);
	fd = connect_and_send(&scene);
	line = client_receive_line(fd);
	g_assert_cmpuint(strlen(line), >=, 15000);
	g_free(line);
	kill(scene.child, SIGKILL);
	await_child(&scene);
	close(fd);
	client_expect_end(scene.errors);
	finish(&scene);
}

static bool owe(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	return shiny_hold(conn) == 0;
}

static void owed_for_long(void)
{
	expect_warning(&(struct scene){ .handlers.handle = owe,
					.options.debug_hold_ms = 100,
					.options.idle_tick_ms = 50 },
		       "libshiny: an answer to connection * has been owed for 1?? ms: call "
		       "shiny_release() once it is given");
}

static bool owe_and_drain(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	shiny_server_drain(shiny_server_of(conn), 50);
	return shiny_hold(conn) == 0 && shiny_hold(conn) == 0;
}

static void owed_in_a_drain(void)
{
	expect_warning(&(struct scene){ .handlers.handle = owe_and_drain },
		       "libshiny: a drain has waited in vain for connection *, to which 2 answers "
		       "are owed: *");
}

static bool owe_and_close(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	shiny_hold(conn);
	return false;
}

static void owed_at_the_end(void)
{
	struct scene scene = { .handlers.handle = owe_and_close };
	int fd;

	start(&scene);
	fd = connect_and_send(&scene);
	client_expect_end(fd);
	close(fd);
	expect_line(&scene, "libshiny: connection * was closed in order, and 1 answers to it were "
			    "owed: *");
	kill(scene.child, SIGKILL);
	await_child(&scene);
	finish(&scene);
}

static bool release_unheld(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	shiny_release(conn);
	return true;
}

static void released_unheld(void)
{
	expect_abort(
		&(struct scene){ .handlers.handle = release_unheld }, 1,
		"libshiny: shiny_release() of connection * in handle, where no answer is owed: "
		"call it once for each shiny_hold()");
}

static void use_in_notice(enum shiny_notice notice, int error, const char *peer, void *ctx)
{
	struct scene *scene = ctx;

	(void)notice, (void)error, (void)peer;
	shiny_server_next(scene->server, NULL);
}

static void in_notice(void)
{
	struct scene scene = { .options.max_connections = 1, .options.notice = use_in_notice };

	scene.options.notice_ctx = &scene;
	expect_abort(&scene, 2,
		     "libshiny: shiny_server_next() was called by the notice function, which must "
		     "not call the library");
}

static bool destroy(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)data, (void)len, (void)ctx;
	shiny_server_destroy(shiny_server_of(conn));
	return true;
}

static void destroyed_while_it_runs(void)
{
	expect_abort(&(struct scene){ .handlers.handle = destroy }, 1,
		     "libshiny: shiny_server_destroy() was called while the server runs: *");
}

static bool fork_and_write(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	pid_t pid = fork();

	(void)ctx;
	if (pid == 0) {
		shiny_write(conn, data, len);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return true;
}

static void in_a_child(void)
{
	expect_warning(&(struct scene){ .handlers.handle = fork_and_write },
		       "libshiny: shiny_write() was called by a child process that was forked in "
		       "handle: it must exec or _exit");
}

void add_debug_tests(void)
{
	harness_add("/debug/thread/another-one-is-told", another_thread);
	harness_add("/debug/thread/another-one-that-looks-is-told", another_thread_looks);
	harness_add("/debug/gone/a-use-after-closed-is-told", after_its_end);
	harness_add("/debug/gone/a-use-after-a-refusal-is-told", after_its_refusal);
	harness_add("/debug/events/a-use-outside-of-them-is-told", outside_of_events);
	harness_add("/debug/reserved/too-much-produced-is-told", too_much_produced);
	harness_add("/debug/reserved/written-past-is-told", written_past);
	harness_add("/debug/reserved/written-past-and-not-produced-is-told",
		    written_past_and_not_produced);
	harness_add("/debug/spin/a-handler-that-only-wakes-itself-is-told", spins);
	harness_add("/debug/spin/a-handler-that-writes-goes-on", wakes_with_an_effect);
	harness_add("/debug/hold/for-very-long-is-told", owed_for_long);
	harness_add("/debug/hold/in-a-drain-is-told", owed_in_a_drain);
	harness_add("/debug/hold/at-an-orderly-end-is-told", owed_at_the_end);
	harness_add("/debug/hold/a-release-without-one-is-told", released_unheld);
	harness_add("/debug/notice/a-call-from-it-is-told", in_notice);
	harness_add("/debug/run/destroying-a-server-that-runs-is-told", destroyed_while_it_runs);
	harness_add("/debug/fork/a-call-in-a-child-is-told", in_a_child);
}
