/* SPDX-License-Identifier: MIT */
/*
 * What a plugin says to its section of the file, found out in a child process.
 *
 * The child writes its findings to a pipe, one a line: what it is, a line of the file, a text. That
 * the last one is there shows that it came to the end.
 */
#include "probe.h"

#include "clock.h"
#include "plugin-path.h"
#include "plugin.h"
#include "wait-status.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Constructors and a check without side effects have no business that takes longer. */
#define PROBE_TIMEOUT_MS 10000

enum finding {
	FINDING_PROBLEM, /* + enum problem_kind */
	FINDING_NAME = FINDING_PROBLEM + PROBLEM_KIND_MAX,
	FINDING_VERSION,
	FINDING_FLAGS,
	FINDING_DONE,
};

static void tell(int fd, unsigned finding, unsigned line, const char *text)
{
	char *one_line = g_strdelimit(g_strdup(text), "\n", ' ');

	dprintf(fd, "%u %u %s\n", finding, line, one_line);
	g_free(one_line);
}

static void tell_all(int fd, const struct problems *problems, const struct plugin *plugin)
{
	char flags[16];

	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->all[i];

		tell(fd, FINDING_PROBLEM + problem->kind, problem->line, problem->text);
	}
	if (plugin->object != NULL) {
		g_snprintf(flags, sizeof(flags), "%u", plugin->info.flags);
		tell(fd, FINDING_NAME, 0, plugin->info.name);
		tell(fd, FINDING_VERSION, 0, plugin->info.version);
		tell(fd, FINDING_FLAGS, 0, flags);
	}
	tell(fd, FINDING_DONE, 0, "");
}

/* What the plugin itself knows of its parameters; only asked if each of them is right. */
static void run_check(const struct config_section *server, const struct plugin *plugin,
		      const struct shiny_value *values, struct problems *problems)
{
	char error[SHINY_ERROR_MAX] = "its check failed without a word";

	if (problems->count == 0 && plugin->info.check != NULL &&
	    plugin->info.check(values, error) < 0) {
		problems_add(problems, PROBLEM_CONFIG, &server->place, "%s", error);
	}
}

static void check_parameters(struct config_section *server, const struct plugin *plugin,
			     struct problems *problems)
{
	const struct place workers = config_place(server, SERVER_WORKERS);
	struct shiny_value *values = g_new(struct shiny_value, plugin->n_keys + 1);

	settings_read(&server->settings, plugin->keys, plugin->n_keys, &server->place, problems,
		      values);
	settings_report_unknown(&server->settings, server->keys, server->n_keys, plugin->keys,
				plugin->n_keys, &server->place, problems);
	if ((plugin->info.flags & SHINY_PLUGIN_EXCLUSIVE) != 0 &&
	    server->values[SERVER_WORKERS].number > 1) {
		problems_add(problems, PROBLEM_CONFIG, &workers, "workers: %s allows only one",
			     plugin->info.name);
	}
	run_check(server, plugin, values, problems);
	g_free(values);
}

/* The child. */
static void probe(struct config_section *server, const struct privileges *privileges, int to)
{
	const struct place place = config_place(server, SERVER_PLUGIN);
	struct problems problems = PROBLEMS_INIT;
	struct plugin plugin = { 0 };
	char error[SHINY_ERROR_MAX];

	if (privileges_drop(privileges, error) < 0) {
		problems_add(&problems, PROBLEM_BIND, &server->place, "%s", error);
	} else if (plugin_load(server->plugin.path, &plugin, error) < 0) {
		problems_add(&problems, PROBLEM_PLUGIN, &place, "%s", error);
	} else {
		check_parameters(server, &plugin, &problems);
	}
	tell_all(to, &problems, &plugin);
}

static pid_t start_probe(struct config_section *server, const struct privileges *privileges,
			 int *ret_from)
{
	pid_t parent = getpid();
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		return -1;
	}
	fflush(NULL); /* lest the child write it again */
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent) {
			probe(server, privileges, ends[1]);
		}
		_exit(EXIT_CODE_OK); /* without the exit handlers of a plugin that was not used */
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -1;
	}
	*ret_from = ends[0];
	return pid;
}

/* All that comes before the end or the deadline; false if the deadline was first. */
static bool read_findings(int fd, GString *ret_text)
{
	int64_t deadline_ms = clock_now_ms() + PROBE_TIMEOUT_MS;
	struct pollfd wait = { fd, POLLIN, 0 };
	char buf[4096];
	ssize_t n;

	do {
		int64_t left_ms = deadline_ms - clock_now_ms();

		if (left_ms <= 0 || poll(&wait, 1, (int)left_ms) == 0) {
			return false;
		}
		n = read(fd, buf, sizeof(buf));
		g_string_append_len(ret_text, buf, MAX(n, 0));
	} while (n > 0 || (n < 0 && errno == EINTR));
	return true;
}

static void take_finding(struct config_section *server, const char *text, struct problems *problems,
			 bool *ret_done)
{
	struct place place = { server->place.file, NULL, 0 };
	struct plugin_facts *plugin = &server->plugin;
	char *rest;
	unsigned finding = (unsigned)strtoul(text, &rest, 10);

	place.line = (unsigned)strtoul(rest, &rest, 10);
	text = *rest == ' ' ? rest + 1 : rest;
	switch (finding) {
	case FINDING_NAME:
		plugin->name = g_strdup(text);
		break;
	case FINDING_VERSION:
		plugin->version = g_strdup(text);
		break;
	case FINDING_FLAGS:
		plugin->flags = (unsigned)strtoul(text, NULL, 10);
		break;
	case FINDING_DONE:
		*ret_done = true;
		break;
	default:
		problems_add(problems, (enum problem_kind)(finding - FINDING_PROBLEM), &place, "%s",
			     text);
	}
}

/* Returns whether the child came to its end. */
static bool take_findings(struct config_section *server, const char *text,
			  struct problems *problems)
{
	char **lines = g_strsplit(text, "\n", -1);
	bool done = false;

	for (size_t i = 0; lines[i] != NULL; i++) {
		if (*lines[i] != '\0') {
			take_finding(server, lines[i], problems, &done);
		}
	}
	g_strfreev(lines);
	return done;
}

static void run_probe(struct config_section *server, const struct privileges *privileges,
		      struct problems *problems)
{
	const struct place place = config_place(server, SERVER_PLUGIN);
	GString *findings;
	char how[128];
	bool in_time;
	int from, status;
	pid_t pid = start_probe(server, privileges, &from);

	if (pid < 0) {
		problems_add(problems, PROBLEM_PLUGIN, &place,
			     "cannot start a process to load the plugin in: %s", strerror(errno));
		return;
	}
	findings = g_string_new(NULL);
	in_time = read_findings(from, findings);
	close(from);
	if (!in_time) {
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (!in_time) {
		problems_add(problems, PROBLEM_PLUGIN, &place,
			     "%s was not loaded and checked within %d s", server->plugin.path,
			     PROBE_TIMEOUT_MS / 1000);
	} else if (!take_findings(server, findings->str, problems)) {
		wait_status_describe(status, how, sizeof(how));
		problems_add(problems, PROBLEM_PLUGIN, &place,
			     "%s: the process that loaded and checked it %s", server->plugin.path,
			     how);
	}
	g_string_free(findings, TRUE);
}

void probe_plugin(struct config_section *server, char *const *folders,
		  const struct privileges *privileges, struct problems *problems)
{
	const struct place place = config_place(server, SERVER_PLUGIN);
	const char *name = server->values[SERVER_PLUGIN].text;
	char error[SHINY_ERROR_MAX];

	if (name == NULL) {
		return; /* that it is missing has been said */
	}
	server->plugin.path = plugin_path_find(folders, name, error);
	if (server->plugin.path == NULL) {
		problems_add(problems, PROBLEM_PLUGIN, &place, "%s", error);
		return;
	}
	run_probe(server, privileges, problems);
}
