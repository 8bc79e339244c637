/* SPDX-License-Identifier: MIT */
/*
 * The owner by a page that the kernel zeroes in a child: madvise(2) since Linux 4.14.
 */
#include "owner.h"

#include <stddef.h>
#include <sys/mman.h>

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void shiny_owner_init(struct shiny_owner *owner)
{
	void *page =
		mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	owner->mark = NULL;
	if (page != MAP_FAILED && madvise(page, page_size(), MADV_WIPEONFORK) < 0) {
		munmap(page, page_size()); /* a kernel that is older, or none */
	} else if (page != MAP_FAILED) {
		owner->mark = page;
	}
	shiny_owner_claim(owner);
}

void shiny_owner_finish(struct shiny_owner *owner)
{
	if (owner->mark) {
		munmap(owner->mark, page_size());
		owner->mark = NULL;
	}
}
