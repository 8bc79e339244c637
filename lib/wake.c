/* SPDX-License-Identifier: MIT */
/*
 * Wakes from other threads and signal handlers: a lock-free stack and a pipe.
 */
#include "wake.h"

#include "descriptor.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#define WOKEN ((uint64_t)1)

/*
 * A signal handler may interrupt any code, so what it shares with the loop must not need a lock:
 * here, and the request to drain in loop.h. C11's constant for 64 bits is wrong with clang on
 * 32-bit x86.
 */
#ifndef __GCC_HAVE_SYNC_COMPARE_AND_SWAP_8
#error "64-bit atomics take a lock here: shiny_server_wake() could not be called from a signal"
#endif
static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "atomic pointers take a lock here");
static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "atomic_bool takes a lock here");

static uint64_t word_of(uint32_t generation)
{
	return (uint64_t)generation << 1;
}

int shiny_waker_init(struct shiny_waker *waker)
{
	int fds[2];
	int error = shiny_descriptor_pipe(fds);

	if (error < 0) {
		return error;
	}
	*waker = (struct shiny_waker){
		.watch = { .fd = fds[0], .kind = SHINY_WATCH_WAKEUP },
		.wakeup_fd = fds[1],
	};
	return 0;
}

int shiny_waker_renew(struct shiny_waker *waker)
{
	struct shiny_waker fresh;
	int error = shiny_waker_init(&fresh);

	if (error < 0) {
		return error;
	}
	shiny_waker_finish(waker);
	waker->watch = fresh.watch;
	waker->wakeup_fd = fresh.wakeup_fd;
	return 0;
}

void shiny_waker_finish(struct shiny_waker *waker)
{
	close(waker->watch.fd);
	close(waker->wakeup_fd);
}

void shiny_waker_wake_loop(struct shiny_waker *waker)
{
	int saved_errno = errno; /* this may run in a signal handler */

	if (atomic_exchange(&waker->waiting, false)) {
		/* It cannot fail: there is one byte for each wait, and the loop reads it. */
		while (write(waker->wakeup_fd, "", 1) < 0 && errno == EINTR) {
		}
	}
	errno = saved_errno;
}

void shiny_waker_wake_node(struct shiny_waker *waker, struct shiny_wake_node *node,
			   uint32_t generation)
{
	uint64_t word = atomic_load(&node->word);

	/*
	 * The store also happens if it is woken already: the loop then sees what this thread did.
	 */
	do {
		if (word >> 1 != generation) {
			return;
		}
	} while (!atomic_compare_exchange_weak(&node->word, &word, word | WOKEN));
	if (word & WOKEN) {
		return;
	}
	node->next = atomic_load(&waker->woken);
	while (!atomic_compare_exchange_weak(&waker->woken, &node->next, node)) {
	}
	shiny_waker_wake_loop(waker);
}

bool shiny_waker_begin_wait(struct shiny_waker *waker)
{
	atomic_store(&waker->waiting, true);
	return atomic_load(&waker->woken) != NULL;
}

void shiny_waker_end_wait(struct shiny_waker *waker)
{
	atomic_store_explicit(&waker->waiting, false, memory_order_relaxed);
}

void shiny_waker_clear(struct shiny_waker *waker)
{
	char buf[64];

	while (read(waker->watch.fd, buf, sizeof(buf)) == (ssize_t)sizeof(buf)) {
	}
}

struct shiny_wake_node *shiny_waker_take_woken(struct shiny_waker *waker)
{
	struct shiny_wake_node *stack, *queue = NULL;

	if (!atomic_load_explicit(&waker->woken, memory_order_relaxed)) {
		return NULL;
	}
	stack = atomic_exchange(&waker->woken, NULL);
	while (stack) {
		struct shiny_wake_node *next = stack->next;
		stack->next = queue;
		queue = stack;
		stack = next;
	}
	return queue;
}

void shiny_wake_node_clear(struct shiny_wake_node *node)
{
	atomic_fetch_and(&node->word, ~WOKEN);
}

bool shiny_wake_node_set_generation(struct shiny_wake_node *node, uint32_t generation)
{
	return atomic_exchange(&node->word, word_of(generation)) & WOKEN;
}
