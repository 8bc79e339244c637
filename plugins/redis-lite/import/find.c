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
#include "import/find.h"
#include "import/manifest.h"
#include "rdb/rdb.h"

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

struct search {
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
static bool is_ours(const struct search *search, const char *name)
{
	size_t len = strlen(search->place->name);

	if (strncmp(name, search->place->name, len) != 0) {
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
static mode_t type_of_name(const struct search *search, const char *name)
{
	if (strcmp(name, FOLDER) == 0) {
		return S_IFDIR;
	}
	return ends_with(name, ".rdb") || ends_with(name, ".manifest") ||
			       strcmp(name, search->place->name) == 0
		       ? S_IFREG
		       : 0;
}

static void warn(const struct search *search, const char *name, const char *problem)
{
	char text[SHINY_ERROR_MAX];

	snprintf(text, sizeof(text),
		 "append-only file: whether %.64s in dir is data of a Redis is not known: it %s",
		 name, problem);
	search->host->log(search->host, SHINY_LOG_WARNING, text);
}

static int no_memory(struct search *search)
{
	snprintf(search->error, SHINY_ERROR_MAX, "out of memory");
	return -ENOMEM;
}

static int add(struct search *search, enum item_kind kind, const char *name)
{
	struct item *items = realloc(search->items, (search->count + 1) * sizeof(*items));

	if (!items) {
		return no_memory(search);
	}
	items[search->count] = (struct item){ .kind = kind };
	snprintf(items[search->count].name, AOF_NAME_MAX, "%s", name);
	search->items = items;
	search->count++;
	return 0;
}

static int add_broken(struct search *search, const char *name, const char *problem)
{
	int r = add(search, ITEM_BROKEN, name);

	if (r == 0) {
		snprintf(search->items[search->count - 1].problem, PROBLEM_MAX, "%s", problem);
	}
	return r;
}

/* The first of a kind; or NULL. */
static const struct item *find(const struct search *search, enum item_kind kind)
{
	for (size_t i = 0; i < search->count; i++) {
		if (search->items[i].kind == kind) {
			return &search->items[i];
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

static int inspect_in_folder(void *arg, const char *name)
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

static int scan_usual_folder(struct search *search, const struct folder *folder, int r)
{
	if (r < 0) {
		snprintf(search->error, SHINY_ERROR_MAX, FOLDER ": %s", strerror(-r));
		return r;
	}
	if (folder->manifests > 1) {
		snprintf(search->error, SHINY_ERROR_MAX,
			 FOLDER " has %u manifests, %.64s among them: leave only the right one",
			 folder->manifests, folder->manifest);
		return -EEXIST;
	}
	if (folder->manifests == 0 && folder->data[0]) {
		snprintf(search->error, SHINY_ERROR_MAX,
			 FOLDER " has %.64s, but no manifest that says what is to be loaded",
			 folder->data);
		return -ENOENT;
	}
	memcpy(search->manifest, folder->manifest, AOF_NAME_MAX);
	return folder->manifests ? add(search, ITEM_FOLDER, FOLDER) : 0;
}

static int scan_folder(struct search *search, const char *name)
{
	struct folder folder = { 0 };
	int r = each_name(search->place->dir, name, inspect_in_folder, &folder);

	if (strcmp(name, FOLDER) == 0) {
		return scan_usual_folder(search, &folder, r);
	}
	return folder.manifests ? add(search, ITEM_OTHER_FOLDER, name) : 0;
}

static int inspect_file(struct search *search, const char *name, off_t size)
{
	char problem[PROBLEM_MAX];
	int r;

	if (ends_with(name, ".manifest")) {
		return add(search, ITEM_MANIFEST, name);
	}
	if (strcmp(name, DUMP) == 0) {
		return add(search, ITEM_DUMP, name);
	}
	r = ends_with(name, ".rdb") ? 1 : is_rdb(search->place->dir, name);
	if (r > 0) {
		return add(search, ITEM_RDB, name);
	}
	if (ends_with(name, ".aof")) {
		return size > 0 ? add(search, ITEM_AOF, name) : 0;
	}
	if (r < 0) {
		snprintf(problem, sizeof(problem), "cannot be read: %s", strerror(-r));
		warn(search, name, problem);
	}
	return 0;
}

/* What stat(2) fails for: mostly a link to what is not there. */
static int inspect_missing(struct search *search, const char *name, int error)
{
	char problem[PROBLEM_MAX];
	struct stat st;

	if (fstatat(search->place->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
		return 0; /* removed since */
	}
	if (error == ENOENT || error == ENOTDIR || error == ELOOP) {
		snprintf(problem, sizeof(problem), "is a symbolic link to nothing");
	} else {
		snprintf(problem, sizeof(problem), "cannot be reached: %s", strerror(error));
	}
	if (type_of_name(search, name)) {
		return add_broken(search, name, problem);
	}
	if (ends_with(name, ".aof")) {
		return add(search, ITEM_AOF, name);
	}
	warn(search, name, problem);
	return 0;
}

/* Says whether it is what its name says; if not, it has been added. */
static int check_type(struct search *search, const char *name, mode_t mode, bool *ret_ok)
{
	mode_t type = type_of_name(search, name);

	*ret_ok = !type || (mode & S_IFMT) == type;
	if (*ret_ok) {
		return 0;
	}
	return add_broken(search, name, type == S_IFDIR ? "is no folder" : "is no regular file");
}

static int inspect_entry(void *arg, const char *name)
{
	struct search *search = arg;
	struct stat st;
	bool ok;
	int r;

	if (is_ours(search, name)) {
		return 0;
	}
	if (is_imported(name)) {
		return strstr(name, ".manifest" IMPORTED) ? add(search, ITEM_IMPORTED, name) : 0;
	}
	if (fstatat(search->place->dir, name, &st, 0) < 0) {
		return inspect_missing(search, name, errno);
	}
	r = check_type(search, name, st.st_mode, &ok);
	if (!ok) {
		return r;
	}
	if (S_ISDIR(st.st_mode)) {
		return scan_folder(search, name);
	}
	return S_ISREG(st.st_mode) ? inspect_file(search, name, st.st_size) : 0;
}

static int inspect_ours(struct search *search)
{
	const struct aof_place *place = search->place;
	char import[AOF_NAME_MAX];
	struct stat st;
	bool ok;
	int r;

	search->has_import =
		fstatat(place->dir, aof_file_name(place, IMPORT_SUFFIX, import), &st, 0) == 0;
	if (fstatat(place->dir, place->name, &st, 0) < 0) {
		return inspect_missing(search, place->name, errno);
	}
	r = check_type(search, place->name, st.st_mode, &ok);
	if (!ok) {
		return r;
	}
	search->own = st.st_size > 0 ? OWN_DATA : OWN_EMPTY;
	return search->own == OWN_DATA && is_rdb(place->dir, place->name) > 0
		       ? add(search, ITEM_FILE, place->name)
		       : 0;
}

/* Files that a manifest names are not looked at one by one. */
static void remove_named_broken(struct search *search, const struct manifest *manifest)
{
	for (size_t i = 0; i < search->count; i++) {
		struct item *item = &search->items[i];

		if ((item->kind == ITEM_RDB || item->kind == ITEM_AOF ||
		     item->kind == ITEM_BROKEN) &&
		    manifest_names(manifest, item->name)) {
			item->kind = ITEM_NAMED;
		}
	}
}

static void read_imported(struct search *search, const char *name)
{
	char why[MANIFEST_ERROR_MAX];
	struct manifest manifest;

	if (manifest_read(search->place->dir, name, why, &manifest) == 0) {
		remove_named_broken(search, &manifest);
		manifest_finish(&manifest);
	}
}

static int read_manifest(struct search *search, const char *name)
{
	char why[MANIFEST_ERROR_MAX];
	struct manifest manifest;
	int r = manifest_read(search->place->dir, name, why, &manifest);

	if (r < 0) {
		snprintf(search->error, SHINY_ERROR_MAX, "%.64s: %s", name, why);
		return r;
	}
	if (manifest_names(&manifest, search->place->name)) {
		snprintf(search->error, SHINY_ERROR_MAX,
			 "%.64s is one of the files in %.64s: set another appendfilename",
			 search->place->name, name);
		r = -EEXIST;
	}
	remove_named_broken(search, &manifest);
	manifest_finish(&manifest);
	return r;
}

static int read_manifests(struct search *search)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < search->count; i++) {
		if (search->items[i].kind == ITEM_MANIFEST) {
			r = read_manifest(search, search->items[i].name);
		} else if (search->items[i].kind == ITEM_IMPORTED) {
			read_imported(search, search->items[i].name);
		}
	}
	return r;
}

/* Fills @search; free(search->items) in any case. */
static int scan_place(struct search *search)
{
	int r;

	search->error[0] = '\0';
	r = inspect_ours(search);
	if (r == 0) {
		r = each_name(search->place->dir, ".", inspect_entry, search);
	}
	if (r == 0) {
		r = read_manifests(search);
	}
	if (r < 0 && !search->error[0]) {
		snprintf(search->error, SHINY_ERROR_MAX, "cannot look into dir: %s", strerror(-r));
	}
	return r;
}

/* What has a name of Redis's data may be in reach at the next start. */
static int refuse_broken(const struct search *search)
{
	const struct item *item = find(search, ITEM_BROKEN);

	if (!item) {
		return 0;
	}
	snprintf(search->error, SHINY_ERROR_MAX, "%.64s %s: set it right, or move it out of dir",
		 item->name, item->problem);
	return -EINVAL;
}

/* Two things of which one alone would be loaded. */
static int refuse_choice(const struct search *search, const char *one, const char *other)
{
	snprintf(search->error, SHINY_ERROR_MAX,
		 "%.64s and %.64s are both there: move the one that is not to be loaded out of dir",
		 one, other);
	return -EEXIST;
}

/* What is refused in any case, and what is while our file is not there yet. */
static int refuse_others(const struct search *search)
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
		const struct item *item = find(search, refusals[i].kind);
		bool known = search->own != OWN_MISSING || search->has_import;
		char text[SHINY_ERROR_MAX];

		if (!item) {
			continue;
		}
		if (refusals[i].always || !known) {
			snprintf(search->error, SHINY_ERROR_MAX,
				 "%.64s looks like %s, or move it out of dir", item->name,
				 refusals[i].text);
			return -EEXIST;
		}
		snprintf(text, sizeof(text), "append-only file: %.64s beside it is not read",
			 item->name);
		search->host->log(search->host, SHINY_LOG_NOTICE, text);
	}
	return 0;
}

static int choose_source(const struct search *search, struct import_source *source)
{
	char import[AOF_NAME_MAX];

	aof_file_name(search->place, IMPORT_SUFFIX, import);
	for (size_t i = 0; i < search->count; i++) {
		const struct item *item = &search->items[i];

		if (item->kind >= SOURCES) {
			continue;
		}
		if (source->kind) {
			return refuse_choice(search, source->name, item->name);
		}
		source->kind = sources[item->kind];
		memcpy(source->name, item->name, AOF_NAME_MAX);
		memcpy(source->manifest, search->manifest, AOF_NAME_MAX);
	}
	if (source->kind && source->kind != IMPORT_FILE && search->own == OWN_DATA) {
		return refuse_choice(search, source->name, search->place->name);
	}
	if (!source->kind && search->has_import) {
		source->kind = IMPORT_REST;
		return search->own == OWN_DATA ? refuse_choice(search, import, search->place->name)
					       : 0;
	}
	return 0;
}

int import_find(const struct aof_place *place, const struct shiny_host *host, char *error,
		struct import_source *ret_source)
{
	struct search search = { .place = place, .host = host, .error = error };
	struct import_source source = { 0 };
	int r = scan_place(&search);

	if (r == 0) {
		r = refuse_broken(&search);
	}
	if (r == 0) {
		r = choose_source(&search, &source);
	}
	if (r == 0) {
		r = refuse_others(&search);
	}
	free(search.items);
	if (r == 0) {
		source.file_is_missing = search.own == OWN_MISSING;
		*ret_source = source;
	}
	return r;
}

int import_find_nothing(const struct aof_place *place, const struct shiny_host *host, char *error)
{
	struct search search = { .place = place, .host = host, .error = error };
	const char *name = NULL;
	int r = scan_place(&search);

	if (r == 0) {
		r = refuse_broken(&search);
	}
	for (size_t i = 0; i < search.count && !name; i++) {
		name = search.items[i].kind < ITEM_OTHER_FOLDER ? search.items[i].name : NULL;
	}
	if (search.own == OWN_DATA) {
		name = place->name;
	}
	if (r == 0 && name) {
		snprintf(error, SHINY_ERROR_MAX,
			 "%.64s in dir is not loaded with appendonly = no: set that to yes, or "
			 "leave dir out",
			 name);
		r = -EEXIST;
	}
	free(search.items);
	return r;
}
