/* SPDX-License-Identifier: MIT */
/*
 * All cores: a server a core, each on a thread of its own, on one address.
 *
 * The kernel spreads the connections over the servers (SO_REUSEPORT, socket(7)); a connection stays with its
 * server, so the handlers share nothing and need no lock. SIGINT and SIGTERM drain them all.
 */
#include <pthread.h>
#include <shiny.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SERVERS_MAX	 64
#define DRAIN_TIMEOUT_MS 5000

static struct shiny_server *servers[SERVERS_MAX];

static bool handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	(void)ctx;
	return shiny_write(conn, data, len) == 0;
}

static void drain(int signal)
{
	(void)signal;
	for (int i = 0; i < SERVERS_MAX && servers[i]; i++) {
		shiny_server_drain(servers[i], DRAIN_TIMEOUT_MS);
	}
}

static int start(const char *address, struct shiny_server **ret_server)
{
	const struct shiny_handlers handlers = { .handle = handle };
	struct shiny_options options = SHINY_OPTIONS;
	int error;

	options.reuse_port = 1;
	error = shiny_server_create(&handlers, &options, NULL, ret_server);
	return error < 0 ? error : shiny_server_listen(*ret_server, address);
}

static void *run(void *server)
{
	int error = shiny_server_run(server);

	if (error < 0) {
		fprintf(stderr, "%s\n", strerror(-error));
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const char *address = argc > 1 ? argv[1] : "tcp://127.0.0.1:9999";
	pthread_t threads[SERVERS_MAX];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int count = cores < 1 ? 1 : cores < SERVERS_MAX ? (int)cores : SERVERS_MAX;

	/* All listen before any runs, so that an address in use ends the program and not a thread. */
	for (int i = 0; i < count; i++) {
		int error = start(address, &servers[i]);
		if (error < 0) {
			fprintf(stderr, "%s: %s\n", address, strerror(-error));
			return 1;
		}
	}
	signal(SIGINT, drain);
	signal(SIGTERM, drain);
	for (int i = 1; i < count; i++) {
		if (pthread_create(&threads[i], NULL, run, servers[i]) != 0) {
			return 1;
		}
	}
	run(servers[0]);
	for (int i = 1; i < count; i++) {
		pthread_join(threads[i], NULL);
	}
	for (int i = 0; i < count; i++) {
		shiny_server_destroy(servers[i]);
	}
	return 0;
}
