/* SPDX-License-Identifier: MIT */
/*
 * A snapshot, taken in steps while the keyspace changes at random, against a copy of what there was.
 *
 * The linker's --wrap puts the function below between the keyspace and libc's malloc().
 */
#include "harness.h"
#include "store/keyspace.h"

#include <stdio.h>
#include <string.h>

#define DBS 3

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static bool no_memory; /* for a flush that would rather do its work later */

void *__wrap_malloc(size_t size)
{
	return no_memory ? NULL : __real_malloc(size);
}

static struct keyspace keyspace;
static GHashTable *copy; /* what there was: "DB KEY" to "VALUE@EXPIRY" */

static char *name_of(unsigned db, const struct entry *entry)
{
	return g_strdup_printf("%u %.*s", db, (int)entry_key_len(entry), entry_key(entry));
}

static char *content_of(const struct entry *entry)
{
	return g_strdup_printf("%.*s@%" G_GINT64_FORMAT, (int)entry->value_len, entry_value(entry),
			       entry_expiry(entry));
}

/* Each entry of the copy is seen once, as it was. */
static void check_off(void *arg, unsigned db, const struct entry *entry)
{
	char *name = name_of(db, entry), *content = content_of(entry);

	(void)arg;
	g_assert_cmpstr(g_hash_table_lookup(copy, name), ==, content);
	g_hash_table_remove(copy, name);
	g_free(name);
	g_free(content);
}

struct walk {
	unsigned db;
};

static void add_to_copy(table_slot slot, void *arg)
{
	const struct walk *walk = arg;
	const struct entry *entry = table_entry(slot);

	g_hash_table_insert(copy, name_of(walk->db, entry), content_of(entry));
}

static void make_copy(void)
{
	copy = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		for (size_t i = 0; i < keyspace.db[db].buckets; i++) {
			table_each(&keyspace.db[db], i, add_to_copy, &(struct walk){ db });
		}
	}
}

static void change_key(GRand *rand, int keys)
{
	char name[16], value[40];
	unsigned db = (unsigned)g_rand_int_range(rand, 0, DBS);
	unsigned to = (db + 1) % DBS;
	const struct entry *entry;
	struct key key;

	snprintf(name, sizeof(name), "k%d", g_rand_int_range(rand, 0, keys));
	snprintf(value, sizeof(value), "%0*d", g_rand_int_range(rand, 1, 30),
		 g_rand_int_range(rand, 0, 1000));
	key = keyspace_key(&keyspace, name, strlen(name));
	entry = keyspace_find(&keyspace, db, &key, 1);
	switch (g_rand_int_range(rand, 0, 10)) {
	case 0:
		keyspace_remove(&keyspace, db, &key, 1);
		break;
	case 1:
		keyspace_find(&keyspace, db, &key, 150); /* removes what has expired */
		break;
	case 2:
		if (entry) {
			keyspace_set_expiry(&keyspace, db, &key, g_rand_int_range(rand, 100, 200));
		}
		break;
	case 3:
		if (entry) {
			keyspace_copy(&keyspace, entry, to, &key);
		}
		break;
	case 4:
		if (entry && !keyspace_find(&keyspace, to, &key, 1)) {
			keyspace_move(&keyspace, db, &key, to);
		}
		break;
	default:
		keyspace_set(&keyspace, db, &key, value, strlen(value),
			     g_rand_boolean(rand) ? 0 : g_rand_int_range(rand, 100, 200));
		break;
	}
}

static void flush(unsigned db, bool later)
{
	no_memory = !later;
	keyspace_flush(&keyspace, db);
	no_memory = false;
}

/* Once in a while it is whole databases that change. */
static void change(GRand *rand, int keys)
{
	unsigned db = (unsigned)g_rand_int_range(rand, 0, DBS);

	switch (g_rand_int_range(rand, 0, 1000)) {
	case 0:
		flush(db, g_rand_boolean(rand));
		break;
	case 1:
	case 2:
		keyspace_swap(&keyspace, db, (db + 1) % DBS, 1);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		keyspace_reclaim(&keyspace);
		break;
	default:
		change_key(rand, keys);
		break;
	}
}

static void take(GRand *rand, int keys, int changes_a_step)
{
	struct snapshot *snapshot;

	make_copy();
	g_assert_cmpint(keyspace_start_snapshot(&keyspace, check_off, NULL, &snapshot), ==, 0);
	do {
		for (int i = 0; i < changes_a_step; i++) {
			change(rand, keys);
		}
	} while (snapshot_step(snapshot));
	keyspace_end_snapshot(&keyspace);
	g_assert_cmpuint(g_hash_table_size(copy), ==, 0);
	g_hash_table_destroy(copy);
}

static void each_entry_is_seen_once_as_it_was(void)
{
	static const int changes[] = { 0, 1, 10, 100, 3000 };
	GRand *rand = g_rand_new_with_seed(5);

	keyspace_init(&keyspace, 99);
	for (int keys = 1; keys <= 100000; keys *= 10) {
		for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
			for (int n = 0; n < keys; n++) {
				change_key(rand, keys);
			}
			take(rand, keys, changes[i]);
		}
	}
	g_assert_null(keyspace.snapshot);
	keyspace_finish(&keyspace);
	g_rand_free(rand);
}

static void fill(unsigned db, int count)
{
	for (int i = 0; i < count; i++) {
		char name[16];
		struct key key;

		snprintf(name, sizeof(name), "k%d", i);
		key = keyspace_key(&keyspace, name, strlen(name));
		g_assert_cmpint(keyspace_set(&keyspace, db, &key, "v", 1, 0), ==, 0);
	}
}

static void begin(int count, struct snapshot **ret_snapshot)
{
	keyspace_init(&keyspace, 99);
	fill(3, count);
	make_copy();
	g_assert_cmpint(keyspace_start_snapshot(&keyspace, check_off, NULL, ret_snapshot), ==, 0);
}

static void end(struct snapshot *snapshot)
{
	g_assert_cmpuint(g_hash_table_size(copy), ==, 0);
	g_assert_false(snapshot_step(snapshot));
	keyspace_end_snapshot(&keyspace);
	g_hash_table_destroy(copy);
	keyspace_finish(&keyspace);
}

/* Whether the memory goes back before, while or after the snapshot comes to it. */
static void a_flush_leaves_it_whole(void)
{
	static const int counts[] = { 1, 100, 20000 };
	struct snapshot *snapshot;

	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		for (int reclaims = 0; reclaims <= 1000; reclaims += 500) {
			begin(counts[i], &snapshot);
			keyspace_flush(&keyspace, 3);
			g_assert_cmpuint(keyspace.db[3].count, ==, 0);
			fill(3, 10);
			for (int n = 0; n < reclaims && keyspace_reclaim(&keyspace); n++) {
				snapshot_step(snapshot);
			}
			while (snapshot_step(snapshot)) {
			}
			end(snapshot);
		}
	}
}

static void a_flush_without_memory_leaves_it_whole(void)
{
	struct snapshot *snapshot;

	begin(5000, &snapshot);
	snapshot_step(snapshot);
	flush(3, false);
	end(snapshot);
}

/* A snapshot takes as many steps as there is in it, whatever comes and goes meanwhile. */
static void flushes_and_swaps_do_not_delay_it(void)
{
	struct snapshot *snapshot;
	unsigned steps = 1, disturbed = 1;

	begin(20000, &snapshot);
	while (snapshot_step(snapshot)) {
		steps++;
	}
	end(snapshot);

	begin(20000, &snapshot);
	while (snapshot_step(snapshot)) {
		keyspace_swap(&keyspace, 3, 7, 0);
		keyspace_swap(&keyspace, 7, 4, 0);
		keyspace_flush(&keyspace, 0);
		keyspace_swap(&keyspace, 4, 3, 0);
		fill(0, 100);
		disturbed++;
	}
	g_assert_cmpuint(disturbed, ==, steps);
	end(snapshot);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/snapshot");
	harness_add_slow("/each-entry-is-seen-once-as-it-was", each_entry_is_seen_once_as_it_was,
			 60);
	harness_add("/a-flush-leaves-it-whole", a_flush_leaves_it_whole);
	harness_add("/a-flush-without-memory-leaves-it-whole",
		    a_flush_without_memory_leaves_it_whole);
	harness_add("/flushes-and-swaps-do-not-delay-it", flushes_and_swaps_do_not_delay_it);
	return harness_run();
}
