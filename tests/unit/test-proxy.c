/* SPDX-License-Identifier: MIT */
#include "proxy.h"

#include "harness.h"
#include "networks.h"

#include <errno.h>
#include <string.h>

#define V2 "\r\n\r\n\0\r\nQUIT\n"

/* Feeds the header byte by byte: each prefix must ask for more, and never for more than there is. */
static void assert_header(const char *data, size_t header, const char *peer)
{
	struct shiny_address address;
	char text[128] = "";
	size_t want;

	for (size_t len = 1; len < header; len++) {
		g_assert_cmpint(shiny_proxy_parse(data, len, &address, &want), ==, 0);
		g_assert_cmpuint(want, >, len);
		g_assert_cmpuint(want, <=, header);
	}
	g_assert_cmpint(shiny_proxy_parse(data, header + 1, &address, &want), ==, header);
	if (address.len) {
		g_assert_cmpint(shiny_address_format(&address, text, sizeof(text)), ==, 0);
	}
	g_assert_cmpstr(text, ==, peer);
}

static void reads_version_1(void)
{
	static const struct {
		const char *header, *peer;
	} rows[] = {
		{ "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "tcp://192.0.2.1:56324" },
		{ "PROXY TCP6 2001:db8::1 ::1 65535 80\r\n", "tcp://[2001:db8::1]:65535" },
		{ "PROXY UNKNOWN\r\n", "" },
		{ "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", "" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_header(rows[i].header, strlen(rows[i].header), rows[i].peer);
	}
}

static void reads_version_2(void)
{
	static const char tcp4[] = V2 "\x21\x11\0\x0c\xc0\0\2\1\xc6\x33\x64\1\xdc\4\1\xbb";
	static const char tcp6[] = V2 "\x21\x21\0\x27\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
				      "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xdc\4\1\xbb\4\0\0";
	static const char local[] = V2 "\x20\0\0\0";
	static const char unix_socket[] = V2 "\x21\x31\0\4abcd";

	assert_header(tcp4, sizeof(tcp4) - 1, "tcp://192.0.2.1:56324");
	assert_header(tcp6, sizeof(tcp6) - 1, "tcp://[2001:db8::1]:56324");
	assert_header(local, sizeof(local) - 1, "");
	assert_header(unix_socket, sizeof(unix_socket) - 1, "");
}

static void refuses(const char *data, size_t len)
{
	struct shiny_address address;
	size_t want;

	g_assert_cmpint(shiny_proxy_parse(data, len, &address, &want), ==, -EPROTO);
}

static void refuses_what_is_no_header(void)
{
	static const char *const lines[] = {
		"GET / HTTP/1.0\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 1\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.1 -1 443\r\n",
		"PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
		"PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
		"PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n",
		"PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n",
		"PROXY \n",
		"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n",
	};
	char endless[200];

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_test_message("%s", lines[i]);
		refuses(lines[i], strlen(lines[i]));
	}
	memset(endless, ' ', sizeof(endless));
	memcpy(endless, "PROXY ", 6);
	refuses(endless, sizeof(endless));
	refuses(V2 "\x31\x11\0\0", 16);
	refuses(V2 "\x22\x11\0\0", 16);
}

static bool is_in(const char *list, const char *text)
{
	struct shiny_networks networks;
	struct shiny_address address;

	g_assert_cmpint(shiny_networks_init(&networks, list), ==, 0);
	g_assert_cmpint(shiny_address_parse(text, &address), ==, 0);
	bool have = shiny_networks_have(&networks, &address);
	shiny_networks_finish(&networks);
	return have;
}

static void networks_match(void)
{
	g_assert_true(is_in("127.0.0.1", "tcp://127.0.0.1:1"));
	g_assert_false(is_in("127.0.0.1", "tcp://127.0.0.2:1"));
	g_assert_true(is_in("10.1.2.3, 10.0.0.0/9 ,::1", "tcp://10.127.255.255:1"));
	g_assert_false(is_in("10.0.0.0/9", "tcp://10.128.0.0:1"));
	g_assert_true(is_in("0.0.0.0/0", "tcp://192.0.2.1:1"));
	g_assert_false(is_in("0.0.0.0/0", "tcp://[2001:db8::1]:1"));
	g_assert_true(is_in("192.0.2.0/24", "tcp://[::ffff:192.0.2.9]:1"));
	g_assert_true(is_in("2001:db8::/33", "tcp://[2001:db8:7fff::1]:1"));
	g_assert_false(is_in("2001:db8::/33", "tcp://[2001:db8:8000::1]:1"));
	g_assert_true(is_in("unix", "unix:///a"));
	g_assert_false(is_in("127.0.0.1", "unix:///a"));
	g_assert_false(is_in(NULL, "tcp://127.0.0.1:1"));
}

static void networks_refuse(void)
{
	static const char *const lists[] = {
		"localhost", "127.0.0.1/33", "127.0.0.1/", "127.0.0.1/x",
		"::1/129",   "127.0.0.1/-1", "1.2.3",	   "127.0.0.1, /8",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		struct shiny_networks networks;
		g_test_message("%s", lists[i]);
		g_assert_cmpint(shiny_networks_init(&networks, lists[i]), ==, -EINVAL);
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/proxy/reads-version-1", reads_version_1);
	harness_add("/proxy/reads-version-2", reads_version_2);
	harness_add("/proxy/refuses-what-is-no-header", refuses_what_is_no_header);
	harness_add("/networks/match-by-their-leading-bits", networks_match);
	harness_add("/networks/refuse-what-is-no-list", networks_refuse);
	return harness_run();
}
