/* SPDX-License-Identifier: MIT */
/*
 * A program as it would have been built on the first day of ABI 1, with the headers in v1/: today's
 * library counts no more than it has room for, and takes its options for what they were.
 */
#include <errno.h>
#include <netinet/in.h>
#include <shiny.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct program {
	struct shiny_stats *stats;
	struct shiny_server *server;
	int client; /* of its own; -1 until it has connected */
};

/* Memory behind which there is none. */
static struct shiny_stats *stats_at_an_edge(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *memory =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || mprotect(memory + page, page, PROT_NONE) < 0) {
		abort();
	}
	return (struct shiny_stats *)(void *)(memory + page - sizeof(struct shiny_stats));
}

static int connect_to(const struct shiny_server *server)
{
	struct sockaddr_in name = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char address[SHINY_ADDRESS_MAX];

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (shiny_server_address(server, 0, address, sizeof(address)) < 0) {
		abort();
	}
	name.sin_port = htons((uint16_t)atoi(strrchr(address, ':') + 1));
	if (connect(fd, (const struct sockaddr *)&name, sizeof(name)) < 0) {
		abort();
	}
	return fd;
}

/* One connection, until a limit ends it, of which later libraries count more. */
static bool tick(void *ctx)
{
	struct program *program = ctx;

	if (program->client < 0) {
		program->client = connect_to(program->server);
	}
	return program->stats->errors_timeout == 0;
}

int main(void)
{
	const struct shiny_handlers handlers = { .tick = tick };
	struct program program = { .stats = stats_at_an_edge(), .client = -1 };
	struct shiny_options options = SHINY_OPTIONS;
	int error;

	options.idle_timeout_ms = 1;
	options.stats = program.stats;
	error = shiny_server_create(&handlers, &options, &program, &program.server);
	if (error == 0) {
		error = shiny_server_listen(program.server, "tcp://127.0.0.1:0");
	}
	if (error == 0) {
		error = shiny_server_run(program.server);
	}
	if (error != 0 || program.stats->accepted != 1 || program.stats->errors_timeout != 1) {
		fprintf(stderr, "%s, accepted %d, timed out %d\n", strerror(-error),
			(int)program.stats->accepted, (int)program.stats->errors_timeout);
		return 1;
	}
	shiny_server_destroy(program.server);
	close(program.client);
	return 0;
}
