/* SPDX-License-Identifier: MIT */
/*
 * A dump of a Redis: what it holds besides strings is refused by name, and nothing is passed over that
 * would be lost.
 *
 * The file is a sequence of items. The first byte of each says what it is: a key with its value, by the
 * value's type, or something that is said of the keys behind it, of one or of all.
 */
#include "rdb/rdb.h"
#include "rdb/string.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define VERSION_MAX	    12
#define VERSION_WITH_SUM    5
#define HEADER_LEN	    9 /* "REDIS0012" */
#define MODULE_NAME_LEN	    9
#define MODULE_VERSION_BITS 10
#define MODULE_NAME_BITS    6
#define TYPE_OF_OLD_MODULES 6
#define TYPE_OF_MODULES	    7

struct reader {
	struct rdb_input *input;
	rdb_visitor visit;
	void *arg;
	unsigned version;
	unsigned char type; /* of the item that is read */
	uint64_t db;
	int64_t expiry; /* of the next key */
	struct rdb_string key, value;
};

/* What a type of value is called; those that are missing are no types, but for strings. */
static const char *const type_names[256] = {
	[1] = "list",	    [2] = "set",     [3] = "sorted set",  [4] = "hash",
	[5] = "sorted set", [6] = "module",  [7] = "module",	  [9] = "hash",
	[10] = "list",	    [11] = "set",    [12] = "sorted set", [13] = "hash",
	[14] = "list",	    [15] = "stream", [16] = "hash",	  [17] = "sorted set",
	[18] = "list",	    [19] = "stream", [20] = "set",	  [21] = "stream",
	[22] = "hash",	    [23] = "hash",   [24] = "hash",	  [25] = "hash",
};

const char *rdb_show(const char *key, size_t len, char *buf)
{
	static const char more[] = "...'";
	size_t used = 1;

	buf[0] = '\'';
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)key[i];
		bool prints = c >= ' ' && c <= '~';

		if (used + (prints ? 1 : 4) + sizeof(more) > RDB_SHOWN_MAX) {
			memcpy(buf + used, more, sizeof(more));
			return buf;
		}
		used += (size_t)snprintf(buf + used, RDB_SHOWN_MAX - used,
					 prints ? "%c" : "\\x%02x", c);
	}
	memcpy(buf + used, "'", 2);
	return buf;
}

/* Modules' names are letters, digits, '-' and '_', packed into a number behind which is a version. */
static const char *show_module(uint64_t id, char *buf)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-_";

	id >>= MODULE_VERSION_BITS;
	buf[MODULE_NAME_LEN] = '\0';
	for (unsigned i = MODULE_NAME_LEN; i > 0; i--) {
		buf[i - 1] = letters[id % (1 << MODULE_NAME_BITS)];
		id >>= MODULE_NAME_BITS;
	}
	return buf;
}

/* A value that is too large has a name. */
static int read_value(struct reader *reader)
{
	char shown[RDB_SHOWN_MAX], why[RDB_ERROR_MAX];
	int r = rdb_string_read(reader->input, &reader->value);

	if (r != -EFBIG) {
		return r;
	}
	memcpy(why, reader->input->error, sizeof(why));
	return rdb_input_fail(reader->input, r, "the value of the key %s: %.100s",
			      rdb_show(reader->key.data, reader->key.len, shown), why);
}

static int read_string_pair(struct reader *reader)
{
	int r = rdb_string_read(reader->input, &reader->key);
	struct rdb_pair pair;

	if (r == 0) {
		r = read_value(reader);
	}
	if (r < 0) {
		return r;
	}
	pair = (struct rdb_pair){
		.db = reader->db,
		.key = reader->key.data,
		.key_len = reader->key.len,
		.value = reader->value.data,
		.value_len = reader->value.len,
		.expiry = reader->expiry,
	};
	reader->expiry = 0;
	return reader->visit(reader->arg, reader->input, &pair);
}

static int refuse_module_pair(struct reader *reader, const char *shown)
{
	char name[MODULE_NAME_LEN + 1];
	uint64_t id;

	if (reader->type == TYPE_OF_OLD_MODULES ||
	    rdb_length_read(reader->input, UINT64_MAX, &id) < 0) {
		return rdb_input_fail(reader->input, -EOPNOTSUPP,
				      "the key %s is of a module's type; only strings are served",
				      shown);
	}
	return rdb_input_fail(reader->input, -EOPNOTSUPP,
			      "the key %s is of the module type %s; only strings are served", shown,
			      show_module(id, name));
}

static int refuse_pair(struct reader *reader)
{
	const char *type = type_names[reader->type];
	char shown[RDB_SHOWN_MAX];
	int r;

	if (!type) {
		return rdb_input_fail(reader->input, -EBADMSG, "damaged: nothing is of type %u",
				      reader->type);
	}
	r = rdb_string_read(reader->input, &reader->key);
	if (r < 0) {
		return r;
	}
	rdb_show(reader->key.data, reader->key.len, shown);
	if (reader->type == TYPE_OF_OLD_MODULES || reader->type == TYPE_OF_MODULES) {
		return refuse_module_pair(reader, shown);
	}
	return rdb_input_fail(reader->input, -EOPNOTSUPP,
			      "the key %s is a %s; only strings are served", shown, type);
}

/* The first line of a library's code has its name. */
static int refuse_function(struct reader *reader)
{
	char shown[RDB_SHOWN_MAX];
	const char *end;
	int r = rdb_string_read(reader->input, &reader->value);

	if (r < 0) {
		return r;
	}
	end = memchr(reader->value.data, '\n', reader->value.len);
	rdb_show(reader->value.data, end ? (size_t)(end - reader->value.data) : reader->value.len,
		 shown);
	return rdb_input_fail(reader->input, -EOPNOTSUPP,
			      "the function library %s would be lost: remove it there first",
			      shown);
}

static int refuse_old_function(struct reader *reader)
{
	return rdb_input_fail(reader->input, -EOPNOTSUPP,
			      "a function library would be lost: remove it there first");
}

static int refuse_module_data(struct reader *reader)
{
	char name[MODULE_NAME_LEN + 1];
	uint64_t id;
	int r = rdb_length_read(reader->input, UINT64_MAX, &id);

	return r < 0 ? r
		     : rdb_input_fail(reader->input, -EOPNOTSUPP,
				      "data of the module type %s would be lost: unload it there "
				      "first",
				      show_module(id, name));
}

static int read_db(struct reader *reader)
{
	return rdb_length_read(reader->input, UINT32_MAX, &reader->db);
}

/* A time before all time is not "never". */
static int set_expiry(struct reader *reader, int64_t expiry)
{
	reader->expiry = expiry > 0 ? expiry : 1;
	return 0;
}

static int read_expiry_s(struct reader *reader)
{
	uint32_t bytes;
	int r = rdb_input_read(reader->input, &bytes, sizeof(bytes));

	return r < 0 ? r : set_expiry(reader, (int64_t)(int32_t)le32toh(bytes) * 1000);
}

static int read_expiry_ms(struct reader *reader)
{
	uint64_t bytes;
	int r = rdb_input_read(reader->input, &bytes, sizeof(bytes));

	return r < 0 ? r : set_expiry(reader, (int64_t)le64toh(bytes));
}

/* How a key was used: another server begins to count anew. */
static int skip_frequency(struct reader *reader)
{
	unsigned char frequency;

	return rdb_input_read(reader->input, &frequency, 1);
}

static int skip_lengths(struct reader *reader, unsigned count)
{
	uint64_t length;
	int r = 0;

	while (r == 0 && count-- > 0) {
		r = rdb_length_read(reader->input, UINT64_MAX, &length);
	}
	return r;
}

static int skip_idle_time(struct reader *reader)
{
	return skip_lengths(reader, 1);
}

/* How many keys follow, and how many of them expire. */
static int skip_sizes(struct reader *reader)
{
	return skip_lengths(reader, 2);
}

/* The same for a slot of a cluster, with its number. */
static int skip_slot(struct reader *reader)
{
	return skip_lengths(reader, 3);
}

/* Who wrote the file, and when; a script that was cached, which no Redis loads any more. */
static int skip_note(struct reader *reader)
{
	int r = rdb_string_read(reader->input, &reader->key);

	return r < 0 ? r : rdb_string_read(reader->input, &reader->value);
}

/* Whoever wrote 0 did not count. */
static int check_sum(struct reader *reader)
{
	uint64_t sum = reader->input->sum, written;
	int r;

	if (reader->version < VERSION_WITH_SUM) {
		return 1;
	}
	r = rdb_input_read(reader->input, &written, sizeof(written));
	if (r < 0) {
		return r;
	}
	written = le64toh(written);
	if (written != 0 && written != sum) {
		return rdb_input_fail(reader->input, -EBADMSG,
				      "damaged: the checksum is %016" PRIx64
				      ", and that of the bytes %016" PRIx64,
				      written, sum);
	}
	return 1;
}

/* What reads the rest of an item, by its first byte; returns 1 behind the last. */
static int (*const item_readers[256])(struct reader *) = {
	[0] = read_string_pair,	     [244] = skip_slot,		 [245] = refuse_function,
	[246] = refuse_old_function, [247] = refuse_module_data, [248] = skip_idle_time,
	[249] = skip_frequency,	     [250] = skip_note,		 [251] = skip_sizes,
	[252] = read_expiry_ms,	     [253] = read_expiry_s,	 [254] = read_db,
	[255] = check_sum,
};

static int read_item(struct reader *reader)
{
	int (*read)(struct reader *);
	int r = rdb_input_read(reader->input, &reader->type, 1);

	if (r < 0) {
		return r;
	}
	read = item_readers[reader->type];
	return read ? read(reader) : refuse_pair(reader);
}

static int read_header(struct reader *reader)
{
	char header[HEADER_LEN];
	int r = rdb_input_read(reader->input, header, sizeof(header));

	if (r < 0) {
		return r;
	}
	if (memcmp(header, RDB_MAGIC, RDB_MAGIC_LEN) != 0) {
		return rdb_input_damaged(reader->input, "it does not begin with " RDB_MAGIC);
	}
	for (size_t i = RDB_MAGIC_LEN; i < HEADER_LEN; i++) {
		if (header[i] < '0' || header[i] > '9') {
			return rdb_input_damaged(reader->input, "it has no version");
		}
		reader->version = reader->version * 10 + (unsigned)(header[i] - '0');
	}
	if (reader->version < 1 || reader->version > VERSION_MAX) {
		return rdb_input_fail(reader->input, -EOPNOTSUPP,
				      "RDB version %u; those from 1 to %d can be read",
				      reader->version, VERSION_MAX);
	}
	return 0;
}

int rdb_read(struct rdb_input *input, rdb_visitor visit, void *arg, uint64_t *ret_offset)
{
	struct reader reader = { .input = input, .visit = visit, .arg = arg };
	uint64_t offset = 0;
	int r = read_header(&reader);

	while (r == 0) {
		offset = input->offset;
		r = read_item(&reader);
	}
	rdb_string_finish(&reader.key);
	rdb_string_finish(&reader.value);
	*ret_offset = offset;
	return r < 0 ? r : 0;
}
