/* SPDX-License-Identifier: MIT */
#include "compare.h"

#include "client.h"
#include "harness.h"
#include "random-requests.h"
#include "redis.h"

#include <stdlib.h>
#include <string.h>

#define PIPELINE 500

/* Replies with a TTL that was rounded differently, as the servers were asked at two moments. */
static unsigned half_seconds;

/* Whether a TTL is one more or less, and all else the same; the times are far longer than a second. */
static bool differ_by_a_moment(const char *request, const GString *theirs, const GString *ours)
{
	char **a, **b;
	bool same;

	if (!g_str_has_prefix(request, "\"TTL\"") && !g_str_has_prefix(request, "\"EXEC\"")) {
		return false;
	}
	a = g_strsplit(theirs->str, "\r\n", -1);
	b = g_strsplit(ours->str, "\r\n", -1);
	same = g_strv_length(a) == g_strv_length(b);
	for (size_t i = 0; same && a[i]; i++) {
		same = strcmp(a[i], b[i]) == 0 ||
		       (a[i][0] == ':' && b[i][0] == ':' && atoi(a[i] + 1) > 1 &&
			abs(atoi(a[i] + 1) - atoi(b[i] + 1)) == 1);
	}
	g_strfreev(a);
	g_strfreev(b);
	return same;
}

static void expect_same(const char *request, const GString *theirs, const GString *ours)
{
	if (!g_string_equal(theirs, ours) && differ_by_a_moment(request, theirs, ours)) {
		half_seconds++;
	} else if (!g_string_equal(theirs, ours)) {
		char *a = g_strescape(theirs->str, NULL), *b = g_strescape(ours->str, NULL);

		harness_fail("%s\nredis-server: %s\nredis-lite:   %s", request, a, b);
	}
}

/* What differs by nature: the order of a scan, and names that redis-server has and we do not. */
static bool may_differ(const char *request, const GString *theirs, const GString *ours)
{
	return (g_str_has_prefix(request, "\"SCAN\"") && g_str_has_prefix(ours->str, "*2\r\n")) ||
	       (g_str_has_prefix(ours->str, "-ERR unknown subcommand") &&
		!g_str_has_prefix(theirs->str, "-ERR unknown subcommand"));
}

void compare_round(int theirs, int ours, const char *hello)
{
	struct random_requests requests = random_requests(RANDOM_ANY, PIPELINE);

	g_free(redis_ask(theirs, hello));
	g_free(redis_ask(ours, hello));
	client_send(theirs, requests.data->str, requests.data->len);
	client_send(ours, requests.data->str, requests.data->len);
	for (guint i = 0; i < requests.shown->len; i++) {
		const char *shown = g_ptr_array_index(requests.shown, i);
		GString *a = redis_receive(theirs), *b = redis_receive(ours);

		if (!may_differ(shown, a, b)) {
			expect_same(shown, a, b);
		}
		g_string_free(a, TRUE);
		g_string_free(b, TRUE);
	}
	random_requests_free(&requests);
}

void compare_step(int theirs, int ours)
{
	struct random_requests request = random_requests(RANDOM_TRANSACTIONS, 1);
	GString *a, *b;

	client_send(theirs, request.data->str, request.data->len);
	client_send(ours, request.data->str, request.data->len);
	a = redis_receive(theirs);
	b = redis_receive(ours);
	expect_same(g_ptr_array_index(request.shown, 0), a, b);
	g_string_free(a, TRUE);
	g_string_free(b, TRUE);
	random_requests_free(&request);
}

void compare_end(void)
{
	/* Were it a difference of the servers there would be hundreds. */
	g_assert_cmpuint(half_seconds, <, 10);
}
