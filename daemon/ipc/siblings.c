/* SPDX-License-Identifier: MIT */
/*
 * Shared memory for the loads of workers, and an eventfd(2) for each.
 */
#include "ipc/siblings.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

int siblings_init(struct siblings *siblings, size_t count)
{
	void *memory;

	*siblings = (struct siblings){ 0 };
	if (count <= 1) {
		return 0;
	}
	memory = mmap(NULL, count * sizeof(uint64_t), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		return -errno;
	}
	siblings->loads = memory;
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
	*siblings = (struct siblings){ 0 };
}

void siblings_clear(const struct siblings *siblings, unsigned index)
{
	if (index < siblings->count) {
		__atomic_store_n(&siblings->loads[index], 0, __ATOMIC_SEQ_CST);
	}
}
