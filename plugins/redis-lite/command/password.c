/* SPDX-License-Identifier: MIT */
/*
 * The section's password. It is compared in a time that depends on nothing but the length of what a
 * client says, so that the time tells nobody how much of it was right.
 */
#include "command/password.h"

#include <string.h>

bool password_set(struct password *password, const char *text, size_t len)
{
	if (len > PASSWORD_MAX) {
		return false;
	}
	*password = (struct password){ .len = len };
	memcpy(password->text, text, len);
	return true;
}

bool password_is(const struct password *password, const char *text, size_t len)
{
	volatile unsigned char difference = len != password->len;

	for (size_t i = 0; i < len; i++) {
		difference |= (unsigned char)(text[i] ^ password->text[i % PASSWORD_MAX]);
	}
	return !difference;
}
