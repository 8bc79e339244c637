/* SPDX-License-Identifier: MIT */
/*
 * What a process that runs a plugin is told.
 *
 * Texts are arrays of bytes, as they need not be UTF-8. A list of sources comes first, to which
 * settings refer by their place in it.
 */
#include "launch/description.h"

#include "process/sealed-memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "shinyd"

/* Stands before the rest, in any version. A multiple of what a GVariant is aligned to. */
struct head {
	char magic[8];
	uint32_t version;
	uint32_t size; /* of what follows */
};

#define SETTINGS   "a(ayayuuub)" /* key, text, source, holder, line, known */
#define SECTION	   "(ayayua(aybb)" SETTINGS SETTINGS "a(xmay))"
#define PRIVILEGES "(buuau)"
#define IDENTITY   "(ttxxx)"
#define TYPE	   "(uib" PRIVILEGES "uuuayay" IDENTITY "m" SECTION ")"

/* More are nobody's, and would be descriptors beyond all bounds. */
#define LISTENERS_MAX 65536
#define SIBLINGS_MAX  65536

static guint32 add_source(GPtrArray *sources, struct source *source)
{
	guint place;

	if (!g_ptr_array_find(sources, source, &place)) {
		place = sources->len;
		g_ptr_array_add(sources, source);
	}
	return place;
}

static GVariant *encode_settings(const struct settings *settings, GPtrArray *sources)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE(SETTINGS));
	for (size_t i = 0; settings != NULL && i < settings->count; i++) {
		const struct setting *setting = &settings->all[i];

		g_variant_builder_add(&builder, "(^ay^ayuuub)", setting->key, setting->text,
				      add_source(sources, setting->source),
				      add_source(sources, setting->holder), setting->line,
				      setting->known);
	}
	return g_variant_builder_end(&builder);
}

static GVariant *encode_sources(const GPtrArray *sources)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(aybb)"));
	for (guint i = 0; i < sources->len; i++) {
		const struct source *source = sources->pdata[i];

		g_variant_builder_add(&builder, "(^aybb)", source->name, source->world_readable,
				      source->is_command_line);
	}
	return g_variant_builder_end(&builder);
}

static GVariant *encode_values(const struct config_section *section)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(xmay)"));
	for (size_t i = 0; i < SERVER_KEY_MAX; i++) {
		const struct shiny_value *value = &section->values[i];
		GVariant *text = value->text != NULL ? g_variant_new_bytestring(value->text) : NULL;

		g_variant_builder_add(&builder, "(x@may)", value->number,
				      g_variant_new_maybe(G_VARIANT_TYPE_BYTESTRING, text));
	}
	return g_variant_builder_end(&builder);
}

static GVariant *encode_section(const struct config_section *section)
{
	GPtrArray *sources = g_ptr_array_new();
	GVariant *settings = encode_settings(&section->settings, sources);
	GVariant *overridden = encode_settings(section->settings.overridden, sources);
	GVariant *variant;

	variant = g_variant_new("(^ay^ayu@a(aybb)@" SETTINGS "@" SETTINGS "@a(xmay))",
				section->location.file, section->title, section->location.line,
				encode_sources(sources), settings, overridden,
				encode_values(section));
	g_ptr_array_unref(sources);
	return variant;
}

static GVariant *encode_privileges(const struct privileges *privileges)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("au"));
	for (int i = 0; i < privileges->n_groups; i++) {
		g_variant_builder_add(&builder, "u", privileges->groups[i]);
	}
	return g_variant_new(PRIVILEGES, privileges->drop, privileges->uid, privileges->gid,
			     &builder);
}

static GVariant *encode_identity(const struct file_identity *identity)
{
	return g_variant_new(IDENTITY, identity->device, identity->inode, identity->size,
			     identity->modified_ns, identity->changed_ns);
}

GBytes *description_encode(const struct description *description)
{
	GVariant *section =
		description->section != NULL ? encode_section(description->section) : NULL;
	GVariant *variant = g_variant_ref_sink(g_variant_new(
		"(uib@" PRIVILEGES "uuu^ay^ay@" IDENTITY "@m" SECTION ")", description->kind,
		description->supervisor, description->started_by_root,
		encode_privileges(&description->privileges), description->listeners,
		description->siblings, description->index, description->name, description->path,
		encode_identity(&description->identity),
		g_variant_new_maybe(G_VARIANT_TYPE(SECTION), section)));
	const struct head head = {
		.magic = MAGIC,
		.version = DESCRIPTION_VERSION,
		.size = (uint32_t)g_variant_get_size(variant),
	};
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_append(bytes, (const guint8 *)&head, sizeof(head));
	g_byte_array_append(bytes, g_variant_get_data(variant), head.size);
	g_variant_unref(variant);
	return g_byte_array_free_to_bytes(bytes);
}

static int refuse(char *error, const char *reason)
{
	snprintf(error, SHINY_ERROR_MAX, "%s", reason);
	return -EINVAL;
}

/* The text itself, which lives as long as what @variant was read from; NULL: it is none. */
static const char *read_text(GVariant *variant)
{
	gsize size;
	const char *text = g_variant_get_fixed_array(variant, &size, 1);

	return size > 0 && memchr(text, '\0', size) == text + size - 1 ? text : NULL;
}

/* The same for the child of @tuple at that place. */
static const char *read_text_at(GVariant *tuple, gsize place)
{
	GVariant *child = g_variant_get_child_value(tuple, place);
	const char *text = read_text(child);

	g_variant_unref(child);
	return text;
}

static bool decode_sources(GVariant *variant, GPtrArray *sources)
{
	gsize n = g_variant_n_children(variant);

	for (gsize i = 0; i < n; i++) {
		GVariant *child = g_variant_get_child_value(variant, i);
		const char *name = read_text_at(child, 0);
		struct source *source = source_create(name);
		gboolean world_readable, is_command_line;

		g_variant_get(child, "(@aybb)", NULL, &world_readable, &is_command_line);
		source->world_readable = world_readable;
		source->is_command_line = is_command_line;
		g_ptr_array_add(sources, source);
		g_variant_unref(child);
		if (name == NULL) {
			return false;
		}
	}
	return true;
}

static bool decode_setting(GVariant *variant, const GPtrArray *sources, struct settings *settings)
{
	const char *key = read_text_at(variant, 0), *text = read_text_at(variant, 1);
	guint32 source, holder, line;
	gboolean known;

	g_variant_get(variant, "(@ay@ayuuub)", NULL, NULL, &source, &holder, &line, &known);
	if (key == NULL || text == NULL || source >= sources->len || holder >= sources->len) {
		return false;
	}
	settings_add(settings, key, text, sources->pdata[source], line);
	setting_fill(&settings->all[settings->count - 1], text, sources->pdata[holder]);
	settings->all[settings->count - 1].known = known;
	return true;
}

static bool decode_settings(GVariant *variant, const GPtrArray *sources, struct settings *settings)
{
	gsize n = g_variant_n_children(variant);
	bool right = true;

	for (gsize i = 0; right && i < n; i++) {
		GVariant *child = g_variant_get_child_value(variant, i);

		right = decode_setting(child, sources, settings);
		g_variant_unref(child);
	}
	return right;
}

static bool decode_value(GVariant *variant, struct shiny_value *ret)
{
	GVariant *text = NULL;
	bool right = true;

	g_variant_get(variant, "(xm@ay)", &ret->number, &text);
	if (text != NULL) {
		ret->text = read_text(text);
		right = ret->text != NULL;
		g_variant_unref(text);
	}
	return right;
}

static bool decode_values(GVariant *variant, struct config_section *section)
{
	bool right = g_variant_n_children(variant) == SERVER_KEY_MAX;

	for (gsize i = 0; right && i < SERVER_KEY_MAX; i++) {
		GVariant *child = g_variant_get_child_value(variant, i);

		right = decode_value(child, &section->values[i]);
		g_variant_unref(child);
	}
	return right;
}

/* Fills in what has been made from the file's name, the title and the line. */
static bool fill_section(GVariant *sources, GVariant *settings, GVariant *overridden,
			 GVariant *values, struct config_section *section)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)source_unref);
	bool right;

	section->settings.overridden = g_new0(struct settings, 1);
	right = decode_sources(sources, list) &&
		decode_settings(settings, list, &section->settings) &&
		decode_settings(overridden, list, section->settings.overridden) &&
		decode_values(values, section);
	g_ptr_array_unref(list);
	return right;
}

static struct config_section *decode_section(GVariant *variant)
{
	const char *file = read_text_at(variant, 0), *title = read_text_at(variant, 1);
	GVariant *sources, *settings, *overridden, *values;
	struct config_section *section = NULL;
	guint32 line;

	g_variant_get(variant, "(@ay@ayu@a(aybb)@" SETTINGS "@" SETTINGS "@a(xmay))", NULL, NULL,
		      &line, &sources, &settings, &overridden, &values);
	if (file != NULL && title != NULL && config_title_is_server(title)) {
		section = config_section_create(file, title, line);
		if (!fill_section(sources, settings, overridden, values, section)) {
			config_section_destroy(section);
			section = NULL;
		}
	}
	g_variant_unref(sources);
	g_variant_unref(settings);
	g_variant_unref(overridden);
	g_variant_unref(values);
	return section;
}

static void decode_privileges(GVariant *variant, struct privileges *ret)
{
	gboolean drop;
	GVariant *groups;
	gsize n;
	const guint32 *all;

	g_variant_get(variant, "(buu@au)", &drop, &ret->uid, &ret->gid, &groups);
	all = g_variant_get_fixed_array(groups, &n, sizeof(guint32));
	ret->drop = drop;
	ret->groups = n > 0 ? g_memdup2(all, n * sizeof(gid_t)) : NULL;
	ret->n_groups = (int)n;
	g_variant_unref(groups);
}

static bool is_complete(const struct description *description)
{
	bool needs_section =
		description->kind == DESCRIPTION_WORKER || description->kind == DESCRIPTION_PROBE;

	return description->kind < DESCRIPTION_KIND_MAX && description->name != NULL &&
	       description->path != NULL && description->listeners <= LISTENERS_MAX &&
	       description->siblings <= SIBLINGS_MAX &&
	       description->index < MAX(description->siblings, 1) &&
	       needs_section == (description->section != NULL);
}

static int decode_variant(GVariant *variant, struct description *ret, char *error)
{
	struct description description = { .variant = g_variant_ref(variant) };
	GVariant *privileges, *identity, *section;
	struct file_identity *file = &description.identity;
	gboolean started_by_root;
	guint32 kind;

	g_variant_get(variant, "(uib@" PRIVILEGES "uuu@ay@ay@" IDENTITY "m@" SECTION ")", &kind,
		      &description.supervisor, &started_by_root, &privileges,
		      &description.listeners, &description.siblings, &description.index, NULL, NULL,
		      &identity, &section);
	description.kind = kind;
	description.started_by_root = started_by_root;
	description.name = read_text_at(variant, 7);
	description.path = read_text_at(variant, 8);
	decode_privileges(privileges, &description.privileges);
	g_variant_get(identity, IDENTITY, &file->device, &file->inode, &file->size,
		      &file->modified_ns, &file->changed_ns);
	g_variant_unref(privileges);
	g_variant_unref(identity);
	if (section != NULL) {
		description.section = decode_section(section);
		g_variant_unref(section);
	}
	if (!is_complete(&description)) {
		description_finish(&description);
		return refuse(error, "what it is to do is described in a wrong way");
	}
	if (description.section != NULL) {
		description.section->plugin.path = g_strdup(description.path);
		description.section->plugin.identity = description.identity;
	}
	*ret = description;
	return 0;
}

static int check_head(GBytes *bytes, char *error)
{
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	struct head head;

	if (size < sizeof(head) || memcmp(data, MAGIC, sizeof(MAGIC)) != 0) {
		return refuse(error, "there is no description of what it is to do");
	}
	memcpy(&head, data, sizeof(head));
	if (head.version != DESCRIPTION_VERSION) {
		snprintf(error, SHINY_ERROR_MAX,
			 "what it is to do is described in version %u, by another shinyd, and "
			 "this one reads version %d: restart it",
			 head.version, DESCRIPTION_VERSION);
		return -EINVAL;
	}
	if (head.size != size - sizeof(head)) {
		return refuse(error, "what it is to do is described in part only");
	}
	return 0;
}

int description_decode(GBytes *bytes, struct description *ret, char *error)
{
	GBytes *body;
	GVariant *variant;
	int r = check_head(bytes, error);

	if (r < 0) {
		return r;
	}
	body = g_bytes_new_from_bytes(bytes, sizeof(struct head),
				      g_bytes_get_size(bytes) - sizeof(struct head));
	variant = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE(TYPE), body, FALSE));
	if (g_variant_is_normal_form(variant)) {
		r = decode_variant(variant, ret, error);
	} else {
		r = refuse(error, "what it is to do is described in a wrong form");
	}
	g_variant_unref(variant);
	g_bytes_unref(body);
	return r;
}

void description_finish(struct description *description)
{
	if (description->variant == NULL) {
		return; /* all of it is another's */
	}
	if (description->section != NULL) {
		config_section_destroy(description->section);
	}
	g_free(description->privileges.groups);
	g_variant_unref(description->variant);
	*description = (struct description){ 0 };
}

int description_write(const struct description *description)
{
	GBytes *bytes = description_encode(description);
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	int fd = sealed_copy("shinyd-description", data, size);

	g_bytes_unref(bytes);
	return fd;
}

static GBytes *map(int fd)
{
	struct stat st;
	void *data;

	if (fstat(fd, &st) < 0 || st.st_size <= 0) {
		return NULL;
	}
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	return data != MAP_FAILED ? g_bytes_new_static(data, (gsize)st.st_size) : NULL;
}

/* What is mapped stays so: texts stand in there until the process ends. */
int description_read(int fd, struct description *ret, char *error)
{
	GBytes *bytes;
	int r;

	if (!sealed_is_copy(fd)) {
		return refuse(error, "there is no description of what it is to do");
	}
	bytes = map(fd);
	if (bytes == NULL) {
		return refuse(error, "the description of what it is to do cannot be read");
	}
	r = description_decode(bytes, ret, error);
	g_bytes_unref(bytes);
	return r;
}
