/* SPDX-License-Identifier: MIT */
/*
 * datagrams: a plugin that asks a backend. Each line goes as a datagram to the unix socket `backend`, with a number in
 * front, and the datagram that comes back with that number is the answer to the line.
 *
 * What the backend sends is read by a thread with an epoll of its own, as client libraries of databases have it. The
 * thread and the handlers share one table of requests, under a lock. The thread knows a connection by its id only: it
 * stores the answer and wakes the connection, and the handler, on the serving thread, writes it.
 */
#include <shiny-plugin.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX     1024
#define REQUESTS_MAX 1024 /* that wait for the backend at the same time */

struct request {
	uint64_t number; /* 0: this place is free */
	uint64_t conn;
	int64_t deadline_ms;
	bool done;
	size_t len; /* of the answer */
	char answer[TEXT_MAX];
};

/* What a connection remembers: one request at a time waits for the backend. */
struct peer {
	struct request *request;
};

struct datagrams {
	const struct shiny_host *host;
	int64_t timeout_ms;
	struct sockaddr_un backend;
	int socket, stop, epoll;
	pthread_t thread;
	pthread_mutex_t lock; /* all below */
	uint64_t last_number;
	struct request requests[REQUESTS_MAX]; /* a request's place is its number modulo that */
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* NULL if too many requests wait already. */
static struct request *add_request(struct datagrams *app, uint64_t conn)
{
	struct request *request = NULL;

	pthread_mutex_lock(&app->lock);
	for (int i = 0; i < REQUESTS_MAX && !request; i++) {
		request = &app->requests[++app->last_number % REQUESTS_MAX];
		if (request->number != 0) {
			request = NULL;
		}
	}
	if (request) {
		request->number = app->last_number;
		request->conn = conn;
		request->deadline_ms = now_ms() + app->timeout_ms;
		request->done = false;
	}
	pthread_mutex_unlock(&app->lock);
	return request;
}

static void remove_request(struct datagrams *app, struct request *request)
{
	pthread_mutex_lock(&app->lock);
	request->number = 0;
	pthread_mutex_unlock(&app->lock);
}

/* Under lock. */
static void finish(struct datagrams *app, struct request *request, const char *text, size_t len)
{
	memcpy(request->answer, text, len);
	request->len = len;
	request->done = true;
	shiny_server_wake(app->host->server, request->conn);
}

/* What shinyd --status says of this plugin. */
static void set_degraded(const struct shiny_host *host, const char *text)
{
	if (SHINY_HOST_HAS(host, degraded)) {
		host->degraded(host, text);
	}
}

static bool write_line(struct shiny_conn *conn, const char *text, size_t len)
{
	return shiny_write(conn, text, len) == 0 && shiny_write(conn, "\n", 1) == 0;
}

/* Returns NULL, or what to answer instead of the backend. A backend that was restarted is found again. */
static const char *send_datagram(struct datagrams *app, const char *text, size_t len)
{
	const struct sockaddr *backend = (const struct sockaddr *)&app->backend;
	const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;

	if (send(app->socket, text, len, flags) < 0) {
		if (errno == EAGAIN) {
			return "busy";
		}
		if (connect(app->socket, backend, sizeof(app->backend)) < 0 ||
		    send(app->socket, text, len, flags) < 0) {
			set_degraded(app->host, "the backend does not listen");
			return "unreachable";
		}
	}
	set_degraded(app->host, NULL);
	return NULL;
}

/* Sends a line to the backend; what cannot be sent is answered at once. */
static bool ask_backend(struct datagrams *app, struct shiny_conn *conn, const char *line,
			size_t len)
{
	struct peer *peer = shiny_user(conn);
	struct request *request = add_request(app, shiny_id(conn));
	const char *problem;
	char text[TEXT_MAX + 24];
	int n;

	if (!request) {
		return write_line(conn, "busy", 4);
	}
	n = snprintf(text, sizeof(text), "%" PRIu64 " %.*s", request->number, (int)len, line);
	problem = send_datagram(app, text, (size_t)n);
	if (problem) {
		remove_request(app, request);
		return write_line(conn, problem, strlen(problem));
	}
	peer->request = request;
	shiny_hold(conn);  /* an answer is owed, whatever the peer does */
	shiny_pause(conn); /* and none is to overtake it */
	return true;
}

/* The connection was woken; perhaps because its request is done. */
static bool take_answer(struct datagrams *app, struct shiny_conn *conn)
{
	struct peer *peer = shiny_user(conn);
	struct request *request = peer->request;
	bool done, written;

	pthread_mutex_lock(&app->lock);
	done = request && request->done;
	pthread_mutex_unlock(&app->lock);
	if (!done) {
		return true;
	}
	/* Once it is done it is this connection's alone. */
	written = write_line(conn, request->answer, request->len);
	remove_request(app, request);
	peer->request = NULL;
	shiny_release(conn);
	shiny_resume(conn);
	return written;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct peer *peer = shiny_user(conn);

	if (len == 0) {
		return take_answer(ctx, conn);
	}
	while (len > 0 && !peer->request && !shiny_congested(conn)) {
		const char *end = memchr(data, '\n', len);
		size_t line = end ? (size_t)(end - data) : len;

		if (line > TEXT_MAX) {
			return false;
		}
		if (!end) {
			return shiny_unread(conn, len, len + 1) == 0;
		}
		if (!ask_backend(ctx, conn, data, line)) {
			return false;
		}
		data += line + 1;
		len -= line + 1;
	}
	return shiny_unread(conn, len, 0) == 0;
}

bool on_accept(struct shiny_conn *conn, void *ctx)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	(void)ctx;
	shiny_set_user(conn, peer);
	return peer != NULL;
}

void on_closed(struct shiny_conn *conn, int error, void *ctx)
{
	struct peer *peer = shiny_user(conn);

	(void)error;
	if (peer->request) {
		remove_request(ctx, peer->request);
	}
	free(peer);
}

/* What the backend does not answer in time. */
bool on_tick(void *ctx)
{
	struct datagrams *app = ctx;
	int64_t now = now_ms();

	pthread_mutex_lock(&app->lock);
	for (int i = 0; i < REQUESTS_MAX; i++) {
		struct request *request = &app->requests[i];
		if (request->number != 0 && !request->done && now >= request->deadline_ms) {
			finish(app, request, "timeout", 7);
		}
	}
	pthread_mutex_unlock(&app->lock);
	return true;
}

/* One datagram: a number, a blank, the answer. Whatever is not that is dropped, as are late answers. */
static void read_answer(struct datagrams *app)
{
	char text[TEXT_MAX + 24], *answer;
	ssize_t n = recv(app->socket, text, sizeof(text) - 1, MSG_DONTWAIT);
	struct request *request;
	uint64_t number;

	if (n < 0) {
		return;
	}
	text[n] = '\0';
	number = strtoull(text, &answer, 10);
	if (number == 0 || *answer != ' ' || strlen(answer + 1) > TEXT_MAX) {
		return;
	}
	pthread_mutex_lock(&app->lock);
	request = &app->requests[number % REQUESTS_MAX];
	if (request->number == number && !request->done) {
		finish(app, request, answer + 1, strlen(answer + 1));
	}
	pthread_mutex_unlock(&app->lock);
}

static void *poll_backend(void *arg)
{
	struct datagrams *app = arg;
	struct epoll_event event;

	for (;;) {
		if (epoll_wait(app->epoll, &event, 1, -1) < 1) {
			continue; /* EINTR */
		}
		if (event.data.fd == app->stop) {
			return NULL;
		}
		read_answer(app);
	}
}

static const struct shiny_param parameters[] = {
	{
		.key = "backend",
		.type = SHINY_TYPE_PATH,
		.required = true,
		.help = "the unix datagram socket of who answers",
	},
	{
		.key = "timeout",
		.type = SHINY_TYPE_DURATION,
		.default_value = "1s",
		.min = 1,
		.max = 60000,
		.help = "how long an answer may take",
	},
	{ .key = NULL },
};

static int watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* With a name that the kernel chooses, for answers to come to. */
static int open_socket(void)
{
	const struct sockaddr_un any = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)) < 0) {
		return -1;
	}
	return fd;
}

/* Here and not in load, as it has no side effects. */
static int check(const struct shiny_value *values, char *error)
{
	if (strlen(values[0].text) < sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		return 0;
	}
	snprintf(error, SHINY_ERROR_MAX, "backend: the path is too long for a unix socket");
	return -ENAMETOOLONG;
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct datagrams *app = calloc(1, sizeof(*app));

	if (!app) {
		return -ENOMEM;
	}
	app->host = host;
	app->timeout_ms = values[1].number;
	pthread_mutex_init(&app->lock, NULL);
	app->backend.sun_family = AF_UNIX;
	strcpy(app->backend.sun_path, values[0].text); /* as long as check allows */
	app->socket = open_socket();
	app->stop = eventfd(0, EFD_CLOEXEC);
	app->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (app->socket < 0 || watch(app->epoll, app->socket) < 0 ||
	    watch(app->epoll, app->stop) < 0 ||
	    pthread_create(&app->thread, NULL, poll_backend, app) != 0) {
		snprintf(error, SHINY_ERROR_MAX, "cannot start: %s", strerror(errno));
		return -1; /* the process ends, and what it has opened with it */
	}
	*ret_ctx = app;
	return 0;
}

/* Every connection has been closed, so nobody waits any more. */
static void unload(void *ctx)
{
	struct datagrams *app = ctx;

	eventfd_write(app->stop, 1);
	pthread_join(app->thread, NULL);
	pthread_mutex_destroy(&app->lock);
	close(app->epoll);
	close(app->stop);
	close(app->socket);
	free(app);
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "datagrams",
	.version = "1.0",
	.summary = "a backend's answer to each line",
	.parameters = parameters,
	.check = check,
	.load = load,
	.unload = unload,
};
/* clang-format on */
