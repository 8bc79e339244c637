/* SPDX-License-Identifier: MIT */
/*
 * Memory running out: each allocation of the library fails once in turn, in a session that uses all of it.
 *
 * The library is linked statically, so that the linker's --wrap puts the functions below between it and libc.
 * Whatever fails, nothing may crash or leak (AddressSanitizer tells), and the server must end as it is told.
 */
#include "harness.h"
#include "shiny.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REPLY_SIZE 300000 /* more than a socket buffer takes at once */
#define NEVER	   UINT_MAX

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static atomic_uint countdown = NEVER; /* the allocation at 0 fails */
static atomic_bool failed;

static bool fails(void)
{
	if (countdown != NEVER && countdown-- == 0) {
		countdown = NEVER;
		failed = true;
		return true;
	}
	return false;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

struct session {
	struct sockaddr_un where;
	struct shiny_server *server;
	struct latch held; /* the first half of a request, or the connection has ended */
	unsigned accepted, closed;
};

/* Wants requests of four bytes; answers each with more than fits. */
static bool handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct session *session = ctx;

	(void)data;
	if (len < 4) {
		latch_add(&session->held, 1);
		return shiny_unread(conn, len, 4) == 0;
	}
	char *room = shiny_reserve(conn, REPLY_SIZE);
	if (room) {
		memset(room, 'x', REPLY_SIZE);
		shiny_produce(conn, REPLY_SIZE);
	}
	return room != NULL;
}

static bool accept_conn(struct shiny_conn *conn, void *ctx)
{
	struct session *session = ctx;

	session->accepted++;
	/* Refused ones get no closed call; this one does, whatever becomes of the write. */
	shiny_write(conn, "hello\n", 6);
	return true;
}

static void closed(struct shiny_conn *conn, int error, void *ctx)
{
	struct session *session = ctx;

	(void)conn, (void)error;
	session->closed++;
	latch_add(&session->held, 1);
}

static bool send_part(int fd, const char *part)
{
	return send(fd, part, 2, MSG_NOSIGNAL) == 2;
}

/* Talks to the server until it has what it asked for or the server has had enough, then stops it. */
static void *talk(void *arg)
{
	struct session *session = arg;
	static char buf[REPLY_SIZE];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_assert_cmpint(connect(fd, (struct sockaddr *)&session->where, sizeof(session->where)), ==,
			0);
	if (recv(fd, buf, 6, MSG_WAITALL) == 6 && send_part(fd, "ab")) {
		latch_wait(&session->held, 1, HARNESS_PATIENCE_MS);
		if (send_part(fd, "cd")) {
			(void)!recv(fd, buf, sizeof(buf), MSG_WAITALL);
		}
	}
	close(fd);
	shiny_server_stop(session->server);
	return NULL;
}

static void run_session(struct session *session, const char *backend)
{
	const struct shiny_handlers handlers = {
		.handle = handle,
		.accept = accept_conn,
		.closed = closed,
	};
	struct shiny_options options = SHINY_OPTIONS;
	char address[SHINY_ADDRESS_MAX];
	pthread_t client;

	options.backend = backend;
	options.proxy_from = "192.0.2.1, 2001:db8::/32";
	g_snprintf(address, sizeof(address), "unix://%s", session->where.sun_path);
	int error = shiny_server_create(&handlers, &options, session, &session->server);
	if (error < 0) {
		g_assert_cmpint(error, ==, -ENOMEM);
		return;
	}
	error = shiny_server_listen(session->server, address);
	if (error == 0) {
		g_assert_cmpint(pthread_create(&client, NULL, talk, session), ==, 0);
		error = shiny_server_run(session->server);
		if (error == -ENOMEM) {
			/* The client waits in the backlog: a run that failed can be made again. */
			error = shiny_server_run(session->server);
		}
		pthread_join(client, NULL);
	}
	if (error < 0) {
		g_assert_cmpint(error, ==, -ENOMEM);
	}
	shiny_server_destroy(session->server);
	g_assert_cmpuint(session->accepted, ==, session->closed);
}

static unsigned fail_each(const char *backend)
{
	unsigned n = 0;
	char *dir = harness_make_dir();

	do {
		struct session session = { .where = { .sun_family = AF_UNIX } };
		g_snprintf(session.where.sun_path, sizeof(session.where.sun_path), "%s/socket",
			   dir);
		failed = false;
		countdown = n++;
		run_session(&session, backend);
		countdown = NEVER;
	} while (failed);
	harness_remove_dir(dir);
	return n - 1;
}

static void fail_each_epoll(void)
{
	g_assert_cmpuint(fail_each("epoll"), >, 10);
}

static void fail_each_poll(void)
{
	g_assert_cmpuint(fail_each("poll"), >, 12);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/memory/epoll/each-allocation-may-fail", fail_each_epoll);
	harness_add("/memory/poll/each-allocation-may-fail", fail_each_poll);
	return harness_run();
}
