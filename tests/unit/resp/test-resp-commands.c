/* SPDX-License-Identifier: MIT */
/* Names of commands: found in any case, whatever they are made of, and never taken for one another. */
#include "harness.h"

#include <errno.h>
#include <shiny-resp-inline.h>
#include <strings.h>

/* Each length that is compared in its own way; with other bytes than letters; and too long for a quick look. */
static const char *const names[] = {
	"a",
	"ab",
	"abc",
	"abcd",
	"abcdefg",
	"abcdefgh",
	"abcdefghi",
	"abcdefghijklmnop",
	"abcdefghijklmnopq",
	"abcdefghijklmnopr",
	"cl.throttle",
	"a_b",
	"a-b",
	"x2",
	"georadiusbymember_ro",
};

static struct shiny_resp_index new_index(void)
{
	struct shiny_resp_index index = { 0 };

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_assert_cmpint(shiny_resp_index_add(&index, names[i], &names[i]), ==, 0);
	}
	return index;
}

static void expect(const struct shiny_resp_index *index, const char *name, const void *row)
{
	/* A copy that ends where the name does, so that reading on would be noticed. */
	size_t len = strlen(name);
	char *copy = g_memdup2(name, len);

	g_assert_true(shiny_resp_find(index, copy, len) == row);
	g_free(copy);
}

static char to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

static void every_name_is_found_in_any_case(void)
{
	struct shiny_resp_index index = new_index();

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		char name[SHINY_RESP_NAME_MAX + 1] = "";

		expect(&index, names[i], &names[i]);
		for (size_t at = 0; names[i][at]; at++) {
			name[at] = to_upper(names[i][at]);
		}
		expect(&index, name, &names[i]);
		name[0] = names[i][0];
		expect(&index, name, &names[i]);
	}
}

static const void *row_of(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcasecmp(name, names[i]) == 0) {
			return &names[i];
		}
	}
	return NULL;
}

static void a_byte_more_or_less_or_other_is_another_name(void)
{
	struct shiny_resp_index index = new_index();

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		for (size_t at = 0; names[i][at]; at++) {
			char name[SHINY_RESP_NAME_MAX + 1] = "";

			memcpy(name, names[i], strlen(names[i]));
			for (int byte = 1; byte < 256; byte++) {
				name[at] = (char)byte;
				expect(&index, name, row_of(name));
			}
		}
	}
	expect(&index, "cl.throttl", NULL);
	expect(&index, "cl.throttlee", NULL);
	expect(&index, "georadiusbymember_r", NULL);
	g_assert_null(shiny_resp_find(&index, "a", 0));
	g_assert_null(shiny_resp_find(&index, "cl.throttle\0", 12));
}

static void what_is_no_name_is_refused(void)
{
	struct shiny_resp_index index = new_index();
	char longest[SHINY_RESP_NAME_MAX + 1] = "", longer[SHINY_RESP_NAME_MAX + 2] = "";

	memset(longest, 'n', sizeof(longest) - 1);
	memset(longer, 'n', sizeof(longer) - 1);
	g_assert_cmpint(shiny_resp_index_add(&index, longest, names), ==, 0);
	expect(&index, longest, names);
	g_assert_cmpint(shiny_resp_index_add(&index, longer, names), ==, -EINVAL);
	expect(&index, longer, NULL);
	g_assert_cmpint(shiny_resp_index_add(&index, "", names), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_index_add(&index, NULL, names), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_index_add(&index, "Get", names), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_index_add(&index, "get", NULL), ==, -EINVAL);
	g_assert_cmpint(shiny_resp_index_add(&index, "abc", names), ==, -EEXIST);
	g_assert_cmpint(shiny_resp_index_add(&index, "cl.throttle", names), ==, -EEXIST);
}

static void as_many_are_found_as_there_may_be(void)
{
	static char many[SHINY_RESP_COMMANDS_MAX + 1][8];
	struct shiny_resp_index index = { 0 };

	for (unsigned i = 0; i <= SHINY_RESP_COMMANDS_MAX; i++) {
		for (unsigned j = 0, rest = i; j < 4; j++, rest /= 26) {
			many[i][j] = (char)('a' + rest % 26);
		}
		many[i][4] = i % 2 ? '.' : '\0'; /* half of them are not found quickly */
		g_assert_cmpint(shiny_resp_index_add(&index, many[i], many[i]), ==,
				i < SHINY_RESP_COMMANDS_MAX ? 0 : -ENOSPC);
	}
	for (unsigned i = 0; i <= SHINY_RESP_COMMANDS_MAX; i++) {
		expect(&index, many[i], i < SHINY_RESP_COMMANDS_MAX ? many[i] : NULL);
	}
}

static void arity_counts_the_name(void)
{
	g_assert_true(shiny_resp_has_arity(2, 2));
	g_assert_false(shiny_resp_has_arity(2, 1));
	g_assert_false(shiny_resp_has_arity(2, 3));
	g_assert_true(shiny_resp_has_arity(-2, 2));
	g_assert_true(shiny_resp_has_arity(-2, 9));
	g_assert_false(shiny_resp_has_arity(-2, 1));
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/resp/commands");
	harness_add("/every-name-is-found-in-any-case", every_name_is_found_in_any_case);
	harness_add("/a-byte-more-or-less-or-other-is-another-name",
		    a_byte_more_or_less_or_other_is_another_name);
	harness_add("/what-is-no-name-is-refused", what_is_no_name_is_refused);
	harness_add("/as-many-are-found-as-there-may-be", as_many_are_found_as_there_may_be);
	harness_add("/arity-counts-the-name", arity_counts_the_name);
	return harness_run();
}
