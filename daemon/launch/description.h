/* SPDX-License-Identifier: MIT */
/*
 * What a process that runs a plugin is told: a description of its own section, and of nothing else.
 *
 * shinyd is executed anew for it, and finds this at a descriptor: a version, and a GVariant that is
 * checked for its form and its type before anything is read. Nobody can change it, as it is sealed.
 */
#ifndef SHINYD_DESCRIPTION_H
#define SHINYD_DESCRIPTION_H

#include "config/config.h"

#include <glib.h>

/* To be raised with every change of what is written. */
#define DESCRIPTION_VERSION 1

enum description_kind {
	DESCRIPTION_WORKER,   /* serve the section */
	DESCRIPTION_PROBE,    /* check it */
	DESCRIPTION_SUMMARY,  /* print a line of what a plugin is */
	DESCRIPTION_DESCRIBE, /* print all of it */
	DESCRIPTION_KIND_MAX
};

struct description {
	enum description_kind kind;
	pid_t supervisor; /* who must be its parent still */
	bool started_by_root;
	struct privileges privileges; /* that it is to have */
	unsigned listeners;	      /* descriptors that it gets */
	unsigned siblings; /* workers of the section that share what it serves; 0: it is alone */
	unsigned index;	   /* its place among them */
	const char *name;  /* by which the plugin is listed; "" where it is not */
	const char *path;  /* of the plugin's file, */
	struct file_identity identity;	/* which must be that one */
	struct config_section *section; /* NULL: of none */
	GVariant *variant;		/* that texts stand in; NULL: elsewhere */
};

/* description_encode() - for g_bytes_unref() */
GBytes *description_encode(const struct description *description);

/*
 * description_decode() - the same again, with a section made from it
 *
 * Owner:   *@ret is the caller's, for description_finish(); it refers to @bytes.
 * Returns: 0; -EINVAL with the reason in @error (SHINY_ERROR_MAX bytes), which is one line.
 */
int description_decode(GBytes *bytes, struct description *ret, char *error);

void description_finish(struct description *description);

/*
 * description_write() - have it in memory that nobody can change
 *
 * Returns: its descriptor, which is the caller's, or -errno.
 */
int description_write(const struct description *description);

/* description_read() - what stands at @fd, which stays the caller's; returns as description_decode() */
int description_read(int fd, struct description *ret, char *error);

#endif
