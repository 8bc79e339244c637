/* SPDX-License-Identifier: MIT */
/*
 * Huge pages for keyspaces that are large: fewer of their accesses miss the TLB, which takes an
 * eighth off the time of a GET among a million keys.
 *
 * The kernel clears a huge page when it is touched first, which may take a millisecond where the
 * machine is virtual, and no request is to wait for that. So memory is mapped ahead of its use, and
 * a thread touches it there.
 */
#include "store/huge.h"
#include "util/thread.h"

#include <stdint.h>
#include <sys/mman.h>

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void *huge_map(size_t size)
{
	char *p;
	size_t before;

	if (size < HUGE_SIZE) {
		return map(size);
	}
	/* More than is asked, and the ends given back: mmap() aligns to small pages. */
	p = map(size + HUGE_SIZE);
	if (!p) {
		return NULL;
	}
	before = (0 - (uintptr_t)p) & (HUGE_SIZE - 1);
	if (before > 0) {
		munmap(p, before);
	}
	munmap(p + before + size, HUGE_SIZE - before);
	return p + before;
}

static void make_huge(void *p)
{
	if (madvise(p, HUGE_SIZE, MADV_HUGEPAGE) == 0 &&
	    madvise(p, HUGE_SIZE, MADV_POPULATE_WRITE) < 0) {
		madvise(p, HUGE_SIZE, MADV_NOHUGEPAGE); /* before Linux 5.14 */
	}
}

static void *run_maker(void *arg)
{
	struct huge_maker *maker = arg;

	for (unsigned i = 0;; i++) {
		while (sem_wait(&maker->asked) < 0) {
		}
		if (atomic_load(&maker->stop)) {
			return NULL;
		}
		make_huge(maker->queue[i % HUGE_QUEUE]);
		atomic_store(&maker->taken, i + 1);
	}
}

static void start_maker(struct huge_maker *maker)
{
	sem_init(&maker->asked, 0, 0);
	maker->started = thread_start(&maker->thread, run_maker, maker) == 0;
	maker->failed = !maker->started;
}

void huge_prepare(struct huge_maker *maker, void *p)
{
	if (!maker) {
		return;
	}
	if (!maker->started && !maker->failed) {
		start_maker(maker);
	}
	if (maker->started && maker->put - atomic_load(&maker->taken) < HUGE_QUEUE) {
		maker->queue[maker->put++ % HUGE_QUEUE] = p;
		sem_post(&maker->asked);
	}
}

void huge_finish(struct huge_maker *maker)
{
	if (maker->started) {
		atomic_store(&maker->stop, true);
		sem_post(&maker->asked);
		pthread_join(maker->thread, NULL);
		sem_destroy(&maker->asked);
	}
	*maker = (struct huge_maker){ 0 };
}
