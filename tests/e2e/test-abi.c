/* SPDX-License-Identifier: MIT */
/*
 * Plugins that were not built as today's are: with the first day's headers, in C++, with threads.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <string.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"

static const char *const with_abi_plugins[] = { "--plugin-path=" ABI_PLUGIN_DIR, NULL };

static int greet(const char *address)
{
	int fd = client_connect(address);

	client_expect(fd, "hello\n");
	return fd;
}

static void expect(const char *address, const char *request, const char *reply)
{
	int fd = greet(address);

	client_send_text(fd, request);
	client_expect(fd, reply);
	close(fd);
}

static void start_first_day(struct shinyd *shinyd, struct serving *serving)
{
	shinyd_start_with(shinyd, with_abi_plugins,
			  "[server old]\nplugin = v1-plugin\ntext = words\npause = 5m\n"
			  "colour = red\n" LISTEN);
	shinyd_await_serving(shinyd, "old", serving);
}

static void serves_the_first_day_s(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *line;
	int fd;

	start_first_day(&shinyd, &serving);
	expect(serving.address, "values", "7 1 65536 300000 words /tmp red -\n");
	expect(serving.address, "wake", "woken\n");
	expect(serving.address, "log", "empty\n");
	shinyd_expect_line(&shinyd, "[server old] logged");

	fd = greet(serving.address);
	client_send_text(fd, "peer");
	line = client_receive_line(fd);
	g_assert_true(g_str_has_prefix(line, "tcp://127.0.0.1:"));
	g_free(line);
	close(fd);

	fd = greet(serving.address);
	client_send_text(fd, "un");
	client_send_text(fd, "read");
	client_expect(fd, "framed\n");
	close(fd);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_nonnull(strstr(shinyd.child.output->str, "[server old] unloaded"));
	shinyd_finish(&shinyd);
}

static void ends_its_connections(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	start_first_day(&shinyd, &serving);
	fd = greet(serving.address);
	client_send_text(fd, "close");
	client_expect_end(fd);
	close(fd);
	fd = greet(serving.address);
	client_send_text(fd, "abort");
	client_expect_reset(fd);
	close(fd);
	fd = greet(serving.address);
	client_send_text(fd, "deadline");
	client_expect_reset(fd);
	close(fd);
	expect(serving.address, "numbers", "ticks commits 3\n");
	shinyd_end(&shinyd);
}

static void checks_the_first_day_s(void)
{
	const char *const arguments[] = { "--check", with_abi_plugins[0], NULL };
	const char *const describe[] = { "--describe=v1-plugin", with_abi_plugins[0], NULL };

	shinyd_expect(3, "[server old] count is unlucky", arguments,
		      "[server old]\nplugin = v1-plugin\ntext = x\ncount = 4\n" LISTEN);
	shinyd_expect(3, "[server old] text is missing", arguments,
		      "[server old]\nplugin = v1-plugin\n" LISTEN);
	shinyd_expect(0, "  count = integer, -10 to 10\n      how many\n      default: 7\n",
		      describe, "%s", "");
}

static void serves_c_plus_plus(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	if (!g_file_test(ABI_PLUGIN_DIR "/plugin-cpp.so", G_FILE_TEST_EXISTS)) {
		harness_skip("built without a C++ compiler");
	}
	shinyd_start_with(&shinyd, with_abi_plugins, "[server a]\nplugin = plugin-cpp\n" LISTEN);
	shinyd_await_serving(&shinyd, "a", &serving);
	expect(serving.address, "x", "x");
	shinyd_end(&shinyd);
}

static void explains_mangling(void)
{
	if (!g_file_test(ABI_PLUGIN_DIR "/mangled-cpp.so", G_FILE_TEST_EXISTS)) {
		harness_skip("built without a C++ compiler");
	}
	shinyd_expect(4,
		      "/mangled-cpp.so: exports _Z9on_handleP10shiny_connPKcmPv instead of handle: "
		      "include <shiny-plugin.h>, which makes it extern \"C\"\n",
		      with_abi_plugins, "[server a]\nplugin = mangled-cpp\n" LISTEN);
}

/* Whoever finds this failing changes the headers in lib/include instead. */
static void keeps_the_first_day_s_headers(void)
{
	static const struct {
		const char *file;
		const char *sum;
	} headers[] = {
		{ ABI_HEADER_DIR "/shiny.h",
		  "e8ba562da56ae9c2d69d34235bedab4051c4849cece1dab2e6f4c124531e920a" },
		{ ABI_HEADER_DIR "/shiny-options.h",
		  "75b360ef78c406d4a9a8384fbeb57277ce87dab07a484edac8e9f69545d72cd2" },
		{ ABI_HEADER_DIR "/shiny-stats.h",
		  "a66b3586308831bc1d10698da3481f257e0bf6c3b4fbae6a265bc9416739f0fe" },
		{ ABI_HEADER_DIR "/shiny-plugin.h",
		  "36e2e18ff0dc140b7e0a12b0430b29ed32eec70968dd29f44b447adbca49f2ea" },
		{ ABI_HEADER_DIR "/shiny.syms",
		  "64f706d29be20db9b510fcab0945d976e5ca138530de11722b6264888b5a2155" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
		char *text, *sum;
		size_t len;

		g_assert_true(g_file_get_contents(headers[i].file, &text, &len, NULL));
		sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, len);
		g_assert_cmpstr(sum, ==, headers[i].sum);
		g_free(sum);
		g_free(text);
	}
}

/* What is longer than inline_max is worked on by a thread, which answers by shiny_server_wake(). */
static void serves_threads(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fds[8];

	shinyd_start_with(&shinyd, with_abi_plugins,
			  "[server a]\nplugin = netcrc\ninline_max = 1\n" LISTEN);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = client_connect(serving.address);
		client_send_text(fds[i], "11:hello world,11:hello world,");
	}
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		client_expect(fds[i], "8:0d4a1185,8:0d4a1185,");
		close(fds[i]);
	}
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/abi/first-day/is-served", serves_the_first_day_s);
	harness_add("/e2e/abi/first-day/ends-its-connections", ends_its_connections);
	harness_add("/e2e/abi/first-day/is-checked-and-described", checks_the_first_day_s);
	harness_add("/e2e/abi/first-day/headers-never-change", keeps_the_first_day_s_headers);
	harness_add("/e2e/abi/c++-that-mangles-is-refused", explains_mangling);
	harness_add("/e2e/abi/c++-is-served", serves_c_plus_plus);
	harness_add("/e2e/abi/threads-answer-by-wake", serves_threads);
	return harness_run();
}
