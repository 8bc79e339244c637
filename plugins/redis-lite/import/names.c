/* SPDX-License-Identifier: MIT */
/*
 * Names as a redis-server and an append-only file of ours use them: appendonlydir, dump.rdb, *.manifest,
 * *.rdb, *.aof; FILE.rewrite, FILE.import, FILE.cut-N, NAME.imported-N.
 */
#include "import/names.h"

#include <string.h>
#include <sys/stat.h>

bool import_name_ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

bool import_name_is_imported(const char *name)
{
	size_t len = strlen(name), number = len, mark = strlen(IMPORTED);

	while (number > 0 && name[number - 1] >= '0' && name[number - 1] <= '9') {
		number--;
	}
	return number < len && number > mark && strncmp(name + number - mark, IMPORTED, mark) == 0;
}

bool import_name_is_ours(const struct aof_place *place, const char *name)
{
	size_t len = strlen(place->name);

	if (strncmp(name, place->name, len) != 0) {
		return false;
	}
	name += len;
	return *name == '\0' || strcmp(name, ".rewrite") == 0 ||
	       strcmp(name, "." IMPORT_SUFFIX) == 0 || strncmp(name, ".cut-", 5) == 0;
}

mode_t import_name_type(const struct aof_place *place, const char *name)
{
	if (strcmp(name, IMPORT_FOLDER_NAME) == 0) {
		return S_IFDIR;
	}
	return import_name_ends_with(name, ".rdb") || import_name_ends_with(name, ".manifest") ||
			       strcmp(name, place->name) == 0
		       ? S_IFREG
		       : 0;
}
