/* SPDX-License-Identifier: MIT */
/*
 * redis-lite and the libraries that applications use, unmodified.
 *
 * tests/run installs those of Debian and, where there is npm, those of npm, which are found through
 * NODE_PATH.
 */
#include "client.h"
#include "harness.h"
#include "redis.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SKIPPED 77

/* Runs a program with the port and the password as its last arguments. */
static void run(const char *program, const char *script)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	const char *argv[5] = { program };
	size_t argc = 1;
	char *output;
	int fd, status;

	redis_need(program);
	umask(077);
	fd = redis_start(&shinyd, &serving, "requirepass = s3cret\n");
	if (script) {
		argv[argc++] = script;
	}
	argv[argc++] = strrchr(serving.address, ':') + 1;
	argv[argc++] = "s3cret";
	status = child_run(argv, &output);
	redis_finish(&shinyd, fd);
	if (status == SKIPPED) {
		output[strcspn(output, "\n")] = '\0';
		harness_skip("%s", output);
	}
	if (status != 0) {
		harness_fail("%s: status %d\n%s", script ? script : program, status, output);
	}
	g_free(output);
}

static void hiredis(void)
{
	if (!*HIREDIS_CLIENT) {
		harness_skip("libhiredis was not there when this was built");
	}
	run(HIREDIS_CLIENT, NULL);
}

static void redis_py(void)
{
	run("/usr/bin/python3", CLIENTS_DIR "/client.py"); /* Debian's, which has its modules */
}

static void ioredis(void)
{
	run("node", CLIENTS_DIR "/ioredis.cjs");
}

static void node_redis(void)
{
	run("node", CLIENTS_DIR "/node-redis.cjs");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/redis-lite/clients");
	harness_add_slow("/hiredis", hiredis, 60);
	harness_add_slow("/redis-py", redis_py, 60);
	harness_add_slow("/ioredis", ioredis, 60);
	harness_add_slow("/node-redis", node_redis, 60);
	return harness_run();
}
