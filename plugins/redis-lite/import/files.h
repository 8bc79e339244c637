/* SPDX-License-Identifier: MIT */
/*
 * The files that an import reads, remembered as they were when it began, so that it can tell at its
 * end whether a redis-server still writes to one of them.
 */
#ifndef REDIS_LITE_IMPORT_FILES_H
#define REDIS_LITE_IMPORT_FILES_H

#include "import/find.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* Room for "appendonlydir/appendonly.aof.1.incr.aof" */
#define IMPORT_PATH_MAX (2 * AOF_NAME_MAX)

struct import_file {
	char path[IMPORT_PATH_MAX];
	struct stat st; /* before it was opened */
};

struct import_files {
	int dir;
	bool is_ours; /* we have them open for writing ourselves */
	struct import_file *files;
	size_t count;
};

/*
 * import_files_add() - for a file that is to be opened next
 *
 * @path is seen from @files->dir. Returns 0, or negative with one line in @error (of SHINY_ERROR_MAX
 * bytes).
 */
int import_files_add(struct import_files *files, const char *path, char *error);

/*
 * import_files_check() - whether nobody has changed one of them since, or may go on to write to it
 *
 * Returns 0; -EBUSY, or what else is wrong, with one line in @error.
 */
int import_files_check(const struct import_files *files, char *error);

void import_files_finish(struct import_files *files);

#endif
