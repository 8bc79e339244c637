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
	int fd;		  /* -1 once it was handed on */
	const char *path; /* of its file; NULL if it has none */
};

struct sockets {
	struct socket *all;
	size_t count;
};

/*
 * sockets_bind() - bind every address of a section, or take it from those that were inherited
 *
 * Those that fail are reported, and left out.
 *
 * Owner:   *@ret_sockets is the caller's, for sockets_finish(). @server must live as long.
 */
void sockets_bind(const struct config_section *server, const struct inherited *inherited,
		  struct problems *problems, struct sockets *ret_sockets);

/* sockets_finish() - close them and remove the files of unix sockets */
void sockets_finish(struct sockets *sockets);

/* sockets_shed() - accept and close what waits, so that clients see at once that nobody serves */
void sockets_shed(const struct sockets *sockets);

#endif
