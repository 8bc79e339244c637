/* SPDX-License-Identifier: MIT */
#include "puppet.h"

#include "client.h"
#include "harness.h"

#include <unistd.h>

void puppet_order(const char *address, const char *what)
{
	client_exchange(address, what, "done\n");
}

int puppet_give(const char *address, const char *what)
{
	int fd = client_connect(address);

	client_send_text(fd, what);
	return fd;
}

void puppet_give_fatal(const char *address, const char *what)
{
	int fd = puppet_give(address, what);

	if (!client_readable(fd, HARNESS_PATIENCE_MS)) {
		harness_fail("'%s' has not ended the connection", what);
	}
	close(fd);
}
