/* SPDX-License-Identifier: MIT */
/*
 * The least that any epoll server must do, as a limit to compare with.
 *
 * It reads, counts requests by their known length, and writes ready-made replies: no parsing, no
 * table, no limits, no second thoughts about a client that does not read.
 *
 *     floor PORT REQUEST_BYTES REPLY [LOG]
 *
 * REPLY may hold \r and \n as escapes; "=" echoes the bytes back. With LOG, what else was read in a turn
 * is appended to that file by one write(2), before the replies; a thread syncs it, and does what
 * redis-lite's thread does to make a log cheap.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE    (1 << 16)
#define EVENTS	     512
#define FDS_MAX	     (1 << 20)

#define LOG_GATHERED (1 << 20)
#define LOG_SYNC_US  100000
#define LOG_AHEAD    (128 << 20)

struct canned {
	size_t request_len, reply_len;
	bool echo;
	char *replies; /* as many as one read can ask for */
};

struct promise {
	int fd;
	size_t len; /* of the replies */
};

/* What the requests of a turn leave behind; nothing without a file. */
struct log {
	int fd;
	size_t len;
	char gathered[LOG_GATHERED];
	atomic_ulong size; /* of the file */
	unsigned count;
	struct promise promises[EVENTS];
};

static size_t unescape(const char *text, char *to)
{
	char *start = to;

	for (; *text; text++) {
		if (text[0] == '\\' && text[1]) {
			text++;
			*to++ = *text == 'r' ? '\r' : '\n';
		} else {
			*to++ = *text;
		}
	}
	return (size_t)(to - start);
}

static struct canned make_canned(const char *request_len, const char *reply)
{
	struct canned canned = { .request_len = (size_t)atoi(request_len),
				 .echo = strcmp(reply, "=") == 0 };
	char *one = malloc(strlen(reply) + 1);
	size_t most = READ_SIZE / canned.request_len + 2;

	canned.reply_len = unescape(reply, one);
	canned.replies = malloc(most * canned.reply_len);
	for (size_t i = 0; i < most; i++) {
		memcpy(canned.replies + i * canned.reply_len, one, canned.reply_len);
	}
	free(one);
	return canned;
}

static int listen_on(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4096) < 0) {
		perror("bind");
		exit(1);
	}
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void take_client(int epoll, int listener, uint32_t *rest)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), one = 1;

	if (fd >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		rest[fd] = 0;
		watch(epoll, fd);
	}
}

static void flush_log(struct log *log)
{
	if (log->len > 0 && write(log->fd, log->gathered, log->len) != (ssize_t)log->len) {
		perror("log");
		exit(1);
	}
	log->size += log->len;
	log->len = 0;
}

static void append(struct log *log, const char *data, size_t len)
{
	if (log->len + len > LOG_GATHERED) {
		flush_log(log);
	}
	memcpy(log->gathered + log->len, data, len);
	log->len += len;
}

static void *sync_log(void *arg)
{
	struct log *log = arg;
	off_t synced = 0;

	for (;;) {
		off_t size = (off_t)log->size;

		if (size > synced) {
			fallocate(log->fd, FALLOC_FL_KEEP_SIZE, size, LOG_AHEAD);
			if (fdatasync(log->fd) < 0) {
				perror("fdatasync");
				exit(1);
			}
			posix_fadvise(log->fd, 0, synced, POSIX_FADV_DONTNEED);
			synced = size;
		}
		usleep(LOG_SYNC_US);
	}
	return NULL;
}

static void open_log(struct log *log, const char *path)
{
	pthread_t thread;

	log->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (log->fd < 0 || pthread_create(&thread, NULL, sync_log, log) != 0) {
		perror(path);
		exit(1);
	}
}

static void reply(int fd, const char *replies, size_t len)
{
	if (len > 0 && write(fd, replies, len) < 0) {
		close(fd);
	}
}

static void keep_promises(struct log *log, const struct canned *canned)
{
	flush_log(log);
	for (unsigned i = 0; i < log->count; i++) {
		reply(log->promises[i].fd, canned->replies, log->promises[i].len);
	}
	log->count = 0;
}

/* @rest is what of a request has come so far. */
static void serve(int fd, const struct canned *canned, struct log *log, uint32_t *rest)
{
	static char buf[READ_SIZE];
	ssize_t n = read(fd, buf, sizeof(buf));
	size_t have, len;

	if (n <= 0) {
		if (n == 0 || errno != EAGAIN) {
			close(fd);
		}
		return;
	}
	if (canned->echo) {
		reply(fd, buf, (size_t)n);
		return;
	}
	have = *rest + (size_t)n;
	len = have / canned->request_len * canned->reply_len;
	*rest = (uint32_t)(have % canned->request_len);
	if (log->fd >= 0) {
		append(log, buf, (size_t)n);
		log->promises[log->count++] = (struct promise){ fd, len };
	} else {
		reply(fd, canned->replies, len);
	}
}

int main(int argc, char **argv)
{
	static uint32_t rest[FDS_MAX];
	static struct log log = { .fd = -1 };
	struct epoll_event events[EVENTS];

	if (argc < 4) {
		fprintf(stderr, "usage: floor PORT REQUEST_BYTES REPLY [LOG]\n");
		return 2;
	}
	struct canned canned = make_canned(argv[2], argv[3]);
	int listener = listen_on(atoi(argv[1])), epoll = epoll_create1(0);

	if (argc > 4) {
		open_log(&log, argv[4]);
	}
	watch(epoll, listener);
	for (;;) {
		int n = epoll_wait(epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			int fd = events[i].data.fd;

			if (fd == listener) {
				take_client(epoll, listener, rest);
			} else {
				serve(fd, &canned, &log, &rest[fd]);
			}
		}
		keep_promises(&log, &canned);
	}
}
