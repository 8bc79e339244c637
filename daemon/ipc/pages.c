/* SPDX-License-Identifier: MIT */
/*
 * Memory that a worker and its supervisor share.
 */
#include "ipc/pages.h"

#include "process/sealed-memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int pages_create(struct pages *ret)
{
	struct pages pages = PAGES_INIT;
	int r;

	r = sealed_create("shinyd-shared", sizeof(struct shared), SEALED_ALL_WRITE,
			  &pages.shared_fd, (void **)&pages.shared);
	if (r == 0) {
		r = sealed_create("shinyd-control", sizeof(struct control), SEALED_OWNER_WRITES,
				  &pages.control_fd, (void **)&pages.control);
	}
	if (r < 0) {
		pages_finish(&pages);
		return r;
	}
	*ret = pages;
	return 0;
}

int pages_map(int shared_fd, int control_fd, struct pages *ret)
{
	struct pages pages = PAGES_INIT;

	pages.shared = sealed_map(shared_fd, sizeof(struct shared), true);
	pages.control = sealed_map(control_fd, sizeof(struct control), false);
	if (pages.shared == NULL || pages.control == NULL) {
		pages_finish(&pages);
		return -EINVAL;
	}
	*ret = pages;
	return 0;
}

static void close_one(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
	*fd = -1;
}

void pages_close(struct pages *pages)
{
	close_one(&pages->shared_fd);
	close_one(&pages->control_fd);
}

void pages_finish(struct pages *pages)
{
	pages_close(pages);
	if (pages->shared != NULL) {
		munmap(pages->shared, sizeof(*pages->shared));
	}
	if (pages->control != NULL) {
		munmap(pages->control, sizeof(*pages->control));
	}
	*pages = (struct pages)PAGES_INIT;
}
