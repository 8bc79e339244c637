/* SPDX-License-Identifier: MIT */
/*
 * The channel between a worker and its supervisor.
 */
#include "harness.h"
#include "ipc/channel.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void keeps_order_and_bounds(void)
{
	char *longest = g_strnfill(LOG_LINE_MAX - 1, 'x');
	struct channel_input input = { 0 };
	struct message message;
	int ours, theirs;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	g_assert_cmpint(channel_send(theirs, MESSAGE_LOG, SHINY_LOG_ERROR, longest), ==, 0);
	g_assert_cmpint(channel_send(theirs, MESSAGE_ENDED, END_BY_SIGNAL, ""), ==, 0);

	g_assert_cmpint(channel_receive(ours, &input, &message), ==, 1);
	g_assert_cmpint(message.type, ==, MESSAGE_LOG);
	g_assert_cmpint(message.detail, ==, SHINY_LOG_ERROR);
	g_assert_cmpstr(message.text, ==, longest);
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, 1);
	g_assert_cmpint(message.type, ==, MESSAGE_ENDED);
	g_assert_cmpint(message.detail, ==, END_BY_SIGNAL);
	g_assert_cmpstr(message.text, ==, "");
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, -EAGAIN);
	close(theirs);
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, 0);
	close(ours);
	g_free(longest);
}

static void cuts_what_is_too_long(void)
{
	char *text = g_strnfill(3 * LOG_LINE_MAX, 'x');
	struct channel_input input = { 0 };
	struct message message;
	int ours, theirs;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	g_assert_cmpint(channel_send(theirs, MESSAGE_FAILED, 0, text), ==, 0);
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, 1);
	g_assert_cmpuint(strlen(message.text), ==, LOG_LINE_MAX - 1);
	close(theirs);
	close(ours);
	g_free(text);
}

static void loses_lines_rather_than_wait(void)
{
	struct channel_input input = { 0 };
	struct message message;
	int ours, theirs, sent = 0;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	while (channel_send(theirs, MESSAGE_LOG, SHINY_LOG_INFO, "line") == 0) {
		sent++;
	}
	g_assert_cmpint(channel_send(theirs, MESSAGE_CRASH, 0, "handle"), ==, -EAGAIN);
	while (channel_receive(ours, &input, &message) == 1) {
		sent--;
	}
	g_assert_cmpint(sent, ==, 0);
	close(theirs);
	close(ours);
}

static void tells_that_nobody_listens(void)
{
	int ours, theirs;

	signal(SIGPIPE, SIG_IGN);
	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	close(ours);
	g_assert_cmpint(channel_send(theirs, MESSAGE_READY, 0, ""), ==, -EPIPE);
	close(theirs);
}

static void takes_no_nonsense(void)
{
	struct channel_input input = { 0 };
	struct message message;
	int ours, theirs;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	g_assert_cmpint(channel_send(theirs, MESSAGE_LOG, SHINY_LOG_INFO, "line"), ==, 0);
	g_assert_cmpint(write(theirs, "\xff\xff stray", 8), ==, 8);
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, 1);
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, -EPROTO);
	close(theirs);
	close(ours);
}

static void makes_text_printable(void)
{
	struct channel_input input = { 0 };
	struct message message;
	int ours, theirs;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	g_assert_cmpint(channel_send(theirs, MESSAGE_LOG, SHINY_LOG_INFO, "a\nb\x1b[2J\xc2\x9b"),
			==, 0);
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, 1);
	g_assert_cmpstr(message.text, ==, "a?b?[2J??");
	close(theirs);
	close(ours);
}

static void takes_messages_in_pieces(void)
{
	char bytes[] = { MESSAGE_FAILED, 0, 4, 0, 'o', 'o', 'p', 's' };
	struct channel_input input = { 0 };
	struct message message;
	int ours, theirs;

	*(uint16_t *)(void *)(bytes + 2) = 4; /* as this machine writes it */
	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		g_assert_cmpint(channel_receive(ours, &input, &message), ==, -EAGAIN);
		g_assert_cmpint(write(theirs, bytes + i, 1), ==, 1);
	}
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, 1);
	g_assert_cmpstr(message.text, ==, "oops");
	g_assert_cmpint(write(theirs, bytes, sizeof(bytes) - 1), ==, sizeof(bytes) - 1);
	close(theirs);
	g_assert_cmpint(channel_receive(ours, &input, &message), ==, -EPROTO);
	close(ours);
}

/* Whether a message of that type may have that detail and so many bytes of text. */
static bool is_message(unsigned type, unsigned detail, unsigned len, char byte)
{
	const uint16_t size = (uint16_t)len;
	struct message message;
	char bytes[4096];
	int r;

	memset(bytes, byte, sizeof(bytes));
	bytes[0] = (char)type;
	bytes[1] = (char)detail;
	memcpy(bytes + 2, &size, sizeof(size));
	r = message_parse(bytes, sizeof(bytes), &message);
	g_assert_true(r == -EPROTO || r == (int)len + 4);
	return r > 0;
}

static void each_type_has_its_bounds(void)
{
	static const struct {
		unsigned details, text_max;
	} rules[MESSAGE_TYPE_MAX] = {
		[MESSAGE_LOG] = { SHINY_LOG_LEVEL_MAX, LOG_LINE_MAX - 1 },
		[MESSAGE_READY] = { 1, LOG_LINE_MAX - 1 },
		[MESSAGE_FAILED] = { 1, LOG_LINE_MAX - 1 },
		[MESSAGE_ENDED] = { END_REASON_MAX, 0 },
		[MESSAGE_CRASH] = { 2, 31 },
		[MESSAGE_FRAME] = { 1, 255 },
	};

	for (unsigned type = 0; type < MESSAGE_TYPE_MAX; type++) {
		g_assert_true(is_message(type, 0, 0, 'x'));
		g_assert_true(is_message(type, rules[type].details - 1, rules[type].text_max, 'x'));
		g_assert_false(is_message(type, rules[type].details, 0, 'x'));
		g_assert_false(is_message(type, 0, rules[type].text_max + 1, 'x'));
		g_assert_false(is_message(type, 0, 65535, 'x'));
		g_assert_true(type == MESSAGE_ENDED || !is_message(type, 0, 1, '\0'));
	}
	for (unsigned type = MESSAGE_TYPE_MAX; type < 256; type++) {
		g_assert_false(is_message(type, 0, 0, 'x'));
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/channel/order-and-bounds-are-kept", keeps_order_and_bounds);
	harness_add("/channel/too-long-a-text-is-cut", cuts_what_is_too_long);
	harness_add("/channel/log-lines-are-lost-rather-than-waited-for",
		    loses_lines_rather_than_wait);
	harness_add("/channel/nobody-listens", tells_that_nobody_listens);
	harness_add("/channel/stray-bytes-are-told-from-messages", takes_no_nonsense);
	harness_add("/channel/text-is-made-printable", makes_text_printable);
	harness_add("/channel/messages-may-come-in-pieces", takes_messages_in_pieces);
	harness_add("/channel/each-type-has-its-bounds", each_type_has_its_bounds);
	return harness_run();
}
