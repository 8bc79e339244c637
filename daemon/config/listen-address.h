/* SPDX-License-Identifier: MIT */
/*
 * What may stand behind "listen =", and what is wrong with what does not.
 */
#ifndef SHINYD_LISTEN_ADDRESS_H
#define SHINYD_LISTEN_ADDRESS_H

#include <stdbool.h>

/*
 * listen_address_check() - look at the text of an address
 *
 * Returns: 0; -errno with the reason in @error (SHINY_ERROR_MAX bytes).
 */
int listen_address_check(const char *address, char *error);

/* listen_address_explain() - what -errno of shiny_bind() means to who wrote the address */
const char *listen_address_explain(int error);

/* listen_address_same() - whether both name one place, however it is written */
bool listen_address_same(const char *left, const char *right);

/* listen_address_conflicts() - whether listening at one keeps from listening at the other */
bool listen_address_conflicts(const char *left, const char *right);

/* listen_address_has_dynamic_port() - whether the kernel chooses the port, another one each time */
bool listen_address_has_dynamic_port(const char *address);

/* listen_address_inherited() - NAME of systemd://NAME; NULL for any other address */
const char *listen_address_inherited(const char *address);

/* listen_address_path() - the file of a unix socket; NULL for any other address */
const char *listen_address_path(const char *address);

#endif
