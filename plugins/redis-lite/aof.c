/* SPDX-License-Identifier: MIT */
/*
 * The append-only file: every change, as the request that makes it again.
 *
 * Requests gather in memory during a turn of the loop and are written in one go before the turn's
 * replies leave, so that no reply promises what a killed process could lose. What could not be
 * written stays in memory and is tried again; until then writes are refused, since the file must
 * stay a prefix of what happened.
 */
#include "aof.h"
#include "aof-load.h"
#include "aof-sync.h"
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/* What gathers in memory before it is written within a turn; larger pieces are not copied. */
#define GATHER_MAX	 (256 * 1024)

#define SYNC_INTERVAL_MS 1000

/* Between aof_begin() and aof_end(): records that belong together, between MULTI and EXEC. */
enum aof_piece {
	PIECE_NONE,
	PIECE_EMPTY,
	PIECE_OPEN, /* its MULTI is logged */
};

struct aof {
	const struct shiny_host *host;
	int fd;
	enum aof_fsync policy;
	struct aof_sync *sync; /* for everysec */
	unsigned db;	       /* that the file's next record is in */
	enum aof_piece piece;

	char *buf; /* not yet written */
	size_t len, room;
	const char *raw; /* not yet copied to buf: requests side by side in a client's input */
	size_t raw_len;
	uint64_t size; /* of the file */

	bool promised; /* replies of this turn depend on what was logged */
	bool unsynced;
	int64_t synced_ms;
	int write_error; /* passes when a write succeeds */
	int fatal_error; /* does not pass: the file and the memory are no longer the same */
};

static void say(const struct aof *aof, enum shiny_log_level level, const char *what, int error)
{
	char text[SHINY_ERROR_MAX];

	snprintf(text, sizeof(text), "append-only file: %s%s%s", what, error ? ": " : "",
		 error ? strerror(error) : "");
	aof->host->log(aof->host, level, text);
}

static void set_fatal(struct aof *aof, const char *what, int error)
{
	if (!aof->fatal_error) {
		aof->fatal_error = error;
		say(aof, SHINY_LOG_ERROR, what, error);
	}
}

/* Writes as much as it can; returns how much, and remembers why it was not all. */
static size_t write_most(struct aof *aof, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(aof->fd, data + done, len - done);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			if (!aof->write_error) {
				say(aof, SHINY_LOG_ERROR, "cannot write; writes are refused",
				    errno);
			}
			aof->write_error = errno;
			break;
		}
		done += (size_t)n;
	}
	aof->size += done;
	aof->unsynced |= done > 0;
	return done;
}

static void write_out(struct aof *aof)
{
	size_t done = write_most(aof, aof->buf, aof->len);

	aof->len -= done;
	memmove(aof->buf, aof->buf + done, aof->len);
}

static int make_room(struct aof *aof, size_t len)
{
	size_t room = aof->room ? aof->room : GATHER_MAX;
	char *buf;

	while (room < aof->len + len) {
		room *= 2;
	}
	if (room == aof->room) {
		return 0;
	}
	buf = realloc(aof->buf, room);
	if (!buf) {
		return -ENOMEM;
	}
	aof->buf = buf;
	aof->room = room;
	return 0;
}

static void append(struct aof *aof, const char *data, size_t len)
{
	if (aof->len + len > GATHER_MAX && !aof->write_error) {
		write_out(aof);
	}
	if (len > GATHER_MAX && !aof->write_error) {
		size_t done = write_most(aof, data, len);

		data += done;
		len -= done;
	}
	if (make_room(aof, len) < 0) {
		set_fatal(aof, "cannot keep what cannot be written", ENOMEM);
		return;
	}
	memcpy(aof->buf + aof->len, data, len);
	aof->len += len;
}

void aof_settle(struct aof *aof)
{
	if (aof->raw_len > 0) {
		size_t len = aof->raw_len;

		aof->raw_len = 0;
		append(aof, aof->raw, len);
	}
}

static void append_head(struct aof *aof, char type, size_t value)
{
	char head[NUMBER_MAX + 3];
	size_t len = 1 + number_format_unsigned(head + 1, value);

	head[0] = type;
	head[len++] = '\r';
	head[len++] = '\n';
	append(aof, head, len);
}

static void append_request(struct aof *aof, const struct resp_arg *argv, size_t argc)
{
	aof_settle(aof);
	append_head(aof, '*', argc);
	for (size_t i = 0; i < argc; i++) {
		append_head(aof, '$', argv[i].len);
		append(aof, argv[i].data, argv[i].len);
		append(aof, "\r\n", 2);
	}
}

/* What must stand in front of a record. */
static void prepare(struct aof *aof, unsigned db)
{
	char digits[NUMBER_MAX];

	if (aof->piece == PIECE_EMPTY) {
		append_request(aof, (const struct resp_arg[]){ ARG_TEXT("MULTI") }, 1);
		aof->piece = PIECE_OPEN;
	}
	if (db != aof->db) {
		size_t len = number_format_unsigned(digits, db);
		const struct resp_arg argv[] = { ARG_TEXT("SELECT"), { digits, len } };

		append_request(aof, argv, 2);
		aof->db = db;
	}
}

void aof_log(struct aof *aof, unsigned db, const struct resp_arg *argv, size_t argc)
{
	prepare(aof, db);
	append_request(aof, argv, argc);
}

void aof_log_raw(struct aof *aof, unsigned db, const char *data, size_t len)
{
	prepare(aof, db);
	if (aof->raw_len == 0 || aof->raw + aof->raw_len != data) {
		aof_settle(aof);
		aof->raw = data;
	}
	aof->raw_len += len;
}

void aof_begin(struct aof *aof)
{
	aof->piece = PIECE_EMPTY;
}

void aof_end(struct aof *aof)
{
	if (aof->piece == PIECE_OPEN) {
		append_request(aof, (const struct resp_arg[]){ ARG_TEXT("EXEC") }, 1);
	}
	aof->piece = PIECE_NONE;
}

void aof_promise(struct aof *aof)
{
	aof->promised = true;
}

static void sync_now(struct aof *aof)
{
	if (aof->unsynced && fdatasync(aof->fd) < 0) {
		set_fatal(aof, "cannot sync; writes are refused for good", errno);
	}
	aof->unsynced = false;
}

int aof_commit(struct aof *aof)
{
	if (aof->len > 0 && !aof->write_error) {
		write_out(aof);
	}
	if (!aof->promised) {
		return 0;
	}
	aof->promised = false;
	if (aof->policy == AOF_FSYNC_ALWAYS && !aof_error(aof)) {
		sync_now(aof);
	}
	return -aof_error(aof);
}

static void retry(struct aof *aof)
{
	aof->write_error = 0;
	write_out(aof);
	if (!aof->write_error) {
		say(aof, SHINY_LOG_NOTICE, "can be written again", 0);
	}
}

void aof_tick(struct aof *aof, int64_t now_ms)
{
	if (aof->write_error) {
		retry(aof);
	} else if (aof->len > 0) {
		write_out(aof);
	}
	if (!aof->sync) {
		return;
	}
	if (aof_sync_error(aof->sync)) {
		set_fatal(aof, "cannot sync; writes are refused for good",
			  aof_sync_error(aof->sync));
	}
	if (aof->unsynced && now_ms - aof->synced_ms >= SYNC_INTERVAL_MS &&
	    aof_sync_request(aof->sync) == 0) {
		aof->unsynced = false;
		aof->synced_ms = now_ms;
	}
}

int aof_error(const struct aof *aof)
{
	return aof->fatal_error ? aof->fatal_error : aof->write_error;
}

uint64_t aof_size(const struct aof *aof)
{
	return aof->size + aof->len;
}

/* Opens the file, takes the lock, and makes the file's name last. */
static int open_file(const struct settings *settings, char *error)
{
	char path[PATH_MAX];
	int fd, dir;

	snprintf(path, sizeof(path), "%s/%s", settings->dir, settings->appendfilename);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (fd < 0) {
		snprintf(error, SHINY_ERROR_MAX, "%.128s: %s", path, strerror(errno));
		return -errno;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		snprintf(error, SHINY_ERROR_MAX, "%.128s: another process has it open", path);
		close(fd);
		return -EBUSY;
	}
	dir = open(settings->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	return fd;
}

int aof_open(struct instance *instance, char *error, struct aof **ret_aof)
{
	struct aof *aof = calloc(1, sizeof(*aof));
	int r;

	if (!aof) {
		snprintf(error, SHINY_ERROR_MAX, "out of memory");
		return -ENOMEM;
	}
	aof->host = instance->host;
	aof->policy = instance->settings.appendfsync;
	aof->db = KEYSPACE_DBS;
	r = aof->fd = open_file(&instance->settings, error);
	if (r >= 0) {
		r = aof_load(instance, aof->fd, error, &aof->size);
	}
	if (r == 0 && aof->policy == AOF_FSYNC_EVERYSEC) {
		r = aof_sync_create(aof->fd, &aof->sync);
		if (r < 0) {
			snprintf(error, SHINY_ERROR_MAX, "cannot start a thread: %s", strerror(-r));
		}
	}
	if (r < 0) {
		aof_close(aof);
		return r;
	}
	*ret_aof = aof;
	return 0;
}

void aof_close(struct aof *aof)
{
	if (!aof) {
		return;
	}
	aof_sync_destroy(aof->sync);
	if (aof->len > 0) {
		write_out(aof);
	}
	if (aof->fd >= 0) {
		sync_now(aof);
		close(aof->fd);
	}
	free(aof->buf);
	free(aof);
}
