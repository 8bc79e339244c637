/* SPDX-License-Identifier: MIT */
/*
 * Memory that processes share by a descriptor.
 */
#include "process/sealed-memory.h"

#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE 4096

/* Another descriptor of it, opened for reading and writing by its path. */
static int reopen(int fd)
{
	char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	int again = open(path, O_RDWR | O_CLOEXEC);

	g_free(path);
	g_assert_cmpint(again, >=, 0);
	return again;
}

static void keeps_its_size(void)
{
	void *memory;
	int fd, again;

	g_assert_cmpint(sealed_create("test", SIZE, SEALED_ALL_WRITE, &fd, &memory), ==, 0);
	again = reopen(fd);
	g_assert_cmpint(ftruncate(again, 0), ==, -1);
	g_assert_cmpint(errno, ==, EPERM);
	g_assert_cmpint(ftruncate(again, 2 * SIZE), ==, -1);
	g_assert_cmpint(fcntl(again, F_ADD_SEALS, F_SEAL_WRITE), ==, -1);
	close(again);
	close(fd);
	munmap(memory, SIZE);
}

static void all_may_write_where_all_may(void)
{
	char *memory, *theirs;
	int fd;

	g_assert_cmpint(sealed_create("test", SIZE, SEALED_ALL_WRITE, &fd, (void **)&memory), ==,
			0);
	theirs = sealed_map(fd, SIZE, true);
	g_assert_nonnull(theirs);
	strcpy(theirs, "hello");
	g_assert_cmpstr(memory, ==, "hello");
	munmap(theirs, SIZE);
	munmap(memory, SIZE);
	close(fd);
}

static void only_its_owner_writes(void)
{
	char *memory, *theirs;
	int fd, again;

	g_assert_cmpint(sealed_create("test", SIZE, SEALED_OWNER_WRITES, &fd, (void **)&memory), ==,
			0);
	again = reopen(fd);
	g_assert_null(sealed_map(again, SIZE, true));
	g_assert_cmpint(write(again, "x", 1), ==, -1);
	g_assert_cmpint(errno, ==, EPERM);
	theirs = sealed_map(again, SIZE, false);
	g_assert_nonnull(theirs);
	g_assert_cmpint(mprotect(theirs, SIZE, PROT_READ | PROT_WRITE), ==, -1);
	g_assert_cmpint(madvise(theirs, SIZE, MADV_REMOVE), ==, -1);
	g_assert_cmpint(fallocate(again, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, SIZE), ==,
			-1);
	strcpy(memory, "hello");
	g_assert_cmpstr(theirs, ==, "hello");
	munmap(theirs, SIZE);
	munmap(memory, SIZE);
	close(again);
	close(fd);
}

static void is_no_longer_than_it_is(void)
{
	void *memory;
	int fd;

	g_assert_cmpint(sealed_create("test", SIZE, SEALED_ALL_WRITE, &fd, &memory), ==, 0);
	g_assert_null(sealed_map(fd, SIZE + 1, false));
	g_assert_null(sealed_map(-1, SIZE, false));
	munmap(memory, SIZE);
	close(fd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/sealed-memory/keeps-its-size", keeps_its_size);
	harness_add("/sealed-memory/all-may-write-where-all-may", all_may_write_where_all_may);
	harness_add("/sealed-memory/only-its-owner-writes", only_its_owner_writes);
	harness_add("/sealed-memory/is-no-longer-than-it-is", is_no_longer_than_it_is);
	return harness_run();
}
