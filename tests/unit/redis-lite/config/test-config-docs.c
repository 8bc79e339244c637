/* SPDX-License-Identifier: MIT */
/*
 * redis-lite(7) names those of CONFIG's names that have an effect here, and those that are fixed.
 */
#include "config/names.h"
#include "harness.h"

#include <string.h>

static char *config_chapter(void)
{
	char *manual, *begin, *end, *chapter;

	g_assert_true(g_file_get_contents(DOCS_DIR "/redis-lite.7.scd", &manual, NULL, NULL));
	begin = strstr(manual, "\n# CONFIG\n");
	g_assert_nonnull(begin);
	end = strstr(begin + 1, "\n# ");
	g_assert_nonnull(end);
	chapter = g_strndup(begin, (gsize)(end - begin));
	g_free(manual);
	return chapter;
}

static bool is_named(const char *text, const char *name)
{
	char *bold = g_strdup_printf("*%s*", name);
	bool named = strstr(text, bold);

	g_free(bold);
	return named;
}

static void the_manual_names_what_has_an_effect(void)
{
	char *chapter = config_chapter();
	char *fixed = strstr(chapter, "\nThese have a fixed value");

	g_assert_nonnull(fixed);
	*fixed++ = '\0';
	for (size_t i = 0; i < config_name_count(); i++) {
		const struct config_name *name = &config_names[i];

		if (is_named(chapter, name->name) != (name->apply != NULL) ||
		    (name->fixed && !is_named(fixed, name->name))) {
			harness_fail("%s stands where it should not, or does not where it should",
				     name->name);
		}
	}
	g_free(chapter);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/config-docs/the-manual-names-what-has-an-effect",
		    the_manual_names_what_has_an_effect);
	return harness_run();
}
