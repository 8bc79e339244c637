/* SPDX-License-Identifier: MIT */
/*
 * Values that stand in files of their own: "password = @/run/credentials/shinyd.service/password".
 *
 * So a secret can be kept from those who may read shinyd.ini, can be handed over by whoever starts
 * shinyd, and can be read by root before workers give up its rights.
 *
 * Called by config-load.c.
 */
#ifndef SHINYD_VALUE_FILE_H
#define SHINYD_VALUE_FILE_H

#include "config/settings.h"

/* value_file_named() - the path in "@/path", or NULL */
const char *value_file_named(const char *text);

/*
 * value_files_read() - put what the files hold in the place of their names
 *
 * @location is the section's own line.
 */
void value_files_read(struct settings *settings, const struct source_location *location,
		      struct problems *problems);

#endif
