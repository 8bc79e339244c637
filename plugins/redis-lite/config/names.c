/* SPDX-License-Identifier: MIT */
/*
 * The names of Redis 7.0's redis.conf, as rows: what each may be set to, and what follows from it here.
 *
 * A client that sets something believes that it is so. A name that has no effect here is accepted
 * within Redis's bounds, and told back, as long as nothing worse than speed or size depends on it. A
 * name by which a client would believe that data is saved or replicated, that access is restricted, or
 * that there is a listener, is fixed: only what is so already may be set.
 *
 * Who gives a name an effect adds a function to its row, and says so in redis-lite(7).
 */
#include "config/names.h"
#include "aof/aof.h"
#include "config/effects.h"
#include "config/forms.h"
#include "store/keyspace.h"

#include <limits.h>
#include <shiny-resp.h>

#define YES_NO(default_)		 .type = CONFIG_BOOL, .max = 1, .default_value = (default_)

#define RANGE(min_, max_, default_)	 .min = (min_), .max = (max_), .default_value = (default_)
#define INTEGER(min, max, default_value) .type = CONFIG_INTEGER, RANGE(min, max, default_value)
#define MEMORY(min, max, default_value)	 .type = CONFIG_MEMORY, RANGE(min, max, default_value)
#define COUNT(default_value)		 INTEGER(0, INT_MAX, default_value)
#define PORT				 INTEGER(0, 65535, 0)

#define CHOICE(choices_, default_) \
	.type = CONFIG_CHOICE, .choices = (choices_), .default_value = (default_)

#define TEXT(default_)	       .type = CONFIG_TEXT, .text = (default_)
#define WORDS(form_, default_) .type = CONFIG_WORDS, .form = (form_), .text = (default_)

/* What Redis itself can only set at its start. */
#define IMMUTABLE(default_) TEXT(default_), .flags = CONFIG_IMMUTABLE
#define PROTECTED(default_) TEXT(default_), .flags = CONFIG_PROTECTED

#define KIB		    1024
#define MIB		    (1024 * 1024)
#define GIB		    (1024 * 1024 * 1024)

/* Why what is fixed is not changed. */
#define FIXED_NO_REPLICAS "there are no replicas here"
#define FIXED_NO_TLS	  "there is no TLS here"
#define FIXED_LISTEN	  "it cannot be changed here, only by listen in the configuration file"

static const struct config_choice appendfsync_choices[] = {
	{ "everysec", AOF_FSYNC_EVERYSEC },
	{ "always", AOF_FSYNC_ALWAYS },
	{ "no", AOF_FSYNC_NO },
	{ 0 },
};

static const struct config_choice maxmemory_policy_choices[] = {
	{ "noeviction", EVICT_NONE },
	{ "allkeys-lru", EVICT_ALLKEYS_LRU },
	{ "allkeys-random", EVICT_ALLKEYS_RANDOM },
	{ "volatile-ttl", EVICT_VOLATILE_TTL },
	{ 0 },
};

static const struct config_choice acl_pubsub_choices[] = {
	{ "allchannels", 1 },
	{ "resetchannels", 0 },
	{ 0 },
};

static const struct config_choice endpoint_choices[] = {
	{ "ip", 0 },
	{ "hostname", 1 },
	{ "unknown-endpoint", 2 },
	{ 0 },
};

static const struct config_choice loglevel_choices[] = {
	{ "debug", 0 }, { "verbose", 1 }, { "notice", 2 }, { "warning", 3 }, { 0 },
};

static const struct config_choice oom_score_adj_choices[] = {
	{ "no", 0 }, { "yes", 1 }, { "relative", 1 }, { "absolute", 2 }, { 0 },
};

static const struct config_choice propagation_error_choices[] = {
	{ "ignore", 0 },
	{ "panic", 1 },
	{ "panic-on-replicas", 2 },
	{ 0 },
};

static const struct config_choice diskless_load_choices[] = {
	{ "disabled", 0 },
	{ "on-empty-db", 1 },
	{ "swapdb", 2 },
	{ 0 },
};

static const struct config_choice sanitize_choices[] = {
	{ "no", 0 },
	{ "yes", 1 },
	{ "clients", 2 },
	{ 0 },
};

static const struct config_choice shutdown_choices[] = {
	{ "default", 0 },
	{ "save", CONFIG_SHUTDOWN_SAVE },
	{ "nosave", CONFIG_SHUTDOWN_NOSAVE },
	{ "now", CONFIG_SHUTDOWN_NOW },
	{ "force", CONFIG_SHUTDOWN_FORCE },
	{ 0 },
};

static const struct config_choice tls_auth_choices[] = {
	{ "no", 0 },
	{ "yes", 1 },
	{ "optional", 2 },
	{ 0 },
};

const struct config_name config_names[] = {
	{ "acl-pubsub-default", CHOICE(acl_pubsub_choices, 0) },
	{ "aclfile", IMMUTABLE("") },
	{ "acllog-max-len", INTEGER(0, LONG_MAX, 128) },
	{ "active-defrag-cycle-max", INTEGER(1, 99, 25) },
	{ "active-defrag-cycle-min", INTEGER(1, 99, 1) },
	{ "active-defrag-ignore-bytes", MEMORY(1, INT64_MAX, 100 * MIB) },
	{ "active-defrag-max-scan-fields", INTEGER(1, LONG_MAX, 1000) },
	{ "active-defrag-threshold-lower", INTEGER(0, 1000, 10) },
	{ "active-defrag-threshold-upper", INTEGER(0, 1000, 100) },
	{ "active-expire-effort", INTEGER(1, 10, 1) },
	{ "activedefrag", YES_NO(false), .check = config_check_activedefrag },
	{ "activerehashing", YES_NO(true) },
	{ "always-show-logo", IMMUTABLE("no") },
	{ "aof-disable-auto-gc", YES_NO(false) },
	{ "aof-load-truncated", YES_NO(true) },
	{ "aof-rewrite-incremental-fsync", YES_NO(true) },
	{ "aof-timestamp-enabled", YES_NO(false) },
	{ "aof-use-rdb-preamble", YES_NO(false) },
	{ "aof_rewrite_cpulist", IMMUTABLE("") },
	{ "appenddirname", IMMUTABLE("") }, /* the file stands in dir itself */
	{ "appendfilename", IMMUTABLE(NULL), .show = config_show_appendfilename },
	{ "appendfsync", CHOICE(appendfsync_choices, 0), .show = config_show_appendfsync,
	  .apply = config_apply_appendfsync },
	{ "appendonly", YES_NO(false), .show = config_show_appendonly,
	  .fixed = "it cannot be changed here, only in the configuration file" },
	{ "auto-aof-rewrite-min-size", MEMORY(0, INT64_MAX, 0),
	  .show = config_show_rewrite_min_size, .apply = config_apply_rewrite_min_size },
	{ "auto-aof-rewrite-percentage", INTEGER(0, AOF_REWRITE_PERCENTAGE_MAX, 0),
	  .show = config_show_rewrite_percentage, .apply = config_apply_rewrite_percentage },
	{ "bgsave_cpulist", IMMUTABLE("") },
	{ "bind", WORDS(config_form_bind, NULL), .show = config_show_bind, .fixed = FIXED_LISTEN },
	{ "bind-source-addr", TEXT("") },
	{ "bio_cpulist", IMMUTABLE("") },
	{ "busy-reply-threshold", "lua-time-limit", INTEGER(0, LONG_MAX, 5000) },
	{ "client-output-buffer-limit",
	  WORDS(config_form_buffer_limits, "normal 0 0 0 slave 268435456 67108864 60 "
					   "pubsub 33554432 8388608 60") },
	{ "client-query-buffer-limit", MEMORY(MIB, LONG_MAX, GIB) },
	{ "cluster-allow-pubsubshard-when-down", YES_NO(true) },
	{ "cluster-allow-reads-when-down", YES_NO(false) },
	{ "cluster-allow-replica-migration", YES_NO(true) },
	{ "cluster-announce-bus-port", PORT },
	{ "cluster-announce-hostname", TEXT(""), .check = config_check_hostname },
	{ "cluster-announce-ip", TEXT("") },
	{ "cluster-announce-port", PORT },
	{ "cluster-announce-tls-port", PORT },
	{ "cluster-config-file", IMMUTABLE("nodes.conf") },
	{ "cluster-enabled", IMMUTABLE("no") },
	{ "cluster-link-sendbuf-limit", MEMORY(0, UINT64_MAX, 0) },
	{ "cluster-migration-barrier", COUNT(1) },
	{ "cluster-node-timeout", INTEGER(0, INT64_MAX, 15000) },
	{ "cluster-port", IMMUTABLE("0") },
	{ "cluster-preferred-endpoint-type", CHOICE(endpoint_choices, 0) },
	{ "cluster-replica-no-failover", "cluster-slave-no-failover", YES_NO(false) },
	{ "cluster-replica-validity-factor", "cluster-slave-validity-factor", COUNT(10) },
	{ "cluster-require-full-coverage", YES_NO(true) },
	{ "crash-log-enabled", YES_NO(true) },
	{ "crash-memcheck-enabled", YES_NO(true) },
	{ "daemonize", IMMUTABLE("no") },
	{ "databases", IMMUTABLE("16") },
	{ "dbfilename", PROTECTED("dump.rdb") },
	{ "dir", PROTECTED(NULL), .show = config_show_dir },
	{ "disable-thp", IMMUTABLE("no") },
	{ "dynamic-hz", YES_NO(true) },
	{ "enable-debug-command", IMMUTABLE(NULL), .show = config_show_debug },
	{ "enable-module-command", IMMUTABLE("no") },
	{ "enable-protected-configs", IMMUTABLE("no") },
	{ "hash-max-listpack-entries", "hash-max-ziplist-entries", INTEGER(0, LONG_MAX, 512) },
	{ "hash-max-listpack-value", "hash-max-ziplist-value", MEMORY(0, LONG_MAX, 64) },
	{ "hll-sparse-max-bytes", MEMORY(0, LONG_MAX, 3000) },
	{ "hz", COUNT(10), .check = config_check_hz },
	{ "ignore-warnings", TEXT("") },
	{ "io-threads", IMMUTABLE("1") },
	{ "io-threads-do-reads", IMMUTABLE("no") },
	{ "jemalloc-bg-thread", YES_NO(true) },
	{ "key-load-delay", INTEGER(INT_MIN, INT_MAX, 0), .flags = CONFIG_HIDDEN },
	{ "latency-monitor-threshold", INTEGER(0, INT64_MAX, 0) },
	{ "latency-tracking", YES_NO(true), .apply = config_apply_latency_tracking },
	{ "latency-tracking-info-percentiles", WORDS(config_form_percentiles, "50 99 99.9"),
	  .apply = config_apply_latency_percentiles },
	{ "lazyfree-lazy-eviction", YES_NO(false) },
	{ "lazyfree-lazy-expire", YES_NO(false) },
	{ "lazyfree-lazy-server-del", YES_NO(false) },
	{ "lazyfree-lazy-user-del", YES_NO(false) },
	{ "lazyfree-lazy-user-flush", YES_NO(false) },
	{ "lfu-decay-time", COUNT(1) },
	{ "lfu-log-factor", COUNT(10) },
	{ "list-compress-depth", COUNT(0) },
	{ "list-max-listpack-size", "list-max-ziplist-size", INTEGER(INT_MIN, INT_MAX, -2) },
	{ "loading-process-events-interval-bytes", INTEGER(KIB, INT_MAX, 2 * MIB),
	  .flags = CONFIG_HIDDEN },
	{ "logfile", IMMUTABLE("") },
	{ "loglevel", CHOICE(loglevel_choices, 2) },
	{ "masterauth", TEXT(""), .flags = CONFIG_SENSITIVE },
	{ "masteruser", TEXT(""), .flags = CONFIG_SENSITIVE },
	{ "maxclients", INTEGER(1, UINT_MAX, 0), .show = config_show_maxclients,
	  .fixed = "it cannot be changed here, only by max_connections in the configuration file" },
	{ "maxmemory", MEMORY(0, UINT64_MAX, 0), .show = config_show_maxmemory,
	  .apply = config_apply_maxmemory },
	{ "maxmemory-clients", .type = CONFIG_PERCENT, RANGE(-100, INT64_MAX, 0) },
	{ "maxmemory-eviction-tenacity", INTEGER(0, 100, 10) },
	{ "maxmemory-policy", CHOICE(maxmemory_policy_choices, 0),
	  .show = config_show_maxmemory_policy, .apply = config_apply_maxmemory_policy },
	{ "maxmemory-samples", INTEGER(1, INT_MAX, 5) },
	{ "min-replicas-max-lag", "min-slaves-max-lag", COUNT(10) },
	{ "min-replicas-to-write", "min-slaves-to-write", COUNT(0), .fixed = FIXED_NO_REPLICAS },
	{ "no-appendfsync-on-rewrite", YES_NO(false) },
	{ "notify-keyspace-events", WORDS(config_form_events, "") },
	{ "oom-score-adj", CHOICE(oom_score_adj_choices, 0) },
	{ "oom-score-adj-values", WORDS(config_form_oom_scores, "0 200 800") },
	{ "pidfile", IMMUTABLE("") },
	{ "port", PORT, .show = config_show_port, .fixed = FIXED_LISTEN },
	{ "proc-title-template", TEXT("{title} {listen-addr} {server-mode}"),
	  .check = config_check_title },
	{ "propagation-error-behavior", CHOICE(propagation_error_choices, 0) },
	{ "protected-mode", YES_NO(false),
	  .fixed =
		  "there is none here: who may connect is up to listen in the configuration file" },
	{ "proto-max-bulk-len", MEMORY(MIB, LONG_MAX, SHINY_RESP_BULK_MAX),
	  .fixed = "it is always 536870912 here" },
	{ "rdb-del-sync-files", YES_NO(false) },
	{ "rdb-key-save-delay", INTEGER(INT_MIN, INT_MAX, 0), .flags = CONFIG_HIDDEN },
	{ "rdb-save-incremental-fsync", YES_NO(true) },
	{ "rdbchecksum", IMMUTABLE("yes") },
	{ "rdbcompression", YES_NO(true) },
	{ "repl-backlog-size", MEMORY(1, INT64_MAX, MIB), .check = config_check_backlog_size },
	{ "repl-backlog-ttl", INTEGER(0, LONG_MAX, 3600) },
	{ "repl-disable-tcp-nodelay", YES_NO(false) },
	{ "repl-diskless-load", CHOICE(diskless_load_choices, 0) },
	{ "repl-diskless-sync", YES_NO(true) },
	{ "repl-diskless-sync-delay", COUNT(5) },
	{ "repl-diskless-sync-max-replicas", COUNT(0) },
	{ "repl-ping-replica-period", "repl-ping-slave-period", INTEGER(1, INT_MAX, 10) },
	{ "repl-timeout", INTEGER(1, INT_MAX, 60) },
	{ "replica-announce-ip", "slave-announce-ip", TEXT("") },
	{ "replica-announce-port", "slave-announce-port", PORT },
	{ "replica-announced", YES_NO(true) },
	{ "replica-ignore-disk-write-errors", YES_NO(false) },
	{ "replica-ignore-maxmemory", "slave-ignore-maxmemory", YES_NO(true) },
	{ "replica-lazy-flush", "slave-lazy-flush", YES_NO(false) },
	{ "replica-priority", "slave-priority", COUNT(100) },
	{ "replica-read-only", "slave-read-only", YES_NO(true) },
	{ "replica-serve-stale-data", "slave-serve-stale-data", YES_NO(true) },
	{ "replicaof", "slaveof", IMMUTABLE("") },
	{ "requirepass", TEXT(NULL), .flags = CONFIG_SENSITIVE, .check = config_check_password,
	  .show = config_show_password, .apply = config_apply_password },
	{ "sanitize-dump-payload", CHOICE(sanitize_choices, 0) },
	{ "save", WORDS(config_form_save, ""),
	  .fixed = "no snapshots are written here; see appendonly in the configuration file" },
	{ "server_cpulist", IMMUTABLE("") },
	{ "set-max-intset-entries", INTEGER(0, LONG_MAX, 512) },
	{ "set-proc-title", IMMUTABLE("no") },
	{ "shutdown-on-sigint", .type = CONFIG_CHOICES, .choices = shutdown_choices,
	  .check = config_check_shutdown },
	{ "shutdown-on-sigterm", .type = CONFIG_CHOICES, .choices = shutdown_choices,
	  .check = config_check_shutdown },
	{ "shutdown-timeout", COUNT(10) },
	{ "slowlog-log-slower-than", INTEGER(-1, INT64_MAX, 10000),
	  .apply = config_apply_slowlog_slower_than },
	{ "slowlog-max-len", INTEGER(0, LONG_MAX, 128), .apply = config_apply_slowlog_max_len },
	{ "socket-mark-id", IMMUTABLE("0") },
	{ "stop-writes-on-bgsave-error", YES_NO(true) },
	{ "stream-node-max-bytes", MEMORY(0, LONG_MAX, 4096) },
	{ "stream-node-max-entries", INTEGER(0, INT64_MAX, 100) },
	{ "supervised", IMMUTABLE("no") },
	{ "syslog-enabled", IMMUTABLE("no") },
	{ "syslog-facility", IMMUTABLE("local0") },
	{ "syslog-ident", IMMUTABLE("redis") },
	{ "tcp-backlog", IMMUTABLE("511") },
	{ "tcp-keepalive", COUNT(300) },
	{ "timeout", COUNT(0) },
	{ "tls-auth-clients", CHOICE(tls_auth_choices, 1) },
	{ "tls-ca-cert-dir", TEXT("") },
	{ "tls-ca-cert-file", TEXT("") },
	{ "tls-cert-file", TEXT("") },
	{ "tls-ciphers", TEXT("") },
	{ "tls-ciphersuites", TEXT("") },
	{ "tls-client-cert-file", TEXT("") },
	{ "tls-client-key-file", TEXT("") },
	{ "tls-client-key-file-pass", TEXT("") },
	{ "tls-cluster", YES_NO(false), .fixed = FIXED_NO_TLS },
	{ "tls-dh-params-file", TEXT("") },
	{ "tls-key-file", TEXT("") },
	{ "tls-key-file-pass", TEXT("") },
	{ "tls-port", PORT, .fixed = FIXED_NO_TLS },
	{ "tls-prefer-server-ciphers", YES_NO(false) },
	{ "tls-protocols", TEXT("") },
	{ "tls-replication", YES_NO(false), .fixed = FIXED_NO_TLS },
	{ "tls-session-cache-size", COUNT(20 * KIB) },
	{ "tls-session-cache-timeout", COUNT(300) },
	{ "tls-session-caching", YES_NO(true) },
	{ "tracking-table-max-keys", INTEGER(0, LONG_MAX, 1000000) },
	{ "unixsocket", IMMUTABLE(NULL), .show = config_show_unixsocket },
	{ "unixsocketperm", IMMUTABLE("0") },
	{ "use-exit-on-panic", YES_NO(false), .flags = CONFIG_HIDDEN },
	{ "watchdog-period", COUNT(0), .flags = CONFIG_HIDDEN },
	{ "zset-max-listpack-entries", "zset-max-ziplist-entries", INTEGER(0, LONG_MAX, 128) },
	{ "zset-max-listpack-value", "zset-max-ziplist-value", MEMORY(0, LONG_MAX, 64) },
};

_Static_assert(sizeof(config_names) / sizeof(config_names[0]) <= CONFIG_NAMES_MAX,
	       "no room for all names");

size_t config_name_count(void)
{
	return sizeof(config_names) / sizeof(config_names[0]);
}
