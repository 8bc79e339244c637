/* SPDX-License-Identifier: MIT */
/*
 * What a worker tells its supervisor: messages through a pipe.
 *
 * The worker writes, from any thread and from signal handlers; the supervisor reads without
 * waiting. A plugin may write there, too, so the supervisor believes nothing: a message has a known
 * type, a detail and a length which that type may have, and text that is made printable as it is
 * read. A pipe and no socket, as nothing but bytes can be sent through it: whoever receives a
 * descriptor has to close it, which may take as long as its sender likes.
 */
#ifndef SHINYD_CHANNEL_H
#define SHINYD_CHANNEL_H

#include "log/log.h"

#include <stddef.h>
#include <stdint.h>

enum message_type {
	MESSAGE_LOG,	/* detail: the level; text: the line */
	MESSAGE_READY,	/* text: the addresses that are served */
	MESSAGE_FAILED, /* text: why there is nothing to run */
	MESSAGE_ENDED,	/* detail: enum end_reason; sent before an orderly exit */
	MESSAGE_CRASH,	/* detail: whether memory was at its limit; text: where in the plugin */
	MESSAGE_FRAME,	/* text: one of the backtrace of a crash, the innermost first */
	MESSAGE_TYPE_MAX
};

enum end_reason {
	END_BY_PLUGIN,
	END_BY_SIGNAL, /* SIGTERM: no other one ends a worker in order */
	END_REASON_MAX
};

struct message {
	uint8_t type;
	uint8_t detail;
	char text[LOG_LINE_MAX];
};

/* What was read and is no message yet. Zeroed for a new channel. */
struct channel_input {
	size_t begin, end;
	char bytes[4096];
};

/* channel_create() - ends of a new channel, close-on-exec; 0 or -errno */
int channel_create(int *ret_supervisor, int *ret_worker);

/*
 * channel_send() - one message, of a text that is cut where its type has a limit
 *
 * Waits while the supervisor is behind, MESSAGE_CRASH and MESSAGE_FRAME for a moment only and
 * MESSAGE_LOG not at all. Then they are lost: neither a chatty plugin nor a crash may hang on the
 * supervisor.
 *
 * Thread:  any, and signal handlers. SIGPIPE must be ignored.
 * Returns: 0; -EAGAIN if it was lost; -EPIPE if nobody listens.
 */
int channel_send(int fd, enum message_type type, unsigned detail, const char *text);

/*
 * channel_receive() - the next message, without waiting
 *
 * Returns: 1 with a message; 0 at the end; -EAGAIN if there is none yet; -EPROTO for what is none:
 *          somebody else has written there, and nothing that follows is a message; -errno.
 */
int channel_receive(int fd, struct channel_input *input, struct message *ret_message);

/*
 * message_parse() - the message with which these bytes begin
 *
 * Returns: how many bytes it took; 0 if it is not all there; -EPROTO if there is none.
 */
int message_parse(const char *bytes, size_t size, struct message *ret_message);

#endif
