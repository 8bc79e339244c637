/* SPDX-License-Identifier: MIT */
/*
 * How a worker is started: what it is handed, in the order in which worker.c takes it.
 */
#include "section/child-start.h"

#include "launch/description.h"
#include "launch/launch.h"
#include "section/child-messages.h"
#include "util/clock.h"

#include <stdio.h>
#include <unistd.h>

/* What a worker counts that is not there. */
static const struct shared nothing;

static void log_line(void *ctx, const char *line)
{
	struct child *child = ctx;
	char text[LOG_LINE_MAX];

	snprintf(text, sizeof(text), "worker %d wrote: %s", (int)child->pid, line);
	child_log(child, SHINY_LOG_NOTICE, text, clock_now_ms());
}

bool child_log_output(struct child *child)
{
	return output_read(&child->output, log_line, child);
}

void child_release(struct child *child)
{
	child_close_channel(child);
	output_finish(&child->output, log_line, child);
	pages_finish(&child->pages);
	child->shared = &nothing;
}

/* For close(2), or -errno. */
static int describe(const struct child *child)
{
	const struct worker_job *job = child->job;
	const struct description description = {
		.kind = DESCRIPTION_WORKER,
		.supervisor = getpid(),
		.started_by_root = geteuid() == 0,
		.privileges = *job->privileges,
		.listeners = (unsigned)job->sockets->count,
		.siblings = job->siblings.count,
		.index = child->index,
		.name = "",
		.path = job->section->plugin.path,
		.identity = job->section->plugin.identity,
		.section = job->section,
	};

	return description_write(&description);
}

/* For g_array_unref(). */
static GArray *list_descriptors(const struct child *child, int description, int channel)
{
	const struct worker_job *job = child->job;
	const int first[] = { description, channel, child->pages.shared_fd,
			      child->pages.control_fd };
	GArray *list = g_array_new(FALSE, FALSE, sizeof(int));

	g_array_append_vals(list, first, G_N_ELEMENTS(first));
	for (size_t i = 0; i < job->sockets->count; i++) {
		g_array_append_val(list, job->sockets->all[i]->fd);
	}
	if (job->siblings.count > 0) {
		g_array_append_val(list, job->siblings.fd);
		g_array_append_vals(list, job->siblings.wakeups, job->siblings.count);
	}
	return list;
}

/* Of the ends that are the worker's. */
static pid_t launch(const struct child *child, int description, int channel, int output)
{
	GArray *handed = list_descriptors(child, description, channel);
	const struct launch launch = {
		.title = child_title(child),
		.output = output,
		.handed = (const int *)handed->data,
		.handed_count = handed->len,
	};
	pid_t pid = launch_start(&launch);

	g_array_unref(handed);
	return pid;
}

static void close_if_open(int fd)
{
	if (fd >= 0) {
		close(fd);
	}
}

static int create_shared(struct child *child, int *ret_channel, int *ret_output)
{
	int r = pages_create(&child->pages);

	if (r == 0) {
		child->shared = child->pages.shared;
		child_control(child, &child->control);
		r = channel_create(&child->channel, ret_channel);
	}
	return r == 0 ? output_create(&child->output, ret_output) : r;
}

int child_launch(struct child *child)
{
	int channel = -1, output = -1, description;
	int r;

	child_release(child);
	r = create_shared(child, &channel, &output);
	description = r == 0 ? describe(child) : r;
	r = description >= 0 ? launch(child, description, channel, output) : description;
	close_if_open(description);
	close_if_open(channel);
	close_if_open(output);
	pages_close(&child->pages);
	if (r < 0) {
		child_release(child);
		return r;
	}
	child->pid = r;
	return 0;
}
