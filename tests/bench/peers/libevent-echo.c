/* SPDX-License-Identifier: MIT */
/* libevent's echo server, as its book writes it. usage: libevent-echo PORT */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <stdlib.h>

static void on_read(struct bufferevent *conn, void *ctx)
{
	(void)ctx;
	evbuffer_add_buffer(bufferevent_get_output(conn), bufferevent_get_input(conn));
}

static void on_event(struct bufferevent *conn, short events, void *ctx)
{
	(void)ctx;
	if (events & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
		bufferevent_free(conn);
	}
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd,
			  struct sockaddr *peer, int peer_len, void *ctx)
{
	struct bufferevent *conn = bufferevent_socket_new(evconnlistener_get_base(listener), fd,
							  BEV_OPT_CLOSE_ON_FREE);

	(void)peer, (void)peer_len, (void)ctx;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	bufferevent_setcb(conn, on_read, NULL, on_event, NULL);
	bufferevent_enable(conn, EV_READ | EV_WRITE);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct event_base *base = event_base_new();

	if (argc < 2) {
		return 2;
	}
	address.sin_port = htons((uint16_t)atoi(argv[1]));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!evconnlistener_new_bind(base, on_connection, NULL,
				     LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE, 4096,
				     (struct sockaddr *)&address, sizeof(address))) {
		return 1;
	}
	return event_base_dispatch(base);
}
