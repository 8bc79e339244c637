/* SPDX-License-Identifier: MIT */
/*
 * Commands that see a value as an array of bits, the first one being the highest of the first byte.
 */
#include "command/command.h"
#include "command/instance.h"
#include "commands/commands.h"
#include "util/bits.h"
#include "util/range.h"

#define BYTE_BITS 8

/* The second argument as a bit's number. False after an error reply. */
static bool read_bit_offset(struct call *call, size_t *ret_offset)
{
	int64_t offset;

	if (!shiny_resp_parse_integer(call->argv[2].data, call->argv[2].len, &offset) ||
	    offset < 0 || offset / BYTE_BITS >= SHINY_RESP_BULK_MAX) {
		shiny_resp_error(call->reply, "ERR bit offset is not an integer or out of range");
		return false;
	}
	*ret_offset = (size_t)offset;
	return true;
}

static unsigned char mask_of(size_t offset)
{
	return (unsigned char)(0x80 >> offset % BYTE_BITS);
}

static bool bit_of(const struct entry *entry, size_t offset)
{
	size_t byte = offset / BYTE_BITS;

	return entry && byte < entry->value_len &&
	       (unsigned char)entry_value(entry)[byte] & mask_of(offset);
}

void cmd_getbit(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct entry *entry;
	size_t offset;

	if (read_bit_offset(call, &offset)) {
		entry = keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);
		shiny_resp_integer(call->reply, bit_of(entry, offset));
	}
}

/* Gives a bit its value, in bytes that the value may not have yet. */
static bool set_bit(struct call *call, const struct key *key, size_t before, size_t offset, bool on)
{
	size_t byte = offset / BYTE_BITS;
	size_t after = byte < before ? before : byte + 1;
	char *value = keyspace_extend(&call->instance->keyspace, call->db, key, after);

	if (!value) {
		call_memory_error(call);
		return false;
	}
	memset(value + before, 0, after - before);
	work_add(&call->instance->work, after - before);
	if (on) {
		value[byte] = (char)(value[byte] | mask_of(offset));
	} else {
		value[byte] = (char)(value[byte] & ~mask_of(offset));
	}
	return true;
}

void cmd_setbit(struct call *call)
{
	struct key key = call_key(call, 1);
	struct entry *entry;
	size_t offset, len;
	int64_t on;
	bool before;

	if (!read_bit_offset(call, &offset)) {
		return;
	}
	if (!shiny_resp_parse_integer(call->argv[3].data, call->argv[3].len, &on) || on < 0 ||
	    on > 1) {
		shiny_resp_error(call->reply, "ERR bit is not an integer or out of range");
		return;
	}
	entry = keyspace_find(&call->instance->keyspace, call->db, &key, call->now_ms);
	len = entry ? entry->value_len : 0;
	before = bit_of(entry, offset);
	if (!entry || offset / BYTE_BITS >= len || before != on) {
		if (!set_bit(call, &key, len, offset, on)) {
			return;
		}
		call->changed = true;
	} else {
		entry_make_raw(entry);
	}
	shiny_resp_integer(call->reply, before);
}

/* The bits of a range whose ends need not be those of bytes. */
static int64_t count_range(const char *value, struct range bits, struct work *work)
{
	size_t first = (size_t)(bits.first / BYTE_BITS), last = (size_t)(bits.last / BYTE_BITS);
	unsigned head = 0xff << (BYTE_BITS - bits.first % BYTE_BITS) & 0xff;
	unsigned tail = 0xff >> (bits.last % BYTE_BITS + 1);

	return bits_count(value + first, last - first + 1, work) -
	       __builtin_popcount((unsigned char)value[first] & head) -
	       __builtin_popcount((unsigned char)value[last] & tail);
}

/* Whether a range is in bits and not bytes. False after an error reply. */
static bool read_unit(struct call *call, bool *ret_bits)
{
	*ret_bits = call->argc == 5 && shiny_resp_arg_is(&call->argv[4], "bit");
	if (call->argc == 5 && !*ret_bits && !shiny_resp_arg_is(&call->argv[4], "byte")) {
		call_syntax_error(call);
		return false;
	}
	return true;
}

/* The arguments behind the key, as bits of a value of @len bytes. False after an error reply. */
static bool read_bit_range(struct call *call, uint64_t len, struct range *ret_bits)
{
	struct range range = { 0, -1 };
	bool bits = false;

	if (call->argc == 3 || call->argc > 5) {
		call_syntax_error(call);
		return false;
	}
	if (call->argc > 3 &&
	    (!call_number(call, 2, &range.first) || !call_number(call, 3, &range.last))) {
		return false;
	}
	/* Redis knows that this is empty before it looks at the unit. */
	if (!range_is_backward(range) && !read_unit(call, &bits)) {
		return false;
	}
	range = range_clamp(range, bits ? len * BYTE_BITS : len);
	if (!bits) {
		range.first *= BYTE_BITS;
		range.last = range.last * BYTE_BITS + BYTE_BITS - 1;
	}
	*ret_bits = range;
	return true;
}

void cmd_bitcount(struct call *call)
{
	struct key key = call_key(call, 1);
	const struct entry *entry =
		keyspace_read(&call->instance->keyspace, call->db, &key, call->now_ms);
	struct range bits;

	if (!entry) {
		shiny_resp_integer(call->reply, 0);
	} else if (read_bit_range(call, entry->value_len, &bits)) {
		shiny_resp_integer(call->reply, bits.first > bits.last
							? 0
							: count_range(entry_value(entry), bits,
								      &call->instance->work));
	}
}
