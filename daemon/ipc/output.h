/* SPDX-License-Identifier: MIT */
/*
 * What a process that runs a plugin writes to its standard output and error, as lines.
 *
 * It is no part of the log, and cannot write there: its lines come through a pipe, and are logged as
 * what they are. A pipe that is full loses lines and stops nothing.
 */
#ifndef SHINYD_OUTPUT_H
#define SHINYD_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* The longest line that is kept together. */
#define OUTPUT_LINE_MAX 1024

struct output {
	int fd; /* readable when there is something; -1: it has ended */
	size_t used;
	char line[OUTPUT_LINE_MAX]; /* the last one, which is not complete */
};

/* What is done with a line, which is printable text and not empty. */
typedef void (*output_sink)(void *ctx, const char *line);

/*
 * output_create() - a pipe, of which *@ret_end is for the process
 *
 * Owner:   *@ret is the caller's, for output_finish(), and so is *@ret_end.
 * Returns: 0 or -errno.
 */
int output_create(struct output *ret, int *ret_end);

/*
 * output_read() - hand on the lines that are there, as many as is fair to others
 *
 * Returns: whether there may be more.
 */
bool output_read(struct output *output, output_sink sink, void *ctx);

/* output_finish() - hand on what is left, and close it; also where it was never made */
void output_finish(struct output *output, output_sink sink, void *ctx);

#endif
