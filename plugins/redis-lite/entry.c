/* SPDX-License-Identifier: MIT */
/*
 * Keys with their values.
 *
 * One allocation each, so that a command touches one or two cache lines of memory besides the
 * table's, and a key costs eight bytes over its payload and the allocator's own. Only a key that
 * was given an expiry has room for one.
 */
#include "entry.h"

#include <malloc.h>
#include <stdlib.h>

/* An allocation below this size is never too large for what it holds. */
#define WASTE_MIN 64

static size_t size_of(size_t key_len, size_t value_len, bool timed)
{
	return sizeof(struct entry) + (timed ? sizeof(int64_t) : 0) + key_len + value_len;
}

struct entry *entry_create(const struct key *key, const char *value, size_t value_len,
			   int64_t expiry)
{
	struct entry *entry = malloc(size_of(key->len, value_len, expiry != 0));
	char *p;

	if (!entry) {
		return NULL;
	}
	p = entry->data;
	entry->key_len = (uint32_t)key->len;
	entry->value_len = (uint32_t)value_len;
	if (expiry) {
		entry->key_len |= ENTRY_TIMED;
		memcpy(p, &expiry, sizeof(expiry));
		p += sizeof(expiry);
	}
	memcpy(p, key->data, key->len);
	if (value) {
		memcpy(p + key->len, value, value_len);
	}
	return entry;
}

void entry_destroy(struct entry *entry)
{
	free(entry);
}

bool entry_store(struct entry *entry, const char *value, size_t value_len, int64_t expiry)
{
	if (expiry && !entry_is_timed(entry)) {
		return false;
	}
	if (value_len != entry->value_len) {
		size_t need = size_of(entry_key_len(entry), value_len, entry_is_timed(entry));
		size_t room = malloc_usable_size(entry);

		if (need > room || (room > WASTE_MIN && need < room / 2)) {
			return false;
		}
		entry->value_len = (uint32_t)value_len;
	}
	memcpy((char *)entry_value(entry), value, value_len);
	entry_set_expiry(entry, expiry);
	return true;
}

bool entry_set_expiry(struct entry *entry, int64_t expiry)
{
	if (entry_is_timed(entry)) {
		memcpy(entry->data, &expiry, sizeof(expiry));
		return true;
	}
	return expiry == 0;
}
