/* SPDX-License-Identifier: MIT */
/*
 * Each test has a process of its own, which the filter stays in.
 */
#include "process/syscall-filter.h"

#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <sched.h>
#include <shiny-plugin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void install(void)
{
	char error[SHINY_ERROR_MAX];

	if (!HAVE_SECCOMP) {
		harness_skip("built without libseccomp");
	}
	if (syscall_filter_install(error) < 0) {
		harness_fail("%s", error);
	}
}

static void expect_refused(const char *name, long result)
{
	if (result != -1 || errno != EPERM) {
		harness_fail("%s returned %ld: %s", name, result, strerror(errno));
	}
}

#define REFUSED(...) expect_refused(#__VA_ARGS__, syscall(__VA_ARGS__))

/* Signal 0 does nothing, and fails with EPERM only because of the filter. */
static void signals_reach_no_other_process(void)
{
	pid_t other = getppid();
	int fd = (int)syscall(SYS_pidfd_open, other, 0), ends[2];
	struct f_owner_ex owner = { F_OWNER_PID, other };

	g_assert_cmpint(kill(other, 0), ==, 0);
	g_assert_cmpint(pipe(ends), ==, 0);
	install();
	REFUSED(SYS_kill, other, 0);
	REFUSED(SYS_kill, 0, 0);
	REFUSED(SYS_kill, -1, 0);
	REFUSED(SYS_kill, -getpgrp(), 0);
	REFUSED(SYS_kill, (uint64_t)1 << 32 | (uint64_t)other, 0);
	REFUSED(SYS_tkill, other, 0);
	REFUSED(SYS_tgkill, other, other, 0);
	REFUSED(SYS_rt_sigqueueinfo, other, 0, NULL);
	REFUSED(SYS_rt_tgsigqueueinfo, other, other, 0, NULL);
	REFUSED(SYS_pidfd_open, other, 0);
	if (fd >= 0) {
		REFUSED(SYS_pidfd_send_signal, fd, 0, NULL, 0);
		REFUSED(SYS_pidfd_getfd, fd, 0, 0);
		close(fd);
	}
	REFUSED(SYS_fcntl, ends[0], F_SETOWN, other);
	REFUSED(SYS_fcntl, ends[0], (uint64_t)1 << 32 | F_SETOWN, other);
	REFUSED(SYS_fcntl, ends[0], F_SETOWN_EX, &owner);
	REFUSED(SYS_ioctl, ends[0], FIOSETOWN, &other);
	close(ends[0]);
	close(ends[1]);
}

static volatile sig_atomic_t signals;

static void count_signal(int signal_number)
{
	(void)signal_number;
	signals++;
}

static void *wait_for_end(void *arg)
{
	while (signals < 4) {
		g_usleep(1000);
	}
	return arg;
}

static void signals_reach_the_own_process(void)
{
	pthread_t thread;

	install();
	signal(SIGUSR1, count_signal);
	g_assert_cmpint(raise(SIGUSR1), ==, 0);
	g_assert_cmpint(kill(getpid(), SIGUSR1), ==, 0);
	g_assert_cmpint(pthread_create(&thread, NULL, wait_for_end, NULL), ==, 0);
	g_assert_cmpint(pthread_kill(thread, SIGUSR1), ==, 0);
	g_assert_cmpint(pthread_kill(thread, 0), ==, 0);
	g_assert_cmpint(raise(SIGUSR1), ==, 0);
	g_assert_cmpint(pthread_join(thread, NULL), ==, 0);
	g_assert_cmpint(signals, ==, 4);
}

/* Though a child of the process has another id, in which raise(3) fails. */
static void abort_ends_every_process(void)
{
	int status;
	pid_t pid;

	install();
	pid = fork();
	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL); /* no sanitizer's */
		abort();
	}
	g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
	g_assert_true(WIFSIGNALED(status));
}

static void other_processes_keep_memory_limits_and_priority(void)
{
	pid_t other = getppid();
	struct rlimit limit;
	cpu_set_t cpus;

	install();
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
	REFUSED(SYS_prlimit64, other, RLIMIT_NOFILE, &limit, NULL);
	REFUSED(SYS_process_vm_readv, other, NULL, 0, NULL, 0, 0);
	REFUSED(SYS_process_vm_writev, other, NULL, 0, NULL, 0, 0);
	REFUSED(SYS_kcmp, getpid(), getpid(), 0, 0, 0);
	if (!harness_sanitized()) {
		REFUSED(SYS_ptrace, 0, 0, 0, 0);
	}
	g_assert_cmpint(sched_getaffinity(0, sizeof(cpus), &cpus), ==, 0);
	g_assert_cmpint(sched_setaffinity(0, sizeof(cpus), &cpus), ==, 0);
	REFUSED(SYS_sched_setaffinity, other, sizeof(cpus), &cpus);
	REFUSED(SYS_setpriority, PRIO_PROCESS, other, 0);
	REFUSED(SYS_setpriority, PRIO_USER, 0, 0);
	g_assert_cmpint(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)), ==, 0);
}

/* Calls without sense, which fail otherwise where they are allowed; root may all. */
static void the_kernel_is_left_alone(void)
{
	install();
	REFUSED(SYS_mount, NULL, NULL, NULL, 0, NULL);
	REFUSED(SYS_umount2, NULL, 0);
	REFUSED(SYS_pivot_root, NULL, NULL);
	REFUSED(SYS_chroot, NULL);
	REFUSED(SYS_open_by_handle_at, -1, NULL, 0);
	REFUSED(SYS_init_module, NULL, 0, NULL);
	REFUSED(SYS_finit_module, -1, NULL, 0);
	REFUSED(SYS_delete_module, NULL, 0);
	REFUSED(SYS_kexec_load, 0, 0, NULL, 0);
	REFUSED(SYS_bpf, -1, NULL, 0);
	REFUSED(SYS_perf_event_open, NULL, 0, 0, 0, 0);
	REFUSED(SYS_userfaultfd, -1);
	REFUSED(SYS_io_uring_setup, 0, NULL);
	REFUSED(SYS_keyctl, -1, 0, 0, 0, 0);
	REFUSED(SYS_add_key, NULL, NULL, NULL, 0, 0);
	REFUSED(SYS_request_key, NULL, NULL, NULL, 0);
	REFUSED(SYS_swapon, NULL, 0);
	REFUSED(SYS_reboot, 0, 0, 0, NULL);
	REFUSED(SYS_settimeofday, NULL, NULL);
	REFUSED(SYS_clock_settime, -1, NULL);
	REFUSED(SYS_quotactl, 0, NULL, 0, NULL);
	REFUSED(SYS_acct, NULL);
}

static void there_are_no_new_namespaces(void)
{
	static const int flags[] = { CLONE_NEWNS,  CLONE_NEWUTS, CLONE_NEWIPC,	 CLONE_NEWUSER,
				     CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP };

	install();
	for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
		REFUSED(SYS_unshare, flags[i]);
		REFUSED(SYS_clone, flags[i] | SIGCHLD, NULL, NULL, NULL, NULL);
	}
	REFUSED(SYS_setns, -1, 0);
	g_assert_cmpint(syscall(SYS_clone3, NULL, 0), ==, -1);
	g_assert_cmpint(errno, ==, ENOSYS);
	g_assert_cmpint(unshare(CLONE_FS), ==, 0);
}

static void the_supervisor_is_not_outlived(void)
{
	int signal_number = 0;

	install();
	REFUSED(SYS_prctl, PR_SET_PDEATHSIG, 0);
	REFUSED(SYS_prctl, PR_SET_PDEATHSIG, SIGCONT);
	REFUSED(SYS_prctl, (uint64_t)1 << 32 | PR_SET_PDEATHSIG, 0);
	g_assert_cmpint(prctl(PR_SET_PDEATHSIG, SIGKILL), ==, 0);
	g_assert_cmpint(prctl(PR_GET_PDEATHSIG, &signal_number), ==, 0);
	g_assert_cmpint(signal_number, ==, SIGKILL);
}

#ifdef __x86_64__
/* Number 37 of i386 is kill. */
static void calls_of_i386_are_refused(void)
{
	long result;

	install();
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(37), "b"(getppid()), "c"(0) : "memory");
	g_assert_true((int)result == -EPERM || (int)result == -ENOSYS);
	REFUSED(0x40000000 + SYS_kill, getppid(), 0);
}
#endif

static void nothing_gives_new_privileges(void)
{
	install();
	g_assert_cmpint(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), ==, 1);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/syscall-filter/signals-reach-no-other-process",
		    signals_reach_no_other_process);
	harness_add("/syscall-filter/signals-reach-the-own-process", signals_reach_the_own_process);
	harness_add("/syscall-filter/abort-ends-every-process", abort_ends_every_process);
	harness_add("/syscall-filter/other-processes-keep-memory-limits-and-priority",
		    other_processes_keep_memory_limits_and_priority);
	harness_add("/syscall-filter/the-kernel-is-left-alone", the_kernel_is_left_alone);
	harness_add("/syscall-filter/there-are-no-new-namespaces", there_are_no_new_namespaces);
	harness_add("/syscall-filter/the-supervisor-is-not-outlived",
		    the_supervisor_is_not_outlived);
#ifdef __x86_64__
	harness_add("/syscall-filter/calls-of-i386-are-refused", calls_of_i386_are_refused);
#endif
	harness_add("/syscall-filter/nothing-gives-new-privileges", nothing_gives_new_privileges);
	return harness_run();
}
