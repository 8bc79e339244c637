/* SPDX-License-Identifier: MIT */
/*
 * hiredis against redis-lite, as an application uses it. Arguments: port, password.
 */
#include <hiredis/hiredis.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text of strings, statuses and errors; numbers as text; "nil". */
static void expect(redisReply *reply, const char *wanted)
{
	char number[32];
	const char *got = reply ? reply->str : "no reply";

	if (reply && reply->type == REDIS_REPLY_INTEGER) {
		snprintf(number, sizeof(number), "%lld", reply->integer);
		got = number;
	} else if (reply && reply->type == REDIS_REPLY_NIL) {
		got = "nil";
	}
	if (!got || strcmp(got, wanted) != 0) {
		fprintf(stderr, "%s instead of %s\n", got ? got : "an array", wanted);
		exit(1);
	}
	freeReplyObject(reply);
}

static void expect_next(redisContext *context, const char *wanted)
{
	void *reply = NULL;

	redisGetReply(context, &reply);
	expect(reply, wanted);
}

int main(int argc, char **argv)
{
	redisContext *context = argc == 3 ? redisConnect("127.0.0.1", atoi(argv[1])) : NULL;
	redisReply *reply;

	if (!context || context->err) {
		fprintf(stderr, "cannot connect\n");
		return 1;
	}
	expect(redisCommand(context, "PING"), "NOAUTH Authentication required.");
	expect(redisCommand(context, "AUTH %s", argv[2]), "OK");
	expect(redisCommand(context, "SET %b %b", "a key", (size_t)5, "a\0value", (size_t)7), "OK");
	reply = redisCommand(context, "GET %b", "a key", (size_t)5);
	if (!reply || reply->len != 7 || memcmp(reply->str, "a\0value", 7) != 0) {
		fprintf(stderr, "the value has changed\n");
		return 1;
	}
	freeReplyObject(reply);
	expect(redisCommand(context, "GET none"), "nil");
	redisAppendCommand(context, "INCR n");
	redisAppendCommand(context, "INCR n");
	redisAppendCommand(context, "NONE");
	expect_next(context, "1");
	expect_next(context, "2");
	expect_next(context, "ERR unknown command 'NONE', with args beginning with: ");
	expect(redisCommand(context, "MULTI"), "OK");
	expect(redisCommand(context, "GET n"), "QUEUED");
	reply = redisCommand(context, "EXEC");
	if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 1) {
		fprintf(stderr, "EXEC gave no array\n");
		return 1;
	}
	freeReplyObject(reply);
	redisFree(context);
	return 0;
}
