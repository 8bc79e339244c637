/* SPDX-License-Identifier: MIT */
/*
 * What shinyd does to files at paths where others may have put something else.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TCP "listen = tcp://127.0.0.1:0\n"

static void start(struct shinyd *shinyd, const char *dir)
{
	struct serving serving;

	shinyd_start(shinyd,
		     "[shinyd]\nstatus_socket = %s/status\n"
		     "[server a]\nplugin = echo\nlisten = unix://%s/socket\n",
		     dir, dir);
	shinyd_await_serving(shinyd, "a", &serving);
}

static void expect_there(const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	if (g_access(path, F_OK) < 0) {
		harness_fail("%s is gone", path);
	}
	g_free(path);
}

static void remove_from(const char *dir, const char *name)
{
	char *path = g_build_filename(dir, name, NULL);

	g_assert_cmpint(g_unlink(path), ==, 0);
	g_free(path);
}

/* One starts where the sockets of another one that still runs were removed. */
static void removes_only_its_own_sockets(void)
{
	struct shinyd first = { 0 }, second = { 0 };
	char *dir = harness_make_dir(), *address = g_strdup_printf("unix://%s/socket", dir);

	start(&first, dir);
	remove_from(dir, "socket");
	remove_from(dir, "status");
	start(&second, dir);
	shinyd_end(&first);
	expect_there(dir, "socket");
	expect_there(dir, "status");
	close(client_connect(address));
	shinyd_end(&second);
	g_assert_cmpint(g_rmdir(dir), ==, 0); /* and those it does remove */
	g_free(address);
	g_free(dir);
}

static unsigned mode_of(const char *file)
{
	GStatBuf st;

	g_assert_cmpint(g_lstat(file, &st), ==, 0);
	return (unsigned)st.st_mode & 0777;
}

static void changes_the_mode_of_its_own_sockets_only(void)
{
	struct shinyd shinyd = { 0 };
	char *dir = harness_make_dir(), *victim = g_build_filename(dir, "victim", NULL);
	char *path = g_build_filename(dir, "socket", NULL), *config;

	start(&shinyd, dir);
	g_assert_true(g_file_set_contents(victim, "", -1, NULL));
	g_assert_cmpint(g_chmod(victim, 0600), ==, 0);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(symlink(victim, path), ==, 0);
	config = g_strdup_printf("[server a]\nplugin = echo\nunix_mode = 666\nlisten = unix://%s\n",
				 path);
	shinyd_reload_well(&shinyd, config);
	g_assert_cmpuint(mode_of(victim), ==, 0600);
	shinyd_end(&shinyd);
	expect_there(dir, "socket"); /* which is not its own */
	g_free(config);
	g_free(path);
	g_free(victim);
	harness_remove_dir(dir);
}

static void make_fifo(const char *path)
{
	g_assert_cmpint(mkfifo(path, 0600), ==, 0);
}

static void make_endless_link(const char *path)
{
	g_assert_cmpint(symlink("/dev/zero", path), ==, 0);
}

static void make_folder(const char *path)
{
	g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
}

static void make_huge(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	g_assert_cmpint(ftruncate(fd, (off_t)1 << 36), ==, 0);
	close(fd);
}

static const struct {
	void (*make)(const char *path);
	const char *expected;
} obstacles[] = {
	{ make_fifo, "x.ini: is no regular file" },
	{ make_endless_link, "x.ini: is no regular file" },
	{ make_folder, "x.ini: is no regular file" },
	{ make_huge, "x.ini: is longer than 4194304 bytes" },
};

/* A shinyd that includes conf.d/x.ini, which is not there. */
static char *start_with_include(struct shinyd *shinyd)
{
	struct serving serving;
	char *folder;

	shinyd_prepare(shinyd);
	folder = g_build_filename(shinyd->dir, "conf.d", NULL);
	g_assert_cmpint(g_mkdir(folder, 0755), ==, 0);
	shinyd_start(shinyd, "[shinyd]\ninclude = conf.d/*.ini\n[server a]\nplugin = echo\n" TCP);
	shinyd_await_serving(shinyd, "a", &serving);
	g_free(folder);
	return g_build_filename(shinyd->dir, "conf.d", "x.ini", NULL);
}

static void no_include_holds_it_up(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(obstacles); i++) {
		struct shinyd shinyd = { 0 };
		char *path = start_with_include(&shinyd);

		obstacles[i].make(path);
		child_signal(&shinyd.child, SIGHUP);
		shinyd_expect_line(&shinyd, obstacles[i].expected);
		shinyd_expect_line(&shinyd, "the old one is still served");
		g_free(path);
		shinyd_end(&shinyd);
	}
}

static void no_file_of_its_own_holds_a_reload_up(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	shinyd_start(&shinyd, "[server a]\nplugin = echo\n" TCP);
	shinyd_await_serving(&shinyd, "a", &serving);
	g_assert_cmpint(g_unlink(shinyd.config), ==, 0);
	make_fifo(shinyd.config);
	child_signal(&shinyd.child, SIGHUP);
	shinyd_expect_line(&shinyd, "shinyd.ini: error: is no regular file, and can be read at the "
				    "start only");
	shinyd_end(&shinyd);
}

/* As long as nothing is served there is time to wait for who generates the configuration. */
static void the_start_waits_for_a_pipe(void)
{
	const char *argv[] = { SHINYD, "--plugin-path=" PLUGIN_DIR, "-c", NULL, NULL };
	static const char config[] = "[server a]\nplugin = echo\n" TCP;
	struct shinyd shinyd = { 0 };
	struct serving serving;
	int fd;

	shinyd_prepare(&shinyd);
	make_fifo(shinyd.config);
	argv[3] = shinyd.config;
	child_start(&shinyd.child, argv);
	fd = open(shinyd.config, O_WRONLY | O_CLOEXEC);
	g_assert_cmpint(write(fd, config, strlen(config)), ==, (ssize_t)strlen(config));
	close(fd);
	shinyd_await_serving(&shinyd, "a", &serving);
	shinyd_end(&shinyd);
}

static void the_start_takes_what_a_shell_generates(void)
{
	const char *argv[] = { "bash", "-c",   "exec \"$@\" -c <(cat \"$0\")",
			       NULL,   SHINYD, "--plugin-path=" PLUGIN_DIR,
			       NULL };
	char *bash = g_find_program_in_path("bash");
	struct shinyd shinyd = { 0 };
	struct serving serving;

	if (bash == NULL) {
		harness_skip("there is no bash");
	}
	shinyd_prepare(&shinyd);
	g_assert_true(
		g_file_set_contents(shinyd.config, "[server a]\nplugin = echo\n" TCP, -1, NULL));
	argv[3] = shinyd.config;
	child_start(&shinyd.child, argv);
	shinyd_await_serving(&shinyd, "a", &serving);
	child_signal(&shinyd.child, SIGHUP);
	shinyd_expect_line(&shinyd, ", and can be read at the start only");
	g_free(bash);
	shinyd_end(&shinyd);
}

/*
 * A shinyd that reads three files: its own, one that it includes, and one with a value, which is a
 * link in a folder of its own.
 */
static const char *const files[] = { "shinyd.ini", "b.ini", "folder", "folder/real" };

static void make_files(struct shinyd *shinyd)
{
	static const char include[] = "[server b]\nplugin = puppet\npassword = @%s/link\n" TCP;
	char *text, *path[G_N_ELEMENTS(files) + 1];

	shinyd_prepare(shinyd);
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		path[i] = g_build_filename(shinyd->dir, files[i], NULL);
	}
	path[4] = g_build_filename(shinyd->dir, "link", NULL);
	text = g_strdup_printf(include, shinyd->dir);
	g_assert_true(g_file_set_contents(path[1], text, -1, NULL));
	g_assert_cmpint(g_mkdir(path[2], 0755), ==, 0);
	g_assert_true(g_file_set_contents(path[3], "hunter2", -1, NULL));
	g_assert_cmpint(g_chmod(path[3], 0640), ==, 0);
	g_assert_cmpint(symlink("folder/real", path[4]), ==, 0);
	g_free(text);
	for (size_t i = 0; i < G_N_ELEMENTS(path); i++) {
		g_free(path[i]);
	}
}

/* With @mode for the file or folder that is @name. */
static void start_with_files(struct shinyd *shinyd, const char *name, int mode)
{
	char *path;

	make_files(shinyd);
	path = g_build_filename(shinyd->dir, name, NULL);
	if (g_access(path, F_OK) == 0) {
		g_assert_cmpint(g_chmod(path, mode), ==, 0);
	} else {
		umask((mode_t)~mode & 0777); /* it is about to be made */
	}
	shinyd_start(shinyd, "[shinyd]\ninclude = b.ini\n");
	umask(022);
	g_free(path);
}

/* Root refuses; whoever else starts shinyd harms nobody but himself, and is told. */
static void expect_distrust(const char *name, int mode)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	char *text;

	start_with_files(&shinyd, name, mode);
	text = g_strdup_printf("everybody may write to %s/%s: chmod o-w it", shinyd.dir, name);
	shinyd_expect_line(&shinyd, text);
	if (geteuid() == 0) {
		g_assert_cmpint(shinyd_wait(&shinyd), ==, 3);
	} else {
		shinyd_await_serving(&shinyd, "b", &serving);
		g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	}
	g_free(text);
	shinyd_finish(&shinyd);
}

static void expect_trust(const char *name, int mode)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;

	start_with_files(&shinyd, name, mode);
	shinyd_await_serving(&shinyd, "b", &serving);
	g_assert_cmpint(shinyd_stop(&shinyd), ==, 0);
	g_assert_null(strstr(shinyd.child.output->str, "may write"));
	shinyd_finish(&shinyd);
}

static void trusts_no_file_of_everybody(void)
{
	expect_distrust("shinyd.ini", 0666);
	expect_distrust("b.ini", 0666);
	expect_distrust("folder", 0777);
	expect_distrust("folder/real", 0662);
	expect_trust("folder", 01777);
	expect_trust("b.ini", 0664);
}

static void become_nobody(void)
{
	const struct passwd *nobody = shinyd_need_nobody();

	g_assert_cmpint(setgid(nobody->pw_gid), ==, 0);
	g_assert_cmpint(setuid(nobody->pw_uid), ==, 0);
	prctl(PR_SET_DUMPABLE, 1); /* else leaks cannot be looked for */
}

static void an_ordinary_user_is_warned(void)
{
	become_nobody();
	trusts_no_file_of_everybody();
}

/* The plugin where its libraries would be in "libs" beside it. */
static char *put_plugin(struct shinyd *shinyd, int mode)
{
	char *file, *libs;

	shinyd_prepare(shinyd);
	file = shinyd_plugin_file(shinyd->dir, "mine.so");
	libs = g_build_filename(shinyd->dir, "plugins", "here", "libs", NULL);
	shinyd_copy_file(TEST_PLUGIN_DIR "/rpath-origin.so", file);
	g_assert_cmpint(g_mkdir(libs, 0700), ==, 0);
	g_assert_cmpint(g_chmod(libs, mode), ==, 0);
	g_free(libs);
	return file;
}

static void expect_plugin(const char *plugin, struct shinyd *shinyd, const char *distrust)
{
	struct serving serving;

	shinyd_start(shinyd, "[server a]\nplugin = %s\n" TCP, plugin);
	if (distrust != NULL) {
		shinyd_expect_line(shinyd, distrust);
	}
	if (distrust != NULL && geteuid() == 0) {
		g_assert_cmpint(shinyd_wait(shinyd), ==, 4);
	} else {
		shinyd_await_serving(shinyd, "a", &serving);
		g_assert_cmpint(shinyd_stop(shinyd), ==, 0);
		g_assert_null(strstr(shinyd->child.output->str, "RPATH"));
	}
	shinyd_finish(shinyd);
}

static void loads_no_library_of_everybody(void)
{
	static const struct {
		int mode;
		const char *distrust;
	} rows[] = {
		{ 0755, NULL },
		{ 0777, "mine.so: its RPATH: everybody may write to /" },
		{ 01777, "mine.so: its RPATH: everybody may make files in /" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct shinyd shinyd = { 0 };
		char *plugin = put_plugin(&shinyd, rows[i].mode);

		expect_plugin(plugin, &shinyd, rows[i].distrust);
		g_free(plugin);
	}
	g_assert_cmpint(chdir("/tmp"), ==, 0);
	expect_plugin("rpath-relative", &(struct shinyd){ 0 },
		      "its RPATH: everybody may make files in /tmp");
	g_assert_cmpint(chdir("/"), ==, 0);
	expect_plugin("rpath-relative", &(struct shinyd){ 0 }, NULL);
	expect_plugin("rpath-missing", &(struct shinyd){ 0 },
		      "its RPATH: everybody may make files in /tmp");
}

static void an_ordinary_user_is_warned_of_libraries(void)
{
	become_nobody();
	loads_no_library_of_everybody();
}

/* A folder for the log that belongs to another user, as workers may run as. */
struct logs {
	struct shinyd shinyd;
	char *folder, *log, *victim;
};

static void make_logs(struct logs *logs)
{
	const struct passwd *nobody = shinyd_need_nobody();

	shinyd_prepare(&logs->shinyd);
	g_assert_cmpint(g_chmod(logs->shinyd.dir, 0755), ==, 0);
	logs->folder = g_build_filename(logs->shinyd.dir, "logs", NULL);
	logs->log = g_build_filename(logs->folder, "log", NULL);
	logs->victim = g_build_filename(logs->shinyd.dir, "victim", NULL);
	g_assert_cmpint(g_mkdir(logs->folder, 0755), ==, 0);
	g_assert_cmpint(chown(logs->folder, nobody->pw_uid, nobody->pw_gid), ==, 0);
}

static void finish_logs(struct logs *logs)
{
	shinyd_finish(&logs->shinyd);
	g_free(logs->folder);
	g_free(logs->log);
	g_free(logs->victim);
}

static void link_to_victim(const struct logs *logs)
{
	g_assert_cmpint(symlink(logs->victim, logs->log), ==, 0);
}

/* Of a file that is there, and must stay as it is. */
static void give_victim_a_name(const struct logs *logs)
{
	g_assert_true(g_file_set_contents(logs->victim, "", -1, NULL));
	g_assert_cmpint(link(logs->victim, logs->log), ==, 0);
}

/* The last folder on the way is one that nobody has made, and leads to root's. */
static void link_the_folder(const struct logs *logs)
{
	char *path = g_build_filename(logs->folder, "deep", NULL);

	g_assert_cmpint(symlink("..", path), ==, 0);
	g_assert_cmpint(lchown(path, 65534, 65534), ==, 0);
	g_free(path);
}

static void expect_unharmed(const struct logs *logs)
{
	GStatBuf st;

	g_assert_true(g_stat(logs->victim, &st) < 0 || st.st_size == 0);
}

static const struct {
	void (*prepare)(const struct logs *logs);
	const char *name;
	const char *expected;
} traps[] = {
	{ link_to_victim, "log", "/log: is a symbolic link: name what it leads to" },
	{ give_victim_a_name, "log", "/log: has another name, and another user may have given" },
	{ link_the_folder, "deep/victim", "/deep is a symbolic link that another user can make" },
};

static void writes_no_log_where_others_point(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(traps); i++) {
		struct logs logs = { 0 };
		struct serving serving;
		char *config;

		make_logs(&logs);
		traps[i].prepare(&logs);
		config = g_strdup_printf("[shinyd]\nlog_target = %s/%s\n[server a]\n"
					 "plugin = echo\n" TCP,
					 logs.folder, traps[i].name);
		shinyd_start(&logs.shinyd, "%s", config);
		shinyd_expect_line(&logs.shinyd, traps[i].expected);
		g_assert_cmpint(shinyd_wait(&logs.shinyd), ==, 5);
		child_finish(&logs.shinyd.child);
		expect_unharmed(&logs);

		shinyd_start(&logs.shinyd, "[server a]\nplugin = echo\n" TCP);
		shinyd_await_serving(&logs.shinyd, "a", &serving);
		shinyd_reload(&logs.shinyd, config);
		shinyd_expect_line(&logs.shinyd, traps[i].expected);
		g_assert_cmpint(shinyd_stop(&logs.shinyd), ==, 0);
		expect_unharmed(&logs);
		g_free(config);
		finish_logs(&logs);
	}
}

static void await_text(const char *path, const char *wanted)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	char *text = NULL;

	while (!g_file_get_contents(path, &text, NULL, NULL) || strstr(text, wanted) == NULL) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_free(text);
		text = NULL;
		g_usleep(1000);
	}
	g_free(text);
}

static void opens_its_log_again_and_no_other(void)
{
	struct logs logs = { 0 };
	char *moved;

	make_logs(&logs);
	moved = g_build_filename(logs.folder, "moved", NULL);
	shinyd_start(&logs.shinyd, "[shinyd]\nlog_target = %s\n[server a]\nplugin = echo\n" TCP,
		     logs.log);
	await_text(logs.log, "serves ");
	g_assert_cmpint(g_rename(logs.log, moved), ==, 0);
	child_signal(&logs.shinyd.child, SIGUSR1);
	child_signal(&logs.shinyd.child, SIGUSR2);
	await_text(logs.log, "worker: serving");
	g_assert_cmpint(g_unlink(logs.log), ==, 0);
	link_to_victim(&logs);
	child_signal(&logs.shinyd.child, SIGUSR1);
	g_assert_cmpint(shinyd_stop(&logs.shinyd), ==, 0);
	expect_unharmed(&logs);
	g_free(moved);
	finish_logs(&logs);
}

static void logs_into_no_folder_of_everybody(void)
{
	struct shinyd shinyd = { 0 };
	char *folder, *text;

	if (geteuid() != 0) {
		harness_skip("needs root");
	}
	shinyd_prepare(&shinyd);
	folder = g_build_filename(shinyd.dir, "open", NULL);
	text = g_strdup_printf("everybody may write to %s: chmod o-w it", folder);
	g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
	g_assert_cmpint(g_chmod(folder, 0777), ==, 0);
	shinyd_start(&shinyd, "[shinyd]\nlog_target = %s/log\n[server a]\nplugin = echo\n" TCP,
		     folder);
	shinyd_expect_line(&shinyd, text);
	g_assert_cmpint(shinyd_wait(&shinyd), ==, 5);
	g_free(text);
	g_free(folder);
	shinyd_finish(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/e2e/paths/only-its-own-sockets-are-removed", removes_only_its_own_sockets);
	harness_add("/e2e/paths/only-its-own-sockets-change-mode",
		    changes_the_mode_of_its_own_sockets_only);
	harness_add("/e2e/paths/no-include-holds-a-reload-up", no_include_holds_it_up);
	harness_add("/e2e/paths/no-configuration-holds-a-reload-up",
		    no_file_of_its_own_holds_a_reload_up);
	harness_add("/e2e/paths/the-start-waits-for-a-pipe", the_start_waits_for_a_pipe);
	harness_add("/e2e/paths/the-start-takes-what-a-shell-generates",
		    the_start_takes_what_a_shell_generates);
	harness_add("/e2e/paths/files-of-everybody-are-refused", trusts_no_file_of_everybody);
	harness_add("/e2e/paths/an-ordinary-user-is-warned-of-them", an_ordinary_user_is_warned);
	harness_add("/e2e/paths/libraries-of-everybody-are-refused", loads_no_library_of_everybody);
	harness_add("/e2e/paths/an-ordinary-user-is-warned-of-libraries",
		    an_ordinary_user_is_warned_of_libraries);
	harness_add("/e2e/paths/no-log-is-written-where-others-point",
		    writes_no_log_where_others_point);
	harness_add("/e2e/paths/its-log-is-opened-again-and-no-other",
		    opens_its_log_again_and_no_other);
	harness_add("/e2e/paths/no-log-in-a-folder-of-everybody", logs_into_no_folder_of_everybody);
	return harness_run();
}
