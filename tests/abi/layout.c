/* SPDX-License-Identifier: MIT */
/*
 * Prints where each member of the first day's structures is, and the value of each number in the
 * headers. The program is built twice, with the headers in v1/ and with those of today: both must
 * print the same. What was added since is not listed here, and may follow.
 */
#include <shiny-plugin.h>
#include <stdio.h>

#define MEMBER(name, member)                                                                    \
	printf("struct %s: %s at %zu, of %zu\n", #name, #member, offsetof(struct name, member), \
	       sizeof(((struct name *)0)->member))
#define NUMBER(name) printf("%s is %zu\n", #name, (size_t)(name))

static void print_members(void)
{
	MEMBER(shiny_stats, running);
	MEMBER(shiny_stats, connections);
	MEMBER(shiny_stats, accepted);
	MEMBER(shiny_stats, refused);
	MEMBER(shiny_stats, shed);
	MEMBER(shiny_stats, bytes_in);
	MEMBER(shiny_stats, bytes_out);
	MEMBER(shiny_stats, reads);
	MEMBER(shiny_stats, writes);
	MEMBER(shiny_stats, turns);
	MEMBER(shiny_stats, wakes);
	MEMBER(shiny_stats, ticks);
	MEMBER(shiny_stats, pauses);
	MEMBER(shiny_stats, errors_accept);
	MEMBER(shiny_stats, errors_reset);
	MEMBER(shiny_stats, errors_timeout);
	MEMBER(shiny_stats, errors_overflow);
	MEMBER(shiny_stats, errors_commit);
	MEMBER(shiny_stats, errors_other);
	MEMBER(shiny_stats, turn_ns);
	MEMBER(shiny_stats, progress);
	MEMBER(shiny_stats, errors_proxy);
	MEMBER(shiny_stats, errors_input);
	MEMBER(shiny_stats, errors_idle);
	MEMBER(shiny_stats, errors_stall);
	MEMBER(shiny_stats, errors_deadline);
	MEMBER(shiny_stats, errors_produce);
	MEMBER(shiny_options, size);
	MEMBER(shiny_options, backend);
	MEMBER(shiny_options, commit);
	MEMBER(shiny_options, high_water);
	MEMBER(shiny_options, low_water);
	MEMBER(shiny_options, max_output);
	MEMBER(shiny_options, max_input);
	MEMBER(shiny_options, backlog);
	MEMBER(shiny_options, max_connections);
	MEMBER(shiny_options, unix_mode);
	MEMBER(shiny_options, reuse_port);
	MEMBER(shiny_options, idle_timeout_ms);
	MEMBER(shiny_options, stall_timeout_ms);
	MEMBER(shiny_options, linger_timeout_ms);
	MEMBER(shiny_options, tick_ms);
	MEMBER(shiny_options, idle_tick_ms);
	MEMBER(shiny_options, proxy_from);
	MEMBER(shiny_options, stats);
	MEMBER(shiny_options, stats_size);
	MEMBER(shiny_options, notice);
	MEMBER(shiny_options, notice_ctx);
	MEMBER(shiny_options, sibling_loads);
	MEMBER(shiny_options, sibling_wakeups);
	MEMBER(shiny_options, sibling_count);
	MEMBER(shiny_options, sibling_index);
	MEMBER(shiny_options, sibling_connections);
	MEMBER(shiny_options, debug);
	MEMBER(shiny_options, debug_hold_ms);
	MEMBER(shiny_options, reserved);
	MEMBER(shiny_handlers, handle);
	MEMBER(shiny_handlers, accept);
	MEMBER(shiny_handlers, closed);
	MEMBER(shiny_handlers, tick);
	MEMBER(shiny_param, key);
	MEMBER(shiny_param, type);
	MEMBER(shiny_param, required);
	MEMBER(shiny_param, default_value);
	MEMBER(shiny_param, min);
	MEMBER(shiny_param, max);
	MEMBER(shiny_param, choices);
	MEMBER(shiny_param, help);
	MEMBER(shiny_value, number);
	MEMBER(shiny_value, text);
	MEMBER(shiny_host, size);
	MEMBER(shiny_host, server);
	MEMBER(shiny_host, section);
	MEMBER(shiny_host, log);
	MEMBER(shiny_host, stats);
	MEMBER(shiny_host, max_connections);
	MEMBER(shiny_host, stats_size);
	MEMBER(shiny_host, degraded);
	MEMBER(shiny_plugin, abi);
	MEMBER(shiny_plugin, size);
	MEMBER(shiny_plugin, param_size);
	MEMBER(shiny_plugin, name);
	MEMBER(shiny_plugin, version);
	MEMBER(shiny_plugin, summary);
	MEMBER(shiny_plugin, flags);
	MEMBER(shiny_plugin, parameters);
	MEMBER(shiny_plugin, check);
	MEMBER(shiny_plugin, load);
	MEMBER(shiny_plugin, unload);
	MEMBER(shiny_plugin, commit);
	MEMBER(shiny_plugin, persistent);
	MEMBER(shiny_plugin, handlers);
}

static void print_numbers(void)
{
	NUMBER(SHINY_EVENT_NONE);
	NUMBER(SHINY_EVENT_HANDLE);
	NUMBER(SHINY_EVENT_ACCEPT);
	NUMBER(SHINY_EVENT_CLOSED);
	NUMBER(SHINY_EVENT_TICK);
	NUMBER(SHINY_EVENT_COMMIT);
	NUMBER(SHINY_NOTICE_SHED);
	NUMBER(SHINY_NOTICE_ACCEPT);
	NUMBER(SHINY_NOTICE_PROXY);
	NUMBER(SHINY_NOTICE_OUTPUT);
	NUMBER(SHINY_NOTICE_INPUT);
	NUMBER(SHINY_NOTICE_IDLE);
	NUMBER(SHINY_NOTICE_STALL);
	NUMBER(SHINY_NOTICE_DEADLINE);
	NUMBER(SHINY_NOTICE_PRODUCE);
	NUMBER(SHINY_TYPE_BOOL);
	NUMBER(SHINY_TYPE_INTEGER);
	NUMBER(SHINY_TYPE_SIZE);
	NUMBER(SHINY_TYPE_DURATION);
	NUMBER(SHINY_TYPE_STRING);
	NUMBER(SHINY_TYPE_PATH);
	NUMBER(SHINY_TYPE_ENUM);
	NUMBER(SHINY_TYPE_SECRET);
	NUMBER(SHINY_LOG_DEBUG);
	NUMBER(SHINY_LOG_INFO);
	NUMBER(SHINY_LOG_NOTICE);
	NUMBER(SHINY_LOG_WARNING);
	NUMBER(SHINY_LOG_ERROR);
	NUMBER(SHINY_STATS_SIZE_FIRST);
	NUMBER(SHINY_STATS_TURN_BUCKETS);
	NUMBER(SHINY_ADDRESS_MAX);
	NUMBER(SHINY_ERROR_MAX);
	NUMBER(SHINY_PLUGIN_ABI);
	NUMBER(SHINY_PLUGIN_EXCLUSIVE);
	NUMBER(SHINY_PLUGIN_STATEFUL);
	NUMBER(sizeof(struct shiny_handlers));
	NUMBER(sizeof(struct shiny_value));
	NUMBER(_Alignof(struct shiny_stats));
}

int main(void)
{
	print_members();
	print_numbers();
	return 0;
}
