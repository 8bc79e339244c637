/* SPDX-License-Identifier: MIT */
/*
 * The listening sockets of one section: bound, inherited from the service manager, or kept.
 *
 * The supervisor holds them for as long as the section exists, whatever happens to its workers, so
 * that a crash closes none of them. Two sections may hold one socket while one of them replaces the
 * other. When the last one releases it nobody listens there any more, even where a worker that
 * drains still has it open.
 */
#ifndef SHINYD_SOCKETS_H
#define SHINYD_SOCKETS_H

#include "config/config.h"
#include "listen/socket-file.h"
#include "service/service-manager.h"

struct socket {
	int fd; /* -1 once it was handed on */
	char *address;
	struct socket_file file;
	unsigned holders;
	bool inherited; /* others may listen there after us */
};

struct sockets {
	struct socket **all;
	size_t count;
};

/*
 * sockets_bind() - the sockets of a section: held ones are kept, others are bound or inherited
 *
 * @held lists the sockets of sections, ending with NULL. The first entry is what the section itself
 * had before; from the others no port is taken that the kernel chose. A held socket is kept as it
 * is, without a moment in which nobody listens. An address that fails is added to @problems and
 * left out. Unix sockets get the group of @privileges.
 *
 * Owner:   *@ret_sockets is the caller's, for sockets_finish().
 */
void sockets_bind(const struct config_section *server, const struct privileges *privileges,
		  const struct inherited *inherited, const struct sockets *const held[],
		  struct problems *problems, struct sockets *ret_sockets);

/* sockets_configure() - set the options of @server on sockets that were kept */
void sockets_configure(const struct sockets *sockets, const struct config_section *server);

/* sockets_have() - whether that address is among them */
bool sockets_have(const struct sockets *sockets, const char *address);

/* sockets_finish() - release them; those without a holder are closed, and their files removed */
void sockets_finish(struct sockets *sockets);

/*
 * sockets_shed() - accept and close waiting connections, so that clients see at once that nobody
 * serves
 *
 * Returns: 0; -EMFILE and the like, if it must be tried again later. *@ret_shed is how many
 *          clients there were in either case.
 */
int sockets_shed(const struct sockets *sockets, unsigned *ret_shed);

#endif
