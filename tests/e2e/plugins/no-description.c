/* SPDX-License-Identifier: MIT */
/*
 * no-description: has a handle, but exports no shiny_plugin.
 */
#include "ordinary.h"
