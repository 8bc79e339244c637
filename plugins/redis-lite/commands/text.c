/* SPDX-License-Identifier: MIT */
/*
 * A reply for people to read, printed into memory first, since its length stands before it.
 */
#include "commands/text.h"
#include "command/command.h"

#include <stdlib.h>

bool text_open(struct text *text, struct call *call)
{
	*text = (struct text){ 0 };
	text->out = open_memstream(&text->data, &text->len);
	if (!text->out) {
		call_memory_error(call);
	}
	return text->out;
}

void text_reply(struct text *text, struct call *call)
{
	if (fclose(text->out) == 0) {
		if (reply_prepare(call->reply, 2 * SHINY_RESP_FIXED_MAX + text->len)) {
			shiny_resp_text(call->reply, text->data, text->len);
		}
	} else {
		call_memory_error(call);
	}
	free(text->data);
}
