/* SPDX-License-Identifier: MIT */
/*
 * redis-lite's keyspace and its append-only file, without a server.
 */
#ifndef TESTS_REDIS_LITE_STORE_H
#define TESTS_REDIS_LITE_STORE_H

#include "aof/aof.h"
#include "command/instance.h"

#include <glib.h>

/* What was logged, a line each; and why the last store_open() failed. Both are the test's to empty. */
extern GString *store_log;
extern char store_error[SHINY_ERROR_MAX];

/* store_create() - nothing is loaded yet; the file is called "file", and settings may be changed */
struct instance *store_create(const char *dir);

/* store_open() - load what is in the folder; returns what persistence_open() does */
int store_open(struct instance *store);

void store_destroy(struct instance *store);

/* store_run() - a request at @now_ms, its words divided by single blanks; whether it succeeds */
bool store_run(struct instance *store, const char *request, int64_t now_ms);

/* store_contents() - "DB KEY=VALUE@EXPIRY" of all keys, sorted; for g_free() */
char *store_contents(const struct instance *store);

/* store_put() - make a file of the folder hold that; store_get() - what it holds, for g_free() */
void store_put(const char *dir, const char *name, const void *data, size_t len);
char *store_get(const char *dir, const char *name, size_t *ret_len);

/* store_has() - whether there is such a file */
bool store_has(const char *dir, const char *name);

/* store_rewrite() - rewrite the file until that is done, or has failed */
void store_rewrite(struct instance *store, int64_t now_ms);

/* store_finish_rewrite() - the same of a rewrite that is wanted or under way; no tick syncs meanwhile */
void store_finish_rewrite(struct instance *store);

/* store_await_sync() - until the thread has synced the file */
void store_await_sync(struct instance *store);

#define STORE_MIB (1024 * 1024)

/* store_log_much() - so much that a file is thought to grow fast, in several turns */
void store_log_much(struct instance *store);

#endif
