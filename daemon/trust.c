/* SPDX-License-Identifier: MIT */
/*
 * Whether a file could be replaced by just anybody.
 *
 * The way is walked as the kernel walks it, folder by folder and link by link: whoever may change
 * one of them chooses the file.
 */
#include "trust.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40 /* the kernel's */

struct walk {
	char way[PATH_MAX];  /* gone, without links; "" is the root */
	char rest[PATH_MAX]; /* to go */
	unsigned links;
};

/* Of a folder in which everybody may make files, and each take away only his own. */
static bool is_shared(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0 && (st->st_mode & S_IWOTH) != 0;
}

static bool is_in_shared_folder(const struct walk *walk)
{
	const char *slash = strrchr(walk->way, '/');
	char folder[PATH_MAX];
	struct stat st;

	if (slash == NULL) {
		return false; /* the root */
	}
	snprintf(folder, sizeof(folder), "%s", walk->way);
	folder[MAX(slash - walk->way, 1)] = '\0';
	return stat(folder, &st) == 0 && is_shared(&st);
}

/* Folders may be those of whom the administrator gave them to. */
static bool is_strangers(const struct walk *walk, const struct stat *st)
{
	return st->st_uid != 0 && st->st_uid != geteuid() &&
	       (S_ISREG(st->st_mode) || is_in_shared_folder(walk));
}

/* What stands at walk->way. */
static int check_here(const struct walk *walk, const struct stat *st, char *error)
{
	const char *path = *walk->way != '\0' ? walk->way : "/";

	if (is_strangers(walk, st)) {
		snprintf(error, TRUST_ERROR_MAX, "another user owns %s: chown it", path);
		return -EPERM;
	}
	if ((st->st_mode & S_IWOTH) != 0 && !S_ISLNK(st->st_mode) && !is_shared(st)) {
		snprintf(error, TRUST_ERROR_MAX, "everybody may write to %s: chmod o-w it", path);
		return -EPERM;
	}
	return 0;
}

/* Forgets the last part of the way. */
static void step_back(struct walk *walk)
{
	char *slash = strrchr(walk->way, '/');

	if (slash != NULL) {
		*slash = '\0';
	}
}

/* Has the first part of the rest at the end of the way; false: there is none, or no room. */
static bool step(struct walk *walk)
{
	const char *part = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(part, "/"), used = strlen(walk->way);

	if (len == 0 || used + 1 + len >= sizeof(walk->way)) {
		return false;
	}
	if (len == 2 && strncmp(part, "..", len) == 0) {
		step_back(walk);
	} else if (len != 1 || *part != '.') {
		snprintf(walk->way + used, sizeof(walk->way) - used, "/%.*s", (int)len, part);
	}
	memmove(walk->rest, part + len, strlen(part + len) + 1);
	return true;
}

/* Goes on where the link at walk->way points to; false: it cannot be followed. */
static bool follow(struct walk *walk)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t len = readlink(walk->way, target, sizeof(target) - 1);

	if (len < 0 || ++walk->links > LINKS_MAX) {
		return false;
	}
	target[len] = '\0';
	if (snprintf(rest, sizeof(rest), "%s/%s", target, walk->rest) >= (int)sizeof(rest)) {
		return false;
	}
	memcpy(walk->rest, rest, strlen(rest) + 1);
	step_back(walk);
	if (*target == '/') {
		*walk->way = '\0';
	}
	return true;
}

/* Returns whether there is a way; a path may start at the folder that one is in. */
static bool begin(struct walk *walk, const char *path)
{
	char folder[PATH_MAX] = "";

	*walk = (struct walk){ 0 };
	if (*path != '/' && getcwd(folder, sizeof(folder)) == NULL) {
		return false;
	}
	return snprintf(walk->rest, sizeof(walk->rest), "%s/%s", folder, path) <
	       (int)sizeof(walk->rest);
}

int trust_check(const char *path, char *error)
{
	struct walk walk;
	struct stat st;
	int r;

	if (!begin(&walk, path) || lstat("/", &st) < 0) {
		return 0;
	}
	r = check_here(&walk, &st, error);
	while (r == 0 && step(&walk) && lstat(*walk.way != '\0' ? walk.way : "/", &st) == 0) {
		r = check_here(&walk, &st, error);
		if (r == 0 && S_ISLNK(st.st_mode) && !follow(&walk)) {
			break; /* as whoever opens it will say */
		}
	}
	return r;
}

int trust_check_as_root(const char *path, char *error)
{
	return geteuid() == 0 ? trust_check(path, error) : 0;
}
