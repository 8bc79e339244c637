/* SPDX-License-Identifier: MIT */
/*
 * The wheel of deadlines: one list for each tick.
 */
#include "deadline.h"

#include <stddef.h>

static void link_into(struct shiny_deadline **list, struct shiny_deadline *deadline)
{
	deadline->next = *list;
	if (deadline->next) {
		deadline->next->prev = &deadline->next;
	}
	deadline->prev = list;
	*list = deadline;
}

static void unlink_from(struct shiny_deadline *deadline)
{
	*deadline->prev = deadline->next;
	if (deadline->next) {
		deadline->next->prev = deadline->prev;
	}
	deadline->prev = NULL;
}

void shiny_deadline_set(struct shiny_wheel *wheel, struct shiny_deadline *deadline, uint32_t due)
{
	uint32_t ahead = due > wheel->now ? due - wheel->now : 1;

	if (ahead >= SHINY_WHEEL_SIZE) {
		ahead = SHINY_WHEEL_SIZE - 1;
	}
	if (deadline->prev) {
		if (deadline->due <= wheel->now + ahead) {
			return;
		}
		shiny_deadline_clear(wheel, deadline);
	}
	deadline->due = wheel->now + ahead;
	link_into(&wheel->slots[deadline->due % SHINY_WHEEL_SIZE], deadline);
	wheel->count++;
}

void shiny_deadline_clear(struct shiny_wheel *wheel, struct shiny_deadline *deadline)
{
	if (deadline->prev) {
		unlink_from(deadline);
		wheel->count--;
	}
}

void shiny_wheel_advance(struct shiny_wheel *wheel, uint32_t now)
{
	uint32_t passed = now - wheel->now;

	if (passed > SHINY_WHEEL_SIZE) {
		passed = SHINY_WHEEL_SIZE; /* once round is all of it */
	}
	wheel->now = now;
	if (!wheel->count) {
		return;
	}
	for (uint32_t tick = now - passed + 1; tick != now + 1; tick++) {
		struct shiny_deadline **slot = &wheel->slots[tick % SHINY_WHEEL_SIZE];
		while (*slot) {
			struct shiny_deadline *deadline = *slot;
			unlink_from(deadline);
			link_into(&wheel->due, deadline);
		}
	}
}

struct shiny_deadline *shiny_wheel_take(struct shiny_wheel *wheel)
{
	struct shiny_deadline *deadline = wheel->due;

	if (deadline) {
		shiny_deadline_clear(wheel, deadline);
	}
	return deadline;
}

uint32_t shiny_wheel_next(const struct shiny_wheel *wheel, uint32_t most)
{
	if (wheel->count) {
		for (uint32_t ahead = 1; ahead < most; ahead++) {
			if (wheel->slots[(wheel->now + ahead) % SHINY_WHEEL_SIZE]) {
				return ahead;
			}
		}
	}
	return most;
}
