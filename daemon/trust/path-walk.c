/* SPDX-License-Identifier: MIT */
/*
 * A path walked step by step, without the kernel following a link by itself.
 *
 * The names that are still to come are kept as text; a link puts its target in front of them.
 */
#include "trust/path-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#define LINKS_MAX 40 /* the kernel's */

struct walk {
	char way[PATH_MAX];  /* gone, without links; "" is the root */
	char rest[PATH_MAX]; /* to go */
	int fd;		     /* of what stands at the end of the way */
	struct stat st;
	unsigned links;
	path_check check;
	void *ctx;
};

static int check_step(const struct walk *walk, const struct stat *st, const struct stat *folder,
		      bool handed_over)
{
	const struct path_step step = {
		.path = *walk->way != '\0' ? walk->way : "/",
		.st = st,
		.folder = folder,
		.handed_over = handed_over,
	};

	return walk->check(&step, walk->ctx);
}

/* The descriptor, or -errno. */
static int open_step(int folder, const char *name, int flags, struct stat *ret)
{
	int fd = openat(folder, name, O_PATH | O_CLOEXEC | flags);
	int r;

	if (fd < 0) {
		return -errno;
	}
	if (fstat(fd, ret) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

/* Takes @fd. */
static void stand_at(struct walk *walk, int fd, const struct stat *st)
{
	if (walk->fd >= 0) {
		close(walk->fd);
	}
	walk->fd = fd;
	walk->st = *st;
}

/* A path may start at the folder that one is in. */
static int begin(struct walk *walk, const char *path)
{
	char folder[PATH_MAX] = "";

	if (*path != '/' && getcwd(folder, sizeof(folder)) == NULL) {
		return -errno;
	}
	return snprintf(walk->rest, sizeof(walk->rest), "%s/%s", folder, path) <
			       (int)sizeof(walk->rest)
		       ? 0
		       : -ENAMETOOLONG;
}

static int go_to_root(struct walk *walk)
{
	struct stat st;
	int fd = open_step(AT_FDCWD, "/", 0, &st);

	if (fd < 0) {
		return fd;
	}
	*walk->way = '\0';
	stand_at(walk, fd, &st);
	return 0;
}

/* Finds the first name of the rest; returns its length, 0 if there is none. */
static size_t take_part(struct walk *walk, char part[NAME_MAX + 2])
{
	const char *begin = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(begin, "/");

	/* What is too long for a name the kernel says. */
	snprintf(part, NAME_MAX + 2, "%.*s", (int)len, begin);
	memmove(walk->rest, begin + len, strlen(begin + len) + 1);
	return len;
}

/* Drops the last name of the way. */
static void step_back(struct walk *walk)
{
	char *slash = strrchr(walk->way, '/');

	if (slash != NULL) {
		*slash = '\0';
	}
}

/* Goes on where the link @link points to, which was checked as the last step. */
static int follow(struct walk *walk, int link)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t len = readlinkat(link, "", target, sizeof(target) - 1);

	if (len < 0 || ++walk->links > LINKS_MAX) {
		return len < 0 ? -errno : -ELOOP;
	}
	target[len] = '\0';
	if (snprintf(rest, sizeof(rest), "%s/%s", target, walk->rest) >= (int)sizeof(rest)) {
		return -ENAMETOOLONG;
	}
	strcpy(walk->rest, rest);
	step_back(walk);
	return *target == '/' ? go_to_root(walk) : 0;
}

/* Links of /proc can lead to what has no path: only the kernel can follow them. */
static bool is_in_proc(const struct walk *walk)
{
	struct statfs fs;

	return fstatfs(walk->fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Checks the step that @st describes, and goes there; takes @fd. */
static int arrive(struct walk *walk, int fd, const struct stat *st, bool handed_over)
{
	int r = check_step(walk, st, &walk->st, handed_over);

	if (r < 0) {
		close(fd);
		return r;
	}
	stand_at(walk, fd, st);
	return 0;
}

static int arrive_at_link(struct walk *walk, const char *name, int link, const struct stat *st)
{
	struct stat target;
	int r = check_step(walk, st, &walk->st, false);
	int fd;

	if (r < 0 || !is_in_proc(walk)) {
		return r < 0 ? r : follow(walk, link);
	}
	fd = open_step(walk->fd, name, 0, &target);
	return fd < 0 ? fd : arrive(walk, fd, &target, true);
}

static int go_up(struct walk *walk)
{
	struct stat st;
	int fd = open_step(walk->fd, "..", 0, &st);

	if (fd < 0) {
		return fd;
	}
	step_back(walk);
	stand_at(walk, fd, &st);
	return check_step(walk, &st, NULL, false);
}

static int go_to(struct walk *walk, const char *name)
{
	size_t used = strlen(walk->way), room = sizeof(walk->way) - used;
	struct stat st;
	int fd = open_step(walk->fd, name, O_NOFOLLOW, &st);
	int r;

	if (fd < 0) {
		return fd;
	}
	if (snprintf(walk->way + used, room, "/%s", name) >= (int)room) {
		close(fd);
		return -ENAMETOOLONG;
	}
	if (!S_ISLNK(st.st_mode)) {
		return arrive(walk, fd, &st, false);
	}
	r = arrive_at_link(walk, name, fd, &st);
	close(fd);
	return r;
}

static int take_step(struct walk *walk, const char *name)
{
	if (strcmp(name, ".") == 0) {
		return 0;
	}
	return strcmp(name, "..") == 0 ? go_up(walk) : go_to(walk, name);
}

int path_walk(const char *path, path_check check, void *ctx)
{
	struct walk walk = { .fd = -1, .check = check, .ctx = ctx };
	char name[NAME_MAX + 2];
	int r = begin(&walk, path);

	if (r == 0) {
		r = go_to_root(&walk);
	}
	if (r == 0) {
		r = check_step(&walk, &walk.st, NULL, false);
	}
	while (r == 0 && take_part(&walk, name) > 0) {
		r = take_step(&walk, name);
	}
	if (r < 0 && walk.fd >= 0) {
		close(walk.fd);
	}
	return r < 0 ? r : walk.fd;
}
