/* SPDX-License-Identifier: MIT */
/*
 * Shared memory for the loads of workers, and an eventfd(2) for each.
 */
#include "ipc/siblings.h"

#include "process/sealed-memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

int siblings_init(struct siblings *siblings, size_t count)
{
	int r;

	*siblings = (struct siblings){ .fd = -1 };
	if (count <= 1) {
		return 0;
	}
	r = sealed_create("shinyd-siblings", count * sizeof(uint64_t), SEALED_ALL_WRITE,
			  &siblings->fd, (void **)&siblings->loads);
	if (r < 0) {
		return r;
	}
	siblings->count = (unsigned)count;
	siblings->wakeups = malloc(count * sizeof(int));
	if (siblings->wakeups == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		siblings->wakeups[i] = -1;
	}
	for (size_t i = 0; i < count; i++) {
		siblings->wakeups[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (siblings->wakeups[i] < 0) {
			return -errno;
		}
	}
	return 0;
}

int siblings_take(int fd, unsigned count, struct siblings *ret)
{
	*ret = (struct siblings){ .fd = -1 };
	if (count == 0) {
		return 0;
	}
	ret->wakeups = calloc(count, sizeof(int));
	if (ret->wakeups == NULL) {
		return -ENOMEM;
	}
	ret->count = count;
	for (unsigned i = 0; i < count; i++) {
		ret->wakeups[i] = fd + 1 + (int)i;
	}
	ret->loads = sealed_map(fd, count * sizeof(uint64_t), true);
	close(fd);
	return ret->loads != NULL ? 0 : -EINVAL;
}

void siblings_finish(struct siblings *siblings)
{
	for (unsigned i = 0; siblings->wakeups != NULL && i < siblings->count; i++) {
		if (siblings->wakeups[i] >= 0) {
			close(siblings->wakeups[i]);
		}
	}
	free(siblings->wakeups);
	if (siblings->loads != NULL) {
		munmap(siblings->loads, siblings->count * sizeof(uint64_t));
	}
	if (siblings->fd >= 0) {
		close(siblings->fd);
	}
	*siblings = (struct siblings){ .fd = -1 };
}

void siblings_clear(const struct siblings *siblings, unsigned index)
{
	if (index < siblings->count) {
		__atomic_store_n(&siblings->loads[index], 0, __ATOMIC_SEQ_CST);
	}
}
