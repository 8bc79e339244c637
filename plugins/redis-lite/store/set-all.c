/* SPDX-License-Identifier: MIT */
/*
 * Several keys that get values, all or none.
 *
 * What may fail is done first, in a way that can be taken back: a value that needs a block of its own
 * gets one, in the table already, and what it replaces is kept until the end. A value that fits where
 * the old one is is only noted. When no key has failed the noted ones are written, which cannot fail.
 *
 * Where a key stands twice, the second one meets what the first one has made. A value that was noted
 * for an entry that is replaced after that is still written there, and goes with it.
 */
#include "store/set-all.h"
#include "store/keyspace-internal.h"
#include "store/table-find.h"
#include "util/work.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* Keys for which no memory is needed to remember the steps. */
#define STEPS_USUAL 16

enum kind {
	STEP_WRITE,	  /* is to be written into an entry */
	STEP_WRITE_TIMED, /* the same, which had an expiry */
	STEP_INSERTED,
	STEP_REPLACED,
};

struct step {
	struct entry *entry; /* that is to be written into, or was replaced */
	uint64_t hash;
	enum kind kind;
};

struct set_all {
	struct keyspace *keyspace;
	unsigned db;
	const struct shiny_resp_arg *pairs;
	struct step *steps; /* one for each pair */
};

static struct key key_of(const struct set_all *all, size_t i)
{
	const struct shiny_resp_arg *arg = &all->pairs[2 * i];

	return (struct key){ arg->data, arg->len, all->steps[i].hash };
}

/* Gives a key an entry of its own; @slot is where it has one, or NULL. */
static int store_new(const struct set_all *all, size_t i, const struct key *key, table_slot *slot)
{
	struct table *table = &all->keyspace->db[all->db];
	const struct shiny_resp_arg *value = &all->pairs[2 * i + 1];
	struct entry *entry = entry_create(table->heap, key, value->data, value->len, 0);

	if (!entry) {
		return -ENOMEM;
	}
	if (slot) {
		all->steps[i].kind = STEP_REPLACED;
		all->steps[i].entry = table_entry(*slot);
		table_replace(table, slot, entry);
		return 0;
	}
	all->steps[i].kind = STEP_INSERTED;
	if (table_insert(table, entry, key->hash) < 0) {
		entry_destroy(table->heap, entry);
		return -ENOMEM;
	}
	return 0;
}

static inline int prepare_pair(const struct set_all *all, size_t i)
{
	struct keyspace *keyspace = all->keyspace;
	struct key key = key_of(all, i);
	table_slot *slot = table_find(&keyspace->db[all->db], &key);

	keyspace_before_change(keyspace, all->db, &key);
	if (!slot) {
		return store_new(all, i, &key, NULL);
	}
	keyspace_mark_use(keyspace, slot);
	if (!entry_fits(table_entry(*slot), all->pairs[2 * i + 1].len)) {
		return store_new(all, i, &key, slot);
	}
	all->steps[i].kind = *slot & TABLE_SLOT_EXPIRES ? STEP_WRITE_TIMED : STEP_WRITE;
	all->steps[i].entry = table_entry(*slot);
	return 0;
}

static void roll_back(const struct set_all *all, size_t i)
{
	struct table *table = &all->keyspace->db[all->db];
	struct key key = key_of(all, i);
	table_slot *slot;

	if (all->steps[i].kind == STEP_INSERTED) {
		entry_destroy(table->heap, table_remove(table, &key));
	} else if (all->steps[i].kind == STEP_REPLACED) {
		slot = table_find(table, &key);
		entry_destroy(table->heap, table_entry(*slot));
		table_replace(table, slot, all->steps[i].entry);
	}
}

static void write_value(const struct set_all *all, size_t i)
{
	struct table *table = &all->keyspace->db[all->db];
	const struct shiny_resp_arg *value = &all->pairs[2 * i + 1];
	struct entry *entry = all->steps[i].entry;
	bool fits = entry_store(entry, value->data, value->len, 0);

	assert(fits); /* the block is the one that it was */
	(void)fits;
	if (all->steps[i].kind == STEP_WRITE_TIMED) {
		struct key key = key_of(all, i);
		table_slot *slot = table_find(table, &key);

		if (table_entry(*slot) == entry) {
			table_replace(table, slot, entry);
		}
	}
}

static inline void finish_pair(const struct set_all *all, size_t i)
{
	const struct step *step = &all->steps[i];

	if (step->kind == STEP_REPLACED) {
		entry_destroy(&all->keyspace->heap, step->entry);
	} else if (step->kind != STEP_INSERTED) {
		write_value(all, i);
	}
	if (all->keyspace->watches.count) {
		struct key key = key_of(all, i);

		keyspace_notify_watchers(all->keyspace, all->db, &key);
	}
}

static int set_pairs(const struct set_all *all, size_t count, uint64_t hash)
{
	for (size_t i = 0; i < count; i++) {
		const struct shiny_resp_arg *key = &all->pairs[2 * i];

		all->steps[i].hash =
			i == 0 ? hash : table_hash(key->data, key->len, all->keyspace->seed);
		work_add(all->keyspace->work, WORK_REQUEST);
		if (prepare_pair(all, i) < 0) {
			while (i-- > 0) {
				roll_back(all, i);
			}
			return -ENOMEM;
		}
	}
	for (size_t i = 0; i < count; i++) {
		finish_pair(all, i);
	}
	return 0;
}

int set_all(struct keyspace *keyspace, unsigned db, const struct shiny_resp_arg *pairs,
	    size_t count, uint64_t hash)
{
	struct step usual[STEPS_USUAL];
	struct step *steps = count > STEPS_USUAL ? malloc(count * sizeof(*steps)) : usual;
	int r;

	if (!steps) {
		return -ENOMEM;
	}
	r = set_pairs(&(struct set_all){ keyspace, db, pairs, steps }, count, hash);
	if (steps != usual) {
		free(steps);
	}
	return r;
}
