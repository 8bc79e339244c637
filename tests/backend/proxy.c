/* SPDX-License-Identifier: MIT */
/*
 * The PROXY protocol: who the peer is behind a trusted proxy, ours or the real haproxy.
 */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "client.h"
#include "serving.h"
#include "suite.h"

/* Says who the peer is, before any reply. */
static bool greet(struct shiny_conn *conn, void *ctx)
{
	char peer[SHINY_ADDRESS_MAX];

	(void)ctx;
	g_assert_cmpint(shiny_peer(conn, peer, sizeof(peer)), ==, 0);
	return shiny_write(conn, peer, strlen(peer)) == 0 && shiny_write(conn, "\n", 1) == 0;
}

static struct serving *start(const char *proxy_from)
{
	const struct shiny_handlers handlers = { .handle = serving_echo, .accept = greet };
	struct shiny_options options = SHINY_OPTIONS;

	options.proxy_from = proxy_from;
	return serving_start(&handlers, &options, NULL);
}

static void peer_is_who_the_header_says(void)
{
	struct serving *s = start("127.0.0.1");
	int fd = client_connect(s->address);

	client_send_text(fd, "PROXY TCP6 2001:db8::1 2001:db8::2 5000 80\r\n");
	client_expect(fd, "tcp://[2001:db8::1]:5000\n");
	client_send_text(fd, "hello");
	client_expect(fd, "hello");
	close(fd);
	serving_stop(s);
}

static void header_may_come_in_pieces(void)
{
	static const char header[] =
		"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\1\xc6\x33\x64\1\xdc\4\1\xbb";
	struct serving *s = start("127.0.0.1");
	int fd = client_connect(s->address);

	for (size_t i = 0; i < sizeof(header) - 1; i++) {
		client_send(fd, &header[i], 1);
	}
	client_expect(fd, "tcp://192.0.2.1:56324\n");
	close(fd);
	serving_stop(s);
}

static void bytes_behind_the_header_are_handled(void)
{
	struct serving *s = start("127.0.0.1");
	int fd = client_connect(s->address);

	client_send_text(fd, "PROXY TCP4 192.0.2.1 192.0.2.2 5000 80\r\nhello");
	client_send_end(fd);
	client_expect(fd, "tcp://192.0.2.1:5000\nhello");
	client_expect_end(fd);
	close(fd);
	serving_stop(s);
}

/* They were read already: max_input limits what a handler gives back. */
static void bytes_behind_the_header_may_pass_max_input(void)
{
	const struct shiny_handlers handlers = { .handle = serving_echo };
	struct shiny_options options = SHINY_OPTIONS;
	char *text = g_strnfill(4096, 'x');
	char *input = g_strconcat("PROXY UNKNOWN\r\n", text, NULL);
	struct serving *s;
	int fd;

	options.proxy_from = "127.0.0.1";
	options.max_input = 1024;
	s = serving_start(&handlers, &options, NULL);
	fd = client_connect(s->address);
	client_send_text(fd, input);
	client_expect(fd, text);
	close(fd);
	serving_stop(s);
	g_free(input);
	g_free(text);
}

static void unknown_is_the_proxy_itself(void)
{
	struct serving *s = start("127.0.0.0/8");
	int fd = client_connect(s->address);

	client_send_text(fd, "PROXY UNKNOWN\r\n");
	char *line = client_receive_line(fd);
	g_assert_true(g_str_has_prefix(line, "tcp://127.0.0.1:"));
	g_free(line);
	close(fd);
	serving_stop(s);
}

static void others_are_served_as_they_are(void)
{
	static const char header[] = "PROXY TCP4 192.0.2.1 192.0.2.2 5000 80\r\n";
	struct serving *s = start("192.0.2.9, unix");
	int fd = client_connect(s->address);
	char *line = client_receive_line(fd);

	g_assert_true(g_str_has_prefix(line, "tcp://127.0.0.1:"));
	g_free(line);
	client_send_text(fd, header);
	client_expect(fd, header);
	close(fd);
	serving_stop(s);
}

static void what_is_no_header_is_reset_unseen(void)
{
	struct serving *s = start("127.0.0.1");
	int fd = client_connect(s->address);

	client_send_text(fd, "GET / HTTP/1.0\r\n\r\n");
	client_expect_reset(fd);
	close(fd);
	fd = client_connect(s->address);
	client_send_text(fd, "PROXY TCP4 ");
	client_send_end(fd);
	client_expect_end(fd);
	close(fd);
	g_assert_cmpuint(latch_count(&s->accepts), ==, 0);
	g_assert_cmpuint(latch_count(&s->closes), ==, 0);
	serving_stop(s);
}

static void start_haproxy(struct child *haproxy, const char *dir, const char *bind,
			  const char *server, const char *send)
{
	char *file = g_build_filename(dir, "haproxy.cfg", NULL);
	char *text = g_strdup_printf("defaults\n"
				     "	mode tcp\n"
				     "	timeout connect 10s\n"
				     "	timeout client 10s\n"
				     "	timeout server 10s\n"
				     "listen test\n"
				     "	bind %s\n"
				     "	server shiny %s %s\n",
				     bind, server + strlen("tcp://"), send);

	g_assert_true(g_file_set_contents(file, text, -1, NULL));
	child_start(haproxy, (const char *[]){ "haproxy", "-db", "-f", file, NULL });
	g_free(text);
	g_free(file);
}

static void survives_haproxy(const char *send)
{
	char *program = g_find_program_in_path("haproxy");
	char own[SHINY_ADDRESS_MAX];
	struct sockaddr_in name;
	socklen_t name_len = sizeof(name);
	struct child haproxy;

	if (!program) {
		harness_skip("haproxy is not installed");
	}
	g_free(program);
	char *dir = harness_make_dir();
	struct serving *s = start("127.0.0.1");
	char *bind = g_strdup_printf("127.0.0.1:%u", harness_free_port());
	start_haproxy(&haproxy, dir, bind, s->address, send);
	char *address = g_strconcat("tcp://", bind, NULL);
	int fd = client_connect_soon(address);

	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&name, &name_len), ==, 0);
	g_snprintf(own, sizeof(own), "tcp://127.0.0.1:%u\n", g_ntohs(name.sin_port));
	client_expect(fd, own);
	client_send_text(fd, "hello");
	client_expect(fd, "hello");
	close(fd);
	child_finish(&haproxy);
	g_free(address);
	g_free(bind);
	serving_stop(s);
	harness_remove_dir(dir);
}

static void survives_haproxy_v1(void)
{
	survives_haproxy("send-proxy");
}

static void survives_haproxy_v2(void)
{
	survives_haproxy("send-proxy-v2");
}

void add_proxy_tests(void)
{
	harness_add("/proxy/peer-is-who-the-header-says", peer_is_who_the_header_says);
	harness_add("/proxy/header-may-come-in-pieces", header_may_come_in_pieces);
	harness_add("/proxy/bytes-behind-the-header-are-handled",
		    bytes_behind_the_header_are_handled);
	harness_add("/proxy/bytes-behind-the-header-may-pass-max-input",
		    bytes_behind_the_header_may_pass_max_input);
	harness_add("/proxy/unknown-is-the-proxy-itself", unknown_is_the_proxy_itself);
	harness_add("/proxy/others-are-served-as-they-are", others_are_served_as_they_are);
	harness_add("/proxy/what-is-no-header-is-reset-unseen", what_is_no_header_is_reset_unseen);
	harness_add("/proxy/haproxy-v1/peer-address-survives", survives_haproxy_v1);
	harness_add("/proxy/haproxy-v2/peer-address-survives", survives_haproxy_v2);
}
