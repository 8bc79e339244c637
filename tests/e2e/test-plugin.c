/* SPDX-License-Identifier: MIT */
/*
 * What is taken for a plugin, and what is refused with one clear line.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTION "[server a]\nlisten = tcp://127.0.0.1:0\nplugin = "

static const char *const check[] = { "--check", NULL };

static void refuse(const char *plugin, const char *reason)
{
	shinyd_expect(4, reason, check, SECTION "%s\n", plugin);
}

/* For plugins that make one of several mistakes. */
static void refuse_rows(const char *plugin, const char *const reasons[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *row = g_strdup_printf("%zu", i);

		g_setenv("SHINYD_TEST_ROW", row, TRUE);
		refuse(plugin, reasons[i]);
		g_free(row);
	}
}

static void leaves_libc_s_accept_alone(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, SECTION "no-accept\n");
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "hello\n");
	client_expect(fd, "hello\n");
	client_send_end(fd);
	client_expect_end(fd);
	close(fd);
	shinyd_end(&shinyd);
}

static void serves_by_pointers(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, SECTION "pointers\n");
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_expect_line(&shinyd, "[server a] it ticks");
	fd = client_connect(serving.address);
	client_expect(fd, "hello\n");
	client_send_text(fd, "a line\n");
	client_expect(fd, "a line\n");
	client_send_end(fd);
	client_expect_end(fd);
	close(fd);
	shinyd_expect_line(&shinyd, "[server a] a connection has ended");
	shinyd_end(&shinyd);
}

static void refuses_another_abi(void)
{
	refuse("later-abi",
	       "later-abi.so: has plugin ABI 2 and this shinyd serves ABI 1: build it");
}

static void refuses_no_head(void)
{
	refuse("no-head", "no-head.so: its shiny_plugin names no ABI: begin it with "
			  "SHINY_PLUGIN_HEAD\n");
}

static void refuses_too_small(void)
{
	refuse("small",
	       "its shiny_plugin is smaller than ABI 1's: begin it with SHINY_PLUGIN_HEAD");
}

static void serves_smaller(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, SECTION "smaller\n");
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "hello", "hello");
	shinyd_end(&shinyd);
}

static void serves_larger(void)
{
	shinyd_expect(3, "error: [server a] first 1 second 7", check,
		      SECTION "larger\nsecond = 7\n");
}

static void refuses_no_description(void)
{
	refuse("no-description", "no-description.so: is no plugin: it exports no shiny_plugin");
}

static void refuses_no_handle(void)
{
	refuse("no-handle", "no-handle.so: exports no handle: define on_handle");
}

static void explains_mangling(void)
{
	refuse("mangled", "instead of handle: C++ mangled it: name it on_handle");
}

static void refuses_handlers_named_twice(void)
{
	refuse("both-handlers",
	       "both-handlers.so: sets .handlers and exports handle, too: drop one "
	       "of them\n");
}

static void refuses_wrong_pointers(void)
{
	static const char *const reasons[] = {
		"wrong-handlers.so: its .handlers has no handle\n",
		("wrong-handlers.so: its .handlers points outside of it: make it a static const "
		 "struct shiny_handlers\n"),
		"wrong-handlers.so: its .handlers' accept is a function of ",
		"wrong-handlers.so: its .handlers' tick points to no function\n",
	};

	refuse_rows("wrong-handlers", reasons, G_N_ELEMENTS(reasons));
}

static void refuses_unresolved(void)
{
	refuse("unresolved", "undefined symbol: nobody_has_this");
}

static void refuses_host_keys(void)
{
	refuse("clash", "its parameter 'watchdog' has the name of a key of shinyd's own");
}

static void refuses_wrong_tables(void)
{
	static const char *const reasons[] = {
		("its parameter 'x' must be at least 1 and at most 0: where there is no most, set "
		 ".max to INT64_MAX\n"),
		"its parameter 'x' must be at least 2K and at most 1K\n",
		"its parameter 'x' is one of several choices, and has none\n",
		"its parameter 'x' is one of several choices, and has none\n",
		"its parameter 'x' is required and has a default: drop one of them\n",
		"its parameter 'x y' has a name no key can have\n",
		"its parameter 'x' has a wrong default: expected yes or no, not 'maybe'\n",
		"its parameter 'x' has no type that this shinyd knows\n",
	};

	refuse_rows("wrong-table", reasons, G_N_ELEMENTS(reasons));
}

static void refuses_a_name_of_two_words(void)
{
	refuse("two-words", "its name 'two words' has blanks or what is no printable ASCII\n");
}

/* Of the plugin that writes "return errno;". */
static void takes_no_positive_number_for_success(void)
{
	shinyd_expect(3, "error: [server a] its check returned 20: Not a directory\n", check,
		      SECTION "positive\nfail_in = check\n");
	shinyd_expect(1,
		      "[server a] failed to load: the plugin's load returned 20: Not a directory",
		      NULL, SECTION "positive\nfail_in = load\n");
}

static void survives_constructors(void)
{
	shinyd_let_crash();
	refuse("bad-constructor", "the process that loaded and checked it was killed by SIGSEGV");
}

static void exclusive_has_one_worker(void)
{
	shinyd_expect(3, "[server a] workers: exclusive allows only one", check,
		      SECTION "exclusive\nworkers = 2\n");
}

/* A path that is longer than a reason has room for. */
static void tells_reasons_of_long_paths(void)
{
	char *dir = harness_make_dir();
	char *name = g_strnfill(200, 'd');
	char *folder = g_build_filename(dir, name, name, NULL);
	char *option = g_strconcat("--plugin-path=", folder, NULL);
	char *path = g_build_filename(folder, "file.so", NULL);
	const char *const arguments[] = { "--check", option, NULL };
	char *data, *reason;
	size_t len;

	g_assert_cmpint(g_mkdir_with_parents(folder, 0755), ==, 0);
	g_assert_true(g_file_get_contents(TEST_PLUGIN_DIR "/no-handle.so", &data, &len, NULL));
	g_assert_true(g_file_set_contents(path, data, (gssize)len, NULL));
	shinyd_expect(4, "/file.so: exports no handle: define on_handle, or set .handlers\n",
		      arguments, SECTION "file\n");
	if (getuid() == 0) {
		g_assert_cmpint(chmod(folder, 0777), ==, 0);
		reason = g_strdup_printf("/file.so: everybody may write to %s: chmod o-w it\n",
					 folder);
		shinyd_expect(4, reason, arguments, SECTION "file\n");
		g_free(reason);
	}
	g_free(data);
	g_free(path);
	g_free(option);
	g_free(folder);
	g_free(name);
	harness_remove_dir(dir);
}

static void refuse_file(const void *data, size_t len, const char *reason)
{
	char *dir = harness_make_dir();
	char *path = g_build_filename(dir, "file.so", NULL);

	g_assert_true(g_file_set_contents(path, data, (gssize)len, NULL));
	refuse(path, reason);
	harness_remove_dir(dir);
	g_free(path);
}

static void refuses_text(void)
{
	static const char text[] = "#!/bin/sh\necho I am no plugin\n";

	refuse_file(text, strlen(text),
		    "file.so: is no shared object: it does not begin as an ELF");
	refuse_file("?", 1, "file.so: is no shared object");
}

static void refuses_empty(void)
{
	refuse_file("", 0, "file.so: is empty");
}

/* Cut anywhere, it must neither be served nor kill the process that looks at it. */
static void refuses_truncated(void)
{
	char *data;
	size_t len;

	g_assert_true(g_file_get_contents(TEST_PLUGIN_DIR "/puppet.so", &data, &len, NULL));
	refuse_file(data, 20, "file.so: is truncated");
	refuse_file(data, 64, "file.so: is truncated");
	refuse_file(data, len / 2, "file.so: is truncated");
	refuse_file(data, len - 1, "file.so: is truncated");
	g_free(data);
}

static void refuses_another_machine(void)
{
	static const size_t machine_offset = 18; /* e_machine, little-endian or not */
	char *data;
	size_t len;

	g_assert_true(g_file_get_contents(TEST_PLUGIN_DIR "/puppet.so", &data, &len, NULL));
	data[machine_offset] ^= 0x55;
	refuse_file(data, len, "file.so: was built for another kind of machine");
	g_free(data);
}

static void refuses_directory(void)
{
	refuse("/", "/: is no regular file");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/plugin/libc-s-accept-is-not-its-own", leaves_libc_s_accept_alone);
	harness_add("/e2e/plugin/smaller-structures-are-served", serves_smaller);
	harness_add("/e2e/plugin/larger-structures-are-served", serves_larger);
	harness_add("/e2e/plugin/event-functions-may-be-pointed-to", serves_by_pointers);
	harness_add("/e2e/plugin/refused/another-abi", refuses_another_abi);
	harness_add("/e2e/plugin/refused/no-abi-at-all", refuses_no_head);
	harness_add("/e2e/plugin/refused/too-small", refuses_too_small);
	harness_add("/e2e/plugin/refused/no-description", refuses_no_description);
	harness_add("/e2e/plugin/refused/no-handle", refuses_no_handle);
	harness_add("/e2e/plugin/refused/handle-mangled-by-c++", explains_mangling);
	harness_add("/e2e/plugin/refused/handlers-named-twice", refuses_handlers_named_twice);
	harness_add("/e2e/plugin/refused/handlers-that-are-not-its-own", refuses_wrong_pointers);
	harness_add("/e2e/plugin/refused/unresolved-symbol", refuses_unresolved);
	harness_add("/e2e/plugin/refused/parameter-named-like-a-host-key", refuses_host_keys);
	harness_add("/e2e/plugin/refused/parameter-that-takes-no-value", refuses_wrong_tables);
	harness_add("/e2e/plugin/refused/name-of-two-words", refuses_a_name_of_two_words);
	harness_add("/e2e/plugin/refused/a-positive-number-is-no-success",
		    takes_no_positive_number_for_success);
	harness_add("/e2e/plugin/refused/crash-in-a-constructor", survives_constructors);
	harness_add("/e2e/plugin/refused/exclusive-with-two-workers", exclusive_has_one_worker);
	harness_add("/e2e/plugin/refused/whatever-the-length-of-its-path",
		    tells_reasons_of_long_paths);
	harness_add("/e2e/plugin/refused/text-file", refuses_text);
	harness_add("/e2e/plugin/refused/empty-file", refuses_empty);
	harness_add("/e2e/plugin/refused/truncated-file", refuses_truncated);
	harness_add("/e2e/plugin/refused/another-machine-s-file", refuses_another_machine);
	harness_add("/e2e/plugin/refused/directory", refuses_directory);
	return harness_run();
}
