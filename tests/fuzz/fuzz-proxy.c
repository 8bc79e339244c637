/* SPDX-License-Identifier: MIT */
/*
 * Headers of the PROXY protocol: however they are cut into packets they mean the same, and no more
 * is asked for than they have.
 */
#include "fuzz.h"
#include "proxy.h"

#include <string.h>

#define WANT_MOST (16 + 65535) /* of version 2: its head, and the length that it can say */

/* Parses a copy that ends where the data does, so that reading on is noticed. */
static ssize_t parse(const void *data, size_t len, struct shiny_address *ret_address,
		     size_t *ret_want)
{
	void *copy = malloc(len);
	ssize_t n;

	memcpy(copy, data, len);
	n = shiny_proxy_parse(copy, len, ret_address, ret_want);
	free(copy);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shiny_address address;
	char text[256];
	size_t want;
	ssize_t header = size > 0 ? parse(data, size, &address, &want) : 0;

	if (size == 0) {
		return 0;
	}
	FUZZ_ASSERT(header <= (ssize_t)size);
	if (header == 0) {
		FUZZ_ASSERT(want > size && want <= WANT_MOST);
	}
	if (header <= 0) {
		return 0;
	}
	if (address.len) {
		FUZZ_ASSERT(shiny_address_format(&address, text, sizeof(text)) == 0);
	}
	for (size_t len = 1; len < (size_t)header; len++) {
		FUZZ_ASSERT(parse(data, len, &address, &want) == 0);
		FUZZ_ASSERT(want > len && want <= (size_t)header);
	}
	return 0;
}
