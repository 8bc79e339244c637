/* SPDX-License-Identifier: MIT */
/*
 * Descriptions of what a worker is to do: what is taken is written again and taken as the same, and
 * what is refused is told why.
 */
#include "fuzz.h"
#include "launch/description.h"

/* For g_bytes_unref(); NULL: it is refused. */
static GBytes *rewrite(GBytes *bytes)
{
	char error[SHINY_ERROR_MAX] = "";
	struct description description;
	GBytes *again;

	if (description_decode(bytes, &description, error) < 0) {
		FUZZ_ASSERT(*error != '\0');
		return NULL;
	}
	again = description_encode(&description);
	description_finish(&description);
	return again;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GBytes *bytes = g_bytes_new(data, size);
	GBytes *once = rewrite(bytes), *twice;

	if (once != NULL) {
		twice = rewrite(once);
		FUZZ_ASSERT(twice != NULL && g_bytes_equal(once, twice));
		g_bytes_unref(once);
		g_bytes_unref(twice);
	}
	g_bytes_unref(bytes);
	return 0;
}
