/* SPDX-License-Identifier: MIT */
/*
 * Servers that accept from the same sockets: loads published, compared and reserved.
 */
#include "siblings.h"

#include <errno.h>
#include <unistd.h>

/* No server has more: a larger number in the shared memory is wrong. */
#define LOAD_MAX ((uint64_t)1 << 27)

/*
 * Where connections come and go by the thousand one more or less does not matter, and leaving it to
 * a sibling costs more than it gains. One connection in so many that were accepted lately is
 * ignored.
 */
#define IGNORED_SHARE 32

struct survey {
	uint64_t total;	    /* connections of all others */
	uint64_t of_takers; /* of those who take more */
	unsigned takers;    /* the number of those */
	uint64_t least;	    /* that one of them has */
	int taker;	    /* its index; -1: there is none */
};

int shiny_siblings_init(struct shiny_siblings *siblings, const struct shiny_options *options)
{
	unsigned count = options->sibling_count;

	if (count <= 1) {
		return 0;
	}
	if (!options->sibling_loads || !options->sibling_wakeups ||
	    options->sibling_index >= count) {
		return -EINVAL;
	}
	*siblings = (struct shiny_siblings){
		.watch = { .fd = options->sibling_wakeups[options->sibling_index],
			   .kind = SHINY_WATCH_SIBLINGS },
		.loads = (shiny_word *)options->sibling_loads,
		.wakeups = options->sibling_wakeups,
		.count = count,
		.index = options->sibling_index,
		.max = options->sibling_connections,
	};
	return 0;
}

static void store_load(struct shiny_siblings *siblings, uint64_t connections, bool takes)
{
	__atomic_store_n(&siblings->loads[siblings->index], connections << 1 | takes,
			 __ATOMIC_SEQ_CST);
}

void shiny_siblings_publish_load(struct shiny_siblings *siblings, uint32_t live, bool full)
{
	if (siblings->loads) {
		store_load(siblings, live, siblings->takes && !full);
	}
}

void shiny_siblings_tick(struct shiny_siblings *siblings, uint32_t live, bool full)
{
	siblings->before = siblings->accepted;
	siblings->accepted = 0;
	shiny_siblings_publish_load(siblings, live, full);
}

static struct survey survey_siblings(const struct shiny_siblings *siblings)
{
	struct survey survey = { .taker = -1 };

	for (unsigned i = 0; i < siblings->count; i++) {
		uint64_t word = __atomic_load_n(&siblings->loads[i], __ATOMIC_SEQ_CST);
		uint64_t load = word >> 1 < LOAD_MAX ? word >> 1 : LOAD_MAX;

		if (i == siblings->index) {
			continue;
		}
		survey.total += load;
		if (!(word & 1)) {
			continue;
		}
		survey.of_takers += load;
		survey.takers++;
		if (survey.taker < 0 || load < survey.least) {
			survey.least = load;
			survey.taker = (int)i;
		}
	}
	return survey;
}

/*
 * It publishes before it compares: of two servers that do so at once at least one sees the other.
 */
bool shiny_siblings_reserve(struct shiny_siblings *siblings, uint32_t live)
{
	if (!siblings->loads || !siblings->max) {
		return true;
	}
	store_load(siblings, live + (uint64_t)1, siblings->takes);
	if (survey_siblings(siblings).total + live < siblings->max) {
		return true;
	}
	store_load(siblings, live, siblings->takes);
	return false;
}

/* A share is up to an eighth more than the mean of the servers that take connections. */
static bool has_more_than_its_share(const struct shiny_siblings *siblings,
				    const struct survey *survey, uint32_t live)
{
	uint64_t ignored = (siblings->accepted + siblings->before) / IGNORED_SHARE;
	uint64_t counted = live > ignored ? live - ignored : 0;
	uint64_t sum = survey->of_takers + counted;

	return counted * 8 * (survey->takers + (uint64_t)1) > sum * 9;
}

int shiny_siblings_find_taker(const struct shiny_siblings *siblings, uint32_t live, bool full)
{
	struct survey survey;

	if (!siblings->loads) {
		return -1;
	}
	survey = survey_siblings(siblings);
	if (siblings->max && survey.total + live >= siblings->max) {
		return -1; /* every server would close it */
	}
	return full || has_more_than_its_share(siblings, &survey, live) ? survey.taker : -1;
}

void shiny_siblings_wake(const struct shiny_siblings *siblings, int index)
{
	uint64_t one = 1;

	(void)!write(siblings->wakeups[index], &one, sizeof(one));
}

void shiny_siblings_drain_wakeups(const struct shiny_siblings *siblings)
{
	char buf[512];

	(void)!read(siblings->watch.fd, buf, sizeof(buf));
}
