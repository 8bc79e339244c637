/* SPDX-License-Identifier: MIT */
/*
 * A protocol of lines: each is answered once, with its length, however its bytes arrive. Try it
 * with: telnet 127.0.0.1 9999
 */
#include <shiny.h>
#include <stdio.h>
#include <string.h>

static bool answer(struct shiny_conn *conn, size_t len)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%zu\n", len);

	return shiny_write(conn, text, (size_t)n) == 0;
}

static bool handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	while (len > 0 && !shiny_congested(conn)) {
		const char *end = memchr(data, '\n', len);
		size_t line;

		if (!end) {
			/* Only what is left: the lines before it have had their answers. */
			return shiny_unread(conn, len, len + 1) == 0;
		}
		line = (size_t)(end - data);
		if (!answer(conn, line)) {
			return false;
		}
		data += line + 1;
		len -= line + 1;
	}
	return shiny_unread(conn, len, 0) == 0;
}

int main(int argc, char **argv)
{
	const char *address = argc > 1 ? argv[1] : "tcp://127.0.0.1:9999";
	const struct shiny_handlers handlers = { .handle = handle };
	int error = shiny_serve(address, &handlers, NULL, NULL);

	if (error < 0) {
		fprintf(stderr, "%s: %s\n", address, strerror(-error));
	}
	return error < 0;
}
