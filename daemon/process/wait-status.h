/* SPDX-License-Identifier: MIT */
/*
 * What waitpid(2) reports, in words.
 */
#ifndef SHINYD_WAIT_STATUS_H
#define SHINYD_WAIT_STATUS_H

#include <stddef.h>

/* wait_status_describe() - "was killed by SIGSEGV (Segmentation fault)", "exited with status 1" */
void wait_status_describe(int status, char *buf, size_t size);

#endif
