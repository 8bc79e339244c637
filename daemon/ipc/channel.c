/* SPDX-License-Identifier: MIT */
/*
 * Messages through a pipe: a head and the text behind it. Each is written at once, which a pipe
 * keeps in one piece.
 */
#include "ipc/channel.h"

#include "util/printable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

/* How long a crash waits for room: it may follow many lines that were not read yet. */
#define LAST_WORDS_WAIT_MS 200

struct head {
	uint8_t type;
	uint8_t detail;
	uint16_t len; /* of the text */
};

_Static_assert(sizeof(struct head) + LOG_LINE_MAX <= PIPE_BUF, "a message is not in one piece");
_Static_assert(sizeof(struct head) + LOG_LINE_MAX <= sizeof(((struct channel_input *)0)->bytes),
	       "a message has no room");

/* What each type may have. */
static const struct {
	unsigned details;
	size_t text_max;
} rules[MESSAGE_TYPE_MAX] = {
	[MESSAGE_LOG] = { SHINY_LOG_LEVEL_MAX, LOG_LINE_MAX - 1 },
	[MESSAGE_READY] = { 1, LOG_LINE_MAX - 1 },
	[MESSAGE_FAILED] = { 1, LOG_LINE_MAX - 1 },
	[MESSAGE_ENDED] = { END_REASON_MAX, 0 },
	[MESSAGE_CRASH] = { 2, 31 },
	[MESSAGE_FRAME] = { 1, 255 },
};

int channel_create(int *ret_supervisor, int *ret_worker)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		return -errno;
	}
	*ret_supervisor = ends[0];
	*ret_worker = ends[1];
	return 0;
}

static void wait_for_room(int fd, int timeout_ms)
{
	struct pollfd room = { fd, POLLOUT, 0 };

	poll(&room, 1, timeout_ms);
}

static ssize_t write_once(int fd, const void *bytes, size_t size)
{
	ssize_t n;

	do {
		n = write(fd, bytes, size);
	} while (n < 0 && errno == EINTR);
	return n;
}

int channel_send(int fd, enum message_type type, unsigned detail, const char *text)
{
	bool is_last_word = type == MESSAGE_CRASH || type == MESSAGE_FRAME;
	const struct head head = {
		.type = (uint8_t)type,
		.detail = (uint8_t)detail,
		.len = (uint16_t)strnlen(text, rules[type].text_max),
	};
	char bytes[sizeof(head) + LOG_LINE_MAX];
	ssize_t n;

	memcpy(bytes, &head, sizeof(head));
	memcpy(bytes + sizeof(head), text, head.len);
	if (is_last_word) {
		wait_for_room(fd, LAST_WORDS_WAIT_MS);
	}
	n = write_once(fd, bytes, sizeof(head) + head.len);
	while (n < 0 && errno == EAGAIN && type != MESSAGE_LOG && !is_last_word) {
		wait_for_room(fd, -1);
		n = write_once(fd, bytes, sizeof(head) + head.len);
	}
	return n < 0 ? -errno : 0;
}

int message_parse(const char *bytes, size_t size, struct message *ret_message)
{
	struct head head;

	if (size < sizeof(head)) {
		return 0;
	}
	memcpy(&head, bytes, sizeof(head));
	if (head.type >= MESSAGE_TYPE_MAX || head.detail >= rules[head.type].details ||
	    head.len > rules[head.type].text_max) {
		return -EPROTO;
	}
	if (size - sizeof(head) < head.len) {
		return 0;
	}
	if (memchr(bytes + sizeof(head), '\0', head.len) != NULL) {
		return -EPROTO;
	}
	ret_message->type = head.type;
	ret_message->detail = head.detail;
	memcpy(ret_message->text, bytes + sizeof(head), head.len);
	ret_message->text[head.len] = '\0';
	printable(ret_message->text);
	return (int)sizeof(head) + head.len;
}

/* Returns what read(2) does. */
static ssize_t read_more(int fd, struct channel_input *input)
{
	ssize_t n;

	memmove(input->bytes, input->bytes + input->begin, input->end - input->begin);
	input->end -= input->begin;
	input->begin = 0;
	do {
		n = read(fd, input->bytes + input->end, sizeof(input->bytes) - input->end);
	} while (n < 0 && errno == EINTR);
	input->end += (size_t)MAX(n, 0);
	return n;
}

int channel_receive(int fd, struct channel_input *input, struct message *ret_message)
{
	for (;;) {
		int used = message_parse(input->bytes + input->begin, input->end - input->begin,
					 ret_message);
		ssize_t n;

		if (used < 0) {
			return used;
		}
		if (used > 0) {
			input->begin += (size_t)used;
			return 1;
		}
		n = read_more(fd, input);
		if (n < 0) {
			return -errno;
		}
		if (n == 0) {
			return input->end > 0 ? -EPROTO : 0;
		}
	}
}
