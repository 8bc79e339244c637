/* SPDX-License-Identifier: MIT */
/*
 * Messages over a socket pair: SOCK_SEQPACKET keeps their borders.
 */
#include "ipc/channel.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#define CRASH_WAIT_MS 200

int channel_create(int *ret_supervisor, int *ret_worker)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		return -errno;
	}
	*ret_supervisor = ends[0];
	*ret_worker = ends[1];
	return 0;
}

/* The report of a crash may follow many lines that have not been read yet. */
static void wait_for_room(int fd)
{
	struct pollfd room = { fd, POLLOUT, 0 };

	poll(&room, 1, CRASH_WAIT_MS);
}

int channel_send(int fd, enum message_type type, unsigned detail, const char *text)
{
	bool may_be_lost = type == MESSAGE_LOG || type == MESSAGE_CRASH || type == MESSAGE_FRAME;
	int flags = MSG_NOSIGNAL | (may_be_lost ? MSG_DONTWAIT : 0);
	struct message message;
	size_t len = strnlen(text, sizeof(message.text) - 1);
	ssize_t n;

	message.type = (uint8_t)type;
	message.detail = (uint8_t)detail;
	memcpy(message.text, text, len);
	if (type == MESSAGE_CRASH || type == MESSAGE_FRAME) {
		wait_for_room(fd);
	}
	do {
		n = send(fd, &message, offsetof(struct message, text) + len, flags);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int channel_receive(int fd, struct message *ret_message)
{
	struct message message;
	ssize_t n;

	do {
		n = recv(fd, &message, sizeof(message) - 1, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		return -errno;
	}
	if (n == 0) {
		return 0;
	}
	/* A plugin's stray write to this descriptor. */
	if ((size_t)n < offsetof(struct message, text) || message.type >= MESSAGE_TYPE_MAX) {
		return -EPROTO;
	}
	((char *)&message)[n] = '\0';
	*ret_message = message;
	return 1;
}
