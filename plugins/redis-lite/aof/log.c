/* SPDX-License-Identifier: MIT */
/*
 * What goes into the append-only file: every change, as the request that makes it again.
 *
 * A file that is broken gets nothing more: it is written anew from the keyspace.
 */
#include "aof/internal.h"

void aof_gather_raw(struct aof *aof)
{
	if (aof->raw_end) {
		size_t len = (size_t)(aof->raw_end - aof->raw);

		aof->raw_end = NULL;
		aof_writer_append(&aof->log, aof->raw, len);
	}
}

/* What must stand in front of a record. */
static void log_prefix(struct aof *aof, unsigned db)
{
	if (aof->transaction == AOF_TRANSACTION_EMPTY) {
		aof_writer_request(&aof->log,
				   (const struct shiny_resp_arg[]){ SHINY_RESP_ARG("MULTI") }, 1);
		aof->transaction = AOF_TRANSACTION_OPEN;
	}
	if (db != aof->log.db) {
		aof_gather_raw(aof);
		aof_writer_select(&aof->log, db);
	}
}

void aof_log(struct aof *aof, unsigned db, const struct shiny_resp_arg *argv, size_t argc)
{
	if (!aof->broken) {
		log_prefix(aof, db);
		aof_gather_raw(aof);
		aof_writer_request(&aof->log, argv, argc);
	}
}

void aof_log_raw(struct aof *aof, unsigned db, const char *data, size_t len)
{
	if (aof->broken) {
		return;
	}
	log_prefix(aof, db);
	aof_gather_raw(aof);
	aof->raw = data;
	aof->raw_end = data + len;
}

void aof_begin_transaction(struct aof *aof)
{
	aof_gather_raw(aof);
	aof->transaction = AOF_TRANSACTION_EMPTY;
}

void aof_end_transaction(struct aof *aof)
{
	if (aof->transaction == AOF_TRANSACTION_OPEN) {
		aof_gather_raw(aof);
		aof_writer_request(&aof->log,
				   (const struct shiny_resp_arg[]){ SHINY_RESP_ARG("EXEC") }, 1);
	}
	aof->transaction = AOF_TRANSACTION_NONE;
}

void aof_expect_ack(struct aof *aof)
{
	aof->ack_pending = true;
}
