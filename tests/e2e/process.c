/* SPDX-License-Identifier: MIT */
#include "process.h"

#include "harness.h"

#include <elf.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 20)

/* More is what sanitizers reserve. */
#define MAPPING_MAX ((uint64_t)256 << 20)

static char *read_raw(pid_t pid, const char *name, gsize *ret_len)
{
	char *path = g_strdup_printf("/proc/%d/%s", (int)pid, name);
	char *text;

	if (!g_file_get_contents(path, &text, ret_len, NULL)) {
		harness_skip("may not read %s", path);
	}
	g_free(path);
	return text;
}

char *process_text(pid_t pid, const char *name)
{
	gsize len;
	char *text = read_raw(pid, name, &len);

	for (gsize i = 0; i < len; i++) {
		text[i] = text[i] != '\0' ? text[i] : '\n';
	}
	return text;
}

static char *children_of(pid_t parent)
{
	char *name = g_strdup_printf("task/%d/children", (int)parent);
	char *children = process_text(parent, name);

	g_free(name);
	return children;
}

static bool is_called(pid_t pid, const char *title)
{
	char *path = g_strdup_printf("/proc/%d/cmdline", (int)pid), *text = NULL;
	bool is = g_file_get_contents(path, &text, NULL, NULL) && g_str_has_prefix(text, title);

	g_free(text);
	g_free(path);
	return is;
}

/* 0: there is none. */
static pid_t find_child(pid_t parent, const char *title)
{
	char *children = children_of(parent);
	char **pids = g_strsplit(children, " ", -1);
	pid_t found = 0;

	for (size_t i = 0; found == 0 && pids[i] != NULL; i++) {
		if (is_called(atoi(pids[i]), title)) {
			found = atoi(pids[i]);
		}
	}
	g_strfreev(pids);
	g_free(children);
	return found;
}

pid_t process_await_child(pid_t parent, const char *title)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	pid_t pid;

	while ((pid = find_child(parent, title)) == 0) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_usleep(1000);
	}
	return pid;
}

/* To execute it, and not only to look at it. */
static bool has_loaded(pid_t pid, const char *name)
{
	char *maps = process_text(pid, "maps");
	char **lines = g_strsplit(maps, "\n", -1);
	bool has = false;

	for (size_t i = 0; lines[i] != NULL; i++) {
		has = has || (strstr(lines[i], " r-xp ") != NULL && strstr(lines[i], name) != NULL);
	}
	g_strfreev(lines);
	g_free(maps);
	return has;
}

void process_await_loaded(pid_t pid, const char *name)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;

	while (!has_loaded(pid, name)) {
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		g_usleep(1000);
	}
}

void process_await_end(int pidfd)
{
	struct pollfd wait = { pidfd, POLLIN, 0 };

	g_assert_cmpint(poll(&wait, 1, HARNESS_PATIENCE_MS), ==, 1);
}

uint64_t process_base(pid_t pid, const char *name)
{
	char *maps = process_text(pid, "maps");
	char **lines = g_strsplit(maps, "\n", -1);
	uint64_t base = 0;

	for (size_t i = 0; base == 0 && lines[i] != NULL; i++) {
		if (strstr(lines[i], name) != NULL) {
			base = g_ascii_strtoull(lines[i], NULL, 16);
		}
	}
	g_assert_cmphex(base, !=, 0);
	g_strfreev(lines);
	g_free(maps);
	return base;
}

static int open_memory(pid_t pid)
{
	char *path = g_strdup_printf("/proc/%d/mem", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		harness_skip("may not read %s", path);
	}
	g_free(path);
	return fd;
}

void process_random(pid_t pid, uint8_t ret_bytes[16])
{
	gsize len;
	char *data = read_raw(pid, "auxv", &len);
	const Elf64_auxv_t *entry = (const Elf64_auxv_t *)(void *)data;
	int fd = open_memory(pid);

	if (sizeof(void *) != 8) {
		harness_skip("is written for 64 bits");
	}
	while (entry->a_type != AT_RANDOM) {
		g_assert_cmpuint(entry->a_type, !=, AT_NULL);
		entry++;
	}
	g_assert_cmpint(pread(fd, ret_bytes, 16, (off_t)entry->a_un.a_val), ==, 16);
	close(fd);
	g_free(data);
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *process_descriptors(pid_t pid)
{
	char *path = g_strdup_printf("/proc/%d/fd", (int)pid);
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	GString *text = g_string_new(NULL);
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	if (dir == NULL) {
		harness_skip("may not read %s", path);
	}
	while ((name = g_dir_read_name(dir)) != NULL) {
		char *entry = g_build_filename(path, name, NULL);
		char *target = g_file_read_link(entry, NULL);

		if (target != NULL &&
		    (g_str_has_prefix(target, "pipe:") || g_str_has_prefix(target, "socket:"))) {
			*strchr(target, ':') = '\0';
		}
		g_ptr_array_add(list, atoi(name) <= STDERR_FILENO
					      ? g_strdup_printf("%s %s", name, target)
					      : g_strdup(target));
		g_free(entry);
		g_free(target);
	}
	g_dir_close(dir);
	g_ptr_array_sort(list, compare_texts);
	for (guint i = 0; i < list->len; i++) {
		g_string_append_printf(text, "%s\n", (const char *)list->pdata[i]);
	}
	g_ptr_array_unref(list);
	g_free(path);
	return g_string_free(text, FALSE);
}

static bool is_in_range(int fd, uint64_t begin, uint64_t end, const char *text)
{
	size_t len = strlen(text);
	char *buf = g_malloc(CHUNK + len);
	bool found = false;

	for (uint64_t at = begin; !found && at < end; at += CHUNK) {
		ssize_t n = pread(fd, buf, MIN(CHUNK + len, end - at), (off_t)at);

		found = n > 0 && memmem(buf, (size_t)n, text, len) != NULL;
	}
	g_free(buf);
	return found;
}

bool process_has_in_memory(pid_t pid, const char *text)
{
	char *maps = process_text(pid, "maps");
	char **lines = g_strsplit(maps, "\n", -1);
	int fd = open_memory(pid);
	bool found = false;

	for (size_t i = 0; !found && lines[i] != NULL; i++) {
		unsigned long long begin, end;
		char readable;

		if (sscanf(lines[i], "%llx-%llx %c", &begin, &end, &readable) == 3 &&
		    readable == 'r' && end - begin <= MAPPING_MAX) {
			found = is_in_range(fd, begin, end, text);
		}
	}
	close(fd);
	g_strfreev(lines);
	g_free(maps);
	return found;
}
