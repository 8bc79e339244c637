/* SPDX-License-Identifier: MIT */
/*
 * shinyd that serves: what clients see, what the processes are.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ECHO "plugin = echo\nlisten = tcp://127.0.0.1:0\n"

static const char second_line[] =
	"Enter 'quit' to close your connection or 'shutdown' to close the server.\n";

static void expect_echo(const char *address)
{
	int fd = client_connect(address);

	client_expect(fd, "Welcome to the echo server!\n");
	client_expect(fd, second_line);
	client_send_text(fd, "hello\r\n");
	client_expect(fd, "hello\r\n");
	client_send_end(fd);
	client_expect_end(fd);
	close(fd);
}

static void serves_each_section(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, second;

	shinyd_start(&shinyd, "[server first]\n" ECHO "[server second]\n" ECHO);
	shinyd_await_serving(&shinyd, "first", &first);
	shinyd_await_serving(&shinyd, "second", &second);
	g_assert_cmpint(first.worker, !=, second.worker);
	expect_echo(first.address);
	expect_echo(second.address);
	shinyd_end(&shinyd);
}

static void serves_several_addresses(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct stat st;
	char *address, *path;

	shinyd_prepare(&shinyd);
	path = g_build_filename(shinyd.dir, "socket", NULL);
	address = g_strconcat("unix://", path, NULL);
	shinyd_start(&shinyd, "[server a]\n" ECHO "listen = %s\nunix_mode = 600\n", address);
	shinyd_await_serving(&shinyd, "a", &serving);
	expect_echo(serving.address);
	expect_echo(address);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_cmpint(stat(path, &st), <, 0); /* removed again */
	shinyd_finish(&shinyd);
	g_free(address);
	g_free(path);
}

static void stop_process(pid_t pid)
{
	char *path = g_strdup_printf("/proc/%d/stat", (int)pid);
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	bool stopped = false;

	g_assert_cmpint(kill(pid, SIGSTOP), ==, 0);
	while (!stopped) {
		char *text;

		g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
		stopped = strstr(text, ") T ") != NULL;
		g_free(text);
		g_assert_cmpint(g_get_monotonic_time(), <, end);
	}
	g_free(path);
}

static void shares_among_workers(void)
{
	struct shinyd shinyd = { 0 };
	struct serving first, second;

	shinyd_start(&shinyd, "[server a]\nworkers = 2\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &first);
	shinyd_await_serving(&shinyd, "a", &second);
	g_assert_cmpint(first.worker, !=, second.worker);
	g_assert_cmpstr(first.address, ==, second.address);

	/* One alone serves the address too. */
	stop_process(first.worker);
	expect_echo(first.address);
	expect_echo(first.address);
	g_assert_cmpint(kill(first.worker, SIGCONT), ==, 0);
	shinyd_end(&shinyd);
}

/* A connection to the section is another's business, and so is its listening socket. */
static void holds_only_its_own_descriptors(void)
{
	struct shinyd shinyd = { 0 };
	struct serving many, one;
	char *path;
	size_t sockets = 0;
	const struct dirent *entry;
	DIR *dir;

	shinyd_start(&shinyd, "[server many]\n" ECHO "listen = tcp://127.0.0.1:0\n"
			      "listen = tcp://127.0.0.1:0\n[server one]\n" ECHO);
	shinyd_await_serving(&shinyd, "many", &many);
	shinyd_await_serving(&shinyd, "one", &one);
	path = g_strdup_printf("/proc/%d/fd", (int)one.worker);
	dir = opendir(path);
	g_assert_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		char target[64] = "";

		if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) > 0) {
			sockets += strncmp(target, "socket:", 7) == 0;
		}
	}
	closedir(dir);
	g_assert_cmpuint(sockets, ==, 1); /* it listens; it talks to the supervisor by a pipe */
	shinyd_end(&shinyd);
	g_free(path);
}

/* A line of /proc/PID/status, as "SigBlk:", which has bit N - 1 for signal N. */
static uint64_t status_number(pid_t pid, const char *name)
{
	char *path = g_strdup_printf("/proc/%d/status", (int)pid);
	char *text, *line;
	uint64_t number;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	line = strstr(text, name);
	g_assert_nonnull(line);
	number = g_ascii_strtoull(line + strlen(name), NULL, 16);
	g_free(text);
	g_free(path);
	return number;
}

/* Also where shinyd was started with others blocked or ignored. */
static void workers_have_signals_as_promised(void)
{
	static const int ignored[] = { SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ };
	struct shinyd shinyd = { 0 };
	struct serving serving;
	uint64_t expected = 0;
	sigset_t some;

	signal(SIGCHLD, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGALRM, SIG_IGN);
	sigemptyset(&some);
	sigaddset(&some, SIGALRM);
	sigaddset(&some, SIGTERM);
	sigprocmask(SIG_BLOCK, &some, NULL);
	shinyd_start(&shinyd, "[server a]\n" ECHO);
	signal(SIGCHLD, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &some, NULL);
	shinyd_await_serving(&shinyd, "a", &serving);
	for (size_t i = 0; i < G_N_ELEMENTS(ignored); i++) {
		expected |= UINT64_C(1) << (ignored[i] - 1);
	}
	g_assert_cmphex(status_number(serving.worker, "SigBlk:"), ==, 0);
	/* 32 and 33 are glibc's own, and ignored where its posix_spawn(3) has started shinyd. */
	g_assert_cmphex(status_number(serving.worker, "SigIgn:") & ~(UINT64_C(3) << 31), ==,
			expected);
	shinyd_end(&shinyd);
}

static void limits_connections(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int first, second;

	shinyd_start(&shinyd, "[server a]\nmax_connections = 1\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	first = client_connect(serving.address);
	client_expect(first, "Welcome to the echo server!\n");
	second = client_connect(serving.address);
	client_expect_end(second);
	close(first);
	close(second);
	shinyd_end(&shinyd);
}

static void serves_a_single_section(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start_with(&shinyd, (const char *[]){ "--single", "b", NULL },
			  "[server a]\n" ECHO "[server b]\n" ECHO);
	shinyd_await_serving(&shinyd, "b", &serving);
	expect_echo(serving.address);
	g_assert_cmpint(serving.worker, ==, 0);
	child_signal(&shinyd.child, SIGINT);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 0);
	shinyd_finish(&shinyd);
}

/* What a worker lets pass, as it is harmless there. */
static void finds_misuse_in_a_single_section(void)
{
	static const char config[] = "[server a]\nplugin = puppet\nlisten = tcp://127.0.0.1:0\n";
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, config);
	shinyd_await_serving(&shinyd, "a", &serving);
	client_exchange(serving.address, "z", "done\n");
	shinyd_end(&shinyd);

	shinyd_start_with(&shinyd, (const char *[]){ "--single", "a", NULL }, config);
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "z");
	shinyd_expect_line(&shinyd, "libshiny: shiny_release() of connection ");
	g_assert_cmpint(shinyd_wait(&shinyd), ==, -SIGABRT);
	close(fd);
	shinyd_finish(&shinyd);
}

static void drops_root(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	const struct passwd *nobody = shinyd_need_nobody();
	char *expected;
	int fd;

	shinyd_start(&shinyd, "[shinyd]\nuser = nobody\n"
			      "[server a]\nplugin = puppet\nlisten = tcp://127.0.0.1:0\n");
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "user");
	expected = g_strdup_printf("%u %u\n", nobody->pw_uid, nobody->pw_gid);
	client_expect(fd, expected);
	g_assert_cmphex(status_number(serving.worker, "CapPrm:"), ==, 0);
	g_assert_cmphex(status_number(serving.worker, "NoNewPrivs:"), ==, 1);
	close(fd);
	g_free(expected);
	shinyd_end(&shinyd);
}

/* unix_mode = 660 is for them. */
static void sockets_belong_to_the_group(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	const struct passwd *nobody = shinyd_need_nobody();
	struct stat st;

	shinyd_prepare(&shinyd);
	shinyd_start(&shinyd,
		     "[shinyd]\nuser = nobody\n[server a]\nplugin = echo\nunix_mode = 660\n"
		     "listen = unix://%s/a\n",
		     shinyd.dir);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(stat(serving.address + strlen("unix://"), &st), ==, 0);
	g_assert_cmpuint(st.st_uid, ==, 0);
	g_assert_cmpuint(st.st_gid, ==, nobody->pw_gid);
	g_assert_cmphex(st.st_mode & 0777, ==, 0660);
	shinyd_end(&shinyd);
}

static void logs_to_a_file(void)
{
	struct shinyd shinyd = { 0 };
	char *path, *text;

	shinyd_prepare(&shinyd);
	path = g_build_filename(shinyd.dir, "log", NULL);
	shinyd_start(&shinyd,
		     "[shinyd]\nlog_target = %s\n"
		     "[server a]\nplugin = puppet\non_load = fail\nlisten = tcp://127.0.0.1:0\n",
		     path);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 1);
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_assert_nonnull(strstr(text, "error: [server a] failed to load: the strings are cut\n"));
	g_assert_true(g_regex_match_simple(
		"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]", text, 0, 0));
	g_free(text);
	g_free(path);
	shinyd_finish(&shinyd);
}

static void logs_for_the_plugin(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_start(&shinyd, "[server a]\nplugin = puppet\nlisten = tcp://127.0.0.1:0\n");
	shinyd_await_serving(&shinyd, "a", &serving);
	fd = client_connect(serving.address);
	client_send_text(fd, "log");
	shinyd_expect_line(&shinyd, "shinyd: [server a] pulled?by a string");
	close(fd);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/serve/each-section-in-a-process-of-its-own", serves_each_section);
	harness_add("/e2e/serve/several-addresses", serves_several_addresses);
	harness_add("/e2e/serve/workers-share-an-address", shares_among_workers);
	harness_add("/e2e/serve/a-worker-holds-no-other-section-s-socket",
		    holds_only_its_own_descriptors);
	harness_add("/e2e/serve/workers-have-signals-as-promised",
		    workers_have_signals_as_promised);
	harness_add("/e2e/serve/max-connections", limits_connections);
	harness_add("/e2e/serve/single-in-the-foreground", serves_a_single_section);
	harness_add("/e2e/serve/single-finds-misuse-of-the-library",
		    finds_misuse_in_a_single_section);
	harness_add("/e2e/serve/user-is-whom-workers-run-as", drops_root);
	harness_add("/e2e/serve/unix-sockets-belong-to-the-user-s-group",
		    sockets_belong_to_the_group);
	harness_add("/e2e/log/to-a-file", logs_to_a_file);
	harness_add("/e2e/log/a-plugin-s-line-is-one-line", logs_for_the_plugin);
	return harness_run();
}
