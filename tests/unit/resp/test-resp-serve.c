/* SPDX-License-Identifier: MIT */
/*
 * A server of Redis's protocol, made of a table of commands.
 *
 * libshiny-resp is linked statically, so that the linker's --wrap shows what it allocates.
 */
#include "../client.h"
#include "harness.h"
#include "serving.h"

#include <errno.h>
#include <shiny-resp.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned allocations;

void *__wrap_malloc(size_t size)
{
	g_atomic_int_inc(&allocations);
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	g_atomic_int_inc(&allocations);
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	g_atomic_int_inc(&allocations);
	return __real_realloc(old, size);
}

/* Flags of commands. */
#define NEEDS_PASSWORD 1

struct scene {
	struct shiny_resp *resp;
	struct shiny_resp_options options;
	struct shiny_options server;
	struct serving *serving;
	bool resp3; /* where the options say that it is */
	bool user_taken, unlocked;
	unsigned allocations; /* while requests were served */
};

static void add(struct shiny_resp_call *call)
{
	int64_t a, b;

	if (shiny_resp_take_integer(call, 1, -1000, 1000, &a) &&
	    shiny_resp_take_integer(call, 2, -1000, 1000, &b)) {
		shiny_resp_integer(call->reply, a + b);
	}
}

static void args(struct shiny_resp_call *call)
{
	shiny_resp_array(call->reply, call->argc - 1);
	for (size_t i = 1; i < call->argc; i++) {
		shiny_resp_bulk(call->reply, call->argv[i].data, call->argv[i].len);
	}
}

#define LARGE 100000

static void large(struct shiny_resp_call *call)
{
	static const char value[LARGE];

	shiny_resp_bulk(call->reply, value, LARGE);
}

static void null(struct shiny_resp_call *call)
{
	shiny_resp_null(call->reply);
}

static const struct shiny_resp_command commands[] = {
	{ "add", 3, NEEDS_PASSWORD, add },
	{ "args", -1, 0, args },
	{ "auth", -2, 0, shiny_resp_run_auth },
	{ "large", 1, 0, large },
	{ "test.null", 1, 0, null },
	SHINY_RESP_CONNECTION_COMMANDS,
	{ 0 },
};

static bool answer(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct scene *scene = ctx;
	int before = g_atomic_int_get(&allocations);
	bool going;

	if (scene->user_taken) {
		shiny_set_user(conn, scene);
	}
	going = shiny_resp_serve(scene->resp, conn, data, len, scene);
	scene->allocations += (unsigned)(g_atomic_int_get(&allocations) - before);
	return going;
}

static void start(struct scene *scene)
{
	static const struct shiny_handlers handlers = { .handle = answer };

	scene->options.size = sizeof(scene->options);
	scene->server.size = sizeof(scene->server);
	g_assert_cmpint(shiny_resp_create(commands, &scene->options, &scene->resp), ==, 0);
	scene->serving = serving_start(&handlers, &scene->server, scene);
}

static void stop(struct scene *scene)
{
	serving_stop(scene->serving);
	shiny_resp_destroy(scene->resp);
}

/* What is replied to one request, which does not end the connection. */
static void expect(struct scene *scene, const char *request, const char *reply)
{
	client_exchange(scene->serving->address, request, reply);
}

/* The same of one that does. */
static void expect_last(struct scene *scene, const char *request, const char *reply)
{
	int fd = client_connect(scene->serving->address);

	client_send_text(fd, request);
	client_expect(fd, reply);
	client_expect_end(fd);
	close(fd);
}

/* Each kind of request, with what is replied to it. */
static const char requests[] = "*1\r\n$4\r\nPING\r\n"
			       "ping\r\n"
			       "\r\n"
			       "*0\r\n"
			       "*3\r\n$3\r\nadd\r\n$1\r\n1\r\n$2\r\n-3\r\n"
			       "ARGS \"a\\x41\" 'b c' d\r\n"
			       "*2\r\n$4\r\nARGS\r\n$12\r\nab\r\ncd*1\r\n$4\r\n"
			       "*1\r\n$9\r\ntest.NULL\r\n"
			       "*2\r\n$3\r\nadd\r\n$1\r\n1\r\n"
			       "*3\r\n$6\r\nabsent\r\n$1\r\nx\r\n$0\r\n\r\n"
			       "ADD 1 1001\n"
			       "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n";
static const char replies[] = "+PONG\r\n"
			      "+PONG\r\n"
			      ":-2\r\n"
			      "*3\r\n$2\r\naA\r\n$3\r\nb c\r\n$1\r\nd\r\n"
			      "*1\r\n$12\r\nab\r\ncd*1\r\n$4\r\n"
			      "$-1\r\n"
			      "-ERR wrong number of arguments for 'add' command\r\n"
			      "-ERR unknown command 'absent', with args beginning with: 'x' '' \r\n"
			      "-ERR value is not an integer or out of range\r\n"
			      "$0\r\n\r\n";

static void requests_may_be_cut_at_every_byte(void)
{
	struct scene scene = { 0 };

	start(&scene);
	for (size_t cut = 1; cut < strlen(requests); cut++) {
		int fd = client_connect(scene.serving->address);
		guint seen = latch_count(&scene.serving->handles);

		client_send(fd, requests, cut);
		latch_await(&scene.serving->handles, seen + 1);
		client_send_text(fd, requests + cut);
		client_send_end(fd);
		client_expect(fd, replies);
		client_expect_end(fd);
		close(fd);
	}
	stop(&scene);
}

static void nothing_is_allocated_for_requests(void)
{
	struct scene scene = { 0 };

	start(&scene);
	for (int i = 0; i < 100; i++) {
		expect(&scene, requests, replies);
	}
	stop(&scene);
	g_assert_cmpuint(scene.allocations, ==, 0);
	g_assert_cmpuint(allocations, >, 0); /* it can be seen */
}

static void a_pipeline_is_served_as_its_replies_are_taken(void)
{
	struct scene scene = {
		.server = { .high_water = 64 * 1024, .max_output = 4 * LARGE },
	};
	enum {
		COUNT = 300
	};
	GString *pipeline = g_string_new("");
	char *reply = g_malloc(LARGE + 32);
	size_t head = (size_t)g_snprintf(reply, 32, "$%d\r\n", LARGE);
	int fd;

	memset(reply + head, 0, LARGE);
	memcpy(reply + head + LARGE, "\r\n", 2);
	for (int i = 0; i < COUNT; i++) {
		g_string_append(pipeline, "*1\r\n$5\r\nlarge\r\n");
	}
	start(&scene);
	fd = client_connect_narrow(scene.serving->address, 4096);
	client_send(fd, pipeline->str, pipeline->len);
	for (int i = 0; i < COUNT; i++) {
		client_expect_bytes(fd, reply, head + LARGE + 2);
	}
	close(fd);
	stop(&scene);
	g_free(reply);
	g_string_free(pipeline, TRUE);
}

static void errors_of_the_protocol_end_the_connection(void)
{
	struct scene scene = { 0 };

	start(&scene);
	expect_last(&scene, "*1\r\n$4\r\nPING\r\n*1\r\n$-5\r\n",
		    "+PONG\r\n-ERR Protocol error: invalid bulk length\r\n");
	expect_last(&scene, "*1\r\n!4\r\n", "-ERR Protocol error: expected '$', got '!'\r\n");
	expect_last(&scene, "ping \"x\r\n",
		    "-ERR Protocol error: unbalanced quotes in request\r\n");
	stop(&scene);
}

static void limits_are_those_of_the_options(void)
{
	struct scene scene = {
		.options = { .line_max = 16, .bulk_max = 20, .args_max = 3 },
	};

	start(&scene);
	expect(&scene, "*2\r\n$4\r\nECHO\r\n$20\r\n01234567890123456789\r\n",
	       "$20\r\n01234567890123456789\r\n");
	expect_last(&scene, "*2\r\n$4\r\nECHO\r\n$21\r\n012345678901234567890\r\n",
		    "-ERR Protocol error: invalid bulk length\r\n");
	expect(&scene, "*3\r\n$4\r\nargs\r\n$1\r\n1\r\n$1\r\n2\r\n",
	       "*2\r\n$1\r\n1\r\n$1\r\n2\r\n");
	expect_last(&scene, "*4\r\n$4\r\nargs\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n",
		    "-ERR Protocol error: invalid multibulk length\r\n");
	expect_last(&scene, "args 1 2 3\r\n",
		    "-ERR Protocol error: too many arguments in inline request\r\n");
	expect_last(&scene, "args 45678901234567\r\n",
		    "-ERR Protocol error: too big inline request\r\n");
	expect_last(&scene, "args 45678901234567",
		    "-ERR Protocol error: too big inline request\r\n");
	stop(&scene);
}

static void arguments_are_limited_in_inline_requests(void)
{
	struct scene scene = { .options.bulk_max = 4 };

	start(&scene);
	expect(&scene, "echo 1234\r\n", "$4\r\n1234\r\n");
	expect_last(&scene, "echo 12345\r\n", "-ERR Protocol error: invalid bulk length\r\n");
	expect(&scene, "echo '1\\'34'\r\n", "$4\r\n1'34\r\n");
	expect_last(&scene, "echo '1 345'\r\n", "-ERR Protocol error: invalid bulk length\r\n");
	stop(&scene);
}

static void what_never_comes_whole_is_refused(void)
{
	struct scene scene = { .server = { .max_input = 1024 } };

	start(&scene);
	expect_last(&scene, "*2\r\n$4\r\nECHO\r\n$2000\r\n",
		    "-ERR Protocol error: request is larger than max_input\r\n");
	stop(&scene);
}

static void browsers_get_no_answer(void)
{
	struct scene scene = { 0 };

	start(&scene);
	expect_last(&scene, "POST / HTTP/1.1\r\nHost: x\r\n\r\nping\r\n", "");
	stop(&scene);
}

static void quit_is_answered(void)
{
	struct scene scene = { 0 };

	start(&scene);
	expect_last(&scene, "quit\r\nping\r\n", "+OK\r\n");
	stop(&scene);
}

#define HELLO_2                                                                              \
	"*14\r\n$6\r\nserver\r\n$5\r\nshiny\r\n$7\r\nversion\r\n$5\r\n" SHINY_VERSION "\r\n" \
	"$5\r\nproto\r\n:2\r\n$2\r\nid\r\n:"

static void hello_switches_the_version(void)
{
	struct scene scene = { .options = { .server = "test", .version = "9" } };
	char *line;
	int fd;

	start(&scene);
	fd = client_connect(scene.serving->address);
	client_send_text(fd, "test.null\r\nHELLO 3 SETNAME me\r\n");
	client_expect(fd, "$-1\r\n%7\r\n$6\r\nserver\r\n$4\r\ntest\r\n$7\r\nversion\r\n$1\r\n9\r\n"
			  "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n");
	line = client_receive_line(fd);
	g_free(line);
	client_expect(fd, "$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
			  "$7\r\nmodules\r\n*0\r\n");
	client_send_text(fd, "test.null\r\n");
	client_expect(fd, "_\r\n");
	client_send_text(fd, "test.null\r\n"); /* in a batch of its own */
	client_expect(fd, "_\r\n");
	expect(&scene, "test.null\r\n", "$-1\r\n"); /* others are not concerned */
	client_send_text(fd, "HELLO 4\r\nHELLO x\r\nHELLO 3 what\r\nHELLO 2\r\n");
	client_expect(fd, "-NOPROTO unsupported protocol version\r\n"
			  "-ERR Protocol version is not an integer or out of range\r\n"
			  "-ERR Syntax error in HELLO option 'what'\r\n*14\r\n");
	close(fd);
	stop(&scene);
}

static bool *where_resp3_is(struct shiny_conn *conn, void *ctx)
{
	struct scene *scene = ctx;

	(void)conn;
	return &scene->resp3;
}

static void the_version_is_kept_where_the_program_says(void)
{
	struct scene scene = { .options.resp3 = where_resp3_is, .user_taken = true };
	int fd;

	start(&scene);
	fd = client_connect(scene.serving->address);
	client_send_text(fd, "HELLO 3\r\n");
	client_expect(fd, "%7\r\n");
	close(fd);
	stop(&scene);
	g_assert_true(scene.resp3);
}

static void a_user_pointer_of_the_programs_is_left_alone(void)
{
	struct scene scene = { .user_taken = true };
	int fd;

	start(&scene);
	expect(&scene, "HELLO 3\r\ntest.null\r\n",
	       "-NOPROTO unsupported protocol version\r\n$-1\r\n");
	fd = client_connect(scene.serving->address);
	client_send_text(fd, "HELLO\r\n");
	client_expect(fd, HELLO_2);
	close(fd);
	stop(&scene);
}

static bool check(struct shiny_resp_call *call)
{
	struct scene *scene = call->ctx;

	if (call->command->flags & NEEDS_PASSWORD && !scene->unlocked) {
		shiny_resp_error(call->reply, "NOAUTH Authentication required.");
		return false;
	}
	return true;
}

static bool auth(struct shiny_resp_call *call, const struct shiny_resp_arg *user,
		 const struct shiny_resp_arg *password)
{
	struct scene *scene = call->ctx;

	scene->unlocked =
		shiny_resp_arg_is(user, "default") && shiny_resp_arg_is(password, "secret");
	if (!scene->unlocked) {
		shiny_resp_error(call->reply, "WRONGPASS no");
	}
	return scene->unlocked;
}

static void check_refuses_before_a_command_is_run(void)
{
	struct scene scene = { .options = { .check = check, .auth = auth } };

	start(&scene);
	expect(&scene,
	       "add 1 2\r\nadd 1\r\nping\r\nauth secret wrong\r\nhello 2 auth x secret\r\n"
	       "auth secret\r\nadd 1 2\r\nauth a b c\r\n",
	       "-NOAUTH Authentication required.\r\n"
	       "-ERR wrong number of arguments for 'add' command\r\n+PONG\r\n-WRONGPASS no\r\n"
	       "-WRONGPASS no\r\n+OK\r\n:3\r\n-ERR syntax error\r\n");
	stop(&scene);
}

static void a_hello_with_a_wrong_option_unlocks_nothing(void)
{
	struct scene scene = { .options = { .check = check, .auth = auth } };
	int fd;

	start(&scene);
	expect(&scene, "hello 3 auth default secret what\r\nadd 1 2\r\ntest.null\r\n",
	       "-ERR Syntax error in HELLO option 'what'\r\n-NOAUTH Authentication required.\r\n"
	       "$-1\r\n");
	fd = client_connect(scene.serving->address);
	client_send_text(fd, "hello 2 auth default secret setname x\r\n");
	client_expect(fd, HELLO_2);
	close(fd);
	stop(&scene);
	g_assert_true(scene.unlocked);
}

static void unknown(struct shiny_resp_call *call)
{
	g_assert_null(call->command);
	shiny_resp_bulk(call->reply, call->argv[0].data, call->argv[0].len);
}

static void what_is_unknown_may_be_answered(void)
{
	struct scene scene = { .options.unknown = unknown };

	start(&scene);
	expect(&scene, "Absent\r\n", "$6\r\nAbsent\r\n");
	stop(&scene);
}

static void wrong_tables_and_options_are_refused(void)
{
	static const struct shiny_resp_command no_function[] = { { "x", 1, 0, NULL }, { 0 } };
	static const struct shiny_resp_command no_arity[] = { { "x", 0, 0, null }, { 0 } };
	static const struct shiny_resp_command upper[] = { { "X", 1, 0, null }, { 0 } };
	static const struct shiny_resp_command twice[] = {
		{ "x", 1, 0, null },
		{ "x", 2, 0, null },
		{ 0 },
	};
	struct {
		struct shiny_resp_options known;
		char more[8];
	} later = { .known.size = sizeof(later) };
	struct shiny_resp_options options = SHINY_RESP_OPTIONS;
	struct shiny_resp *resp = NULL;

	g_assert_cmpint(shiny_resp_create(NULL, NULL, &resp), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_create(no_function, NULL, &resp), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_create(no_arity, NULL, &resp), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_create(upper, NULL, &resp), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_create(twice, NULL, &resp), ==, -EEXIST);
	options.line_max = SHINY_RESP_LINE_MAX + 1;
	g_assert_cmpint(shiny_resp_create(commands, &options, &resp), ==, -EINVAL);
	options = (struct shiny_resp_options){ 0 };
	g_assert_cmpint(shiny_resp_create(commands, &options, &resp), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_create(commands, &later.known, &resp), ==, 0);
	shiny_resp_destroy(resp);
	resp = NULL;
	later.more[7] = 1;
	g_assert_cmpint(shiny_resp_create(commands, &later.known, &resp), ==, -E2BIG);
	g_assert_null(resp);
	shiny_resp_destroy(NULL);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/resp/serve");
	harness_add("/requests-may-be-cut-at-every-byte", requests_may_be_cut_at_every_byte);
	harness_add("/nothing-is-allocated-for-requests", nothing_is_allocated_for_requests);
	harness_add("/a-pipeline-is-served-as-its-replies-are-taken",
		    a_pipeline_is_served_as_its_replies_are_taken);
	harness_add("/errors-of-the-protocol-end-the-connection",
		    errors_of_the_protocol_end_the_connection);
	harness_add("/limits-are-those-of-the-options", limits_are_those_of_the_options);
	harness_add("/arguments-are-limited-in-inline-requests",
		    arguments_are_limited_in_inline_requests);
	harness_add("/what-never-comes-whole-is-refused", what_never_comes_whole_is_refused);
	harness_add("/browsers-get-no-answer", browsers_get_no_answer);
	harness_add("/quit-is-answered", quit_is_answered);
	harness_add("/hello-switches-the-version", hello_switches_the_version);
	harness_add("/the-version-is-kept-where-the-program-says",
		    the_version_is_kept_where_the_program_says);
	harness_add("/a-user-pointer-of-the-programs-is-left-alone",
		    a_user_pointer_of_the_programs_is_left_alone);
	harness_add("/check-refuses-before-a-command-is-run",
		    check_refuses_before_a_command_is_run);
	harness_add("/a-hello-with-a-wrong-option-unlocks-nothing",
		    a_hello_with_a_wrong_option_unlocks_nothing);
	harness_add("/what-is-unknown-may-be-answered", what_is_unknown_may_be_answered);
	harness_add("/wrong-tables-and-options-are-refused", wrong_tables_and_options_are_refused);
	return harness_run();
}
