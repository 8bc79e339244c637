/* SPDX-License-Identifier: MIT */
/*
 * A look at everything in the folder: its name, its type, and whether it begins like a dump.
 *
 * What has a name of Redis's data and is something else, such as a link into a volume that is not
 * mounted, is an item, too. Files that a manifest names are the manifest's, and no items of their own.
 */
#include "import/scan.h"
#include "import/manifest.h"
#include "import/names.h"
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

static void warn(const struct import_scan *scan, const char *name, const char *problem)
{
	char text[SHINY_ERROR_MAX];

	snprintf(text, sizeof(text),
		 "append-only file: whether %.64s in dir is data of a Redis is not known: it %s",
		 name, problem);
	scan->host->log(scan->host, SHINY_LOG_WARNING, text);
}

static int no_memory(struct import_scan *scan)
{
	snprintf(scan->error, SHINY_ERROR_MAX, "out of memory");
	return -ENOMEM;
}

static int add(struct import_scan *scan, enum import_item_kind kind, const char *name)
{
	struct import_item *items = realloc(scan->items, (scan->count + 1) * sizeof(*items));

	if (!items) {
		return no_memory(scan);
	}
	items[scan->count] = (struct import_item){ .kind = kind };
	snprintf(items[scan->count].name, AOF_NAME_MAX, "%s", name);
	scan->items = items;
	scan->count++;
	return 0;
}

static int add_broken(struct import_scan *scan, const char *name, const char *problem)
{
	int r = add(scan, ITEM_BROKEN, name);

	if (r == 0) {
		snprintf(scan->items[scan->count - 1].problem, IMPORT_PROBLEM_MAX, "%s", problem);
	}
	return r;
}

const struct import_item *import_scan_first(const struct import_scan *scan,
					    enum import_item_kind kind)
{
	for (size_t i = 0; i < scan->count; i++) {
		if (scan->items[i].kind == kind) {
			return &scan->items[i];
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

	if (import_name_ends_with(name, ".manifest")) {
		folder->manifests++;
		snprintf(folder->manifest, AOF_NAME_MAX, "%s", name);
	} else if (import_name_ends_with(name, ".aof") || import_name_ends_with(name, ".rdb")) {
		snprintf(folder->data, AOF_NAME_MAX, "%s", name);
	}
	return 0;
}

static int inspect_usual_folder(struct import_scan *scan, const struct folder *folder, int r)
{
	if (r < 0) {
		snprintf(scan->error, SHINY_ERROR_MAX, IMPORT_FOLDER_NAME ": %s", strerror(-r));
		return r;
	}
	if (folder->manifests > 1) {
		snprintf(scan->error, SHINY_ERROR_MAX,
			 IMPORT_FOLDER_NAME
			 " has %u manifests, %.64s among them: leave only the right one",
			 folder->manifests, folder->manifest);
		return -EEXIST;
	}
	if (folder->manifests == 0 && folder->data[0]) {
		snprintf(scan->error, SHINY_ERROR_MAX,
			 IMPORT_FOLDER_NAME
			 " has %.64s, but no manifest that says what is to be loaded",
			 folder->data);
		return -ENOENT;
	}
	memcpy(scan->manifest, folder->manifest, AOF_NAME_MAX);
	return folder->manifests ? add(scan, ITEM_FOLDER, IMPORT_FOLDER_NAME) : 0;
}

static int inspect_folder(struct import_scan *scan, const char *name)
{
	struct folder folder = { 0 };
	int r = each_name(scan->place->dir, name, inspect_in_folder, &folder);

	if (strcmp(name, IMPORT_FOLDER_NAME) == 0) {
		return inspect_usual_folder(scan, &folder, r);
	}
	return folder.manifests ? add(scan, ITEM_OTHER_FOLDER, name) : 0;
}

static int inspect_file(struct import_scan *scan, const char *name, off_t size)
{
	char problem[IMPORT_PROBLEM_MAX];
	int r;

	if (import_name_ends_with(name, ".manifest")) {
		return add(scan, ITEM_MANIFEST, name);
	}
	if (strcmp(name, IMPORT_DUMP_NAME) == 0) {
		return add(scan, ITEM_DUMP, name);
	}
	r = import_name_ends_with(name, ".rdb") ? 1 : is_rdb(scan->place->dir, name);
	if (r > 0) {
		return add(scan, ITEM_RDB, name);
	}
	if (import_name_ends_with(name, ".aof")) {
		return size > 0 ? add(scan, ITEM_AOF, name) : 0;
	}
	if (r < 0) {
		snprintf(problem, sizeof(problem), "cannot be read: %s", strerror(-r));
		warn(scan, name, problem);
	}
	return 0;
}

/* What stat(2) fails for: mostly a link to what is not there. */
static int inspect_missing(struct import_scan *scan, const char *name, int error)
{
	char problem[IMPORT_PROBLEM_MAX];
	struct stat st;

	if (fstatat(scan->place->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT) {
		return 0; /* removed since */
	}
	if (error == ENOENT || error == ENOTDIR || error == ELOOP) {
		snprintf(problem, sizeof(problem), "is a symbolic link to nothing");
	} else {
		snprintf(problem, sizeof(problem), "cannot be reached: %s", strerror(error));
	}
	if (import_name_type(scan->place, name)) {
		return add_broken(scan, name, problem);
	}
	if (import_name_ends_with(name, ".aof")) {
		return add(scan, ITEM_AOF, name);
	}
	warn(scan, name, problem);
	return 0;
}

/* Says whether it is what its name says; if not, it has been added. */
static int check_type(struct import_scan *scan, const char *name, mode_t mode, bool *ret_ok)
{
	mode_t type = import_name_type(scan->place, name);

	*ret_ok = !type || (mode & S_IFMT) == type;
	if (*ret_ok) {
		return 0;
	}
	return add_broken(scan, name, type == S_IFDIR ? "is no folder" : "is no regular file");
}

static int inspect_entry(void *arg, const char *name)
{
	struct import_scan *scan = arg;
	struct stat st;
	bool ok;
	int r;

	if (import_name_is_ours(scan->place, name)) {
		return 0;
	}
	if (import_name_is_imported(name)) {
		return strstr(name, ".manifest" IMPORTED) ? add(scan, ITEM_IMPORTED, name) : 0;
	}
	if (fstatat(scan->place->dir, name, &st, 0) < 0) {
		return inspect_missing(scan, name, errno);
	}
	r = check_type(scan, name, st.st_mode, &ok);
	if (!ok) {
		return r;
	}
	if (S_ISDIR(st.st_mode)) {
		return inspect_folder(scan, name);
	}
	return S_ISREG(st.st_mode) ? inspect_file(scan, name, st.st_size) : 0;
}

static int inspect_ours(struct import_scan *scan)
{
	const struct aof_place *place = scan->place;
	char import[AOF_NAME_MAX];
	struct stat st;
	bool ok;
	int r;

	scan->has_import =
		fstatat(place->dir, aof_file_name(place, IMPORT_SUFFIX, import), &st, 0) == 0;
	if (fstatat(place->dir, place->name, &st, 0) < 0) {
		return inspect_missing(scan, place->name, errno);
	}
	r = check_type(scan, place->name, st.st_mode, &ok);
	if (!ok) {
		return r;
	}
	scan->own = st.st_size > 0 ? IMPORT_OWN_DATA : IMPORT_OWN_EMPTY;
	return scan->own == IMPORT_OWN_DATA && is_rdb(place->dir, place->name) > 0
		       ? add(scan, ITEM_FILE, place->name)
		       : 0;
}

/* Files that a manifest names are not looked at one by one. */
static void remove_named_broken(struct import_scan *scan, const struct manifest *manifest)
{
	for (size_t i = 0; i < scan->count; i++) {
		struct import_item *item = &scan->items[i];

		if ((item->kind == ITEM_RDB || item->kind == ITEM_AOF ||
		     item->kind == ITEM_BROKEN) &&
		    manifest_names(manifest, item->name)) {
			item->kind = ITEM_NAMED;
		}
	}
}

static void read_imported(struct import_scan *scan, const char *name)
{
	char why[MANIFEST_ERROR_MAX];
	struct manifest manifest;

	if (manifest_read(scan->place->dir, name, why, &manifest) == 0) {
		remove_named_broken(scan, &manifest);
		manifest_finish(&manifest);
	}
}

static int read_manifest(struct import_scan *scan, const char *name)
{
	char why[MANIFEST_ERROR_MAX];
	struct manifest manifest;
	int r = manifest_read(scan->place->dir, name, why, &manifest);

	if (r < 0) {
		snprintf(scan->error, SHINY_ERROR_MAX, "%.64s: %s", name, why);
		return r;
	}
	if (manifest_names(&manifest, scan->place->name)) {
		snprintf(scan->error, SHINY_ERROR_MAX,
			 "%.64s is one of the files in %.64s: set another appendfilename",
			 scan->place->name, name);
		r = -EEXIST;
	}
	remove_named_broken(scan, &manifest);
	manifest_finish(&manifest);
	return r;
}

static int read_manifests(struct import_scan *scan)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < scan->count; i++) {
		if (scan->items[i].kind == ITEM_MANIFEST) {
			r = read_manifest(scan, scan->items[i].name);
		} else if (scan->items[i].kind == ITEM_IMPORTED) {
			read_imported(scan, scan->items[i].name);
		}
	}
	return r;
}

int import_scan(struct import_scan *scan)
{
	int r;

	scan->error[0] = '\0';
	r = inspect_ours(scan);
	if (r == 0) {
		r = each_name(scan->place->dir, ".", inspect_entry, scan);
	}
	if (r == 0) {
		r = read_manifests(scan);
	}
	if (r < 0 && !scan->error[0]) {
		snprintf(scan->error, SHINY_ERROR_MAX, "cannot look into dir: %s", strerror(-r));
	}
	return r;
}
