/* SPDX-License-Identifier: MIT */
/*
 * The RPATH and RUNPATH of a plugin, read from its dynamic section, and each of their folders
 * checked.
 */
#include "plugin/rpath.h"

#include "plugin/elf-check.h"
#include "trust/trust.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <link.h>
#include <shiny-plugin.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file as it is on the disk. */
struct image {
	const char *path;
	const unsigned char *data;
	uint64_t size;
	uint64_t strings; /* offset of what DT_STRTAB points to */
};

/* Returns false if the file ends before. */
static bool read_at(const struct image *image, uint64_t offset, void *ret, uint64_t len)
{
	if (offset > image->size || len > image->size - offset) {
		return false;
	}
	memcpy(ret, image->data + offset, len);
	return true;
}

/* Returns NULL if there is none, or if it has no end. */
static const char *string_at(const struct image *image, uint64_t offset)
{
	if (offset >= image->size || offset + image->strings < offset ||
	    offset + image->strings >= image->size) {
		return NULL;
	}
	offset += image->strings;
	return memchr(image->data + offset, '\0', image->size - offset) != NULL
		       ? (const char *)image->data + offset
		       : NULL;
}

/* Whether there is a segment of that type that has @address, or any address if that is 0. */
static bool find_segment(const struct image *image, unsigned type, uint64_t address,
			 ElfW(Phdr) * ret)
{
	ElfW(Ehdr) head;

	if (!read_at(image, 0, &head, sizeof(head))) {
		return false;
	}
	for (unsigned i = 0; i < head.e_phnum; i++) {
		uint64_t offset = head.e_phoff + (uint64_t)i * head.e_phentsize;

		if (read_at(image, offset, ret, sizeof(*ret)) && ret->p_type == type &&
		    (address == 0 ||
		     (address >= ret->p_vaddr && address - ret->p_vaddr < ret->p_filesz))) {
			return true;
		}
	}
	return false;
}

/*
 * Expands "$ORIGIN/../lib" as the dynamic linker does; for g_free(). Other tokens only the linker
 * can expand: then the folder in front of the token is what is checked.
 */
static char *expand(const struct image *image, const char *folder)
{
	char *absolute = g_canonicalize_filename(image->path, NULL);
	char *origin = g_path_get_dirname(absolute);
	GString *text = g_string_new(folder);
	char *token;

	g_string_replace(text, "${ORIGIN}", origin, 0);
	g_string_replace(text, "$ORIGIN", origin, 0);
	token = strchr(text->str, '$');
	if (token != NULL) {
		g_string_truncate(text, (gsize)(token - text->str));
	}
	g_free(origin);
	g_free(absolute);
	return g_string_free(text, FALSE);
}

static int check_folder(const struct image *image, const char *folder, char *error)
{
	char reason[TRUST_ERROR_MAX];
	char *path = expand(image, folder);
	/* As for the dynamic linker, what is not absolute starts where we are. */
	int r = trust_check_new(*path != '\0' ? path : ".", reason);

	if (r < 0) {
		snprintf(error, TRUST_ERROR_MAX, "its RPATH: %.4000s, or link it without", reason);
	}
	g_free(path);
	return r;
}

static int check_list(const struct image *image, const char *list, char *error)
{
	char **folders = g_strsplit(list, ":", -1);
	int r = 0;

	for (size_t i = 0; r == 0 && folders[i] != NULL; i++) {
		r = check_folder(image, folders[i], error);
	}
	g_strfreev(folders);
	return r;
}

/* A name with a slash is a path, and not searched. */
static int check_needed(const struct image *image, const char *name, char *error)
{
	char *folder = strchr(name, '/') != NULL ? g_path_get_dirname(name) : NULL;
	int r = folder != NULL ? check_folder(image, folder, error) : 0;

	g_free(folder);
	return r;
}

static int check_entry(const struct image *image, const ElfW(Dyn) * entry, char *error)
{
	const char *text = string_at(image, entry->d_un.d_val);

	if (text == NULL) {
		return 0;
	}
	switch (entry->d_tag) {
	case DT_RPATH:
	case DT_RUNPATH:
		return check_list(image, text, error);
	case DT_NEEDED:
		return check_needed(image, text, error);
	default:
		return 0;
	}
}

/* Finds the next entry of that tag from @i on; returns whether there is one. */
static bool next_entry(const struct image *image, const ElfW(Phdr) * dynamic, uint64_t *i,
		       ElfW(Dyn) * ret)
{
	uint64_t count = dynamic->p_filesz / sizeof(*ret);

	return *i < count &&
	       read_at(image, dynamic->p_offset + (*i)++ * sizeof(*ret), ret, sizeof(*ret)) &&
	       ret->d_tag != DT_NULL;
}

static bool find_strings(struct image *image, const ElfW(Phdr) * dynamic)
{
	ElfW(Phdr) load;
	ElfW(Dyn) entry;

	for (uint64_t i = 0; next_entry(image, dynamic, &i, &entry);) {
		if (entry.d_tag == DT_STRTAB && entry.d_un.d_ptr != 0 &&
		    find_segment(image, PT_LOAD, entry.d_un.d_ptr, &load)) {
			image->strings = entry.d_un.d_ptr - load.p_vaddr + load.p_offset;
			return true;
		}
	}
	return false;
}

static int check_image(struct image *image, char *error)
{
	ElfW(Phdr) dynamic;
	ElfW(Dyn) entry;
	int r = 0;

	if (!find_segment(image, PT_DYNAMIC, 0, &dynamic) || !find_strings(image, &dynamic)) {
		return 0; /* as whoever loads it will say */
	}
	for (uint64_t i = 0; r == 0 && next_entry(image, &dynamic, &i, &entry);) {
		r = check_entry(image, &entry, error);
	}
	return r;
}

int rpath_check(const char *path, char *error)
{
	char wrong[SHINY_ERROR_MAX];
	int fd = elf_check(path, wrong) == 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	struct image image = { .path = path };
	void *data = MAP_FAILED;
	struct stat st;
	int r = 0;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		image.size = (uint64_t)st.st_size;
		data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (data != MAP_FAILED) {
		image.data = data;
		r = check_image(&image, error);
		munmap(data, (size_t)st.st_size);
	}
	if (fd >= 0) {
		close(fd);
	}
	return r;
}
