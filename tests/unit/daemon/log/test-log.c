/* SPDX-License-Identifier: MIT */
/*
 * What a line of the log looks like, by target.
 */
#include "harness.h"
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that stands for stderr until uncapture(). */
struct capture {
	char *dir;
	char *path;
	int saved;
};

static void capture(struct capture *capture)
{
	int fd;

	capture->dir = harness_make_dir();
	capture->path = g_build_filename(capture->dir, "stderr", NULL);
	capture->saved = dup(STDERR_FILENO);
	fd = open(capture->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	g_assert_cmpint(dup2(fd, STDERR_FILENO), ==, STDERR_FILENO);
	close(fd);
}

/* What was written, for g_free(). */
static char *uncapture(struct capture *capture)
{
	char *text;

	dup2(capture->saved, STDERR_FILENO);
	close(capture->saved);
	g_assert_true(g_file_get_contents(capture->path, &text, NULL, NULL));
	g_free(capture->path);
	harness_remove_dir(capture->dir);
	return text;
}

static void expect_captured(struct capture *capture, const char *expected)
{
	char *text = uncapture(capture);

	g_assert_cmpstr(text, ==, expected);
	g_free(text);
}

static void writes_plain_lines(void)
{
	struct capture stderr_file;

	capture(&stderr_file);
	g_assert_cmpint(log_open("stderr"), ==, 0);
	log_write(SHINY_LOG_NOTICE, "hello %d", 1);
	log_write(SHINY_LOG_WARNING, "beware");
	log_write(SHINY_LOG_ERROR, "alas");
	expect_captured(&stderr_file,
			"shinyd: hello 1\nshinyd: warning: beware\nshinyd: error: alas\n");
}

static void keeps_to_its_level(void)
{
	struct capture stderr_file;

	capture(&stderr_file);
	log_write(SHINY_LOG_DEBUG, "unseen");
	log_set_level(SHINY_LOG_WARNING);
	log_write(SHINY_LOG_NOTICE, "unseen");
	log_write(SHINY_LOG_WARNING, "seen");
	log_set_level(SHINY_LOG_DEBUG);
	log_write(SHINY_LOG_DEBUG, "seen");
	expect_captured(&stderr_file, "shinyd: warning: seen\nshinyd: debug: seen\n");
}

/* JOURNAL_STREAM names the file that stderr is when it is the journal. */
static void prefixes_for_the_journal(void)
{
	struct capture stderr_file;
	struct stat st;
	char *stream;

	capture(&stderr_file);
	g_assert_cmpint(fstat(STDERR_FILENO, &st), ==, 0);
	stream = g_strdup_printf("%llu:%llu", (unsigned long long)st.st_dev,
				 (unsigned long long)st.st_ino);
	g_setenv("JOURNAL_STREAM", stream, TRUE);
	g_assert_cmpint(log_open("auto"), ==, 0);
	log_write(SHINY_LOG_INFO, "one");
	log_write(SHINY_LOG_ERROR, "two");

	g_setenv("JOURNAL_STREAM", "1:2", TRUE); /* another one's */
	g_assert_cmpint(log_open("auto"), ==, 0);
	log_write(SHINY_LOG_INFO, "three");
	expect_captured(&stderr_file, "<6>one\n<3>two\nshinyd: three\n");
	g_free(stream);
}

static void writes_one_line_a_message(void)
{
	struct capture stderr_file;
	char *text = g_strnfill(10000, 'x');
	char *captured;

	capture(&stderr_file);
	log_write(SHINY_LOG_INFO, "a\nb\x1b[31m");
	log_write(SHINY_LOG_INFO, "%s", text);
	captured = uncapture(&stderr_file);
	g_assert_true(g_str_has_prefix(captured, "shinyd: a?b?[31m\nshinyd: xxx"));
	g_assert_true(g_str_has_suffix(captured, "xxx\n"));
	g_assert_cmpuint(strlen(captured), <=, strlen("shinyd: a?b?[31m\n") + LOG_LINE_MAX);
	g_free(captured);
	g_free(text);
}

static void refuses_targets(void)
{
	g_assert_cmpint(log_open("/nowhere/log"), ==, -ENOENT);
	g_assert_cmpint(log_open("nowhere"), ==, -EINVAL);
}

static void survives_a_full_target(void)
{
	if (access("/dev/full", W_OK) < 0) {
		harness_skip("there is no /dev/full here");
	}
	g_assert_cmpint(log_open("/dev/full"), ==, 0);
	log_write(SHINY_LOG_INFO, "lost");
	log_close();
}

/* One that takes part of a line, and later on more. */
static void never_glues_lines(void)
{
	struct rlimit limit;
	rlim_t before;
	char *dir = harness_make_dir();
	char *path = g_build_filename(dir, "log", NULL);
	char *text;

	signal(SIGXFSZ, SIG_IGN);
	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	before = limit.rlim_cur;
	g_assert_cmpint(log_open(path), ==, 0);
	limit.rlim_cur = 20;
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	log_write(SHINY_LOG_INFO, "cut off");
	log_write(SHINY_LOG_INFO, "lost");
	limit.rlim_cur = before;
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	log_write(SHINY_LOG_INFO, "whole");
	log_close();
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_assert_true(
		g_regex_match_simple("^[^\n]{20}\n"
				     "[^\n]+ shinyd: warning: 2 lines of the log were lost here\n"
				     "[^\n]+ shinyd: whole\n$",
				     text, 0, 0));
	g_free(text);
	g_free(path);
	harness_remove_dir(dir);
}

/* Until there is room again; the others, which found none, are counted behind them. */
static void keeps_errors(void)
{
	int saved = dup(STDERR_FILENO);
	char text[4096];
	ssize_t n;
	int ends[2];

	g_assert_cmpint(pipe2(ends, O_NONBLOCK), ==, 0);
	g_assert_cmpint(dup2(ends[1], STDERR_FILENO), ==, STDERR_FILENO);
	g_assert_cmpint(log_open("stderr"), ==, 0);
	for (int i = 0; i < 2000; i++) {
		log_write(SHINY_LOG_NOTICE, "%0100d", i);
	}
	g_assert_false(log_flush());
	log_write(SHINY_LOG_ERROR, "the first");
	log_write(SHINY_LOG_NOTICE, "between them");
	log_write(SHINY_LOG_ERROR, "the second");
	g_assert_false(log_flush());
	while (read(ends[0], text, sizeof(text)) > 0) {
	}
	g_assert_true(log_flush());
	n = read(ends[0], text, sizeof(text) - 1);
	g_assert_cmpint(n, >, 0);
	text[n] = '\0';
	g_assert_true(
		g_regex_match_simple("^shinyd: error: the first\n"
				     "shinyd: error: the second\n"
				     "shinyd: warning: [0-9]+ lines of the log were lost here\n$",
				     text, 0, 0));
	log_close();
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
}

/* They are few: who never makes room finds them counted with the rest. */
static void keeps_no_endless_errors(void)
{
	char *dir = harness_make_dir();
	char *path = g_build_filename(dir, "log", NULL);
	char *line = g_strnfill(1000, 'x');
	char *text, *losses, **lines;
	guint count;

	if (access("/dev/full", W_OK) < 0) {
		harness_skip("there is no /dev/full here");
	}
	g_assert_cmpint(log_open("/dev/full"), ==, 0);
	for (int i = 0; i < 100; i++) {
		log_write(SHINY_LOG_ERROR, "%s", line);
	}
	g_assert_cmpint(log_open(path), ==, 0);
	g_assert_true(log_flush());
	log_close();
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	lines = g_strsplit(text, "\n", -1);
	count = g_strv_length(lines) - 2; /* what tells of the others, and nothing */
	g_assert_cmpuint(count, >, 10);
	g_assert_cmpuint(count, <, 20);
	losses = g_strdup_printf("%u lines of the log were lost here", 100 - count);
	g_assert_nonnull(strstr(lines[count], losses));
	g_strfreev(lines);
	g_free(losses);
	g_free(text);
	g_free(line);
	g_free(path);
	harness_remove_dir(dir);
}

/* More lines into @end than what is behind it holds, of which @other takes nothing before. */
static void expect_no_wait(int end, int other)
{
	int saved = dup(STDERR_FILENO);
	char *line = g_strnfill(2000, 'x');
	char first[4];

	g_assert_cmpint(dup2(end, STDERR_FILENO), ==, STDERR_FILENO);
	g_assert_cmpint(log_open("stderr"), ==, 0);
	for (int i = 0; i < 1000; i++) {
		log_write(SHINY_LOG_INFO, "%s", line);
	}
	/* Others who write there are not told by errors. */
	g_assert_cmpint(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, ==, 0);
	log_close();
	dup2(saved, STDERR_FILENO);
	g_assert_cmpint(read(other, first, sizeof(first)), ==, sizeof(first));
	close(saved);
	close(end);
	close(other);
	g_free(line);
}

static void waits_for_no_reader(void)
{
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	expect_no_wait(ends[1], ends[0]);
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ==, 0);
	expect_no_wait(ends[1], ends[0]);
}

static void refuses_fifos_without_reader(void)
{
	char *dir = harness_make_dir();
	char *path = g_build_filename(dir, "fifo", NULL);

	g_assert_cmpint(mkfifo(path, 0600), ==, 0);
	g_assert_cmpint(log_open(path), ==, -ENXIO);
	g_free(path);
	harness_remove_dir(dir);
}

static void note(void *ctx, enum shiny_log_level level, const char *text)
{
	g_string_append_printf(ctx, "%d %s\n", (int)level, text);
}

static void diverts(void)
{
	GString *seen = g_string_new(NULL);

	log_set_sink(note, seen);
	log_write(SHINY_LOG_DEBUG, "below the level");
	log_write(SHINY_LOG_ERROR, "two\nlines");
	log_set_sink(NULL, NULL);
	g_assert_cmpstr(seen->str, ==, "4 two?lines\n");
	g_string_free(seen, TRUE);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/log/stderr/plain-lines", writes_plain_lines);
	harness_add("/log/stderr/a-message-is-one-line", writes_one_line_a_message);
	harness_add("/log/level/nothing-below-it", keeps_to_its_level);
	harness_add("/log/auto/priorities-where-stderr-is-the-journal", prefixes_for_the_journal);
	harness_add("/log/file/refused-with-a-reason", refuses_targets);
	harness_add("/log/file/full-disk-is-survived", survives_a_full_target);
	harness_add("/log/file/lines-are-never-glued-together", never_glues_lines);
	harness_add("/log/full/errors-wait-for-room", keeps_errors);
	harness_add("/log/full/no-more-errors-than-there-is-room-for", keeps_no_endless_errors);
	harness_add("/log/file/a-fifo-without-reader-is-refused", refuses_fifos_without_reader);
	harness_add("/log/stderr/waits-for-no-reader", waits_for_no_reader);
	harness_add("/log/divert/gets-the-lines-of-the-level", diverts);
	return harness_run();
}
