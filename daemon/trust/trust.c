/* SPDX-License-Identifier: MIT */
/*
 * Whether other users could replace a file: whoever may change a folder or a link on the way to it
 * chooses the file. Each step of the walk is checked for that.
 */
#include "trust/trust.h"

#include "trust/path-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A folder in which everybody may make files, and remove only his own. */
static bool is_shared(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0 && (st->st_mode & S_IWOTH) != 0;
}

static bool is_others(const struct stat *st)
{
	return st->st_uid != 0 && st->st_uid != geteuid();
}

/* Something that can be read. The other end of a pipe is up to whoever handed us the pipe. */
static bool is_file(const struct path_step *step)
{
	return S_ISREG(step->st->st_mode) || (S_ISFIFO(step->st->st_mode) && !step->handed_over);
}

/* A folder may belong to whom the administrator has given it. */
static bool is_strangers(const struct path_step *step)
{
	return is_others(step->st) &&
	       (is_file(step) || (step->folder != NULL && is_shared(step->folder)));
}

static bool is_everybodys(const struct path_step *step)
{
	const struct stat *st = step->st;

	return (st->st_mode & S_IWOTH) != 0 && (S_ISDIR(st->st_mode) || is_file(step)) &&
	       !is_shared(st);
}

static int refuse(char *error, const char *format, const char *path)
{
	snprintf(error, TRUST_ERROR_MAX, format, path);
	return -EPERM;
}

/* @ctx is the buffer for the error. */
static int check_step(const struct path_step *step, void *ctx)
{
	if (is_strangers(step)) {
		return refuse(ctx, "another user owns %s: chown it", step->path);
	}
	if (is_everybodys(step)) {
		return refuse(ctx, "everybody may write to %s: chmod o-w it", step->path);
	}
	return 0;
}

/* Whether others may make files in the folder. */
static bool is_given(const struct stat *folder)
{
	return is_others(folder) || (folder->st_mode & S_IWGRP) != 0;
}

/* Whether somebody else could have made the link, or moved it there. */
static bool is_others_link(const struct path_step *step)
{
	return S_ISLNK(step->st->st_mode) &&
	       (is_others(step->st) || (is_given(step->folder) && !is_shared(step->folder)));
}

static int check_writable_step(const struct path_step *step, void *ctx)
{
	int r = check_step(step, ctx);

	return r == 0 && is_others_link(step)
		       ? refuse(ctx,
				"%s is a symbolic link that another user can make: name what it "
				"leads to",
				step->path)
		       : r;
}

int trust_check_target(int folder, int fd, char *error)
{
	struct stat in, st;

	if (geteuid() != 0 || fstat(folder, &in) < 0 || fstat(fd, &st) < 0) {
		return 0;
	}
	if (is_shared(&in) && is_others(&st)) {
		snprintf(error, TRUST_ERROR_MAX, "another user owns it: remove it");
		return -EPERM;
	}
	if (is_given(&in) && S_ISREG(st.st_mode) && st.st_nlink > 1) {
		snprintf(error, TRUST_ERROR_MAX,
			 "has another name, and another user may have given it this one");
		return -EPERM;
	}
	return 0;
}

int trust_check(const char *path, char *error)
{
	char refusal[TRUST_ERROR_MAX] = "";
	int fd = path_walk(path, check_step, refusal);

	if (fd >= 0) {
		close(fd);
	}
	if (*refusal == '\0') {
		return 0; /* what else went wrong whoever opens it will say */
	}
	strcpy(error, refusal);
	return -EPERM;
}

/* The progress of a walk. */
struct progress {
	char refusal[TRUST_ERROR_MAX];
	char path[PATH_MAX];
	bool shared; /* everybody may make what comes next */
};

static int check_and_record(const struct path_step *step, void *ctx)
{
	bool link = S_ISLNK(step->st->st_mode);
	struct progress *progress = ctx;

	progress->shared = is_shared(link ? step->folder : step->st);
	snprintf(progress->path, sizeof(progress->path), "%s", step->path);
	return check_step(step, progress->refusal);
}

int trust_check_new(const char *path, char *error)
{
	struct progress progress = { 0 };
	int fd = path_walk(path, check_and_record, &progress);

	if (fd >= 0) {
		close(fd);
	}
	if (*progress.refusal != '\0') {
		strcpy(error, progress.refusal);
		return -EPERM;
	}
	return progress.shared && (fd >= 0 || fd == -ENOENT)
		       ? refuse(error, "everybody may make files in %s", progress.path)
		       : 0;
}

int trust_check_as_root(const char *path, char *error)
{
	return geteuid() == 0 ? trust_check(path, error) : 0;
}

static int find(const char *path, path_check as_root, char *error)
{
	char refusal[TRUST_ERROR_MAX] = "";
	int fd;

	if (geteuid() == 0) {
		fd = path_walk(path, as_root, refusal);
	} else {
		fd = open(path, O_PATH | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd < 0 && *refusal != '\0') {
		strcpy(error, refusal);
	} else if (fd < 0) {
		snprintf(error, TRUST_ERROR_MAX, "cannot be opened: %s", strerror(-fd));
	}
	return fd;
}

int trust_find(const char *path, char *error)
{
	return find(path, check_step, error);
}

int trust_find_folder(const char *path, char *error)
{
	return find(path, check_writable_step, error);
}
