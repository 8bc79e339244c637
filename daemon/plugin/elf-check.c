/* SPDX-License-Identifier: MIT */
/*
 * Whether a file can be a plugin at all: its ELF header against ours, its size against its header.
 */
#include "plugin/elf-check.h"

#include <shiny-plugin.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The header of this very program, which the linker maps, tells what machine this is. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

struct image {
	int fd;
	uint64_t size;
	ElfW(Ehdr) head;
};

static int refuse(char *error, const char *text)
{
	snprintf(error, SHINY_ERROR_MAX, "%s", text);
	return -ENOEXEC;
}

/* Returns false also if the file ends before. */
static bool read_at(const struct image *image, void *buf, size_t len, uint64_t offset)
{
	return pread(image->fd, buf, len, (off_t)offset) == (ssize_t)len;
}

static bool lies_within(const struct image *image, uint64_t offset, uint64_t len)
{
	return offset <= image->size && len <= image->size - offset;
}

static int check_file(struct image *image, char *error)
{
	struct stat st;

	if (fstat(image->fd, &st) < 0) {
		return refuse(error, strerror(errno));
	}
	if (!S_ISREG(st.st_mode)) {
		return refuse(error, "is no regular file");
	}
	if (st.st_size == 0) {
		return refuse(error, "is empty");
	}
	image->size = (uint64_t)st.st_size;
	return 0;
}

static int check_head(struct image *image, char *error)
{
	ElfW(Ehdr) *head = &image->head;
	size_t len = image->size < sizeof(*head) ? image->size : sizeof(*head);

	if (!read_at(image, head, len, 0)) {
		return refuse(error, "cannot be read");
	}
	if (len < SELFMAG || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0) {
		return refuse(error, "is no shared object: it does not begin as an ELF file does");
	}
	if (len < sizeof(*head)) {
		return refuse(error, "is truncated");
	}
	if (head->e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
	    head->e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] ||
	    head->e_machine != __ehdr_start.e_machine) {
		return refuse(error, "was built for another kind of machine");
	}
	if (head->e_type != ET_DYN) {
		return refuse(error, "is no shared object: build it with -shared");
	}
	return 0;
}

/* Linkers write section headers last: if they are missing the file was cut off. */
static int check_whole(const struct image *image, char *error)
{
	const ElfW(Ehdr) *head = &image->head;

	if (!lies_within(image, head->e_shoff, (uint64_t)head->e_shnum * head->e_shentsize)) {
		return refuse(error, "is truncated");
	}
	for (unsigned i = 0; i < head->e_phnum; i++) {
		ElfW(Phdr) segment;

		if (!read_at(image, &segment, sizeof(segment),
			     head->e_phoff + (uint64_t)i * head->e_phentsize) ||
		    !lies_within(image, segment.p_offset, segment.p_filesz)) {
			return refuse(error, "is truncated");
		}
	}
	return 0;
}

int elf_check(const char *path, char *error)
{
	struct image image = { 0 };
	int r;

	/* O_NONBLOCK: a pipe without a writer must not hold us up. */
	image.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (image.fd < 0) {
		r = -errno;
		snprintf(error, SHINY_ERROR_MAX, "cannot be opened: %s", strerror(errno));
		return r;
	}
	r = check_file(&image, error);
	if (r == 0) {
		r = check_head(&image, error);
	}
	if (r == 0) {
		r = check_whole(&image, error);
	}
	close(image.fd);
	return r;
}
