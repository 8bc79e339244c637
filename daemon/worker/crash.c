/* SPDX-License-Identifier: MIT */
/*
 * Fatal signals and exits, reported.
 *
 * The process is broken when this runs. Where it happened is sent first, as that takes nothing but
 * send(2). The backtrace may fail in its turn, or hang on the dynamic linker's lock, for which
 * there is an alarm. Then the signal takes its course.
 *
 * A child that a plugin forks inherits all of this, and reports nothing.
 *
 * A signal handler finds its context nowhere else: hence the one static structure here, and the
 * stack that it runs on.
 */
#include "worker/crash.h"

#include "ipc/channel.h"
#include "ipc/stats.h"
#include "process/memory-limit.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAMES_MAX	  32
#define BACKTRACE_SECONDS 2

/* The first frames are ours: two functions below, and the kernel's frame or libc's exit(3). */
#define FRAMES_OWN 3

static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };

#define FATAL_SIGNALS (sizeof(fatal_signals) / sizeof(fatal_signals[0]))

/* A signal handler finds its context nowhere else. */
static struct {
	pid_t process; /* that is watched; 0: none any more */
	int channel;
	int64_t memory;
	const void *program; /* where it begins in memory */
	int signal;	     /* that is dealt with; 0: it is an exit */
	const struct shiny_stats *volatile stats;
	const char *volatile function;
	struct sigaction previous[FATAL_SIGNALS];
} crash;

void crash_set_stats(const struct shiny_stats *stats)
{
	crash.stats = stats;
}

void crash_set_function(const char *function)
{
	crash.function = function;
}

/* The function that ran, to stand behind "in"; "" if it is not known. */
static const char *running_function(void)
{
	const struct shiny_stats *stats = crash.stats;
	const char *event;

	if (gettid() != getpid()) {
		return "a thread of its own";
	}
	event = stats != NULL ? stats_running_event(stats) : NULL;
	if (event != NULL) {
		return event;
	}
	return crash.function != NULL ? crash.function : "";
}

/* That of the program is argv[0], which is for ps(1) and names no file. */
static const char *file_name(const Dl_info *info)
{
	return info->dli_fbase == crash.program ? "shinyd" : basename(info->dli_fname);
}

/* "echo.so+0x11d9 (handle+0x29)": the offset is what addr2line wants. */
static void send_frame(const void *address)
{
	const char *pc = address;
	char text[256];
	Dl_info info;

	if (dladdr(address, &info) == 0 || info.dli_fname == NULL) {
		snprintf(text, sizeof(text), "%p", address);
	} else if (info.dli_sname == NULL) {
		snprintf(text, sizeof(text), "%s+0x%tx", file_name(&info),
			 pc - (const char *)info.dli_fbase);
	} else {
		snprintf(text, sizeof(text), "%s+0x%tx (%s+0x%tx)", file_name(&info),
			 pc - (const char *)info.dli_fbase, info.dli_sname,
			 pc - (const char *)info.dli_saddr);
	}
	channel_send(crash.channel, MESSAGE_FRAME, 0, text);
}

static void unblock(int signal_number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal_number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* The backtrace hangs: the process ends without the rest of it. */
static void on_alarm(int signal_number)
{
	(void)signal_number;
	if (crash.signal == 0) {
		_exit(EXIT_FAILURE);
	}
	unblock(crash.signal);
	raise(crash.signal);
}

static void guard_backtrace(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	unblock(SIGALRM);
	alarm(BACKTRACE_SECONDS);
}

/*
 * Whether the process died of its memory limit. One request may be larger than what is left below
 * the limit; then errno still has what malloc(3), or whatever failed last, reported.
 */
static bool at_memory_limit(int error)
{
	return crash.memory > 0 &&
	       (error == ENOMEM || memory_limit_reached(getpid(), crash.memory));
}

/* Not inlined, for the sake of FRAMES_OWN. */
__attribute__((noinline)) static void report(void)
{
	int error = errno;
	void *frames[FRAMES_MAX];
	int n;

	if (getpid() != crash.process) {
		return;
	}
	channel_send(crash.channel, MESSAGE_CRASH, at_memory_limit(error), running_function());
	guard_backtrace();
	n = backtrace(frames, FRAMES_MAX);
	for (int i = FRAMES_OWN; i < n; i++) {
		send_frame(frames[i]);
	}
	alarm(0);
}

/* Restores what would have happened without us; a fault happens again when the handler returns. */
static void restore_handlers(void)
{
	for (size_t i = 0; i < FATAL_SIGNALS; i++) {
		sigaction(fatal_signals[i], &crash.previous[i], NULL);
	}
}

static void on_fatal_signal(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	crash.signal = signal_number;
	restore_handlers();
	report();
	if (info->si_code <= 0) {
		raise(signal_number); /* it was sent, and would not come again by itself */
	}
}

void crash_uninstall(void)
{
	crash.process = 0;
}

void crash_install(int channel, int64_t memory)
{
	/* An overflow of the stack leaves no room on it. */
	static char stack[64 * 1024];
	stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_sigaction = on_fatal_signal,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK };
	void *warm[1];
	Dl_info info;

	if (dladdr(fatal_signals, &info) != 0) {
		crash.program = info.dli_fbase;
	}
	crash.process = getpid();
	crash.channel = channel;
	crash.memory = memory;
	backtrace(warm, 1); /* the first call loads a library: not from a handler */
	atexit(report);
	sigaltstack(&alternative, NULL);
	for (size_t i = 0; i < FATAL_SIGNALS; i++) {
		sigaction(fatal_signals[i], &action, &crash.previous[i]);
	}
}
