/* SPDX-License-Identifier: MIT */
#include "cache.h"

#include "client.h"
#include "harness.h"
#include "redis.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

void cache_start(struct cache *cache, const char *appendfsync, const char *more)
{
	cache->fd = redis_start(&cache->shinyd, &cache->serving,
				"appendonly = yes\ndir = %s\nappendfsync = %s\n%s", cache->dir,
				appendfsync, more);
}

void cache_stop(struct cache *cache)
{
	redis_finish(&cache->shinyd, cache->fd);
	cache->shinyd = (struct shinyd){ 0 };
}

void cache_kill(struct cache *cache)
{
	child_signal(&cache->shinyd.child, SIGKILL);
	client_expect_end(cache->fd);
	close(cache->fd);
	shinyd_finish(&cache->shinyd);
	cache->shinyd = (struct shinyd){ 0 };
}

void cache_reconnect(struct cache *cache)
{
	close(cache->fd);
	cache->fd = client_connect(cache->serving.address);
}

char *cache_file(const struct cache *cache)
{
	return g_build_filename(cache->dir, "appendonly.aof", NULL);
}

void cache_get_file(const struct cache *cache, char **ret_data, size_t *ret_len)
{
	char *file = cache_file(cache);

	g_assert_true(g_file_get_contents(file, ret_data, ret_len, NULL));
	g_free(file);
}

void cache_set_file(const struct cache *cache, const char *data, size_t len)
{
	char *file = cache_file(cache);

	g_assert_true(g_file_set_contents(file, data, (gssize)len, NULL));
	g_free(file);
}

bool cache_has(const struct cache *cache, const char *suffix)
{
	char *file = cache_file(cache), *other = g_strconcat(file, suffix, NULL);
	bool is_there = access(other, F_OK) == 0;

	g_free(other);
	g_free(file);
	return is_there;
}

char *cache_info(const struct cache *cache, const char *field)
{
	char *info = redis_ask(cache->fd, "INFO persistence");
	char *name = g_strdup_printf("\n%s:", field);
	const char *at = strstr(info, name);
	char *value;

	g_assert_nonnull(at);
	at += strlen(name);
	value = g_strndup(at, strcspn(at, "\r"));
	g_free(name);
	g_free(info);
	return value;
}

void cache_await(const struct cache *cache, const char *field, const char *value)
{
	gint64 end = g_get_monotonic_time() + HARNESS_PATIENCE_MS * 1000LL;
	char *got;

	while (strcmp(got = cache_info(cache, field), value) != 0) {
		if (g_get_monotonic_time() > end) {
			harness_fail("%s is %s instead of %s", field, got, value);
		}
		g_free(got);
		g_usleep(5000);
	}
	g_free(got);
}
