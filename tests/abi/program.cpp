// SPDX-License-Identifier: MIT
//
// A program in C++ that serves: it links, and the calls have C's names.
#include <shiny.h>

#include <cstdio>

static bool end_at_once(void *ctx)
{
	++*static_cast<int *>(ctx);
	return false;
}

int main()
{
	shiny_handlers handlers = {};
	shiny_options options = SHINY_OPTIONS;
	int ticks = 0;

	handlers.tick = end_at_once;
	options.max_connections = 10;
	int result = shiny_serve("tcp://127.0.0.1:0", &handlers, &options, &ticks);
	if (result != 0 || ticks != 1) {
		std::fprintf(stderr, "result %d, %d ticks\n", result, ticks);
		return 1;
	}
	return 0;
}
