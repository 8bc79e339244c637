/* SPDX-License-Identifier: MIT */
/*
 * The manifest of a Redis's append-only file: names without a slash, those to be loaded first; or a
 * reason.
 */
#include "fuzz.h"
#include "import/manifest.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *copy = malloc(size + !size), error[MANIFEST_ERROR_MAX] = "";
	struct manifest manifest = { 0 };

	memcpy(copy, bytes, size);
	if (manifest_parse(copy, size, error, &manifest) < 0) {
		FUZZ_ASSERT(error[0] && memchr(error, '\0', sizeof(error)));
		FUZZ_ASSERT(!manifest.names && manifest.count == 0);
	} else {
		FUZZ_ASSERT(manifest.current > 0 && manifest.current <= manifest.count);
		for (size_t i = 0; i < manifest.count; i++) {
			FUZZ_ASSERT(manifest.names[i][0] && !strchr(manifest.names[i], '/'));
			FUZZ_ASSERT(manifest_names(&manifest, manifest.names[i]));
		}
	}
	manifest_finish(&manifest);
	free(copy);
	return 0;
}
