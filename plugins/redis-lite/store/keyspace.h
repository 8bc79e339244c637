/* SPDX-License-Identifier: MIT */
/*
 * All databases of a section. Every change of a key goes through here or through set-all.h, as a
 * change is also told to those who watch the key and to the snapshot.
 *
 * A key is given with its hash, which keyspace_key() works out; the time comes in as an argument.
 */
#ifndef REDIS_LITE_STORE_KEYSPACE_H
#define REDIS_LITE_STORE_KEYSPACE_H

#include "store/huge.h"
#include "store/snapshot.h"
#include "store/watch.h"

#define KEYSPACE_DBS 16

struct keyspace_lazyfree;

/* Which keys go when there is no more memory. */
enum evict_policy {
	EVICT_NONE,
	EVICT_ALLKEYS_LRU,
	EVICT_ALLKEYS_RANDOM,
	EVICT_VOLATILE_TTL,
	EVICT_MAX
};

struct keyspace {
	uint64_t seed, random;
	struct huge_maker maker;
	struct heap heap;
	struct table db[KEYSPACE_DBS];
	struct watches watches;
	struct snapshot *snapshot;	    /* being taken, or NULL */
	struct work *work;		    /* where what takes long is counted; or NULL */
	struct keyspace_lazyfree *lazyfree; /* flushed tables whose memory is not yet given back */

	/* Called for each entry that goes though nobody asked for it, because its time has come or for
	 * want of memory, while it still exists. */
	void (*dropped)(void *arg, unsigned db, const struct entry *entry);
	void *arg;

	/* Where the sweep for expired keys goes on. */
	unsigned sweep_db;
	size_t sweep_index;

	/* See store/evict.h, and there where its hand is. */
	uint64_t limit;
	enum evict_policy policy;
	bool marks_use;
	unsigned hand_db;
	size_t hand_index;

	uint64_t hits, misses, expired_keys, evicted_keys;

	/* Of what will expire, how much the sweep has met in its database, and how long that has to
	 * live in all; and the average when it was in each of them last. */
	double sweep_count, sweep_ttl_sum;
	int64_t sweep_ttl[KEYSPACE_DBS];
};

/* What is expired at @now_ms is not there: the functions that take it remove what they meet. */

void keyspace_init(struct keyspace *keyspace, uint64_t seed);
void keyspace_finish(struct keyspace *keyspace);

static inline struct key keyspace_key(const struct keyspace *keyspace, const char *data, size_t len)
{
	return (struct key){ data, len, table_hash(data, len, keyspace->seed) };
}

/* keyspace_find() - a key's entry, valid until the key is changed; or NULL */
struct entry *keyspace_find(struct keyspace *keyspace, unsigned db, const struct key *key,
			    int64_t now_ms);

/* keyspace_read() - the same, counted as a hit or a miss */
struct entry *keyspace_read(struct keyspace *keyspace, unsigned db, const struct key *key,
			    int64_t now_ms);

/*
 * keyspace_set() - give a key a value, whether or not it has one
 *
 * @expiry in milliseconds of the wall clock, 0: never. Copies @value, which must not point into
 * the keyspace.
 *
 * Returns: 0; -ENOMEM with nothing changed.
 */
int keyspace_set(struct keyspace *keyspace, unsigned db, const struct key *key, const char *value,
		 size_t value_len, int64_t expiry);

/*
 * keyspace_extend() - lengthen a key's value to @value_len bytes, to be written into
 *
 * A key that is not there has an empty value before. Bytes added are the caller's to write. Values
 * that are extended again and again are not copied each time. From now on the entry is raw.
 *
 * Returns where the value begins; NULL if out of memory, with nothing changed.
 */
char *keyspace_extend(struct keyspace *keyspace, unsigned db, const struct key *key,
		      size_t value_len);

/* keyspace_copy() - give a key the value and expiry of another one's entry; 0 or -ENOMEM */
int keyspace_copy(struct keyspace *keyspace, const struct entry *entry, unsigned db,
		  const struct key *key);

/* keyspace_move() - a key that is there to a database where it is not; 0 or -ENOMEM */
int keyspace_move(struct keyspace *keyspace, unsigned db, const struct key *key, unsigned to_db);

/* keyspace_swap() - let two databases change places */
void keyspace_swap(struct keyspace *keyspace, unsigned a, unsigned b, int64_t now_ms);

/* keyspace_random() - any key's entry, or NULL if there is none */
const struct entry *keyspace_random(struct keyspace *keyspace, unsigned db, int64_t now_ms);

/* keyspace_set_expiry() - for a key that is there; 0: never; returns 0 or -ENOMEM */
int keyspace_set_expiry(struct keyspace *keyspace, unsigned db, const struct key *key,
			int64_t expiry);

/* keyspace_remove() - returns whether the key was there */
bool keyspace_remove(struct keyspace *keyspace, unsigned db, const struct key *key, int64_t now_ms);

/* keyspace_flush() - empty a database at once, and leave its memory to keyspace_reclaim() */
void keyspace_flush(struct keyspace *keyspace, unsigned db);

/* keyspace_reclaim() - one bounded step of giving memory back; false if there was nothing */
bool keyspace_reclaim(struct keyspace *keyspace);

/*
 * keyspace_start_snapshot() - begin to walk all keys as they are now; see store/snapshot.h
 *
 * One at a time. Returns 0 or -ENOMEM.
 */
int keyspace_start_snapshot(struct keyspace *keyspace, snapshot_visitor visit, void *arg,
			    struct snapshot **ret_snapshot);

/* keyspace_end_snapshot() - at its end or before; without one nothing happens */
void keyspace_end_snapshot(struct keyspace *keyspace);

/* keyspace_entry_memory() - bytes that an entry takes, with its place in the table */
size_t keyspace_entry_memory(const struct entry *entry);

/* keyspace_evict() - remove a key that nobody asked to remove */
void keyspace_evict(struct keyspace *keyspace, unsigned db, const struct entry *entry);

/* keyspace_used() - bytes of the entries and tables; keyspace_memory() - with what is held for more */
size_t keyspace_used(const struct keyspace *keyspace);
size_t keyspace_memory(const struct keyspace *keyspace);

#endif
