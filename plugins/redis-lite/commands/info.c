/* SPDX-License-Identifier: MIT */
/*
 * INFO: Redis's sections and field names, as far as there is something true to say.
 */
#include "commands/info.h"
#include "aof/aof.h"
#include "command/client.h"
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"
#include "commands/text.h"
#include "store/evict.h"
#include "util/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define MILLION 1000000

static void info_server(FILE *out, const struct call *call)
{
	int64_t uptime = (steady_clock_ms() - call->instance->steady_started_ms) / 1000;
	char buf[SHINY_ADDRESS_MAX];
	struct utsname name;

	uname(&name);
	fprintf(out, "redis_version:%s\r\n", REDIS_VERSION);
	fprintf(out, "redis_mode:standalone\r\n");
	fprintf(out, "shiny_version:%s\r\n", SHINY_VERSION);
	fprintf(out, "os:%s %s %s\r\n", name.sysname, name.release, name.machine);
	fprintf(out, "arch_bits:%zu\r\n", 8 * sizeof(void *));
	fprintf(out, "process_id:%ld\r\n", (long)getpid());
	fprintf(out, "run_id:%s\r\n", call->instance->run_id);
	fprintf(out, "tcp_port:%s\r\n", instance_port(call->instance, buf));
	fprintf(out, "server_time_usec:%" PRId64 "\r\n", call->now_ms * 1000);
	fprintf(out, "uptime_in_seconds:%" PRId64 "\r\n", uptime);
	fprintf(out, "uptime_in_days:%" PRId64 "\r\n", uptime / 86400);
}

/* Those that are ending are gone, for all that they can ask. */
static void info_clients(FILE *out, const struct call *call)
{
	struct shiny_server *server = call->instance->host->server;
	unsigned count = 0, tracking = 0;
	size_t most_input = 0, most_output = 0;

	for (struct shiny_conn *conn = NULL; (conn = shiny_server_next(server, conn));) {
		const struct client *client = client_of(conn);
		size_t input = shiny_pending(conn), output = shiny_unsent(conn);

		count++;
		work_add(&call->instance->work, WORK_LOOK);
		tracking += client && client->tracker;
		most_input = input > most_input ? input : most_input;
		most_output = output > most_output ? output : most_output;
	}
	fprintf(out, "connected_clients:%u\r\n", count);
	fprintf(out, "maxclients:%u\r\n", instance_max_clients(call->instance));
	fprintf(out, "client_recent_max_input_buffer:%zu\r\n", most_input);
	fprintf(out, "client_recent_max_output_buffer:%zu\r\n", most_output);
	fprintf(out, "tracking_clients:%u\r\n", tracking);
	fprintf(out, "blocked_clients:0\r\n");
}

static void info_persistence(FILE *out, const struct call *call)
{
	const struct aof *aof = call->instance->aof;
	struct aof_status status = {
		.rewrite_took_ms = -1,
		.saved_ms = call->instance->started_ms,
	};

	if (aof) {
		aof_get_status(aof, &status);
	}
	fprintf(out, "loading:0\r\n");
	fprintf(out, "async_loading:0\r\n");
	fprintf(out, "rdb_bgsave_in_progress:0\r\n");
	fprintf(out, "rdb_last_save_time:%" PRId64 "\r\n", status.saved_ms / 1000);
	fprintf(out, "rdb_last_bgsave_status:ok\r\n");
	fprintf(out, "rdb_last_bgsave_time_sec:-1\r\n");
	fprintf(out, "rdb_current_bgsave_time_sec:-1\r\n");
	fprintf(out, "rdb_saves:0\r\n");
	fprintf(out, "aof_enabled:%d\r\n", aof != NULL);
	fprintf(out, "aof_rewrite_in_progress:%d\r\n", status.rewriting);
	fprintf(out, "aof_rewrite_scheduled:%d\r\n", status.rewrite_scheduled);
	fprintf(out, "aof_last_rewrite_time_sec:%" PRId64 "\r\n",
		status.rewrite_took_ms < 0 ? -1 : status.rewrite_took_ms / 1000);
	fprintf(out, "aof_current_rewrite_time_sec:%" PRId64 "\r\n",
		status.rewriting ? (steady_clock_ms() - status.rewrite_began_ms) / 1000 : -1);
	fprintf(out, "aof_last_bgrewrite_status:%s\r\n", status.rewrite_failed ? "err" : "ok");
	fprintf(out, "aof_rewrites:%" PRIu64 "\r\n", status.rewrites);
	fprintf(out, "aof_last_write_status:%s\r\n", status.error ? "err" : "ok");
	if (aof) {
		fprintf(out, "aof_current_size:%" PRIu64 "\r\n", status.size);
		fprintf(out, "aof_base_size:%" PRIu64 "\r\n", status.base_size);
		fprintf(out, "aof_pending_rewrite:0\r\n");
		fprintf(out, "aof_buffer_length:%zu\r\n", status.unwritten);
		fprintf(out, "aof_pending_bio_fsync:%d\r\n", status.syncing);
	}
}

static void info_stats(FILE *out, const struct call *call)
{
	const struct instance *instance = call->instance;
	const struct shiny_stats *stats = instance->stats, *before = &instance->stats_forgotten;
	const uint64_t *rates = instance->usage.rates;

	fprintf(out, "total_connections_received:%" PRIu64 "\r\n",
		stats->accepted - before->accepted);
	fprintf(out, "total_commands_processed:%" PRIu64 "\r\n",
		command_stats_calls(&instance->command_stats));
	fprintf(out, "instantaneous_ops_per_sec:%" PRIu64 "\r\n", rates[USAGE_COMMANDS]);
	fprintf(out, "total_net_input_bytes:%" PRIu64 "\r\n", stats->bytes_in - before->bytes_in);
	fprintf(out, "total_net_output_bytes:%" PRIu64 "\r\n",
		stats->bytes_out - before->bytes_out);
	fprintf(out, "instantaneous_input_kbps:%.2f\r\n", (double)rates[USAGE_BYTES_IN] / 1024);
	fprintf(out, "instantaneous_output_kbps:%.2f\r\n", (double)rates[USAGE_BYTES_OUT] / 1024);
	fprintf(out, "rejected_connections:%" PRIu64 "\r\n", stats->shed - before->shed);
	fprintf(out, "expired_keys:%" PRIu64 "\r\n", instance->keyspace.expired_keys);
	fprintf(out, "evicted_keys:%" PRIu64 "\r\n", instance->keyspace.evicted_keys);
	fprintf(out, "keyspace_hits:%" PRIu64 "\r\n", instance->keyspace.hits);
	fprintf(out, "keyspace_misses:%" PRIu64 "\r\n", instance->keyspace.misses);
	fprintf(out, "total_error_replies:%" PRIu64 "\r\n", instance->error_stats.total);
	fprintf(out, "total_reads_processed:%" PRIu64 "\r\n", stats->reads - before->reads);
	fprintf(out, "total_writes_processed:%" PRIu64 "\r\n", stats->writes - before->writes);
	fprintf(out, "acl_access_denied_auth:%" PRIu64 "\r\n", instance->auth_failures.count);
}

static void info_replication(FILE *out, const struct call *call)
{
	(void)call;
	fprintf(out, "role:master\r\n");
	fprintf(out, "connected_slaves:0\r\n");
}

static void print_cpu(FILE *out, int who, const char *suffix)
{
	struct rusage usage;

	getrusage(who, &usage);
	fprintf(out, "used_cpu_sys%s:%.6f\r\n", suffix,
		(double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / MILLION);
	fprintf(out, "used_cpu_user%s:%.6f\r\n", suffix,
		(double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / MILLION);
}

static void info_cpu(FILE *out, const struct call *call)
{
	(void)call;
	print_cpu(out, RUSAGE_SELF, "");
	print_cpu(out, RUSAGE_CHILDREN, "_children");
#ifdef RUSAGE_THREAD
	print_cpu(out, RUSAGE_THREAD, "_main_thread");
#endif
}

/* There are none. */
static void info_modules(FILE *out, const struct call *call)
{
	(void)out, (void)call;
}

static void info_cluster(FILE *out, const struct call *call)
{
	(void)call;
	fprintf(out, "cluster_enabled:0\r\n");
}

static void info_keyspace(FILE *out, const struct call *call)
{
	const struct keyspace *keyspace = &call->instance->keyspace;

	for (unsigned db = 0; db < KEYSPACE_DBS; db++) {
		const struct table *table = &keyspace->db[db];

		if (table->count > 0) {
			fprintf(out, "db%u:keys=%zu,expires=%zu,avg_ttl=%" PRId64 "\r\n", db,
				table->count, table->expires, keyspace->sweep_ttl[db]);
		}
	}
}

static const struct section {
	const char *name, *title;
	void (*print)(FILE *out, const struct call *call);
	bool on_demand; /* not unless it, or all, is asked for */
} section_table[] = {
	{ "server", "Server", info_server },
	{ "clients", "Clients", info_clients },
	{ "memory", "Memory", info_memory },
	{ "persistence", "Persistence", info_persistence },
	{ "stats", "Stats", info_stats },
	{ "replication", "Replication", info_replication },
	{ "cpu", "CPU", info_cpu },
	{ "modules", "Modules", info_modules },
	{ "commandstats", "Commandstats", info_commandstats, true },
	{ "errorstats", "Errorstats", info_errorstats },
	{ "latencystats", "Latencystats", info_latencystats, true },
	{ "cluster", "Cluster", info_cluster },
	{ "keyspace", "Keyspace", info_keyspace },
};

static bool is_asked(const struct call *call, const struct section *section)
{
	for (size_t i = 1; call_has(call, i); i++) {
		const struct shiny_resp_arg *arg = &call->argv[i];

		if (shiny_resp_arg_is(arg, section->name) || shiny_resp_arg_is(arg, "all") ||
		    shiny_resp_arg_is(arg, "everything") ||
		    (shiny_resp_arg_is(arg, "default") && !section->on_demand)) {
			return true;
		}
	}
	return call->argc == 1 && !section->on_demand;
}

void cmd_info(struct call *call)
{
	const char *separator = "";
	struct text text;

	if (!text_open(&text, call)) {
		return;
	}
	for (size_t i = 0; i < sizeof(section_table) / sizeof(section_table[0]); i++) {
		const struct section *section = &section_table[i];

		if (is_asked(call, section)) {
			fprintf(text.out, "%s# %s\r\n", separator, section->title);
			section->print(text.out, call);
			separator = "\r\n";
		}
	}
	text_reply(&text, call);
}
