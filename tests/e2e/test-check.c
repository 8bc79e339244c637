/* SPDX-License-Identifier: MIT */
/*
 * What is wrong is told all at once, by file and line, and with the right exit code.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <glib/gstdio.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LISTEN "listen = tcp://127.0.0.1:0\n"

static const char *const check[] = { "--check", NULL };

/* All that it prints: the file's name is in front of each of the @expected lines. */
static void expect_lines(const char *config, const char *const expected[])
{
	struct shinyd shinyd = { 0 };
	const char *output;

	shinyd_start(&shinyd, "%s", config);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 3);
	output = shinyd.child.output->str;
	for (size_t i = 0; expected[i] != NULL; i++) {
		char *line = g_strdup_printf("shinyd: %s%s", shinyd.config, expected[i]);

		if (!g_str_has_prefix(output, line)) {
			harness_fail("expected \"%s\" where there is\n%s", line, output);
		}
		output += strlen(line);
		g_free(line);
	}
	g_assert_cmpstr(output, ==, "");
	shinyd_finish(&shinyd);
}

static void reports_all_errors(void)
{
	static const char *const expected[] = {
		":2: error: [shinyd] unknown key 'log_leve'; did you mean 'log_level'?\n",
		":3: error: [server cache] listen is missing\n",
		":5: error: [server cache] unknown key 'maxcon'; did you mean 'max_connections'?\n",
		":6: error: [server cache] workers: must be at least 1, not 0\n",
		(":7: error: [server cache] on_check: expected nothing, crash, exit, fail, "
		 "slow or end, not 'x'\n"),
		":8: error: [server cache] unknown key 'passwort'; did you mean 'password'?\n",
		":9: error: expected [SECTION] or KEY = VALUE\n",
		":10: error: unknown section [serve other]; did you mean [server NAME]?\n",
		NULL,
	};

	expect_lines("[shinyd]\n"
		     "log_leve = info\n"
		     "[server cache]\n"
		     "plugin = puppet\n"
		     "maxcon = 5\n"
		     "workers = 0\n"
		     "on_check = x\n"
		     "passwort = x\n"
		     "what is this\n"
		     "[serve other]\n",
		     expected);
}

/* Whatever else is wrong, and by its line where it names a parameter. */
static void reports_what_the_plugin_says(void)
{
	static const char *const expected[] = {
		":4: error: [server cache] workers: redis-lite allows only one\n",
		(":5: error: [server cache] maxmemory: expected a size such as 512, 64K, 1M or 2G, "
		 "not '7q'\n"),
		":7: error: [server cache] dir = /nowhere: No such file or directory\n",
		":8: error: [server cache] unknown key 'what'\n",
		NULL,
	};

	expect_lines("[server cache]\n"
		     "plugin = redis-lite\n" LISTEN "workers = 3\n"
		     "maxmemory = 7q\n"
		     "appendonly = yes\n"
		     "dir = /nowhere\n"
		     "what = this\n",
		     expected);
	shinyd_expect(3, "shinyd.ini:4: error: [server a] appendonly = yes needs dir", check,
		      "[server a]\nplugin = redis-lite\n" LISTEN "appendonly = yes\n");
}

static void check_binds_nothing(void)
{
	int held;
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *config;

	shinyd_start(&shinyd, "[server a]\nplugin = echo\n" LISTEN);
	shinyd_await_serving(&shinyd, "a", &serving);
	config = g_strdup_printf("[server a]\nplugin = echo\nlisten = %s\n", serving.address);
	shinyd_expect(0, "no errors", check, "%s", config);
	/* While it cannot be served: somebody has the port. */
	shinyd_expect(5, "shinyd.ini:3: error: [server a] listen: tcp://127.0.0.1:", NULL, "%s",
		      config);
	held = client_connect(serving.address);
	close(held);
	g_free(config);
	shinyd_end(&shinyd);
}

static void check_asks_the_plugin(void)
{
	shinyd_expect(3, "shinyd.ini:1: error: [server a] the strings are cut", check,
		      "[server a]\nplugin = puppet\non_check = fail\n" LISTEN);
}

static void check_survives_the_plugin(void)
{
	shinyd_let_crash();
	shinyd_expect(4, "/puppet.so: the process that loaded and checked it was killed by SIGSEGV",
		      check, "[server a]\nplugin = puppet\non_check = crash\n" LISTEN);
	shinyd_expect(4, "the process that loaded and checked it exited with status 0", check,
		      "[server a]\nplugin = puppet\non_check = exit\n" LISTEN);
}

static void check_loads_nothing(void)
{
	shinyd_expect(0, "no errors", check,
		      "[server a]\nplugin = puppet\non_load = crash\n" LISTEN);
}

/* Somebody who has no rights, and a configuration that takes them to serve. */
static void check_needs_no_rights(void)
{
	const struct passwd *nobody = getpwnam("nobody");
	char *hidden = harness_make_dir();

	if (getuid() == 0) {
		if (nobody == NULL) {
			harness_skip("there is no user called nobody");
		}
		g_assert_cmpint(setgid(nobody->pw_gid), ==, 0);
		g_assert_cmpint(setuid(nobody->pw_uid), ==, 0);
		prctl(PR_SET_DUMPABLE, 1); /* else leaks cannot be looked for */
	}
	if (access(SHINYD, X_OK) < 0) {
		harness_skip("%s is not for everybody", SHINYD);
	}
	shinyd_expect(0, "no errors", check,
		      "[shinyd]\nuser = root\nlog_target = /nowhere/log\n"
		      "status_socket = /nowhere/status\n"
		      "[server a]\nplugin = echo\nlisten = tcp://:1\n"
		      "listen = unix:///nowhere/socket\nlisten = tcp://192.0.2.1:2\n");
	if (getuid() != 0 && access(hidden, X_OK) < 0) {
		shinyd_expect(0, "no errors", check,
			      "[server a]\nplugin = redis-lite\nappendonly = yes\n"
			      "dir = %s/there\n" LISTEN,
			      hidden);
	}
	g_free(hidden); /* it goes with the test */
}

static void check_knows_folders(void)
{
	shinyd_expect(3, "error: [server a] dir = /nowhere: No such file or directory", check,
		      "[server a]\nplugin = redis-lite\nappendonly = yes\ndir = /nowhere\n" LISTEN);
	shinyd_expect(3, "error: [server a] dir = /dev/null: Not a directory", check,
		      "[server a]\nplugin = redis-lite\nappendonly = yes\n"
		      "dir = /dev/null\n" LISTEN);
	shinyd_expect(0, "no errors", check,
		      "[server a]\nplugin = redis-lite\ndir = /nowhere\n" LISTEN);
}

static void usage_is_2(void)
{
	static const char *const wrong[][4] = {
		{ "--chekc", NULL },
		{ "surplus", NULL },
		{ "--check", "--single=a", NULL },
		{ "--list-plugins", "--describe=echo", NULL },
		{ "--single", NULL },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		shinyd_expect(2, "; see shinyd --help\n", wrong[i],
			      "[server a]\nplugin = echo\n" LISTEN);
	}
}

static void file_is_3(void)
{
	shinyd_expect(3, "/nowhere/shinyd.ini: error: cannot be opened: No such file or directory",
		      (const char *[]){ "-c", "/nowhere/shinyd.ini", NULL }, "%s", "");
	shinyd_expect(3, "shinyd.ini: error: there is no [server NAME] section", NULL, "%s", "");
	shinyd_expect(3, "there is no [server other]; there is [server a]",
		      (const char *[]){ "--single", "other", NULL },
		      "[server a]\nplugin = echo\n" LISTEN);
}

static void plugin_is_4(void)
{
	shinyd_expect(4, "there is no plugin 'ecko'; did you mean 'echo'?", NULL,
		      "[server a]\nplugin = ecko\n" LISTEN);
	shinyd_expect(4, "[server a] /nowhere/x.so: cannot be opened: No such file or directory",
		      NULL, "[server a]\nplugin = /nowhere/x.so\n" LISTEN);
	shinyd_expect(4, "failed to load: the strings are cut",
		      (const char *[]){ "--single", "a", NULL },
		      "[server a]\nplugin = puppet\non_load = fail\n" LISTEN);
}

static void address_is_3(void)
{
	shinyd_expect(3,
		      "shinyd.ini:3: error: [server a] listen: tcp://example.org:1: expected a "
		      "numeric host",
		      check, "[server a]\nplugin = echo\nlisten = tcp://example.org:1\n");
	shinyd_expect(
		3, "shinyd.ini:3: error: [server a] listen: tcp://127.0.0.1:70000: expected a port",
		check, "[server a]\nplugin = echo\nlisten = tcp://127.0.0.1:70000\n");
	shinyd_expect(3,
		      "shinyd.ini:6: error: [server b] listen: tcp://127.0.0.1:1 conflicts with "
		      "tcp://:1 in /",
		      check,
		      "[server a]\nplugin = echo\nlisten = tcp://:1\n"
		      "[server b]\nplugin = echo\nlisten = tcp://127.0.0.1:1\n");
}

static void all_addresses_are_tried(void)
{
	shinyd_expect(5, "shinyd.ini:4: error: [server a] listen: unix:///nowhere/at/all", NULL,
		      "[server a]\nplugin = echo\nlisten = tcp://192.0.2.1:1\n"
		      "listen = unix:///nowhere/at/all\n");
}

static void secrets_are_secret(void)
{
	struct shinyd shinyd = { 0 };
	const char *const argv[] = { SHINYD, "--check", "--plugin-path=" TEST_PLUGIN_DIR,
				     "-c",   NULL,	NULL };
	const char *with_config[G_N_ELEMENTS(argv)];

	umask(022);
	shinyd_expect(
		3, "shinyd.ini:3: error: [server a] password is a secret, and everybody may read",
		check, "[server a]\nplugin = puppet\npassword = x\n" LISTEN);

	shinyd_prepare(&shinyd);
	g_assert_true(g_file_set_contents(
		shinyd.config, "[server a]\nplugin = puppet\npassword = x\n" LISTEN, -1, NULL));
	g_assert_cmpint(g_chmod(shinyd.config, 0640), ==, 0);
	memcpy(with_config, argv, sizeof(argv));
	with_config[4] = shinyd.config;
	g_assert_cmpint(child_run(with_config, NULL), ==, 0);
	shinyd_finish(&shinyd);
}

/* In a file that is included, and where the command line sets another one. */
static void secrets_are_secret_everywhere(void)
{
	static const char *const override[] = { "--check", "-o", "a.password=y", NULL };
	char *dir = harness_make_dir();
	char *file = g_build_filename(dir, "a.ini", NULL);
	char *text = g_strdup_printf("%s:3: error: [server a] password is a secret, and everybody",
				     file);

	g_assert_true(g_file_set_contents(
		file, "[server a]\nplugin = puppet\npassword = x\n" LISTEN, -1, NULL));
	g_assert_cmpint(g_chmod(file, 0644), ==, 0);
	shinyd_expect(3, text, check, "[shinyd]\ninclude = %s\n", file);
	shinyd_expect(3, text, override, "[shinyd]\ninclude = %s\n", file);
	g_assert_cmpint(g_chmod(file, 0640), ==, 0);
	shinyd_expect(0, "no errors", check, "[shinyd]\ninclude = %s\n", file);
	shinyd_expect(0, "no errors", override,
		      "[server a]\nplugin = puppet\npassword = @/nowhere\n" LISTEN);
	g_free(text);
	g_free(file);
	harness_remove_dir(dir);
}

/* What ps(1) shows. */
static void a_secret_of_the_command_line_is_told(void)
{
	static const char *const seen[] = { "--check", "-o", "a.password=hunter2", NULL };
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *file, *option, *line;

	shinyd_expect(0, "warning: [server a] password is a secret, and everybody can see it in",
		      seen, "[server a]\nplugin = puppet\n" LISTEN);

	shinyd_prepare(&shinyd);
	file = g_build_filename(shinyd.dir, "secret", NULL);
	g_assert_true(g_file_set_contents(file, "hunter2", -1, NULL));
	g_assert_cmpint(g_chmod(file, 0600), ==, 0);
	option = g_strdup_printf("a.password=@%s", file);
	shinyd_start_with(&shinyd, (const char *[]){ "-o", option, NULL },
			  "[server a]\nplugin = puppet\n" LISTEN);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "is a secret"));
	child_finish(&shinyd.child);

	shinyd_start_with(&shinyd, seen + 1, "[server a]\nplugin = puppet\n" LISTEN);
	line = shinyd_await_line(&shinyd,
				 "password is a secret, and everybody can see it in /proc/");
	g_assert_cmpint(atoi(strstr(line, "/proc/") + strlen("/proc/")), ==, shinyd.child.pid);
	g_free(line);
	g_free(option);
	g_free(file);
	shinyd_end(&shinyd);
}

static void values_may_stand_in_files(void)
{
	static const struct {
		const char *content;
		int mode;
		const char *expected;
	} cases[] = {
		{ "hunter2\n", 0600, "no errors" },
		{ "hunter2", 0640, "no errors" },
		{ "hunter2\n", 0644,
		  "password is a secret, and everybody may read it: chmod o-r /" },
		{ "", 0600, "password: expected a value" },
		{ "hunter2\nhunter3\n", 0600, "/secret: holds more than a line of text" },
		{ NULL, 0, "/secret: cannot be opened: No such file or directory" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *dir = harness_make_dir();
		char *file = g_build_filename(dir, "secret", NULL);

		if (cases[i].content != NULL) {
			g_assert_true(g_file_set_contents(file, cases[i].content, -1, NULL));
			g_assert_cmpint(g_chmod(file, cases[i].mode), ==, 0);
		}
		shinyd_expect(i < 2 ? 0 : 3, cases[i].expected, check,
			      "[server a]\nplugin = puppet\npassword = @%s\n" LISTEN, file);
		g_free(file);
		harness_remove_dir(dir);
	}
	shinyd_expect(3, "shinyd.ini:3: error: [server a] password: /dev/zero: is no regular file",
		      check, "[server a]\nplugin = puppet\npassword = @/dev/zero\n" LISTEN);
}

static void version_and_help(void)
{
	shinyd_expect(0, "plugin ABI 1", (const char *[]){ "-V", NULL }, "%s", "");
	shinyd_expect(0, "plugin ABI 1", (const char *[]){ "--version", NULL }, "%s", "");
	shinyd_expect(0, "--plugin-path=DIR", (const char *[]){ "--help", NULL }, "%s", "");
	shinyd_expect(0, "--plugin-path=DIR", (const char *[]){ "-h", NULL }, "%s", "");
}

static void manual_has_every_option(void)
{
	const char *const argv[] = { SHINYD, "--help", NULL };
	GRegex *option = g_regex_new("--[a-z-]+", 0, 0, NULL);
	GMatchInfo *match;
	char *help, *manual;
	int options = 0;

	g_assert_cmpint(child_run(argv, &help), ==, 0);
	g_assert_true(g_file_get_contents(DOCS_DIR "/shinyd.8.scd", &manual, NULL, NULL));
	for (g_regex_match(option, help, 0, &match); g_match_info_matches(match);
	     g_match_info_next(match, NULL)) {
		char *word = g_match_info_fetch(match, 0);
		char *bold = g_strdup_printf("*%s*", word);

		if (strstr(manual, bold) == NULL) {
			harness_fail("shinyd(8) does not have %s", word);
		}
		options++;
		g_free(bold);
		g_free(word);
	}
	g_assert_cmpint(options, >=, 6);
	g_match_info_free(match);
	g_regex_unref(option);
	g_free(manual);
	g_free(help);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/check/all-errors-in-one-run-by-file-and-line", reports_all_errors);
	harness_add("/e2e/check/what-the-plugin-says-comes-with-the-rest",
		    reports_what_the_plugin_says);
	harness_add("/e2e/check/binds-nothing", check_binds_nothing);
	harness_add("/e2e/check/asks-the-plugin", check_asks_the_plugin);
	harness_add("/e2e/check/survives-the-plugin", check_survives_the_plugin);
	harness_add("/e2e/check/does-not-call-load", check_loads_nothing);
	harness_add("/e2e/check/needs-no-rights", check_needs_no_rights);
	harness_add("/e2e/check/knows-a-folder-that-is-not-there", check_knows_folders);
	harness_add("/e2e/exit/usage-is-2", usage_is_2);
	harness_add("/e2e/exit/configuration-is-3", file_is_3);
	harness_add("/e2e/exit/plugin-is-4", plugin_is_4);
	harness_add("/e2e/exit/no-address-is-3", address_is_3);
	harness_add("/e2e/check/a-secret-is-not-for-everybody", secrets_are_secret);
	harness_add("/e2e/check/secrets-are-secret-in-every-file", secrets_are_secret_everywhere);
	harness_add("/e2e/check/a-secret-of-the-command-line-is-told",
		    a_secret_of_the_command_line_is_told);
	harness_add("/e2e/check/a-value-may-stand-in-a-file-of-its-own", values_may_stand_in_files);
	harness_add("/e2e/exit/every-address-is-tried", all_addresses_are_tried);
	harness_add("/e2e/exit/version-and-help-are-0", version_and_help);
	harness_add("/e2e/manual/has-every-option", manual_has_every_option);
	return harness_run();
}
