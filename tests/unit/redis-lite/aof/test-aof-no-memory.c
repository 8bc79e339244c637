/* SPDX-License-Identifier: MIT */
/*
 * Whatever fails for want of memory, the append-only file makes what memory holds.
 */
#include "command/instance.h"
#include "harness.h"
#include "redis-lite/scene.h"

#define FUZZ_ROUNDS   3000
#define FUZZ_COMPARES 40

static char *random_request(GRand *rand)
{
	int kind = g_rand_int_range(rand, 0, 20);

	if (kind == 0) {
		return g_strdup("BGREWRITEAOF");
	}
	if (kind == 1) {
		return g_strdup_printf("SET k%d LARGE", g_rand_int_range(rand, 0, 200));
	}
	return g_strdup(scene_changes[g_rand_int_range(
		rand, 0, (gint32)g_strv_length((char **)scene_changes))]);
}

/* With evictions, with rewrites under way, and with what one request leaves to the next. */
static void the_file_makes_what_memory_holds(void)
{
	struct scene *scene = scene_open();
	GRand *rand = g_rand_new_with_seed(12);

	for (int round = 0; round < FUZZ_ROUNDS; round++) {
		char *template = random_request(rand), *requests = scene_fill_values(template);

		scene_await_file(scene);
		scene->full = g_rand_int_range(rand, 0, 4) == 0;
		scene->nth = g_rand_int_range(rand, SCENE_NEVER, 6);
		scene->armed = true;
		g_string_free(scene_ask(scene, requests), TRUE);
		if (round % FUZZ_COMPARES == 0) {
			scene_expect_file(scene, scene->after->str, requests);
		}
		scene_free_states(scene);
		g_free(template);
		g_free(requests);
	}
	g_assert_cmpuint(scene->instance->keyspace.evicted_keys, >, 0);
	g_rand_free(rand);
	scene_close(scene);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/aof-no-memory");
	harness_add_slow("/the-file-makes-what-memory-holds", the_file_makes_what_memory_holds,
			 120);
	return harness_run();
}
