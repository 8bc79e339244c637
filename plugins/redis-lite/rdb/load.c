/* SPDX-License-Identifier: MIT */
/*
 * The keys of a dump into the keyspace. What cannot be kept is refused by the key's name, so that
 * whoever migrates knows which one to remove.
 */
#include "rdb/load.h"
#include "rdb/rdb.h"
#include "store/keyspace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <shiny-plugin.h>

/* Time stands still: what has expired meanwhile is removed later, as from any file. */
static int store_pair(void *arg, struct rdb_input *input, const struct rdb_pair *pair)
{
	struct keyspace *keyspace = arg;
	struct key key = keyspace_key(keyspace, pair->key, pair->key_len);
	unsigned db = (unsigned)pair->db;
	char shown[RDB_SHOWN_MAX];

	if (pair->db >= KEYSPACE_DBS) {
		return rdb_input_fail(input, -EOPNOTSUPP,
				      "the key %s is in database %" PRIu64 "; the last one is %d",
				      rdb_show(pair->key, pair->key_len, shown), pair->db,
				      KEYSPACE_DBS - 1);
	}
	if (keyspace_find(keyspace, db, &key, 0)) {
		return rdb_input_fail(input, -EBADMSG,
				      "damaged: the key %s is there twice in database %u",
				      rdb_show(pair->key, pair->key_len, shown), db);
	}
	if (keyspace_set(keyspace, db, &key, pair->value, pair->value_len, pair->expiry) < 0) {
		return rdb_input_fail(input, -ENOMEM, "out of memory at the key %s",
				      rdb_show(pair->key, pair->key_len, shown));
	}
	return 0;
}

/* What is not served here can be removed there. */
static void write_error(const struct rdb_input *input, int r, const char *name, uint64_t offset,
			uint64_t size, char *error)
{
	int len = snprintf(error, SHINY_ERROR_MAX,
			   "%.64s: at offset %" PRIu64 " of %" PRIu64 ": %.140s", name, offset,
			   size, input->error);

	if (r == -EOPNOTSUPP && len < SHINY_ERROR_MAX) {
		snprintf(error + len, SHINY_ERROR_MAX - (size_t)len,
			 "; see MIGRATION in redis-lite(7)");
	}
}

int rdb_load(struct keyspace *keyspace, int fd, uint64_t size, const char *name, char *error,
	     uint64_t *ret_end)
{
	struct rdb_input *input = rdb_input_create(fd, size);
	uint64_t offset;
	int r;

	if (!input) {
		snprintf(error, SHINY_ERROR_MAX, "%.64s: out of memory", name);
		return -ENOMEM;
	}
	input->work = keyspace->work;
	r = rdb_read(input, store_pair, keyspace, &offset);
	if (r < 0) {
		write_error(input, r, name, offset, size, error);
	}
	*ret_end = input->offset;
	rdb_input_destroy(input);
	return r;
}
