/* SPDX-License-Identifier: MIT */
/*
 * connect: connections a second, each with one request of one byte: connect, send, receive, close.
 *
 * Works for any server that answers a byte with at least one. Source addresses of 127.0.0.0/8 take turns, so that ports
 * in TIME_WAIT do not run out.
 *
 * usage: connect PORT CLIENTS SECONDS
 * prints: connections seconds connections_per_second
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

struct client {
	pthread_t thread;
	struct sockaddr_in server;
	uint32_t self; /* the host part of its own address */
	double end;
	unsigned long visits;
};

static void visit(const struct client *client)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char reply[512];

	self.sin_addr.s_addr = htonl(INADDR_LOOPBACK + client->self);
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){ 1 }, sizeof(int));
	if (bind(fd, (const struct sockaddr *)&self, sizeof(self)) < 0) {
		die("bind");
	}
	if (connect(fd, (const struct sockaddr *)&client->server, sizeof(client->server)) < 0) {
		die("connect");
	}
	if (send(fd, "x", 1, 0) != 1 || recv(fd, reply, sizeof(reply), 0) < 1) {
		die("request");
	}
	close(fd);
}

static void *run(void *arg)
{
	struct client *client = arg;

	do {
		client->self = client->self % 60000 + 256; /* another address, ports enough */
		visit(client);
		client->visits++;
	} while (now() < client->end);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct client clients[64];
	double start = now();
	unsigned long visits = 0;

	if (argc < 4 || atoi(argv[2]) < 1 || atoi(argv[2]) > 64) {
		fprintf(stderr, "usage: connect PORT CLIENTS(1-64) SECONDS\n");
		return 2;
	}
	int count = atoi(argv[2]);
	for (int i = 0; i < count; i++) {
		clients[i] = (struct client){
			.server = {
				.sin_family = AF_INET,
				.sin_port = htons((uint16_t)atoi(argv[1])),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			},
			.self = (uint32_t)i + 1,
			.end = start + atof(argv[3]),
		};
		if (pthread_create(&clients[i].thread, NULL, run, &clients[i]) != 0) {
			die("pthread_create");
		}
	}
	for (int i = 0; i < count; i++) {
		pthread_join(clients[i].thread, NULL);
		visits += clients[i].visits;
	}
	double took = now() - start;
	printf("%lu %.3f %.0f\n", visits, took, (double)visits / took);
	return 0;
}
