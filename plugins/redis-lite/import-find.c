/* SPDX-License-Identifier: MIT */
/*
 * What a Redis has left in the folder: to start empty beside it, and to take writes, would be to lose
 * it.
 *
 * Only what Redis itself would load is loaded, and only if there is one such thing. All else that looks
 * like its data, by its name or by how it begins, is for the operator to move away; so is what has such
 * a name and holds nothing, as a link into a volume that is not mounted does. An append-only file
 * of another name may be another section's: it is looked at before our own is there, and after that
 * it is merely told.
 */
#include "import-find.h"
#include "manifest.h"
#include "rdb.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <shiny-plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Names that a Redis gives by default. */
#define FOLDER "appendonlydir"
#define DUMP   "dump.rdb"

/* Room for why something is not what its name says. */
#define PROBLEM_MAX 96

/* In the order in which they are named. */
enum item_kind {
	ITEM_FOLDER,   /* to be loaded */
	ITEM_MANIFEST, /* likewise */
	ITEM_DUMP,     /* likewise */
	ITEM_FILE,     /* likewise: ours by its name */
	ITEM_RDB,
	ITEM_AOF,
	ITEM_OTHER_FOLDER,
	ITEM_IMPORTED, /* a manifest whose files are no longer looked at */
	ITEM_NAMED,    /* by a manifest */
	ITEM_BROKEN,   /* not what its name says */
};

static const enum import_kind sources[] = {
	[ITEM_FOLDER] = IMPORT_FOLDER,
	[ITEM_MANIFEST] = IMPORT_MANIFEST,
	[ITEM_DUMP] = IMPORT_DUMP,
	[ITEM_FILE] = IMPORT_FILE,
};

#define SOURCES (sizeof(sources) / sizeof(sources[0]))

struct item {
	enum item_kind kind;
	char name[AOF_NAME_MAX];
	char problem[PROBLEM_MAX]; /* of ITEM_BROKEN */
};

/* What our own file is. */
enum own {
	OWN_MISSING,
	OWN_EMPTY,
	OWN_DATA,
};

struct look {
	const struct aof_place *place;
	const struct shiny_host *host;
	char *error;
	struct item *items;
	size_t count;
	enum own own;
	bool has_import;
	char manifest[AOF_NAME_MAX]; /* in appendonlydir */
};

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/* NAME.imported-1 and so on. */
static bool is_imported(const char *name)
{
	size_t len = strlen(name), number = len, mark = strlen(IMPORTED);

	while (number > 0 && name[number - 1] >= '0' && name[number - 1] <= '9') {
		number--;
	}
	return number < len && number > mark && strncmp(name + number - mark, IMPORTED, mark) == 0;
}

/* Whether it is the file, or what stands beside it. */
static bool is_ours(const struct look *look, const char *name)
{
	size_t len = strlen(look->place->name);

	if (strncmp(name, look->place->name, len) != 0) {
		return false;
	}
	name += len;
	return *name == '\0' || strcmp(name, ".rewrite") == 0 ||
	       strcmp(name, "." IMPORT_SUFFIX) == 0 || strncmp(name, ".cut-", 5) == 0;
}

/* Returns 1 if it is, 0 if not; or -errno. */
static int is_rdb(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r;
	char magic[RDB_MAGIC_LEN];
	ssize_t n = fd < 0 ? -1 : pread(fd, magic, sizeof(magic), 0);

	r = n < 0 ? -errno : n == RDB_MAGIC_LEN && memcmp(magic, RDB_MAGIC, RDB_MAGIC_LEN) == 0;
	if (fd >= 0) {
		close(fd);
	}
	return r;
}

/* What something with that name must be: S_IFDIR or S_IFREG; 0 for any other name. */
static mode_t type_of_name(const struct look *look, const char *name)
{
	if (strcmp(name, FOLDER) == 0) {
		return S_IFDIR;
	}
	return ends_with(name, ".rdb") || ends_with(name, ".manifest") ||
			       strcmp(name, look->place->name) == 0
		       ? S_IFREG
		       : 0;
}

static void warn(const struct look *look, const char *name, const char *problem)
{
	char text[SHINY_ERROR_MAX];

	snprintf(text, sizeof(text),
		 "append-only file: whether %.64s in dir is data of a Redis is not known: it %s",
		 name, problem);
	look->host->log(look->host, SHINY_LOG_WARNING, text);
}

static int no_memory(struct look *look)
{
	snprintf(look->error, SHINY_ERROR_MAX, "out of memory");
	return -ENOMEM;
}

static int add(struct look *look, enum item_kind kind, const char *name)
{
	struct item *items = realloc(look->items, (look->count + 1) * sizeof(*items));

	if (!items) {
		return no_memory(look);
	}
	items[look->count] = (struct item){ .kind = kind };
	snprintf(items[look->count].name, AOF_NAME_MAX, "%s", name);
	look->items = items;
	look->count++;
	return 0;
}

static int add_broken(struct look *look, const char *name, const char *problem)
{
	int r = add(look, ITEM_BROKEN, name);

	if (r == 0) {
		snprintf(look->items[look->count - 1].problem, PROBLEM_MAX, "%s", problem);
	}
	return r;
}

/* The first of a kind; or NULL. */
static const struct item *find(const struct look *look, enum item_kind kind)
{
	for (size_t i = 0; i < look->count; i++) {
		if (look->items[i].kind == kind) {
			return &look->items[i];
		}
	}
	return NULL;
}

/* Calls @at for each name in a folder. Returns what it does if that is not 0; or -errno. */
static int each_name(int dir, const char *path, int (*at)(void *arg, const char *name), void *arg)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!stream) {
		r = -errno;
		if (fd >= 0) {
			close(fd);
		}
		return r;
	}
	errno = 0;
	while (r == 0 && (entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			r = at(arg, entry->d_name);
		}
		errno = 0;
	}
	r = r == 0 ? -errno : r;
	closedir(stream);
	return r;
}

/* What is in a folder. */
struct folder {
	char manifest[AOF_NAME_MAX], data[AOF_NAME_MAX];
	unsigned manifests;
};

static int note_in_folder(void *arg, const char *name)
{
	struct folder *folder = arg;

	if (ends_with(name, ".manifest")) {
		folder->manifests++;
		snprintf(folder->manifest, AOF_NAME_MAX, "%s", name);
	} else if (ends_with(name, ".aof") || ends_with(name, ".rdb")) {
		snprintf(folder->data, AOF_NAME_MAX, "%s", name);
	}
	return 0;
}

static int look_into_usual_folder(struct look *look, const struct folder *folder, int r)
{
	if (r < 0) {
		snprintf(look->error, SHINY_ERROR_MAX, FOLDER ": %s", strerror(-r));
		return r;
	}
	if (folder->manifests > 1) {
		snprintf(look->error, SHINY_ERROR_MAX,
			 FOLDER " has %u manifests, %.64s among them: leave only the right one",
			 folder->manifests, folder->manifest);
		return -EEXIST;
	}
	if (folder->manifests == 0 && folder->data[0]) {
		snprintf(look->error, SHINY_ERROR_MAX,
			 FOLDER " has %.64s, but no manifest that says what is to be loaded",
			 folder->data);
		return -ENOENT;
	}
	memcpy(look->manifest, folder->manifest, AOF_NAME_MAX);
	return folder->manifests ? add(look, ITEM_FOLDER, FOLDER) : 0;
}

static int look_into(struct look *look, const char *name)
{
	struct folder folder = { 0 };
	int r = each_name(look->place->dir, name, note_in_folder, &folder);

	if (strcmp(name, FOLDER) == 0) {
		return look_into_usual_folder(look, &folder, r);
	}
	return folder.manifests ? add(look, ITEM_OTHER_FOLDER, name) : 0;
}

static int look_at_file(struct look *look, const char *name, off_t size)
{
	char problem[PROBLEM_MAX];
	int r;

	if (ends_with(name, ".manifest")) {
		return add(look, ITEM_MANIFEST, name);
	}
	if (strcmp(name, DUMP) == 0) {
		return add(look, ITEM_DUMP, name);
	}
	r = ends_with(name, ".rdb") ? 1 : is_rdb(look->place->dir, name);
	if (r > 0) {
		return add(look, ITEM_RDB, name);
	}
	if (ends_with(name, ".aof")) {
		return size > 0 ? add(look, ITEM_AOF, name) : 0;
	}
	if (r < 0) {
		snprintf(problem, sizeof(problem), "cannot be read: %s", strerror(-r));
		warn(look, name, problem);
	}
	return 0;
}

/* What stat(2) fails for: mostly a link to what is not there. */
static int look_at_missing(struct look *look, const char *name, int error)
{
	char problem[PROBLEM_MAX];
	struct stat st;

	if (fstatat(look->place->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
		return 0; /* removed since */
	}
	if (error == ENOENT || error == ENOTDIR || error == ELOOP) {
		snprintf(problem, sizeof(problem), "is a symbolic link to nothing");
	} else {
		snprintf(problem, sizeof(problem), "cannot be reached: %s", strerror(error));
	}
	if (type_of_name(look, name)) {
		return add_broken(look, name, problem);
	}
	if (ends_with(name, ".aof")) {
		return add(look, ITEM_AOF, name);
	}
	warn(look, name, problem);
	return 0;
}

/* Says whether it is what its name says; if not, it has been added. */
static int check_type(struct look *look, const char *name, mode_t mode, bool *ret_ok)
{
	mode_t type = type_of_name(look, name);

	*ret_ok = !type || (mode & S_IFMT) == type;
	if (*ret_ok) {
		return 0;
	}
	return add_broken(look, name, type == S_IFDIR ? "is no folder" : "is no regular file");
}

static int look_at(void *arg, const char *name)
{
	struct look *look = arg;
	struct stat st;
	bool ok;
	int r;

	if (is_ours(look, name)) {
		return 0;
	}
	if (is_imported(name)) {
		return strstr(name, ".manifest" IMPORTED) ? add(look, ITEM_IMPORTED, name) : 0;
	}
	if (fstatat(look->place->dir, name, &st, 0) < 0) {
		return look_at_missing(look, name, errno);
	}
	r = check_type(look, name, st.st_mode, &ok);
	if (!ok) {
		return r;
	}
	if (S_ISDIR(st.st_mode)) {
		return look_into(look, name);
	}
	return S_ISREG(st.st_mode) ? look_at_file(look, name, st.st_size) : 0;
}

static int look_at_ours(struct look *look)
{
	const struct aof_place *place = look->place;
	char import[AOF_NAME_MAX];
	struct stat st;
	bool ok;
	int r;

	look->has_import =
		fstatat(place->dir, aof_file_name(place, IMPORT_SUFFIX, import), &st, 0) == 0;
	if (fstatat(place->dir, place->name, &st, 0) < 0) {
		return look_at_missing(look, place->name, errno);
	}
	r = check_type(look, place->name, st.st_mode, &ok);
	if (!ok) {
		return r;
	}
	look->own = st.st_size > 0 ? OWN_DATA : OWN_EMPTY;
	return look->own == OWN_DATA && is_rdb(place->dir, place->name) > 0
		       ? add(look, ITEM_FILE, place->name)
		       : 0;
}

/* Files that a manifest names are not looked at one by one. */
static void forget_named(struct look *look, const struct manifest *manifest)
{
	for (size_t i = 0; i < look->count; i++) {
		struct item *item = &look->items[i];

		if ((item->kind == ITEM_RDB || item->kind == ITEM_AOF ||
		     item->kind == ITEM_BROKEN) &&
		    manifest_names(manifest, item->name)) {
			item->kind = ITEM_NAMED;
		}
	}
}

static void read_imported(struct look *look, const char *name)
{
	char why[MANIFEST_ERROR_MAX];
	struct manifest manifest;

	if (manifest_read(look->place->dir, name, why, &manifest) == 0) {
		forget_named(look, &manifest);
		manifest_finish(&manifest);
	}
}

static int read_manifest(struct look *look, const char *name)
{
	char why[MANIFEST_ERROR_MAX];
	struct manifest manifest;
	int r = manifest_read(look->place->dir, name, why, &manifest);

	if (r < 0) {
		snprintf(look->error, SHINY_ERROR_MAX, "%.64s: %s", name, why);
		return r;
	}
	if (manifest_names(&manifest, look->place->name)) {
		snprintf(look->error, SHINY_ERROR_MAX,
			 "%.64s is one of the files in %.64s: set another appendfilename",
			 look->place->name, name);
		r = -EEXIST;
	}
	forget_named(look, &manifest);
	manifest_finish(&manifest);
	return r;
}

static int read_manifests(struct look *look)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < look->count; i++) {
		if (look->items[i].kind == ITEM_MANIFEST) {
			r = read_manifest(look, look->items[i].name);
		} else if (look->items[i].kind == ITEM_IMPORTED) {
			read_imported(look, look->items[i].name);
		}
	}
	return r;
}

/* Fills @look; free(look->items) in any case. */
static int look_around(struct look *look)
{
	int r;

	look->error[0] = '\0';
	r = look_at_ours(look);
	if (r == 0) {
		r = each_name(look->place->dir, ".", look_at, look);
	}
	if (r == 0) {
		r = read_manifests(look);
	}
	if (r < 0 && !look->error[0]) {
		snprintf(look->error, SHINY_ERROR_MAX, "cannot look into dir: %s", strerror(-r));
	}
	return r;
}

/* What has a name of Redis's data may be in reach at the next start. */
static int refuse_broken(const struct look *look)
{
	const struct item *item = find(look, ITEM_BROKEN);

	if (!item) {
		return 0;
	}
	snprintf(look->error, SHINY_ERROR_MAX, "%.64s %s: set it right, or move it out of dir",
		 item->name, item->problem);
	return -EINVAL;
}

/* Two things of which one alone would be loaded. */
static int refuse_choice(const struct look *look, const char *one, const char *other)
{
	snprintf(look->error, SHINY_ERROR_MAX,
		 "%.64s and %.64s are both there: move the one that is not to be loaded out of dir",
		 one, other);
	return -EEXIST;
}

/* What is refused in any case, and what is while our file is not there yet. */
static int refuse_others(const struct look *look)
{
	static const struct {
		enum item_kind kind;
		bool always;
		const char *text;
	} refusals[] = {
		{ ITEM_RDB, true, "a dump of a Redis: call it dump.rdb to load it" },
		{ ITEM_AOF, false, "a file of a Redis: set appendfilename to load it" },
		{ ITEM_OTHER_FOLDER, false,
		  "a folder of a Redis's: call it appendonlydir to load it" },
	};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct item *item = find(look, refusals[i].kind);
		bool known = look->own != OWN_MISSING || look->has_import;
		char text[SHINY_ERROR_MAX];

		if (!item) {
			continue;
		}
		if (refusals[i].always || !known) {
			snprintf(look->error, SHINY_ERROR_MAX,
				 "%.64s looks like %s, or move it out of dir", item->name,
				 refusals[i].text);
			return -EEXIST;
		}
		snprintf(text, sizeof(text), "append-only file: %.64s beside it is not read",
			 item->name);
		look->host->log(look->host, SHINY_LOG_NOTICE, text);
	}
	return 0;
}

static int choose(const struct look *look, struct import_source *source)
{
	char import[AOF_NAME_MAX];

	aof_file_name(look->place, IMPORT_SUFFIX, import);
	for (size_t i = 0; i < look->count; i++) {
		const struct item *item = &look->items[i];

		if (item->kind >= SOURCES) {
			continue;
		}
		if (source->kind) {
			return refuse_choice(look, source->name, item->name);
		}
		source->kind = sources[item->kind];
		memcpy(source->name, item->name, AOF_NAME_MAX);
		memcpy(source->manifest, look->manifest, AOF_NAME_MAX);
	}
	if (source->kind && source->kind != IMPORT_FILE && look->own == OWN_DATA) {
		return refuse_choice(look, source->name, look->place->name);
	}
	if (!source->kind && look->has_import) {
		source->kind = IMPORT_REST;
		return look->own == OWN_DATA ? refuse_choice(look, import, look->place->name) : 0;
	}
	return 0;
}

int import_find(const struct aof_place *place, const struct shiny_host *host, char *error,
		struct import_source *ret_source)
{
	struct look look = { .place = place, .host = host, .error = error };
	struct import_source source = { 0 };
	int r = look_around(&look);

	if (r == 0) {
		r = refuse_broken(&look);
	}
	if (r == 0) {
		r = choose(&look, &source);
	}
	if (r == 0) {
		r = refuse_others(&look);
	}
	free(look.items);
	if (r == 0) {
		source.file_is_missing = look.own == OWN_MISSING;
		*ret_source = source;
	}
	return r;
}

int import_find_nothing(const struct aof_place *place, const struct shiny_host *host, char *error)
{
	struct look look = { .place = place, .host = host, .error = error };
	const char *name = NULL;
	int r = look_around(&look);

	if (r == 0) {
		r = refuse_broken(&look);
	}
	for (size_t i = 0; i < look.count && !name; i++) {
		name = look.items[i].kind < ITEM_OTHER_FOLDER ? look.items[i].name : NULL;
	}
	if (look.own == OWN_DATA) {
		name = place->name;
	}
	if (r == 0 && name) {
		snprintf(error, SHINY_ERROR_MAX,
			 "%.64s in dir is not loaded with appendonly = no: set that to yes, or "
			 "leave dir out",
			 name);
		r = -EEXIST;
	}
	free(look.items);
	return r;
}
