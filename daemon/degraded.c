/* SPDX-License-Identifier: MIT */
/*
 * Why a plugin refuses its service.
 */
#include "degraded.h"

#include "printable.h"

#include <stdio.h>
#include <string.h>

/* Of a text that changes meanwhile; then it is taken as it is. */
#define READS_MAX 4

void degraded_set(struct degraded *degraded, const char *text)
{
	__atomic_store_n(&degraded->version, degraded->version + 1, __ATOMIC_SEQ_CST);
	/* A store keeps those before it from moving down, but not those after it from moving up. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	snprintf(degraded->text, sizeof(degraded->text), "%s", text);
	__atomic_store_n(&degraded->version, degraded->version + 1, __ATOMIC_SEQ_CST);
}

bool degraded_get(const struct degraded *degraded, char *ret_text)
{
	uint32_t before, after;
	int reads = 0;

	do {
		before = __atomic_load_n(&degraded->version, __ATOMIC_SEQ_CST);
		memcpy(ret_text, degraded->text, SHINY_ERROR_MAX);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		after = __atomic_load_n(&degraded->version, __ATOMIC_SEQ_CST);
	} while ((before != after || before % 2 != 0) && ++reads < READS_MAX);
	ret_text[SHINY_ERROR_MAX - 1] = '\0';
	printable(ret_text);
	return *ret_text != '\0';
}
