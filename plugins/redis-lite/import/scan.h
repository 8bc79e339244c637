/* SPDX-License-Identifier: MIT */
/*
 * What there is in the folder of the append-only file, as a list of items: what each is by its name, its
 * type and its first bytes. find.c decides what that means.
 */
#ifndef REDIS_LITE_IMPORT_SCAN_H
#define REDIS_LITE_IMPORT_SCAN_H

#include "aof/file.h"

#include <stdbool.h>
#include <stddef.h>

struct shiny_host;

/* Room for why something is not what its name says. */
#define IMPORT_PROBLEM_MAX 96

/* In the order in which they are named. */
enum import_item_kind {
	ITEM_FOLDER,   /* to be loaded */
	ITEM_MANIFEST, /* likewise */
	ITEM_DUMP,     /* likewise */
	ITEM_FILE,     /* likewise: ours by its name */
	ITEM_RDB,
	ITEM_AOF,
	ITEM_OTHER_FOLDER,
	ITEM_IMPORTED, /* a manifest whose files are no longer looked at */
	ITEM_NAMED,    /* by a manifest */
	ITEM_BROKEN,   /* not what its name says */
};

struct import_item {
	enum import_item_kind kind;
	char name[AOF_NAME_MAX];
	char problem[IMPORT_PROBLEM_MAX]; /* of ITEM_BROKEN */
};

/* What our own file is. */
enum import_own {
	IMPORT_OWN_MISSING,
	IMPORT_OWN_EMPTY,
	IMPORT_OWN_DATA,
};

struct import_scan {
	const struct aof_place *place;
	const struct shiny_host *host;
	char *error;
	struct import_item *items;
	size_t count;
	enum import_own own;
	bool has_import;
	char manifest[AOF_NAME_MAX]; /* in appendonlydir */
};

/*
 * import_scan() - look at all there is, and read the manifests
 *
 * @scan has the place, the host and the error's room already. free(scan->items) in any case. Returns 0,
 * or negative with one line in the error (of SHINY_ERROR_MAX bytes).
 */
int import_scan(struct import_scan *scan);

/* import_scan_first() - the first item of a kind; or NULL */
const struct import_item *import_scan_first(const struct import_scan *scan,
					    enum import_item_kind kind);

#endif
