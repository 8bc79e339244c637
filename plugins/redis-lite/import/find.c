/* SPDX-License-Identifier: MIT */
/*
 * What a Redis has left in the folder: to start empty beside it, and to take writes, would be to lose
 * it.
 *
 * Only what Redis itself would load is loaded, and only if there is one such thing. All else that looks
 * like its data, by its name or by how it begins, is for the operator to move away; so is what has such
 * a name and holds nothing, as a link into a volume that is not mounted does. An append-only file
 * of another name may be another section's: it is looked at before our own is there, and after that
 * it is merely told.
 */
#include "import/find.h"
#include "import/names.h"
#include "import/scan.h"

#include <errno.h>
#include <shiny-plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum import_kind sources[] = {
	[ITEM_FOLDER] = IMPORT_FOLDER,
	[ITEM_MANIFEST] = IMPORT_MANIFEST,
	[ITEM_DUMP] = IMPORT_DUMP,
	[ITEM_FILE] = IMPORT_FILE,
};

#define SOURCES (sizeof(sources) / sizeof(sources[0]))

/* What has a name of Redis's data may be in reach at the next start. */
static int refuse_broken(const struct import_scan *scan)
{
	const struct import_item *item = import_scan_first(scan, ITEM_BROKEN);

	if (!item) {
		return 0;
	}
	snprintf(scan->error, SHINY_ERROR_MAX, "%.64s %s: set it right, or move it out of dir",
		 item->name, item->problem);
	return -EINVAL;
}

/* Two things of which one alone would be loaded. */
static int refuse_choice(const struct import_scan *scan, const char *one, const char *other)
{
	snprintf(scan->error, SHINY_ERROR_MAX,
		 "%.64s and %.64s are both there: move the one that is not to be loaded out of dir",
		 one, other);
	return -EEXIST;
}

/* What is refused in any case, and what is while our file is not there yet. */
static int refuse_others(const struct import_scan *scan)
{
	static const struct {
		enum import_item_kind kind;
		bool always;
		const char *text;
	} refusals[] = {
		{ ITEM_RDB, true, "a dump of a Redis: call it dump.rdb to load it" },
		{ ITEM_AOF, false, "a file of a Redis: set appendfilename to load it" },
		{ ITEM_OTHER_FOLDER, false,
		  "a folder of a Redis's: call it appendonlydir to load it" },
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct import_item *item = import_scan_first(scan, refusals[i].kind);
		bool known = scan->own != IMPORT_OWN_MISSING || scan->has_import;
		char text[SHINY_ERROR_MAX];

		if (!item) {
			continue;
		}
		if (refusals[i].always || !known) {
			snprintf(scan->error, SHINY_ERROR_MAX,
				 "%.64s looks like %s, or move it out of dir", item->name,
				 refusals[i].text);
			return -EEXIST;
		}
		snprintf(text, sizeof(text), "append-only file: %.64s beside it is not read",
			 item->name);
		scan->host->log(scan->host, SHINY_LOG_NOTICE, text);
	}
	return 0;
}

static int choose_source(const struct import_scan *scan, struct import_source *source)
{
	char import[AOF_NAME_MAX];

	aof_file_name(scan->place, IMPORT_SUFFIX, import);
	for (size_t i = 0; i < scan->count; i++) {
		const struct import_item *item = &scan->items[i];

		if (item->kind >= SOURCES) {
			continue;
		}
		if (source->kind) {
			return refuse_choice(scan, source->name, item->name);
		}
		source->kind = sources[item->kind];
		memcpy(source->name, item->name, AOF_NAME_MAX);
		memcpy(source->manifest, scan->manifest, AOF_NAME_MAX);
	}
	if (source->kind && source->kind != IMPORT_FILE && scan->own == IMPORT_OWN_DATA) {
		return refuse_choice(scan, source->name, scan->place->name);
	}
	if (!source->kind && scan->has_import) {
		source->kind = IMPORT_REST;
		return scan->own == IMPORT_OWN_DATA ? refuse_choice(scan, import, scan->place->name)
						    : 0;
	}
	return 0;
}

int import_find(const struct aof_place *place, const struct shiny_host *host, char *error,
		struct import_source *ret_source)
{
	struct import_scan scan = { .place = place, .host = host, .error = error };
	struct import_source source = { 0 };
	int r = import_scan(&scan);

	if (r == 0) {
		r = refuse_broken(&scan);
	}
	if (r == 0) {
		r = choose_source(&scan, &source);
	}
	if (r == 0) {
		r = refuse_others(&scan);
	}
	free(scan.items);
	if (r == 0) {
		source.file_is_missing = scan.own == IMPORT_OWN_MISSING;
		*ret_source = source;
	}
	return r;
}

int import_find_nothing(const struct aof_place *place, const struct shiny_host *host, char *error)
{
	struct import_scan scan = { .place = place, .host = host, .error = error };
	const char *name = NULL;
	int r = import_scan(&scan);

	if (r == 0) {
		r = refuse_broken(&scan);
	}
	for (size_t i = 0; i < scan.count && !name; i++) {
		name = scan.items[i].kind < ITEM_OTHER_FOLDER ? scan.items[i].name : NULL;
	}
	if (scan.own == IMPORT_OWN_DATA) {
		name = place->name;
	}
	if (r == 0 && name) {
		snprintf(error, SHINY_ERROR_MAX,
			 "%.64s in dir is not loaded with appendonly = no: set that to yes, or "
			 "leave dir out",
			 name);
		r = -EEXIST;
	}
	free(scan.items);
	return r;
}
