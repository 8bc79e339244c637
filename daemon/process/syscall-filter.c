/* SPDX-License-Identifier: MIT */
/*
 * System calls that are refused, as one table: a row is a call, or a call with one argument that is
 * looked at, and says why.
 *
 * What is not in the table is allowed: which calls a plugin needs for its work nobody can know, and
 * whoever runs shinyd can allow fewer, as its unit does. A row by another process's id compares the
 * whole register: what has more than an id in it is another's. A row by a command or by flags looks
 * at those bits that the kernel looks at.
 */
#include "process/syscall-filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <shiny-plugin.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifdef __s390__
#define CLONE_FLAGS 1 /* which argument */
#else
#define CLONE_FLAGS 0
#endif

#define WORD UINT64_C(0xffffffff)
#define CLONE_NEW                                                                      \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

enum condition {
	ALWAYS,
	OTHERS,	  /* the argument is not the process's own id */
	NOT_ZERO, /* which would be the calling thread */
	NOT,	  /* the argument is not the value */
	IS,	  /* it is, in its lower half */
	ANY_BIT,  /* it has any bit of the value */
};

struct row {
	const char *name;
	enum condition condition;
	unsigned argument;
	uint64_t value;
};

static const struct row rows[] = {
	/* Signals to others: to the supervisor, and to workers of other sections of the same user. */
	{ "kill", OTHERS, 0 },
	{ "tkill", OTHERS, 0 },
	{ "tgkill", OTHERS, 0 },
	{ "rt_sigqueueinfo", OTHERS, 0 },
	{ "rt_tgsigqueueinfo", OTHERS, 0 },
	{ "pidfd_send_signal", ALWAYS },
	/* The same by a descriptor, which sends any signal to its owner when it becomes ready. */
	{ "fcntl", IS, 1, F_SETOWN },
	{ "fcntl", IS, 1, F_SETOWN_EX },
	{ "fcntl64", IS, 1, F_SETOWN },
	{ "fcntl64", IS, 1, F_SETOWN_EX },
	{ "ioctl", IS, 1, FIOSETOWN },
	{ "ioctl", IS, 1, SIOCSPGRP },
	/* And into the terminal that shinyd was started at. */
	{ "ioctl", IS, 1, TIOCSTI },
	{ "ioctl", IS, 1, TIOCLINUX },

	/* Descriptors and memory of other processes. */
	{ "pidfd_open", OTHERS, 0 },
	{ "pidfd_getfd", ALWAYS },
	{ "process_vm_readv", ALWAYS },
	{ "process_vm_writev", ALWAYS },
	{ "process_madvise", ALWAYS },
	{ "process_mrelease", ALWAYS },
	{ "kcmp", ALWAYS },
#if !SHINYD_SANITIZED /* whose leak check traces the process that it runs in */
	{ "ptrace", ALWAYS },
#endif

	/* Limits and scheduling of other processes: a limit of 0 descriptors is as good as a kill. */
	{ "prlimit64", NOT_ZERO, 0 },
	{ "sched_setaffinity", NOT_ZERO, 0 },
	{ "sched_setattr", NOT_ZERO, 0 },
	{ "sched_setparam", NOT_ZERO, 0 },
	{ "sched_setscheduler", NOT_ZERO, 0 },
	{ "setpriority", NOT_ZERO, 0 }, /* of a group, or of a user */
	{ "setpriority", NOT_ZERO, 1 },
	{ "ioprio_set", NOT, 0, 1 /* IOPRIO_WHO_PROCESS */ },
	{ "ioprio_set", NOT_ZERO, 1 },
	{ "migrate_pages", NOT_ZERO, 0 },
	{ "move_pages", NOT_ZERO, 0 },

	/* What is mounted where. */
	{ "chroot", ALWAYS },
	{ "fsconfig", ALWAYS },
	{ "fsmount", ALWAYS },
	{ "fsopen", ALWAYS },
	{ "fspick", ALWAYS },
	{ "mount", ALWAYS },
	{ "mount_setattr", ALWAYS },
	{ "move_mount", ALWAYS },
	{ "open_tree", ALWAYS },
	{ "pivot_root", ALWAYS },
	{ "umount", ALWAYS },
	{ "umount2", ALWAYS },
	/* Files by number, past the folders that lead to them. */
	{ "open_by_handle_at", ALWAYS },

	/* Namespaces, in which a process has all rights, and so reaches most of the kernel's faults. */
	{ "clone", ANY_BIT, CLONE_FLAGS, CLONE_NEW },
	{ "setns", ALWAYS },
	{ "unshare", ANY_BIT, 0, CLONE_NEW | CLONE_NEWTIME },

	/* Parts of the kernel with large interfaces, which no server needs and many exploits do. */
	{ "bpf", ALWAYS },
	{ "io_uring_enter", ALWAYS }, /* its requests pass by every filter of system calls */
	{ "io_uring_register", ALWAYS },
	{ "io_uring_setup", ALWAYS },
	{ "perf_event_open", ALWAYS },
	{ "userfaultfd", ALWAYS }, /* holds the kernel up in the middle of a copy */
	/* Keyrings are a user's, and so shared with the workers of other sections. */
	{ "add_key", ALWAYS },
	{ "keyctl", ALWAYS },
	{ "request_key", ALWAYS },

	/* The kernel, its modules and the machine, where the user is root. */
	{ "acct", ALWAYS },
	{ "adjtimex", ALWAYS },
	{ "clock_adjtime", ALWAYS },
	{ "clock_adjtime64", ALWAYS },
	{ "clock_settime", ALWAYS },
	{ "clock_settime64", ALWAYS },
	{ "create_module", ALWAYS },
	{ "delete_module", ALWAYS },
	{ "finit_module", ALWAYS },
	{ "init_module", ALWAYS },
	{ "ioperm", ALWAYS },
	{ "iopl", ALWAYS },
	{ "kexec_file_load", ALWAYS },
	{ "kexec_load", ALWAYS },
	{ "lookup_dcookie", ALWAYS },
	{ "nfsservctl", ALWAYS },
	{ "quotactl", ALWAYS },
	{ "quotactl_fd", ALWAYS },
	{ "reboot", ALWAYS },
	{ "setdomainname", ALWAYS },
	{ "sethostname", ALWAYS },
	{ "settimeofday", ALWAYS },
	{ "stime", ALWAYS },
	{ "swapoff", ALWAYS },
	{ "swapon", ALWAYS },
	{ "syslog", ALWAYS },
	{ "vhangup", ALWAYS },
};

static int add_compared(scmp_filter_ctx filter, int number, struct scmp_arg_cmp compare)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), number, 1, &compare);
}

static int add_bits(scmp_filter_ctx filter, int number, const struct row *row)
{
	int r = 0;

	for (uint64_t bit = 1; bit != 0 && r == 0; bit <<= 1) {
		if ((row->value & bit) != 0) {
			r = add_compared(filter, number,
					 SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, bit, bit));
		}
	}
	return r;
}

/* Returns 0 or -errno. A call that this machine does not have cannot be made. */
static int add_row(scmp_filter_ctx filter, const struct row *row)
{
	const unsigned argument = row->argument;
	int number = seccomp_syscall_resolve_name(row->name);

	if (number == __NR_SCMP_ERROR) {
		return 0; /* nor does libseccomp know it */
	}
	switch (row->condition) {
	case ALWAYS:
		break;
	case OTHERS:
		return add_compared(filter, number,
				    SCMP_CMP(argument, SCMP_CMP_NE, (uint64_t)getpid()));
	case NOT_ZERO:
	case NOT:
		return add_compared(filter, number, SCMP_CMP(argument, SCMP_CMP_NE, row->value));
	case IS:
		return add_compared(filter, number,
				    SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, WORD, row->value));
	case ANY_BIT:
		return add_bits(filter, number, row);
	}
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
}

/* Its flags are in memory, where no filter can look; without it libc uses clone. */
static int hide_clone3(scmp_filter_ctx filter)
{
	int number = seccomp_syscall_resolve_name("clone3");

	return number == __NR_SCMP_ERROR
		       ? 0
		       : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0);
}

/* The one signal that the kernel sends for us: a worker must not outlive its supervisor. */
static int keep_death_signal(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 2,
				SCMP_A0(SCMP_CMP_MASKED_EQ, WORD, PR_SET_PDEATHSIG),
				SCMP_A1(SCMP_CMP_NE, SIGKILL));
}

/* Other machines' calls, as of i386 and x32, would pass by the table. */
static int fill(scmp_filter_ctx filter)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));

	/* A binary tree, and no slower memory accesses; an older libseccomp or kernel has neither. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && r == 0; i++) {
		r = add_row(filter, &rows[i]);
	}
	r = r == 0 ? keep_death_signal(filter) : r;
	return r == 0 ? hide_clone3(filter) : r;
}

int syscall_filter_install(char *error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = filter != NULL ? fill(filter) : -ENOMEM;

	if (r == 0) {
		r = seccomp_load(filter); /* and NO_NEW_PRIVS, which it needs */
	}
	seccomp_release(filter);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "cannot filter system calls: %s", strerror(-r));
	}
	return r;
}
