/* SPDX-License-Identifier: MIT */
/*
 * A user looked up, and root's rights given up.
 *
 * Groups go first, then the group, then the user; afterwards it is tried whether there is a way
 * back.
 */
#include "process/privileges.h"

#include "process/dumpable.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <shiny-plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <unistd.h>

static int list_groups(const char *user, struct privileges *privileges)
{
	int room = 0;

	/* The first call only counts. */
	getgrouplist(user, privileges->gid, NULL, &room);
	privileges->groups = calloc((size_t)room, sizeof(gid_t));
	privileges->n_groups = room;
	if (privileges->groups == NULL) {
		return -ENOMEM;
	}
	return getgrouplist(user, privileges->gid, privileges->groups, &privileges->n_groups) < 0
		       ? -EAGAIN
		       : 0;
}

int privileges_resolve(const char *user, struct privileges *ret, char *error)
{
	struct privileges privileges = { 0 };
	const struct passwd *entry;
	int r;

	if (user == NULL) {
		*ret = privileges;
		return 0;
	}
	errno = 0;
	entry = getpwnam(user);
	if (entry == NULL) {
		r = errno != 0 ? -errno : -ENOENT;
		snprintf(error, SHINY_ERROR_MAX, "there is no user '%.100s'%s%s", user,
			 errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
		return r;
	}
	privileges.drop = geteuid() == 0 && entry->pw_uid != 0;
	privileges.uid = entry->pw_uid;
	privileges.gid = entry->pw_gid;
	r = list_groups(user, &privileges);
	if (r < 0) {
		snprintf(error, SHINY_ERROR_MAX, "cannot list the groups of '%.100s': %s", user,
			 strerror(-r));
		privileges_finish(&privileges);
		return r;
	}
	*ret = privileges;
	return 0;
}

void privileges_finish(struct privileges *privileges)
{
	free(privileges->groups);
	*privileges = (struct privileges){ 0 };
}

bool privileges_equal(const struct privileges *left, const struct privileges *right)
{
	return left->uid == right->uid && left->gid == right->gid &&
	       left->n_groups == right->n_groups &&
	       (left->n_groups == 0 ||
		memcmp(left->groups, right->groups, (size_t)left->n_groups * sizeof(gid_t)) == 0);
}

void privileges_set_file_group(const struct privileges *privileges)
{
	setfsgid(privileges != NULL && privileges->drop ? privileges->gid : getegid());
}

/* The new group may be root's own; then only the user counts. */
static bool can_come_back(gid_t gid)
{
	return setresuid((uid_t)-1, 0, (uid_t)-1) == 0 ||
	       (gid != 0 && setresgid((gid_t)-1, 0, (gid_t)-1) == 0);
}

int privileges_drop(const struct privileges *privileges, char *error)
{
	if (!privileges->drop) {
		dumpable_allow(); /* a plugin's crash must leave a core */
		return 0;
	}
	/* The user last: without its rights the groups could not be changed any more. */
	if (setgroups((size_t)privileges->n_groups, privileges->groups) < 0 ||
	    setresgid(privileges->gid, privileges->gid, privileges->gid) < 0 ||
	    setresuid(privileges->uid, privileges->uid, privileges->uid) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		snprintf(error, SHINY_ERROR_MAX, "cannot give up root's rights: %s",
			 strerror(errno));
		return -EPERM;
	}
	if (can_come_back(privileges->gid)) {
		snprintf(error, SHINY_ERROR_MAX, "root's rights were given up and came back");
		return -EPERM;
	}
	dumpable_allow(); /* which the change of user has forbidden */
	return 0;
}
