/* SPDX-License-Identifier: MIT */
/*
 * Keys with their values.
 *
 * One allocation each, so that a command touches one or two cache lines of memory besides the
 * table's, and a key costs eight bytes over its payload and the allocator's own. Only a key that
 * was given an expiry has room for one.
 */
#include "store/entry.h"

struct entry *entry_create_blank(struct heap *heap, const struct key *key, size_t value_len,
				 int64_t expiry)
{
	size_t timed = expiry ? sizeof(expiry) : 0;
	struct entry *entry = heap_alloc(heap, sizeof(*entry) + timed + key->len + value_len);

	if (!entry) {
		return NULL;
	}
	entry->key_len = (uint32_t)key->len | (expiry ? ENTRY_TIMED : 0);
	entry->value_len = (uint32_t)value_len;
	memcpy(entry->data, &expiry, timed);
	memcpy(entry->data + timed, key->data, key->len);
	return entry;
}

struct entry *entry_create(struct heap *heap, const struct key *key, const char *value,
			   size_t value_len, int64_t expiry)
{
	struct entry *entry = entry_create_blank(heap, key, value_len, expiry);

	if (entry) {
		memcpy(entry_room(entry), value, value_len);
	}
	return entry;
}

struct entry *entry_copy(struct heap *heap, const struct entry *entry, const struct key *key,
			 int64_t expiry)
{
	struct entry *copy = entry_create(heap, key, entry_value(entry), entry->value_len, expiry);

	if (copy) {
		copy->key_len |= entry->key_len & ENTRY_RAW;
	}
	return copy;
}

void entry_destroy(struct heap *heap, struct entry *entry)
{
	if (entry) {
		heap_free(heap, entry, entry_size(entry));
	}
}

struct entry *entry_extend(struct heap *heap, struct entry *entry, size_t value_len)
{
	size_t size = entry_size(entry);
	struct entry *extended = heap_grow(heap, entry, size, size - entry->value_len + value_len);

	if (extended) {
		extended->value_len = (uint32_t)value_len;
	}
	return extended;
}
