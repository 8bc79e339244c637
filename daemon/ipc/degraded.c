/* SPDX-License-Identifier: MIT */
/*
 * One line of shared memory, with a version that shows whether it changed while it was read.
 */
#include "ipc/degraded.h"

#include "util/printable.h"

#include <stdio.h>

/* Of a text that changes meanwhile; then it is taken as it is. */
#define READS_MAX 4

/* Each byte by a release: who reads it finds the odd version that was stored before it, too. */
void degraded_set(struct degraded *degraded, const char *text)
{
	char line[SHINY_ERROR_MAX] = "";

	snprintf(line, sizeof(line), "%s", text);
	__atomic_store_n(&degraded->version, degraded->version + 1, __ATOMIC_RELAXED);
	for (size_t i = 0; i < sizeof(line); i++) {
		__atomic_store_n(&degraded->text[i], line[i], __ATOMIC_RELEASE);
	}
	__atomic_store_n(&degraded->version, degraded->version + 1, __ATOMIC_RELEASE);
}

bool degraded_get(const struct degraded *degraded, char *ret_text)
{
	uint32_t before, after;
	int reads = 0;

	do {
		before = __atomic_load_n(&degraded->version, __ATOMIC_ACQUIRE);
		for (size_t i = 0; i < SHINY_ERROR_MAX; i++) {
			ret_text[i] = __atomic_load_n(&degraded->text[i], __ATOMIC_ACQUIRE);
		}
		after = __atomic_load_n(&degraded->version, __ATOMIC_RELAXED);
	} while ((before != after || before % 2 != 0) && ++reads < READS_MAX);
	ret_text[SHINY_ERROR_MAX - 1] = '\0';
	printable(ret_text);
	return *ret_text != '\0';
}
