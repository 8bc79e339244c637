/* SPDX-License-Identifier: MIT */
/*
 * A request as a command sees it, and what a row of the command table says.
 *
 * The functions in commands/ get a struct call, read its arguments, change the keyspace and write
 * the reply. command_run() alone decides whether they are called. The functions named call_ are
 * theirs: arguments as numbers and keys, errors, and what is to be logged.
 */
#ifndef REDIS_LITE_COMMAND_COMMAND_H
#define REDIS_LITE_COMMAND_COMMAND_H

#include "command/reply.h"
#include "store/keyspace.h"

#include <shiny-resp.h>

struct instance;
struct client;
struct command;

/* A command being run: who asks, what, and where the reply goes. */
struct call {
	struct instance *instance;
	struct shiny_conn *conn;	/* NULL while a file is loaded */
	struct client *client;		/* NULL as long as nothing differs from the defaults */
	struct shiny_resp_reply *reply; /* of a struct reply */
	int64_t now_ms; /* of the wall clock; 0 while a file is loaded, when nothing expires */

	const struct command *command;
	const struct shiny_resp_arg *argv;
	size_t argc;
	const char *raw; /* the request as it came, if a file may have it so; else NULL */
	size_t raw_len;
	uint64_t hash; /* of argv[1], if that is a key */

	unsigned db;
	bool changed; /* set by the function: log the request as it is */
	bool close;   /* set by the function: end the connection after the reply */
};

enum command_flags {
	CMD_WRITE = 1 << 0,
	CMD_READONLY = 1 << 1,
	CMD_GROWS = 1 << 2, /* may need more memory */
	CMD_FAST = 1 << 3,
	CMD_ADMIN = 1 << 4,
	CMD_IN_FILE = 1 << 5,  /* stands in an append-only file without changing anything */
	CMD_AT_ONCE = 1 << 6,  /* is not queued between MULTI and EXEC */
	CMD_NO_MULTI = 1 << 7, /* is refused there */
	CMD_NO_AUTH = 1 << 8,  /* needs no password */
	CMD_DEBUG = 1 << 9,    /* needs allow_debug */
	/* In Redis its function looks for subcommands, and has another text for wrong ones. */
	CMD_OWN_SUBS = 1 << 10,
	/* In those categories of Redis's, though nothing else in the row says so: */
	CMD_DANGEROUS = 1 << 11,
	CMD_KEYSPACE = 1 << 12,
	CMD_CONNECTION = 1 << 13,
	CMD_OPERATOR = 1 << 14, /* "@admin" */
	/* What Redis says of them besides, and clients may read: */
	CMD_STALE = 1 << 15, /* can be run while it loads, and with data that is not up to date */
	CMD_NOSCRIPT = 1 << 16, /* cannot be run by a script */
	CMD_BUSY = 1 << 17,	/* can be run while a script runs */
	CMD_ALWAYS = CMD_STALE | CMD_NOSCRIPT | CMD_BUSY,
	CMD_NO_SLOWLOG = 1 << 18,
	CMD_NO_ASYNC = 1 << 19, /* cannot be run while a replica loads */
	/* Takes long for other reasons than how long its request and its reply are. */
	CMD_LONG = 1 << 20,
	CMD_SUBS = 1 << 21, /* has subcommands */
};

/* What becomes of a key, in Redis's words. */
enum command_key_flags {
	KEY_RO = 1 << 0,
	KEY_RW = 1 << 1,
	KEY_OW = 1 << 2,
	KEY_RM = 1 << 3,
	KEY_ACCESS = 1 << 4,
	KEY_UPDATE = 1 << 5,
	KEY_INSERT = 1 << 6,
	KEY_DELETE = 1 << 7,
	KEY_VARIABLE = 1 << 8,
};

/* Which arguments are keys; last is negative when counted from the end. first 0: none. */
struct command_keys {
	signed char first, last, step;
	unsigned short flags;  /* 0: as follows from the command being CMD_WRITE or CMD_READONLY */
	unsigned short second; /* of the second key; 0: all are used alike */
};

struct command {
	const char *name; /* lower-case letters; NULL ends a table */
	int arity;	  /* with the name; negative: at least so many */
	unsigned flags;	  /* never 0 */
	struct command_keys keys;
	void (*run)(struct call *call);
	const char *group, *since, *summary;
	const char
		*syntax; /* of what stands behind the name, see commands/syntax.c; NULL: nothing */
	const struct command *sub; /* subcommands; run is for the bare command, or NULL */
	/* Whether an argument is a password, or may be one, and not for logs; NULL: none is. */
	bool (*is_secret)(const struct call *call, size_t index);
};

/* The longest name; longer ones are unknown without a look. */
#define COMMAND_NAME_MAX 16

/* The longest name of a subcommand. */
#define COMMAND_SUB_NAME_MAX 32

/* command_index_init() - have the index find the commands */
void command_index_init(struct shiny_resp_index *index);

/* The commands in alphabetical order, and how many. */
extern const struct command command_table[];
size_t command_count(void);

/* command_find_sub() - a subcommand; or NULL */
const struct command *command_find_sub(const struct command *command,
				       const struct shiny_resp_arg *name);

/* command_last_key() - the index of the last argument that is a key, for a command that has some */
size_t command_last_key(const struct command *command, size_t argc);

/* command_parent() - the command that this is a subcommand of; or NULL */
const struct command *command_parent(const struct command *sub);

/* command_begin() - a batch of calls follows */
void command_begin(struct call *call);

/*
 * command_run() - check the call and run it, or queue it for EXEC
 *
 * The one place that refuses: what is unknown, has the wrong number of arguments, or cannot be done
 * now.
 */
void command_run(struct call *call);

/* command_execute() - run the function of a call that was checked, and log the change it makes */
void command_execute(struct call *call);

/*
 * command_account() - after a command has run, and replied with an error or had much to do
 *
 * Counts the first as its failure, and looks at the clock for the second.
 */
void command_account(const struct call *call);

/* command_end() - the same at the end of a batch, whose commands share the time since the last look */
void command_end(const struct call *call);

/* Room for any text of command_refuses(). */
#define COMMAND_REFUSAL_MAX 256

/*
 * command_refuses() - whether commands with these flags cannot be run now, and why
 *
 * @ret_text has room for COMMAND_REFUSAL_MAX bytes.
 */
bool command_refuses(const struct call *call, unsigned flags, char *ret_text);

/* For the functions: */

/* call_has() - whether there is an argument at @index; for loops over them, which are counted as work */
bool call_has(const struct call *call, size_t index);

/* call_key() - an argument as a key */
struct key call_key(const struct call *call, size_t index);

/* call_set_name() - name the connection, as CLIENT SETNAME; false after an error reply */
bool call_set_name(struct call *call, const struct shiny_resp_arg *name);

/* client_address() - the peer's address as Redis writes it; needs SHINY_ADDRESS_MAX bytes */
void client_address(const struct shiny_conn *conn, char *ret_address);

/* client_local_address() - the same of the server's end */
void client_local_address(const struct shiny_conn *conn, char *ret_address);

/* client_memory() - what is held for a connection */
size_t client_memory(const struct shiny_conn *conn);

/* client_reads_type() - whether a client type's name is that of ours; false after an error reply */
bool client_reads_type(struct call *call, const struct shiny_resp_arg *type, bool *ret_normal);

/* call_base_ms() - what a time to live counts from: in a file, from when it is loaded */
int64_t call_base_ms(const struct call *call);

/* call_log() - log this instead of the request; for changes that depend on time or chance */
void call_log(struct call *call, const struct shiny_resp_arg *argv, size_t argc);

/* call_number() - an argument as a number; false after an error reply */
bool call_number(struct call *call, size_t index, int64_t *ret_value);

/* call_int() - the same within an int; @wrong: what to say of anything else, NULL: the usual */
bool call_int(struct call *call, size_t index, const char *wrong, int *ret_value);

/* call_has_db() - whether there is such a database; false after an error reply */
bool call_has_db(struct call *call, int db);

/* call_db() - an argument as the number of a database; false after an error reply */
bool call_db(struct call *call, size_t index, unsigned *ret_db);

/* call_is_locked() - whether the client has a password to say yet */
bool call_is_locked(const struct call *call);

/* call_client() - the client's own state; NULL, after an error reply, if out of memory */
struct client *call_client(struct call *call);

/* call_prepare_entry() - have room for call_reply_entry(); false if nothing should be changed */
bool call_prepare_entry(struct call *call, const struct entry *entry);

/*
 * call_prepare() - have room for a reply that @write writes, whose size only it knows
 *
 * Has it written twice, first only to be counted; it must change nothing. False as reply_prepare().
 */
bool call_prepare(struct call *call, void (*write)(struct call *call));

/* call_reply_entry() - an entry's value, or null without one; or an error if it is too large */
void call_reply_entry(struct call *call, const struct entry *entry);

void call_arity_error(struct call *call);

/* call_subcommand_error() - of a subcommand that looks at its arguments itself */
void call_subcommand_error(struct call *call);
void call_syntax_error(struct call *call);
void call_memory_error(struct call *call);

#endif
