/* SPDX-License-Identifier: MIT */
/*
 * The commands: one row each, in alphabetical order. What a row says is checked before its
 * function runs, and is what COMMAND reports.
 */
#include "command/command.h"
#include "commands/commands.h"

#define NO_KEYS         \
	{               \
		0, 0, 0 \
	}
#define ONE_KEY         \
	{               \
		1, 1, 1 \
	}
#define ONE_KEY_FOR(flags)       \
	{                        \
		1, 1, 1, (flags) \
	}
#define ALL_KEYS_FOR(flags)       \
	{                         \
		1, -1, 1, (flags) \
	}
#define PAIRS_FOR(flags)          \
	{                         \
		1, -1, 2, (flags) \
	}
#define TWO_KEYS_FOR(flags, second)        \
	{                                  \
		1, 2, 1, (flags), (second) \
	}
#define SUB_KEY_FOR(flags)       \
	{                        \
		2, 2, 1, (flags) \
	}
#define TWO_KEYS        \
	{               \
		1, 2, 1 \
	}
#define ALL_KEYS         \
	{                \
		1, -1, 1 \
	}

#define HELP(group, since, flags)                                                    \
	{                                                                            \
		"help", 2, (flags) | CMD_STALE, NO_KEYS, cmd_help, (group), (since), \
			"Show helpful text about the subcommands"                    \
	}

static const struct command client_table[] = {
	{ "getname", 2, CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_client_getname, "connection",
	  "2.6.9", "Get the current connection name" },
	HELP("connection", "5.0.0", 0),
	{ "id", 2, CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_client_id, "connection", "5.0.0",
	  "Returns the client ID for the current connection" },
	{ "info", 2, CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_client_info, "connection", "6.2.0",
	  "Returns information about the current client connection." },
	{ "kill", -3, CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT | CMD_LONG, NO_KEYS, cmd_client_kill,
	  "connection", "2.4.0", "Kill the connection of a client",
	  "ip:port|<[ID client-id]|[TYPE <NORMAL|MASTER|SLAVE|REPLICA|PUBSUB>]|[USER "
	  "username]|[ADDR ip:port]|[LADDR ip:port]|[SKIPME yes/no]>..." },
	{ "list", -2, CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT | CMD_LONG, NO_KEYS, cmd_client_list,
	  "connection", "2.4.0", "Get the list of client connections",
	  "[TYPE <NORMAL|MASTER|REPLICA|PUBSUB>] [ID client-id...]" },
	{ "no-evict", 3, CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_client_no_evict,
	  "connection", "7.0.0", "Set client eviction mode for the current connection",
	  "<ON|OFF>" },
	{ "reply", 3, CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_client_reply, "connection", "3.2.0",
	  "Instruct the server whether to reply to commands", "<ON|OFF|SKIP>" },
	{ "setinfo", 4, CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_client_setinfo, "connection",
	  "7.2.0", "Set client or connection specific info", "<LIB-NAME libname|LIB-VER libver>" },
	{ "setname", 3, CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_client_setname, "connection",
	  "2.6.9", "Set the current connection name", "connection-name" },
	{ "tracking", -3, CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_client_tracking, "connection",
	  "6.0.0", "Enable or disable server assisted client side caching support",
	  "<ON|OFF> [NOLOOP]" },
	{ 0 },
};

static const struct command command_subtable[] = {
	{ "count", 2, CMD_CONNECTION | CMD_STALE, NO_KEYS, cmd_command_count, "server", "2.8.13",
	  "Get total number of commands" },
	{ "docs", -2, CMD_CONNECTION | CMD_STALE | CMD_LONG, NO_KEYS, cmd_command_docs, "server",
	  "7.0.0", "Get array of specific command documentation", "[command-name...]" },
	{ "getkeys", -4, CMD_CONNECTION | CMD_STALE, NO_KEYS, cmd_command_getkeys, "server",
	  "2.8.13", "Extract keys given a full Redis command" },
	{ "getkeysandflags", -4, CMD_CONNECTION | CMD_STALE, NO_KEYS, cmd_command_getkeysandflags,
	  "server", "7.0.0", "Extract keys and access flags given a full Redis command" },
	HELP("server", "5.0.0", CMD_CONNECTION),
	{ "info", -2, CMD_CONNECTION | CMD_STALE | CMD_LONG, NO_KEYS, cmd_command_info, "server",
	  "2.8.13", "Get array of specific command details, or all when no argument is given.",
	  "[command-name...]" },
	{ "list", -2, CMD_CONNECTION | CMD_STALE | CMD_LONG, NO_KEYS, cmd_command_list, "server",
	  "7.0.0", "Get an array of command names",
	  "[FILTERBY <MODULE module-name|ACLCAT category|PATTERN pattern>]" },
	{ 0 },
};

static const struct command config_table[] = {
	{ "get", -3, CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT | CMD_LONG, NO_KEYS, cmd_config_get,
	  "server", "2.0.0", "Get the values of configuration parameters", "parameter..." },
	HELP("server", "5.0.0", 0),
	{ "resetstat", 2, CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_config_resetstat,
	  "server", "2.0.0", "Reset the stats returned by INFO" },
	{ "rewrite", 2, CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_config_rewrite, "server",
	  "2.8.0", "Rewrite the configuration file with the in memory configuration" },
	{ "set", -4, CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT | CMD_LONG, NO_KEYS, cmd_config_set,
	  "server", "2.0.0", "Set configuration parameters to the given values",
	  "<parameter value>...", .is_secret = config_set_arg_is_secret },
	{ 0 },
};

static const struct command debug_table[] = {
	HELP("server", "5.0.0", 0),
	{ "log", 3, CMD_ADMIN | CMD_DEBUG | CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_debug_log,
	  "server", "1.0.0", "Write a line to the log", "message" },
	{ "protocol", 3, CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT, NO_KEYS, cmd_debug_protocol,
	  "server", "1.0.0", "Reply with a sample of a type of the protocol's", "type" },
	{ "set-active-expire", 3, CMD_ADMIN | CMD_DEBUG | CMD_STALE | CMD_NOSCRIPT, NO_KEYS,
	  cmd_debug_set_active_expire, "server", "1.0.0",
	  "Pause (0) or resume (1) the search for expired keys", "<0|1>" },
	{ "sleep", 3, CMD_ADMIN | CMD_DEBUG | CMD_STALE | CMD_NOSCRIPT | CMD_LONG, NO_KEYS,
	  cmd_debug_sleep, "server", "1.0.0", "Serve nobody for some seconds", "seconds=double" },
	{ 0 },
};

static const struct command function_table[] = {
	{ "flush", -2, CMD_WRITE | CMD_NOSCRIPT, NO_KEYS, cmd_function_flush, "scripting", "7.0.0",
	  "Deleting all functions", "[ASYNC|SYNC]" },
	HELP("scripting", "7.0.0", 0),
	{ 0 },
};

#define LATENCY_FLAGS (CMD_ADMIN | CMD_STALE | CMD_NOSCRIPT)

static const struct command latency_table[] = {
	{ "doctor", 2, LATENCY_FLAGS, NO_KEYS, cmd_latency_doctor, "server", "2.8.13",
	  "Return a human readable latency analysis report." },
	{ "graph", 3, LATENCY_FLAGS, NO_KEYS, cmd_latency_graph, "server", "2.8.13",
	  "Return a latency graph for the event.", "event" },
	HELP("server", "2.8.13", 0),
	{ "histogram", -2, LATENCY_FLAGS | CMD_LONG, NO_KEYS, cmd_latency_histogram, "server",
	  "7.0.0",
	  "Return the cumulative distribution of latencies of a subset of commands or all.",
	  "[command...]" },
	{ "history", 3, LATENCY_FLAGS, NO_KEYS, cmd_latency_history, "server", "2.8.13",
	  "Return timestamp-latency samples for the event.", "event" },
	{ "latest", 2, LATENCY_FLAGS, NO_KEYS, cmd_latency_latest, "server", "2.8.13",
	  "Return the latest latency samples for all events." },
	{ "reset", -2, LATENCY_FLAGS, NO_KEYS, cmd_latency_reset, "server", "2.8.13",
	  "Reset latency data for one or more events.", "[event...]" },
	{ 0 },
};

static const struct command memory_table[] = {
	HELP("server", "4.0.0", 0),
	{ "usage", -3, CMD_READONLY, SUB_KEY_FOR(KEY_RO), cmd_memory_usage, "server", "4.0.0",
	  "Estimate the memory usage of a key", "key [SAMPLES count]" },
	{ 0 },
};

static const struct command object_table[] = {
	{ "encoding", 3, CMD_READONLY | CMD_KEYSPACE, SUB_KEY_FOR(KEY_RO), cmd_object_encoding,
	  "generic", "2.2.3", "Inspect the internal encoding of a Redis object", "key" },
	{ "freq", 3, CMD_READONLY | CMD_KEYSPACE, SUB_KEY_FOR(KEY_RO), cmd_object_freq, "generic",
	  "4.0.0", "Get the logarithmic access frequency counter of a Redis object", "key" },
	HELP("generic", "6.2.0", CMD_KEYSPACE),
	{ "idletime", 3, CMD_READONLY | CMD_KEYSPACE, SUB_KEY_FOR(KEY_RO), cmd_object_idletime,
	  "generic", "2.2.3", "Get the time since a Redis object was last accessed", "key" },
	{ "refcount", 3, CMD_READONLY | CMD_KEYSPACE, SUB_KEY_FOR(KEY_RO), cmd_object_refcount,
	  "generic", "2.2.3", "Get the number of references to the value of the key", "key" },
	{ 0 },
};

static const struct command slowlog_table[] = {
	{ "get", -2, CMD_ADMIN | CMD_STALE | CMD_LONG, NO_KEYS, cmd_slowlog_get, "server", "2.2.12",
	  "Get the slow log's entries", "[count]" },
	HELP("server", "6.2.0", 0),
	{ "len", 2, CMD_ADMIN | CMD_STALE, NO_KEYS, cmd_slowlog_len, "server", "2.2.12",
	  "Get the slow log's length" },
	{ "reset", 2, CMD_ADMIN | CMD_STALE | CMD_LONG, NO_KEYS, cmd_slowlog_reset, "server",
	  "2.2.12", "Clear all entries from the slow log" },
	{ 0 },
};

const struct command command_table[] = {
	{ "append", 3, CMD_WRITE | CMD_GROWS | CMD_FAST, ONE_KEY_FOR(KEY_RW | KEY_INSERT),
	  cmd_append, "string", "2.0.0", "Append a value to a key", "key value" },
	{ "auth", -2, CMD_FAST | CMD_NO_AUTH | CMD_ALWAYS, NO_KEYS, cmd_auth, "connection", "1.0.0",
	  "Authenticate to the server", "[username] password", .is_secret = auth_arg_is_secret },
	{ "bgrewriteaof", 1, CMD_ADMIN | CMD_NOSCRIPT | CMD_NO_ASYNC, NO_KEYS, cmd_bgrewriteaof,
	  "server", "1.0.0", "Asynchronously rewrite the append-only file" },
	{ "bitcount", -2, CMD_READONLY | CMD_LONG, ONE_KEY, cmd_bitcount, "bitmap", "2.6.0",
	  "Count set bits in a string", "key [start end [BYTE|BIT]]" },
	{ "client", -2, CMD_SUBS, NO_KEYS, NULL, "connection", "2.4.0",
	  "A container for client connection commands", NULL, client_table },
	{ "command", -1, CMD_SUBS | CMD_CONNECTION | CMD_STALE | CMD_LONG, NO_KEYS, cmd_command,
	  "server", "2.8.13", "Get array of command details", NULL, command_subtable },
	{ "config", -2, CMD_SUBS, NO_KEYS, NULL, "server", "2.0.0",
	  "A container for server configuration commands", NULL, config_table },
	{ "copy", -3, CMD_WRITE | CMD_GROWS | CMD_LONG,
	  TWO_KEYS_FOR(KEY_RO | KEY_ACCESS, KEY_OW | KEY_UPDATE), cmd_copy, "generic", "6.2.0",
	  "Copy a key", "source destination [DB destination-db] [REPLACE]" },
	{ "dbsize", 1, CMD_READONLY | CMD_FAST | CMD_KEYSPACE, NO_KEYS, cmd_dbsize, "server",
	  "1.0.0", "Return the number of keys in the selected database" },
	{ "debug", -2, CMD_SUBS | CMD_ADMIN | CMD_OWN_SUBS | CMD_STALE | CMD_NOSCRIPT, NO_KEYS,
	  NULL, "server", "1.0.0", "A container for debugging commands", NULL, debug_table },
	{ "decr", 2, CMD_WRITE | CMD_GROWS | CMD_FAST, ONE_KEY, cmd_decr, "string", "1.0.0",
	  "Decrement the integer value of a key by one", "key" },
	{ "decrby", 3, CMD_WRITE | CMD_GROWS | CMD_FAST, ONE_KEY, cmd_decrby, "string", "1.0.0",
	  "Decrement the integer value of a key by the given number", "key decrement" },
	{ "del", -2, CMD_WRITE, ALL_KEYS_FOR(KEY_RM | KEY_DELETE), cmd_del, "generic", "1.0.0",
	  "Delete a key", "key..." },
	{ "discard", 1, CMD_FAST | CMD_AT_ONCE | CMD_ALWAYS, NO_KEYS, cmd_discard, "transactions",
	  "2.0.0", "Discard all commands issued after MULTI" },
	{ "echo", 2, CMD_FAST | CMD_STALE, NO_KEYS, cmd_echo, "connection", "1.0.0",
	  "Echo the given string", "message" },
	{ "exec", 1,
	  CMD_AT_ONCE | CMD_IN_FILE | CMD_STALE | CMD_NOSCRIPT | CMD_NO_SLOWLOG | CMD_LONG, NO_KEYS,
	  cmd_exec, "transactions", "1.2.0", "Execute all commands issued after MULTI" },
	{ "exists", -2, CMD_READONLY | CMD_FAST, ALL_KEYS_FOR(KEY_RO), cmd_exists, "generic",
	  "1.0.0", "Determine if a key exists", "key..." },
	{ "expire", -3, CMD_WRITE | CMD_FAST, ONE_KEY_FOR(KEY_RW | KEY_UPDATE), cmd_expire,
	  "generic", "1.0.0", "Set a key's time to live in seconds", "key seconds [NX|XX|GT|LT]" },
	{ "expireat", -3, CMD_WRITE | CMD_FAST, ONE_KEY_FOR(KEY_RW | KEY_UPDATE), cmd_expireat,
	  "generic", "1.2.0", "Set the expiration for a key as a UNIX timestamp",
	  "key unix-time-seconds [NX|XX|GT|LT]" },
	{ "expiretime", 2, CMD_READONLY | CMD_FAST, ONE_KEY, cmd_expiretime, "generic", "7.0.0",
	  "Get the expiration Unix timestamp for a key", "key" },
	{ "flushall", -1, CMD_WRITE | CMD_KEYSPACE | CMD_DANGEROUS | CMD_LONG, NO_KEYS,
	  cmd_flushall, "server", "1.0.0", "Remove all keys from all databases", "[ASYNC|SYNC]" },
	{ "flushdb", -1, CMD_WRITE | CMD_KEYSPACE | CMD_DANGEROUS | CMD_LONG, NO_KEYS, cmd_flushdb,
	  "server", "1.0.0", "Remove all keys from the current database", "[ASYNC|SYNC]" },
	{ "function", -2, CMD_SUBS, NO_KEYS, NULL, "scripting", "7.0.0",
	  "A container for function commands", NULL, function_table },
	{ "get", 2, CMD_READONLY | CMD_FAST, ONE_KEY, cmd_get, "string", "1.0.0",
	  "Get the value of a key", "key" },
	{ "getbit", 3, CMD_READONLY | CMD_FAST, ONE_KEY, cmd_getbit, "bitmap", "2.2.0",
	  "Returns the bit value at offset in the string value stored at key", "key offset" },
	{ "getdel", 2, CMD_WRITE | CMD_FAST, ONE_KEY_FOR(KEY_RW | KEY_ACCESS | KEY_DELETE),
	  cmd_getdel, "string", "6.2.0", "Get the value of a key and delete the key", "key" },
	{ "getex", -2, CMD_WRITE | CMD_FAST, ONE_KEY, cmd_getex, "string", "6.2.0",
	  "Get the value of a key and optionally set its expiration",
	  "key [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT "
	  "unix-time-milliseconds|PERSIST]" },
	{ "getrange", 4, CMD_READONLY, ONE_KEY, cmd_getrange, "string", "2.4.0",
	  "Get a substring of the string stored at a key", "key start end" },
	{ "getset", 3, CMD_WRITE | CMD_GROWS | CMD_FAST, ONE_KEY, cmd_getset, "string", "1.0.0",
	  "Set the string value of a key and return its old value", "key value" },
	{ "hello", -1, CMD_FAST | CMD_NO_AUTH | CMD_ALWAYS, NO_KEYS, cmd_hello, "connection",
	  "6.0.0", "Handshake with Redis",
	  "[protover [AUTH <username password>] [SETNAME clientname]]",
	  .is_secret = hello_arg_is_secret },
	{ "incr", 2, CMD_WRITE | CMD_GROWS | CMD_FAST, ONE_KEY, cmd_incr, "string", "1.0.0",
	  "Increment the integer value of a key by one", "key" },
	{ "incrby", 3, CMD_WRITE | CMD_GROWS | CMD_FAST, ONE_KEY, cmd_incrby, "string", "1.0.0",
	  "Increment the integer value of a key by the given amount", "key increment" },
	{ "incrbyfloat", 3, CMD_WRITE | CMD_GROWS | CMD_FAST, ONE_KEY, cmd_incrbyfloat, "string",
	  "2.6.0", "Increment the float value of a key by the given amount",
	  "key increment=double" },
	{ "info", -1, CMD_DANGEROUS | CMD_STALE | CMD_LONG, NO_KEYS, cmd_info, "server", "1.0.0",
	  "Get information and statistics about the server", "[section...]" },
	{ "keys", 2, CMD_READONLY | CMD_DANGEROUS | CMD_LONG, NO_KEYS, cmd_keys, "generic", "1.0.0",
	  "Find all keys matching the given pattern", "pattern" },
	{ "lastsave", 1, CMD_FAST | CMD_OPERATOR | CMD_DANGEROUS | CMD_STALE, NO_KEYS, cmd_lastsave,
	  "server", "1.0.0", "Get the UNIX time stamp of the last successful save to disk" },
	{ "latency", -2, CMD_SUBS, NO_KEYS, NULL, "server", "2.8.13",
	  "A container for latency diagnostics commands", NULL, latency_table },
	{ "lcs", -3, CMD_READONLY | CMD_LONG, TWO_KEYS, cmd_lcs, "string", "7.0.0",
	  "Find longest common substring",
	  "key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]" },
	{ "memory", -2, CMD_SUBS, NO_KEYS, NULL, "server", "4.0.0",
	  "A container for memory diagnostics commands", NULL, memory_table },
	{ "mget", -2, CMD_READONLY | CMD_FAST, ALL_KEYS, cmd_mget, "string", "1.0.0",
	  "Get the values of all the given keys", "key..." },
	{ "move", 3, CMD_WRITE | CMD_FAST, ONE_KEY, cmd_move, "generic", "1.0.0",
	  "Move a key to another database", "key db" },
	{ "mset", -3, CMD_WRITE | CMD_GROWS, PAIRS_FOR(KEY_OW | KEY_UPDATE), cmd_mset, "string",
	  "1.0.1", "Set multiple keys to multiple values", "<key value>..." },
	{ "msetnx", -3, CMD_WRITE | CMD_GROWS, PAIRS_FOR(KEY_OW | KEY_INSERT), cmd_msetnx, "string",
	  "1.0.1", "Set multiple keys to multiple values, only if none of the keys exist",
	  "<key value>..." },
	{ "multi", 1, CMD_FAST | CMD_AT_ONCE | CMD_IN_FILE | CMD_ALWAYS, NO_KEYS, cmd_multi,
	  "transactions", "1.2.0", "Mark the start of a transaction block" },
	{ "object", -2, CMD_SUBS, NO_KEYS, NULL, "generic", "2.2.3",
	  "A container for object introspection commands", NULL, object_table },
	{ "persist", 2, CMD_WRITE | CMD_FAST, ONE_KEY_FOR(KEY_RW | KEY_UPDATE), cmd_persist,
	  "generic", "2.2.0", "Remove the expiration from a key", "key" },
	{ "pexpire", -3, CMD_WRITE | CMD_FAST, ONE_KEY_FOR(KEY_RW | KEY_UPDATE), cmd_pexpire,
	  "generic", "2.6.0", "Set a key's time to live in milliseconds",
	  "key milliseconds [NX|XX|GT|LT]" },
	{ "pexpireat", -3, CMD_WRITE | CMD_FAST, ONE_KEY_FOR(KEY_RW | KEY_UPDATE), cmd_pexpireat,
	  "generic", "2.6.0",
	  "Set the expiration for a key as a UNIX timestamp specified in milliseconds",
	  "key unix-time-milliseconds [NX|XX|GT|LT]" },
	{ "pexpiretime", 2, CMD_READONLY | CMD_FAST, ONE_KEY, cmd_pexpiretime, "generic", "7.0.0",
	  "Get the expiration Unix timestamp for a key in milliseconds", "key" },
	{ "ping", -1, CMD_FAST, NO_KEYS, cmd_ping, "connection", "1.0.0", "Ping the server",
	  "[message]" },
	{ "psetex", 4, CMD_WRITE | CMD_GROWS, ONE_KEY_FOR(KEY_OW | KEY_UPDATE), cmd_psetex,
	  "string", "2.6.0", "Set the value and expiration in milliseconds of a key",
	  "key milliseconds value" },
	{ "pttl", 2, CMD_READONLY | CMD_FAST, ONE_KEY, cmd_pttl, "generic", "2.6.0",
	  "Get the time to live for a key in milliseconds", "key" },
	{ "quit", -1, CMD_FAST | CMD_AT_ONCE | CMD_NO_AUTH | CMD_ALWAYS, NO_KEYS, cmd_quit,
	  "connection", "1.0.0", "Close the connection" },
	{ "randomkey", 1, CMD_READONLY | CMD_LONG, NO_KEYS, cmd_randomkey, "generic", "1.0.0",
	  "Return a random key from the keyspace" },
	{ "rename", 3, CMD_WRITE | CMD_LONG,
	  TWO_KEYS_FOR(KEY_RW | KEY_ACCESS | KEY_DELETE, KEY_OW | KEY_UPDATE), cmd_rename,
	  "generic", "1.0.0", "Rename a key", "key newkey" },
	{ "renamenx", 3, CMD_WRITE | CMD_FAST | CMD_LONG,
	  TWO_KEYS_FOR(KEY_RW | KEY_ACCESS | KEY_DELETE, KEY_OW | KEY_INSERT), cmd_renamenx,
	  "generic", "1.0.0", "Rename a key, only if the new key does not exist", "key newkey" },
	{ "reset", 1, CMD_FAST | CMD_AT_ONCE | CMD_NO_AUTH | CMD_ALWAYS, NO_KEYS, cmd_reset,
	  "connection", "6.2.0", "Reset the connection" },
	{ "scan", -2, CMD_READONLY | CMD_LONG, NO_KEYS, cmd_scan, "generic", "2.8.0",
	  "Incrementally iterate the keys space",
	  "cursor [MATCH pattern] [COUNT count] [TYPE type]" },
	{ "select", 2, CMD_FAST | CMD_IN_FILE | CMD_STALE, NO_KEYS, cmd_select, "connection",
	  "1.0.0", "Change the selected database for the current connection", "index" },
	{ "set", -3, CMD_WRITE | CMD_GROWS,
	  ONE_KEY_FOR(KEY_RW | KEY_ACCESS | KEY_UPDATE | KEY_VARIABLE), cmd_set, "string", "1.0.0",
	  "Set the string value of a key",
	  "key value [NX|XX] [GET] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT "
	  "unix-time-milliseconds|KEEPTTL]" },
	{ "setbit", 4, CMD_WRITE | CMD_GROWS, ONE_KEY, cmd_setbit, "bitmap", "2.2.0",
	  "Sets or clears the bit at offset in the string value stored at key",
	  "key offset value=integer" },
	{ "setex", 4, CMD_WRITE | CMD_GROWS, ONE_KEY_FOR(KEY_OW | KEY_UPDATE), cmd_setex, "string",
	  "2.0.0", "Set the value and expiration of a key", "key seconds value" },
	{ "setnx", 3, CMD_WRITE | CMD_GROWS | CMD_FAST, ONE_KEY_FOR(KEY_OW | KEY_INSERT), cmd_setnx,
	  "string", "1.0.0", "Set the value of a key, only if the key does not exist",
	  "key value" },
	{ "setrange", 4, CMD_WRITE | CMD_GROWS, ONE_KEY_FOR(KEY_RW | KEY_UPDATE), cmd_setrange,
	  "string", "2.2.0", "Overwrite part of a string at key starting at the specified offset",
	  "key offset value" },
	{ "shutdown", -1, CMD_ADMIN | CMD_NO_MULTI | CMD_ALWAYS, NO_KEYS, cmd_shutdown, "server",
	  "1.0.0", "Shut down the server", "[NOSAVE|SAVE] [NOW] [FORCE]" },
	{ "slowlog", -2, CMD_SUBS, NO_KEYS, NULL, "server", "2.2.12",
	  "A container for slow log commands", NULL, slowlog_table },
	{ "strlen", 2, CMD_READONLY | CMD_FAST, ONE_KEY_FOR(KEY_RO), cmd_strlen, "string", "2.2.0",
	  "Get the length of the value stored in a key", "key" },
	{ "substr", 4, CMD_READONLY, ONE_KEY, cmd_getrange, "string", "1.0.0",
	  "Get a substring of the string stored at a key", "key start end" },
	{ "swapdb", 3, CMD_WRITE | CMD_FAST | CMD_KEYSPACE | CMD_DANGEROUS | CMD_LONG, NO_KEYS,
	  cmd_swapdb, "server", "4.0.0", "Swaps two Redis databases", "index1 index2" },
	{ "time", 1, CMD_FAST | CMD_STALE, NO_KEYS, cmd_time, "server", "2.6.0",
	  "Return the current server time" },
	{ "touch", -2, CMD_READONLY | CMD_FAST, ALL_KEYS_FOR(KEY_RO), cmd_exists, "generic",
	  "3.2.1",
	  "Alters the last access time of a key(s). Returns the number of existing keys "
	  "specified.",
	  "key..." },
	{ "ttl", 2, CMD_READONLY | CMD_FAST, ONE_KEY, cmd_ttl, "generic", "1.0.0",
	  "Get the time to live for a key in seconds", "key" },
	{ "type", 2, CMD_READONLY | CMD_FAST, ONE_KEY_FOR(KEY_RO), cmd_type, "generic", "1.0.0",
	  "Determine the type stored at key", "key" },
	{ "unlink", -2, CMD_WRITE | CMD_FAST, ALL_KEYS_FOR(KEY_RM | KEY_DELETE), cmd_del, "generic",
	  "4.0.0",
	  "Delete a key asynchronously in another thread. Otherwise it is just as DEL, but non "
	  "blocking.",
	  "key..." },
	{ "unwatch", 1, CMD_FAST | CMD_ALWAYS, NO_KEYS, cmd_unwatch, "transactions", "2.2.0",
	  "Forget about all watched keys" },
	{ "watch", -2, CMD_FAST | CMD_AT_ONCE | CMD_ALWAYS, ALL_KEYS_FOR(KEY_RO), cmd_watch,
	  "transactions", "2.2.0",
	  "Watch the given keys to determine execution of the MULTI/EXEC block", "key..." },
	{ 0 },
};

size_t command_count(void)
{
	return sizeof(command_table) / sizeof(command_table[0]) - 1;
}
