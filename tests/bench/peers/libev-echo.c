/* SPDX-License-Identifier: MIT */
/*
 * libev's echo server: libev brings events only, so reading and writing are plain calls, and what a socket does not
 * take is not kept: a near floor. usage: libev-echo PORT
 */
#include <arpa/inet.h>
#include <ev.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_readable(struct ev_loop *loop, struct ev_io *conn, int events)
{
	static char buffer[64 * 1024];
	ssize_t n = recv(conn->fd, buffer, sizeof(buffer), 0);

	(void)events;
	if (n <= 0 || send(conn->fd, buffer, (size_t)n, MSG_NOSIGNAL) < 0) {
		ev_io_stop(loop, conn);
		close(conn->fd);
		free(conn);
	}
}

static void on_connection(struct ev_loop *loop, struct ev_io *listener, int events)
{
	int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd >= 0) {
		struct ev_io *conn = malloc(sizeof(*conn));
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		ev_io_init(conn, on_readable, fd, EV_READ);
		ev_io_start(loop, conn);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct ev_io listener;

	if (argc < 2) {
		return 2;
	}
	address.sin_port = htons((uint16_t)atoi(argv[1]));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4096) < 0) {
		return 1;
	}
	ev_io_init(&listener, on_connection, fd, EV_READ);
	ev_io_start(EV_DEFAULT, &listener);
	ev_run(EV_DEFAULT, 0);
	return 0;
}
