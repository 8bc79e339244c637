/* SPDX-License-Identifier: MIT */
/*
 * The files of a redis-server that are imported, and whether that redis-server still writes to them.
 *
 * It takes no lock on them. But it has the last increment open all the time, and a read lease is
 * granted only on a file that no process has open for writing. Who neither owns the file nor has
 * CAP_LEASE gets none, and some file systems know no leases: then only a change since the file was
 * opened tells of it, and one that is idle goes unnoticed. A dump is written anew and renamed.
 */
#include "import/files.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <shiny-plugin.h>

static int fail(char *error, int r, const char *path)
{
	snprintf(error, SHINY_ERROR_MAX, "cannot open %.128s: %s", path, strerror(-r));
	return r;
}

static int refuse(char *error, const char *path, const char *what)
{
	snprintf(error, SHINY_ERROR_MAX,
		 "%.128s %s: stop its redis-server first, then start the section again", path,
		 what);
	return -EBUSY;
}

int import_files_add(struct import_files *files, const char *path, char *error)
{
	struct import_file *all = realloc(files->files, (files->count + 1) * sizeof(*all));
	struct import_file *file;

	if (!all) {
		return fail(error, -ENOMEM, path);
	}
	files->files = all;
	file = &all[files->count];
	if (fstatat(files->dir, path, &file->st, 0) < 0) {
		return fail(error, -errno, path);
	}
	snprintf(file->path, sizeof(file->path), "%s", path);
	files->count++;
	return 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The lease ends with the descriptor. If another process opens the file before, we are sent SIGURG,
 * which is ignored. */
static bool has_writer(int fd)
{
	return fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_RDLCK) < 0 &&
	       errno == EAGAIN;
}

static int check_file(const struct import_files *files, const struct import_file *file, char *error)
{
	int fd = openat(files->dir, file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int r = 0;
	struct stat st;

	if (fd < 0) {
		return fail(error, -errno, file->path);
	}
	if (fstat(fd, &st) < 0 || !is_same(&st, &file->st)) {
		r = refuse(error, file->path, "has changed while it was loaded");
	} else if (!files->is_ours && has_writer(fd)) {
		r = refuse(error, file->path, "is open for writing in another process");
	}
	close(fd);
	return r;
}

int import_files_check(const struct import_files *files, char *error)
{
	int r = 0;

	for (size_t i = 0; i < files->count && r == 0; i++) {
		r = check_file(files, &files->files[i], error);
	}
	return r;
}

void import_files_finish(struct import_files *files)
{
	free(files->files);
	*files = (struct import_files){ 0 };
}
