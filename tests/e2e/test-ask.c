/* SPDX-License-Identifier: MIT */
/*
 * shinyd --status and --reload: what is asked of a shinyd that runs, and one that does not answer.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <glib/gstdio.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define HELLO "Welcome to the echo server!\n"
#define ECHO  "plugin = echo\nlisten = tcp://127.0.0.1:0\n"

static char *config_of(const struct shinyd *shinyd, const char *sections)
{
	return g_strdup_printf("[shinyd]\nstatus_socket = %s/status\n%s", shinyd->dir, sections);
}

static void start(struct shinyd *shinyd, const char *sections)
{
	struct serving serving;
	char *config;

	shinyd_prepare(shinyd);
	config = config_of(shinyd, sections);
	shinyd_start(shinyd, "%s", config);
	shinyd_await_serving(shinyd, "a", &serving);
	g_free(config);
}

static void write_config(const struct shinyd *shinyd, const char *sections)
{
	char *config = config_of(shinyd, sections);

	g_assert_true(g_file_set_contents(shinyd->config, config, -1, NULL));
	g_free(config);
}

/* Exits with @status, having said @text. */
static void expect_answer(const struct shinyd *shinyd, const char *action, int status,
			  const char *text)
{
	const char *const argv[] = {
		SHINYD, action, "-c", shinyd->config, "--plugin-path=" TEST_PLUGIN_DIR, NULL
	};
	char *output;
	int got = child_run(argv, &output);

	if (got != status || strstr(output, text) == NULL) {
		harness_fail("expected status %d and \"%s\"; got %d and:\n%s", status, text, got,
			     output);
	}
	g_free(output);
}

static void a_stopped_one_is_waited_for_in_vain(void)
{
	struct shinyd shinyd = { 0 };

	start(&shinyd, "[server a]\n" ECHO);
	child_signal(&shinyd.child, SIGSTOP);
	expect_answer(&shinyd, "--status", 1, "there is no reply in time: shinyd may be stopped");
	expect_answer(&shinyd, "--reload", 1, "there is no reply in time: shinyd may be stopped");
	child_signal(&shinyd.child, SIGCONT);
	expect_answer(&shinyd, "--status", 0, "server a\n");
	shinyd_end(&shinyd);
}

/* Nobody accepts, and the backlog has no room. */
static void a_full_backlog_is_waited_for_in_vain(void)
{
	struct shinyd shinyd = { 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), waiting[2];

	shinyd_prepare(&shinyd);
	write_config(&shinyd, "[server a]\n" ECHO);
	g_snprintf(address.sun_path, sizeof(address.sun_path), "%s/status", shinyd.dir);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(fd, 0), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(waiting); i++) {
		waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)!connect(waiting[i], (struct sockaddr *)&address, sizeof(address));
	}
	expect_answer(&shinyd, "--status", 1, "there is no reply in time: shinyd may be stopped");
	for (size_t i = 0; i < G_N_ELEMENTS(waiting); i++) {
		close(waiting[i]);
	}
	close(fd);
	shinyd_finish(&shinyd);
}

static int connect_to_status(const struct shinyd *shinyd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_snprintf(address.sun_path, sizeof(address.sun_path), "%s/status", shinyd->dir);
	g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	return fd;
}

/* They wait, and the supervisor does not spin. */
static void without_a_descriptor_they_wait(void)
{
	struct shinyd shinyd = { 0 };
	struct rlimit before;
	struct timespec used;
	clockid_t clock;
	int fd;

	start(&shinyd, "[server a]\n" ECHO);
	shinyd_deny_descriptors(&shinyd, &before);
	fd = connect_to_status(&shinyd);
	g_assert_cmpint(shutdown(fd, SHUT_WR), ==, 0);
	shinyd_expect_line(&shinyd, "status_socket: accepting fails: Too many open files; clients");
	g_assert_cmpint(clock_getcpuclockid(shinyd.child.pid, &clock), ==, 0);
	g_assert_false(client_readable(fd, 1500));
	g_assert_cmpint(clock_gettime(clock, &used), ==, 0);
	g_assert_cmpint(used.tv_sec, ==, 0);
	g_assert_cmpint(prlimit(shinyd.child.pid, RLIMIT_NOFILE, &before, NULL), ==, 0);
	g_assert_true(client_readable(fd, HARNESS_PATIENCE_MS));
	close(fd);
	shinyd_end(&shinyd);
}

static gpointer flood(gpointer data)
{
	char *block = g_strnfill(65536, 'x');
	int fd = accept(GPOINTER_TO_INT(data), NULL, NULL);

	while (send(fd, block, strlen(block), MSG_NOSIGNAL) > 0) {
	}
	close(fd);
	g_free(block);
	return NULL;
}

/* Which is no shinyd, most likely. */
static void one_that_never_ends_is_left(void)
{
	struct shinyd shinyd = { 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *argv[] = { SHINYD, "--status", "-c", NULL, NULL };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	GThread *thread;
	char *command;

	shinyd_prepare(&shinyd);
	write_config(&shinyd, "[server a]\n" ECHO);
	g_snprintf(address.sun_path, sizeof(address.sun_path), "%s/status", shinyd.dir);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(fd, 1), ==, 0);
	thread = g_thread_new("flood", flood, GINT_TO_POINTER(fd));
	argv[3] = shinyd.config;
	command = g_strdup_printf("'%s' --status -c '%s' > /dev/null", argv[0], argv[3]);
	g_assert_cmpint(child_run((const char *[]){ "sh", "-c", command, NULL }, NULL), ==, 1);
	g_thread_join(thread);
	close(fd);
	g_free(command);
	shinyd_finish(&shinyd);
}

static void a_reload_tells_what_came_of_it(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *text;

	start(&shinyd, "[server a]\n" ECHO);
	write_config(&shinyd, "[server b]\n" ECHO);
	text = g_strdup_printf("%s: the configuration was reloaded\n", shinyd.config);
	expect_answer(&shinyd, "--reload", 0, text);
	shinyd_await_serving(&shinyd, "b", &serving);
	g_free(text);

	write_config(&shinyd, "[server b]\nplugin = echo\nworkers = 0\n[server c]\n"
			      "plugin = none\nlisten = tcp://127.0.0.1:0\n");
	text = g_strdup_printf("shinyd: %s:3: error: [server b] listen is missing\n"
			       "shinyd: %s:5: error: [server b] workers: must be at least 1, "
			       "not 0\nshinyd: %s:7: error: [server c] there is no plugin 'none'",
			       shinyd.config, shinyd.config, shinyd.config);
	expect_answer(&shinyd, "--reload", 3, text);
	client_exchange(serving.address, "x\n", HELLO);
	g_free(text);
	write_config(&shinyd, "[server b]\nplugin = echo\nlisten = unix:///nowhere/socket\n");
	expect_answer(&shinyd, "--reload", 3, "listen: unix:///nowhere/socket: No such file");
	shinyd_end(&shinyd);
}

static void a_reload_needs_to_know_where_to_ask(void)
{
	struct shinyd shinyd = { 0 };

	start(&shinyd, "[server a]\n" ECHO);
	write_config(&shinyd, "log_level = loud\n[server a]\n" ECHO);
	expect_answer(&shinyd, "--reload", 3, ":3: error: [shinyd] log_level: expected debug,");
	expect_answer(&shinyd, "--reload", 3,
		      "shinyd: the configuration is wrong; the old one is still served\n");
	g_assert_true(g_file_set_contents(shinyd.config,
					  "[shinyd]\nstatus_socket = /nowhere/status\n", -1, NULL));
	expect_answer(&shinyd, "--reload", 1,
		      "cannot reach status_socket = /nowhere/status: No such file");
	shinyd_end(&shinyd);
}

/* An include "x.ini" of each kind that a reload refuses; "main" is what the file itself has. */
static void whatever_else_is_wrong_they_ask(void)
{
	static const struct {
		const char *command, *main, *reason;
	} cases[] = {
		{ "mkfifo x.ini", "", "x.ini: is no regular file" },
		{ "ln -s /dev/zero x.ini", "", "x.ini: is no regular file" },
		{ "mkdir x.ini", "", "x.ini: is no regular file" },
		{ "head -c 9000000 /dev/zero > x.ini", "", "x.ini: is longer than 4194304 bytes" },
		{ "echo 'what: is' > x.ini", "", "x.ini:1: error: expected KEY = VALUE" },
		{ "echo '[server b]' > x.ini", "", "error: [server b] plugin is missing" },
		{ "true > x.ini", "workers = x\n[server", "error: a section needs a closing ']'" },
		{ "true > x.ini", "[shinyd]\n", "[shinyd] stands twice" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct shinyd shinyd = { 0 };
		char *command, *sections;

		start(&shinyd, "[server a]\n" ECHO);
		command = g_strdup_printf("cd '%s' && %s", shinyd.dir, cases[i].command);
		g_assert_cmpint(child_run((const char *[]){ "sh", "-c", command, NULL }, NULL), ==,
				0);
		sections =
			g_strdup_printf("include = x.ini\n[server a]\n" ECHO "%s", cases[i].main);
		write_config(&shinyd, sections);
		expect_answer(&shinyd, "--status", 0, "  state: serving\n");
		expect_answer(&shinyd, "--reload", 3, cases[i].reason);
		expect_answer(&shinyd, "--status", 0, "  state: serving\n");
		g_free(sections);
		g_free(command);
		shinyd_end(&shinyd);
	}
}

/* Runs --status, which has to say @text before it asks, or instead. */
static void expect_status(const char *config, const char *option, const char *text)
{
	const char *const argv[] = { SHINYD, "--status", "-c", config, "-o", option, NULL };
	char *output;

	child_run(argv, &output);
	if (!g_str_has_prefix(output, text)) {
		harness_fail("expected \"%s\", not:\n%s", text, output);
	}
	g_free(output);
}

/* A FIFO, too, that nobody ever writes to. */
static void a_file_that_cannot_be_read_is_told(void)
{
	struct shinyd shinyd = { 0 };
	char *option, *fifo, *text;

	start(&shinyd, "[server a]\n" ECHO);
	option = g_strdup_printf("shinyd.status_socket=%s/status", shinyd.dir);
	fifo = g_build_filename(shinyd.dir, "fifo", NULL);
	g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
	text = g_strdup_printf("shinyd: %s: error: is no regular file; %s/status is asked\n"
			       "shinyd ",
			       fifo, shinyd.dir);
	expect_status(fifo, option, text);
	expect_status("/nowhere.ini", "b.workers=3",
		      "shinyd: /nowhere.ini: error: cannot be opened: No such file or directory; "
		      "/run/shinyd/status.sock is asked\nshinyd");
	expect_status(shinyd.config, "shinyd.status_socket=x",
		      "shinyd: -o: error: [shinyd] status_socket: expected an absolute path");
	expect_status(shinyd.config, "shinyd", "shinyd: -o: error: expected SECTION.KEY=VALUE");
	g_free(text);
	g_free(fifo);
	g_free(option);
	shinyd_end(&shinyd);
}

/* Where the file's mistake may be why there is no status_socket, it is told. */
static void a_socket_that_is_not_understood_is_told(void)
{
	static const struct {
		const char *config, *expected;
	} cases[] = {
		{ "[shinyd]\nstatus_socket: /x\n", ":2: error: expected KEY = VALUE" },
		{ "[shinyd\nstatus_socket = /x\n", ":1: error: a section needs a closing ']'" },
		{ "[shinyd]\nstatus_sockets = /x\n", ":2: error: [shinyd] unknown key 'status_s" },
		{ "[shinyd]\nstatus_socket = x\n", ":2: error: [shinyd] status_socket: expect" },
		{ "[shinyd]\nstatus_socket = @/no\n", ":2: error: [shinyd] status_socket: /no: " },
	};
	struct shinyd shinyd = { 0 };

	shinyd_prepare(&shinyd);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		char *text = g_strdup_printf("shinyd: %s%s", shinyd.config, cases[i].expected);

		g_assert_true(g_file_set_contents(shinyd.config, cases[i].config, -1, NULL));
		expect_status(shinyd.config, "b.workers=3", text);
		g_free(text);
	}
	shinyd_finish(&shinyd);
}

/* Until the supervisor has a process for its worker, and one that looks at a plugin. */
static void await_probe(const struct shinyd *shinyd)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	int pid = (int)shinyd->child.pid;
	char *path = g_strdup_printf("/proc/%d/task/%d/children", pid, pid), *text = NULL;

	do {
		g_free(text);
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		if (!g_file_get_contents(path, &text, NULL, NULL)) {
			harness_skip("this kernel does not list children");
		}
	} while (strchr(text, ' ') == strrchr(text, ' '));
	g_free(text);
	g_free(path);
}

/* A shinyd that takes some seconds to look at its new configuration, and one who asked for it. */
static void start_slow_reload(struct shinyd *shinyd, struct child *ret_asker)
{
	GString *sections = g_string_new(NULL);

	start(shinyd, "[server a]\n" ECHO);
	for (int i = 0; i < 7; i++) {
		g_string_append_printf(sections, "[server p%d]\non_check = slow\n" PUPPET, i);
	}
	write_config(shinyd, sections->str);
	child_start(ret_asker, (const char *[]){ SHINYD, "--reload", "-c", shinyd->config, NULL });
	await_probe(shinyd);
	g_string_free(sections, TRUE);
}

/* One that is asked for meanwhile is of the file as it is then. */
static void a_reload_may_take_its_time(void)
{
	struct shinyd shinyd = { 0 };
	struct child first = { 0 };
	struct serving serving;

	start_slow_reload(&shinyd, &first);
	write_config(&shinyd, "[server a]\nworkers = 0\n" ECHO);
	expect_answer(&shinyd, "--reload", 3,
		      "workers: must be at least 1, not 0\n"
		      "shinyd: the configuration is wrong; the old one is still served\n");
	g_assert_cmpint(child_wait(&first), ==, 0);
	g_assert_nonnull(strstr(first.output->str, ": the configuration was reloaded\n"));
	child_finish(&first);
	shinyd_await_serving(&shinyd, "p6", &serving);
	shinyd_end(&shinyd);
}

static void a_stop_ends_the_wait_for_a_reload(void)
{
	struct shinyd shinyd = { 0 };
	struct child first = { 0 };

	start_slow_reload(&shinyd, &first);
	child_signal(&shinyd.child, SIGTERM);
	g_assert_cmpint(child_wait(&first), ==, 1);
	g_assert_cmpstr(first.output->str, ==, "shinyd: shinyd is stopping\n");
	child_finish(&first);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	shinyd_finish(&shinyd);
}

static void only_the_owner_may_ask_for_a_reload(void)
{
	const struct passwd *nobody = shinyd_need_nobody();
	struct shinyd shinyd = { 0 };
	char *socket, *address, *report;
	int fd;

	start(&shinyd, "[server a]\n" ECHO);
	socket = g_build_filename(shinyd.dir, "status", NULL);
	address = g_strconcat("unix://", socket, NULL);
	g_assert_cmpint(chmod(shinyd.dir, 0755), ==, 0);
	g_assert_cmpint(chmod(socket, 0666), ==, 0); /* for those who monitor */
	g_assert_cmpint(seteuid(nobody->pw_uid), ==, 0);
	fd = client_connect(address);
	client_send_text(fd, "reload\n");
	client_expect(fd, "1\nonly root, and the user whom shinyd runs as, may ask for a reload");
	close(fd);
	fd = client_connect(address);
	client_send_text(fd, "status\n");
	report = client_receive_line(fd);
	g_assert_true(g_str_has_prefix(report, "shinyd "));
	close(fd);
	g_assert_cmpint(seteuid(0), ==, 0);
	g_free(report);
	g_free(address);
	g_free(socket);
	shinyd_end(&shinyd);
}

/* An end without a word is the shortest way to ask, as of "socat - UNIX-CONNECT:... < /dev/null". */
static void an_end_asks_for_the_status(void)
{
	struct shinyd shinyd = { 0 };
	char *address, *line;
	int fd;

	start(&shinyd, "[server a]\n" ECHO);
	address = g_strdup_printf("unix://%s/status", shinyd.dir);
	fd = client_connect(address);
	client_send_end(fd);
	line = client_receive_line(fd);
	g_assert_true(g_str_has_prefix(line, "shinyd "));
	close(fd);
	fd = client_connect(address);
	client_send_text(fd, "what is this\n");
	client_expect_end(fd);
	close(fd);
	g_free(line);
	g_free(address);
	shinyd_end(&shinyd);
}

static void a_missing_socket_is_told_to_root(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	if (geteuid() != 0 || g_access("/run/shinyd", F_OK) == 0) {
		harness_skip("needs root, and no /run/shinyd");
	}
	shinyd_start(&shinyd, "[server a]\n" ECHO);
	shinyd_expect_line(&shinyd, "shinyd: status_socket: cannot listen at "
				    "/run/shinyd/status.sock: No such file or directory; --status "
				    "and --reload have nobody to ask; create its folder, or set "
				    "status_socket = PATH in [shinyd]");
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/ask/one-that-is-stopped-is-left-after-a-while",
		    a_stopped_one_is_waited_for_in_vain);
	harness_add("/e2e/ask/a-full-backlog-is-left-after-a-while",
		    a_full_backlog_is_waited_for_in_vain);
	harness_add("/e2e/ask/one-that-never-ends-is-left", one_that_never_ends_is_left);
	harness_add("/e2e/ask/without-a-descriptor-they-wait", without_a_descriptor_they_wait);
	harness_add("/e2e/ask/an-end-asks-for-the-status", an_end_asks_for_the_status);
	harness_add("/e2e/ask/a-missing-socket-is-told-to-root", a_missing_socket_is_told_to_root);
	harness_add("/e2e/ask/reload/tells-what-came-of-it", a_reload_tells_what_came_of_it);
	harness_add("/e2e/ask/reload/needs-to-know-where-to-ask",
		    a_reload_needs_to_know_where_to_ask);
	harness_add("/e2e/ask/whatever-else-is-wrong", whatever_else_is_wrong_they_ask);
	harness_add("/e2e/ask/a-file-that-cannot-be-read-is-told",
		    a_file_that_cannot_be_read_is_told);
	harness_add("/e2e/ask/a-socket-that-is-not-understood-is-told",
		    a_socket_that_is_not_understood_is_told);
	harness_add("/e2e/ask/reload/may-take-its-time", a_reload_may_take_its_time);
	harness_add("/e2e/ask/reload/a-stop-ends-the-wait", a_stop_ends_the_wait_for_a_reload);
	harness_add("/e2e/ask/reload/is-for-the-owner-and-root",
		    only_the_owner_may_ask_for_a_reload);
	return harness_run();
}
