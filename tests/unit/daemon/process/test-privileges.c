/* SPDX-License-Identifier: MIT */
/*
 * Rights given up for good. Each test is a process of its own.
 */
#include "process/privileges.h"

#include "harness.h"

#include <grp.h>
#include <shiny-plugin.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SOMEBODY ((uid_t)65534)

static void drop(gid_t gid, gid_t *groups, int n_groups)
{
	const struct privileges privileges = { true, SOMEBODY, gid, groups, n_groups };
	char error[SHINY_ERROR_MAX] = "";

	if (geteuid() != 0) {
		harness_skip("needs root");
	}
	if (privileges_drop(&privileges, error) < 0) {
		harness_fail("%s", error);
	}
}

static void cannot_come_back(void)
{
	gid_t groups[] = { 65533, 65534 }, got[8];
	uid_t real, effective, saved;

	drop(65534, groups, 2);
	g_assert_cmpint(getresuid(&real, &effective, &saved), ==, 0);
	g_assert_true(real == SOMEBODY && effective == SOMEBODY && saved == SOMEBODY);
	g_assert_cmpint(setuid(0), ==, -1);
	g_assert_cmpint(setgid(0), ==, -1);
	g_assert_cmpint(setgroups(1, groups), ==, -1);
	g_assert_cmpint(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), ==, 1);
	g_assert_cmpint(getgroups(8, got), ==, 2);
	g_assert_true(got[0] == 65533 && got[1] == 65534);
}

/* Some users have it as theirs; it is not root's rights. */
static void the_group_may_be_0(void)
{
	gid_t groups[] = { 0 };

	drop(0, groups, 1);
	g_assert_cmpint(setuid(0), ==, -1);
}

static void groups_are_compared(void)
{
	gid_t some[] = { 1, 2 }, others[] = { 1, 3 };
	const struct privileges a = { true, 1, 1, some, 2 }, b = { true, 1, 1, others, 2 },
				c = { true, 1, 1, some, 1 }, d = { true, 2, 1, some, 2 },
				none = { 0 };

	g_assert_true(privileges_equal(&a, &a));
	g_assert_true(privileges_equal(&none, &none));
	g_assert_false(privileges_equal(&a, &b));
	g_assert_false(privileges_equal(&a, &c));
	g_assert_false(privileges_equal(&a, &d));
	g_assert_false(privileges_equal(&a, &none));
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/privileges/are-given-up-for-good", cannot_come_back);
	harness_add("/privileges/the-group-may-be-0", the_group_may_be_0);
	harness_add("/privileges/other-groups-are-a-change", groups_are_compared);
	return harness_run();
}
