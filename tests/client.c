/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "harness.h"

static socklen_t parse_unix(const char *path, struct sockaddr_un *ret_sun)
{
	size_t len = strlen(path);

	*ret_sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	g_assert_cmpuint(len, <, sizeof(ret_sun->sun_path));
	memcpy(ret_sun->sun_path, path, len);
	if (path[0] == '@') {
		ret_sun->sun_path[0] = '\0';
		return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	}
	return sizeof(*ret_sun);
}

static socklen_t parse_tcp(const char *text, struct sockaddr_storage *ret_addr)
{
	const char *colon = strrchr(text, ':');
	char *host;

	g_assert_nonnull(colon);
	memset(ret_addr, 0, sizeof(*ret_addr));
	if (text[0] == '[') {
		struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ret_addr;

		host = g_strndup(text + 1, (gsize)(colon - text) - 2);
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons((uint16_t)atoi(colon + 1));
		g_assert_cmpint(inet_pton(AF_INET6, host, &sin6->sin6_addr), ==, 1);
		g_free(host);
		return sizeof(*sin6);
	}

	struct sockaddr_in *sin = (struct sockaddr_in *)ret_addr;

	host = g_strndup(text, (gsize)(colon - text));
	sin->sin_family = AF_INET;
	sin->sin_port = htons((uint16_t)atoi(colon + 1));
	g_assert_cmpint(inet_pton(AF_INET, host, &sin->sin_addr), ==, 1);
	g_free(host);
	return sizeof(*sin);
}

static socklen_t parse_address(const char *address, struct sockaddr_storage *ret_addr)
{
	if (g_str_has_prefix(address, "unix://")) {
		return parse_unix(address + strlen("unix://"), (struct sockaddr_un *)ret_addr);
	}
	g_assert_true(g_str_has_prefix(address, "tcp://"));
	return parse_tcp(address + strlen("tcp://"), ret_addr);
}

static int try_connect(const char *address, int receive_size)
{
	struct timeval patience = { .tv_sec = HARNESS_PATIENCE_MS / 1000 };
	struct sockaddr_storage addr;
	socklen_t len = parse_address(address, &addr);
	int fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0) {
		return -errno;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (receive_size) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof(receive_size));
	}
	if (connect(fd, (struct sockaddr *)&addr, len) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

int client_try_connect(const char *address)
{
	return try_connect(address, 0);
}

int client_connect_narrow(const char *address, int size)
{
	int fd = try_connect(address, size);

	if (fd < 0) {
		harness_fail("connect to %s: %s", address, g_strerror(-fd));
	}
	return fd;
}

int client_connect(const char *address)
{
	return client_connect_narrow(address, 0);
}

int client_connect_soon(const char *address)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	int fd;

	while ((fd = try_connect(address, 0)) < 0) {
		if (g_get_monotonic_time() > end) {
			harness_fail("connect to %s: %s", address, g_strerror(-fd));
		}
		g_usleep(5000);
	}
	return fd;
}

size_t client_send_some(int fd, const void *data, size_t len)
{
	size_t sent = 0;

	while (sent < len) {
		ssize_t n = send(fd, (const char *)data + sent, len - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) {
			break;
		}
		if (n < 0) {
			harness_fail("send: %s after %zu of %zu bytes", g_strerror(errno), sent,
				     len);
		}
		sent += (size_t)n;
	}
	return sent;
}

void client_send(int fd, const void *data, size_t len)
{
	g_assert_cmpuint(client_send_some(fd, data, len), ==, len);
}

void client_send_text(int fd, const char *text)
{
	client_send(fd, text, strlen(text));
}

void client_send_end(int fd)
{
	g_assert_cmpint(shutdown(fd, SHUT_WR), ==, 0);
}

/* As recv(2), but not interrupted. */
static ssize_t receive(int fd, void *buf, size_t len)
{
	ssize_t n;

	do {
		n = recv(fd, buf, len, 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

void client_receive(int fd, void *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = receive(fd, (char *)buf + got, len - got);

		if (n <= 0) {
			harness_fail("recv: %s after %zu of %zu bytes",
				     n == 0 ? "end of stream" : g_strerror(errno), got, len);
		}
		got += (size_t)n;
	}
}

GByteArray *client_receive_rest(int fd)
{
	GByteArray *all = g_byte_array_new();
	char *buf = g_malloc(256 * 1024);
	ssize_t n;

	while ((n = receive(fd, buf, 256 * 1024)) > 0) {
		g_byte_array_append(all, (guint8 *)buf, (guint)n);
	}
	if (n < 0) {
		harness_fail("recv: %s after %u bytes", g_strerror(errno), all->len);
	}
	g_free(buf);
	return all;
}

char *client_receive_line(int fd)
{
	GString *line = g_string_new(NULL);
	char c;

	do {
		client_receive(fd, &c, 1);
		g_string_append_c(line, c);
	} while (c != '\n');
	return g_string_free(line, FALSE);
}

void client_expect_bytes(int fd, const void *data, size_t len)
{
	char *buf = g_malloc(len + 1);

	client_receive(fd, buf, len);
	for (size_t i = 0; i < len; i++) {
		if (buf[i] != ((const char *)data)[i]) {
			harness_fail("byte %zu of %zu is 0x%02x, not 0x%02x", i, len,
				     (unsigned char)buf[i], ((const unsigned char *)data)[i]);
		}
	}
	g_free(buf);
}

void client_expect(int fd, const char *text)
{
	size_t len = strlen(text);
	char *buf = g_malloc0(len + 1);

	client_receive(fd, buf, len);
	g_assert_cmpstr(buf, ==, text);
	g_free(buf);
}

void client_expect_end(int fd)
{
	char c;
	ssize_t n = receive(fd, &c, 1);

	if (n != 0) {
		harness_fail("%s where the stream should end",
			     n > 0 ? "a byte" : g_strerror(errno));
	}
}

void client_expect_reset(int fd)
{
	char c;
	ssize_t n = receive(fd, &c, 1);

	if (n >= 0 || errno != ECONNRESET) {
		harness_fail("%s where a reset should come", n > 0    ? "a byte"
							     : n == 0 ? "a FIN"
								      : g_strerror(errno));
	}
}

void client_exchange(const char *address, const char *request, const char *reply)
{
	int fd = client_connect(address);

	client_send_text(fd, request);
	client_expect(fd, reply);
	close(fd);
}

bool client_readable(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, timeout_ms) > 0;
}

void client_reset(int fd)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

char *client_pattern(size_t len, uint32_t seed)
{
	char *data = g_malloc(len + 1);
	uint32_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		data[i] = (char)x;
	}
	data[len] = '\0';
	return data;
}
