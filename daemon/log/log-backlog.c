/* SPDX-License-Identifier: MIT */
/*
 * The backlog of the log: whole lines, one behind the other, written from the front.
 */
#include "log/log-backlog.h"

#include <string.h>

bool log_backlog_keep(struct log_backlog *backlog, const char *line, size_t len)
{
	if (len > sizeof(backlog->lines) - backlog->len) {
		return false;
	}
	memcpy(backlog->lines + backlog->len, line, len);
	backlog->len += len;
	return true;
}

bool log_backlog_write(struct log_backlog *backlog, struct log_target *target)
{
	const char *line = backlog->lines;
	const char *end = backlog->lines + backlog->len;

	while (line < end) {
		const char *next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;

		if (!log_target_write(target, line, (size_t)(next - line))) {
			break;
		}
		line = next;
	}
	backlog->len = (size_t)(end - line);
	memmove(backlog->lines, line, backlog->len);
	return backlog->len == 0;
}
