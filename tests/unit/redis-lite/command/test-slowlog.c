/* SPDX-License-Identifier: MIT */
/*
 * The slow log keeps what was asked, whatever becomes of the memory that the request was in.
 *
 * Requests are run for a client on a socket, as of one that has taken its time since the machine was
 * started; a build with AddressSanitizer sees what is read after it was freed.
 */
#include "client.h"
#include "command/batch.h"
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "harness.h"
#include "serving.h"

#include <string.h>
#include <unistd.h>

/* More than a batch keeps for the lines of inline requests. */
#define LINE_LEN ((size_t)100 * 1024)

/* So much to read that the clock is read meanwhile. */
#define LONG_LINE_LEN ((size_t)3 * 1024 * 1024)

struct scene {
	struct shiny_host host;
	struct instance instance;
	GString *requests; /* that are run once the client sends anything */
};

static const struct reply_terms terms = { .most = UINT64_MAX };

static bool serve(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct scene *scene = ctx;
	struct instance *instance = &scene->instance;
	const char *at = scene->requests->str, *end = at + scene->requests->len;
	struct reply reply = {
		.resp = { .conn = conn, .hooks = &reply_hooks },
		.terms = &terms,
		.grown = true,
	};
	struct call call = { .instance = instance, .conn = conn, .reply = &reply.resp };

	(void)data;
	if (len == 0) {
		return true;
	}
	while (at < end) {
		struct batch_result result;

		command_stats_start(&instance->command_stats, slowlog_timed(&instance->slowlog), 1);
		result = batch_run(&instance->batch, &call, at, (size_t)(end - at));
		g_assert_cmpuint(result.used, >, 0);
		at += result.used;
	}
	return false;
}

/* Runs the requests, to the last of their replies. */
static void run(struct scene *scene)
{
	static const struct shiny_handlers handlers = { .handle = serve };
	struct serving *serving = serving_start(&handlers, NULL, scene);
	int fd = client_connect(serving->address);

	client_send_text(fd, "go");
	g_byte_array_unref(client_receive_rest(fd));
	close(fd);
	serving_stop(serving);
}

static void scene_init(struct scene *scene)
{
	struct instance *instance = &scene->instance;

	*scene = (struct scene){ .requests = g_string_new(NULL) };
	instance->host = &scene->host;
	keyspace_init(&instance->keyspace, 1);
	command_index_init(&instance->commands);
	command_stats_init(&instance->command_stats);
	g_assert_cmpint(batch_init(&instance->batch), ==, 0);
	instance->slowlog.slower_than_us = SLOWLOG_BATCH_US; /* no request is timed by itself */
	instance->slowlog.max_count = 128;
}

static void scene_finish(struct scene *scene)
{
	struct instance *instance = &scene->instance;

	keyspace_finish(&instance->keyspace);
	batch_finish(&instance->batch);
	command_stats_finish(&instance->command_stats);
	slowlog_clear(&instance->slowlog);
	g_string_free(scene->requests, TRUE);
}

/* The quotes make it be copied out of the line. */
static void add_line(struct scene *scene, const char *command, char fill, size_t len)
{
	char *value = g_strnfill(len, fill);

	g_string_append_printf(scene->requests, "%s \"%s\"\r\n", command, value);
	g_free(value);
}

static void expect_arg(const struct slowlog_entry *entry, size_t index, const char *begin)
{
	const struct shiny_resp_arg *arg = &entry->argv[index];

	g_assert_cmpuint(arg->len, >=, strlen(begin));
	g_assert_cmpmem(arg->data, strlen(begin), begin, strlen(begin));
}

static void long_lines_are_kept_as_they_came(void)
{
	struct scene scene;

	scene_init(&scene);
	add_line(&scene, "STRLEN", 'x', LINE_LEN);
	run(&scene);
	g_assert_cmpuint(scene.instance.slowlog.count, ==, 1);
	expect_arg(scene.instance.slowlog.newest, 0, "STRLEN");
	expect_arg(scene.instance.slowlog.newest, 1, "xxxxxxxxxxxxxxxx");
	scene_finish(&scene);
}

/* What it takes to read a request is not said of the one before, whose arguments are gone. */
static void what_is_read_next_is_not_the_last_ones(void)
{
	struct scene scene;

	scene_init(&scene);
	for (int i = 0; i < BATCH_MAX; i++) {
		add_line(&scene, "EXISTS a b c", 'a', 100);
	}
	add_line(&scene, "STRLEN", 'b', LONG_LINE_LEN);
	run(&scene);
	for (struct slowlog_entry *entry = scene.instance.slowlog.newest; entry;
	     entry = entry->older) {
		g_assert_cmpuint(entry->argc, ==, 4);
		expect_arg(entry, 0, "STRLEN");
		expect_arg(entry, 1, "bbbbbbbbbbbbbbbb");
	}
	scene_finish(&scene);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/slowlog");
	harness_add("/long-lines-are-kept-as-they-came", long_lines_are_kept_as_they_came);
	harness_add("/what-is-read-next-is-not-the-last-ones",
		    what_is_read_next_is_not_the_last_ones);
	return harness_run();
}
