/* SPDX-License-Identifier: MIT */
/*
 * What the kernel may answer and seldom does: accept4(2), recv(2) and send(2) fail as the test says,
 * in the server's thread only. And what others may do while bind(2) has just made a file.
 */
#include <errno.h>
#include <shiny.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"

int __real_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int __real_bind(int fd, const struct sockaddr *addr, socklen_t len);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);

enum call {
	CALL_ACCEPT,
	CALL_RECV,
	CALL_SEND,
	CALL_MAX
};

/* How often each call is still to fail, and with what. */
static gint failures[CALL_MAX];
static gint failure_error;
static _Thread_local bool is_server;

static bool fails(enum call call)
{
	if (!is_server || g_atomic_int_get(&failures[call]) == 0) {
		return false;
	}
	g_atomic_int_add(&failures[call], -1);
	errno = g_atomic_int_get(&failure_error);
	return true;
}

int __wrap_accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags)
{
	return fails(CALL_ACCEPT) ? -1 : __real_accept4(fd, addr, len, flags);
}

/* What is put in the place of the next unix socket's file, as what link; NULL: nothing. */
static const char *intruder;
static int (*make_link)(const char *from, const char *to);

int __wrap_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	const char *path = ((const struct sockaddr_un *)addr)->sun_path;
	int r = __real_bind(fd, addr, len);

	if (r == 0 && intruder && addr->sa_family == AF_UNIX) {
		g_assert_cmpint(unlink(path), ==, 0);
		g_assert_cmpint(make_link(intruder, path), ==, 0);
	}
	return r;
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
	return fails(CALL_RECV) ? -1 : __real_recv(fd, buf, len, flags);
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	return fails(CALL_SEND) ? -1 : __real_send(fd, buf, len, flags);
}

struct fixture {
	struct shiny_server *server;
	struct shiny_stats stats;
	char address[SHINY_ADDRESS_MAX];
	GThread *thread;
	struct latch closes;
	gint error; /* atomic: of the latest end */
};

static bool echo(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
}

static void note_end(struct shiny_conn *conn, int error, void *ctx)
{
	struct fixture *f = ctx;

	(void)conn;
	g_atomic_int_set(&f->error, error);
	latch_add(&f->closes, 1);
}

static gpointer run(gpointer data)
{
	struct fixture *f = data;

	is_server = true;
	g_assert_cmpint(shiny_server_run(f->server), ==, 0);
	return NULL;
}

static void start(struct fixture *f)
{
	static const struct shiny_handlers handlers = { .handle = echo, .closed = note_end };
	struct shiny_options options = SHINY_OPTIONS;

	options.stats = &f->stats;
	g_assert_cmpint(shiny_server_create(&handlers, &options, f, &f->server), ==, 0);
	g_assert_cmpint(shiny_server_listen(f->server, "tcp://127.0.0.1:0"), ==, 0);
	g_assert_cmpint(shiny_server_address(f->server, 0, f->address, sizeof(f->address)), ==, 0);
	f->thread = g_thread_new("server", run, f);
}

static void stop(struct fixture *f)
{
	shiny_server_stop(f->server);
	g_thread_join(f->thread);
	shiny_server_destroy(f->server);
}

static void expect_echo(const char *address)
{
	int fd = client_connect(address);

	client_send_text(fd, "hello");
	client_expect(fd, "hello");
	close(fd);
}

static uint64_t turns(struct fixture *f)
{
	return __atomic_load_n(&f->stats.turns, __ATOMIC_RELAXED);
}

/* Whether or not the queue still holds somebody, the next client is served. */
static void accept_fails(const int *errors, size_t n)
{
	struct fixture f = { 0 };

	start(&f);
	for (size_t i = 0; i < n; i++) {
		g_atomic_int_set(&failure_error, errors[i]);
		g_atomic_int_set(&failures[CALL_ACCEPT], 3);
		expect_echo(f.address);
		expect_echo(f.address);
		g_atomic_int_set(&failures[CALL_ACCEPT], 0);
	}
	stop(&f);
}

static void one_peer_lost(void)
{
	static const int errors[] = { ECONNABORTED, EINTR, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH };

	accept_fails(errors, G_N_ELEMENTS(errors));
}

static void out_of_resources(void)
{
	static const int errors[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM };

	accept_fails(errors, G_N_ELEMENTS(errors));
}

/* While it lasts the loop does not spin on the listener, which stays readable. */
static void out_for_long(void)
{
	struct fixture f = { 0 };
	uint64_t before;
	int fd;

	start(&f);
	g_atomic_int_set(&failure_error, ENFILE);
	g_atomic_int_set(&failures[CALL_ACCEPT], 1000000);
	fd = client_connect(f.address);
	client_send_text(fd, "x");
	before = turns(&f);
	g_assert_false(client_readable(fd, 500));
	g_assert_cmpuint(turns(&f) - before, <, 50);
	g_assert_cmpuint(__atomic_load_n(&f.stats.errors_accept, __ATOMIC_RELAXED), >, 0);
	g_atomic_int_set(&failures[CALL_ACCEPT], 0);
	client_expect(fd, "x");
	close(fd);
	stop(&f);
}

/* Not now, but soon: nothing is lost. */
static void later(enum call call)
{
	static const int errors[] = { EINTR, EAGAIN };
	struct fixture f = { 0 };

	start(&f);
	for (size_t i = 0; i < G_N_ELEMENTS(errors); i++) {
		g_atomic_int_set(&failure_error, errors[i]);
		g_atomic_int_set(&failures[call], 3);
		expect_echo(f.address);
	}
	latch_await(&f.closes, G_N_ELEMENTS(errors));
	g_assert_cmpint(g_atomic_int_get(&f.error), ==, 0);
	stop(&f);
}

static void recv_later(void)
{
	later(CALL_RECV);
}

static void send_later(void)
{
	later(CALL_SEND);
}

/* An error of the socket ends this connection with it, and no other. */
static void ends_with(enum call call, int error, int reported)
{
	struct fixture f = { 0 };
	int other, fd;

	start(&f);
	other = client_connect(f.address);
	client_send_text(other, "x");
	client_expect(other, "x");
	fd = client_connect(f.address);
	g_atomic_int_set(&failure_error, error);
	g_atomic_int_set(&failures[call], 1);
	client_send_text(fd, "x");
	latch_await(&f.closes, 1);
	g_assert_cmpint(g_atomic_int_get(&f.error), ==, reported);
	client_send_text(other, "x");
	client_expect(other, "x");
	close(fd);
	close(other);
	stop(&f);
}

static void recv_fails(void)
{
	ends_with(CALL_RECV, ETIMEDOUT, ETIMEDOUT);
	ends_with(CALL_RECV, ECONNRESET, ECONNRESET);
	ends_with(CALL_RECV, EHOSTUNREACH, EHOSTUNREACH);
}

static void send_fails(void)
{
	ends_with(CALL_SEND, EPIPE, ECONNRESET);
	ends_with(CALL_SEND, ECONNRESET, ECONNRESET);
	ends_with(CALL_SEND, EHOSTUNREACH, EHOSTUNREACH);
}

/* The owner of the folder may put anything in the place of a socket, at any moment. */
static void expect_mode_kept(int (*link_by)(const char *from, const char *to))
{
	struct shiny_options options = SHINY_OPTIONS;
	char *dir = harness_make_dir(), *victim = g_build_filename(dir, "victim", NULL);
	char *path = g_build_filename(dir, "socket", NULL);
	char *address = g_strconcat("unix://", path, NULL);
	struct stat st;
	int fd = -1;

	g_assert_true(g_file_set_contents(victim, "", -1, NULL));
	g_assert_cmpint(chmod(victim, 0600), ==, 0);
	intruder = victim;
	make_link = link_by;
	options.unix_mode = 0666;
	g_assert_cmpint(shiny_bind(address, &options, &fd), <, 0);
	intruder = NULL;
	g_assert_cmpint(stat(victim, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
	g_assert_cmpint(lstat(path, &st), ==, 0); /* which is not the library's to remove */
	g_free(address);
	g_free(path);
	g_free(victim);
	harness_remove_dir(dir);
}

static void mode_of_a_socket_only(void)
{
	expect_mode_kept(symlink);
	expect_mode_kept(link);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/fault/accept/one-peer-lost-is-no-matter", one_peer_lost);
	harness_add("/fault/accept/out-of-resources-is-survived", out_of_resources);
	harness_add("/fault/accept/out-of-resources-does-not-spin", out_for_long);
	harness_add("/fault/bind/unix-mode-is-a-socket-s-only", mode_of_a_socket_only);
	harness_add("/fault/recv/later-is-later", recv_later);
	harness_add("/fault/recv/error-ends-the-connection", recv_fails);
	harness_add("/fault/send/later-is-later", send_later);
	harness_add("/fault/send/error-ends-the-connection", send_fails);
	return harness_run();
}
