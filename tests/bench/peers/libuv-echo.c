/* SPDX-License-Identifier: MIT */
/* libuv's echo server, as its guide writes it, with a try_write first. usage: libuv-echo PORT */
#include <stdlib.h>
#include <uv.h>

struct reply {
	uv_write_t request;
	char *data;
};

static char read_buffer[64 * 1024];

static void on_closed(uv_handle_t *handle)
{
	free(handle);
}

static void on_written(uv_write_t *request, int status)
{
	struct reply *reply = (struct reply *)request;

	(void)status;
	free(reply->data);
	free(reply);
}

static void give_buffer(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
	(void)handle, (void)size;
	*buf = uv_buf_init(read_buffer, sizeof(read_buffer));
}

static void queue(uv_stream_t *stream, const char *data, size_t len)
{
	struct reply *reply = malloc(sizeof(*reply));

	reply->data = malloc(len);
	for (size_t i = 0; i < len; i++) {
		reply->data[i] = data[i];
	}
	uv_buf_t buf = uv_buf_init(reply->data, (unsigned)len);
	uv_write(&reply->request, stream, &buf, 1, on_written);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *read)
{
	if (n < 0) {
		uv_close((uv_handle_t *)stream, on_closed);
	} else if (n > 0) {
		uv_buf_t buf = uv_buf_init(read->base, (unsigned)n);
		int written = uv_try_write(stream, &buf, 1);
		written = written < 0 ? 0 : written;
		if (written < n) {
			queue(stream, read->base + written, (size_t)(n - written));
		}
	}
}

static void on_connection(uv_stream_t *server, int status)
{
	uv_tcp_t *client = malloc(sizeof(*client));

	(void)status;
	uv_tcp_init(server->loop, client);
	uv_accept(server, (uv_stream_t *)client);
	uv_tcp_nodelay(client, 1);
	uv_read_start((uv_stream_t *)client, give_buffer, on_read);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address;
	uv_tcp_t server;

	if (argc < 2) {
		return 2;
	}
	uv_ip4_addr("127.0.0.1", atoi(argv[1]), &address);
	uv_tcp_init(uv_default_loop(), &server);
	uv_tcp_bind(&server, (const struct sockaddr *)&address, 0);
	if (uv_listen((uv_stream_t *)&server, 4096, on_connection) != 0) {
		return 1;
	}
	return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
