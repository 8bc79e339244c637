/* SPDX-License-Identifier: MIT */
/* What each reply is called in RESP2 and in RESP3. */
#include "../client.h"
#include "harness.h"
#include "serving.h"

#include <shiny-resp.h>
#include <unistd.h>
#include <wchar.h>

static unsigned errors;
static char last_error[SHINY_RESP_ERROR_TEXT_MAX];

static char *grow(struct shiny_resp_reply *reply, size_t len)
{
	shiny_resp_flush(reply);
	return shiny_resp_reserve(reply, len > SHINY_RESP_RESERVE ? len : SHINY_RESP_RESERVE);
}

static void note_error(struct shiny_resp_reply *reply, const char *text)
{
	(void)reply;
	errors++;
	g_strlcpy(last_error, text, sizeof(last_error));
}

static const struct shiny_resp_hooks hooks = { .grow = grow, .error = note_error };

static void write_each(struct shiny_resp_reply *reply)
{
	shiny_resp_ok(reply);
	shiny_resp_status(reply, "PONG");
	shiny_resp_integer(reply, -42);
	shiny_resp_bulk(reply, "a\r\nb", 4);
	shiny_resp_bulk(reply, "", 0);
	shiny_resp_bulk_text(reply, "a text of more than sixteen bytes");
	shiny_resp_bulk_integer(reply, INT64_MIN);
	shiny_resp_text(reply, "for people", 10);
	shiny_resp_null(reply);
	shiny_resp_null_array(reply);
	shiny_resp_double(reply, 1.5);
	shiny_resp_boolean(reply, true);
	shiny_resp_boolean(reply, false);
	shiny_resp_array(reply, 123);
	shiny_resp_map(reply, 2);
	shiny_resp_set(reply, 3);
	shiny_resp_push(reply, 2);
	shiny_resp_raw(reply, ":1\r\n", 4);
	shiny_resp_error(reply, "ERR no %s", "such\r\nkey");
}

#define COMMON                                                                                 \
	"+OK\r\n+PONG\r\n:-42\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$33\r\na text of more than sixteen" \
	" bytes\r\n$20\r\n-9223372036854775808\r\n"

static const char in_resp2[] =
	COMMON "$10\r\nfor "
	       "people\r\n$-1\r\n*-1\r\n$3\r\n1.5\r\n:1\r\n:0\r\n*123\r\n*4\r\n*3\r\n*2\r\n:1\r\n"
	       "-ERR no such  key\r\n";
static const char in_resp3[] = COMMON
	"=14\r\ntxt:for people\r\n_\r\n_\r\n,1.5\r\n#t\r\n#f\r\n*123\r\n%2\r\n~3\r\n>2\r\n:1\r\n"
	"-ERR no such  key\r\n";

/* The first byte is the version, the second whether there are hooks. */
static bool answer(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct shiny_resp_reply reply = { .conn = conn };

	(void)ctx;
	if (len < 2) {
		return len == 0 || shiny_need_more(conn) == 0;
	}
	reply.resp3 = data[0] == '3';
	reply.hooks = data[1] == 'h' ? &hooks : NULL;
	write_each(&reply);
	g_assert_cmpuint(reply.errors, ==, 1);
	shiny_resp_flush(&reply);
	g_assert_cmpuint(reply.flushed, ==,
			 (reply.resp3 ? sizeof(in_resp3) : sizeof(in_resp2)) - 1);
	return false;
}

static void expect(const char *request, const char *expected)
{
	static const struct shiny_handlers handlers = { .handle = answer };
	struct serving *serving = serving_start(&handlers, NULL, NULL);
	int fd = client_connect(serving->address);

	client_send_text(fd, request);
	client_expect(fd, expected);
	client_expect_end(fd);
	close(fd);
	serving_stop(serving);
}

static void each_has_its_form_in_resp2(void)
{
	expect("2-", in_resp2);
}

static void each_has_its_form_in_resp3(void)
{
	expect("3-", in_resp3);
}

static void hooks_see_room_and_errors(void)
{
	errors = 0;
	expect("3h", in_resp3);
	g_assert_cmpuint(errors, ==, 1);
	g_assert_cmpstr(last_error, ==, "ERR no such  key");
}

static void bulk_size_is_what_is_written(void)
{
	g_assert_cmpuint(shiny_resp_bulk_size(0), ==, strlen("$0\r\n\r\n"));
	g_assert_cmpuint(shiny_resp_bulk_size(9), ==, strlen("$9\r\n123456789\r\n"));
	g_assert_cmpuint(shiny_resp_bulk_size(100), ==, 1 + 3 + 2 + 100 + 2);
}

static void without_a_connection_nothing_is_written(void)
{
	struct shiny_resp_reply reply = { 0 };

	write_each(&reply);
	shiny_resp_flush(&reply);
	g_assert_cmpuint(reply.flushed, ==, 0);
	g_assert_cmpuint(reply.errors, ==, 1);
}

static void a_long_error_is_cut(void)
{
	struct shiny_resp_reply reply = { .hooks = &hooks };
	char *text = g_strnfill(2 * SHINY_RESP_ERROR_TEXT_MAX, 'x');

	shiny_resp_error(&reply, "ERR %s", text);
	g_assert_cmpuint(strlen(last_error), ==, SHINY_RESP_ERROR_TEXT_MAX - 1);
	g_free(text);
}

static void an_error_that_cannot_be_formatted_is_one(void)
{
	struct shiny_resp_reply reply = { .hooks = &hooks };

	shiny_resp_error(&reply, "ERR %lc", (wint_t)0x20ac); /* not in the locale "C" */
	g_assert_cmpstr(last_error, ==, "ERR");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/resp/reply");
	harness_add("/each-has-its-form-in-resp2", each_has_its_form_in_resp2);
	harness_add("/each-has-its-form-in-resp3", each_has_its_form_in_resp3);
	harness_add("/hooks-see-room-and-errors", hooks_see_room_and_errors);
	harness_add("/bulk-size-is-what-is-written", bulk_size_is_what_is_written);
	harness_add("/without-a-connection-nothing-is-written",
		    without_a_connection_nothing_is_written);
	harness_add("/a-long-error-is-cut", a_long_error_is_cut);
	harness_add("/an-error-that-cannot-be-formatted-is-one",
		    an_error_that_cannot_be_formatted_is_one);
	return harness_run();
}
