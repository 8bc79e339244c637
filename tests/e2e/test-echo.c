/* SPDX-License-Identifier: MIT */
/*
 * echo.so, behind the real shinyd.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <string.h>
#include <unistd.h>

#define ECHO "[server echo]\nplugin = echo\nlisten = tcp://127.0.0.1:0\n"

static const char greeting[] =
	"Welcome to the echo server!\n"
	"Enter 'quit' to close your connection or 'shutdown' to close the server.\n";

/* A connection that has been greeted. */
static int start(struct shinyd *shinyd, const char *more, struct serving *ret_serving)
{
	int fd;

	shinyd_start(shinyd, ECHO "%s", more);
	shinyd_await_serving(shinyd, "echo", ret_serving);
	fd = client_connect(ret_serving->address);
	client_expect(fd, greeting);
	return fd;
}

static void finish(struct shinyd *shinyd, int fd)
{
	close(fd);
	g_assert_cmpint(shinyd_stop(shinyd), ==, 0);
	shinyd_finish(shinyd);
}

static void send_in_pieces(int fd, const char *text)
{
	for (; *text != '\0'; text++) {
		client_send(fd, text, 1);
		client_expect_bytes(fd, text, 1); /* so that it was read alone */
	}
}

static void echoes_before_a_line_ends(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = start(&shinyd, "", &serving);

	send_in_pieces(fd, "qui and more\r\nq\r\nquitt\r\n quit\r\nshut\n");
	finish(&shinyd, fd);
}

static void echoes_in_bulk(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = start(&shinyd, "", &serving);
	size_t len = 256 * 1024;
	char *data = client_pattern(len, 1);

	for (size_t i = 0; i < 16; i++) {
		client_send(fd, data, len);
		client_expect_bytes(fd, data, len);
	}
	g_free(data);
	finish(&shinyd, fd);
}

static void quit_ends(const char *sent, const char *echoed)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = start(&shinyd, "", &serving);

	client_send_text(fd, sent);
	client_expect(fd, echoed);
	client_expect_end(fd);
	finish(&shinyd, fd);
}

static void quit_in_one_piece(void)
{
	quit_ends("hello\r\nquit\r\nunheard\r\n", "hello\r\nquit\r\n");
}

static void quit_without_return(void)
{
	quit_ends("quit\n", "quit\n");
}

static void quit_in_pieces(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = start(&shinyd, "", &serving);

	send_in_pieces(fd, "quit\r\n");
	client_expect_end(fd);
	finish(&shinyd, fd);
}

static void refuses_shutdown(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = start(&shinyd, "", &serving);

	client_send_text(fd, "shutdown\r\nstill here\r\n");
	client_expect(fd, "shutdown\r\nshutdown is not allowed here\nstill here\r\n");
	finish(&shinyd, fd);
}

static void shuts_down(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd = start(&shinyd, "allow_shutdown = yes\n", &serving);

	client_send_text(fd, "shutdown\r\n");
	client_expect(fd, "shutdown\r\n");
	client_expect_end(fd);
	close(fd);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0); /* nothing is left to serve */
	shinyd_finish(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/echo/never-waits-for-a-line", echoes_before_a_line_ends);
	harness_add("/e2e/echo/bulk", echoes_in_bulk);
	harness_add("/e2e/echo/quit/among-other-lines", quit_in_one_piece);
	harness_add("/e2e/echo/quit/without-a-return", quit_without_return);
	harness_add("/e2e/echo/quit/byte-by-byte", quit_in_pieces);
	harness_add("/e2e/echo/shutdown/refused-by-default", refuses_shutdown);
	harness_add("/e2e/echo/shutdown/ends-the-server-if-allowed", shuts_down);
	return harness_run();
}
