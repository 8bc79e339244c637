/* SPDX-License-Identifier: MIT */
/*
 * The description that a process which runs a plugin gets.
 */
#include "harness.h"
#include "launch/description.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECRET       \
	"hunter\xff" \
	"2"

/* A section of a file, and what is set there: a secret that is not UTF-8 comes from another file. */
static struct config_section *make_section(void)
{
	struct config_section *section = config_section_create("shinyd.ini", "server cache", 7);
	struct source *file = source_create("shinyd.ini"), *other = source_create("/secret");

	other->world_readable = true;
	settings_add(&section->settings, "plugin", "echo", file, 8);
	section->settings.all[0].known = true;
	settings_add(&section->settings, "password", "", file, 9);
	setting_fill(&section->settings.all[1], SECRET, other);
	section->settings.overridden = g_new0(struct settings, 1);
	settings_add(section->settings.overridden, "greeting", "hello", file, 10);
	section->values[SERVER_PLUGIN].text = section->settings.all[0].text;
	section->values[SERVER_MEMORY] = (struct shiny_value){ INT64_C(1) << 40, "1T" };
	section->values[SERVER_MAX_CONNECTIONS].number = 12;
	source_unref(file);
	source_unref(other);
	return section;
}

static gid_t groups[] = { 5, 65534 };

static struct description make_description(struct config_section *section)
{
	return (struct description){
		.kind = DESCRIPTION_WORKER,
		.supervisor = 4711,
		.started_by_root = true,
		.privileges = { true, 1000, 1001, groups, G_N_ELEMENTS(groups) },
		.listeners = 3,
		.siblings = 4,
		.index = 2,
		.name = "",
		.path = "/plugins/echo.so",
		.identity = { 1, 2, 3, 4, 5 },
		.section = section,
	};
}

static struct description reread(const struct description *description)
{
	struct description again;
	char error[SHINY_ERROR_MAX];
	int fd = description_write(description);

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(description_read(fd, &again, error), ==, 0);
	close(fd);
	return again;
}

static void says_the_same(void)
{
	struct config_section *section = make_section();
	const struct description description = make_description(section);
	struct description again = reread(&description);

	g_assert_cmpint(again.kind, ==, DESCRIPTION_WORKER);
	g_assert_cmpint(again.supervisor, ==, 4711);
	g_assert_true(again.started_by_root);
	g_assert_true(again.privileges.drop);
	g_assert_true(privileges_equal(&again.privileges, &description.privileges));
	g_assert_cmpuint(again.listeners, ==, 3);
	g_assert_cmpuint(again.siblings, ==, 4);
	g_assert_cmpuint(again.index, ==, 2);
	g_assert_cmpstr(again.name, ==, "");
	g_assert_cmpstr(again.path, ==, "/plugins/echo.so");
	g_assert_true(file_identity_equal(&again.identity, &description.identity));
	description_finish(&again);
	config_section_destroy(section);
}

static void makes_the_section_again(void)
{
	struct config_section *section = make_section();
	const struct description description = make_description(section);
	struct description again = reread(&description);
	const struct config_section *made = again.section;
	const struct setting *password = &made->settings.all[1];

	g_assert_cmpstr(made->title, ==, "server cache");
	g_assert_cmpstr(made->name, ==, "cache");
	g_assert_cmpstr(made->location.file, ==, "shinyd.ini");
	g_assert_cmpuint(made->location.line, ==, 7);
	g_assert_cmpuint(made->settings.count, ==, 2);
	g_assert_true(made->settings.all[0].known);
	g_assert_cmpstr(password->text, ==, SECRET);
	g_assert_cmpuint(password->line, ==, 9);
	g_assert_cmpstr(password->source->name, ==, "shinyd.ini");
	g_assert_cmpstr(password->holder->name, ==, "/secret");
	g_assert_true(password->holder->world_readable);
	g_assert_cmpuint(made->settings.overridden->count, ==, 1);
	g_assert_cmpstr(made->settings.overridden->all[0].text, ==, "hello");
	g_assert_cmpstr(made->values[SERVER_PLUGIN].text, ==, "echo");
	g_assert_cmpint(made->values[SERVER_MEMORY].number, ==, INT64_C(1) << 40);
	g_assert_cmpint(made->values[SERVER_MAX_CONNECTIONS].number, ==, 12);
	g_assert_null(made->values[SERVER_MAX_CONNECTIONS].text);
	g_assert_cmpstr(made->plugin.path, ==, "/plugins/echo.so");
	description_finish(&again);
	config_section_destroy(section);
}

static void needs_no_section_to_print(void)
{
	const struct description description = {
		.kind = DESCRIPTION_SUMMARY,
		.name = "echo",
		.path = "/plugins/echo.so",
	};
	struct description again = reread(&description);

	g_assert_null(again.section);
	g_assert_cmpstr(again.name, ==, "echo");
	description_finish(&again);
}

/* By nobody, and through no other descriptor. */
static void cannot_be_changed(void)
{
	const struct description description = { .name = "", .path = "" };
	int fd = description_write(&description);
	char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	int again = open(path, O_RDWR | O_CLOEXEC);

	g_assert_cmpint(again, >=, 0);
	g_assert_cmpint(write(again, "x", 1), ==, -1);
	g_assert_cmpint(errno, ==, EPERM);
	g_assert_cmpint(ftruncate(again, 1), ==, -1);
	g_assert_cmpint(ftruncate(again, 1 << 20), ==, -1);
	g_assert_cmpint(fcntl(again, F_ADD_SEALS, F_SEAL_WRITE), ==, -1);
	g_assert_true(mmap(NULL, 1, PROT_WRITE, MAP_SHARED, again, 0) == MAP_FAILED);
	close(again);
	close(fd);
	g_free(path);
}

static void expect_refusal(const void *data, size_t size, const char *reason)
{
	GBytes *bytes = g_bytes_new(data, size);
	char error[SHINY_ERROR_MAX] = "";
	struct description again;

	g_assert_cmpint(description_decode(bytes, &again, error), ==, -EINVAL);
	if (strstr(error, reason) == NULL) {
		harness_fail("'%s', and not '%s'", error, reason);
	}
	g_bytes_unref(bytes);
}

static void refuses_another_version(void)
{
	struct config_section *section = make_section();
	const struct description description = make_description(section);
	GBytes *bytes = description_encode(&description);
	gsize size;
	guint8 *data = g_bytes_unref_to_data(bytes, &size);
	const uint32_t version = DESCRIPTION_VERSION + 1;

	memcpy(data + 8, &version, sizeof(version));
	expect_refusal(data, size,
		       "is described in version 2, by another shinyd, and this one "
		       "reads version 1: restart it");
	g_free(data);
	config_section_destroy(section);
}

static void refuses_what_is_cut_short(void)
{
	struct config_section *section = make_section();
	const struct description description = make_description(section);
	GBytes *bytes = description_encode(&description);
	gsize size;
	guint8 *data = g_bytes_unref_to_data(bytes, &size);

	for (gsize i = 0; i < size; i++) {
		expect_refusal(data, i, i < 16 ? "there is no description" : "in part only");
	}
	g_free(data);
	config_section_destroy(section);
}

static void refuses_what_does_not_fit_together(void)
{
	struct config_section *section = make_section();
	struct description all[] = {
		make_description(NULL), /* a worker without a section */
		make_description(section),
		make_description(section),
		make_description(section),
	};

	all[1].kind = DESCRIPTION_KIND_MAX;
	all[2].index = all[2].siblings;
	all[3].listeners = UINT_MAX;
	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		GBytes *bytes = description_encode(&all[i]);
		gsize size;
		const void *data = g_bytes_get_data(bytes, &size);

		expect_refusal(data, size, "is described in a wrong way");
		g_bytes_unref(bytes);
	}
	config_section_destroy(section);
}

/* One that could still be changed, or that is none. */
static void reads_only_what_is_sealed(void)
{
	int fd = memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	char error[SHINY_ERROR_MAX];
	struct description again;

	g_assert_cmpint(description_read(fd, &again, error), ==, -EINVAL);
	g_assert_cmpint(description_read(-1, &again, error), ==, -EINVAL);
	g_assert_cmpstr(error, ==, "there is no description of what it is to do");
	close(fd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/description/says-the-same", says_the_same);
	harness_add("/description/makes-the-section-again", makes_the_section_again);
	harness_add("/description/needs-no-section-to-print", needs_no_section_to_print);
	harness_add("/description/cannot-be-changed", cannot_be_changed);
	harness_add("/description/refuses-another-version", refuses_another_version);
	harness_add("/description/refuses-what-is-cut-short", refuses_what_is_cut_short);
	harness_add("/description/refuses-what-does-not-fit-together",
		    refuses_what_does_not_fit_together);
	harness_add("/description/reads-only-what-is-sealed", reads_only_what_is_sealed);
	return harness_run();
}
