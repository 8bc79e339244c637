/* SPDX-License-Identifier: MIT */
/*
 * Loading the append-only file: its requests are run in order, as a client's are, by whoever knows
 * the commands.
 *
 * A crash may leave the last record, or transaction, incomplete, or bytes never written that read
 * as zeros: such a tail held no promise, and is cut off. Anything else that is no record means that
 * the file is damaged, and is refused, unless the operator would rather lose so much of its end. A
 * request that fails is refused always: it is no damage, but something that is not served here.
 *
 * Files of a Redis are loaded the same way. They may begin as an RDB file, and stay as they are.
 */
#include "aof/load.h"
#include "aof/tail.h"
#include "rdb/load.h"
#include "rdb/rdb.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <shiny-plugin.h>

#define CHUNK (1024 * 1024)

/* What is not loaded. */
static const char torn[] = "an incomplete record of";
static const char corrupt[] = "a damaged end of";

struct loader {
	const struct aof_load_target *target;
	const struct aof_load *load;
	uint64_t file_size;
	uint64_t offset; /* in the file, of buf */
	bool in_multi;	 /* a transaction is open there */
	uint64_t multi;	 /* and its MULTI is there in the file */
	char *buf;
	size_t len, room;
};

static int fail(const struct aof_load *load, char *error, int r, const char *what)
{
	snprintf(error, SHINY_ERROR_MAX, "%.64s: %s: %s", load->name, what, strerror(-r));
	return r;
}

/* What to do about it. */
static const char repair[] = "see REPAIR in redis-lite(7)";
static const char migration[] =
	"DEL the key in redis-server, BGREWRITEAOF: see MIGRATION in redis-lite(7)";

/* What is wrong with a request, without what Redis says to a client before it. */
static const char *what_is_wrong(const struct aof_replayed *replayed)
{
	static const char protocol[] = "ERR Protocol error: ";
	size_t len = sizeof(protocol) - 1;

	return replayed->failure + (strncmp(replayed->failure, protocol, len) ? 0 : len);
}

static int describe_damage(const struct loader *loader, const struct aof_replayed *replayed,
			   char *error)
{
	const char *how = "damaged", *why = "no request: ", *what = "";
	const char *remedy = repair;
	size_t len;

	if (!replayed->failure) {
		why = "a length that reaches beyond the end";
	} else {
		what = what_is_wrong(replayed);
	}
	if (replayed->failure && !replayed->malformed) {
		how = "refused";
		why = "";
		remedy = loader->load->is_import ? migration : repair;
	}
	len = (size_t)snprintf(
		error, SHINY_ERROR_MAX, "%.64s: %s at offset %" PRIu64 " of %" PRIu64 ": %s%.80s; ",
		loader->load->name, how, loader->offset, loader->file_size, why, what);
	snprintf(error + len, SHINY_ERROR_MAX - len, "%s", remedy);
	return -EBADMSG;
}

/* Reads until the buffer is full or the file ends. */
static int fill_buffer(struct loader *loader)
{
	while (loader->len < loader->room) {
		ssize_t n = read(loader->load->fd, loader->buf + loader->len,
				 loader->room - loader->len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		if (n == 0) {
			break;
		}
		loader->len += (size_t)n;
	}
	return 0;
}

static int make_room(struct loader *loader, size_t room)
{
	char *buf = realloc(loader->buf, room);

	if (!buf) {
		return -ENOMEM;
	}
	loader->buf = buf;
	loader->room = room;
	return 0;
}

static uint64_t left(const struct loader *loader)
{
	return loader->file_size - loader->offset;
}

/* Notes where a transaction began, if it did in what was just run. */
static void track_transaction(struct loader *loader, const struct aof_replayed *replayed)
{
	loader->in_multi = replayed->in_multi;
	if (replayed->multi) {
		loader->multi = loader->offset + (uint64_t)(replayed->multi - loader->buf);
	}
}

/* Whether what begins at the offset, but for zeros at its end, is the beginning of a request. */
static bool is_cut_short(struct loader *loader, const struct aof_replayed *replayed)
{
	struct aof_replay *replay = loader->target->replay;
	uint64_t end;

	if (replayed->want > left(loader)) {
		return true;
	}
	if (!replayed->malformed ||
	    aof_tail_data_end(loader->load->fd, loader->offset, loader->file_size, &end) < 0 ||
	    end - loader->offset > loader->len) {
		return false;
	}
	if (end == loader->offset) {
		return true;
	}
	return replay->run(replay, loader->buf, (size_t)(end - loader->offset)).want > 0;
}

/* Whether it was never written whole. If whole requests come behind it, it is its length that is
 * wrong. */
static bool is_torn(struct loader *loader, const struct aof_replayed *replayed)
{
	return is_cut_short(loader, replayed) &&
	       !aof_tail_has_records(loader->load->fd, loader->offset, loader->file_size);
}

/* A transaction without its EXEC is incomplete from its MULTI on. */
static uint64_t end_of_sound(const struct loader *loader)
{
	return loader->in_multi ? loader->multi : loader->offset;
}

/* Whether the operator would rather lose what is left than not start. */
static bool may_be_lost(const struct loader *loader, const struct aof_replayed *replayed)
{
	bool damaged = replayed->malformed || replayed->want > left(loader);
	uint64_t lost = loader->file_size - end_of_sound(loader);

	return damaged && lost <= loader->target->corrupt_tail_max_size;
}

static int refuse_tail(const struct loader *loader, const char *what, uint64_t end, char *error)
{
	snprintf(error, SHINY_ERROR_MAX,
		 "%.64s: ends in %s %" PRIu64 " bytes at offset %" PRIu64
		 ", and another file goes on from here",
		 loader->load->name, what, loader->file_size - end, end);
	return -EBADMSG;
}

static void log_unloaded_tail(const struct loader *loader, const char *what, uint64_t end)
{
	const struct shiny_host *host = loader->target->host;
	char text[SHINY_ERROR_MAX];

	snprintf(text, sizeof(text),
		 "%.64s: %s %" PRIu64 " bytes at offset %" PRIu64 " is not loaded",
		 loader->load->name, what, loader->file_size - end, end);
	host->log(host, SHINY_LOG_WARNING, text);
}

static int end_at_tail(struct loader *loader, const char *what, char *error)
{
	const struct aof_load *load = loader->load;
	uint64_t end = end_of_sound(loader);
	int r = 0;

	if (load->end == AOF_LOAD_WHOLE) {
		return refuse_tail(loader, what, end, error);
	}
	if (load->end == AOF_LOAD_LEAVE) {
		log_unloaded_tail(loader, what, end);
	} else {
		r = aof_tail_cut(load->place, loader->target->host, load->fd, what, end,
				 loader->file_size, error);
	}
	if (r < 0) {
		return r;
	}
	loader->file_size = end;
	return 1;
}

/* Runs what is in the buffer; returns 1 at the end of the file, 0 if there is more, or negative. */
static int run_next(struct loader *loader, char *error)
{
	struct aof_replay *replay = loader->target->replay;
	struct aof_replayed replayed;
	int r = fill_buffer(loader);

	if (r < 0) {
		return fail(loader->load, error, r, "cannot read");
	}
	if (loader->len == 0) {
		return loader->in_multi ? end_at_tail(loader, torn, error) : 1;
	}
	replayed = replay->run(replay, loader->buf, loader->len);
	track_transaction(loader, &replayed);
	loader->offset += replayed.used;
	loader->len -= replayed.used;
	memmove(loader->buf, loader->buf + replayed.used, loader->len);

	if (is_torn(loader, &replayed)) {
		return end_at_tail(loader, torn, error);
	}
	if (may_be_lost(loader, &replayed)) {
		return end_at_tail(loader, corrupt, error);
	}
	if (replayed.failure || replayed.want > left(loader)) {
		return describe_damage(loader, &replayed, error);
	}
	if (replayed.want > loader->room) {
		r = make_room(loader, replayed.want);
	}
	return r < 0 ? fail(loader->load, error, r, "a record is too large") : 0;
}

/* Loads the RDB file that it begins with, if it does. */
static int load_preamble(struct loader *loader, char *error)
{
	const struct aof_load *load = loader->load;
	char magic[RDB_MAGIC_LEN];
	ssize_t n = pread(load->fd, magic, sizeof(magic), 0);
	int r;

	if (n != RDB_MAGIC_LEN || memcmp(magic, RDB_MAGIC, RDB_MAGIC_LEN) != 0) {
		return n < 0 ? fail(load, error, -errno, "cannot read") : 0;
	}
	r = rdb_load(loader->target->keyspace, load->fd, loader->file_size, load->name, error,
		     &loader->offset);
	if (r == 0 && lseek(load->fd, (off_t)loader->offset, SEEK_SET) < 0) {
		r = fail(load, error, -errno, "lseek");
	}
	return r;
}

int aof_load(const struct aof_load_target *target, const struct aof_load *load, char *error,
	     uint64_t *ret_size)
{
	struct loader loader = { .target = target, .load = load };
	struct stat st;
	int r;

	if (fstat(load->fd, &st) < 0) {
		return fail(load, error, -errno, "fstat");
	}
	loader.file_size = (uint64_t)st.st_size;
	target->replay->reset(target->replay);
	r = make_room(&loader, CHUNK);
	if (r < 0) {
		return fail(load, error, r, "cannot load");
	}
	r = load_preamble(&loader, error);
	while (r == 0) {
		r = run_next(&loader, error);
	}
	free(loader.buf);
	*ret_size = loader.file_size;
	return r < 0 ? r : 0;
}
