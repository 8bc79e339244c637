/* SPDX-License-Identifier: MIT */
/*
 * The user that the processes which run plugins run as.
 *
 * shinyd itself keeps the rights that it was started with: it binds sockets, and never runs a
 * plugin's code. Its children give these rights up for good before they load anything.
 */
#ifndef SHINYD_PRIVILEGES_H
#define SHINYD_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

struct privileges {
	bool drop; /* false: children run as shinyd does */
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* supplementary */
	int n_groups;
};

/*
 * privileges_resolve() - look @user up
 *
 * NULL is nobody: nothing to drop. Nor is there for those who are not root.
 *
 * Owner:   *@ret is the caller's, for privileges_finish().
 * Returns: 0; negative with the reason in @error (SHINY_ERROR_MAX bytes).
 */
int privileges_resolve(const char *user, struct privileges *ret, char *error);
void privileges_finish(struct privileges *privileges);

/* privileges_equal() - whether both are the same user's, with the same groups */
bool privileges_equal(const struct privileges *left, const struct privileges *right);

/*
 * privileges_set_file_group() - make files as that user's group, or as one's own again (NULL)
 *
 * For unix sockets that root makes: so unix_mode = 660 lets the group in.
 */
void privileges_set_file_group(const struct privileges *privileges);

/*
 * privileges_drop() - become that user, for good
 *
 * Returns: 0, having tried that there is no way back; else negative with the reason in @error, and
 *          the process must not go on.
 */
int privileges_drop(const struct privileges *privileges, char *error);

#endif
