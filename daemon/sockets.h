/* SPDX-License-Identifier: MIT */
/*
 * The listening sockets of one section. The supervisor holds them for as long as the section
 * exists, whatever becomes of its workers.
 */
#ifndef SHINYD_SOCKETS_H
#define SHINYD_SOCKETS_H

#include "config.h"
#include "service-manager.h"

struct socket {
	int fd; /* -1 once it was handed on */
	char *address;
	bool owns_file; /* the file of a unix socket goes when this does */
};

struct sockets {
	struct socket *all;
	size_t count;
};

/*
 * sockets_bind() - a section's addresses: what is held is kept, the rest bound or inherited
 *
 * @held is what sections hold already, ending with NULL; the first one is the section's own from
 * before, and from others ports that the kernel chose are not taken. What is held is kept without
 * a moment in which nobody listens. Those that fail are reported, and left out. Unix sockets get the
 * group of @privileges.
 *
 * Owner:   *@ret_sockets is the caller's, for sockets_finish(). Files of kept ones stay their
 *          owners' until sockets_adopt_files().
 */
void sockets_bind(const struct config_section *server, const struct privileges *privileges,
		  const struct inherited *inherited, const struct sockets *const held[],
		  struct problems *problems, struct sockets *ret_sockets);

/* sockets_adopt_files() - make @to the owner of the files of what it has in common with @from */
void sockets_adopt_files(struct sockets *to, struct sockets *from);

/* sockets_finish() - close them and remove the files that they own */
void sockets_finish(struct sockets *sockets);

/* sockets_shed() - accept and close what waits, so that clients see at once that nobody serves */
void sockets_shed(const struct sockets *sockets);

#endif
