/* SPDX-License-Identifier: MIT */
/*
 * redis-lite and Debian's prometheus-redis-exporter: what it reads of redis-server it reads here.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORTER "prometheus-redis-exporter"
#define OK	 "+OK\r\n"

/* An exporter for the server at a connection's other end; its address is for g_free(). */
static char *start_exporter(struct child *child, const char *port, const char *password)
{
	char *web = g_strdup_printf("127.0.0.1:%u", harness_free_port());
	char *server = g_strdup_printf("redis://127.0.0.1:%s", port);
	char *address = g_strdup_printf("tcp://%s", web);
	const char *argv[] = {
		EXPORTER,
		"-redis.addr",
		server,
		"-redis.password",
		password,
		"-web.listen-address",
		web,
		"-export-client-list",
		"-include-config-metrics",
		"-include-system-metrics",
		"-redis-only-metrics",
		"-check-keys",
		"*",
		"-count-keys",
		"db0=*",
		NULL,
	};

	redis_need(EXPORTER);
	child_start(child, argv);
	g_free(server);
	g_free(web);
	return address;
}

/* What it shows; for g_free(). */
static char *scrape(const char *address)
{
	int fd = client_connect_soon(address);
	GByteArray *rest;

	client_send_text(fd, "GET /metrics HTTP/1.0\r\n\r\n");
	rest = client_receive_rest(fd);
	g_byte_array_append(rest, (const guint8 *)"", 1);
	close(fd);
	return (char *)g_byte_array_free(rest, FALSE);
}

static void stop_exporter(struct child *child, char *address)
{
	child_signal(child, SIGTERM);
	child_wait(child);
	if (strstr(child->output->str, "level=err") || strstr(child->output->str, "level=warn")) {
		harness_fail("%s", child->output->str);
	}
	child_finish(child);
	g_free(address);
}

/* One with that beginning, on a line of its own. */
static void expect_metric(const char *metrics, const char *begin)
{
	char *line = g_strdup_printf("\n%s", begin);

	if (!strstr(metrics, line)) {
		harness_fail("no %s in:\n%s", begin, metrics);
	}
	g_free(line);
}

static const char *port_of(const struct serving *serving)
{
	return strrchr(serving->address, ':') + 1;
}

static void an_exporter_shows_what_happens(void)
{
	static const char *const requests[] = {
		"SET k 1", "SET later v EX 100", "GET k",      "GET k", "GET none",
		"GET",	   "INCR none",		 "INCR later", "NONE",	"AUTH x wrong",
	};
	static const char *const expected[] = {
		"redis_up 1\n",
		"redis_exporter_last_scrape_error{err=\"\"} 0\n",
		"redis_instance_info{",
		"redis_start_time_seconds ",
		"redis_uptime_in_seconds ",
		"redis_connected_clients 2\n",
		"redis_connected_clients_details{cmd=\"client|list\"",
		"redis_connected_clients_details{cmd=\"auth\"",
		"redis_config_maxclients ",
		"redis_commands_processed_total ",
		"redis_commands_total{cmd=\"get\"} 3\n",
		"redis_commands_total{cmd=\"incr\"} 2\n",
		"redis_commands_rejected_calls_total{cmd=\"get\"} 1\n",
		"redis_commands_failed_calls_total{cmd=\"incr\"} 1\n",
		"redis_commands_duration_seconds_total{cmd=\"get\"} ",
		"redis_latency_percentiles_usec{cmd=\"get\",quantile=\"50\"} ",
		"redis_latency_percentiles_usec{cmd=\"get\",quantile=\"99.9\"} ",
		"redis_latency_percentiles_usec_count{cmd=\"get\"} 3\n",
		"redis_errors_total{err=\"ERR\"} ",
		"redis_errors_total{err=\"WRONGPASS\"} 1\n",
		"redis_keyspace_hits_total 2\n",
		"redis_keyspace_misses_total 1\n",
		"redis_db_keys{db=\"db0\"} 3\n",
		"redis_db_keys_expiring{db=\"db0\"} 1\n",
		"redis_keys_count{db=\"db0\",key=\"*\"} 3\n",
		"redis_key_size{db=\"db0\",key=\"k\"} 1\n",
		"redis_memory_used_bytes ",
		"redis_memory_max_bytes 0\n",
		"redis_mem_clients_normal ",
		"redis_aof_enabled 0\n",
		"redis_cpu_user_seconds_total ",
		"redis_net_input_bytes_total ",
		"redis_slowlog_length 1\n",
		"redis_slowlog_last_id 0\n",
		"redis_last_slow_execution_duration_seconds 0.",
	};
	struct shinyd shinyd = { 0 };
	struct child exporter = { 0 };
	struct serving serving;
	char *address, *metrics;
	int fd;

	umask(077); /* a file that holds a secret is not for everybody */
	fd = redis_start(&shinyd, &serving, "requirepass = s3cret\nallow_debug = yes\n");
	address = start_exporter(&exporter, port_of(&serving), "s3cret");
	redis_expect(fd, "AUTH s3cret", OK);
	redis_expect(fd, "CONFIG SET slowlog-log-slower-than 200000", OK);
	redis_expect(fd, "DEBUG SLEEP 0.25", OK);
	for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
		g_free(redis_ask(fd, requests[i]));
	}
	metrics = scrape(address);
	for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
		expect_metric(metrics, expected[i]);
	}
	g_free(metrics);
	g_free(scrape(address)); /* again, with its own connection seen to end */
	stop_exporter(&exporter, address);
	redis_finish(&shinyd, fd);
}

/* Beginnings of the names of metrics of what is not there. */
static const char *const absent[] = {
	"redis_active_defrag",
	"redis_allocator_", /* jemalloc's own */
	"redis_aof_last_cow_size",
	"redis_clients_in_timeout_table", /* that block */
	"redis_cluster_connections",
	"redis_defrag_",
	"redis_dump_payload_sanitizations",
	"redis_expired_stale_percentage",
	"redis_expired_time_cap_reached",
	"redis_io_thread",
	"redis_latest_fork",
	"redis_lazyfree_pending_objects",
	"redis_master_repl_offset",
	"redis_mem_clients_slaves",
	"redis_memory_used_lua",
	"redis_memory_used_scripts",
	"redis_migrate_",
	"redis_module_fork_",
	"redis_number_of_cached_scripts",
	"redis_pubsub_",
	"redis_rdb_changes_since_last_save",
	"redis_rdb_last_cow_size",
	"redis_repl",
	"redis_second_repl_offset",
	"redis_slave_",
	"redis_tracking_total_", /* keys are kept by client */
	"redis_unexpected_error_replies",
};

static bool is_absent(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(absent); i++) {
		if (g_str_has_prefix(name, absent[i])) {
			return true;
		}
	}
	return false;
}

/* Every metric that redis-server has is here, too, but for those of what is not. */
static void an_exporter_shows_what_it_shows_of_redis_server(void)
{
	struct shinyd shinyd = { 0 };
	struct child redis = { 0 }, exporters[2] = { 0 };
	struct serving serving;
	int fd = redis_start(&shinyd, &serving, "%s", "");
	int peer = redis_server_start(&redis, shinyd.dir, NULL);
	char *port = redis_ask(peer, "CONFIG GET port");
	char **words = g_strsplit(port, "\r\n", 0);
	char *addresses[] = { start_exporter(&exporters[0], port_of(&serving), ""),
			      start_exporter(&exporters[1], words[4], "") };
	char *ours, *theirs, **lines;

	redis_expect(fd, "SET k v EX 100", OK);
	redis_expect(peer, "SET k v EX 100", OK);
	redis_expect(fd, "SELECT 99", "-ERR DB index is out of range\r\n");
	redis_expect(peer, "SELECT 99", "-ERR DB index is out of range\r\n");
	ours = scrape(addresses[0]);
	theirs = scrape(addresses[1]);
	expect_metric(theirs, "redis_up 1\n");
	lines = g_strsplit(theirs, "\n", 0);
	for (char **line = lines; *line; line++) {
		size_t len = strcspn(*line, "{ ");
		char *name = g_strndup(*line, len);

		if (g_str_has_prefix(name, "redis_") && !is_absent(name)) {
			expect_metric(ours, name);
		}
		g_free(name);
	}
	g_strfreev(lines);
	g_free(ours);
	g_free(theirs);
	stop_exporter(&exporters[0], addresses[0]);
	stop_exporter(&exporters[1], addresses[1]);
	g_strfreev(words);
	g_free(port);
	close(peer);
	child_finish(&redis);
	redis_finish(&shinyd, fd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/exporter");
	harness_add_slow("/shows-what-happens", an_exporter_shows_what_happens, 60);
	harness_add_slow("/shows-what-it-shows-of-redis-server",
			 an_exporter_shows_what_it_shows_of_redis_server, 60);
	return harness_run();
}
