/* SPDX-License-Identifier: MIT */
/*
 * The connections of a server: found by their ids, and walked over.
 */
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

#define CLIENTS 100 /* more than one slab of them */

/* The third one is refused, and its bytes still wait for its FIN when others walk. */
static bool refuse_third(struct shiny_conn *conn, void *ctx)
{
	int *accepts = ctx;

	(void)conn;
	return ++*accepts != 3;
}

/* Replies with how many it met, "!" if not each of them once; "x" ends those that it meets. */
static bool walk(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct shiny_server *server = shiny_server_of(conn);
	GHashTable *met = g_hash_table_new(g_direct_hash, g_direct_equal);
	bool ends = len == 1 && data[0] == 'x', is_right;
	char reply[16];

	(void)ctx;
	for (struct shiny_conn *next = NULL; (next = shiny_server_next(server, next));) {
		g_hash_table_add(met, next);
		if (ends && next != conn) {
			shiny_close(next);
		}
	}
	is_right = g_hash_table_contains(met, conn);
	g_snprintf(reply, sizeof(reply), "%u%s\n", g_hash_table_size(met), is_right ? "" : "!");
	g_hash_table_unref(met);
	return shiny_write(conn, reply, strlen(reply)) == 0;
}

static void expect_walk(int fd, const char *request, int count)
{
	char *reply = g_strdup_printf("%d\n", count);

	client_send_text(fd, request);
	client_expect(fd, reply);
	g_free(reply);
}

static void meets_each_open_connection(void)
{
	int accepts = 0, fds[CLIENTS], refused = 0;
	struct serving *s = serving_start(
		&(struct shiny_handlers){ .handle = walk, .accept = refuse_third }, NULL, &accepts);

	for (int i = 0; i < CLIENTS; i++) {
		if (i == 2) {
			refused = client_connect(s->address);
			client_expect_end(refused);
		}
		fds[i] = suite_connect(s, (uint64_t)i + 1);
	}
	expect_walk(fds[0], "w", CLIENTS);
	close(fds[1]);
	latch_await(&s->closes, 1);
	expect_walk(fds[0], "w", CLIENTS - 1);
	expect_walk(fds[0], "x", CLIENTS - 1);
	expect_walk(fds[0], "w", 1);
	for (int i = 2; i < CLIENTS; i++) {
		client_expect_end(fds[i]);
		close(fds[i]);
	}
	close(refused);
	close(fds[0]);
	serving_stop(s);
}

/* Writes the id of the first connection into the context; checks both ids at the second. */
static bool look_for_ids(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct shiny_server *server = shiny_server_of(conn);
	uint64_t *first = ctx, id = shiny_id(conn);

	g_assert_cmpuint(id, !=, 0);
	g_assert_true(shiny_server_find(server, id) == conn);
	g_assert_null(shiny_server_find(server, 0));
	g_assert_null(shiny_server_find(server, id + 1));
	g_assert_null(shiny_server_find(server, UINT64_MAX));
	if (*first) {
		g_assert_cmpuint(id, !=, *first);
		g_assert_null(shiny_server_find(server, *first));
	}
	*first = id;
	return shiny_write(conn, data, len) == 0;
}

static void finds_by_id(void)
{
	uint64_t first = 0;
	struct serving *s =
		serving_start(&(struct shiny_handlers){ .handle = look_for_ids }, NULL, &first);

	for (uint64_t i = 1; i <= 3; i++) {
		int fd = suite_connect(s, i);

		client_send_text(fd, "id");
		client_expect(fd, "id");
		close(fd);
		latch_await(&s->closes, i);
	}
	serving_stop(s);
}

void add_walk_tests(void)
{
	harness_add("/walk/id/finds-its-connection-and-no-other", finds_by_id);
	harness_add("/walk/meets-each-open-connection", meets_each_open_connection);
}
