/* SPDX-License-Identifier: MIT */
/*
 * redis-lite with an append-only file that outlives it: started, stopped, killed and started again.
 *
 *     struct cache cache = { .dir = harness_make_dir() };
 *
 *     cache_start(&cache, "always", "");
 *     redis_expect(cache.fd, "SET a 1", OK);
 *     cache_kill(&cache);
 *     cache_start(&cache, "always", "");
 *     ...
 *     cache_stop(&cache);
 *     harness_remove_dir(cache.dir);
 */
#ifndef TESTS_CACHE_H
#define TESTS_CACHE_H

#include "shinyd.h"

#define OK "+OK\r\n"

struct cache {
	struct shinyd shinyd;
	struct serving serving;
	char *dir; /* of the file */
	int fd;	   /* a connection */
};

/* cache_start() - with that policy, and further lines for the section */
void cache_start(struct cache *cache, const char *appendfsync, const char *more);

void cache_stop(struct cache *cache);

/* cache_kill() - supervisor and worker die in mid-air; the connection is closed */
void cache_kill(struct cache *cache);

/* cache_reconnect() - instead of a connection that has come to its end */
void cache_reconnect(struct cache *cache);

/* cache_file() - its name, for g_free() */
char *cache_file(const struct cache *cache);

void cache_get_file(const struct cache *cache, char **ret_data, size_t *ret_len);
void cache_set_file(const struct cache *cache, const char *data, size_t len);

/* cache_has() - whether a file with that end of its name is there */
bool cache_has(const struct cache *cache, const char *suffix);

/* cache_info() - a field of INFO, for g_free() */
char *cache_info(const struct cache *cache, const char *field);

/* cache_await() - until a field of INFO has that value */
void cache_await(const struct cache *cache, const char *field, const char *value);

#endif
