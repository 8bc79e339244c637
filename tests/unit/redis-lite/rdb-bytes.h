/* SPDX-License-Identifier: MIT */
/*
 * Files as a Redis dumps them, byte by byte.
 */
#ifndef TESTS_RDB_BYTES_H
#define TESTS_RDB_BYTES_H

#include <glib.h>
#include <stdbool.h>

/* rdb_begin() - a file of that version; for g_string_free() */
GString *rdb_begin(unsigned version);

/* rdb_put() - these bytes; rdb_put_length() - a length in its shortest form */
void rdb_put(GString *rdb, const void *data, size_t len);
void rdb_put_byte(GString *rdb, unsigned byte);
void rdb_put_length(GString *rdb, guint64 length);

/* rdb_put_text() - a string as it is; rdb_put_packed() - compressed, if this build can read that */
void rdb_put_text(GString *rdb, const char *text);
bool rdb_put_packed(GString *rdb, const char *text);

/* rdb_put_pair() - a key and its value, both as they are */
void rdb_put_pair(GString *rdb, const char *key, const char *value);

/* rdb_put_expiry() - of the next key, in milliseconds */
void rdb_put_expiry(GString *rdb, gint64 expiry_ms);

/* rdb_end() - the end, with a checksum */
void rdb_end(GString *rdb);

#endif
