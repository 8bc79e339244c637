/* SPDX-License-Identifier: MIT */
/*
 * Addresses and lists of networks, as they stand in a configuration: what is taken is written again
 * as a text that means the same.
 */
#include "fuzz.h"
#include "networks.h"

#include <string.h>

static void check_address(const char *text)
{
	struct shiny_address address, again;
	char written[256], twice[256];

	if (shiny_address_parse(text, &address) < 0) {
		return;
	}
	FUZZ_ASSERT(address.len > 0 && address.len <= sizeof(address.un));
	FUZZ_ASSERT(shiny_address_format(&address, written, sizeof(written)) == 0);
	FUZZ_ASSERT(shiny_address_parse(written, &again) == 0);
	FUZZ_ASSERT(shiny_address_format(&again, twice, sizeof(twice)) == 0);
	FUZZ_ASSERT(strcmp(written, twice) == 0);
}

static void check_networks(const char *text)
{
	struct shiny_networks networks = { 0 };
	struct shiny_address address;

	if (shiny_networks_init(&networks, text) < 0) {
		return;
	}
	FUZZ_ASSERT(shiny_address_parse("tcp://127.0.0.1:1", &address) == 0);
	shiny_networks_have(&networks, &address);
	FUZZ_ASSERT(shiny_address_parse("tcp://[::1]:1", &address) == 0);
	shiny_networks_have(&networks, &address);
	shiny_networks_finish(&networks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	memcpy(text, data, size);
	text[size] = '\0';
	check_address(text);
	check_networks(text);
	free(text);
	return 0;
}
