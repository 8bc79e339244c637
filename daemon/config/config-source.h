/* SPDX-License-Identifier: MIT */
/*
 * One file of the configuration, read into sections and settings.
 *
 * Called by config-load.c only, for shinyd.ini itself and for each file that it includes.
 */
#ifndef SHINYD_CONFIG_SOURCE_H
#define SHINYD_CONFIG_SOURCE_H

#include "config/config.h"
#include "trust/trust.h"

/* A configuration that is being read. */
struct config_loader {
	struct config *config;
	struct problems *problems;
	struct source *source;		/* that is read */
	struct config_section *current; /* NULL before the first section and in one that is wrong */
	bool started;			/* some section of the source has begun */
	bool missed;			/* there may be sections that were not taken */
};

/* config_source_report() - add a problem at that line of the file that is read */
void config_source_report(struct config_loader *loader, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * config_source_read() - read the file @source, and report what is wrong with its lines
 *
 * @may_wait is whether it may be a pipe.
 *
 * Returns: 0, also if lines are wrong; or -errno if it cannot be read, with the reason in @error
 *          (TRUST_ERROR_MAX bytes).
 */
int config_source_read(struct config_loader *loader, struct source *source, bool may_wait,
		       char *error);

#endif
