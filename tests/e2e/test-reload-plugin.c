/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP and a plugin's file that has become a wrong one: it is kept out with one line, and the old
 * one serves on.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <signal.h>
#include <string.h>

#define MACHINE_OFFSET 18 /* e_machine in an ELF header, whatever the byte order */

/* A file of the test plugins, or a text. */
static const struct {
	const char *plugin;
	const char *text;
	size_t length; /* 0: all of it */
	bool of_another_machine;
	const char *reason;
} wrong[] = {
	{ .plugin = "puppet", .length = 4000, .reason = "is truncated" },
	{ .text = "", .reason = "is empty" },
	{ .text = "#!/bin/sh\n",
	  .reason = "is no shared object: it does not begin as an ELF file does" },
	{ .plugin = "puppet",
	  .of_another_machine = true,
	  .reason = "was built for another kind of machine" },
	{ .plugin = "no-description", .reason = "is no plugin: it exports no shiny_plugin" },
	{ .plugin = "no-head",
	  .reason = "its shiny_plugin names no ABI: begin it with SHINY_PLUGIN_HEAD" },
	{ .plugin = "later-abi",
	  .reason = "has plugin ABI 2 and this shinyd serves ABI 1: build it with this shinyd's "
		    "shiny-plugin.h" },
	{ .plugin = "no-handle",
	  .reason = "exports no handle: define on_handle, or set .handlers" },
	{ .plugin = "mangled",
	  .reason = "exports _Z6handleP10shiny_connPKcmPv instead of handle: C++ mangled it: name "
		    "it on_handle" },
	{ .plugin = "bad-constructor",
	  .reason = "the process that loaded and checked it was killed by SIGSEGV (Segmentation "
		    "fault)" },
};

/* By a new file of that name: the old one is in use. */
static void put_wrong(size_t i, const char *to)
{
	char *from, *data;
	size_t len;

	if (wrong[i].text != NULL) {
		g_assert_true(g_file_set_contents(to, wrong[i].text, -1, NULL));
		return;
	}
	from = g_strdup_printf(TEST_PLUGIN_DIR "/%s.so", wrong[i].plugin);
	g_assert_true(g_file_get_contents(from, &data, &len, NULL));
	if (wrong[i].of_another_machine) {
		data[MACHINE_OFFSET] ^= 0x55;
	}
	len = wrong[i].length > 0 ? wrong[i].length : len;
	g_assert_true(g_file_set_contents(to, data, (gssize)len, NULL));
	g_free(data);
	g_free(from);
}

static void expect_kept_out(struct shinyd *shinyd, size_t i, const char *file)
{
	char *expected = g_strdup_printf("shinyd: %s:2: error: [server a] %s: %s", shinyd->config,
					 file, wrong[i].reason);
	char *line;

	shinyd_expect_line(shinyd, "the configuration is wrong; the old one is still served");
	line = shinyd_await_line(shinyd, "error: ");
	g_assert_cmpstr(line, ==, expected);
	g_assert_null(strstr(shinyd->child.output->str, "error: "));
	g_free(line);
	g_free(expected);
}

static void keeps_wrong_files_out(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *file, *config;

	shinyd_let_crash();
	shinyd_prepare(&shinyd);
	file = shinyd_plugin_file(shinyd.dir, "mine.so");
	config = g_strdup_printf("[server a]\nplugin = %s\nlisten = tcp://127.0.0.1:0\n", file);
	shinyd_copy_file(TEST_PLUGIN_DIR "/puppet.so", file);
	shinyd_start(&shinyd, "%s", config);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		put_wrong(i, file);
		shinyd_reload(&shinyd, config);
		expect_kept_out(&shinyd, i, file);
		client_exchange(serving.address, "nothing", "done\n");
		g_assert_cmpint(kill(serving.worker, 0), ==, 0);
	}
	g_free(config);
	g_free(file);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add_slow("/e2e/reload/wrong-plugin-files-are-kept-out", keeps_wrong_files_out, 90);
	return harness_run();
}
