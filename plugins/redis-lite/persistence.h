/* SPDX-License-Identifier: MIT */
/*
 * How the keyspace comes from the disk at the start; called by redis-lite.c alone.
 */
#ifndef REDIS_LITE_PERSISTENCE_H
#define REDIS_LITE_PERSISTENCE_H

struct instance;

/*
 * persistence_open() - open or create the append-only file, make it ours alone, and load what it holds
 *
 * Or load what a redis-server has left in its folder, and make a file of ours of it. Cuts off an
 * incomplete record at the end and keeps it beside, with a warning in the log. What is served from then
 * on is logged to the instance's file.
 *
 * Returns 0, or negative with one line in @error (of SHINY_ERROR_MAX bytes).
 */
int persistence_open(struct instance *instance, char *error);

/* persistence_refuse() - for a start without the file: an error if there is anything to be loaded */
int persistence_refuse(struct instance *instance, char *error);

#endif
