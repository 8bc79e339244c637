/* SPDX-License-Identifier: MIT */
/*
 * Dumps of a Redis.
 *
 * Whatever the bytes are: the reader stays within them, what it hands over can be read, and it either
 * comes to an end that the file has or says why not.
 */
#include "fuzz.h"
#include "rdb/rdb.h"

#include <string.h>

static int look(void *arg, struct rdb_input *input, const struct rdb_pair *pair)
{
	char *key = malloc(pair->key_len + 1), *value = malloc(pair->value_len + 1);
	char shown[RDB_SHOWN_MAX];
	unsigned *pairs = arg;

	memcpy(key, pair->key, pair->key_len);
	memcpy(value, pair->value, pair->value_len);
	FUZZ_ASSERT(pair->expiry >= 0);
	FUZZ_ASSERT(input->offset <= input->size);
	FUZZ_ASSERT(strlen(rdb_show(key, pair->key_len, shown)) < RDB_SHOWN_MAX);
	free(value);
	free(key);
	return ++*pairs > 1000 ? rdb_input_fail(input, -1, "enough") : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *copy = malloc(size + !size);
	struct rdb_input *input;
	uint64_t offset = 0;
	unsigned pairs = 0;
	int r;

	memcpy(copy, bytes, size);
	input = rdb_input_create_from(copy, size);
	r = rdb_read(input, look, &pairs, &offset);
	FUZZ_ASSERT(input->offset <= size && offset <= input->offset);
	FUZZ_ASSERT(r == 0 || (r < 0 && input->error[0]));
	FUZZ_ASSERT(r < 0 || input->offset >= 10);
	rdb_input_destroy(input);
	free(copy);
	return 0;
}
