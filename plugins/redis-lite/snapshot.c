/* SPDX-License-Identifier: MIT */
/*
 * A walk over all keys in small steps, while they change, that sees each as it was at the beginning.
 *
 * Copy on write, by buckets of the hash table: a bucket that is about to change before the walk has
 * come to it is visited then. One bit a bucket remembers. The buckets meant are those that there
 * were at the beginning: a bucket that the table adds later takes its entries from one of them, which
 * is visited before.
 */
#include "snapshot.h"
#include "keyspace.h"
#include "prefetch.h"

#include <errno.h>
#include <stdlib.h>

#define STEP_BUCKETS 16
#define WORD_BITS    64
#define LINE_SIZE    64

/* A database as it was at the beginning. */
struct walk {
	size_t buckets, mask;
	uint64_t *visited;
};

struct snapshot {
	struct keyspace *keyspace;
	snapshot_visitor visit;
	void *arg;
	bool spoiled;
	unsigned db; /* where the walk goes on */
	size_t index;
	struct walk walks[KEYSPACE_DBS];
};

struct visit {
	struct snapshot *snapshot;
	unsigned db;
};

static void visit_slot(table_slot slot, void *arg)
{
	const struct visit *visit = arg;

	visit->snapshot->visit(visit->snapshot->arg, visit->db, table_entry(slot));
}

static void visit_bucket(struct snapshot *snapshot, unsigned db, size_t index)
{
	struct walk *walk = &snapshot->walks[db];
	uint64_t bit = (uint64_t)1 << index % WORD_BITS;
	struct visit visit = { snapshot, db };

	if (index < walk->buckets && !(walk->visited[index / WORD_BITS] & bit)) {
		walk->visited[index / WORD_BITS] |= bit;
		table_each(&snapshot->keyspace->db[db], index, visit_slot, &visit);
	}
}

static int start_walk(struct walk *walk, const struct table *table)
{
	*walk = (struct walk){ .buckets = table->buckets, .mask = table->mask };
	if (walk->buckets == 0) {
		return 0;
	}
	walk->visited = calloc(walk->buckets / WORD_BITS + 1, sizeof(uint64_t));
	return walk->visited ? 0 : -ENOMEM;
}

int snapshot_create(struct keyspace *keyspace, snapshot_visitor visit, void *arg,
		    struct snapshot **ret_snapshot)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	int r = snapshot ? 0 : -ENOMEM;

	for (unsigned db = 0; r == 0 && db < KEYSPACE_DBS; db++) {
		r = start_walk(&snapshot->walks[db], &keyspace->db[db]);
	}
	if (r < 0) {
		snapshot_destroy(snapshot);
		return r;
	}
	snapshot->keyspace = keyspace;
	snapshot->visit = visit;
	snapshot->arg = arg;
	keyspace->snapshot = *ret_snapshot = snapshot;
	return 0;
}

void snapshot_destroy(struct snapshot *snapshot)
{
	if (!snapshot) {
		return;
	}
	if (snapshot->keyspace) {
		snapshot->keyspace->snapshot = NULL;
	}
	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		free(snapshot->walks[db].visited);
	}
	free(snapshot);
}

static void prefetch_slot(table_slot slot, void *arg)
{
	(void)arg;
	prefetch(table_entry(slot));
	prefetch((const char *)table_entry(slot) + LINE_SIZE);
}

/* Asks for the entries of the buckets that come next, which are anywhere in memory. */
static void prefetch_next(const struct snapshot *snapshot)
{
	size_t end = snapshot->index + STEP_BUCKETS;

	if (end > snapshot->walks[snapshot->db].buckets) {
		end = snapshot->walks[snapshot->db].buckets;
	}
	for (size_t index = snapshot->index; index < end; index++) {
		table_each(&snapshot->keyspace->db[snapshot->db], index, prefetch_slot, NULL);
	}
}

bool snapshot_step(struct snapshot *snapshot)
{
	if (snapshot->db < KEYSPACE_DBS && !snapshot->spoiled) {
		prefetch_next(snapshot);
	}
	for (unsigned i = 0; i < STEP_BUCKETS && snapshot->db < KEYSPACE_DBS; i++) {
		if (snapshot->spoiled) {
			return false;
		}
		visit_bucket(snapshot, snapshot->db, snapshot->index++);
		if (snapshot->index >= snapshot->walks[snapshot->db].buckets) {
			snapshot->index = 0;
			snapshot->db++;
		}
	}
	return snapshot->db < KEYSPACE_DBS;
}

/* Inserting a key may split another bucket than its own. */
void snapshot_touch(struct snapshot *snapshot, unsigned db, uint64_t hash)
{
	const struct table *table = &snapshot->keyspace->db[db];
	const struct walk *walk = &snapshot->walks[db];
	size_t index = hash & walk->mask;

	if (snapshot->spoiled) {
		return;
	}
	visit_bucket(snapshot, db, index < walk->buckets ? index : index & (walk->mask >> 1));
	visit_bucket(snapshot, db, table_next_split(table));
}

void snapshot_spoil(struct snapshot *snapshot)
{
	snapshot->spoiled = true;
}

bool snapshot_is_spoiled(const struct snapshot *snapshot)
{
	return snapshot->spoiled;
}
