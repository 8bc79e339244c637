/* SPDX-License-Identifier: MIT */
/*
 * Children: one that an event function forks and that returns into the loop ends, and costs its
 * parent nothing; and one may run a server that it inherits.
 *
 * Without struct serving: a child of a process with threads must take no lock on its way back.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "suite.h"

enum {
	CLIENTS = 20
};

struct forks {
	struct shiny_server *server;
	char address[SHINY_ADDRESS_MAX];
	struct shiny_stats stats;
	enum shiny_event at; /* in which the next fork is due; NONE: in none */
	uint64_t child;	     /* once it was forked */
	GThread *thread;
};

/* The child returns, as if nothing had happened. */
static void fork_at(struct forks *forks, enum shiny_event event)
{
	if (__atomic_load_n(&forks->at, __ATOMIC_ACQUIRE) == event) {
		__atomic_store_n(&forks->at, SHINY_EVENT_NONE, __ATOMIC_RELAXED);
		pid_t pid = fork();
		if (pid > 0) {
			__atomic_store_n(&forks->child, (uint64_t)pid, __ATOMIC_RELEASE);
		}
	}
}

static bool handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	fork_at(ctx, SHINY_EVENT_HANDLE);
	return shiny_write(conn, data, len) == 0;
}

static bool accept_it(struct shiny_conn *conn, void *ctx)
{
	(void)conn;
	fork_at(ctx, SHINY_EVENT_ACCEPT);
	return true;
}

static void closed(struct shiny_conn *conn, int error, void *ctx)
{
	(void)conn;
	(void)error;
	fork_at(ctx, SHINY_EVENT_CLOSED);
}

static bool tick(void *ctx)
{
	fork_at(ctx, SHINY_EVENT_TICK);
	return true;
}

static int commit(void *ctx)
{
	fork_at(ctx, SHINY_EVENT_COMMIT);
	return 0;
}

static gpointer run_server(gpointer server)
{
	return GINT_TO_POINTER(shiny_server_run(server));
}

static void create(struct forks *forks, int (*commit_it)(void *ctx))
{
	const struct shiny_handlers handlers = {
		.handle = handle,
		.accept = accept_it,
		.closed = closed,
		.tick = tick,
	};
	struct shiny_options options = SHINY_OPTIONS;

	options.backend = suite_backend;
	options.stats = &forks->stats;
	options.commit = commit_it;
	g_assert_cmpint(shiny_server_create(&handlers, &options, forks, &forks->server), ==, 0);
	g_assert_cmpint(shiny_server_listen(forks->server, "tcp://127.0.0.1:0"), ==, 0);
	g_assert_cmpint(
		shiny_server_address(forks->server, 0, forks->address, sizeof(forks->address)), ==,
		0);
}

static void finish(struct forks *forks)
{
	shiny_server_stop(forks->server);
	g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(forks->thread)), ==, 0);
	shiny_server_destroy(forks->server);
}

static void echo(int fd, const char *text)
{
	client_send_text(fd, text);
	client_expect(fd, text);
}

/* What is written to standard error can be received, until *@ret_errors is put back. */
static int divert_errors(int *ret_errors)
{
	int ends[2];

	*ret_errors = dup(STDERR_FILENO);
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	g_assert_cmpint(dup2(ends[1], STDERR_FILENO), ==, STDERR_FILENO);
	close(ends[1]);
	return ends[0];
}

static void expect_last_words(int fd)
{
	char *line = client_receive_line(fd);

	g_assert_nonnull(
		strstr(line, "libshiny: a child that an event function forked has returned"));
	g_assert_nonnull(strstr(line, "it must exec or _exit"));
	g_free(line);
}

static void expect_abort(struct forks *forks)
{
	int status;
	pid_t child;

	suite_await_stat(&forks->child, 1);
	child = (pid_t)__atomic_load_n(&forks->child, __ATOMIC_ACQUIRE);
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_true(WIFSIGNALED(status));
	g_assert_cmpint(WTERMSIG(status), ==, SIGABRT);
	__atomic_store_n(&forks->child, 0, __ATOMIC_RELAXED);
}

/* All that clients do while the child is there is the parent's to answer. */
static void returning_child(enum shiny_event event)
{
	static struct forks forks;
	int fds[CLIENTS], errors, said;

	create(&forks, event == SHINY_EVENT_COMMIT ? commit : NULL);
	forks.thread = g_thread_new("server", run_server, forks.server);
	for (int i = 0; i < CLIENTS; i++) {
		fds[i] = client_connect(forks.address);
		echo(fds[i], "before");
	}
	said = divert_errors(&errors);
	__atomic_store_n(&forks.at, event, __ATOMIC_RELEASE);
	for (int i = 0; i < CLIENTS; i++) {
		client_send_text(fds[i], "during");
	}
	for (int i = 0; i < CLIENTS; i++) {
		client_expect(fds[i], "during");
		client_exchange(forks.address, "new", "new");
	}
	expect_abort(&forks);
	dup2(errors, STDERR_FILENO);
	expect_last_words(said);
	for (int i = 0; i < CLIENTS; i++) {
		echo(fds[i], "after");
		client_send_end(fds[i]);
		client_expect_end(fds[i]);
		close(fds[i]);
	}
	close(errors);
	close(said);
	finish(&forks);
}

static void returns_from_handle(void)
{
	returning_child(SHINY_EVENT_HANDLE);
}

static void returns_from_accept(void)
{
	returning_child(SHINY_EVENT_ACCEPT);
}

static void returns_from_closed(void)
{
	returning_child(SHINY_EVENT_CLOSED);
}

static void returns_from_tick(void)
{
	returning_child(SHINY_EVENT_TICK);
}

static void returns_from_commit(void)
{
	returning_child(SHINY_EVENT_COMMIT);
}

/* Says who it is. */
static bool say_pid(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	char line[32];

	(void)data;
	(void)len;
	(void)ctx;
	g_snprintf(line, sizeof(line), "%d\n", (int)getpid());
	return shiny_write(conn, line, strlen(line)) == 0;
}

static pid_t ask_pid(int fd)
{
	char *line;
	pid_t pid;

	client_send_text(fd, "?");
	line = client_receive_line(fd);
	pid = (pid_t)strtol(line, NULL, 10);
	g_free(line);
	return pid;
}

/* Each of them has a poller of its own, and all the same socket. */
static void heirs_serve(void)
{
	const struct shiny_handlers handlers = { .handle = say_pid };
	struct shiny_options options = SHINY_OPTIONS;
	char address[SHINY_ADDRESS_MAX];
	struct shiny_server *server;
	pid_t heirs[3];
	int fds[3];

	options.backend = suite_backend;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, 0);
	g_assert_cmpint(shiny_server_listen(server, "tcp://127.0.0.1:0"), ==, 0);
	g_assert_cmpint(shiny_server_address(server, 0, address, sizeof(address)), ==, 0);
	for (int i = 0; i < 3; i++) {
		/* The one before is stopped meanwhile, so that its successor gets the client. */
		heirs[i] = fork();
		if (heirs[i] == 0) {
			_exit(shiny_server_run(server) == 0 ? 0 : 1);
		}
		fds[i] = client_connect(address);
		g_assert_cmpint(ask_pid(fds[i]), ==, heirs[i]);
		g_assert_cmpint(kill(heirs[i], SIGSTOP), ==, 0);
		g_assert_cmpint(waitpid(heirs[i], NULL, WUNTRACED), ==, heirs[i]);
	}
	for (int i = 0; i < 3; i++) {
		g_assert_cmpint(kill(heirs[i], SIGCONT), ==, 0);
	}
	/* One that ends takes nothing of the others with it. */
	g_assert_cmpint(kill(heirs[0], SIGKILL), ==, 0);
	g_assert_cmpint(waitpid(heirs[0], NULL, 0), ==, heirs[0]);
	for (int i = 1; i < 3; i++) {
		g_assert_cmpint(ask_pid(fds[i]), ==, heirs[i]);
		g_assert_cmpint(kill(heirs[i], SIGKILL), ==, 0);
		g_assert_cmpint(waitpid(heirs[i], NULL, 0), ==, heirs[i]);
	}
	for (int i = 0; i < 3; i++) {
		close(fds[i]);
	}
	shiny_server_destroy(server);
}

void add_fork_tests(void)
{
	harness_add("/fork/in-handle/a-child-that-returns-ends", returns_from_handle);
	harness_add("/fork/in-accept/a-child-that-returns-ends", returns_from_accept);
	harness_add("/fork/in-closed/a-child-that-returns-ends", returns_from_closed);
	harness_add("/fork/in-tick/a-child-that-returns-ends", returns_from_tick);
	harness_add("/fork/in-commit/a-child-that-returns-ends", returns_from_commit);
	harness_add("/fork/before-the-run/each-child-serves", heirs_serve);
}
