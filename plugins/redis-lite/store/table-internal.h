/* SPDX-License-Identifier: MIT */
/*
 * What the files of the table share: table.c, table-grow.c and table-scan.c. Nobody else includes
 * this but the tests.
 */
#ifndef REDIS_LITE_STORE_TABLE_INTERNAL_H
#define REDIS_LITE_STORE_TABLE_INTERNAL_H

#include "store/table-find.h"

/* Entries a bucket, on average, above which the table grows. Buckets not yet split in a round have
 * up to twice as many as those split: at 4, one lookup in twenty meets an overflow bucket. */
#define TABLE_LOAD 4

/* table_append() - put a slot at the end of a bucket's chain; 0 or -ENOMEM */
int table_append(struct table *table, struct table_bucket *bucket, table_slot slot);

/* table_start() - map the first segment; 0 or -ENOMEM */
int table_start(struct table *table);

/* table_split() - grow by one bucket, if there is memory */
void table_split(struct table *table);

/* Overflow buckets, zeroed or not. table_alloc_overflow() returns NULL if out of memory. */
struct table_bucket *table_alloc_overflow(struct table *table);
void table_free_overflow(struct table *table, struct table_bucket *bucket);

#endif
