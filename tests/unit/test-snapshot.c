/* SPDX-License-Identifier: MIT */
/*
 * A snapshot, taken in steps while the keyspace changes at random, against a copy of what there was.
 */
#include "harness.h"
#include "keyspace.h"
#include "snapshot.h"

#include <stdio.h>
#include <string.h>

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

static void change(GRand *rand, int keys)
{
	char name[16], value[40];
	unsigned db = (unsigned)g_rand_int_range(rand, 0, 3) * 5;
	struct key key;

	snprintf(name, sizeof(name), "k%d", g_rand_int_range(rand, 0, keys));
	snprintf(value, sizeof(value), "%0*d", g_rand_int_range(rand, 1, 30),
		 g_rand_int_range(rand, 0, 1000));
	key = keyspace_key(&keyspace, name, strlen(name));
	switch (g_rand_int_range(rand, 0, 8)) {
	case 0:
		keyspace_remove(&keyspace, db, &key, 1);
		break;
	case 1:
		keyspace_find(&keyspace, db, &key, 150); /* removes what has expired */
		break;
	case 2:
		if (keyspace_find(&keyspace, db, &key, 1)) {
			keyspace_set_expiry(&keyspace, db, &key, g_rand_int_range(rand, 100, 200));
		}
		break;
	default:
		keyspace_set(&keyspace, db, &key, value, strlen(value),
			     g_rand_boolean(rand) ? 0 : g_rand_int_range(rand, 100, 200));
		break;
	}
}

static void take(GRand *rand, int keys, int changes_a_step)
{
	struct snapshot *snapshot;

	make_copy();
	g_assert_cmpint(snapshot_create(&keyspace, check_off, NULL, &snapshot), ==, 0);
	do {
		for (int i = 0; i < changes_a_step; i++) {
			change(rand, keys);
		}
	} while (snapshot_step(snapshot));
	g_assert_false(snapshot_is_spoiled(snapshot));
	snapshot_destroy(snapshot);
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
			take(rand, keys, changes[i]);
			for (int n = 0; n < keys / 4; n++) {
				change(rand, keys);
			}
		}
	}
	g_assert_null(keyspace.snapshot);
	keyspace_finish(&keyspace);
	g_rand_free(rand);
}

static void a_flush_spoils_it(void)
{
	struct key key;
	struct snapshot *snapshot;

	keyspace_init(&keyspace, 99);
	key = keyspace_key(&keyspace, "k", 1);
	keyspace_set(&keyspace, 3, &key, "v", 1, 0);
	make_copy();
	g_assert_cmpint(snapshot_create(&keyspace, check_off, NULL, &snapshot), ==, 0);
	keyspace_flush(&keyspace, 3);
	keyspace_set(&keyspace, 3, &key, "w", 1, 0);
	g_assert_false(snapshot_step(snapshot));
	g_assert_true(snapshot_is_spoiled(snapshot));
	g_assert_cmpuint(g_hash_table_size(copy), ==, 1);
	snapshot_destroy(snapshot);
	g_hash_table_destroy(copy);
	keyspace_finish(&keyspace);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/snapshot");
	harness_add_slow("/each-entry-is-seen-once-as-it-was", each_entry_is_seen_once_as_it_was,
			 60);
	harness_add("/a-flush-spoils-it", a_flush_spoils_it);
	return harness_run();
}
