/* SPDX-License-Identifier: MIT */
/*
 * Whether a file could be replaced by just anybody.
 */
#include "trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_one(const char *path, char *error)
{
	struct stat st;

	if (stat(path, &st) < 0 || (st.st_mode & S_IWOTH) == 0 ||
	    (S_ISDIR(st.st_mode) && (st.st_mode & S_ISVTX) != 0)) {
		return 0;
	}
	snprintf(error, TRUST_ERROR_MAX, "everybody may write to %s: chmod o-w it", path);
	return -EPERM;
}

/* @path, and all folders above it. */
static int check_way(const char *path, char *error)
{
	char part[PATH_MAX];
	int r;

	snprintf(part, sizeof(part), "%s", path);
	r = check_one(part, error);
	for (char *slash = strrchr(part, '/'); r == 0 && slash != NULL;
	     slash = strrchr(part, '/')) {
		*slash = '\0';
		r = check_one(*part != '\0' ? part : "/", error);
	}
	return r;
}

int trust_check(const char *path, char *error)
{
	char *real = realpath(path, NULL);
	int r = check_way(path, error);

	if (r == 0 && real != NULL) {
		r = check_way(real, error);
	}
	free(real);
	return r;
}

int trust_check_as_root(const char *path, char *error)
{
	return geteuid() == 0 ? trust_check(path, error) : 0;
}
