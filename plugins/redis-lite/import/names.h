/* SPDX-License-Identifier: MIT */
/*
 * What the name of a file in the folder says about it. Only names are looked at here, no files.
 */
#ifndef REDIS_LITE_IMPORT_NAMES_H
#define REDIS_LITE_IMPORT_NAMES_H

#include "aof/file.h"

#include <stdbool.h>
#include <sys/types.h>

/* Names that a Redis gives by default. */
#define IMPORT_FOLDER_NAME "appendonlydir"
#define IMPORT_DUMP_NAME   "dump.rdb"

/* FILE.import: all that was imported, complete and on the disk; not yet under the file's name. */
#define IMPORT_SUFFIX "import"

/* What is called NAME.imported-1 and so on was imported, and is not looked at any more. */
#define IMPORTED ".imported-"

bool import_name_ends_with(const char *name, const char *end);

/* import_name_is_imported() - whether it is NAME.imported-1 or the like */
bool import_name_is_imported(const char *name);

/* import_name_is_ours() - whether it is the append-only file, or what stands beside it */
bool import_name_is_ours(const struct aof_place *place, const char *name);

/* import_name_type() - what something with that name must be: S_IFDIR or S_IFREG; 0: anything */
mode_t import_name_type(const struct aof_place *place, const char *name);

#endif
