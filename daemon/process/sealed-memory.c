/* SPDX-License-Identifier: MIT */
/*
 * Memory that processes share by a descriptor.
 */
#include "process/sealed-memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nobody can cut it short under who has it mapped, make it large, or add seals. */
#define SEALS_SIZE  (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
#define SEALS_WRITE (SEALS_SIZE | F_SEAL_WRITE)

static int create(const char *name, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (fd >= 0 && ftruncate(fd, (off_t)size) < 0) {
		error = errno;
		close(fd);
		errno = error;
		fd = -1;
	}
	return fd >= 0 ? fd : -errno;
}

int sealed_create(const char *name, size_t size, enum sealed_writers writers, int *ret_fd,
		  void **ret)
{
	int seals = SEALS_SIZE | (writers == SEALED_OWNER_WRITES ? F_SEAL_FUTURE_WRITE : 0);
	int fd = create(name, size);
	void *memory;
	int r;

	if (fd < 0) {
		return fd;
	}
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		r = -errno;
		close(fd);
		return r;
	}
	if (fcntl(fd, F_ADD_SEALS, seals) < 0) {
		r = -errno;
		munmap(memory, size);
		close(fd);
		return r;
	}
	*ret_fd = fd;
	*ret = memory;
	return 0;
}

void *sealed_map(int fd, size_t size, bool writable)
{
	int protection = PROT_READ | (writable ? PROT_WRITE : 0);
	struct stat st;
	void *memory;

	if (fstat(fd, &st) < 0 || st.st_size < 0 || (size_t)st.st_size < size) {
		return NULL;
	}
	memory = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
	return memory != MAP_FAILED ? memory : NULL;
}

int sealed_copy(const char *name, const void *data, size_t size)
{
	const char *bytes = data;
	int fd = create(name, 0);
	int r = 0;

	if (fd < 0) {
		return fd;
	}
	for (size_t done = 0; r == 0 && done < size;) {
		ssize_t n = write(fd, bytes + done, size - done);

		r = n < 0 && errno != EINTR ? -errno : 0;
		done += n > 0 ? (size_t)n : 0;
	}
	if (r == 0 && fcntl(fd, F_ADD_SEALS, SEALS_WRITE) < 0) {
		r = -errno;
	}
	if (r < 0) {
		close(fd);
	}
	return r < 0 ? r : fd;
}

bool sealed_is_copy(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS_WRITE) == SEALS_WRITE;
}
