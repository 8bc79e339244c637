/* SPDX-License-Identifier: MIT */
/*
 * What a section sets for its connections reaches them: each key alone does what it says, and what
 * no other of them does.
 *
 * Over unix sockets, for the kernel's buffers are small there, and of one size.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define BULK ((size_t)4 * 1024 * 1024) /* puppet's, with "done\n" behind */

static void start(struct shinyd *shinyd, struct serving *ret_serving, const char *key)
{
	shinyd_prepare(shinyd);
	shinyd_start(shinyd, "[server a]\n%s\nplugin = puppet\nlisten = unix://%s/socket\n", key,
		     shinyd->dir);
	shinyd_await_serving(shinyd, "a", ret_serving);
}

/* A connection whose reply is on its way, and not read. */
static int leave_bulk_unread(const struct serving *serving)
{
	int fd = puppet_give(serving->address, "bulk");

	g_assert_true(client_readable(fd, HARNESS_PATIENCE_MS));
	return fd;
}

static void await_hangup(int fd)
{
	struct pollfd wait = { fd, POLLRDHUP, 0 };

	if (poll(&wait, 1, HARNESS_PATIENCE_MS) != 1) {
		harness_fail("the connection was not ended");
	}
}

static void receive_bulk(int fd, size_t len)
{
	char *buf = g_malloc(len);

	client_receive(fd, buf, len);
	g_free(buf);
}

static void ends_idle_connections(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	start(&shinyd, &serving, "idle_timeout = 100ms");
	fd = client_connect(serving.address);
	await_hangup(fd);
	close(fd);
	shinyd_end(&shinyd);
}

/* One that is idle for longer stays. */
static void ends_stalled_connections(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int idle, stalled;

	start(&shinyd, &serving, "stall_timeout = 100ms");
	idle = client_connect(serving.address);
	stalled = leave_bulk_unread(&serving);
	await_hangup(stalled);
	close(stalled);
	client_send_text(idle, "nothing");
	client_expect(idle, "done\n");
	close(idle);
	shinyd_end(&shinyd);
}

/* A netstring that is longer than the rest of its connection. */
static void limits_input(void)
{
	const char *const arguments[] = { "--plugin-path=" ABI_PLUGIN_DIR, NULL };
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *payload = g_strnfill(60000, 'x');
	int fd;

	shinyd_start_with(&shinyd, arguments,
			  "[server a]\nmax_input = 64K\nplugin = netcrc\n"
			  "listen = tcp://127.0.0.1:0\n");
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "60000:");
	client_send_text(fd, payload);
	client_send_text(fd, ",");
	client_expect(fd, "8:");
	receive_bulk(fd, strlen("xxxxxxxx,"));
	client_send_text(fd, "70000:");
	client_expect_end(fd);
	close(fd);
	g_free(payload);
	shinyd_end(&shinyd);
}

static void limits_output(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[server a]\nmax_output = 1M\n" PUPPET);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = puppet_give(serving.address, "bulk");
	client_expect_reset(fd);
	close(fd);
	shinyd_end(&shinyd);
}

/* With more of it, a request is read while the reply before is not. */
static void reads_below_high_water(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	start(&shinyd, &serving, "high_water = 8M");
	fd = leave_bulk_unread(&serving);
	client_send_text(fd, "log");
	shinyd_expect_line(&shinyd, "pulled?by a string");
	receive_bulk(fd, BULK);
	client_expect(fd, "done\ndone\n");
	close(fd);
	shinyd_end(&shinyd);
}

/* Half of the reply is enough; of a quarter of high_water it would be far from it. */
static void reads_again_below_low_water(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	start(&shinyd, &serving, "high_water = 3M\nlow_water = 3M");
	fd = leave_bulk_unread(&serving);
	client_send_text(fd, "log");
	receive_bulk(fd, BULK / 2);
	shinyd_expect_line(&shinyd, "pulled?by a string");
	receive_bulk(fd, BULK / 2);
	client_expect(fd, "done\ndone\n");
	close(fd);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/options/idle-timeout", ends_idle_connections);
	harness_add("/e2e/options/stall-timeout", ends_stalled_connections);
	harness_add("/e2e/options/max-input", limits_input);
	harness_add("/e2e/options/max-output", limits_output);
	harness_add("/e2e/options/high-water", reads_below_high_water);
	harness_add("/e2e/options/low-water", reads_again_below_low_water);
	return harness_run();
}
