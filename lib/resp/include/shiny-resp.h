/* SPDX-License-Identifier: MIT */
/*
 * libshiny-resp: Redis's protocol for servers of libshiny.
 *
 * A program has a table of commands and hands shiny_resp_serve() what arrives; a command's function
 * reads its arguments and writes a reply. That is all that most programs need, and stands at the end.
 * It is made of three parts, of which each can be used without the others: a parser of requests,
 * replies in version 2 or 3 of the protocol, and an index that finds a command by its name, with the
 * errors that every server of this protocol has. What is done for each request is inline and stands
 * in shiny-resp-inline.h.
 *
 * Conventions: as those of shiny.h. Only shiny_resp_create() allocates; nothing logs or has global
 * state. A structure whose comment does not say how it grows never does. Replies are written on the serving thread, inside an event function; all else may be used on
 * any thread, by one of them at a time.
 */
#ifndef SHINY_RESP_H
#define SHINY_RESP_H

#include <shiny.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who compiles the library into a plugin of his own, which is to export nothing of it, defines this. */
#ifdef SHINY_RESP_STATIC
#pragma GCC visibility push(hidden)
#else
#pragma GCC visibility push(default)
#endif

/*
 * Arguments
 */

/* An argument of a request; not terminated. */
struct shiny_resp_arg {
	const char *data;
	size_t len;
};

/* SHINY_RESP_ARG() - an argument that is a string literal */
/* clang-format off */
#ifdef __cplusplus
#define SHINY_RESP_ARG(text) shiny_resp_arg{ (text), sizeof(text) - 1 }
#else
#define SHINY_RESP_ARG(text) (struct shiny_resp_arg){ (text), sizeof(text) - 1 }
#endif
/* clang-format on */

/* SHINY_RESP_ARG_FORMAT() - at most so many bytes of an argument, as what "%.*s" takes */
#define SHINY_RESP_ARG_FORMAT(arg, most) \
	(int)((arg)->len < (most) ? (arg)->len : (most)), (arg)->data

/* Room for any 64-bit number as text; it is not terminated. */
#define SHINY_RESP_INTEGER_MAX 20

/* shiny_resp_arg_is() - whether an argument is this lower-case word, in any case */
bool shiny_resp_arg_is(const struct shiny_resp_arg *arg, const char *word);

/*
 * shiny_resp_parse_integer() - a signed 64-bit number in the one spelling that Redis takes
 *
 * No sign but '-', no leading zeros, no blanks, no "-0".
 *
 * Returns: whether it is one; if not, *@ret_value stays as it is.
 */
bool shiny_resp_parse_integer(const char *text, size_t len, int64_t *ret_value);

/*
 * shiny_resp_format_integer() - write @value to @buf, of SHINY_RESP_INTEGER_MAX bytes
 *
 * Returns: how many bytes that took.
 */
size_t shiny_resp_format_integer(char *buf, int64_t value);
size_t shiny_resp_format_unsigned(char *buf, uint64_t value);

/* Room for any double as text. */
#define SHINY_RESP_DOUBLE_MAX 32

/*
 * shiny_resp_format_double() - the fewest digits that are @value again when they are read
 *
 * Or "inf", "-inf", "nan". With a point whatever the language; @buf is of SHINY_RESP_DOUBLE_MAX bytes.
 *
 * Returns: how many bytes that took.
 */
size_t shiny_resp_format_double(char *buf, double value);

/*
 * Requests
 */

/* The longest inline request, and the longest line that announces a length. */
#define SHINY_RESP_LINE_MAX (64 * 1024)

/* The longest bulk string, as Redis's proto-max-bulk-len. */
#define SHINY_RESP_BULK_MAX (512LL * 1024 * 1024)

/* The most arguments. */
#define SHINY_RESP_ARGS_MAX INT32_MAX

/* Room for any text in struct shiny_resp_parser's error. */
#define SHINY_RESP_ERROR_MAX 64

/* Each time that so many arguments of one request were found, progress is called. */
#define SHINY_RESP_PROGRESS_ARGS 1024

enum shiny_resp_status {
	SHINY_RESP_COMPLETE, /* args and argc hold a request of used bytes */
	SHINY_RESP_EMPTY,    /* used bytes held none: a blank line, *0, *-1 */
	SHINY_RESP_MORE,     /* want bytes in all are needed before another try can succeed */
	SHINY_RESP_ROOM, /* args has no room for want arguments; if is_line: text, for want bytes */
	SHINY_RESP_ERROR, /* error says why; the connection is beyond repair */
};

/* What a request may be at most. 0: SHINY_RESP_LINE_MAX and so on, which none of them exceeds. */
struct shiny_resp_limits {
	size_t line;
	size_t bulk; /* an argument, also one of an inline request */
	size_t args; /* of an array; an inline request has what fits in its line, as in Redis */
	bool unauthenticated; /* errors say that this is for want of a password */
};

/* SHINY_RESP_LIMITS_UNAUTHENTICATED - what Redis takes of a client that has yet to say its password */
/* clang-format off */
#define SHINY_RESP_LIMITS_UNAUTHENTICATED \
	{ .bulk = 16384, .args = 10, .unauthenticated = true }
/* clang-format on */

/* In: where arguments go, and what is taken. Out: what was found. */
struct shiny_resp_parser {
	struct shiny_resp_arg *args;
	size_t room; /* of args */
	char *text;  /* where inline arguments are written without their quotes and escapes */
	size_t text_room;
	const struct shiny_resp_limits *limits; /* NULL: as if all are 0 */
	void (*progress)(void *ctx);		/* see SHINY_RESP_PROGRESS_ARGS; or NULL */
	void *progress_ctx;			/* its ctx */
	/* As in an append-only file: no inline requests, but annotations ("#TS:..."), and each line's
	 * end as it must be. */
	bool strict;

	size_t argc;
	bool exact;	  /* an array, as written by the book: a file may have it as it is */
	size_t used;	  /* bytes of the request */
	size_t text_used; /* bytes written to text */
	size_t want;
	bool is_line;
	char error[SHINY_RESP_ERROR_MAX]; /* after "-ERR Protocol error: " */
};

/*
 * shiny_resp_parse() - find the request at the start of @data
 *
 * Arguments point into @data, or into the parser's text where an inline request was quoted. There
 * is no state between calls: after SHINY_RESP_MORE the same bytes are to come again with more behind
 * them, for which shiny_unread() has a @want. That never exceeds the request's true size, so waiting
 * for it cannot hang. A bulk string is awaited as a whole, and so are more than 64 missing arguments;
 * of a line, and of fewer arguments, every byte is looked at when it comes, so that a wrong one is
 * refused at once. Of a pipeline the next request begins behind used bytes.
 *
 * @len is not 0.
 *
 * Owner:   all that the parser points to is the caller's; arguments are valid as long as that and
 *          @data are.
 * Thread:  any.
 */
enum shiny_resp_status shiny_resp_parse(struct shiny_resp_parser *parser, const char *data,
					size_t len);

/*
 * Replies
 */

/* No reply of fixed size takes more. */
#define SHINY_RESP_FIXED_MAX 32

/* An error's text is cut to so much, with its end. */
#define SHINY_RESP_ERROR_TEXT_MAX 512

/* At least so much is reserved at once: the replies of a usual batch. */
#define SHINY_RESP_RESERVE 4096

struct shiny_resp_reply;

/* What a program does besides. Both functions are set. */
struct shiny_resp_hooks {
	/*
	 * Room for @len bytes is wanted, and there is less: to be had by shiny_resp_flush() and
	 * shiny_resp_reserve(), for SHINY_RESP_RESERVE bytes at least. Returns NULL if there is nobody
	 * to write to.
	 */
	char *(*grow)(struct shiny_resp_reply *reply, size_t len);

	/* An error was replied. */
	void (*error)(struct shiny_resp_reply *reply, const char *text);
};

/*
 * The replies to one batch of requests, written straight into the connection's output: room is
 * reserved for many of them together, and queued when it is used up or by shiny_resp_flush().
 *
 * Which of the protocol's versions the client speaks is known here and nowhere else: a command says
 * "null" or "map", and the reply is what that is called in RESP2 or in RESP3.
 *
 * To begin, set conn and resp3, and hooks if there are some; the rest is 0. It is good until the
 * event function returns, and nothing else may write to the connection before it was flushed.
 */
struct shiny_resp_reply {
	struct shiny_conn *conn;	      /* NULL: replies go nowhere */
	const struct shiny_resp_hooks *hooks; /* or NULL */
	char *start, *at, *end;		      /* reserved, filled up to at */
	uint64_t flushed;		      /* bytes so far */
	uint32_t errors;		      /* error replies so far */
	bool failed;			      /* the connection takes no more; it is ending */
	bool resp3;			      /* the client asked for version 3 of the protocol */
};

/* shiny_resp_flush() - queue what was written */
void shiny_resp_flush(struct shiny_resp_reply *reply);

/* shiny_resp_grow() - flush, and have at least @len bytes; NULL if there is nobody to write to */
char *shiny_resp_grow(struct shiny_resp_reply *reply, size_t len);

/* shiny_resp_reserve() - for grow of struct shiny_resp_hooks: room for @len bytes, or NULL */
char *shiny_resp_reserve(struct shiny_resp_reply *reply, size_t len);

/* shiny_resp_room() - where to write up to @len bytes, to be followed by shiny_resp_end(); or NULL */
static inline char *shiny_resp_room(struct shiny_resp_reply *reply, size_t len)
{
	return (size_t)(reply->end - reply->at) >= len ? reply->at : shiny_resp_grow(reply, len);
}

/* shiny_resp_end() - @end is the end of what was written to the room */
static inline void shiny_resp_end(struct shiny_resp_reply *reply, char *end)
{
	reply->at = end;
}

/* shiny_resp_raw_more() - shiny_resp_raw() where the room that is left does not do */
void shiny_resp_raw_more(struct shiny_resp_reply *reply, const char *data, size_t len);

/* shiny_resp_raw() - bytes that are a reply already */
static inline void shiny_resp_raw(struct shiny_resp_reply *reply, const char *data, size_t len)
{
	if ((size_t)(reply->end - reply->at) >= len) {
		memcpy(reply->at, data, len);
		shiny_resp_end(reply, reply->at + len);
	} else {
		shiny_resp_raw_more(reply, data, len);
	}
}

#define shiny_resp_literal(reply, text) shiny_resp_raw((reply), (text), sizeof(text) - 1)

static inline void shiny_resp_ok(struct shiny_resp_reply *reply)
{
	shiny_resp_literal(reply, "+OK\r\n");
}

static inline void shiny_resp_null(struct shiny_resp_reply *reply)
{
	if (reply->resp3) {
		shiny_resp_literal(reply, "_\r\n");
	} else {
		shiny_resp_literal(reply, "$-1\r\n");
	}
}

/* shiny_resp_null_array() - null where an array would stand */
static inline void shiny_resp_null_array(struct shiny_resp_reply *reply)
{
	if (reply->resp3) {
		shiny_resp_literal(reply, "_\r\n");
	} else {
		shiny_resp_literal(reply, "*-1\r\n");
	}
}

/* shiny_resp_status() - a line, as "OK"; @text is written as it is, so it has no line breaks */
void shiny_resp_status(struct shiny_resp_reply *reply, const char *text);

void shiny_resp_integer(struct shiny_resp_reply *reply, int64_t value);

/* shiny_resp_bulk() - any bytes; the only limit is max_output of struct shiny_options */
void shiny_resp_bulk(struct shiny_resp_reply *reply, const char *data, size_t len);

/* shiny_resp_bulk_size() - what shiny_resp_bulk() will write */
size_t shiny_resp_bulk_size(size_t len);

void shiny_resp_bulk_text(struct shiny_resp_reply *reply, const char *text);
void shiny_resp_bulk_integer(struct shiny_resp_reply *reply, int64_t value);

/* shiny_resp_text() - for people to read: RESP3 says so */
void shiny_resp_text(struct shiny_resp_reply *reply, const char *data, size_t len);

/* shiny_resp_double() - in the fewest digits that are @value; in RESP2 a bulk string */
void shiny_resp_double(struct shiny_resp_reply *reply, double value);

/* shiny_resp_boolean() - in RESP2 1 or 0 */
void shiny_resp_boolean(struct shiny_resp_reply *reply, bool value);

/* shiny_resp_array() - the head of an array, to be followed by @count replies */
void shiny_resp_array(struct shiny_resp_reply *reply, size_t count);

/* shiny_resp_map() - the head of @count pairs of replies; in RESP2 an array */
void shiny_resp_map(struct shiny_resp_reply *reply, size_t count);

/* shiny_resp_set() - the head of a set of @count replies; in RESP2 an array */
void shiny_resp_set(struct shiny_resp_reply *reply, size_t count);

/*
 * shiny_resp_push() - the head of a message of @count parts that is no reply to a request
 *
 * In RESP2 an array, which only a client that has subscribed to something expects.
 */
void shiny_resp_push(struct shiny_resp_reply *reply, size_t count);

/*
 * shiny_resp_error() - an error, formatted
 *
 * The text begins with its code, as in "ERR no such key". Line breaks that an argument brings in
 * become blanks.
 */
void shiny_resp_error(struct shiny_resp_reply *reply, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Commands
 */

/* The longest name of a command. */
#define SHINY_RESP_NAME_MAX 64

/* The most commands in an index, which is half empty then. */
#define SHINY_RESP_COMMANDS_MAX 256

struct shiny_resp_index; /* in shiny-resp-inline.h, with shiny_resp_find() */

/*
 * shiny_resp_index_add() - have shiny_resp_find() find @row by @name
 *
 * What a row is, is the caller's business. An index begins as all zeros.
 *
 * Owner:   @name and @row stay the caller's, as long as the index is used.
 * Returns: 0; -EINVAL (no name, one above SHINY_RESP_NAME_MAX or with upper-case letters, or no row);
 *          -EEXIST; -ENOSPC past SHINY_RESP_COMMANDS_MAX.
 */
int shiny_resp_index_add(struct shiny_resp_index *index, const char *name, const void *row);

/* shiny_resp_has_arity() - whether a request has that many arguments; negative: at least so many */
static inline bool shiny_resp_has_arity(int arity, size_t argc)
{
	return arity >= 0 ? argc == (size_t)arity : argc >= (size_t)-arity;
}

/* shiny_resp_unknown_command() - the error that there is no such command */
void shiny_resp_unknown_command(struct shiny_resp_reply *reply, const struct shiny_resp_arg *argv,
				size_t argc);

/* shiny_resp_wrong_arity() - the error for a wrong number of arguments; @parent: if it is a subcommand */
void shiny_resp_wrong_arity(struct shiny_resp_reply *reply, const char *parent, const char *name);

/*
 * shiny_resp_is_http() - whether what looks like a request was sent by a browser
 *
 * That was made to talk to this server by some page: the connection is to be ended without a word.
 */
bool shiny_resp_is_http(const struct shiny_resp_arg *name);

/*
 * Serving
 *
 * All of the above, put together. A plugin's on_handle is
 *
 *     return shiny_resp_serve(resp, conn, data, len, ctx);
 *
 * and the rest of it a table of commands.
 */

/* The most arguments of a request, unless the options say otherwise. */
#define SHINY_RESP_SERVE_ARGS 65536

struct shiny_resp;
struct shiny_resp_call;

/* A command. A table of them ends with a NULL name. */
struct shiny_resp_command {
	const char *name; /* in lower case */
	int arity;	  /* arguments, the name being one; negative: at least so many */
	unsigned flags;	  /* the program's own, for check of struct shiny_resp_options */
	void (*run)(struct shiny_resp_call *call);
};

/*
 * A request that is run. New fields are added at the end; @size tells a program which ones the library
 * that it runs with knows.
 */
struct shiny_resp_call {
	size_t size; /* sizeof(struct shiny_resp_call) */
	const struct shiny_resp *resp;
	struct shiny_conn *conn;
	void *ctx; /* of shiny_resp_serve() */
	struct shiny_resp_reply *reply;
	const struct shiny_resp_command *command; /* NULL for unknown */
	const struct shiny_resp_arg *argv;	  /* argv[0] is the name as it came */
	size_t argc;				  /* as the command's arity has it */
	bool close; /* set by the function: end the connection behind the reply */
};

/* 0 or NULL is the default. New fields are added at the end; @size tells the library which there are. */
struct shiny_resp_options {
	size_t size; /* sizeof(struct shiny_resp_options) */

	/* More ends the connection, with Redis's error. None may exceed the default but args_max. */
	size_t line_max; /* an inline request, or a line with a length; default SHINY_RESP_LINE_MAX */
	size_t bulk_max; /* an argument; default SHINY_RESP_BULK_MAX; see also max_input of shiny.h */
	size_t args_max; /* default SHINY_RESP_SERVE_ARGS; each takes a struct shiny_resp_arg */

	/*
	 * Called before the function of each command, whose arguments are as many as they should be.
	 * False, after an error reply: it is not run. Default: all are.
	 */
	bool (*check)(struct shiny_resp_call *call);

	/* Runs what is not in the table. Default: shiny_resp_unknown_command(). */
	void (*unknown)(struct shiny_resp_call *call);

	/*
	 * Where it is kept whether a connection speaks version 3 of the protocol: false at its
	 * beginning. Never NULL. For programs that call shiny_set_user(). Default: shiny_user() itself,
	 * which then belongs to this library: it is not NULL once a client has asked for version 3.
	 */
	bool *(*resp3)(struct shiny_conn *conn, void *ctx);

	/* For AUTH and HELLO: whether that is the password. False, after an error reply: it is not. */
	bool (*auth)(struct shiny_resp_call *call, const struct shiny_resp_arg *user,
		     const struct shiny_resp_arg *password);

	/* What HELLO says. Default: "shiny", and the library's version. */
	const char *server, *version;
};

/* clang-format off */
#define SHINY_RESP_OPTIONS \
	{ .size = sizeof(struct shiny_resp_options) }

/* Rows for a table: what clients expect of every server. */
#define SHINY_RESP_CONNECTION_COMMANDS \
	{ "echo", 2, 0, shiny_resp_run_echo }, { "hello", -1, 0, shiny_resp_run_hello }, \
	{ "ping", -1, 0, shiny_resp_run_ping }, { "quit", -1, 0, shiny_resp_run_quit }
/* clang-format on */

/*
 * shiny_resp_create() - what shiny_resp_serve() needs
 *
 * All memory that serving takes is allocated here.
 *
 * Owner:   @commands, and what the options point to, stay the caller's until shiny_resp_destroy().
 *          *@ret_resp is the caller's. @options may be NULL.
 * Thread:  any.
 * Returns: 0; -EINVAL (no @commands, a row without a function or with arity 0, a name that
 *          shiny_resp_index_add() does not take, options of size 0, a limit that is too large), -EEXIST
 *          (two commands of one name), -ENOSPC (more than SHINY_RESP_COMMANDS_MAX), -E2BIG (options
 *          that only a later library knows), -ENOMEM.
 */
int shiny_resp_create(const struct shiny_resp_command *commands,
		      const struct shiny_resp_options *options, struct shiny_resp **ret_resp);

/* shiny_resp_destroy() - @resp may be NULL */
void shiny_resp_destroy(struct shiny_resp *resp);

/*
 * shiny_resp_serve() - run the requests in @data, in their order, and reply
 *
 * For a handler, with its arguments: what is incomplete is given back by shiny_unread(), and so is the
 * rest once shiny_congested() says that the client does not take its replies. An error of the protocol
 * is replied as Redis does, and ends the connection. This library allocates nothing meanwhile.
 *
 * A function that is run replies before it returns: the next request is run then. It may call all of
 * libshiny except what writes to the connection of the call, takes from its input (shiny_unread(),
 * shiny_need_more()) or ends it: for that it has its reply and its close. It does not call
 * shiny_resp_serve() with the same @resp. One whose reply may pass max_output says so first, by
 * shiny_allow_output().
 *
 * Thread:  the serving thread; of several servers in one process each has a struct shiny_resp.
 * Returns: what the handler returns: false ends the connection.
 */
bool shiny_resp_serve(const struct shiny_resp *resp, struct shiny_conn *conn, const char *data,
		      size_t len, void *ctx);

/*
 * shiny_resp_is_resp3() - whether a connection speaks version 3 of the protocol
 *
 * For what is written outside of a request, to be set in a struct shiny_resp_reply.
 */
bool shiny_resp_is_resp3(const struct shiny_resp *resp, struct shiny_conn *conn, void *ctx);

/*
 * shiny_resp_set_resp3() - what HELLO does, for programs with a HELLO of their own
 *
 * A struct shiny_resp_reply that is being written keeps its version until its resp3 is set.
 *
 * Returns: 0; -EBUSY if shiny_user() is something else and the options have no resp3.
 */
int shiny_resp_set_resp3(const struct shiny_resp *resp, struct shiny_conn *conn, void *ctx,
			 bool resp3);

/*
 * shiny_resp_take_integer() - an argument that is a number from @least to @most
 *
 * Returns: whether it is one; if not, an error was replied, and *@ret_value stays as it is.
 */
bool shiny_resp_take_integer(struct shiny_resp_call *call, size_t index, int64_t least,
			     int64_t most, int64_t *ret_value);

/*
 * Functions for rows of a table: AUTH (arity -2) and SHINY_RESP_CONNECTION_COMMANDS.
 *
 * A check that asks for a password lets AUTH and HELLO through; HELLO without AUTH then tells the
 * version, and no more.
 */
void shiny_resp_run_auth(struct shiny_resp_call *call);
void shiny_resp_run_echo(struct shiny_resp_call *call);
void shiny_resp_run_hello(struct shiny_resp_call *call);
void shiny_resp_run_ping(struct shiny_resp_call *call);
void shiny_resp_run_quit(struct shiny_resp_call *call);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
