/* SPDX-License-Identifier: MIT */
/*
 * The end of an append-only file that was not written whole: how much of it is data, and how it is
 * cut off without being lost. Called by load.c.
 */
#ifndef REDIS_LITE_AOF_TAIL_H
#define REDIS_LITE_AOF_TAIL_H

#include <stdbool.h>
#include <stdint.h>

struct aof_place;
struct shiny_host;

/*
 * aof_tail_data_end() - the end of the file without the zeros that it ends with
 *
 * Looks no further down than @offset. Returns 0 or -errno.
 */
int aof_tail_data_end(int fd, uint64_t offset, uint64_t size, uint64_t *ret_end);

/* aof_tail_has_records() - whether whole requests end the file behind the one that begins at @offset */
bool aof_tail_has_records(int fd, uint64_t offset, uint64_t size);

/*
 * aof_tail_cut() - cut off what begins at @offset, and keep it in a file beside
 *
 * @what the bytes are is told: "an incomplete record of". Nothing is cut that is not kept. Returns 0,
 * or -errno with one line in @error.
 */
int aof_tail_cut(const struct aof_place *place, const struct shiny_host *host, int fd,
		 const char *what, uint64_t offset, uint64_t size, char *error);

#endif
