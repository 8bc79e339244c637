/* SPDX-License-Identifier: MIT */
/*
 * The owner by its process id, for systems without a page that is zeroed in a child.
 */
#include "owner.h"

#include <stddef.h>

void shiny_owner_init(struct shiny_owner *owner)
{
	owner->mark = NULL;
	shiny_owner_claim(owner);
}

void shiny_owner_finish(struct shiny_owner *owner)
{
	(void)owner;
}
