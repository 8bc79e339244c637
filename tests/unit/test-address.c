/* SPDX-License-Identifier: MIT */
#include "address.h"

#include "harness.h"
#include "shiny.h"

#include <errno.h>
#include <string.h>

static void assert_parses(const char *text, int family, const char *written)
{
	struct shiny_address address;
	char buf[128];

	g_assert_cmpint(shiny_address_parse(text, &address), ==, 0);
	g_assert_cmpint(address.any.sa_family, ==, family);
	g_assert_cmpint(shiny_address_format(&address, buf, sizeof(buf)), ==, 0);
	g_assert_cmpstr(buf, ==, written);
}

static void parses_and_writes(void)
{
	static const struct {
		const char *text;
		int family;
		const char *written; /* NULL: as it was */
	} rows[] = {
		{ "tcp://127.0.0.1:80", AF_INET, NULL },
		{ "tcp://[::1]:80", AF_INET6, NULL },
		{ "tcp://[2001:DB8:0::1]:80", AF_INET6, "tcp://[2001:db8::1]:80" },
		{ "tcp://[::ffff:192.0.2.1]:80", AF_INET6, "tcp://192.0.2.1:80" },
		{ "tcp://localhost:80", AF_INET, "tcp://127.0.0.1:80" },
		{ "tcp4://localhost:80", AF_INET, "tcp://127.0.0.1:80" },
		{ "tcp6://localhost:80", AF_INET6, "tcp://[::1]:80" },
		{ "tcp6://[::]:65535", AF_INET6, "tcp://[::]:65535" },
		{ "tcp://:0", AF_INET6, "tcp://[::]:0" },
		{ "tcp4://:8080", AF_INET, "tcp://0.0.0.0:8080" },
		{ "unix:///run/a.sock", AF_UNIX, NULL },
		{ "unix://@abstract", AF_UNIX, NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		assert_parses(rows[i].text, rows[i].family,
			      rows[i].written ? rows[i].written : rows[i].text);
	}
}

static void refuses(void)
{
	static const struct {
		const char *text;
		int error;
	} rows[] = {
		{ "", -EPROTONOSUPPORT },
		{ "127.0.0.1:80", -EPROTONOSUPPORT },
		{ "udp://127.0.0.1:80", -EPROTONOSUPPORT },
		{ "tcp://", -EINVAL },
		{ "tcp://127.0.0.1", -EINVAL },
		{ "tcp://127.0.0.1:", -EINVAL },
		{ "tcp://127.0.0.1:+80", -EINVAL },
		{ "tcp://127.0.0.1:65536", -EINVAL },
		{ "tcp://127.0.0.1:99999999999999999999", -EINVAL },
		{ "tcp://127.0.0.1:80x", -EINVAL },
		{ "tcp://::1:80", -EINVAL },
		{ "tcp://[::1:80", -EINVAL },
		{ "tcp://example.org:80", -EADDRNOTAVAIL },
		{ "tcp://127.1:80", -EADDRNOTAVAIL },
		{ "tcp4://[::1]:80", -EADDRNOTAVAIL },
		{ "tcp6://127.0.0.1:80", -EADDRNOTAVAIL },
		{ "unix://relative", -EINVAL },
		{ "unix:///", -EINVAL },
		{ "unix://@", -EINVAL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct shiny_address address;
		g_test_message("%s", rows[i].text);
		g_assert_cmpint(shiny_address_parse(rows[i].text, &address), ==, rows[i].error);
	}
}

static void limits_unix_paths(void)
{
	struct shiny_address address;
	char text[200] = "unix://";

	memset(text + 7, '/', 107);
	g_assert_cmpint(shiny_address_parse(text, &address), ==, 0);
	text[7 + 107] = '/';
	g_assert_cmpint(shiny_address_parse(text, &address), ==, -ENAMETOOLONG);
}

static void says_when_there_is_no_room(void)
{
	struct shiny_address address;
	char buf[sizeof("tcp://127.0.0.1:80")];

	g_assert_cmpint(shiny_address_parse("tcp://127.0.0.1:80", &address), ==, 0);
	g_assert_cmpint(shiny_address_format(&address, buf, sizeof(buf) - 1), ==, -ENOSPC);
	g_assert_cmpint(shiny_address_format(&address, buf, sizeof(buf)), ==, 0);
}

static void checks_as_bind_does(void)
{
	g_assert_cmpint(shiny_address_check("tcp://127.0.0.1:80"), ==, 0);
	g_assert_cmpint(shiny_address_check("tcp://127.0.0.1:65536"), ==, -EINVAL);
	g_assert_cmpint(shiny_address_check("tcp://example.org:80"), ==, -EADDRNOTAVAIL);
	g_assert_cmpint(shiny_address_check("127.0.0.1:80"), ==, -EPROTONOSUPPORT);
	g_assert_cmpint(shiny_address_check(NULL), ==, -EINVAL);
}

static void knows_one_by_each_of_its_names(void)
{
	static const struct {
		const char *left, *right;
		bool same;
	} rows[] = {
		{ "tcp://localhost:1", "tcp4://127.0.0.1:1", true },
		{ "tcp6://localhost:1", "tcp://[::1]:1", true },
		{ "tcp://[0::1]:1", "tcp://[::1]:1", true },
		{ "tcp://[::ffff:127.0.0.1]:1", "tcp://127.0.0.1:1", true },
		{ "tcp4://:1", "tcp://0.0.0.0:1", true },
		{ "tcp6://:1", "tcp6://[::]:1", true },
		{ "tcp://:1", "tcp://[::]:1", true },
		{ "tcp://:01", "tcp://:1", true },
		{ "unix:///a", "unix:///a", true },
		{ "unix://@a", "unix://@a", true },
		{ "tcp://localhost:1", "tcp6://localhost:1", false },
		{ "tcp://127.0.0.1:1", "tcp://127.0.0.1:11", false },
		{ "tcp://:1", "tcp4://:1", false },
		{ "tcp://:1", "tcp6://:1", false },
		{ "tcp4://:1", "tcp6://:1", false },
		{ "unix:///a", "unix://@/a", false },
		{ "what is none", "what is none", false },
		{ NULL, NULL, false },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s %s", rows[i].left, rows[i].right);
		g_assert_cmpint(shiny_address_same(rows[i].left, rows[i].right), ==, rows[i].same);
		g_assert_cmpint(shiny_address_same(rows[i].right, rows[i].left), ==, rows[i].same);
	}
}

/* What is found wrong beforehand is what the kernel refuses, and nothing else. */
static void knows_what_cannot_be_had_together(void)
{
	static const char *const forms[] = {
		"tcp://:%u",
		"tcp4://:%u",
		"tcp6://:%u",
		"tcp://127.0.0.1:%u",
		"tcp://127.0.0.2:%u",
		"tcp://localhost:%u",
		"tcp6://localhost:%u",
		"tcp://[::1]:%u",
		"tcp://[::ffff:127.0.0.1]:%u",
		"tcp://[::ffff:0:0]:%u",
	};
	const struct shiny_options options = SHINY_OPTIONS;
	int probe;

	if (shiny_bind("tcp6://[::1]:0", &options, &probe) < 0) {
		harness_skip("there is no IPv6 here");
	}
	close(probe);
	for (size_t i = 0; i < G_N_ELEMENTS(forms) * G_N_ELEMENTS(forms); i++) {
		unsigned port = harness_free_port();
		char *left = g_strdup_printf(forms[i / G_N_ELEMENTS(forms)], port);
		char *right = g_strdup_printf(forms[i % G_N_ELEMENTS(forms)], port);
		int first, second, r;

		g_assert_cmpint(shiny_bind(left, &options, &first), ==, 0);
		r = shiny_bind(right, &options, &second);
		g_test_message("%s %s: %d", left, right, r);
		g_assert_true(r == 0 || r == -EADDRINUSE);
		g_assert_cmpint(shiny_address_conflicts(left, right), ==, r < 0);
		close(first);
		if (r == 0) {
			close(second);
		}
		g_free(left);
		g_free(right);
	}
}

static void ports_that_are_chosen_do_not_conflict(void)
{
	g_assert_false(shiny_address_conflicts("tcp://:0", "tcp://:0"));
	g_assert_false(shiny_address_conflicts("tcp://:1", "tcp://:2"));
	g_assert_false(shiny_address_conflicts("tcp://:1", "unix:///1"));
	g_assert_true(shiny_address_conflicts("unix:///a", "unix:///a"));
	g_assert_false(shiny_address_conflicts("unix:///a", "unix://@/a"));
	g_assert_false(shiny_address_conflicts("what is none", "tcp://:1"));
	g_assert_false(shiny_address_conflicts(NULL, NULL));
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/address/parses-and-writes", parses_and_writes);
	harness_add("/address/refuses-what-is-none", refuses);
	harness_add("/address/unix-path-has-107-bytes", limits_unix_paths);
	harness_add("/address/format/says-when-there-is-no-room", says_when_there_is_no_room);
	harness_add("/address/check/as-bind-does", checks_as_bind_does);
	harness_add("/address/same/by-each-of-its-names", knows_one_by_each_of_its_names);
	harness_add("/address/conflicts-as-the-kernel-says", knows_what_cannot_be_had_together);
	harness_add("/address/conflicts-not-with-others", ports_that_are_chosen_do_not_conflict);
	return harness_run();
}
