/* SPDX-License-Identifier: MIT */
/*
 * The password that clients must say first, if there is one. Set from the configuration and by
 * CONFIG SET, asked by AUTH and HELLO.
 */
#ifndef REDIS_LITE_COMMAND_PASSWORD_H
#define REDIS_LITE_COMMAND_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

/* The longest password, as Redis has it. */
#define PASSWORD_MAX 512

/* What clients must say before anything else; zeroed: nothing. */
struct password {
	size_t len;
	char text[PASSWORD_MAX];
};

/* password_set() - returns false, with nothing changed, if it is too long */
bool password_set(struct password *password, const char *text, size_t len);

/* password_is() - whether this is it; takes as long whatever is wrong with it */
bool password_is(const struct password *password, const char *text, size_t len);

#endif
