/* SPDX-License-Identifier: MIT */
/*
 * The channel between a worker and its supervisor.
 */
#include "harness.h"
#include "ipc/channel.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void keeps_order_and_bounds(void)
{
	char *longest = g_strnfill(LOG_LINE_MAX - 1, 'x');
	struct message message;
	int ours, theirs;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	g_assert_cmpint(channel_send(theirs, MESSAGE_LOG, SHINY_LOG_ERROR, longest), ==, 0);
	g_assert_cmpint(channel_send(theirs, MESSAGE_ENDED, END_BY_SIGNAL, ""), ==, 0);

	g_assert_cmpint(channel_receive(ours, &message), ==, 1);
	g_assert_cmpint(message.type, ==, MESSAGE_LOG);
	g_assert_cmpint(message.detail, ==, SHINY_LOG_ERROR);
	g_assert_cmpstr(message.text, ==, longest);
	g_assert_cmpint(channel_receive(ours, &message), ==, 1);
	g_assert_cmpint(message.type, ==, MESSAGE_ENDED);
	g_assert_cmpint(message.detail, ==, END_BY_SIGNAL);
	g_assert_cmpstr(message.text, ==, "");
	g_assert_cmpint(channel_receive(ours, &message), ==, -EAGAIN);
	close(theirs);
	g_assert_cmpint(channel_receive(ours, &message), ==, 0);
	close(ours);
	g_free(longest);
}

static void cuts_what_is_too_long(void)
{
	char *text = g_strnfill(3 * LOG_LINE_MAX, 'x');
	struct message message;
	int ours, theirs;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	g_assert_cmpint(channel_send(theirs, MESSAGE_FAILED, 0, text), ==, 0);
	g_assert_cmpint(channel_receive(ours, &message), ==, 1);
	g_assert_cmpuint(strlen(message.text), ==, LOG_LINE_MAX - 1);
	close(theirs);
	close(ours);
	g_free(text);
}

static void loses_lines_rather_than_wait(void)
{
	struct message message;
	int ours, theirs, sent = 0;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	while (channel_send(theirs, MESSAGE_LOG, SHINY_LOG_INFO, "line") == 0) {
		sent++;
	}
	g_assert_cmpint(channel_send(theirs, MESSAGE_CRASH, 0, "handle"), ==, -EAGAIN);
	while (channel_receive(ours, &message) == 1) {
		sent--;
	}
	g_assert_cmpint(sent, ==, 0);
	close(theirs);
	close(ours);
}

static void tells_that_nobody_listens(void)
{
	int ours, theirs;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	close(ours);
	g_assert_cmpint(channel_send(theirs, MESSAGE_READY, 0, ""), ==, -EPIPE);
	close(theirs);
}

static void takes_no_nonsense(void)
{
	struct message message;
	int ours, theirs;

	g_assert_cmpint(channel_create(&ours, &theirs), ==, 0);
	g_assert_cmpint(write(theirs, "\xff\xff stray", 8), ==, 8);
	g_assert_cmpint(channel_receive(ours, &message), ==, -EPROTO);
	close(theirs);
	close(ours);
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
	return harness_run();
}
