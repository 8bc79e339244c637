/* SPDX-License-Identifier: MIT */
/*
 * What a process that runs a plugin writes to its standard output and error.
 */
#include "ipc/output.h"

#include "util/printable.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Bytes that are taken in at once. */
#define READ_BATCH ((size_t)16 * 1024)

int output_create(struct output *ret, int *ret_end)
{
	int ends[2];

	/* Each end is a file of its own: the process can change nothing about ours. */
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
		return -errno;
	}
	*ret = (struct output){ .fd = ends[0] };
	*ret_end = ends[1];
	return 0;
}

static void end_line(struct output *output, output_sink sink, void *ctx)
{
	output->line[output->used] = '\0';
	if (output->used > 0) {
		sink(ctx, printable(output->line));
	}
	output->used = 0;
}

static void take(struct output *output, const char *data, size_t len, output_sink sink, void *ctx)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n') {
			end_line(output, sink, ctx);
			continue;
		}
		output->line[output->used++] = data[i] != '\0' ? data[i] : '?';
		if (output->used == OUTPUT_LINE_MAX - 1) {
			end_line(output, sink, ctx);
		}
	}
}

static void end(struct output *output, output_sink sink, void *ctx)
{
	end_line(output, sink, ctx);
	close(output->fd);
	output->fd = -1;
}

bool output_read(struct output *output, output_sink sink, void *ctx)
{
	char data[4096];
	size_t total = 0;
	ssize_t n = 1;

	while (output->fd >= 0 && n > 0 && total < READ_BATCH) {
		n = read(output->fd, data, sizeof(data));
		if (n > 0) {
			total += (size_t)n;
			take(output, data, (size_t)n, sink, ctx);
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			end(output, sink, ctx);
		}
	}
	return total >= READ_BATCH;
}

/* A pipe holds so much; whoever goes on to write meanwhile is not waited for. */
void output_finish(struct output *output, output_sink sink, void *ctx)
{
	for (int i = 0; i < 8 && output->fd >= 0; i++) {
		output_read(output, sink, ctx);
	}
	if (output->fd >= 0) {
		end(output, sink, ctx);
	}
}
