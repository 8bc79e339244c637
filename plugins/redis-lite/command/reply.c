/* SPDX-License-Identifier: MIT */
/*
 * How large replies may be, and what is counted as they are written.
 */
#include "command/reply.h"
#include "util/work.h"

#include <inttypes.h>
#include <shiny-resp-inline.h>

static uint64_t written(const struct shiny_resp_reply *resp)
{
	return resp->flushed + (uint64_t)(resp->at - resp->start);
}

void reply_mute(struct shiny_resp_reply *resp)
{
	shiny_resp_flush(resp);
	resp->conn = NULL;
}

void reply_unmute(struct shiny_resp_reply *resp, struct shiny_conn *conn)
{
	resp->conn = conn;
}

void reply_begin_transaction(struct shiny_resp_reply *resp)
{
	struct reply *reply = reply_of(resp);

	reply->in_transaction = true;
	reply->begun = written(resp);
}

void reply_end_transaction(struct shiny_resp_reply *resp)
{
	reply_of(resp)->in_transaction = false;
}

/*
 * What a request replies may pass max_output; that it is not too large was looked at before it was
 * begun, or it never is. Between requests the batch looks whether the client takes its replies.
 */
static __attribute__((noinline)) void allow(const struct reply *reply, size_t size)
{
	const struct shiny_resp_reply *resp = &reply->resp;

	if (resp->flushed <= reply->terms->most || reply->in_transaction) {
		shiny_allow_output(resp->conn, shiny_unsent(resp->conn) + size);
	}
}

static char *grow(struct shiny_resp_reply *resp, size_t len)
{
	struct reply *reply = reply_of(resp);
	size_t size = len > SHINY_RESP_RESERVE ? len : SHINY_RESP_RESERVE;

	shiny_resp_flush(resp);
	reply->grown = true;
	if (!resp->conn || resp->failed) {
		return NULL;
	}
	work_add(reply->terms->work, size);
	if (resp->flushed > 0 || size > SHINY_RESP_RESERVE) {
		allow(reply, size);
	}
	return shiny_resp_reserve(resp, size);
}

/* Room that is nobody's, for what is only counted. */
static char *grow_scratch(struct shiny_resp_reply *resp, size_t len)
{
	shiny_resp_flush(resp);
	if (len > REPLY_SCRATCH_SIZE) {
		resp->flushed += len;
		return NULL;
	}
	resp->start = resp->at = reply_of(resp)->scratch;
	resp->end = resp->start + REPLY_SCRATCH_SIZE;
	return resp->at;
}

static void note_error(struct shiny_resp_reply *resp, const char *text)
{
	struct reply *reply = reply_of(resp);

	reply->grown = true;
	if (reply->terms->fatal) {
		memcpy(reply->terms->fatal, text, strlen(text) + 1);
		resp->failed = true;
	}
	if (reply->terms->error_stats) {
		error_stats_count(reply->terms->error_stats, text);
	}
}

const struct shiny_resp_hooks reply_hooks = { .grow = grow, .error = note_error };
const struct shiny_resp_hooks reply_count_hooks = { .grow = grow_scratch, .error = note_error };

bool reply_prepare_more(struct shiny_resp_reply *resp, uint64_t size)
{
	const struct reply *reply = reply_of(resp);
	uint64_t before = reply->in_transaction ? written(resp) - reply->begun : 0;

	if (!resp->conn) {
		return !resp->failed;
	}
	if (before + size > reply->terms->most && before > 0) {
		shiny_resp_error(resp,
				 "ERR reply of %" PRIu64
				 " bytes refused: the replies of a transaction may have %" PRIu64
				 " in all (max_reply), and these have %" PRIu64 " already",
				 size, reply->terms->most, before);
		return false;
	}
	if (size > reply->terms->most) {
		shiny_resp_error(resp,
				 "ERR reply of %" PRIu64 " bytes refused: it may have %" PRIu64
				 " (max_reply)",
				 size, reply->terms->most);
		return false;
	}
	return shiny_resp_grow(resp, (size_t)size);
}

void reply_whole_bulk(struct shiny_resp_reply *resp, const char *data, size_t len)
{
	if ((size_t)(resp->end - resp->at) >= SHINY_RESP_FIXED_MAX + len) {
		shiny_resp_end(resp, shiny_resp_put_bulk(resp->at, data, len));
	} else if (reply_prepare_more(resp, SHINY_RESP_FIXED_MAX + len)) {
		shiny_resp_bulk(resp, data, len);
	}
}
