/* SPDX-License-Identifier: MIT */
/*
 * The environment of processes that run plugins.
 */
#include "launch/environment.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* What ends in '=' is a name, what does not is how names begin. shinyd(8) lists them. */
static const char *const kept[] = {
	"PATH=",
	"LANG=",
	"LANGUAGE=",
	"LC_",
	"TZ=",
	"TZDIR=",
	"TMPDIR=",
	/* Folders that the service manager has made for the service. */
	"CACHE_DIRECTORY=",
	"LOGS_DIRECTORY=",
	"RUNTIME_DIRECTORY=",
	"STATE_DIRECTORY=",
	/* What the linker, libc, sanitizers and runtimes were told is meant for all of shinyd. */
	"LD_",
	"GLIBC_TUNABLES=",
	"MALLOC_",
	"ASAN_",
	"LSAN_",
	"TSAN_",
	"UBSAN_",
	"GOMAXPROCS=",
	"GODEBUG=",
	"GOTRACEBACK=",
	"RUST_BACKTRACE=",
	/* For plugins. */
	"SHINYD_",
};

static bool is_kept(const char *variable)
{
	for (size_t i = 0; i < G_N_ELEMENTS(kept); i++) {
		if (g_str_has_prefix(variable, kept[i])) {
			return true;
		}
	}
	return false;
}

char **environment_list(void)
{
	size_t count = g_strv_length(environ), n = 0;
	char **list = g_new(char *, count + 1);

	for (size_t i = 0; i < count; i++) {
		if (is_kept(environ[i])) {
			list[n++] = environ[i];
		}
	}
	list[n] = NULL;
	return list;
}
