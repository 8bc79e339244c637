/* SPDX-License-Identifier: MIT */
/*
 * What shinyd prints of itself without serving: plugins, their parameters, the configuration.
 */
#include "harness.h"
#include "shinyd.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"

static void expect_all(const char *text, const char *const wanted[])
{
	for (size_t i = 0; wanted[i] != NULL; i++) {
		if (strstr(text, wanted[i]) == NULL) {
			harness_fail("no \"%s\" in:\n%s", wanted[i], text);
		}
	}
}

/* Runs shinyd with that action and configuration; its output must have all the texts. */
static void expect_output(const char *const arguments[], const char *config,
			  const char *const wanted[])
{
	struct shinyd shinyd = { 0 };

	shinyd_start_with(&shinyd, arguments, "%s", config);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	expect_all(shinyd.child.output->str, wanted);
	shinyd_finish(&shinyd);
}

static void lists_plugins(void)
{
	static const char *const wanted[] = {
		"\necho             echo 1.0           ",
		"\npuppet           puppet 0.9         ",
		"/no-handle.so: exports no handle: define on_handle, or set .handlers\n",
		"/bad-constructor.so: the process that loaded and checked it was killed by SIGSEGV",
		"/later-abi.so: ",
		NULL,
	};

	shinyd_let_crash();
	expect_output((const char *[]){ "--list-plugins", NULL }, "", wanted);
}

/* What is listed is what "plugin =" takes, whatever the plugin calls itself. */
static void lists_by_what_finds_it(void)
{
	char *top = harness_make_dir(), *first = shinyd_plugin_file(top, "mine.so");
	char *dir = g_path_get_dirname(first);
	char *option = g_strconcat("--plugin-path=", dir, NULL);
	static const char *const names[] = { "mine.so", "Mine.so", "mine.1.so" };
	static const char *const wanted[] = {
		"mine             echo 1.0           ",
		"/Mine.so: is found by its path only",
		"/mine.1.so: is found by its path only: names are of a to z, 0 to 9, '_' and '-'\n",
		"shinyd: /nowhere: No such file or directory\n",
		NULL,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char *file = g_build_filename(dir, names[i], NULL);

		g_assert_cmpint(symlink(PLUGIN_DIR "/echo.so", file), ==, 0);
		g_free(file);
	}
	shinyd_let_crash();
	expect_output((const char *[]){ "--list-plugins", option, "--plugin-path=/nowhere", NULL },
		      "", wanted);
	shinyd_expect(0, "no errors", (const char *[]){ "--check", option, NULL },
		      "[server a]\nplugin = mine\n" LISTEN);
	g_free(option);
	g_free(dir);
	g_free(first);
	harness_remove_dir(top);
}

static void describes_a_plugin(void)
{
	static const char *const wanted[] = {
		"puppet 0.9 (ABI 1)\n",
		"\n  on_load = nothing | crash | exit | fail | slow",
		"\n      default: nothing\n",
		"\n  password = secret\n",
		NULL,
	};

	expect_output((const char *[]){ "--describe", "puppet", NULL }, "", wanted);
	expect_output((const char *[]){ "--describe", TEST_PLUGIN_DIR "/puppet.so", NULL }, "",
		      wanted);
}

static void describes_nothing_broken(void)
{
	shinyd_expect(4, "shinyd: " TEST_PLUGIN_DIR "/no-handle.so: exports no handle",
		      (const char *[]){ "--describe", "no-handle", NULL }, "%s", "");
	shinyd_expect(4, "there is no plugin 'ecko'; did you mean 'echo'?",
		      (const char *[]){ "--describe", "ecko", NULL }, "%s", "");
}

static void dumps_the_configuration(void)
{
	static const char *const wanted[] = {
		"[shinyd]\n",
		"log_level = info                         ; default\n",
		"; user is not set\n",
		"\n[server a]\n",
		"plugin = puppet                          ; /",
		"shinyd.ini:2\n",
		"workers = 3                              ; -o\n",
		"on_check = nothing                       ; default\n",
		"on_load = fail                           ; /",
		"; password is not set\n",
		NULL,
	};

	expect_output((const char *[]){ "--dump-config", "-o", "a.workers=3", NULL },
		      "[server a]\nplugin = puppet\non_load = fail\n" LISTEN, wanted);
}

/* What a file asks for may be more than the system gives. */
static void dumps_what_can_be_had(void)
{
	static const char *const wanted[] = {
		"\nmax_connections = 136                    ; /",
		"shinyd.ini:2 (10000; 200 descriptors allow no more)\n",
		"\nmax_connections = 136                    ; default (0; 200 descriptors",
		"\nmax_connections = 5                      ; /",
		NULL,
	};
	const struct rlimit limit = { 200, 200 };

	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	expect_output((const char *[]){ "--dump-config", NULL },
		      "[server a]\nmax_connections = 10000\nplugin = puppet\n" LISTEN
		      "[server b]\nplugin = puppet\n" LISTEN
		      "[server c]\nmax_connections = 5\nplugin = puppet\n" LISTEN,
		      wanted);
}

/* On the command line, and in a file of its own, from where the plugin gets it. */
static void dumps_no_secret(void)
{
	struct shinyd shinyd = { 0 };
	char *file, *options[2], *origin;

	shinyd_prepare(&shinyd);
	file = g_build_filename(shinyd.dir, "secret", NULL);
	g_assert_true(g_file_set_contents_full(file, "hunter2\n", -1, G_FILE_SET_CONTENTS_NONE,
					       0600, NULL));
	origin = g_strdup_printf("password = ***                           ; -o (@%s)\n", file);
	options[0] = g_strdup("a.password=hunter2");
	options[1] = g_strdup_printf("a.password=@%s", file);
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		shinyd_start_with(&shinyd,
				  (const char *[]){ "--dump-config", "-o", options[i], NULL },
				  "[server a]\nplugin = puppet\n" LISTEN);
		g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
		g_assert_nonnull(strstr(shinyd.child.output->str, "password = *** "));
		g_assert_null(strstr(shinyd.child.output->str, "hunter2"));
		if (i == 1) {
			g_assert_nonnull(strstr(shinyd.child.output->str, origin));
		}
		child_finish(&shinyd.child);
		g_free(options[i]);
	}
	g_free(origin);
	g_free(file);
	shinyd_finish(&shinyd);
}

/* Whoever runs shinyd in a terminal must not have it told what to do by a plugin or a file. */
static void prints_no_control_characters(void)
{
	static const struct {
		int status;
		const char *arguments[4];
		const char *expected;
	} cases[] = {
		{ 0, { "--list-plugins" }, "escapes 1?[31m??? " },
		{ 0, { "--describe=escapes" }, "escapes 1?[31m??? (ABI 1)\n?[31m???\n" },
		{ 0, { "--dump-config" }, "colour = red?[31m???  " },
		{ 3, { "--check", "-o", "a.fail=yes" }, "[server a] failed?[31m???\n" },
		{ 3, { "--check", "-o", "a.fail=\x1b[31m" }, "not '?[31m'\n" },
		{ 2, { "\x1b[31m" }, "unexpected argument '?[31m'; see shinyd --help\n" },
	};

	shinyd_let_crash(); /* some of the plugins that are listed do */
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct shinyd shinyd = { 0 };

		shinyd_start_with(&shinyd, cases[i].arguments,
				  "[server a]\nplugin = escapes\n" LISTEN);
		g_assert_cmpint(shinyd_wait(&shinyd), ==, cases[i].status);
		expect_all(shinyd.child.output->str, (const char *[]){ cases[i].expected, NULL });
		for (const char *c = shinyd.child.output->str; *c != '\0'; c++) {
			g_assert_true(*c == '\n' || !g_ascii_iscntrl(*c));
		}
		shinyd_finish(&shinyd);
	}
}

/* Where [shinyd] is not known, defaults in its place would be about another shinyd. */
static void wants_to_know_the_daemon(void)
{
	static const char *const actions[] = { "--list-plugins", "--describe=echo" };
	static const struct {
		const char *arguments[2];
		const char *config;
		const char *expected;
	} cases[] = {
		{ { "-c", "/nowhere.ini" },
		  "",
		  "shinyd: /nowhere.ini: error: cannot be opened: No such file or directory\n" },
		{ { "-o", "shinyd" }, "", "shinyd: -o: error: expected SECTION.KEY=VALUE" },
		{ { "-o", "shinyd.status_socket=x" }, "", "[shinyd] status_socket: expected an" },
		{ { NULL }, "[shinyd]\nstatus_socket: /x\n", "shinyd.ini:2: error: expected KEY" },
		{ { NULL },
		  "[shinyd]\nplugin_path = x\n",
		  "shinyd.ini:2: error: [shinyd] plugin_p" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		for (size_t j = 0; j < G_N_ELEMENTS(actions); j++) {
			shinyd_expect(3, cases[i].expected,
				      (const char *[]){ actions[j], cases[i].arguments[0],
							cases[i].arguments[1], NULL },
				      "%s", cases[i].config);
		}
	}
	expect_output((const char *[]){ "--describe=echo", NULL }, "[server a]\nworkers = x\n",
		      (const char *[]){ "echo 1.0 (ABI 1)\n", NULL });
}

/* As bytes, whatever the locale. */
static void options_are_bytes(void)
{
	static const char *const locales[] = { "C", "C.UTF-8" };
	static const char *const wanted[] = { "password = ***  ", "log_target = /tmp/\xc3\xa4\xff ",
					      NULL };

	for (size_t i = 0; i < G_N_ELEMENTS(locales); i++) {
		g_setenv("LC_ALL", locales[i], TRUE);
		expect_output((const char *[]){ "--dump-config", "-o", "a.password=\xff", "-o",
						"shinyd.log_target=/tmp/\xc3\xa4\xff", NULL },
			      "[server a]\nplugin = puppet\n" LISTEN, wanted);
		shinyd_expect(4, "shinyd: /nowhere/\xff.so: cannot be opened",
			      (const char *[]){ "--describe", "/nowhere/\xff.so", NULL }, "%s", "");
	}
}

static void tells_when_nobody_takes_the_output(void)
{
	struct shinyd shinyd = { 0 };
	const char *argv[] = { "sh",
			       "-c",
			       "exec \"$0\" \"$@\" >/dev/full",
			       SHINYD,
			       "--describe",
			       "echo",
			       "-c",
			       NULL /* config */,
			       "--plugin-path=" PLUGIN_DIR,
			       NULL };
	char *output;

	shinyd_start(&shinyd, "[server a]\nplugin = puppet\n");
	shinyd_wait(&shinyd);
	argv[7] = shinyd.config;
	g_assert_cmpint(child_run(argv, &output), ==, 1);
	g_assert_cmpstr(output, ==, "shinyd: cannot write to standard output\n");
	g_free(output);
	shinyd_finish(&shinyd);
}

static void options_reach_the_plugin(void)
{
	shinyd_expect(3, "shinyd: -o: error: [server a] unknown key 'passwort'; did you mean",
		      (const char *[]){ "--check", "-o", "a.passwort=x", NULL },
		      "[server a]\nplugin = puppet\n" LISTEN);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/list-plugins/with-what-is-wrong", lists_plugins);
	harness_add("/e2e/list-plugins/by-what-finds-it", lists_by_what_finds_it);
	harness_add("/e2e/describe/parameters", describes_a_plugin);
	harness_add("/e2e/describe/broken-is-4", describes_nothing_broken);
	harness_add("/e2e/dump-config/with-origins", dumps_the_configuration);
	harness_add("/e2e/dump-config/shows-what-can-be-had", dumps_what_can_be_had);
	harness_add("/e2e/dump-config/without-secrets", dumps_no_secret);
	harness_add("/e2e/output/no-control-characters", prints_no_control_characters);
	harness_add("/e2e/output/is-not-lost-in-silence", tells_when_nobody_takes_the_output);
	harness_add("/e2e/exit/an-unknown-daemon-is-3", wants_to_know_the_daemon);
	harness_add("/e2e/option/bytes-in-any-locale", options_are_bytes);
	harness_add("/e2e/option/reaches-the-plugin", options_reach_the_plugin);
	return harness_run();
}
