/* SPDX-License-Identifier: MIT */
/*
 * frames: a plugin for a protocol of frames, each a length of four bytes (the highest first) and so many bytes of
 * payload. Each is answered by a frame with the payload's bytes in reverse order.
 *
 * The length stands in front, so the handler says how many bytes it waits for, and a payload of any size is looked
 * at once. A length above max_frame ends the connection before any of the payload is kept.
 */
#include <shiny-plugin.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 4

static size_t read_length(const char *data)
{
	const unsigned char *bytes = (const unsigned char *)data;

	return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

static bool answer(struct shiny_conn *conn, const char *frame, size_t len)
{
	char *out = shiny_reserve(conn, HEAD + len);

	if (!out) {
		return false;
	}
	memcpy(out, frame, HEAD);
	for (size_t i = 0; i < len; i++) {
		out[HEAD + i] = frame[HEAD + len - 1 - i];
	}
	shiny_produce(conn, HEAD + len);
	return true;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	const size_t *max_frame = ctx;

	while (len > 0 && !shiny_congested(conn)) {
		size_t payload;

		if (len < HEAD) {
			return shiny_unread(conn, len, HEAD) == 0;
		}
		payload = read_length(data);
		if (payload > *max_frame) {
			return false;
		}
		if (len < HEAD + payload) {
			return shiny_unread(conn, len, HEAD + payload) == 0;
		}
		if (!answer(conn, data, payload)) {
			return false;
		}
		data += HEAD + payload;
		len -= HEAD + payload;
	}
	return shiny_unread(conn, len, 0) == 0;
}

static const struct shiny_param parameters[] = {
	{
		.key = "max_frame",
		.type = SHINY_TYPE_SIZE,
		.default_value = "64K",
		.min = 1,
		.max = 1 << 28,
		.help = "a longer payload ends the connection",
	},
	{ .key = NULL },
};

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	size_t *max_frame = malloc(sizeof(*max_frame));

	(void)host, (void)error;
	if (!max_frame) {
		return -ENOMEM;
	}
	*max_frame = (size_t)values[0].number;
	*ret_ctx = max_frame;
	return 0;
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "frames",
	.version = "1.0",
	.summary = "each frame, with its bytes in reverse order",
	.parameters = parameters,
	.load = load,
	.unload = free,
};
/* clang-format on */
