/* SPDX-License-Identifier: MIT */
/*
 * A worker: first it gives up what it has inherited and does not need, then it serves.
 *
 * Signals, descriptors and the user come first; the plugin is loaded by a process that has nothing
 * of anybody else's.
 */
#include "worker/worker.h"

#include "ipc/channel.h"
#include "process/memory-limit.h"
#include "service/service-manager.h"
#include "worker/crash.h"
#include "worker/drain.h"
#include "worker/host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const int drain_signals[] = { SIGTERM, 0 };

/* Where the worker's log lines go. */
struct outbox {
	int channel;
	atomic_uint lost; /* lines that the channel had no room for */
};

static void send_log(void *ctx, enum shiny_log_level level, const char *text)
{
	struct outbox *outbox = ctx;
	unsigned lost = atomic_exchange(&outbox->lost, 0);

	if (lost > 0) {
		char line[64];

		snprintf(line, sizeof(line), "%u lines of the log were lost here", lost);
		if (channel_send(outbox->channel, MESSAGE_LOG, SHINY_LOG_WARNING, line) < 0) {
			atomic_fetch_add(&outbox->lost, lost);
		}
	}
	if (channel_send(outbox->channel, MESSAGE_LOG, level, text) < 0) {
		atomic_fetch_add(&outbox->lost, 1);
	}
}

/*
 * Signals of the terminal and those that are meant for the supervisor are ignored. So are SIGPIPE
 * and SIGXFSZ: write(2) reports the same by errno. Signals that whoever started us ignores, as
 * shells do for what runs in the background, get their default action again.
 */
static void reset_signals(void)
{
	static const int ignored[] = { SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGXFSZ };
	static const int usual[] = { SIGCHLD, SIGQUIT, SIGALRM };
	sigset_t term_only;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		signal(ignored[i], SIG_IGN);
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		signal(usual[i], SIG_DFL);
	}
	sigemptyset(&term_only);
	sigaddset(&term_only, SIGTERM);
	sigprocmask(SIG_SETMASK, &term_only, NULL); /* until there is a server to drain */
}

/* The lower one of @next and @candidate, as far as it is not below @fd. */
static int min_descriptor(int candidate, int next, int fd)
{
	return candidate >= fd && candidate < next ? candidate : next;
}

/* The lowest descriptor from @fd on that the worker needs; INT_MAX if there is none. */
static int next_kept(const struct worker_job *job, int channel, int fd)
{
	int next = min_descriptor(channel, INT_MAX, fd);

	for (size_t i = 0; i < job->sockets->count; i++) {
		next = min_descriptor(job->sockets->all[i]->fd, next, fd);
	}
	for (unsigned i = 0; i < job->siblings.count; i++) {
		next = min_descriptor(job->siblings.wakeups[i], next, fd);
	}
	return next;
}

/* Otherwise what the supervisor holds for others would stay open as long as this worker lives. */
static void close_others(const struct worker_job *job, int channel)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int kept = STDERR_FILENO;

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
	}
	while (kept < INT_MAX) {
		int first = kept + 1;

		kept = next_kept(job, channel, first);
		if (kept > first) {
			close_range((unsigned)first, (unsigned)kept - 1, 0);
		}
	}
}

/* No worker outlives its supervisor. The change of user resets this, so it comes after. */
static void die_with_supervisor(pid_t supervisor)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != supervisor) {
		_exit(EXIT_CODE_RUNTIME); /* it died before */
	}
}

static int fail(int channel, const char *error)
{
	channel_send(channel, MESSAGE_FAILED, 0, error);
	return EXIT_CODE_PLUGIN;
}

/* Returns what the process exits with. */
static int serve(const struct worker_job *job, struct host *host, int channel)
{
	char text[LOG_LINE_MAX];
	int r;

	r = host_load(host, job->sockets, text);
	if (r < 0 && drain_requested()) {
		return EXIT_CODE_OK; /* nobody listens there any more */
	}
	if (r < 0) {
		return fail(channel, text);
	}
	host_describe(host, text, sizeof(text));
	channel_send(channel, MESSAGE_READY, 0, text);

	r = shiny_server_run(host->server);
	if (r < 0) {
		log_write(SHINY_LOG_ERROR, "[%s] the server stopped: %s", job->section->title,
			  strerror(-r));
		return EXIT_CODE_RUNTIME;
	}
	return EXIT_CODE_OK;
}

/* Returns what the process exits with. */
static int run_section(const struct worker_job *job, unsigned index, const struct pages *pages,
		       int channel)
{
	const struct sibling sibling = { &job->siblings, index };
	int64_t memory = job->section->values[SERVER_MEMORY].number;
	char error[SHINY_ERROR_MAX], text[LOG_LINE_MAX];
	struct host *host;
	int code;

	if (memory > 0 && memory_limit_set(memory) < 0) {
		return fail(channel, "its memory cannot be limited");
	}
	if (host_create(job->section, pages->shared, &sibling, error, &host) < 0) {
		snprintf(text, sizeof(text), "%s: %s", job->section->plugin.path, error);
		return fail(channel, text);
	}
	drain_on_signals(drain_signals, host->server, &pages->control->drain_timeout_ms);
	code = serve(job, host, channel);
	drain_ignore(drain_signals);
	host_destroy(host);
	if (code == EXIT_CODE_OK) {
		channel_send(channel, MESSAGE_ENDED,
			     drain_requested() ? END_BY_SIGNAL : END_BY_PLUGIN, "");
	}
	return code;
}

int worker_main(const struct worker_job *job, unsigned index, const struct pages *pages,
		int channel, pid_t supervisor)
{
	/* Never freed: exit handlers of the plugin may log until the process is gone. */
	struct outbox *outbox = calloc(1, sizeof(*outbox));
	char error[SHINY_ERROR_MAX];
	int code;

	if (outbox == NULL) {
		return fail(channel, strerror(ENOMEM));
	}
	outbox->channel = channel;
	log_close();
	log_set_sink(send_log, outbox);
	log_set_level_source(&pages->control->log_level);
	service_manager_unset_environment();
	reset_signals();
	close_others(job, channel);
	if (privileges_drop(job->privileges, error) < 0) {
		return fail(channel, error);
	}
	die_with_supervisor(supervisor);
	prctl(PR_SET_NAME, job->section->title); /* for ps and top */

	crash_install(channel, job->section->values[SERVER_MEMORY].number);
	code = run_section(job, index, pages, channel);
	crash_uninstall();
	return code;
}
