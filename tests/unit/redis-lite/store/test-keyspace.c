/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "store/expiry.h"
#include "store/keyspace.h"

#include <stdio.h>
#include <string.h>

static struct keyspace keyspace;
static unsigned expired;

static void count_expired(void *arg, unsigned db, const struct entry *entry)
{
	(void)arg;
	(void)db;
	g_assert_cmpint(entry_expiry(entry), >, 0);
	expired++;
}

static void start(void)
{
	keyspace_init(&keyspace, 99);
	keyspace.dropped = count_expired;
	expired = 0;
}

static struct key key_of(const char *text)
{
	return keyspace_key(&keyspace, text, strlen(text));
}

static void set(const char *name, const char *value, int64_t expiry)
{
	struct key key = key_of(name);

	g_assert_cmpint(keyspace_set(&keyspace, 0, &key, value, strlen(value), expiry), ==, 0);
}

static void expect(const char *name, int64_t now_ms, const char *value, int64_t expiry)
{
	struct key key = key_of(name);
	const struct entry *entry = keyspace_find(&keyspace, 0, &key, now_ms);

	if (!value) {
		g_assert_null(entry);
		return;
	}
	g_assert_nonnull(entry);
	g_assert_cmpmem(entry_value(entry), entry->value_len, value, strlen(value));
	g_assert_cmpint(entry_expiry(entry), ==, expiry);
}

static void the_last_value_counts(void)
{
	static const char *const values[] = {
		"one",
		"two",
		"",
		"three",
		"a value that is much longer than the others, so that it moves",
		"x",
	};

	start();
	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		set("key", values[i], 0);
		expect("key", 1, values[i], 0);
	}
	g_assert_cmpuint(keyspace.db[0].count, ==, 1);
	keyspace_finish(&keyspace);
}

static void a_value_is_extended_in_place_of_itself(void)
{
	struct key key;
	char *value;

	start();
	key = key_of("key");
	value = keyspace_extend(&keyspace, 0, &key, 3);
	memcpy(value, "one", 3);
	g_assert_cmpint(keyspace_set_expiry(&keyspace, 0, &key, 100), ==, 0);
	for (size_t len = 4; len < 3000; len++) {
		value = keyspace_extend(&keyspace, 0, &key, len);
		g_assert_cmpmem(value, 3, "one", 3);
		value[len - 1] = 'x';
	}
	g_assert_true(keyspace_extend(&keyspace, 0, &key, 1) == value);
	g_assert_cmpuint(keyspace_find(&keyspace, 0, &key, 1)->value_len, ==, 2999);
	g_assert_cmpint(entry_expiry(keyspace_find(&keyspace, 0, &key, 1)), ==, 100);
	g_assert_cmpuint(keyspace.db[0].expires, ==, 1);
	keyspace_finish(&keyspace);
}

static void an_expiry_comes_and_goes(void)
{
	struct key key;

	start();
	key = key_of("key");
	set("key", "v", 0);
	g_assert_cmpint(keyspace_set_expiry(&keyspace, 0, &key, 100), ==, 0);
	expect("key", 50, "v", 100);
	g_assert_cmpint(keyspace_set_expiry(&keyspace, 0, &key, 200), ==, 0);
	expect("key", 150, "v", 200);
	g_assert_cmpint(keyspace_set_expiry(&keyspace, 0, &key, 0), ==, 0);
	expect("key", 1000, "v", 0);
	set("key", "w", 2000);
	expect("key", 1000, "w", 2000);
	set("key", "x", 0);
	expect("key", 3000, "x", 0);
	g_assert_cmpuint(keyspace.db[0].expires, ==, 0);
	g_assert_cmpuint(expired, ==, 0);
	keyspace_finish(&keyspace);
}

static void what_expired_is_not_there(void)
{
	struct key key;

	start();
	key = key_of("key");
	set("key", "v", 100);
	expect("key", 99, "v", 100);
	expect("key", 100, NULL, 0);
	g_assert_cmpuint(expired, ==, 1);
	g_assert_cmpuint(keyspace.db[0].count, ==, 0);
	set("key", "v", 100);
	g_assert_false(keyspace_remove(&keyspace, 0, &key, 100));
	g_assert_cmpuint(expired, ==, 2);
	keyspace_finish(&keyspace);
}

static void databases_are_apart(void)
{
	struct key key;

	start();
	key = key_of("key");
	set("key", "v", 0);
	g_assert_null(keyspace_find(&keyspace, 1, &key, 1));
	keyspace_flush(&keyspace, 1);
	expect("key", 1, "v", 0);
	keyspace_flush(&keyspace, 0);
	expect("key", 1, NULL, 0);
	keyspace_finish(&keyspace);
}

static void fill(unsigned count, int64_t expiry)
{
	for (unsigned i = 0; i < count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%u:%u", (unsigned)expiry, i);
		set(name, "v", expiry);
	}
}

static void the_sweep_removes_what_expired_and_no_more(void)
{
	start();
	fill(5000, 100);
	fill(5000, 200);
	fill(5000, 0);
	while (expiry_sweep(&keyspace, 150)) {
	}
	g_assert_cmpuint(expired, ==, 5000);
	g_assert_cmpuint(keyspace.db[0].count, ==, 10000);
	while (expiry_sweep(&keyspace, 250)) {
	}
	g_assert_cmpuint(expired, ==, 10000);
	g_assert_cmpuint(keyspace.db[0].expires, ==, 0);
	keyspace_finish(&keyspace);
}

static void a_flush_gives_memory_back_step_by_step(void)
{
	unsigned steps = 0;

	start();
	fill(10000, 0);
	keyspace_flush(&keyspace, 0);
	fill(100, 0);
	while (keyspace_reclaim(&keyspace)) {
		steps++;
	}
	g_assert_cmpuint(steps, >, 30);
	expect("0:99", 1, "v", 0);
	expect("0:100", 1, NULL, 0);
	keyspace_finish(&keyspace);
}

static void keys_are_copied_moved_and_swapped(void)
{
	struct key a, b;

	start();
	a = key_of("a");
	b = key_of("longer name");
	set("a", "value", 100);
	for (int i = 0; i < 2; i++) { /* to a new key, and over an old one */
		const struct entry *entry = keyspace_find(&keyspace, 0, &a, 1);

		g_assert_cmpint(keyspace_copy(&keyspace, entry, 0, &b), ==, 0);
		expect("longer name", 1, "value", 100);
	}
	g_assert_cmpint(keyspace_move(&keyspace, 0, &a, 5), ==, 0);
	expect("a", 1, NULL, 0);
	g_assert_cmpuint(keyspace.db[0].expires, ==, 1);
	g_assert_cmpuint(keyspace.db[5].expires, ==, 1);
	keyspace_swap(&keyspace, 0, 5, 0);
	expect("a", 1, "value", 100);
	expect("longer name", 1, NULL, 0);
	keyspace_swap(&keyspace, 5, 5, 0);
	g_assert_cmpuint(keyspace.db[5].count, ==, 1);
	keyspace_finish(&keyspace);
}

static void an_expired_key_is_not_chosen_at_random(void)
{
	start();
	g_assert_null(keyspace_random(&keyspace, 0, 1));
	for (int i = 0; i < 1000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "k%d", i);
		set(name, "v", 100);
	}
	set("stays", "v", 0);
	for (int i = 0; i < 100; i++) {
		const struct entry *entry = keyspace_random(&keyspace, 0, 100);

		g_assert_cmpmem(entry_key(entry), entry_key_len(entry), "stays", 5);
	}
	keyspace_flush(&keyspace, 0);
	set("expires", "v", 100);
	g_assert_null(keyspace_random(&keyspace, 0, 100));
	keyspace_finish(&keyspace);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/keyspace/the-last-value-counts", the_last_value_counts);
	harness_add("/keyspace/a-value-is-extended-in-place-of-itself",
		    a_value_is_extended_in_place_of_itself);
	harness_add("/keyspace/an-expiry-comes-and-goes", an_expiry_comes_and_goes);
	harness_add("/keyspace/what-expired-is-not-there", what_expired_is_not_there);
	harness_add("/keyspace/databases-are-apart", databases_are_apart);
	harness_add("/keyspace/the-sweep-removes-what-expired-and-no-more",
		    the_sweep_removes_what_expired_and_no_more);
	harness_add("/keyspace/a-flush-gives-memory-back-step-by-step",
		    a_flush_gives_memory_back_step_by_step);
	harness_add("/keyspace/keys-are-copied-moved-and-swapped",
		    keys_are_copied_moved_and_swapped);
	harness_add("/keyspace/an-expired-key-is-not-chosen-at-random",
		    an_expired_key_is_not_chosen_at_random);
	return harness_run();
}
