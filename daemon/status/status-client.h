/* SPDX-License-Identifier: MIT */
/*
 * --status and --reload: a request to a shinyd that runs; see status-server.h for what is said.
 *
 * The other end may be stopped, may hang, or may be another program that never stops sending: each
 * of these has a limit. Called by actions.c.
 */
#ifndef SHINYD_STATUS_CLIENT_H
#define SHINYD_STATUS_CLIENT_H

#include "util/exit-code.h"

/* status_client_print() - print what the shinyd at @path does */
enum exit_code status_client_print(const char *path);

/* status_client_reload() - have it read its configuration again; what came of it */
enum exit_code status_client_reload(const char *path);

#endif
