/* SPDX-License-Identifier: MIT */
/*
 * Two servers that are asked the same: the replies must be the same bytes.
 *
 * What differs by nature is left out: the order of keys, ids, statistics, how many expired keys are
 * not yet swept. Times are far away, so that a moment between the two servers makes a difference to
 * a TTL in seconds only where it lies between two of them.
 */
#ifndef TESTS_COMPARE_H
#define TESTS_COMPARE_H

/* compare_round() - a pipeline of random requests to redis-server and to redis-lite, after @hello */
void compare_round(int theirs, int ours, const char *hello);

/* compare_step() - a random request of a transaction to both, on these of their connections */
void compare_step(int theirs, int ours);

/* compare_end() - fails if replies differed by a moment more often than they may */
void compare_end(void);

#endif
