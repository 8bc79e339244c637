/* SPDX-License-Identifier: MIT */
/*
 * redis-lite served by libshiny to clients on sockets, where each allocation that a command needs can
 * fail: the linker's --wrap puts scene.c between the parts, and it fails one in the serving thread while
 * a request is run.
 */
#ifndef TESTS_REDIS_LITE_SCENE_H
#define TESTS_REDIS_LITE_SCENE_H

#include "serving.h"

#include <glib.h>
#include <shiny-plugin.h>
#include <stdbool.h>

struct instance;

#define SCENE_NEVER (-1)

/* What is served, and what one request does to it. */
struct scene {
	struct shiny_host host;
	struct instance *instance;
	struct serving *serving;
	char *dir;
	int fd;	     /* of a client that watches */
	gint broken; /* atomic: the file is being written anew */

	/* The test's, while no request is under way. */
	bool armed;
	bool full;  /* there are more keys than may be */
	int nth;    /* allocation that is to fail, from 0 */
	int failed; /* whether there was one */
	GString *before, *after;
};

struct scene *scene_open(void);
void scene_close(struct scene *scene);

/* scene_ask() - all replies to what a client of its own sends; requests are divided by ';' */
GString *scene_ask(const struct scene *scene, const char *requests);

/* scene_await_file() - until the file, if it was broken, is written anew */
void scene_await_file(struct scene *scene);

/* scene_expect_file() - a copy of the file, loaded by somebody else, makes what @after has */
void scene_expect_file(struct scene *scene, const char *after, const char *requests);

/*
 * scene_try() - run requests behind @setup, from the same beginning each time, in which the nth
 * allocation fails; returns the replies
 */
GString *scene_try(struct scene *scene, const char *setup, const char *requests, int nth);

/* scene_free_states() - for the next request */
void scene_free_states(struct scene *scene);

/* scene_fill_values() - put a value for MEDIUM, of a block of its own, and for LARGE, of malloc() */
char *scene_fill_values(const char *requests);

/* What is there before a request, and requests that change it; NULL behind the last. */
extern const char *const scene_setup;
extern const char *const scene_changes[];

#endif
