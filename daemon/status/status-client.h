/* SPDX-License-Identifier: MIT */
/*
 * shinyd --status and --reload: asking a shinyd that runs; see status-server.h for what is said.
 *
 * It may be stopped, hang, or be another program that never ends to talk: that ends by itself, too.
 */
#ifndef SHINYD_STATUS_CLIENT_H
#define SHINYD_STATUS_CLIENT_H

#include "util/exit-code.h"

/* status_client_print() - print what the shinyd at @path does */
enum exit_code status_client_print(const char *path);

/* status_client_reload() - have it read its configuration again; what came of it */
enum exit_code status_client_reload(const char *path);

#endif
