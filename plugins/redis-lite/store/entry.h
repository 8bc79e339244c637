/* SPDX-License-Identifier: MIT */
/*
 * A key with its value and the moment when it expires, in one block of memory. What is read for
 * each GET is inline. The keyspace makes and changes entries; everybody else reads them.
 */
#ifndef REDIS_LITE_STORE_ENTRY_H
#define REDIS_LITE_STORE_ENTRY_H

#include "store/heap.h"
#include "util/bytes.h"

#define ENTRY_TIMED (1u << 31) /* there is room for the expiry */
#define ENTRY_RAW   (1u << 30) /* the value was not set, but written into */
#define ENTRY_FLAGS (ENTRY_TIMED | ENTRY_RAW)

/*
 * A key and its value in one allocation: this header, the moment it expires if it was ever given
 * one, the key, the value. Keys and values stay below 2^30 bytes (SHINY_RESP_BULK_MAX is less).
 */
struct entry {
	uint32_t key_len; /* and ENTRY_FLAGS */
	uint32_t value_len;
	char data[];
};

/* A key as commands name it, with its hash. */
struct key {
	const char *data;
	size_t len;
	uint64_t hash;
};

static inline bool entry_is_timed(const struct entry *entry)
{
	return entry->key_len & ENTRY_TIMED;
}

static inline bool entry_is_raw(const struct entry *entry)
{
	return entry->key_len & ENTRY_RAW;
}

static inline size_t entry_key_len(const struct entry *entry)
{
	return entry->key_len & ~ENTRY_FLAGS;
}

static inline const char *entry_key(const struct entry *entry)
{
	return entry->data + (entry_is_timed(entry) ? sizeof(int64_t) : 0);
}

/* entry_size() - of the whole allocation */
static inline size_t entry_size(const struct entry *entry)
{
	return sizeof(*entry) + (entry_is_timed(entry) ? sizeof(int64_t) : 0) +
	       entry_key_len(entry) + entry->value_len;
}

static inline const char *entry_value(const struct entry *entry)
{
	return entry_key(entry) + entry_key_len(entry);
}

/* entry_room() - the value's bytes, to be written */
static inline char *entry_room(struct entry *entry)
{
	return (char *)entry_value(entry);
}

/* entry_expiry() - when it expires, in milliseconds of the wall clock; 0: never */
static inline int64_t entry_expiry(const struct entry *entry)
{
	int64_t expiry = 0;

	if (entry_is_timed(entry)) {
		memcpy(&expiry, entry->data, sizeof(expiry));
	}
	return expiry;
}

/* entry_create() - NULL if out of memory */
struct entry *entry_create(struct heap *heap, const struct key *key, const char *value,
			   size_t value_len, int64_t expiry);

/* entry_create_blank() - the same, with the value's bytes still to be written */
struct entry *entry_create_blank(struct heap *heap, const struct key *key, size_t value_len,
				 int64_t expiry);

/* entry_copy() - of another one's value, for another key or expiry */
struct entry *entry_copy(struct heap *heap, const struct entry *entry, const struct key *key,
			 int64_t expiry);

/* entry_destroy() - @entry may be NULL */
void entry_destroy(struct heap *heap, struct entry *entry);

/* entry_make_raw() - its value is no longer as it was set */
static inline void entry_make_raw(struct entry *entry)
{
	entry->key_len |= ENTRY_RAW;
}

/*
 * entry_fits() - whether entry_store() has room for a value that never expires
 *
 * The answer is the same after any value that fits was stored. So the block is asked even for a value
 * as long as the present one: a block that has grown may be more than twice as large as what it holds,
 * and does not take that length again once it holds a longer value.
 */
static inline bool entry_fits(const struct entry *entry, size_t value_len)
{
	size_t size = entry_size(entry);

	return heap_resize(entry, size, size - entry->value_len + value_len);
}

/* entry_set_expiry() - 0: never; returns false, with nothing changed, if there is no room for it */
static inline bool entry_set_expiry(struct entry *entry, int64_t expiry)
{
	if (entry_is_timed(entry)) {
		memcpy(entry->data, &expiry, sizeof(expiry));
		return true;
	}
	return expiry == 0;
}

/*
 * entry_store() - give an entry another value and expiry in the room that it has
 *
 * @value must not point into the entry. Returns false, with nothing changed, if that needs another
 * block of memory.
 */
static inline bool entry_store(struct entry *entry, const char *value, size_t value_len,
			       int64_t expiry)
{
	if (expiry && !entry_is_timed(entry)) {
		return false;
	}
	if (value_len != entry->value_len) {
		size_t size = entry_size(entry);

		if (!heap_resize(entry, size, size - entry->value_len + value_len)) {
			return false;
		}
		entry->value_len = (uint32_t)value_len;
	}
	bytes_copy(entry_room(entry), value, value_len);
	if (entry->key_len & ENTRY_FLAGS) {
		entry->key_len &= ~ENTRY_RAW;
		entry_set_expiry(entry, expiry);
	}
	return true;
}

/*
 * entry_extend() - make room for a longer value; the bytes added are the caller's to write
 *
 * Returns where the entry is now; NULL if out of memory, with @entry as it was.
 */
struct entry *entry_extend(struct heap *heap, struct entry *entry, size_t value_len);

#endif
