/* SPDX-License-Identifier: MIT */
/*
 * Lengths and strings of an RDB file.
 *
 * The first two bits of a length say how it is written, or that a string follows in another form: a
 * number of 1, 2 or 4 bytes, or compressed. Memory is asked for once it is sure that the file has the
 * bytes for it.
 */
#include "rdb/string.h"
#include "rdb/lzf.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <shiny-resp.h>
#include <stdlib.h>
#include <string.h>

/* Room above which it is given back before the next string is read. */
#define ROOM_KEPT (1024 * 1024)

/* What a byte of LZF can become, at most: 3 bytes stand for 264. */
#define LZF_GROWTH 88

enum form {
	FORM_LENGTH,
	FORM_INT8,
	FORM_INT16,
	FORM_INT32,
	FORM_LZF,
};

void rdb_string_finish(struct rdb_string *string)
{
	free(string->data);
	*string = (struct rdb_string){ 0 };
}

static int make_room(struct rdb_input *input, struct rdb_string *string, uint64_t len)
{
	if (len > SHINY_RESP_BULK_MAX) {
		return rdb_input_fail(input, -EFBIG,
				      "a string of %" PRIu64 " bytes; there may be %lld at most",
				      len, SHINY_RESP_BULK_MAX);
	}
	if (string->room > ROOM_KEPT) {
		rdb_string_finish(string);
	}
	if (len > string->room || !string->data) {
		size_t room = len < SHINY_RESP_INTEGER_MAX ? SHINY_RESP_INTEGER_MAX : (size_t)len;

		rdb_string_finish(string);
		string->data = malloc(room);
		if (!string->data) {
			return rdb_input_fail(input, -ENOMEM, "out of memory");
		}
		string->room = room;
	}
	string->len = (size_t)len;
	return 0;
}

/* The lengths of 4 and 8 bytes begin with their highest byte. */
static int read_long(struct rdb_input *input, unsigned char first, uint64_t *ret_length)
{
	uint64_t wide;
	uint32_t narrow;
	int r;

	if (first == 0x80) {
		r = rdb_input_read(input, &narrow, sizeof(narrow));
		*ret_length = r < 0 ? 0 : be32toh(narrow);
	} else if (first == 0x81) {
		r = rdb_input_read(input, &wide, sizeof(wide));
		*ret_length = r < 0 ? 0 : be64toh(wide);
	} else {
		r = rdb_input_damaged(input, "no length begins so");
	}
	return r;
}

static int read_head(struct rdb_input *input, enum form *ret_form, uint64_t *ret_length)
{
	unsigned char first, second;
	int r = rdb_input_read(input, &first, 1);

	if (r < 0) {
		return r;
	}
	*ret_form = FORM_LENGTH;
	*ret_length = first & 0x3f;
	switch (first >> 6) {
	case 0:
		return 0;
	case 1:
		r = rdb_input_read(input, &second, 1);
		*ret_length = *ret_length << 8 | (r < 0 ? 0 : second);
		return r;
	case 2:
		return read_long(input, first, ret_length);
	default:
		*ret_form = FORM_INT8 + (first & 0x3f);
		return *ret_form <= FORM_LZF ? 0 : rdb_input_damaged(input, "no string begins so");
	}
}

int rdb_length_read(struct rdb_input *input, uint64_t most, uint64_t *ret_length)
{
	enum form form;
	uint64_t length = 0;
	int r = read_head(input, &form, &length);

	if (r < 0) {
		return r;
	}
	if (form != FORM_LENGTH || length > most) {
		return rdb_input_damaged(input, "a number that cannot be");
	}
	*ret_length = length;
	return 0;
}

static int read_plain(struct rdb_input *input, struct rdb_string *string, uint64_t len)
{
	int r;

	if (len > rdb_input_left(input)) {
		return rdb_input_damaged(input, "a string reaches beyond the end of the file");
	}
	r = make_room(input, string, len);
	return r < 0 ? r : rdb_input_read(input, string->data, string->len);
}

/* Numbers begin with their lowest byte. */
static int read_number(struct rdb_input *input, struct rdb_string *string, enum form form)
{
	int8_t narrow = 0;
	uint16_t middle = 0;
	uint32_t wide = 0;
	int r;

	if (form == FORM_INT8) {
		r = rdb_input_read(input, &narrow, sizeof(narrow));
	} else if (form == FORM_INT16) {
		r = rdb_input_read(input, &middle, sizeof(middle));
	} else {
		r = rdb_input_read(input, &wide, sizeof(wide));
	}
	if (r == 0) {
		r = make_room(input, string, SHINY_RESP_INTEGER_MAX);
	}
	if (r < 0) {
		return r;
	}
	/* Two of them are 0. */
	string->len = shiny_resp_format_integer(
		string->data, (int64_t)narrow + (int16_t)le16toh(middle) + (int32_t)le32toh(wide));
	return 0;
}

static int unpack(struct rdb_input *input, struct rdb_string *string,
		  const struct rdb_string *packed, uint64_t len)
{
	int r = make_room(input, string, len);

	if (r < 0) {
		return r;
	}
	r = rdb_lzf_unpack(packed->data, packed->len, string->data, string->len);
	if (r == -EOPNOTSUPP) {
		return rdb_input_fail(
			input, r, "a string is compressed by LZF, and this build has no liblzf");
	}
	return r < 0 ? rdb_input_damaged(input, "what LZF has compressed") : 0;
}

static int read_packed(struct rdb_input *input, struct rdb_string *string)
{
	struct rdb_string packed = { 0 };
	uint64_t packed_len = 0, len = 0;
	int r = rdb_length_read(input, UINT64_MAX, &packed_len);

	if (r == 0) {
		r = rdb_length_read(input, UINT64_MAX, &len);
	}
	if (r == 0 && len / LZF_GROWTH > packed_len) {
		r = rdb_input_damaged(input, "a compressed string cannot become so long");
	}
	if (r == 0) {
		r = read_plain(input, &packed, packed_len);
	}
	if (r == 0) {
		r = unpack(input, string, &packed, len);
	}
	rdb_string_finish(&packed);
	return r;
}

int rdb_string_read(struct rdb_input *input, struct rdb_string *string)
{
	enum form form;
	uint64_t len = 0;
	int r = read_head(input, &form, &len);

	if (r < 0) {
		return r;
	}
	switch (form) {
	case FORM_LENGTH:
		return read_plain(input, string, len);
	case FORM_LZF:
		return read_packed(input, string);
	default:
		return read_number(input, string, form);
	}
}
