/* SPDX-License-Identifier: MIT */
/*
 * stream: a plugin whose answers are larger than its memory. Each line is a number n, and the answer is n bytes, the
 * alphabet over and over.
 *
 * The answer is written in pieces, as long as the connection is not congested. The request stays in the input until
 * its answer is complete, so the library calls again once the peer has read enough. No connection takes more memory
 * than high_water and one piece, however much it asks for.
 */
#include <shiny-plugin.h>

#include <stdlib.h>
#include <string.h>

#define PIECE	   (16 * 1024)
#define DIGITS_MAX 15

struct peer {
	uint64_t written; /* of the answer to the line that is first in the input */
};

/* Writes what is missing of the answer, or less: congested. False if the connection is over. */
static bool write_answer(struct shiny_conn *conn, struct peer *peer, uint64_t size)
{
	while (peer->written < size && !shiny_congested(conn)) {
		uint64_t left = size - peer->written;
		size_t len = left < PIECE ? (size_t)left : PIECE;
		char *out = shiny_reserve(conn, len);

		if (!out) {
			return false;
		}
		for (size_t i = 0; i < len; i++) {
			out[i] = (char)('a' + (peer->written + i) % 26);
		}
		shiny_produce(conn, len);
		peer->written += len;
	}
	return true;
}

/* The number that a line is; false if it is none. */
static bool parse_number(const char *line, size_t len, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (len == 0 || len > DIGITS_MAX) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (line[i] < '0' || line[i] > '9') {
			return false;
		}
		number = number * 10 + (uint64_t)(line[i] - '0');
	}
	*ret_number = number;
	return true;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct peer *peer = shiny_user(conn);

	(void)ctx;
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		uint64_t size;

		if (!end) {
			return len <= DIGITS_MAX && shiny_unread(conn, len, len + 1) == 0;
		}
		if (!parse_number(data, (size_t)(end - data), &size) ||
		    !write_answer(conn, peer, size)) {
			return false;
		}
		if (peer->written < size || shiny_congested(conn)) {
			break;
		}
		peer->written = 0;
		len -= (size_t)(end + 1 - data);
		data = end + 1;
	}
	return shiny_unread(conn, len, 0) == 0;
}

bool on_accept(struct shiny_conn *conn, void *ctx)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	(void)ctx;
	shiny_set_user(conn, peer);
	return peer != NULL;
}

void on_closed(struct shiny_conn *conn, int error, void *ctx)
{
	(void)error, (void)ctx;
	free(shiny_user(conn));
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "stream",
	.version = "1.0",
	.summary = "as many bytes as a line asks for",
};
/* clang-format on */
