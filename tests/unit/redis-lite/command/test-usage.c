/* SPDX-License-Identifier: MIT */
#include "command/usage.h"
#include "harness.h"
#include "store/keyspace.h"

/* Of requests of 10 bytes, each of which gets 5. */
static void look(struct usage *usage, const struct keyspace *keyspace, uint64_t commands,
		 int64_t now_ms)
{
	const uint64_t counts[] = {
		[USAGE_COMMANDS] = commands,
		[USAGE_BYTES_IN] = 10 * commands,
		[USAGE_BYTES_OUT] = 5 * commands,
	};

	usage_tick(usage, keyspace, counts, now_ms);
}

static void the_rate_is_of_the_last_interval(void)
{
	static struct keyspace keyspace;
	struct usage usage = { 0 };

	keyspace_init(&keyspace, 1);
	look(&usage, &keyspace, 500, 10000);
	g_assert_cmpuint(usage.rates[USAGE_COMMANDS], ==, 0); /* since when is not known */
	look(&usage, &keyspace, 900, 10999);
	g_assert_cmpuint(usage.rates[USAGE_COMMANDS], ==, 0);
	look(&usage, &keyspace, 2500, 12000);
	g_assert_cmpuint(usage.rates[USAGE_COMMANDS], ==, 1000);
	g_assert_cmpuint(usage.rates[USAGE_BYTES_IN], ==, 10000);
	g_assert_cmpuint(usage.rates[USAGE_BYTES_OUT], ==, 5000);
	/* Counted anew, as CONFIG RESETSTAT has it. */
	look(&usage, &keyspace, 10, 13000);
	look(&usage, &keyspace, 210, 15000);
	g_assert_cmpuint(usage.rates[USAGE_COMMANDS], ==, 100);
	keyspace_finish(&keyspace);
}

static void the_peak_stays(void)
{
	static struct keyspace keyspace;
	static const char value[100000] = "";
	struct usage usage = { 0 };
	uint64_t peak;

	keyspace_init(&keyspace, 1);
	struct key key = keyspace_key(&keyspace, "k", 1);

	g_assert_cmpint(keyspace_set(&keyspace, 0, &key, value, sizeof(value), 0), ==, 0);
	look(&usage, &keyspace, 0, 1000);
	peak = usage.memory_peak;
	g_assert_cmpuint(peak, >=, sizeof(value));
	g_assert_true(keyspace_remove(&keyspace, 0, &key, 0));
	look(&usage, &keyspace, 0, 2000);
	g_assert_cmpuint(usage.memory_peak, ==, peak);
	keyspace_finish(&keyspace);
}

static void what_is_reset_was_nothing(void)
{
	static struct keyspace keyspace;
	struct usage usage = { 0 };

	keyspace_init(&keyspace, 1);
	look(&usage, &keyspace, 0, 10000);
	look(&usage, &keyspace, 500, 11000);
	usage_reset(&usage);
	g_assert_cmpuint(usage.rates[USAGE_COMMANDS], ==, 0);
	look(&usage, &keyspace, 900, 12000);
	g_assert_cmpuint(usage.rates[USAGE_COMMANDS], ==, 400);
	keyspace_finish(&keyspace);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/usage/the-rate-is-of-the-last-interval", the_rate_is_of_the_last_interval);
	harness_add("/usage/the-peak-stays", the_peak_stays);
	harness_add("/usage/what-is-reset-was-nothing", what_is_reset_was_nothing);
	return harness_run();
}
