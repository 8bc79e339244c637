/* SPDX-License-Identifier: MIT */
/*
 * Random requests, among them wrong ones, whose replies depend on nothing but the requests before.
 */
#ifndef TESTS_RANDOM_REQUESTS_H
#define TESTS_RANDOM_REQUESTS_H

#include <glib.h>

enum random_kind {
	RANDOM_ANY,
	RANDOM_TRANSACTIONS,
};

struct random_requests {
	GString *data;
	GPtrArray *shown; /* each request as text, for people */
};

/* random_requests() - so many of them; GTest's --seed repeats them */
struct random_requests random_requests(enum random_kind kind, unsigned count);
void random_requests_free(struct random_requests *requests);

#endif
