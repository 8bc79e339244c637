/* SPDX-License-Identifier: MIT */
/*
 * The functions of the command table, by the file that has them. Included by table.c, which calls
 * none of them but names each in its row, and by those files.
 */
#ifndef REDIS_LITE_COMMANDS_COMMANDS_H
#define REDIS_LITE_COMMANDS_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

struct call;
struct command;

/* The functions of the command table, by file. */

/* commands/client.c */
void cmd_client_getname(struct call *call);
void cmd_client_id(struct call *call);
void cmd_client_no_evict(struct call *call);
void cmd_client_reply(struct call *call);
void cmd_client_setinfo(struct call *call);
void cmd_client_setname(struct call *call);

/* commands/client-kill.c */
void cmd_client_kill(struct call *call);

/* commands/client-list.c */
void cmd_client_info(struct call *call);
void cmd_client_list(struct call *call);

/* commands/client-tracking.c */
void cmd_client_tracking(struct call *call);

/* commands/connection.c */
bool auth_arg_is_secret(const struct call *call, size_t index);
bool hello_arg_is_secret(const struct call *call, size_t index);
void cmd_auth(struct call *call);
void cmd_echo(struct call *call);
void cmd_hello(struct call *call);
void cmd_ping(struct call *call);
void cmd_quit(struct call *call);
void cmd_reset(struct call *call);
void cmd_select(struct call *call);

/* commands/expire.c */
void cmd_expire(struct call *call);
void cmd_expireat(struct call *call);
void cmd_expiretime(struct call *call);
void cmd_persist(struct call *call);
void cmd_pexpire(struct call *call);
void cmd_pexpireat(struct call *call);
void cmd_pexpiretime(struct call *call);
void cmd_pttl(struct call *call);
void cmd_ttl(struct call *call);

/* commands/key.c */
void cmd_dbsize(struct call *call);
void cmd_del(struct call *call);
void cmd_exists(struct call *call);
void cmd_flushall(struct call *call);
void cmd_flushdb(struct call *call);
void cmd_randomkey(struct call *call);
void cmd_type(struct call *call);

/* commands/lcs.c */
void cmd_lcs(struct call *call);

/* commands/move.c */
void cmd_copy(struct call *call);
void cmd_move(struct call *call);
void cmd_rename(struct call *call);
void cmd_renamenx(struct call *call);
void cmd_swapdb(struct call *call);

/* commands/multi.c */
void cmd_discard(struct call *call);
void cmd_exec(struct call *call);
void cmd_multi(struct call *call);
void cmd_unwatch(struct call *call);
void cmd_watch(struct call *call);

/* commands/scan.c */
void cmd_keys(struct call *call);
void cmd_scan(struct call *call);

/* commands/save.c */
void cmd_bgrewriteaof(struct call *call);
void cmd_lastsave(struct call *call);

/* commands/server.c */
void cmd_function_flush(struct call *call);
void cmd_shutdown(struct call *call);
void cmd_time(struct call *call);

/* commands/command-info.c */
void cmd_command(struct call *call);
void cmd_command_count(struct call *call);
void cmd_command_info(struct call *call);

/* commands/command-docs.c */
void cmd_command_docs(struct call *call);

/* commands/command-keys.c */
void cmd_command_getkeys(struct call *call);
void cmd_command_getkeysandflags(struct call *call);

/* commands/command-list.c */
void cmd_command_list(struct call *call);

/* commands/latency.c */
void cmd_latency_doctor(struct call *call);
void cmd_latency_graph(struct call *call);
void cmd_latency_histogram(struct call *call);
void cmd_latency_history(struct call *call);
void cmd_latency_latest(struct call *call);
void cmd_latency_reset(struct call *call);

/* commands/slowlog.c */
void cmd_slowlog_get(struct call *call);
void cmd_slowlog_len(struct call *call);
void cmd_slowlog_reset(struct call *call);

/* commands/config.c */
bool config_set_arg_is_secret(const struct call *call, size_t index);
void cmd_config_get(struct call *call);
void cmd_config_resetstat(struct call *call);
void cmd_config_rewrite(struct call *call);
void cmd_config_set(struct call *call);

/* commands/debug.c */
void cmd_debug_log(struct call *call);
void cmd_debug_protocol(struct call *call);
void cmd_debug_set_active_expire(struct call *call);
void cmd_debug_sleep(struct call *call);

/* commands/help.c */
void cmd_help(struct call *call);

/* commands/info.c */
void cmd_info(struct call *call);

/* commands/bit.c */
void cmd_bitcount(struct call *call);
void cmd_getbit(struct call *call);
void cmd_setbit(struct call *call);

/* commands/get.c */
void cmd_get(struct call *call);
void cmd_getdel(struct call *call);
void cmd_getex(struct call *call);
void cmd_mget(struct call *call);

/* commands/number.c */
void cmd_decr(struct call *call);
void cmd_decrby(struct call *call);
void cmd_incr(struct call *call);
void cmd_incrby(struct call *call);
void cmd_incrbyfloat(struct call *call);

/* commands/object.c */
void cmd_memory_usage(struct call *call);
void cmd_object_encoding(struct call *call);
void cmd_object_freq(struct call *call);
void cmd_object_idletime(struct call *call);
void cmd_object_refcount(struct call *call);

/* commands/range.c */
void cmd_append(struct call *call);
void cmd_getrange(struct call *call);
void cmd_setrange(struct call *call);
void cmd_strlen(struct call *call);

/* commands/set.c */
void cmd_getset(struct call *call);
void cmd_mset(struct call *call);
void cmd_msetnx(struct call *call);
void cmd_psetex(struct call *call);
void cmd_set(struct call *call);
void cmd_setex(struct call *call);
void cmd_setnx(struct call *call);

#endif
