/* SPDX-License-Identifier: MIT */
/*
 * shinyd.ini as structures: values, defaults, and what is wrong with a file.
 */
#include "config/config.h"
#include "config/listen-address.h"
#include "harness.h"

#include <string.h>
#include <unistd.h>

#define SERVER "[server a]\nplugin = echo\nlisten = tcp://127.0.0.1:1\n"

static struct config *load(const char *text, struct problems *problems)
{
	char *dir = harness_make_dir();
	char *file = g_build_filename(dir, "shinyd.ini", NULL);
	struct config *config;

	g_assert_true(g_file_set_contents(file, text, -1, NULL));
	config = config_load(file, NULL, false, problems);
	g_free(file);
	harness_remove_dir(dir);
	return config;
}

/* One problem a line, "LINE TEXT". */
static void expect_problems(const char *text, const char *expected)
{
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load(text, &problems);
	GString *seen = g_string_new(NULL);

	for (size_t i = 0; i < problems.count; i++) {
		g_string_append_printf(seen, "%u %s\n", problems.all[i].line, problems.all[i].text);
	}
	g_assert_cmpstr(seen->str, ==, expected);
	g_assert_cmpint(problems_exit_code(&problems), ==,
			*expected != '\0' ? EXIT_CODE_CONFIG : EXIT_CODE_OK);
	g_string_free(seen, TRUE);
	problems_finish(&problems);
	config_unref(config);
}

static void reads_values(void)
{
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load("[server a]\nplugin = echo\nlisten = tcp://127.0.0.1:1\n"
				     "listen = unix:///x\nworkers = 3\nidle_timeout = 5m\n"
				     "colour = blue\n[shinyd]\nlog_level = error\n[server b]\n"
				     "plugin = /x.so\nlisten = tcp://:2\n",
				     &problems);
	struct config_section *a = config_find_server(config, "a");
	struct config_section *b = config_find_server(config, "b");

	g_assert_cmpuint(problems.count, ==, 0);
	g_assert_cmpint(config->daemon->values[DAEMON_LOG_LEVEL].number, ==, SHINY_LOG_ERROR);
	g_assert_cmpuint(config->n_servers, ==, 2);
	g_assert_cmpstr(a->values[SERVER_PLUGIN].text, ==, "echo");
	g_assert_cmpint(a->values[SERVER_WORKERS].number, ==, 3);
	g_assert_cmpint(a->values[SERVER_IDLE_TIMEOUT].number, ==, 300000);
	g_assert_cmpstr(b->values[SERVER_PLUGIN].text, ==, "/x.so");
	g_assert_null(config_find_server(config, "c"));
	config_unref(config);
}

static void fills_in_defaults(void)
{
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load(SERVER, &problems);
	const struct shiny_value *values = config->servers[0]->values;

	g_assert_cmpuint(problems.count, ==, 0);
	g_assert_cmpint(config->daemon->values[DAEMON_LOG_LEVEL].number, ==, SHINY_LOG_INFO);
	g_assert_cmpint(config->daemon->values[DAEMON_DRAIN_TIMEOUT].number, ==, 10000);
	g_assert_null(config->daemon->values[DAEMON_USER].text);
	g_assert_cmpint(values[SERVER_WORKERS].number, ==, 1);
	g_assert_cmpint(values[SERVER_HIGH_WATER].number, ==, 262144);
	g_assert_null(values[SERVER_UNIX_MODE].text);
	config_unref(config);
}

static void leaves_the_plugin_s_keys(void)
{
	/* Whether there is such a key only the plugin can tell. */
	expect_problems(SERVER "colour = blue\n", "");
}

static void names_missing_keys(void)
{
	expect_problems("[server a]\n", "1 [server a] plugin is missing\n"
					"1 [server a] listen is missing\n");
}

static void takes_a_key_once(void)
{
	expect_problems(SERVER "workers = 1\nworkers = 2\n",
			"5 [server a] workers stands twice; first in line 4\n");
}

static void takes_a_section_once(void)
{
	expect_problems("[shinyd]\n" SERVER "[server a]\nnonsense\n[shinyd]\nlog_level = loud\n",
			"5 [server a] stands twice; first in line 2\n"
			"6 expected [SECTION] or KEY = VALUE\n"
			"7 [shinyd] stands twice; first in line 1\n");
}

static void knows_its_sections(void)
{
	expect_problems(SERVER "[sever b]\nx = 1\n[shiny]\n[server]\n[other]\n",
			"4 unknown section [sever b]; did you mean [server NAME]?\n"
			"6 unknown section [shiny]; did you mean [shinyd]?\n"
			"7 unknown section [server]; did you mean [server NAME]?\n"
			"8 unknown section [other]; there are [shinyd] and [server NAME]\n");
}

/* What follows from an error that was told is not told. */
static void tells_no_consequences(void)
{
	expect_problems("[server a\nplugin = echo\n", "1 a section needs a closing ']'\n");
	expect_problems("[server a/b]\nplugin = echo\n",
			"1 [server a/b]: a server's name has at most 32 letters, digits, '_', "
			"'.' and '-'\n");
	expect_problems(SERVER "[server b] x\nplugin = echo\n",
			"4 nothing but a comment may follow a section's ']'\n");
}

static void says_where_keys_belong(void)
{
	expect_problems("[shinyd]\nworkers = 2\nworker = 2\nLog_Level = info\n" SERVER,
			"2 [shinyd] workers is a key of [server NAME]\n"
			"3 [shinyd] unknown key 'worker'\n"
			"4 [shinyd] unknown key 'Log_Level'; did you mean 'log_level'?\n");
}

static void restricts_names(void)
{
	expect_problems(SERVER "[server a/b]\n[server "
			       "123456789012345678901234567890123]\n",
			"4 [server a/b]: a server's name has at most 32 letters, digits, '_', "
			"'.' and '-'\n"
			"5 [server 123456789012345678901234567890123]: a server's name has at "
			"most 32 letters, digits, '_', '.' and '-'\n");
}

static void wants_sections_first(void)
{
	expect_problems("workers = 1\n" SERVER, "1 'workers' stands before any section\n");
}

static void wants_values(void)
{
	expect_problems(SERVER "workers =\n", "4 [server a] workers: expected a value\n");
}

#define SEVERAL "this is more than one address; each takes a line of its own"

static void checks_addresses(void)
{
	static const struct {
		const char *address;
		const char *reason;
	} cases[] = {
		{ "127.0.0.1:80",
		  "expected tcp://HOST:PORT, tcp4://, tcp6://, unix:///PATH or systemd://NAME" },
		{ "unix://x", "is no address: expected tcp://HOST:PORT or unix:///PATH" },
		{ "tcp://127.0.0.1:65536",
		  "expected a port behind the host's ':'; the port is 0 to 65535" },
		{ "tcp://127.0.0.1:http",
		  "expected a port behind the host's ':'; the port is 0 to 65535" },
		{ "tcp://127.0.0.1",
		  "expected a port behind the host's ':'; the port is 0 to 65535" },
		{ "tcp://[::1]", "expected a port behind the host's ':'; the port is 0 to 65535" },
		{ "tcp://::1:80", "an IPv6 host needs brackets, as in tcp://[::1]:80" },
		{ "tcp://:80, unix:///run/x", SEVERAL },
		{ "tcp://:80 [::1]:80", SEVERAL },
		{ "unix:///run/x,tcp://:80", SEVERAL },
		{ "systemd://a systemd://b", SEVERAL },
		{ "tcp://*:80", "expected a numeric host, for names are not resolved; without one, "
				"as in tcp://:80, it is every address" },
		{ "tcp4://example.org:80",
		  "expected a numeric host, for names are not resolved; without one, as in "
		  "tcp://:80, it is every address" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *text = g_strdup_printf("[server a]\nplugin = echo\nlisten = %s\n"
					     "listen = unix://@a\n",
					     cases[i].address);
		char *expected = g_strdup_printf("3 [server a] listen: %s: %s\n", cases[i].address,
						 cases[i].reason);

		expect_problems(text, expected);
		g_free(expected);
		g_free(text);
	}
}

static void wants_memory_for_a_process(void)
{
	expect_problems(SERVER "memory = 64\n",
			"4 [server a] memory: must be 0 or at least 1M, not 64; did you mean "
			"'64M'?\n");
	expect_problems(SERVER "memory = 64K\n",
			"4 [server a] memory: must be 0 or at least 1M, not 64K\n");
	expect_problems(SERVER "memory = 1M\n", "");
}

static void tells_bounds_in_units(void)
{
	expect_problems(SERVER "idle_timeout = 25d\nmax_input = 9999999999G\n",
			"4 [server a] idle_timeout: must be at most 24d, not 25d\n"
			"5 [server a] max_input: must be at most 8388607T, not 9999999999G\n");
}

static void gives_an_address_once(void)
{
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load(SERVER "listen = tcp://:0\nlisten = tcp://:0\n"
					    "[server b]\nplugin = echo\n"
					    "listen = tcp://127.0.0.1:1\n",
				     &problems);

	g_assert_cmpuint(problems.count, ==, 1);
	g_assert_cmpuint(problems.all[0].line, ==, 8);
	g_assert_true(g_str_has_prefix(problems.all[0].text,
				       "[server b] listen: "
				       "tcp://127.0.0.1:1 stands twice; first in /"));
	problems_finish(&problems);
	config_unref(config);
	expect_problems(SERVER "reuse_port = yes\n[server b]\nplugin = echo\nreuse_port = yes\n"
			       "listen = tcp://127.0.0.1:1\nlisten = systemd://x\n"
			       "listen = systemd://x\n",
			"");
}

/* One problem in the last line, which says so. */
static void expect_conflict(const char *text, const char *expected)
{
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load(text, &problems);

	g_assert_cmpuint(problems.count, ==, 1);
	if (strstr(problems.all[0].text, expected) == NULL) {
		harness_fail("no \"%s\" in: %s", expected, problems.all[0].text);
	}
	problems_finish(&problems);
	config_unref(config);
}

/* A content delivery network has more than a line holds. */
static void joins_proxies(void)
{
	struct problems problems = PROBLEMS_INIT;
	GString *text = g_string_new(SERVER);
	struct config *config;
	char *last;

	for (int i = 0; i < 200; i++) {
		g_string_append_printf(text, "proxy_from = 10.%d.0.0/16, 2001:db8:%d::/48\n", i, i);
	}
	config = load(text->str, &problems);
	g_assert_cmpuint(problems.count, ==, 0);
	last = strstr(config->servers[0]->values[SERVER_PROXY_FROM].text,
		      "10.198.0.0/16, 2001:db8:198::/48, 10.199.0.0/16, 2001:db8:199::/48");
	g_assert_nonnull(last);
	config_unref(config);
	g_string_free(text, TRUE);
	expect_problems(SERVER "proxy_from = 10.0.0.1\nproxy_from = 10.0.0.0/33\n",
			"5 [server a] proxy_from: expected addresses such as 127.0.0.1, "
			"10.0.0.0/8, ::1 or unix, not '10.0.0.0/33'\n");
}

/* As the kernel would say as they are bound; see test-address.c for each form. */
static void gives_no_address_within_another_one(void)
{
	expect_conflict(SERVER "listen = tcp://:1\n",
			"[server a] listen: tcp://:1 conflicts with tcp://127.0.0.1:1 in /");
	expect_conflict(SERVER "[server b]\nplugin = echo\nlisten = tcp4://:1\n",
			"[server b] listen: tcp4://:1 conflicts with tcp://127.0.0.1:1 in /");
	expect_conflict(SERVER "[server b]\nplugin = echo\nreuse_port = yes\nlisten = tcp://:1\n",
			"conflicts with");
	expect_problems(SERVER "listen = tcp6://:1\nlisten = tcp://127.0.0.2:1\n"
			       "listen = tcp://:2\n",
			"");
	expect_problems(SERVER "reuse_port = yes\n[server b]\nplugin = echo\nreuse_port = yes\n"
			       "listen = tcp://:1\n",
			"");
	expect_conflict(SERVER "reuse_port = yes\nlisten = unix:///x\nlisten = unix:///x\n",
			"unix:///x stands twice; first in /");
}

/* --dump-config could not say it. */
static void wants_names_of_the_service_manager(void)
{
	static const char *const names[] = { "", "a\tb", "a:b", "\xc3\xa4" };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char *text = g_strdup_printf("[server a]\nplugin = echo\nlisten = systemd://%s\n",
					     names[i]);

		expect_conflict(text, "[server a] listen: expected systemd://NAME, and a NAME");
		g_free(text);
	}
	expect_problems("[server a]\nplugin = echo\nlisten = systemd://a.b c_2\n", "");
}

static void checks_water_marks(void)
{
	expect_problems(SERVER "low_water = 1M\n", "4 [server a] low_water is above high_water\n");
}

static void only_ports_are_chosen(void)
{
	g_assert_true(listen_address_has_dynamic_port("tcp://:0"));
	g_assert_true(listen_address_has_dynamic_port("tcp6://[::1]:0"));
	g_assert_false(listen_address_has_dynamic_port("tcp://:80"));
	g_assert_false(listen_address_has_dynamic_port("unix:///run/x:0"));
}

static void knows_other_names_of_an_address(void)
{
	g_assert_true(listen_address_same("tcp://localhost:1", "tcp4://127.0.0.1:1"));
	g_assert_true(listen_address_same("systemd://a", "systemd://a"));
	g_assert_true(listen_address_same("what is none", "what is none"));
	g_assert_false(listen_address_same("tcp://:1", "tcp4://:1"));
	g_assert_false(listen_address_same("systemd://a", "unix://@a"));
}

static void checks_the_watchdog(void)
{
	expect_problems(SERVER "watchdog = 1999ms\n",
			"4 [server a] watchdog: must be 0 or at least 2s, not 1999ms\n");
	expect_problems(SERVER "watchdog = 2s\n", "");
	expect_problems(SERVER "watchdog = 0\n", "");
}

static void checks_the_log_target(void)
{
	expect_problems("[shinyd]\nlog_target = journal\n" SERVER,
			"2 [shinyd] log_target: expected auto, stderr or an absolute path, not "
			"'journal'\n");
}

static void wants_a_server(void)
{
	expect_problems("[shinyd]\n",
			"0 there is no [server NAME] section, hence nothing to serve\n");
}

/* A directory with shinyd.ini and further files, which are named and filled in pairs. */
static char *make_files(const char *const files[])
{
	char *dir = harness_make_dir();

	for (size_t i = 0; files[i] != NULL; i += 2) {
		char *file = g_build_filename(dir, files[i], NULL);

		g_assert_true(g_file_set_contents(file, files[i + 1], -1, NULL));
		g_free(file);
	}
	return dir;
}

static struct config *load_files(const char *const files[], char *const *overrides,
				 struct problems *problems)
{
	char *dir = make_files(files);
	char *file = g_build_filename(dir, "shinyd.ini", NULL);
	struct config *config = config_load(file, overrides, false, problems);

	g_free(file);
	harness_remove_dir(dir);
	return config;
}

static void includes_in_order(void)
{
	static const char *const files[] = {
		"shinyd.ini", "[shinyd]\ninclude = *.conf\ninclude = none-*.x\n" SERVER,
		"z.conf",     "[server z]\nplugin = echo\nlisten = tcp://:2\n",
		"b.conf",     "[server b]\nplugin = echo\nlisten = tcp://:3\nworkers = 2\n",
		NULL,
	};
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load_files(files, NULL, &problems);

	g_assert_cmpuint(problems.count, ==, 0);
	g_assert_cmpuint(config->n_servers, ==, 3);
	g_assert_cmpstr(config->servers[1]->name, ==, "b");
	g_assert_cmpint(config->servers[1]->values[SERVER_WORKERS].number, ==, 2);
	g_assert_true(g_str_has_suffix(config->servers[2]->location.file, "/z.conf"));
	config_unref(config);
}

/* What is in there would silently not be served. */
static void include_reports_folders_that_cannot_be_read(void)
{
	static const char text[] = "[shinyd]\ninclude = loop/*.conf\n" SERVER;
	struct problems problems = PROBLEMS_INIT;
	char *dir = harness_make_dir(), *loop = g_build_filename(dir, "loop", NULL);
	char *file = g_build_filename(dir, "shinyd.ini", NULL);
	struct config *config;

	g_assert_cmpint(symlink("loop", loop), ==, 0);
	g_assert_true(g_file_set_contents(file, text, -1, NULL));
	config = config_load(file, NULL, false, &problems);
	g_assert_cmpuint(problems.count, ==, 1);
	g_assert_cmpuint(problems.all[0].line, ==, 2);
	g_assert_true(g_str_has_suffix(problems.all[0].text,
				       "include: the folder of 'loop/*.conf' cannot be read: "
				       "Too many levels of symbolic links"));
	problems_finish(&problems);
	config_unref(config);
	g_free(file);
	g_free(loop);
	harness_remove_dir(dir);
}

static void include_reports_by_its_own_lines(void)
{
	static const char *const files[] = {
		"shinyd.ini",
		"[shinyd]\ninclude = b.conf\ninclude = missing\n" SERVER,
		"b.conf",
		"[shinyd]\n[server a]\n[server c]\nplugin = echo\nlisten = "
		"tcp://:2\nworkers = 0\n",
		NULL,
	};
	static const char *const expected[] = {
		"[shinyd] may only stand in ",
		"[server a] stands twice; first in ",
		"[shinyd] include: /",
		"[server c] workers: must be at least 1, not 0",
	};
	static const unsigned lines[] = { 1, 2, 3, 6 };
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load_files(files, NULL, &problems);

	g_assert_cmpuint(problems.count, ==, G_N_ELEMENTS(expected));
	for (size_t i = 0; i < problems.count; i++) {
		g_assert_true(g_str_has_prefix(problems.all[i].text, expected[i]));
		g_assert_cmpuint(problems.all[i].line, ==, lines[i]);
	}
	problems_finish(&problems);
	config_unref(config);
}

static void overrides_win(void)
{
	static const char *const files[] = { "shinyd.ini",
					     SERVER "workers = 2\n[server b.c]\nplugin = "
						    "echo\nlisten = tcp://:1\n",
					     NULL };
	static const char *const overrides[] = { "a.workers=3",
						 "b.c.workers=4",
						 "a.listen=tcp://:2",
						 "a.listen=tcp://:3",
						 "shinyd.log_level=error",
						 "server b.c.backlog=9",
						 NULL };
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load_files(files, (char *const *)overrides, &problems);
	const struct config_section *a = config->servers[0];

	g_assert_cmpuint(problems.count, ==, 0);
	g_assert_cmpint(a->values[SERVER_WORKERS].number, ==, 3);
	g_assert_cmpstr(a->values[SERVER_LISTEN].text, ==, "tcp://:3");
	g_assert_cmpuint(a->settings.count, ==, 4); /* plugin, two addresses, workers */
	g_assert_cmpint(config->servers[1]->values[SERVER_WORKERS].number, ==, 4);
	g_assert_cmpint(config->servers[1]->values[SERVER_BACKLOG].number, ==, 9);
	g_assert_cmpint(config->daemon->values[DAEMON_LOG_LEVEL].number, ==, SHINY_LOG_ERROR);
	config_unref(config);
}

static void overrides_are_checked(void)
{
	static const char *const files[] = {
		"shinyd.ini", SERVER "[server cache]\nplugin = echo\nlisten = tcp://:2\n", NULL
	};
	static const char *const overrides[] = { "workers=3",
						 "a.workers",
						 "other.workers=1",
						 "server cahce.workers=1",
						 "a.workers=0",
						 "shinyd.include=x",
						 NULL };
	static const char *const expected[] = {
		"expected SECTION.KEY=VALUE, not 'workers=3'",
		"expected SECTION.KEY=VALUE, not 'a.workers'",
		"there is no [server other]; there is [server a], [server cache]",
		"there is no [server cahce]; did you mean 'cache'?",
		"include may only stand in the file",
		"[server a] workers: must be at least 1, not 0",
	};
	struct problems problems = PROBLEMS_INIT;
	struct config *config = load_files(files, (char *const *)overrides, &problems);

	g_assert_cmpuint(problems.count, ==, G_N_ELEMENTS(expected));
	for (size_t i = 0; i < problems.count; i++) {
		g_assert_cmpstr(problems.all[i].text, ==, expected[i]);
		g_assert_cmpstr(problems.all[i].file, ==, "-o");
	}
	problems_finish(&problems);
	config_unref(config);
}

static void wants_a_file(void)
{
	struct problems problems = PROBLEMS_INIT;
	struct config *config = config_load("/nowhere/shinyd.ini", NULL, false, &problems);

	g_assert_cmpuint(problems.count, ==, 1);
	g_assert_cmpstr(problems.all[0].text, ==, "cannot be opened: No such file or directory");
	problems_finish(&problems);
	config_unref(config);

	config = config_load("/", NULL, false, &problems);
	g_assert_cmpuint(problems.count, ==, 1);
	g_assert_cmpstr(problems.all[0].text, ==, "is no regular file");
	problems_finish(&problems);
	config_unref(config);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/config/values", reads_values);
	harness_add("/config/defaults", fills_in_defaults);
	harness_add("/config/a-plugin-s-keys-are-left-to-it", leaves_the_plugin_s_keys);
	harness_add("/config/include/in-the-order-of-names", includes_in_order);
	harness_add("/config/include/a-folder-that-cannot-be-read-is-a-problem",
		    include_reports_folders_that_cannot_be_read);
	harness_add("/config/include/problems-have-its-own-lines",
		    include_reports_by_its_own_lines);
	harness_add("/config/override/wins", overrides_win);
	harness_add("/config/override/is-checked", overrides_are_checked);
	harness_add("/config/wrong/missing-key", names_missing_keys);
	harness_add("/config/wrong/key-twice", takes_a_key_once);
	harness_add("/config/wrong/section-twice", takes_a_section_once);
	harness_add("/config/wrong/section-unknown", knows_its_sections);
	harness_add("/config/wrong/section-name", restricts_names);
	harness_add("/config/wrong/key-before-sections", wants_sections_first);
	harness_add("/config/wrong/no-value", wants_values);
	harness_add("/config/wrong/address", checks_addresses);
	harness_add("/config/wrong/address-twice", gives_an_address_once);
	harness_add("/config/wrong/address-within-another-one",
		    gives_no_address_within_another_one);
	harness_add("/config/wrong/systemd-name-that-is-none", wants_names_of_the_service_manager);
	harness_add("/config/proxies-stand-in-several-lines", joins_proxies);
	harness_add("/config/wrong/memory-of-less-than-a-process", wants_memory_for_a_process);
	harness_add("/config/wrong/bounds-are-told-in-units", tells_bounds_in_units);
	harness_add("/config/wrong/key-of-another-section", says_where_keys_belong);
	harness_add("/config/wrong/without-its-consequences", tells_no_consequences);
	harness_add("/config/only-ports-are-chosen", only_ports_are_chosen);
	harness_add("/config/an-address-has-several-names", knows_other_names_of_an_address);
	harness_add("/config/wrong/water-marks", checks_water_marks);
	harness_add("/config/a-watchdog-lets-an-idle-loop-live", checks_the_watchdog);
	harness_add("/config/wrong/log-target", checks_the_log_target);
	harness_add("/config/wrong/nothing-to-serve", wants_a_server);
	harness_add("/config/wrong/no-file", wants_a_file);
	return harness_run();
}
