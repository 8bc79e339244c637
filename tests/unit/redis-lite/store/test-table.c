/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "store/table-find.h"

#include <stdio.h>
#include <string.h>

#define SEED 12345

static struct heap heap;

struct name {
	char text[24];
	struct key key;
};

static struct key key_of(struct name *name, unsigned number)
{
	int len = snprintf(name->text, sizeof(name->text), "key:%u", number);

	name->key =
		(struct key){ name->text, (size_t)len, table_hash(name->text, (size_t)len, SEED) };
	return name->key;
}

static void insert(struct table *table, unsigned number)
{
	struct name name;
	struct key key = key_of(&name, number);

	g_assert_cmpint(
		table_insert(table,
			     entry_create(&heap, &key, (const char *)&number, sizeof(number), 0),
			     key.hash),
		==, 0);
}

static bool has(const struct table *table, unsigned number)
{
	struct name name;
	struct key key = key_of(&name, number);
	table_slot *slot = table_find(table, &key);
	unsigned value;

	if (!slot) {
		return false;
	}
	memcpy(&value, entry_value(table_entry(*slot)), sizeof(value));
	g_assert_cmpuint(value, ==, number);
	return true;
}

static bool take(struct table *table, unsigned number)
{
	struct name name;
	struct key key = key_of(&name, number);
	struct entry *entry = table_remove(table, &key);

	entry_destroy(&heap, entry);
	return entry != NULL;
}

static void an_empty_one_has_nothing(void)
{
	struct table table;

	table_init(&table, &heap, SEED);
	g_assert_false(has(&table, 1));
	g_assert_false(take(&table, 1));
	g_assert_null(table_candidate(&table, 0));
	g_assert_cmpuint(table_scan(&table, 0, NULL, NULL), ==, 0);
	table_finish(&table);
}

static void keeps_all_while_it_grows(void)
{
	enum {
		COUNT = 200000
	};
	struct table table;

	table_init(&table, &heap, SEED);
	for (unsigned i = 0; i < COUNT; i++) {
		insert(&table, i);
		g_assert_true(has(&table, i / 2));
	}
	for (unsigned i = 0; i < COUNT; i++) {
		g_assert_true(has(&table, i));
		g_assert_false(has(&table, COUNT + i));
	}
	g_assert_cmpuint(table.count, ==, COUNT);
	g_assert_cmpuint(table_memory(&table), <=, COUNT * 20);
	table_finish(&table);
}

static void agrees_with_another_table(void)
{
	GHashTable *other = g_hash_table_new(NULL, NULL);
	GRand *rand = g_rand_new_with_seed(1);
	struct table table;

	table_init(&table, &heap, SEED);
	for (int i = 0; i < 500000; i++) {
		/* The range widens and narrows, so that the table is now filled, now emptied. */
		unsigned range = 1 + (unsigned)i % 50000;
		unsigned number = (unsigned)g_rand_int_range(rand, 0, (gint)range);
		bool there = g_hash_table_contains(other, GUINT_TO_POINTER(number));

		g_assert_cmpint(has(&table, number), ==, there);
		if (there) {
			g_assert_true(take(&table, number));
			g_hash_table_remove(other, GUINT_TO_POINTER(number));
		} else {
			insert(&table, number);
			g_hash_table_add(other, GUINT_TO_POINTER(number));
		}
		g_assert_cmpuint(table.count, ==, g_hash_table_size(other));
	}
	g_hash_table_destroy(other);
	g_rand_free(rand);
	table_finish(&table);
}

static void see(table_slot slot, void *arg)
{
	unsigned char *seen = arg;
	unsigned number;

	memcpy(&number, entry_value(table_entry(slot)), sizeof(number));
	seen[number]++;
}

static void each_visits_all_once(void)
{
	enum {
		COUNT = 5000
	};
	unsigned char *seen = g_new0(unsigned char, COUNT);
	struct table table;

	table_init(&table, &heap, SEED);
	for (unsigned i = 0; i < COUNT; i++) {
		insert(&table, i);
	}
	for (size_t i = 0; i < table.buckets; i++) {
		table_each(&table, i, see, seen);
	}
	for (unsigned i = 0; i < COUNT; i++) {
		g_assert_cmpuint(seen[i], ==, 1);
	}
	g_free(seen);
	table_finish(&table);
}

/* @change between two steps of a scan; the first COUNT keys stay all the time. */
static void scan_with(unsigned start, void (*change)(struct table *table, unsigned *extra))
{
	enum {
		COUNT = 3000,
		MOST = 200000
	};
	unsigned char *seen = g_new0(unsigned char, MOST);
	unsigned extra = COUNT;
	uint64_t cursor = 0;
	struct table table;

	table_init(&table, &heap, SEED);
	for (unsigned i = 0; i < COUNT; i++) {
		insert(&table, i);
	}
	while (extra < COUNT + start) {
		insert(&table, extra++);
	}
	do {
		cursor = table_scan(&table, cursor, see, seen);
		change(&table, &extra);
	} while (cursor);
	for (unsigned i = 0; i < COUNT; i++) {
		g_assert_cmpuint(seen[i], >=, 1);
	}
	g_free(seen);
	table_finish(&table);
}

static void grow(struct table *table, unsigned *extra)
{
	for (int i = 0; i < 7 && *extra < 100000; i++) {
		insert(table, (*extra)++);
	}
}

static void shrink(struct table *table, unsigned *extra)
{
	for (int i = 0; i < 20 && *extra > 3000; i++) {
		g_assert_true(take(table, --*extra));
	}
}

static void scan_sees_what_stays_while_it_grows(void)
{
	scan_with(0, grow);
}

static void scan_sees_what_stays_while_others_go(void)
{
	scan_with(50000, shrink);
}

static void drain_goes_step_by_step(void)
{
	struct table table;
	unsigned steps = 1;

	table_init(&table, &heap, SEED);
	for (unsigned i = 0; i < 10000; i++) {
		insert(&table, i);
	}
	while (table_drain(&table, 64)) {
		steps++;
	}
	g_assert_cmpuint(steps, >, 30);
	g_assert_cmpuint(table.count, ==, 0);
	g_assert_cmpuint(table_memory(&table), ==, 0);
}

static void expiring_entries_are_counted(void)
{
	struct table table;
	struct name name;
	struct key key = key_of(&name, 1);
	table_slot *slot;

	table_init(&table, &heap, SEED);
	g_assert_cmpint(table_insert(&table, entry_create(&heap, &key, "v", 1, 1000), key.hash), ==,
			0);
	g_assert_cmpuint(table.expires, ==, 1);
	slot = table_find(&table, &key);
	g_assert_true(*slot & TABLE_SLOT_EXPIRES);
	g_assert_true(entry_set_expiry(table_entry(*slot), 0));
	table_replace(&table, slot, table_entry(*slot));
	g_assert_cmpuint(table.expires, ==, 0);
	entry_destroy(&heap, table_remove(&table, &key));
	g_assert_cmpuint(table.expires, ==, 0);
	table_finish(&table);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/table/an-empty-one-has-nothing", an_empty_one_has_nothing);
	harness_add("/table/keeps-all-while-it-grows", keeps_all_while_it_grows);
	harness_add("/table/agrees-with-another-table", agrees_with_another_table);
	harness_add("/table/each-visits-all-once", each_visits_all_once);
	harness_add("/table/scan/sees-what-stays-while-it-grows",
		    scan_sees_what_stays_while_it_grows);
	harness_add("/table/scan/sees-what-stays-while-others-go",
		    scan_sees_what_stays_while_others_go);
	harness_add("/table/drain-goes-step-by-step", drain_goes_step_by_step);
	harness_add("/table/expiring-entries-are-counted", expiring_entries_are_counted);
	return harness_run();
}
