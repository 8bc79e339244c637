/* SPDX-License-Identifier: MIT */
/*
 * What runs a plugin is executed anew, and has of its supervisor and of other sections nothing but
 * what it was handed.
 */
#include "client.h"
#include "harness.h"
#include "process.h"
#include "puppet.h"
#include "shinyd.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTION(name, more) "[server " name "]\n" more PUPPET

/* Workers of two sections, and the supervisor. */
struct processes {
	struct shinyd shinyd;
	struct serving a, b;
};

static void start(struct processes *processes, const char *config)
{
	*processes = (struct processes){ 0 };
	umask(077); /* secrets are not for everybody */
	shinyd_start(&processes->shinyd, "%s", config);
	shinyd_await_serving(&processes->shinyd, "a", &processes->a);
	shinyd_await_serving(&processes->shinyd, "b", &processes->b);
}

static void stop(struct processes *processes)
{
	shinyd_end(&processes->shinyd);
}

static const char two_sections[] = SECTION("a", "") SECTION("b", "");

static void need_random_addresses(void)
{
	char *text;

	g_assert_true(
		g_file_get_contents("/proc/sys/kernel/randomize_va_space", &text, NULL, NULL));
	if (atoi(text) == 0) {
		harness_skip("addresses are not random here");
	}
	g_free(text);
}

static void have_addresses_of_their_own(void)
{
	struct processes processes;
	uint64_t a, b, supervisor;

	need_random_addresses();
	start(&processes, two_sections);
	a = process_base(processes.a.worker, "/libc.so");
	b = process_base(processes.b.worker, "/libc.so");
	supervisor = process_base(processes.shinyd.child.pid, "/libc.so");
	g_assert_cmphex(a, !=, b);
	g_assert_cmphex(a, !=, supervisor);
	g_assert_cmphex(b, !=, supervisor);
	stop(&processes);
}

/* libc makes it of these bytes. */
static void have_a_canary_of_their_own(void)
{
	struct processes processes;
	uint8_t a[16], b[16], supervisor[16];

	start(&processes, two_sections);
	process_random(processes.a.worker, a);
	process_random(processes.b.worker, b);
	process_random(processes.shinyd.child.pid, supervisor);
	g_assert_cmpint(memcmp(a, b, sizeof(a)), !=, 0);
	g_assert_cmpint(memcmp(a, supervisor, sizeof(a)), !=, 0);
	stop(&processes);
}

/* Descriptors by their kind, whatever their numbers; those of a plugin that it closes again may go. */
static void expect_descriptors(pid_t pid, const char *expected)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	char *got = process_descriptors(pid);

	while (strcmp(got, expected) != 0) {
		if (g_get_monotonic_time() > end) {
			harness_fail("expected:\n%sgot:\n%s", expected, got);
		}
		g_free(got);
		g_usleep(10000);
		got = process_descriptors(pid);
	}
	g_free(got);
}

static void have_no_descriptors_but_their_own(void)
{
	struct processes processes;

	start(&processes, two_sections);
	expect_descriptors(processes.a.worker, "0 /dev/null\n"
					       "1 pipe\n2 pipe\n"	  /* its output */
					       "anon_inode:[eventpoll]\n" /* its loop, */
					       "pipe\npipe\n" /* which threads wake up */
					       "pipe\n"	      /* its channel */
					       "socket\n");   /* its address */
	stop(&processes);
}

static void workers_of_a_section_share_what_they_must(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, SECTION("a", "workers = 2\n") SECTION("b", "workers = 2\n"));
	shinyd_await_serving(&shinyd, "a", &serving);
	expect_descriptors(serving.worker,
			   "0 /dev/null\n1 pipe\n2 pipe\n"
			   "anon_inode:[eventfd]\nanon_inode:[eventfd]\n" /* of either worker */
			   "anon_inode:[eventpoll]\n"
			   "pipe\npipe\npipe\nsocket\n");
	shinyd_end(&shinyd);
}

#define CONFIG_WITH_SECRETS                                                \
	"; only the file has this comment\n" SECTION("a", "password = "    \
							  "hunter-of-a\n") \
		SECTION("b", "password = hunter-of-b\n")

/* The same search finds what the process does have. */
static void have_no_others_secrets(void)
{
	struct processes processes;

	start(&processes, CONFIG_WITH_SECRETS);
	g_assert_true(process_has_in_memory(processes.a.worker, "hunter-of-a"));
	g_assert_false(process_has_in_memory(processes.a.worker, "hunter-of-b"));
	g_assert_true(process_has_in_memory(processes.b.worker, "hunter-of-b"));
	g_assert_false(process_has_in_memory(processes.b.worker, "hunter-of-a"));
	g_assert_false(process_has_in_memory(processes.a.worker, "only the file has this"));
	stop(&processes);
}

static void have_the_environment_that_is_listed(void)
{
	struct processes processes;
	char *environment;

	g_setenv("SHINYD_TEST_ROW", "kept", TRUE);
	g_setenv("TZ", "UTC", TRUE);
	g_setenv("LC_TIME", "C", TRUE);
	g_setenv("PASSWORD_OF_SOMEBODY", "hunter2", TRUE);
	g_setenv("TZ_BUT_LONGER", "hunter2", TRUE);
	start(&processes, two_sections);
	environment = process_text(processes.a.worker, "environ");
	g_assert_nonnull(strstr(environment, "SHINYD_TEST_ROW=kept\n"));
	g_assert_nonnull(strstr(environment, "\nTZ=UTC\n"));
	g_assert_nonnull(strstr(environment, "\nLC_TIME=C\n"));
	g_assert_null(strstr(environment, "hunter2"));
	g_free(environment);
	stop(&processes);
}

static void are_shown_with_their_section(void)
{
	struct processes processes;
	char *text;

	start(&processes, two_sections);
	text = process_text(processes.a.worker, "cmdline");
	g_assert_cmpstr(text, ==, "shinyd: server a\n");
	g_free(text);
	text = process_text(processes.a.worker, "comm");
	g_assert_cmpstr(text, ==, "server a\n");
	g_free(text);
	stop(&processes);
}

/* Also what looks like a line of the log, or would do something to a terminal. */
static void what_they_write_is_logged_as_theirs(void)
{
	struct processes processes;
	char *line;

	start(&processes, two_sections);
	puppet_order(processes.a.address, "x");
	line = shinyd_await_line(&processes.shinyd, "to stdout");
	g_assert_nonnull(strstr(line, "shinyd: [server a] worker "));
	g_assert_nonnull(strstr(line, " wrote: to stdout"));
	g_free(line);
	line = shinyd_await_line(&processes.shinyd, "all is ");
	g_assert_true(g_str_has_prefix(line, "shinyd: [server a] worker "));
	g_assert_nonnull(strstr(line, " wrote: shinyd: [server b] all is ?[31mwell"));
	g_free(line);
	/* What it wrote last and did not end. */
	g_assert_cmpint(kill(processes.a.worker, SIGKILL), ==, 0);
	shinyd_expect_line(&processes.shinyd, " wrote: no end");
	shinyd_await_serving(&processes.shinyd, "a", &processes.a);
	stop(&processes);
}

/* A program as it is laid out where it was built, which may be replaced. For g_free(). */
static char *copy_program(const char *dir)
{
	char *folder = g_build_filename(dir, "daemon", NULL);
	char *program = g_build_filename(folder, "shinyd", NULL);
	char *libraries = g_build_filename(dir, "lib", NULL);

	g_assert_cmpint(g_mkdir(folder, 0755), ==, 0);
	shinyd_copy_file(SHINYD, program);
	g_assert_cmpint(g_chmod(program, 0755), ==, 0);
	g_assert_cmpint(symlink(LIBRARY_DIR, libraries), ==, 0);
	g_free(folder);
	g_free(libraries);
	return program;
}

static void start_program(struct shinyd *shinyd, const char *program)
{
	const char *const argv[] = { program, "--config", shinyd->config,
				     "--plugin-path=" TEST_PLUGIN_DIR, NULL };

	g_assert_true(g_file_set_contents(shinyd->config, SECTION("a", ""), -1, NULL));
	child_start(&shinyd->child, argv);
}

/* As a package's upgrade does, by one that could not serve; and where there is nothing any more. */
static void are_the_program_that_runs(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving, old;
	char *program;

	shinyd_prepare(&shinyd);
	program = copy_program(shinyd.dir);
	start_program(&shinyd, program);
	shinyd_await_serving(&shinyd, "a", &serving);

	g_assert_true(g_file_set_contents(program, "#!/bin/false\n", -1, NULL));
	g_assert_cmpint(kill(serving.worker, SIGKILL), ==, 0);
	shinyd_await_serving(&shinyd, "a", &serving);

	g_assert_cmpint(g_remove(program), ==, 0);
	g_assert_cmpint(kill(serving.worker, SIGKILL), ==, 0);
	shinyd_await_serving(&shinyd, "a", &serving);
	puppet_order(serving.address, "zilch");
	old = serving;
	shinyd_reload_well(&shinyd, SECTION("a", "max_connections = 5\n"));
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_await_end(&shinyd, &old);
	puppet_order(serving.address, "zilch");
	g_free(program);
	shinyd_end(&shinyd);
}

/* A shinyd that serves, and checks a plugin for a reload for as long as the test wants. */
struct probing {
	struct shinyd shinyd;
	struct serving serving;
	pid_t probe;
	char *gate;
};

#define SLOW_SECTION "[server slow]\nplugin = slow-constructor\nlisten = tcp://127.0.0.1:0\n"

static void start_probing(struct probing *probing, const char *daemon)
{
	char *before = g_strconcat(daemon, SECTION("a", "password = hunter-of-a\n"), NULL);
	char *after = g_strconcat(before, SLOW_SECTION, NULL);

	*probing = (struct probing){ 0 };
	umask(077);
	shinyd_prepare(&probing->shinyd);
	probing->gate = g_build_filename(probing->shinyd.dir, "gate", NULL);
	g_setenv("SHINYD_TEST_GATE", probing->gate, TRUE);
	shinyd_start(&probing->shinyd, "%s", before);
	shinyd_await_serving(&probing->shinyd, "a", &probing->serving);
	shinyd_reload(&probing->shinyd, after);
	probing->probe =
		process_await_child(probing->shinyd.child.pid, "shinyd: probe of server slow");
	process_await_loaded(probing->probe, "/slow-constructor.so");
	g_free(before);
	g_free(after);
}

static void stop_probing(struct probing *probing)
{
	struct serving serving;

	g_assert_true(g_file_set_contents(probing->gate, "", 0, NULL));
	shinyd_await_serving(&probing->shinyd, "slow", &serving);
	shinyd_end(&probing->shinyd);
	g_free(probing->gate);
}

static void probes_have_no_descriptors_but_their_own(void)
{
	struct probing probing;

	start_probing(&probing, "");
	expect_descriptors(probing.probe, "0 /dev/null\n"
					  "1 /memfd:shinyd-output (deleted)\n"
					  "2 /memfd:shinyd-output (deleted)\n"
					  "pipe\n"); /* what it finds */
	stop_probing(&probing);
}

static void probes_have_no_others_secrets(void)
{
	struct probing probing;

	start_probing(&probing, "");
	g_assert_true(process_has_in_memory(probing.probe, "slow-constructor"));
	g_assert_false(process_has_in_memory(probing.probe, "hunter-of-a"));
	stop_probing(&probing);
}

/* Also where it has changed its user, which makes the kernel forget whom it is to die with. */
static void a_probe_dies_with_its_supervisor(void)
{
	struct probing probing;
	int probe, worker;

	shinyd_need_nobody();
	start_probing(&probing, "[shinyd]\nuser = nobody\n");
	probe = (int)syscall(SYS_pidfd_open, probing.probe, 0);
	worker = (int)syscall(SYS_pidfd_open, probing.serving.worker, 0);
	child_signal(&probing.shinyd.child, SIGKILL);
	process_await_end(probe);
	process_await_end(worker);
	close(probe);
	close(worker);
	shinyd_finish(&probing.shinyd);
	g_free(probing.gate);
}

#define TALKATIVE "[server a]\nplugin = talkative\nlisten = tcp://127.0.0.1:0\n"

/* As the plugin's words, whatever they look like. */
static void what_a_plugin_prints_as_it_is_checked_is_told(void)
{
	shinyd_expect(0, "talkative.so wrote: shinyd: [server b] is ?[31mlost\n",
		      (const char *[]){ "--check", NULL }, TALKATIVE);
}

static void findings_without_end_have_one(void)
{
	g_setenv("SHINYD_TEST_TALK", "without end", TRUE);
	shinyd_expect(4, "talkative.so: the process that loaded and checked it wrote more than 1024",
		      (const char *[]){ "--check", NULL }, TALKATIVE);
}

#define LISTENERS 60

/* The supervisor has enough descriptors, and the process that it starts too few to hand over. */
static void what_cannot_be_executed_is_told(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct rlimit few, before;
	GString *listens = g_string_new(NULL);

	for (int i = 0; i < LISTENERS; i++) {
		g_string_append(listens, "listen = tcp://127.0.0.1:0\n");
	}
	shinyd_start(&shinyd, "[server a]\nplugin = puppet\n%s", listens->str);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(prlimit(shinyd.child.pid, RLIMIT_NOFILE, NULL, &before), ==, 0);
	few = (struct rlimit){ LISTENERS * 2, before.rlim_max };
	g_assert_cmpint(prlimit(shinyd.child.pid, RLIMIT_NOFILE, &few, NULL), ==, 0);
	g_assert_cmpint(kill(serving.worker, SIGKILL), ==, 0);
	shinyd_expect_line(&shinyd, "cannot start a worker: Too many open files");
	g_assert_cmpint(prlimit(shinyd.child.pid, RLIMIT_NOFILE, &before, NULL), ==, 0);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_string_free(listens, TRUE);
	shinyd_end(&shinyd);
}

struct forged {
	int fd; /* what stands in place of a description */
};

/* In the child of a test: takes the place of a supervisor. */
static void hand_over(void *ctx)
{
	const struct forged *forged = ctx;

	dup2(forged->fd, STDERR_FILENO + 1);
}

static void expect_refusal(int fd, const char *reason)
{
	char *argv[] = { (char *)SHINYD, (char *)"shinyd: server a", NULL };
	struct forged forged = { fd };
	char *output;
	int status;

	g_assert_true(g_spawn_sync(NULL, argv, NULL,
				   G_SPAWN_FILE_AND_ARGV_ZERO | G_SPAWN_LEAVE_DESCRIPTORS_OPEN,
				   hand_over, &forged, NULL, &output, &status, NULL));
	g_assert_cmpint(status >> 8, ==, 4);
	if (strstr(output, reason) == NULL) {
		harness_fail("no '%s' in: %s", reason, output);
	}
	g_free(output);
}

/* One of another shinyd, and none. */
static void refuse_what_they_do_not_understand(void)
{
	static const uint32_t head[] = { 0x6e696873, 0x00006479, 99, 0 }; /* "shinyd", version 99 */
	int memory = memfd_create("forged", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int fd = fcntl(memory, F_DUPFD_CLOEXEC, 10);

	if (G_BYTE_ORDER != G_LITTLE_ENDIAN) {
		harness_skip("is written for little endian machines");
	}
	g_assert_cmpint(write(fd, head, sizeof(head)), ==, sizeof(head));
	expect_refusal(fd, "there is no description of what it is to do");
	g_assert_cmpint(
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL),
		==, 0);
	expect_refusal(fd, "is described in version 99, by another shinyd");
	close(memory);
	close(fd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/launch/workers-have-addresses-of-their-own", have_addresses_of_their_own);
	harness_add("/e2e/launch/workers-have-a-canary-of-their-own", have_a_canary_of_their_own);
	harness_add("/e2e/launch/workers-have-no-descriptors-but-their-own",
		    have_no_descriptors_but_their_own);
	harness_add("/e2e/launch/workers-of-a-section-share-what-they-must",
		    workers_of_a_section_share_what_they_must);
	harness_add("/e2e/launch/workers-have-no-others-secrets", have_no_others_secrets);
	harness_add("/e2e/launch/workers-have-the-environment-that-is-listed",
		    have_the_environment_that_is_listed);
	harness_add("/e2e/launch/workers-are-shown-with-their-section",
		    are_shown_with_their_section);
	harness_add("/e2e/launch/what-workers-write-is-logged-as-theirs",
		    what_they_write_is_logged_as_theirs);
	harness_add("/e2e/launch/workers-are-the-program-that-runs", are_the_program_that_runs);
	harness_add("/e2e/launch/probes-have-no-descriptors-but-their-own",
		    probes_have_no_descriptors_but_their_own);
	harness_add("/e2e/launch/probes-have-no-others-secrets", probes_have_no_others_secrets);
	harness_add("/e2e/launch/a-probe-dies-with-its-supervisor",
		    a_probe_dies_with_its_supervisor);
	harness_add("/e2e/launch/what-a-plugin-prints-as-it-is-checked-is-told",
		    what_a_plugin_prints_as_it_is_checked_is_told);
	harness_add("/e2e/launch/findings-without-end-have-one", findings_without_end_have_one);
	harness_add("/e2e/launch/what-cannot-be-executed-says-why",
		    what_cannot_be_executed_is_told);
	harness_add("/e2e/launch/what-is-not-understood-is-refused",
		    refuse_what_they_do_not_understand);
	return harness_run();
}
