/* SPDX-License-Identifier: MIT */
/*
 * A walk over all keys in small steps, while they change, that sees each as it was at the beginning.
 *
 * Copy on write, by buckets of the hash table: a bucket that is about to change before the walk has
 * come to it is visited then. One bit a bucket remembers. The buckets meant are those that there
 * were at the beginning: a bucket that the table adds later takes its entries from one of them, which
 * is visited before.
 *
 * A database that is exchanged for another one takes its walk along. One that is flushed leaves its
 * table, whose memory goes back in steps: the buckets that go are visited before.
 */
#include "store/snapshot.h"
#include "util/prefetch.h"

#include <errno.h>
#include <stdlib.h>

#define STEP_BUCKETS 16
#define WORD_BITS    64
#define LINE_SIZE    64

/* A database as it was at the beginning. */
struct walk {
	unsigned db; /* which it was */
	const struct table
		*table; /* where it is now; not looked at any more when nothing is left */
	size_t buckets, mask;
	size_t left; /* buckets still to be visited */
	uint64_t *visited;
};

struct snapshot {
	const struct table *tables; /* of the databases, as they are now */
	snapshot_visitor visit;
	void *arg;
	unsigned current; /* walk, where it goes on */
	size_t index;
	unsigned count; /* of databases */
	struct database {
		struct walk walk;
		struct walk *live; /* of what the database is now; NULL: it is a new one */
	} db[];
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

/* One that came later counts as visited: its entries were, in the bucket that it was split from. */
static bool is_visited(const struct walk *walk, size_t index)
{
	return index >= walk->buckets || walk->visited[index / WORD_BITS] >> index % WORD_BITS & 1;
}

static void visit_bucket(struct snapshot *snapshot, struct walk *walk, size_t index)
{
	struct visit visit = { snapshot, walk->db };

	if (!is_visited(walk, index)) {
		walk->visited[index / WORD_BITS] |= (uint64_t)1 << index % WORD_BITS;
		walk->left--;
		table_each(walk->table, index, visit_slot, &visit);
	}
}

static int start_walk(struct walk *walk, unsigned db, const struct table *table)
{
	*walk = (struct walk){ .db = db, .table = table };
	if (table->count == 0) {
		return 0;
	}
	walk->visited = calloc(table->buckets / WORD_BITS + 1, sizeof(uint64_t));
	if (!walk->visited) {
		return -ENOMEM;
	}
	walk->buckets = walk->left = table->buckets;
	walk->mask = table->mask;
	return 0;
}

int snapshot_create(const struct table *tables, unsigned count, snapshot_visitor visit, void *arg,
		    struct snapshot **ret_snapshot)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot) + count * sizeof(snapshot->db[0]));

	if (!snapshot) {
		return -ENOMEM;
	}
	snapshot->tables = tables;
	snapshot->count = count;
	snapshot->visit = visit;
	snapshot->arg = arg;
	for (unsigned db = 0; db < count; db++) {
		int r = start_walk(&snapshot->db[db].walk, db, &tables[db]);

		if (r < 0) {
			snapshot_destroy(snapshot);
			return r;
		}
		snapshot->db[db].live = &snapshot->db[db].walk;
	}
	*ret_snapshot = snapshot;
	return 0;
}

void snapshot_destroy(struct snapshot *snapshot)
{
	if (!snapshot) {
		return;
	}
	for (unsigned db = 0; db < snapshot->count; db++) {
		free(snapshot->db[db].walk.visited);
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
static void prefetch_next(const struct walk *walk, size_t index)
{
	for (size_t end = index + STEP_BUCKETS; index < end; index++) {
		if (!is_visited(walk, index)) {
			table_each(walk->table, index, prefetch_slot, NULL);
		}
	}
}

/* Passes over the walks that have ended. Returns the one to go on with; or NULL. */
static struct walk *find_walk(struct snapshot *snapshot)
{
	while (snapshot->current < snapshot->count && !snapshot->db[snapshot->current].walk.left) {
		snapshot->current++;
		snapshot->index = 0;
	}
	return snapshot->current < snapshot->count ? &snapshot->db[snapshot->current].walk : NULL;
}

bool snapshot_step(struct snapshot *snapshot)
{
	struct walk *walk = find_walk(snapshot);

	if (!walk) {
		return false;
	}
	prefetch_next(walk, snapshot->index);
	for (unsigned i = 0; i < STEP_BUCKETS && walk->left; i++) {
		visit_bucket(snapshot, walk, snapshot->index++);
	}
	return find_walk(snapshot);
}

/* Inserting a key may split another bucket than its own. Not inline: who makes changes is smaller so. */
__attribute__((noinline)) void snapshot_touch(struct snapshot *snapshot, unsigned db, uint64_t hash)
{
	struct walk *walk = snapshot->db[db].live;
	size_t index;

	if (walk && walk->left) {
		index = hash & walk->mask;
		visit_bucket(snapshot, walk,
			     index < walk->buckets ? index : index & (walk->mask >> 1));
		visit_bucket(snapshot, walk, table_next_split(walk->table));
	}
}

static void set_live_walk(struct snapshot *snapshot, unsigned db, struct walk *walk)
{
	snapshot->db[db].live = walk;
	if (walk) {
		walk->table = &snapshot->tables[db];
	}
}

void snapshot_swap(struct snapshot *snapshot, unsigned a, unsigned b)
{
	struct walk *walk = snapshot->db[a].live;

	set_live_walk(snapshot, a, snapshot->db[b].live);
	set_live_walk(snapshot, b, walk);
}

bool snapshot_needs(const struct snapshot *snapshot, unsigned db)
{
	const struct walk *walk = snapshot->db[db].live;

	return walk && walk->left > 0;
}

void snapshot_flush(struct snapshot *snapshot, unsigned db, const struct table *table)
{
	struct walk *walk = snapshot->db[db].live;

	if (!walk) {
		return;
	}
	snapshot->db[db].live = NULL;
	if (table) {
		walk->table = table;
		return;
	}
	for (size_t index = 0; walk->left; index++) {
		visit_bucket(snapshot, walk, index);
	}
}

/* Finds the walk that has something left to visit in a table; or NULL. */
static struct walk *find_walk_of(struct snapshot *snapshot, const struct table *table)
{
	for (unsigned db = 0; db < snapshot->count; db++) {
		struct walk *walk = &snapshot->db[db].walk;

		if (walk->left && walk->table == table) {
			return walk;
		}
	}
	return NULL;
}

size_t snapshot_release(struct snapshot *snapshot, const struct table *table, size_t most)
{
	struct walk *walk = find_walk_of(snapshot, table);

	if (!walk) {
		return most;
	}
	most = most < STEP_BUCKETS ? most : STEP_BUCKETS;
	most = most < table->buckets ? most : table->buckets;
	for (size_t i = 1; i <= most; i++) {
		visit_bucket(snapshot, walk, table->buckets - i);
	}
	return most;
}
