/* SPDX-License-Identifier: MIT */
/*
 * Error replies counted by their code, the first word of their text. The codes are a few fixed
 * words; if there were ever more than there is room for, the rest would only count in the total.
 */
#include "command/error-stats.h"

#include <string.h>

void error_stats_count(struct error_stats *stats, const char *text)
{
	size_t len = strcspn(text, " ");

	stats->total++;
	if (len >= ERROR_CODE_SIZE) {
		return;
	}
	for (unsigned i = 0; i < ERROR_KINDS; i++) {
		if (!stats->kinds[i].count) {
			memcpy(stats->kinds[i].code, text, len);
		}
		if (strncmp(stats->kinds[i].code, text, len) == 0 &&
		    stats->kinds[i].code[len] == '\0') {
			stats->kinds[i].count++;
			return;
		}
	}
}
