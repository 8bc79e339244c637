/* SPDX-License-Identifier: MIT */
/*
 * Where a server listens: addresses of every kind, and each mistake with its own error.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "serving.h"
#include "suite.h"

static void expect_echo(const char *address)
{
	int fd = client_connect(address);

	client_send_text(fd, "hello");
	client_expect(fd, "hello");
	close(fd);
}

static struct serving *create_echo(void)
{
	return serving_create(&(struct shiny_handlers){ .handle = serving_echo }, NULL, NULL);
}

static void several(void)
{
	static const char *const listen[] = {
		"tcp4://127.0.0.1:0", "tcp://localhost:0", "tcp://127.0.0.1:0",
		NULL, /* an abstract name */
	};
	struct serving *s = create_echo();
	char address[SHINY_ADDRESS_MAX], tiny[5], name[64];
	size_t n = G_N_ELEMENTS(listen);

	g_snprintf(name, sizeof(name), "unix://@shiny-test-%d", (int)getpid());
	for (size_t i = 0; i < n; i++) {
		serving_listen(s, listen[i] ? listen[i] : name);
	}
	serving_run(s);
	for (size_t i = 0; i < n; i++) {
		g_assert_cmpint(shiny_server_address(s->server, i, address, sizeof(address)), ==,
				0);
		g_assert_false(g_str_has_suffix(address, ":0"));
		if (!listen[i]) {
			g_assert_cmpstr(address, ==, name);
		}
		expect_echo(address);
	}
	g_assert_cmpint(shiny_server_address(s->server, n, address, sizeof(address)), ==, -ENOENT);
	g_assert_cmpint(shiny_server_address(s->server, 0, tiny, sizeof(tiny)), ==, -ENOSPC);
	serving_stop(s);
}

static int try_listen(const char *address)
{
	struct serving *s = create_echo();
	int result = shiny_server_listen(s->server, address);

	serving_destroy(s);
	return result;
}

static void in_use(void)
{
	struct serving *s = create_echo();

	serving_listen(s, "tcp://127.0.0.1:0");
	g_assert_cmpint(try_listen(s->address), ==, -EADDRINUSE);
	serving_destroy(s);
}

static void bad_hosts(void)
{
	g_assert_cmpint(try_listen("tcp://example.invalid:80"), ==, -EADDRNOTAVAIL);
	g_assert_cmpint(try_listen("tcp://127.0.0.256:80"), ==, -EADDRNOTAVAIL);
	g_assert_cmpint(try_listen("tcp://192.0.2.1:0"), ==, -EADDRNOTAVAIL);
	g_assert_cmpint(try_listen("tcp4://[::1]:0"), ==, -EADDRNOTAVAIL);
	g_assert_cmpint(try_listen("tcp6://127.0.0.1:0"), ==, -EADDRNOTAVAIL);
}

static void expect_refusal(const char *address, int error)
{
	int result = try_listen(address);

	if (result != error) {
		harness_fail("\"%s\": %d (%s), not %d", address, result, g_strerror(-result),
			     error);
	}
}

static void unknown_schemes(void)
{
	static const char *const addresses[] = {
		"",
		"127.0.0.1:80",
		"http://127.0.0.1:80",
		"tcp5://127.0.0.1:80",
		"tcp:127.0.0.1:80",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
		expect_refusal(addresses[i], -EPROTONOSUPPORT);
	}
}

static void bad_syntax(void)
{
	static const char *const addresses[] = {
		"tcp://127.0.0.1",	 "tcp://127.0.0.1:",
		"tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1",
		"tcp://127.0.0.1:8o",	 "tcp://127.0.0.1:99999999999999999999",
		"tcp://[::1:80",	 "unix://",
		"unix://relative",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
		expect_refusal(addresses[i], -EINVAL);
	}
}

static char *unix_address(const char *dir, size_t path_len)
{
	GString *address = g_string_new("unix://");

	g_string_append_printf(address, "%s/", dir);
	while (address->len < strlen("unix://") + path_len) {
		g_string_append_c(address, 's');
	}
	return g_string_free(address, FALSE);
}

static void long_path(void)
{
	char *dir = harness_make_dir();
	char *longest = unix_address(dir, 107), *longer = unix_address(dir, 108);

	g_assert_cmpint(try_listen(longest), ==, 0);
	g_assert_cmpint(try_listen(longer), ==, -ENAMETOOLONG);
	g_free(longest);
	g_free(longer);
	harness_remove_dir(dir);
}

/* Leaves a socket's file behind as a server does that was killed. */
static void leave_socket(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), ==, 0);
	g_assert_cmpint(listen(fd, 1), ==, 0);
	close(fd);
}

static void unix_paths(void)
{
	char *dir = harness_make_dir();
	char *path = g_strdup_printf("%s/socket", dir),
	     *address = g_strdup_printf("unix://%s", path);
	struct serving *s = create_echo();

	leave_socket(path);
	serving_listen(s, address);
	g_assert_cmpstr(s->address, ==, address);
	serving_run(s);
	expect_echo(address);
	/* One that answers is not taken over, and goes on. */
	g_assert_cmpint(try_listen(address), ==, -EADDRINUSE);
	expect_echo(address);
	serving_stop(s);
	g_assert_cmpint(access(path, F_OK), <, 0);

	/* What is no socket stays. */
	g_assert_true(g_file_set_contents(path, "precious", -1, NULL));
	g_assert_cmpint(try_listen(address), ==, -EADDRINUSE);
	g_assert_cmpint(access(path, F_OK), ==, 0);

	g_free(path);
	g_free(address);
	harness_remove_dir(dir);
}

/* Which have one name: the second one listens where the first one's file was removed. */
static void unix_paths_of_two(void)
{
	char *dir = harness_make_dir();
	char *path = g_strdup_printf("%s/socket", dir),
	     *address = g_strdup_printf("unix://%s", path);
	struct serving *first = create_echo(), *second = create_echo();

	serving_listen(first, address);
	g_assert_cmpint(unlink(path), ==, 0);
	serving_listen(second, address);
	serving_destroy(first);
	serving_run(second);
	expect_echo(address);
	serving_stop(second);
	g_assert_cmpint(access(path, F_OK), <, 0);
	g_free(path);
	g_free(address);
	harness_remove_dir(dir);
}

static void unix_mode(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	char *dir = harness_make_dir();
	char *path = g_strdup_printf("%s/socket", dir),
	     *address = g_strdup_printf("unix://%s", path);
	struct serving *s;
	struct stat st;

	options.unix_mode = 0620;
	s = serving_create(&(struct shiny_handlers){ .handle = serving_echo }, &options, NULL);
	serving_listen(s, address);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0620);
	serving_destroy(s);
	g_free(path);
	g_free(address);
	harness_remove_dir(dir);
}

static void adopted(void)
{
	struct serving *s = create_echo();
	int fd = -1, pair[2];

	g_assert_cmpint(shiny_server_listen_fd(s->server, 1000), ==, -EBADF);
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
	g_assert_cmpint(shiny_server_listen_fd(s->server, pair[0]), ==, -EINVAL);
	close(pair[0]);
	close(pair[1]);

	g_assert_cmpint(shiny_bind("tcp://127.0.0.1:0", NULL, &fd), ==, 0);
	g_assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	g_assert_cmpint(shiny_server_listen_fd(s->server, fd), ==, 0);
	g_assert_cmpint(shiny_server_address(s->server, 0, s->address, sizeof(s->address)), ==, 0);
	serving_run(s);
	expect_echo(s->address);
	serving_stop(s);
}

static void shared_port(void)
{
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_handlers handlers = { .handle = serving_echo };
	struct serving *a, *b;

	options.reuse_port = 1;
	a = serving_start(&handlers, &options, NULL);
	b = serving_create(&handlers, &options, NULL);
	serving_listen(b, a->address);
	serving_run(b);
	for (int i = 0; i < 200; i++) {
		expect_echo(a->address);
	}
	g_assert_cmpuint(latch_count(&a->accepts), >, 0);
	g_assert_cmpuint(latch_count(&b->accepts), >, 0);
	serving_stop(a);
	serving_stop(b);
}

static void misuse(void)
{
	struct shiny_handlers handlers = { 0 };
	struct shiny_options options = SHINY_OPTIONS;
	struct shiny_server *server;
	struct serving *s;
	int fd;

	g_assert_cmpint(shiny_bind(NULL, NULL, &fd), ==, -EINVAL);
	g_assert_cmpint(shiny_serve(NULL, &handlers, NULL, NULL), ==, -EINVAL);
	g_assert_cmpint(shiny_server_create(NULL, NULL, NULL, &server), ==, -EINVAL);
	options.size = 0;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, -EINVAL);
	options = (struct shiny_options)SHINY_OPTIONS;
	options.low_water = 2000;
	options.high_water = 1000;
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, -EINVAL);
	options = (struct shiny_options)SHINY_OPTIONS;
	options.backend = "carrier-pigeon";
	g_assert_cmpint(shiny_server_create(&handlers, &options, NULL, &server), ==, -ENOENT);
	shiny_server_destroy(NULL);

	s = create_echo();
	g_assert_cmpint(shiny_server_listen(s->server, NULL), ==, -EINVAL);
	g_assert_cmpint(shiny_server_run(s->server), ==, -ENOTCONN);
	serving_listen(s, "tcp://127.0.0.1:0");
	serving_run(s);
	g_assert_cmpint(shiny_server_run(s->server), ==, -EBUSY);
	g_assert_cmpint(shiny_server_listen(s->server, "tcp://127.0.0.1:0"), ==, -EBUSY);
	expect_echo(s->address);
	serving_stop(s);
}

void add_address_tests(void)
{
	harness_add("/address/several/are-served-by-one-server", several);
	harness_add("/address/in-use/is-one-error", in_use);
	harness_add("/address/bad-host/is-another", bad_hosts);
	harness_add("/address/unknown-scheme/is-a-third", unknown_schemes);
	harness_add("/address/bad-syntax/is-told", bad_syntax);
	harness_add("/address/unix/path-too-long-is-told", long_path);
	harness_add("/address/unix/replaces-only-what-is-dead", unix_paths);
	harness_add("/address/unix/removes-only-its-own", unix_paths_of_two);
	harness_add("/address/unix/mode-is-set", unix_mode);
	harness_add("/address/adopted/serves-a-bound-descriptor", adopted);
	harness_add("/address/reuse-port/is-shared-by-two-servers", shared_port);
	harness_add("/address/misuse/is-told", misuse);
}
