/* SPDX-License-Identifier: MIT */
/*
 * The memory that a worker shares with its supervisor.
 */
#include "ipc/pages.h"

#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static void each_writes_what_is_its_own(void)
{
	struct pages supervisors, workers;

	g_assert_cmpint(pages_create(&supervisors), ==, 0);
	g_assert_cmpint(pages_map(supervisors.shared_fd, supervisors.control_fd, &workers), ==, 0);
	workers.shared->stats.turns = 42;
	supervisors.control->drain_timeout_ms = 7;
	g_assert_cmpuint(supervisors.shared->stats.turns, ==, 42);
	g_assert_cmpuint(workers.control->drain_timeout_ms, ==, 7);
	pages_finish(&workers);
	pages_finish(&supervisors);
}

static void a_worker_cannot_write_what_the_supervisor_decides(void)
{
	struct pages supervisors, workers;
	void *memory;

	g_assert_cmpint(pages_create(&supervisors), ==, 0);
	g_assert_cmpint(pages_map(supervisors.shared_fd, supervisors.control_fd, &workers), ==, 0);
	g_assert_cmpint(mprotect(workers.control, sizeof(*workers.control), PROT_READ | PROT_WRITE),
			==, -1);
	memory = mmap(NULL, sizeof(*workers.control), PROT_READ | PROT_WRITE, MAP_SHARED,
		      supervisors.control_fd, 0);
	g_assert_true(memory == MAP_FAILED);
	g_assert_cmpint(ftruncate(supervisors.shared_fd, 0), ==, -1);
	g_assert_cmpint(ftruncate(supervisors.control_fd, 0), ==, -1);
	pages_finish(&workers);
	pages_finish(&supervisors);
}

static void what_are_no_pages_is_refused(void)
{
	struct pages supervisors, workers;

	g_assert_cmpint(pages_create(&supervisors), ==, 0);
	g_assert_cmpint(pages_map(-1, supervisors.control_fd, &workers), ==, -EINVAL);
	g_assert_cmpint(pages_map(supervisors.shared_fd, -1, &workers), ==, -EINVAL);
	g_assert_cmpint(pages_map(supervisors.control_fd, supervisors.control_fd, &workers), ==,
			-EINVAL);
	pages_close(&supervisors);
	g_assert_cmpint(supervisors.shared_fd, ==, -1);
	pages_finish(&supervisors);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/pages/each-writes-what-is-its-own", each_writes_what_is_its_own);
	harness_add("/pages/a-worker-cannot-write-what-the-supervisor-decides",
		    a_worker_cannot_write_what_the_supervisor_decides);
	harness_add("/pages/what-are-no-pages-is-refused", what_are_no_pages_is_refused);
	return harness_run();
}
