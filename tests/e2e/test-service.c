/* SPDX-License-Identifier: MIT */
/*
 * shinyd under a service manager: what it tells, what sockets it takes, and its unit.
 *
 * A datagram socket of the test's own stands in for the service manager's.
 */
#include "client.h"
#include "harness.h"
#include "puppet.h"
#include "shinyd.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define ECHO "plugin = echo\nlisten = tcp://127.0.0.1:0\n"

/* The service manager's end. */
struct manager {
	struct shinyd shinyd;
	int fd;
	GString *heard; /* all states, a line each */
};

static void manager_init(struct manager *manager)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!HAVE_SYSTEMD) {
		harness_skip("built without libsystemd");
	}
	shinyd_prepare(&manager->shinyd);
	g_snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", manager->shinyd.dir);
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(bind(manager->fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	manager->heard = g_string_new(NULL);
	g_setenv("NOTIFY_SOCKET", address.sun_path, TRUE);
}

static void manager_finish(struct manager *manager)
{
	g_unsetenv("NOTIFY_SOCKET");
	g_unsetenv("WATCHDOG_USEC");
	close(manager->fd);
	g_string_free(manager->heard, TRUE);
	shinyd_finish(&manager->shinyd);
}

/* Whether something was heard within @timeout_ms. */
static bool hear(struct manager *manager, int timeout_ms)
{
	struct pollfd wait = { .fd = manager->fd, .events = POLLIN };
	char buf[4096];
	ssize_t n;

	if (poll(&wait, 1, timeout_ms) <= 0) {
		return false;
	}
	n = recv(manager->fd, buf, sizeof(buf), 0);
	g_string_append_len(manager->heard, buf, n);
	g_string_append_c(manager->heard, '\n');
	return true;
}

/* Takes what was heard up to and with @text. */
static void expect(struct manager *manager, const char *text)
{
	const char *found;

	while ((found = strstr(manager->heard->str, text)) == NULL) {
		if (!hear(manager, HARNESS_PATIENCE_MS)) {
			harness_fail("no %s in:\n%s", text, manager->heard->str);
		}
	}
	g_string_erase(manager->heard, 0, found - manager->heard->str + (gssize)strlen(text));
}

static void tells_its_life(void)
{
	struct manager manager = { 0 };
	struct serving serving;
	int fd;

	manager_init(&manager);
	shinyd_start(&manager.shinyd, "[server a]\n" ECHO "[server b]\n" ECHO);
	expect(&manager, "READY=1\nSTATUS=2 sections, 0 connections\n");
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	fd = client_connect(serving.address);
	expect(&manager, "STATUS=2 sections, 1 connection\n");
	close(fd);
	expect(&manager, "STATUS=2 sections, 0 connections\n");
	child_signal(&manager.shinyd.child, SIGTERM);
	expect(&manager, "STOPPING=1\n");
	g_assert_cmpint(shinyd_wait(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

/* Leaves no room in the service manager's queue. */
static void stuff(const struct manager *manager)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address);
	ssize_t n = 0;

	g_assert_cmpint(getsockname(manager->fd, (struct sockaddr *)&address, &len), ==, 0);
	while (n >= 0) {
		/* One of its own each, so that it is not the sender's room that ends. */
		int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		n = sendto(fd, "X=1", 3, MSG_DONTWAIT, (struct sockaddr *)&address, len);
		close(fd);
	}
	g_assert_cmpint(errno, ==, EAGAIN);
}

static void a_stalled_manager_stops_nothing(void)
{
	struct manager manager = { 0 };
	struct serving serving;

	manager_init(&manager);
	g_setenv("WATCHDOG_USEC", "400000", TRUE);
	stuff(&manager);
	shinyd_start(&manager.shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	child_signal(&manager.shinyd.child, SIGUSR2);
	shinyd_expect_line(&manager.shinyd, "  worker: serving, pid ");
	expect(&manager, "READY=1\nSTATUS=1 section, 0 connections\n");
	expect(&manager, "WATCHDOG=1\n");

	stuff(&manager);
	child_signal(&manager.shinyd.child, SIGHUP);
	shinyd_expect_line(&manager.shinyd, "the configuration was reloaded");
	expect(&manager, "RELOADING=1\nMONOTONIC_USEC=");
	expect(&manager, "READY=1\n");

	stuff(&manager);
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

static void a_gone_manager_stops_nothing(void)
{
	struct manager manager = { 0 };
	struct serving serving;

	manager_init(&manager);
	close(manager.fd);
	shinyd_start(&manager.shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	manager.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

static void asks_for_patience_while_plugins_are_checked(void)
{
	struct manager manager = { 0 };
	struct serving serving;
	char *gate;

	manager_init(&manager);
	gate = g_build_filename(manager.shinyd.dir, "gate", NULL);
	g_setenv("SHINYD_TEST_GATE", gate, TRUE);
	shinyd_start(&manager.shinyd, "[server a]\n" ECHO "[server b]\nplugin = slow-constructor\n"
				      "listen = tcp://127.0.0.1:0\n");
	/* Once for each plugin: who loads them to serve does not begin before the gate opens. */
	expect(&manager, "EXTEND_TIMEOUT_USEC=20000000\n");
	expect(&manager, "EXTEND_TIMEOUT_USEC=20000000\n");
	g_assert_true(g_file_set_contents(gate, "", -1, NULL));
	shinyd_await_serving(&manager.shinyd, "b", &serving);
	expect(&manager, "READY=1\n");
	g_free(gate);
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

static void is_ready_when_all_have_loaded(void)
{
	struct manager manager = { 0 };
	struct serving serving;

	manager_init(&manager);
	shinyd_start(&manager.shinyd, "[server a]\n" ECHO "[server b]\non_load = slow\n" PUPPET);
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	expect(&manager, "EXTEND_TIMEOUT_USEC=20000000\n");
	while (hear(&manager, 0)) {
	}
	g_assert_null(strstr(manager.heard->str, "READY=1"));
	expect(&manager, "READY=1\n");
	shinyd_await_serving(&manager.shinyd, "b", &serving);
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

static void tells_what_is_down(void)
{
	struct manager manager = { 0 };

	manager_init(&manager);
	shinyd_start(&manager.shinyd, "[server a]\n" ECHO "[server b]\non_load = fail\n" PUPPET);
	expect(&manager, "READY=1\nSTATUS=degraded: b (failed); 2 sections, 0 connections\n");
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

/* And that it is well again. */
static void tells_what_a_plugin_says_of_itself(void)
{
	struct manager manager = { 0 };
	struct serving serving;

	manager_init(&manager);
	shinyd_start(&manager.shinyd, "[server a]\nplugin = rogue\nlisten = tcp://127.0.0.1:0\n");
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	expect(&manager, "STATUS=1 section, 0 connections\n");
	client_exchange(serving.address, "dno space", "done\n");
	expect(&manager, "STATUS=degraded: a (no space); 1 section, ");
	client_exchange(serving.address, "well", "done\n");
	expect(&manager, "STATUS=1 section, ");
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

static void a_load_that_crashes_delays_nothing(void)
{
	struct manager manager = { 0 };
	struct serving serving;

	shinyd_let_crash();
	manager_init(&manager);
	shinyd_start(&manager.shinyd, "[server a]\n" ECHO "[server b]\non_load = crash\n" PUPPET);
	expect(&manager, "READY=1\nSTATUS=degraded: b (down); 2 sections, 0 connections\n");
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	shinyd_reload(&manager.shinyd,
		      "[server a]\nbacklog = 10\n" ECHO "[server b]\non_load = crash\n" PUPPET);
	expect(&manager, "RELOADING=1\n");
	expect(&manager, "READY=1\n");
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

/* More than once a second, as it asked for. */
static void expect_food_for(struct manager *manager, unsigned seconds)
{
	gint64 end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

	while (g_get_monotonic_time() < end) {
		g_assert_true(hear(manager, 1500));
	}
}

static void feeds_the_watchdog_while_all_turn(void)
{
	struct manager manager = { 0 };
	struct serving serving, other;

	manager_init(&manager);
	g_setenv("WATCHDOG_USEC", "400000", TRUE);
	shinyd_start(&manager.shinyd,
		     "[server a]\nwatchdog = 1h\n" ECHO "[server b]\nwatchdog = 0\n" ECHO);
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	shinyd_await_serving(&manager.shinyd, "b", &other);
	/* Where nobody is to look nobody looks. */
	g_assert_cmpint(kill(other.worker, SIGSTOP), ==, 0);
	expect_food_for(&manager, 4);
	expect(&manager, "WATCHDOG=1\n");
	expect(&manager, "WATCHDOG=1\n");
	g_assert_cmpint(kill(serving.worker, SIGSTOP), ==, 0);
	/* It is given up after 3 s; then silence is what the manager needs to hear. */
	while (hear(&manager, 2000)) {
	}
	g_string_truncate(manager.heard, 0);
	g_assert_cmpint(kill(serving.worker, SIGCONT), ==, 0);
	expect(&manager, "WATCHDOG=1\n");
	g_assert_cmpint(kill(other.worker, SIGCONT), ==, 0);
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

static void feeds_the_watchdog_under_a_debugger(void)
{
	struct manager manager = { 0 };
	struct serving serving;

	manager_init(&manager);
	g_setenv("WATCHDOG_USEC", "400000", TRUE);
	shinyd_start(&manager.shinyd, "[server a]\nwatchdog = 1h\n" ECHO);
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	if (ptrace(PTRACE_SEIZE, serving.worker, 0, 0) < 0) {
		manager_finish(&manager);
		harness_skip("tracing is not allowed here");
	}
	g_assert_cmpint(ptrace(PTRACE_INTERRUPT, serving.worker, 0, 0), ==, 0);
	g_assert_cmpint(waitpid(serving.worker, NULL, __WALL), ==, serving.worker);
	expect_food_for(&manager, 4);
	g_assert_cmpint(ptrace(PTRACE_DETACH, serving.worker, 0, 0), ==, 0);
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

/* A reload that comes too late is none. */
static void stopping_is_the_last_word(void)
{
	struct manager manager = { 0 };
	struct serving serving;
	int fd;

	manager_init(&manager);
	shinyd_start(&manager.shinyd, "[shinyd]\ndrain_timeout = 1h\n[server a]\n" PUPPET);
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "hold");
	client_expect(fd, "done\n");
	child_signal(&manager.shinyd.child, SIGTERM);
	expect(&manager, "STOPPING=1\n");
	child_signal(&manager.shinyd.child, SIGHUP);
	child_signal(&manager.shinyd.child, SIGUSR2); /* its answer tells that both were heeded */
	shinyd_expect_line(&manager.shinyd, "  worker: draining");
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	close(fd);
	while (hear(&manager, 0)) {
	}
	g_assert_null(strstr(manager.heard->str, "RELOADING"));
	manager_finish(&manager);
}

static void reloading_ends_with_ready(void)
{
	struct manager manager = { 0 };
	struct serving serving;
	gint64 asked_us;

	manager_init(&manager);
	shinyd_start(&manager.shinyd, "[server a]\n" PUPPET);
	expect(&manager, "READY=1\n");
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	g_assert_true(g_file_set_contents(manager.shinyd.config,
					  "[server a]\non_load = slow\n" PUPPET, -1, NULL));
	asked_us = g_get_monotonic_time();
	child_signal(&manager.shinyd.child, SIGHUP);
	expect(&manager, "RELOADING=1\nMONOTONIC_USEC=");
	g_assert_cmpint(g_ascii_strtoll(manager.heard->str, NULL, 10), >=, asked_us);
	expect(&manager, "EXTEND_TIMEOUT_USEC=");
	expect(&manager, "READY=1\n");
	shinyd_await_serving(&manager.shinyd, "a", &serving);
	g_assert_cmpint(shinyd_stop(&manager.shinyd), ==, 0);
	manager_finish(&manager);
}

/* By systemd-socket-activate, with @options of its own, which end with NULL. */
static void start_activated(struct shinyd *shinyd, const char *const options[], const char *config)
{
	GPtrArray *argv = g_ptr_array_new();
	char *program = g_find_program_in_path("systemd-socket-activate");

	if (!HAVE_SYSTEMD || program == NULL) {
		harness_skip("needs libsystemd and systemd-socket-activate");
	}
	g_assert_true(g_file_set_contents(shinyd->config, config, -1, NULL));
	g_ptr_array_add(argv, program);
	for (size_t i = 0; options[i] != NULL; i++) {
		g_ptr_array_add(argv, (char *)options[i]);
	}
	g_ptr_array_add(argv, (char *)SHINYD);
	g_ptr_array_add(argv, (char *)"--plugin-path=" PLUGIN_DIR);
	g_ptr_array_add(argv, (char *)"-c");
	g_ptr_array_add(argv, shinyd->config);
	g_ptr_array_add(argv, NULL);
	child_start(&shinyd->child, (const char *const *)argv->pdata);
	child_await_output(&shinyd->child, "Listening on");
	g_ptr_array_free(argv, TRUE);
	g_free(program);
}

static void expect_echo_at(const char *address)
{
	int fd = client_connect_soon(address);

	client_expect(fd, "Welcome to the echo server!\n");
	close(fd);
}

/* A port and a unix socket for one section, another port for another one. */
static void takes_sockets_by_name(void)
{
	struct shinyd shinyd = { 0 };
	unsigned first = harness_free_port(), second;
	char *options[5] = { NULL }, *addresses[3];

	do {
		second = harness_free_port();
	} while (second == first);
	shinyd_prepare(&shinyd);
	options[0] = g_strdup_printf("--listen=127.0.0.1:%u", first);
	options[1] = g_strdup_printf("--listen=127.0.0.1:%u", second);
	options[2] = g_strdup_printf("--listen=%s/web", shinyd.dir);
	options[3] = g_strdup("--fdname=web:mail:web");
	addresses[0] = g_strdup_printf("tcp://127.0.0.1:%u", first);
	addresses[1] = g_strdup_printf("tcp://127.0.0.1:%u", second);
	addresses[2] = g_strdup_printf("unix://%s/web", shinyd.dir);
	start_activated(&shinyd, (const char *const *)options,
			"[server a]\nplugin = echo\nlisten = systemd://web\n"
			"[server b]\nplugin = echo\nlisten = systemd://mail\n");
	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
		expect_echo_at(addresses[i]);
		g_free(addresses[i]);
	}
	shinyd_expect_line(&shinyd, "[server b] serves tcp://127.0.0.1:");
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	for (size_t i = 0; options[i] != NULL; i++) {
		g_free(options[i]);
	}
	shinyd_finish(&shinyd);
}

static void refuses_datagrams(void)
{
	struct shinyd shinyd = { 0 };
	unsigned port = harness_free_port();
	char *listen = g_strdup_printf("--listen=127.0.0.1:%u", port);
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	shinyd_prepare(&shinyd);
	start_activated(&shinyd, (const char *[]){ "--datagram", "--fdname=web", listen, NULL },
			"[server a]\nplugin = echo\nlisten = systemd://web\n");
	g_assert_cmpint(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to)), ==, 1);
	shinyd_expect_line(&shinyd, "shinyd.ini:3: error: [server a] listen: 'web' of the service "
				    "manager is no listening stream socket");
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 5);
	close(fd);
	g_free(listen);
	shinyd_finish(&shinyd);
}

static void misses_sockets_by_name(void)
{
	if (!HAVE_SYSTEMD) {
		shinyd_expect(3, "built without systemd", NULL, "%s",
			      "[server a]\nplugin = echo\nlisten = systemd://web\n");
		return;
	}
	shinyd_expect(5,
		      "shinyd.ini:3: error: [server a] listen: the service manager passed no "
		      "socket named 'web'",
		      NULL, "[server a]\nplugin = echo\nlisten = systemd://web\n");
	shinyd_expect(0, "no errors", (const char *[]){ "--check", NULL },
		      "[server a]\nplugin = echo\nlisten = systemd://web\n");
}

/* The units, as they would be installed, but with a program that is there, in a path without blanks. */
static char *make_unit_dir(void)
{
	char *dir = harness_make_dir();
	char *program = g_build_filename(dir, "shinyd", NULL);
	char *to = g_build_filename(dir, "shinyd.service", NULL);
	char *socket = g_build_filename(dir, "shinyd.socket", NULL);
	char *unit;
	GString *text;

	g_assert_true(g_file_get_contents(UNIT_DIR "/shinyd.service", &unit, NULL, NULL));
	text = g_string_new(unit);
	g_assert_cmpint(symlink(SHINYD, program), ==, 0);
	g_assert_cmpuint(g_string_replace(text, INSTALLED_SHINYD, program, 0), >, 0);
	g_assert_true(g_file_set_contents(to, text->str, -1, NULL));
	g_free(unit);
	g_assert_true(g_file_get_contents(UNIT_DIR "/shinyd.socket", &unit, NULL, NULL));
	g_assert_true(g_file_set_contents(socket, unit, -1, NULL));
	g_string_free(text, TRUE);
	g_free(unit);
	g_free(program);
	g_free(socket);
	g_free(to);
	return dir;
}

static void need_systemd_analyze(void)
{
	char *program = g_find_program_in_path("systemd-analyze");

	if (program == NULL) {
		harness_skip("needs systemd-analyze");
	}
	g_free(program);
}

static void verify_unit(const char *dir)
{
	char *service = g_build_filename(dir, "shinyd.service", NULL);
	char *socket = g_build_filename(dir, "shinyd.socket", NULL);
	char *output;

	g_assert_cmpint(child_run((const char *[]){ "systemd-analyze", "verify", "--man=no",
						    service, socket, NULL },
				  &output),
			==, 0);
	g_assert_cmpstr(output, ==, "");
	g_free(output);
	g_free(service);
	g_free(socket);
}

/* So that it fails where the configuration is wrong. And /bin/kill is not everywhere. */
static void unit_reloads_by_asking(void)
{
	char *unit;

	g_assert_true(g_file_get_contents(UNIT_DIR "/shinyd.service", &unit, NULL, NULL));
	g_assert_nonnull(strstr(unit, "\nExecReload=" INSTALLED_SHINYD " --reload\n"));
	g_assert_null(strstr(unit, "/kill"));
	g_free(unit);
}

static void unit_is_right(void)
{
	char *dir;

	need_systemd_analyze();
	dir = make_unit_dir();
	verify_unit(dir);
	harness_remove_dir(dir);
}

/* As shinyd.ini(5) shows it. */
static void unit_takes_credentials(void)
{
	static const char line[] = "LoadCredential=password:/etc/shiny/password";
	char *dir, *drop_in, *file, *text, *manual;

	need_systemd_analyze();
	g_assert_true(g_file_get_contents(DOCS_DIR "/shinyd.ini.5.scd", &manual, NULL, NULL));
	g_assert_nonnull(strstr(manual, line));
	dir = make_unit_dir();
	drop_in = g_build_filename(dir, "shinyd.service.d", NULL);
	file = g_build_filename(drop_in, "password.conf", NULL);
	text = g_strdup_printf("[Service]\n%s\n", line);
	g_assert_cmpint(g_mkdir(drop_in, 0700), ==, 0);
	g_assert_true(g_file_set_contents(file, text, -1, NULL));
	verify_unit(dir);
	g_free(text);
	g_free(file);
	g_free(drop_in);
	g_free(manual);
	harness_remove_dir(dir);
}

static void unit_is_tight(void)
{
	char *dir, *service, *output;

	need_systemd_analyze();
	dir = make_unit_dir();
	service = g_build_filename(dir, "shinyd.service", NULL);
	/* The threshold is in tenths. */
	if (child_run((const char *[]){ "systemd-analyze", "security", "--offline=true",
					"--no-pager", "--threshold=11", service, NULL },
		      &output) != 0) {
		harness_fail("%s", output);
	}
	g_free(output);
	g_free(service);
	harness_remove_dir(dir);
}

/* Adds the calls of a line of the unit to @allowed, or takes them out. Groups hold groups. */
static void filter_calls(GHashTable *allowed, const char *name, bool allow)
{
	char *output;
	char **lines;

	if (*name != '@') {
		allow ? (void)g_hash_table_add(allowed, g_strdup(name))
		      : (void)g_hash_table_remove(allowed, name);
		return;
	}
	g_assert_cmpint(child_run((const char *[]){ "systemd-analyze", "syscall-filter",
						    "--no-pager", name, NULL },
				  &output),
			==, 0);
	lines = g_strsplit(output, "\n", -1);
	for (size_t i = 1; lines[i] != NULL; i++) {
		const char *call = g_strstrip(lines[i]);

		if (*call != '\0' && *call != '#') {
			filter_calls(allowed, call, allow);
		}
	}
	g_strfreev(lines);
	g_free(output);
}

/* In the order of the lines, as systemd reads them. */
static GHashTable *allowed_by_unit(void)
{
	GHashTable *allowed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	char **lines, *unit;

	g_assert_true(g_file_get_contents(UNIT_DIR "/shinyd.service", &unit, NULL, NULL));
	lines = g_strsplit(unit, "\n", -1);
	for (size_t i = 0; lines[i] != NULL; i++) {
		const char *value = lines[i] + strlen("SystemCallFilter=");
		bool allow;
		char **names;

		if (!g_str_has_prefix(lines[i], "SystemCallFilter=")) {
			continue;
		}
		allow = *value != '~';
		names = g_strsplit(allow ? value : value + 1, " ", -1);
		for (size_t j = 0; names[j] != NULL; j++) {
			filter_calls(allowed, names[j], allow);
		}
		g_strfreev(names);
	}
	g_strfreev(lines);
	g_free(unit);
	return allowed;
}

static void unit_allows_what_confines_plugins(void)
{
	static const char *const needed[] = { "seccomp", "prctl", "clone", "execve", "execveat" };
	GHashTable *allowed;

	need_systemd_analyze();
	allowed = allowed_by_unit();
	for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
		if (!g_hash_table_contains(allowed, needed[i])) {
			harness_fail("the unit refuses %s", needed[i]);
		}
	}
	g_assert_false(g_hash_table_contains(allowed, "mount"));
	g_hash_table_unref(allowed);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/service/ready-status-stopping", tells_its_life);
	harness_add("/e2e/service/a-stalled-manager-stops-nothing",
		    a_stalled_manager_stops_nothing);
	harness_add("/e2e/service/a-gone-manager-stops-nothing", a_gone_manager_stops_nothing);
	harness_add("/e2e/service/asks-for-patience-while-plugins-are-checked",
		    asks_for_patience_while_plugins_are_checked);
	harness_add("/e2e/service/ready-waits-for-every-section", is_ready_when_all_have_loaded);
	harness_add("/e2e/service/status-tells-what-is-down", tells_what_is_down);
	harness_add("/e2e/service/what-a-plugin-says-of-itself-is-told",
		    tells_what_a_plugin_says_of_itself);
	harness_add("/e2e/service/a-load-that-crashes-delays-nothing",
		    a_load_that_crashes_delays_nothing);
	harness_add("/e2e/service/watchdog-is-fed-while-every-loop-turns",
		    feeds_the_watchdog_while_all_turn);
	harness_add("/e2e/service/reloading-ends-with-ready", reloading_ends_with_ready);
	harness_add("/e2e/service/watchdog-is-fed-under-a-debugger",
		    feeds_the_watchdog_under_a_debugger);
	harness_add("/e2e/service/stopping-is-the-last-word", stopping_is_the_last_word);
	harness_add("/e2e/service/takes-sockets-by-name", takes_sockets_by_name);
	harness_add("/e2e/service/refuses-datagram-sockets", refuses_datagrams);
	harness_add("/e2e/service/says-which-socket-is-missing", misses_sockets_by_name);
	harness_add("/e2e/service/unit-verifies-without-a-word", unit_is_right);
	harness_add("/e2e/service/unit-reloads-by-asking", unit_reloads_by_asking);
	harness_add("/e2e/service/unit-takes-credentials", unit_takes_credentials);
	harness_add("/e2e/service/unit-is-as-tight-as-promised", unit_is_tight);
	harness_add("/e2e/service/unit-allows-what-confines-plugins",
		    unit_allows_what_confines_plugins);
	return harness_run();
}
