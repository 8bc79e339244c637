/* SPDX-License-Identifier: MIT */
/* The echo server. Try it with: telnet 127.0.0.1 9999 */
#include <shiny.h>
#include <stdio.h>
#include <string.h>

static bool handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
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
