/* SPDX-License-Identifier: MIT */
/*
 * Memory running out in the middle of a command: what is refused has changed nothing, neither in
 * memory nor for those who watch.
 */
#include "harness.h"
#include "redis-lite/scene.h"

#include <string.h>

/* Some of a transaction may be done and some be refused. */
static bool is_transaction(const char *requests)
{
	return g_str_has_prefix(requests, "MULTI");
}

static void expect_all_or_none(const struct scene *scene, const char *requests,
			       const GString *replies, const char *done)
{
	bool refused = replies->str[0] == '-';
	bool unchanged = strcmp(scene->before->str, scene->after->str) == 0;

	if (is_transaction(requests) || unchanged) {
		return;
	}
	/* The reply of what was done may be what no memory was left for. */
	if (refused || strcmp(scene->after->str, done) != 0) {
		harness_fail("%s, allocation %d fails: %s, but of\n%sit has made\n%s", requests,
			     scene->nth, replies->str, scene->before->str, scene->after->str);
	}
}

static void fail_each(struct scene *scene, const char *setup, const char *requests)
{
	GString *replies = scene_try(scene, setup, requests, SCENE_NEVER);
	char *done = g_strdup(scene->after->str);
	bool more = true;

	g_assert_cmpint(replies->str[0], !=, '-');
	scene_free_states(scene);
	g_string_free(replies, TRUE);
	for (int nth = 0; more; nth++) {
		replies = scene_try(scene, setup, requests, nth);
		expect_all_or_none(scene, requests, replies, done);
		more = scene->failed;
		scene_free_states(scene);
		g_string_free(replies, TRUE);
	}
	g_free(done);
}

static void what_is_refused_changes_nothing(void)
{
	struct scene *scene = scene_open();
	char *setup = scene_fill_values(scene_setup);

	for (size_t i = 0; scene_changes[i]; i++) {
		char *requests = scene_fill_values(scene_changes[i]);

		fail_each(scene, setup, requests);
		g_free(requests);
	}
	g_free(setup);
	scene_close(scene);
}

/* As an overflow bucket is needed, or the table grows: a few hundred keys do that. */
static void many_keys_come_together_or_not_at_all(void)
{
	static const int counts[] = { 17, 600 };
	struct scene *scene = scene_open();
	char *setup = scene_fill_values(scene_setup);

	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
		GString *request = g_string_new("MSETNX");
		GString *replies;

		for (int key = 0; key < counts[i]; key++) {
			g_string_append_printf(request, " k%d v", key);
		}
		for (int nth = 0; nth == 0 || scene->failed; nth += 1 + nth / 20) {
			replies = scene_try(scene, setup, request->str, nth);
			if (replies->str[0] == '-') {
				g_assert_cmpstr(scene->before->str, ==, scene->after->str);
			}
			scene_free_states(scene);
			g_string_free(replies, TRUE);
		}
		g_string_free(request, TRUE);
	}
	g_free(setup);
	scene_close(scene);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/all-or-none");
	harness_add_slow("/what-is-refused-changes-nothing", what_is_refused_changes_nothing, 120);
	harness_add_slow("/many-keys-come-together-or-not-at-all",
			 many_keys_come_together_or_not_at_all, 120);
	return harness_run();
}
