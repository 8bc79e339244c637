/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "store/evict.h"

#include <stdio.h>
#include <string.h>

#define LIMIT ((size_t)1024 * 1024)

/* By how much one more key may pass the limit, the table's growth included. */
#define ONE_KEY 16384

static struct keyspace keyspace;
static unsigned dropped;

static void count_dropped(void *arg, unsigned db, const struct entry *entry)
{
	(void)arg;
	(void)db;
	g_assert_nonnull(entry);
	dropped++;
}

static void start(enum evict_policy policy)
{
	keyspace_init(&keyspace, 7);
	keyspace.dropped = count_dropped;
	dropped = 0;
	evict_configure(&keyspace, LIMIT, policy);
}

static struct key key_of(char *name, const char *prefix, int n)
{
	return keyspace_key(&keyspace, name, (size_t)sprintf(name, "%s%d", prefix, n));
}

static bool add(const char *prefix, int n, int64_t expiry)
{
	char name[32], value[64] = "";
	struct key key = key_of(name, prefix, n);

	if (evict_is_needed(&keyspace) && !evict_make_room(&keyspace)) {
		return false;
	}
	g_assert_cmpint(keyspace_set(&keyspace, n % 2, &key, value, sizeof(value), expiry), ==, 0);
	g_assert_cmpuint(keyspace_used(&keyspace), <=, LIMIT + ONE_KEY);
	return true;
}

static bool is_there(const char *prefix, int n)
{
	char name[32];
	struct key key = key_of(name, prefix, n);

	return keyspace_find(&keyspace, n % 2, &key, 0) != NULL;
}

static void keys_stay_within_the_limit(void)
{
	for (enum evict_policy policy = EVICT_NONE + 1; policy < EVICT_MAX; policy++) {
		start(policy);
		for (int n = 0; n < 50000; n++) {
			g_assert_true(add("k", n, 1000 + n));
		}
		g_assert_cmpuint(dropped, >, 30000);
		g_assert_cmpuint(keyspace.evicted_keys, ==, dropped);
		g_assert_cmpuint(keyspace.db[0].count + keyspace.db[1].count, ==, 50000 - dropped);
		keyspace_finish(&keyspace);
	}
}

static void without_eviction_nothing_goes(void)
{
	int n = 0;

	start(EVICT_NONE);
	while (add("k", n, 0)) {
		n++;
	}
	g_assert_cmpint(n, >, 5000);
	g_assert_cmpuint(dropped, ==, 0);
	for (int i = 0; i < n; i++) {
		g_assert_true(is_there("k", i));
	}
	keyspace_finish(&keyspace);
}

/* A tenth of what there is room for is asked for again and again. */
static void what_is_used_survives(void)
{
	enum {
		HOT = 700,
		COLD = 60000
	};
	int survivors = 0;

	start(EVICT_ALLKEYS_LRU);
	for (int n = 0; n < HOT; n++) {
		add("hot", n, 0);
	}
	for (int n = 0; n < COLD; n++) {
		add("cold", n, 0);
		is_there("hot", n % HOT);
	}
	for (int n = 0; n < HOT; n++) {
		survivors += is_there("hot", n);
	}
	g_assert_cmpuint(dropped, >, COLD / 2);
	g_assert_cmpint(survivors, >, HOT * 98 / 100);
	keyspace_finish(&keyspace);
}

static int count_range(const char *prefix, int first, int last)
{
	int count = 0;

	for (int n = first; n < last; n++) {
		count += is_there(prefix, n);
	}
	return count;
}

/* Half of all are to go: of the nearest tenth hardly one is left, of the farthest nearly all. */
static void what_expires_soonest_goes_first(void)
{
	enum {
		COUNT = 6000
	};

	start(EVICT_VOLATILE_TTL);
	for (int n = 0; n < COUNT; n++) {
		add("k", n, 1000 + n);
	}
	g_assert_cmpuint(dropped, ==, 0);
	evict_configure(&keyspace, keyspace_used(&keyspace) * 5 / 8, EVICT_VOLATILE_TTL);
	while (evict_is_needed(&keyspace)) {
		g_assert_true(evict_make_room(&keyspace));
	}
	g_assert_cmpuint(dropped, >, COUNT / 3);
	g_assert_cmpint(count_range("k", 0, COUNT / 10), <, COUNT / 10 / 20);
	g_assert_cmpint(count_range("k", COUNT * 9 / 10, COUNT), >, COUNT / 10 * 95 / 100);
	keyspace_finish(&keyspace);
}

static void what_never_expires_stays_under_volatile_ttl(void)
{
	int n = 0;

	start(EVICT_VOLATILE_TTL);
	add("volatile", 0, 1000);
	while (add("k", n, 0)) {
		n++;
	}
	g_assert_false(is_there("volatile", 0));
	g_assert_cmpuint(dropped, ==, 1);
	g_assert_cmpint(count_range("k", 0, n), ==, n);
	keyspace_finish(&keyspace);
}

static void flushed_memory_is_room(void)
{
	int n = 0;

	start(EVICT_NONE);
	while (add("k", n, 0)) {
		n++;
	}
	keyspace_flush(&keyspace, 0);
	keyspace_flush(&keyspace, 1);
	for (n = 0; n < 5000; n++) {
		g_assert_true(add("k", n, 0));
	}
	keyspace_finish(&keyspace);
}

static void flushing_little_is_no_room(void)
{
	int n = 0;

	start(EVICT_NONE);
	while (add("k", n, 0)) {
		n++;
	}
	for (unsigned db = 2; db < KEYSPACE_DBS; db++) {
		char name[32];
		struct key key = key_of(name, "little", n);

		g_assert_cmpint(keyspace_set(&keyspace, db, &key, "", 0, 0), ==, 0);
	}
	for (unsigned db = 2; db < KEYSPACE_DBS; db++) {
		keyspace_flush(&keyspace, db); /* of one key */
		keyspace_flush(&keyspace, db); /* of none */
		g_assert_false(add("k", n, 0));
	}
	keyspace_finish(&keyspace);
}

static void one_call_does_a_bounded_piece(void)
{
	start(EVICT_ALLKEYS_RANDOM);
	for (int n = 0; n < 5000; n++) {
		add("k", n, 0);
	}
	evict_configure(&keyspace, 1, EVICT_ALLKEYS_RANDOM);
	g_assert_true(evict_make_room(&keyspace));
	g_assert_cmpuint(dropped, >, 0);
	g_assert_cmpuint(dropped, <=, 16);
	keyspace_finish(&keyspace);
}

/* While a large flushed keyspace is given back piece by piece. */
static void little_passes_while_flushed_memory_goes(void)
{
	static const char value[100000] = "";
	char name[32];
	size_t most = 0;

	start(EVICT_NONE);
	evict_configure(&keyspace, 16 * LIMIT, EVICT_NONE);
	for (int i = 0; keyspace_used(&keyspace) < 16 * LIMIT; i++) {
		struct key key = key_of(name, "k", i);

		g_assert_cmpint(keyspace_set(&keyspace, 0, &key, "", 0, 0), ==, 0);
	}
	keyspace_flush(&keyspace, 0);
	for (int i = 0; i < 1000; i++) {
		struct key key = key_of(name, "l", i);

		if (evict_is_needed(&keyspace) && !evict_make_room(&keyspace)) {
			break;
		}
		g_assert_cmpint(keyspace_set(&keyspace, 1, &key, value, sizeof(value), 0), ==, 0);
		most = MAX(most, keyspace_used(&keyspace));
	}
	g_assert_cmpuint(most, <=, 18 * LIMIT + 2 * sizeof(value));
	keyspace_finish(&keyspace);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/evict/keys-stay-within-the-limit", keys_stay_within_the_limit);
	harness_add("/evict/without-eviction-nothing-goes", without_eviction_nothing_goes);
	harness_add("/evict/what-is-used-survives", what_is_used_survives);
	harness_add("/evict/what-expires-soonest-goes-first", what_expires_soonest_goes_first);
	harness_add("/evict/what-never-expires-stays-under-volatile-ttl",
		    what_never_expires_stays_under_volatile_ttl);
	harness_add("/evict/flushed-memory-is-room", flushed_memory_is_room);
	harness_add("/evict/flushing-little-is-no-room", flushing_little_is_no_room);
	harness_add("/evict/little-passes-while-flushed-memory-goes",
		    little_passes_while_flushed_memory_goes);
	harness_add("/evict/one-call-does-a-bounded-piece", one_call_does_a_bounded_piece);
	return harness_run();
}
