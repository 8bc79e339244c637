/* SPDX-License-Identifier: MIT */
/*
 * Where shinyd logs: whoever reads there may have stopped or gone, or never come.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ECHO "plugin = echo\nlisten = tcp://127.0.0.1:0\n"

/* A shinyd whose log is not on the test's pipe, and that serves a puppet at a known address. */
struct unheard {
	struct shinyd shinyd;
	char *address;
	char *log; /* a name in its directory */
};

static void unheard_prepare(struct unheard *unheard)
{
	shinyd_prepare(&unheard->shinyd);
	unheard->address = g_strdup_printf("unix://%s/puppet", unheard->shinyd.dir);
	unheard->log = g_build_filename(unheard->shinyd.dir, "log", NULL);
}

static void unheard_start(struct unheard *unheard)
{
	shinyd_start(&unheard->shinyd,
		     "[shinyd]\nlog_target = %s\n[server a]\nplugin = puppet\nlisten = %s\n",
		     unheard->log, unheard->address);
}

/* By a shell whose @script says what stderr is, with $1 as @argument. */
static void unheard_start_by_shell(struct unheard *unheard, const char *script,
				   const char *argument, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

static void unheard_start_by_shell(struct unheard *unheard, const char *script,
				   const char *argument, const char *format, ...)
{
	char *whole = g_strconcat(script, "; shift; exec \"$@\"", NULL);
	const char *const argv[] = { "sh",
				     "-c",
				     whole,
				     "sh",
				     argument,
				     SHINYD,
				     "--plugin-path=" TEST_PLUGIN_DIR,
				     "--plugin-path=" PLUGIN_DIR,
				     "-c",
				     unheard->shinyd.config,
				     NULL };
	va_list args;
	char *config;

	va_start(args, format);
	config = g_strdup_vprintf(format, args);
	va_end(args);
	g_assert_true(g_file_set_contents(unheard->shinyd.config, config, -1, NULL));
	child_start(&unheard->shinyd.child, argv);
	g_free(config);
	g_free(whole);
}

static void unheard_finish(struct unheard *unheard)
{
	shinyd_finish(&unheard->shinyd);
	g_free(unheard->address);
	g_free(unheard->log);
}

/* Until it serves, has lost a worker, and serves again; then its end. */
static void expect_well(struct unheard *unheard)
{
	char *line;
	int fd = client_connect_soon(unheard->address);

	client_send_text(fd, "id");
	line = client_receive_line(fd);
	client_expect(fd, "done\n");
	g_assert_cmpint(kill(atoi(line), SIGKILL), ==, 0);
	client_expect_end(fd);
	puppet_order(unheard->address, "nothing");
	close(fd);
	g_free(line);
	g_assert_cmpint(shinyd_stop(&unheard->shinyd), ==, 0);
}

static void await_text(const char *path, const char *wanted)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	bool found = false;

	while (!found) {
		char *text;

		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
		found = strstr(text, wanted) != NULL;
		g_free(text);
		g_usleep(1000);
	}
}

static void refuses_a_fifo_without_reader(void)
{
	struct unheard unheard = { 0 };

	unheard_prepare(&unheard);
	g_assert_cmpint(mkfifo(unheard.log, 0600), ==, 0);
	unheard_start(&unheard);
	shinyd_expect_line(&unheard.shinyd, "shinyd.ini:2: error: [shinyd] log_target: cannot "
					    "write to ");
	g_assert_cmpint(shinyd_wait(&unheard.shinyd), ==, 5);
	unheard_finish(&unheard);
}

static void a_fifo_whose_reader_goes_stops_nothing(void)
{
	struct unheard unheard = { 0 };
	int fd;

	unheard_prepare(&unheard);
	g_assert_cmpint(mkfifo(unheard.log, 0600), ==, 0);
	fd = open(unheard.log, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	unheard_start(&unheard);
	close(client_connect_soon(unheard.address));
	puppet_order(unheard.address, "flood");
	close(fd);
	child_signal(&unheard.shinyd.child, SIGUSR1); /* it cannot be opened again */
	puppet_order(unheard.address, "flood");
	expect_well(&unheard);
	unheard_finish(&unheard);
}

/* Such as one that was stopped with Ctrl-S. Others' flags are theirs, so it must stay as it was. */
static void a_stalled_terminal_stops_nothing(void)
{
	struct unheard unheard = { 0 };
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), terminal;

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0) {
		harness_skip("there are no terminals here");
	}
	terminal = open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
	unheard_prepare(&unheard);
	unheard_start_by_shell(&unheard, "exec 2>\"$1\"", ptsname(fd),
			       "[server a]\nplugin = puppet\nlisten = %s\n", unheard.address);
	close(client_connect_soon(unheard.address));
	puppet_order(unheard.address, "flood");
	g_assert_cmpint(fcntl(terminal, F_GETFL) & O_NONBLOCK, ==, 0);
	expect_well(&unheard);
	close(terminal);
	close(fd);
	unheard_finish(&unheard);
}

static void nobody_there_at_the_start_stops_nothing(void)
{
	struct unheard unheard = { 0 };

	unheard_prepare(&unheard);
	g_assert_cmpint(mkfifo(unheard.log, 0600), ==, 0);
	unheard_start_by_shell(&unheard, "exec 3<>\"$1\" 2>\"$1\" 3<&-", unheard.log,
			       "[server a]\nplugin = puppet\nmax_connections = 1000000000\n"
			       "listen = %s\n",
			       unheard.address);
	expect_well(&unheard);
	unheard_finish(&unheard);
}

#define FILE_MAX ((rlim_t)256 * 1024)

static void a_file_at_its_limit_at_the_start_stops_nothing(void)
{
	const struct rlimit limit = { FILE_MAX, FILE_MAX };
	struct unheard unheard = { 0 };
	char *full = g_strnfill(FILE_MAX, '\n');

	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	unheard_prepare(&unheard);
	g_assert_true(g_file_set_contents(unheard.log, full, FILE_MAX, NULL));
	unheard_start(&unheard);
	expect_well(&unheard);
	g_free(full);
	unheard_finish(&unheard);
}

static void a_reload_needs_its_log(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *line;

	shinyd_start(&shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, "[shinyd]\nlog_target = /nowhere/log\n[server b]\n" ECHO);
	line = shinyd_await_line(&shinyd, "cannot write to /nowhere/log: No such file");
	g_assert_true(g_str_has_prefix(line, "shinyd: /"));
	g_assert_nonnull(strstr(line, "/shinyd.ini:2: error: [shinyd] log_target: "));
	g_free(line);
	shinyd_expect_line(&shinyd, "the configuration is wrong; the old one is still served");
	child_signal(&shinyd.child, SIGUSR2);
	shinyd_expect_line(&shinyd, "log_target = auto ");
	shinyd_end(&shinyd);
}

static void answers_at_every_level(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_reload(&shinyd, "[shinyd]\nlog_level = warning\n[server a]\n" ECHO);
	/* Nothing tells of the reload any more but the answer itself. */
	do {
		child_signal(&shinyd.child, SIGUSR2);
		g_free(shinyd_await_line(&shinyd, "shinyd: shinyd "));
	} while (strstr(shinyd.child.output->str, "log_level = warning ") == NULL);
	shinyd_end(&shinyd);
}

/* stderr is a file, which JOURNAL_STREAM names. */
#define JOURNAL                                                          \
	"exec 2>\"$1\"; JOURNAL_STREAM=$(stat -c %d:%i \"$1\"); export " \
	"JOURNAL_STREAM"

static void lines_have_priorities_for_the_journal(void)
{
	struct unheard unheard = { 0 };
	char *text;

	unheard_prepare(&unheard);
	unheard_start_by_shell(&unheard, JOURNAL, unheard.log,
			       "[server a]\nplugin = puppet\non_load = fail\nlisten = %s\n",
			       unheard.address);
	g_assert_cmpint(shinyd_wait(&unheard.shinyd), ==, 1);
	g_assert_true(g_file_get_contents(unheard.log, &text, NULL, NULL));
	g_assert_nonnull(strstr(text, "<3>[server a] failed to load: the strings are cut\n"));
	g_free(text);
	unheard_finish(&unheard);
}

static void problems_have_priorities_for_the_journal(void)
{
	struct unheard unheard = { 0 };
	char *text, *line;

	unheard_prepare(&unheard);
	unheard_start_by_shell(&unheard, JOURNAL, unheard.log, "[server a]\nplugin = echo\n");
	g_assert_cmpint(shinyd_wait(&unheard.shinyd), ==, 3);
	g_assert_true(g_file_get_contents(unheard.log, &text, NULL, NULL));
	line = g_strdup_printf("<3>%s:1: error: [server a] ", unheard.shinyd.config);
	g_assert_true(g_str_has_prefix(text, line));
	g_free(line);
	g_free(text);
	unheard_finish(&unheard);
}

static void a_file_that_cannot_be_opened_again_is_kept(void)
{
	struct unheard unheard = { 0 };
	struct child *child = &unheard.shinyd.child;
	char *folder, *moved;

	unheard_prepare(&unheard);
	folder = g_build_filename(unheard.shinyd.dir, "logs", NULL);
	moved = g_build_filename(unheard.shinyd.dir, "moved", NULL);
	g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
	g_free(unheard.log);
	unheard.log = g_build_filename(folder, "log", NULL);
	unheard_start(&unheard);
	close(client_connect_soon(unheard.address));
	g_assert_cmpint(g_rename(folder, moved), ==, 0);
	child_signal(child, SIGUSR1);
	g_free(unheard.log);
	unheard.log = g_build_filename(moved, "log", NULL);
	await_text(unheard.log, "cannot open the log again: No such file or directory\n");
	g_assert_cmpint(shinyd_stop(&unheard.shinyd), ==, 0);
	await_text(unheard.log, "stopping\n");
	g_free(moved);
	g_free(folder);
	unheard_finish(&unheard);
}

static void single_heeds_signals(void)
{
	static const char *const single[] = { "--single", "a", NULL };
	struct unheard unheard = { 0 };
	struct child *child = &unheard.shinyd.child;
	char *old, *text;

	unheard_prepare(&unheard);
	old = g_build_filename(unheard.shinyd.dir, "log.1", NULL);
	shinyd_start_with(&unheard.shinyd, single,
			  "[shinyd]\nlog_target = %s\n[server a]\nplugin = puppet\n"
			  "listen = %s\n",
			  unheard.log, unheard.address);
	close(client_connect_soon(unheard.address));
	puppet_order(unheard.address, "nothing");
	g_assert_cmpint(g_rename(unheard.log, old), ==, 0);
	child_signal(child, SIGHUP);
	child_signal(child, SIGUSR2);
	child_signal(child, SIGUSR1);
	puppet_order(unheard.address, "log");
	g_assert_true(g_file_get_contents(unheard.log, &text, NULL, NULL));
	g_assert_nonnull(strstr(text, "pulled?by a string\n"));
	g_assert_cmpint(shinyd_stop(&unheard.shinyd), ==, 0);
	g_free(text);
	g_free(old);
	unheard_finish(&unheard);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/log/a-fifo-that-nobody-reads-is-refused", refuses_a_fifo_without_reader);
	harness_add("/e2e/log/a-fifo-whose-reader-goes-stops-nothing",
		    a_fifo_whose_reader_goes_stops_nothing);
	harness_add("/e2e/log/a-stalled-terminal-stops-nothing", a_stalled_terminal_stops_nothing);
	harness_add("/e2e/log/nobody-there-at-the-start-stops-nothing",
		    nobody_there_at_the_start_stops_nothing);
	harness_add("/e2e/log/a-file-at-its-limit-at-the-start-stops-nothing",
		    a_file_at_its_limit_at_the_start_stops_nothing);
	harness_add("/e2e/log/a-reload-needs-its-log", a_reload_needs_its_log);
	harness_add("/e2e/log/sigusr2-is-answered-at-every-level", answers_at_every_level);
	harness_add("/e2e/log/lines-have-priorities-for-the-journal",
		    lines_have_priorities_for_the_journal);
	harness_add("/e2e/log/problems-have-priorities-for-the-journal",
		    problems_have_priorities_for_the_journal);
	harness_add("/e2e/log/a-file-that-cannot-be-opened-again-is-kept",
		    a_file_that_cannot_be_opened_again_is_kept);
	harness_add("/e2e/log/single-survives-signals-and-opens-its-log-again",
		    single_heeds_signals);
	return harness_run();
}
