/* SPDX-License-Identifier: MIT */
#include "redis.h"

#include "client.h"
#include "harness.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int redis_start(struct shinyd *shinyd, struct serving *ret_serving, const char *format, ...)
{
	struct serving serving;
	va_list args;
	char *more;

	va_start(args, format);
	more = g_strdup_vprintf(format, args);
	va_end(args);
	shinyd_start(shinyd,
		     "[server cache]\n"
		     "plugin = redis-lite\n"
		     "listen = tcp://127.0.0.1:0\n"
		     "%s",
		     more);
	g_free(more);
	shinyd_await_serving(shinyd, "cache", &serving);
	if (ret_serving) {
		*ret_serving = serving;
	}
	return client_connect(serving.address);
}

void redis_finish(struct shinyd *shinyd, int fd)
{
	close(fd);
	g_assert_cmpint(shinyd_stop(shinyd), ==, 0);
	shinyd_finish(shinyd);
}

void redis_need(const char *program)
{
	char *path = g_find_program_in_path(program);

	if (!path) {
		harness_skip("%s is not installed", program);
	}
	g_free(path);
}

/* Until it has loaded what it has. */
static void await_ready(int fd)
{
	char *reply;

	while (strncmp(reply = redis_ask(fd, "PING"), "-LOADING", 8) == 0) {
		g_free(reply);
		g_usleep(10000);
	}
	g_assert_cmpstr(reply, ==, "+PONG\r\n");
	g_free(reply);
}

int redis_server_start(struct child *child, const char *dir, ...)
{
	char *port = g_strdup_printf("%u", harness_free_port());
	char *address = g_strdup_printf("tcp://127.0.0.1:%s", port);
	GPtrArray *argv = g_ptr_array_new();
	const char *const first[] = {
		"redis-server", "--port", port, "--save", "", "--dir", dir, "--loglevel", "warning",
	};
	const char *more;
	va_list args;
	int fd;

	redis_need("redis-server");
	for (size_t i = 0; i < G_N_ELEMENTS(first); i++) {
		g_ptr_array_add(argv, (char *)first[i]);
	}
	va_start(args, dir);
	do {
		more = va_arg(args, const char *);
		g_ptr_array_add(argv, (char *)more);
	} while (more);
	va_end(args);
	child_start(child, (const char *const *)argv->pdata);
	fd = client_connect_soon(address);
	await_ready(fd);
	g_ptr_array_free(argv, TRUE);
	g_free(address);
	g_free(port);
	return fd;
}

void redis_send_words(int fd, const char *const words[], size_t count)
{
	GString *request = g_string_new("");

	g_string_append_printf(request, "*%zu\r\n", count);
	for (size_t i = 0; i < count; i++) {
		g_string_append_printf(request, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
	}
	client_send(fd, request->str, request->len);
	g_string_free(request, TRUE);
}

void redis_send(int fd, const char *request)
{
	char **words = g_strsplit(request, " ", -1);

	redis_send_words(fd, (const char *const *)words, g_strv_length(words));
	g_strfreev(words);
}

static void receive_reply(int fd, GString *reply);

static void receive_bulk(int fd, GString *reply, size_t len)
{
	size_t start = reply->len;

	g_string_set_size(reply, start + len + 2);
	client_receive(fd, reply->str + start, len + 2);
}

static void receive_reply(int fd, GString *reply)
{
	char *line = client_receive_line(fd);
	long long count = atoll(line + 1);

	g_string_append(reply, line);
	if (strchr("$=", line[0]) && count >= 0) {
		receive_bulk(fd, reply, (size_t)count);
	} else if (strchr("*~%>|", line[0])) {
		count *= strchr("%|", line[0]) ? 2 : 1;
		for (long long i = 0; i < count; i++) {
			receive_reply(fd, reply);
		}
	}
	g_free(line);
}

GString *redis_receive(int fd)
{
	GString *reply = g_string_new("");

	receive_reply(fd, reply);
	return reply;
}

char *redis_ask(int fd, const char *request)
{
	redis_send(fd, request);
	return g_string_free(redis_receive(fd), FALSE);
}

void redis_expect(int fd, const char *request, const char *reply)
{
	char *got = redis_ask(fd, request);

	if (strcmp(got, reply) != 0) {
		harness_fail("%s\nis answered\n%sinstead of\n%s", request, got, reply);
	}
	g_free(got);
}

void redis_talk(const struct exchange *exchanges)
{
	struct shinyd shinyd = { 0 };
	int fd = redis_start(&shinyd, NULL, "%s", "");

	for (; exchanges->request; exchanges++) {
		redis_expect(fd, exchanges->request, exchanges->reply);
	}
	redis_finish(&shinyd, fd);
}
