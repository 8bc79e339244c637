/* SPDX-License-Identifier: MIT */
/*
 * A load generator that costs almost nothing, so that the server is what is measured.
 *
 * Each connection sends a ready-made blob of requests, waits for the known number of reply bytes,
 * and sends again. The first byte of every blob's replies is checked; what differs is counted.
 *
 *     blast PORT|/PATH CONNS PIPELINE SECONDS WORK [KEYS] [VALUE]
 *
 * WORK is ping-inline, ping, set, get, echo, or fill, which sets every key once. KEYS is how many
 * there are (1), VALUE the bytes of a value or of a packet to echo (3). Prints: requests, seconds,
 * requests a second, mismatches, and of the time that a blob took p50, p99, p99.9 and the maximum,
 * in microseconds.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BLOBS_BYTES   (256L << 20) /* ready-made requests take at most so much memory */
#define REQUEST_ROOM  128	   /* of a request, without its value */
#define FILL_BATCH    1000
#define EVENTS	      512
#define RECEIVE_SIZE  (1 << 18)
#define LATENCIES_MAX (1 << 22)

struct load {
	const char *where;
	int conns, pipeline;
	double seconds;
	const struct work *work;
	long keys;
	int value_len;
	char *value;
};

/* How a request is written to @to, and how long its reply is. */
struct work {
	const char *name;
	int (*write)(char *to, const struct load *load, long key);
	int (*reply_len)(const struct load *load);
	char first; /* byte of a reply */
};

struct blob {
	char *data;
	size_t len;
};

struct peer {
	int fd;
	const struct blob *blob;
	size_t sent, got;
	bool watches_out;
	uint64_t begin_ns;
};

struct tally {
	uint64_t requests, mismatches;
	uint32_t *latencies_us;
	size_t count;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t random_number(void)
{
	static uint64_t state = 88172645463325252;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static int write_ping_inline(char *to, const struct load *load, long key)
{
	(void)load;
	(void)key;
	return sprintf(to, "PING\r\n");
}

static int write_ping(char *to, const struct load *load, long key)
{
	(void)load;
	(void)key;
	return sprintf(to, "*1\r\n$4\r\nPING\r\n");
}

static int write_set(char *to, const struct load *load, long key)
{
	return sprintf(to, "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012ld\r\n$%d\r\n%s\r\n", key,
		       load->value_len, load->value);
}

static int write_get(char *to, const struct load *load, long key)
{
	(void)load;
	return sprintf(to, "*2\r\n$3\r\nGET\r\n$16\r\nkey:%012ld\r\n", key);
}

static int write_echo(char *to, const struct load *load, long key)
{
	(void)key;
	memcpy(to, load->value, (size_t)load->value_len);
	return load->value_len;
}

static int pong_len(const struct load *load)
{
	(void)load;
	return (int)strlen("+PONG\r\n");
}

static int ok_len(const struct load *load)
{
	(void)load;
	return (int)strlen("+OK\r\n");
}

static int bulk_len(const struct load *load)
{
	return snprintf(NULL, 0, "$%d\r\n", load->value_len) + load->value_len + 2;
}

static int value_len(const struct load *load)
{
	return load->value_len;
}

static const struct work works[] = {
	{ "ping-inline", write_ping_inline, pong_len, '+' },
	{ "ping", write_ping, pong_len, '+' },
	{ "set", write_set, ok_len, '+' },
	{ "get", write_get, bulk_len, '$' },
	{ "echo", write_echo, value_len, 'x' },
	{ "fill", write_set, ok_len, '+' },
};

static int dial_tcp(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		die("connect");
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int dial_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		die("connect");
	}
	return fd;
}

static int dial(const char *where)
{
	return where[0] == '/' ? dial_unix(where) : dial_tcp(atoi(where));
}

static void send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, 0);

		if (n < 0) {
			die("send");
		}
		data += n;
		len -= (size_t)n;
	}
}

/* Every key once, in order, over one connection. */
static void fill(const struct load *load)
{
	char *requests = malloc((size_t)FILL_BATCH * (size_t)(load->value_len + REQUEST_ROOM));
	char replies[8192];
	int fd = dial(load->where);

	for (long done = 0; done < load->keys;) {
		long end = done + FILL_BATCH < load->keys ? done + FILL_BATCH : load->keys;
		size_t want = (size_t)(end - done) * (size_t)ok_len(load);
		char *p = requests;

		for (; done < end; done++) {
			p += write_set(p, load, done);
		}
		send_all(fd, requests, (size_t)(p - requests));
		while (want > 0) {
			ssize_t n = recv(fd, replies, sizeof(replies), 0);

			if (n <= 0 || replies[0] == '-') {
				die("fill");
			}
			want -= (size_t)n;
		}
	}
	printf("%ld\n", load->keys);
}

/* Enough blobs for each key to come about twice, as far as memory allows. */
static struct blob *make_blobs(const struct load *load, size_t *ret_count)
{
	long room = (long)load->pipeline * (load->value_len + REQUEST_ROOM);
	long want = 2 * load->keys / load->pipeline + 64, most = BLOBS_BYTES / room + 1;
	long count = load->keys == 1 ? 1 : want < most ? want : most;
	struct blob *blobs = calloc((size_t)count, sizeof(*blobs));

	for (long i = 0; i < count; i++) {
		char *p = blobs[i].data = malloc((size_t)room);

		for (int j = 0; j < load->pipeline; j++) {
			p += load->work->write(p, load,
					       (long)(random_number() % (uint64_t)load->keys));
		}
		blobs[i].len = (size_t)(p - blobs[i].data);
	}
	*ret_count = (size_t)count;
	return blobs;
}

static void watch(int epoll, struct peer *peer, int op, bool out)
{
	struct epoll_event event = { .events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = peer };

	if (epoll_ctl(epoll, op, peer->fd, &event) < 0) {
		die("epoll_ctl");
	}
	peer->watches_out = out;
}

static void send_more(int epoll, struct peer *peer)
{
	ssize_t n = send(peer->fd, peer->blob->data + peer->sent, peer->blob->len - peer->sent,
			 MSG_DONTWAIT);
	bool out;

	peer->sent += n > 0 ? (size_t)n : 0;
	out = peer->sent < peer->blob->len;
	if (out != peer->watches_out) {
		watch(epoll, peer, EPOLL_CTL_MOD, out);
	}
}

static void start_blob(int epoll, struct peer *peer, const struct blob *blob)
{
	peer->blob = blob;
	peer->sent = peer->got = 0;
	peer->begin_ns = now_ns();
	send_more(epoll, peer);
}

/* Takes what has come; true at the end of a blob. */
static bool receive(struct peer *peer, const struct load *load, struct tally *tally)
{
	static char buf[RECEIVE_SIZE];
	size_t replies_len = (size_t)load->work->reply_len(load) * (size_t)load->pipeline;
	ssize_t n = recv(peer->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		fprintf(stderr, "server closed a connection: %s\n", n ? strerror(errno) : "eof");
		exit(1);
	}
	if (n < 0) {
		return false;
	}
	tally->mismatches += peer->got == 0 && buf[0] != load->work->first;
	peer->got += (size_t)n;
	if (peer->got > replies_len) {
		tally->mismatches++;
		peer->got = replies_len;
	}
	return peer->got == replies_len && peer->sent == peer->blob->len;
}

static void note(struct tally *tally, const struct load *load, const struct peer *peer)
{
	tally->requests += (uint64_t)load->pipeline;
	if (tally->count < LATENCIES_MAX) {
		tally->latencies_us[tally->count++] =
			(uint32_t)((now_ns() - peer->begin_ns) / 1000);
	}
}

/* A server may greet: that is swallowed. */
static void swallow_greeting(struct peer *peers, int count)
{
	char greeting[4096];

	usleep(200000);
	for (int i = 0; i < count; i++) {
		while (recv(peers[i].fd, greeting, sizeof(greeting), MSG_DONTWAIT) > 0) {
		}
	}
}

static double run(const struct load *load, struct tally *tally)
{
	struct peer *peers = calloc((size_t)load->conns, sizeof(*peers));
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(0);
	size_t blobs_count;
	struct blob *blobs = make_blobs(load, &blobs_count);

	for (int i = 0; i < load->conns; i++) {
		peers[i].fd = dial(load->where);
		watch(epoll, &peers[i], EPOLL_CTL_ADD, false);
	}
	if (strcmp(load->work->name, "echo") == 0) {
		swallow_greeting(peers, load->conns);
	}
	uint64_t start = now_ns(), end = start + (uint64_t)(load->seconds * 1e9);
	for (int i = 0; i < load->conns; i++) {
		start_blob(epoll, &peers[i], &blobs[random_number() % blobs_count]);
	}
	while (now_ns() < end) {
		int n = epoll_wait(epoll, events, EVENTS, 100);

		for (int i = 0; i < n; i++) {
			struct peer *peer = events[i].data.ptr;

			if (events[i].events & EPOLLOUT) {
				send_more(epoll, peer);
			}
			if (events[i].events & ~(uint32_t)EPOLLOUT && receive(peer, load, tally)) {
				note(tally, load, peer);
				start_blob(epoll, peer, &blobs[random_number() % blobs_count]);
			}
		}
	}
	return (double)(now_ns() - start) / 1e9;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static unsigned quantile(const struct tally *tally, double q)
{
	return tally->count ? tally->latencies_us[(size_t)((double)(tally->count - 1) * q)] : 0;
}

static bool read_arguments(int argc, char **argv, struct load *load)
{
	if (argc < 6) {
		return false;
	}
	*load = (struct load){
		.where = argv[1],
		.conns = atoi(argv[2]),
		.pipeline = atoi(argv[3]),
		.seconds = atof(argv[4]),
		.keys = argc > 6 ? atol(argv[6]) : 1,
		.value_len = argc > 7 ? atoi(argv[7]) : 3,
	};
	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		if (strcmp(argv[5], works[i].name) == 0) {
			load->work = &works[i];
		}
	}
	load->value = malloc((size_t)load->value_len + 1);
	memset(load->value, 'x', (size_t)load->value_len);
	load->value[load->value_len] = '\0';
	return load->work && load->conns > 0 && load->pipeline > 0 && load->keys > 0;
}

int main(int argc, char **argv)
{
	struct tally tally = { .latencies_us = malloc(LATENCIES_MAX * sizeof(uint32_t)) };
	struct load load;
	double seconds;

	if (!read_arguments(argc, argv, &load)) {
		fprintf(stderr, "usage: blast PORT|/PATH CONNS PIPELINE SECONDS "
				"ping-inline|ping|set|get|echo|fill [KEYS] [VALUE]\n");
		return 2;
	}
	if (strcmp(load.work->name, "fill") == 0) {
		fill(&load);
		return 0;
	}
	seconds = run(&load, &tally);
	qsort(tally.latencies_us, tally.count, sizeof(uint32_t), compare);
	printf("%lu %.3f %.0f %lu %u %u %u %u\n", (unsigned long)tally.requests, seconds,
	       (double)tally.requests / seconds, (unsigned long)tally.mismatches,
	       quantile(&tally, 0.5), quantile(&tally, 0.99), quantile(&tally, 0.999),
	       quantile(&tally, 1));
	return 0;
}
