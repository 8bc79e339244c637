/* SPDX-License-Identifier: MIT */
/*
 * Configuration files: every line that is not blank or a comment is reported once, as a section, a
 * pair or an error, in order.
 */
#include "config/ini-reader.h"
#include "fuzz.h"

struct seen {
	unsigned line;
};

static void see(struct seen *seen, unsigned line)
{
	FUZZ_ASSERT(line >= seen->line && line > 0);
	seen->line = line;
}

static void see_section(void *ctx, unsigned line, const char *name)
{
	(void)name; /* NULL where it was reported what is wrong with it */
	see(ctx, line);
}

static void see_pair(void *ctx, unsigned line, const char *key, const char *value)
{
	see(ctx, line);
	FUZZ_ASSERT(key && *key && value);
}

static void see_error(void *ctx, unsigned line, const char *text)
{
	see(ctx, line);
	FUZZ_ASSERT(text && *text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ini_events events = { see_section, see_pair, see_error };
	struct seen seen = { 0 };
	FILE *file = size > 0 ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;

	if (file) {
		FUZZ_ASSERT(ini_read(file, &events, &seen) == 0);
		fclose(file);
	}
	return 0;
}
