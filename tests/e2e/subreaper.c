/* SPDX-License-Identifier: MIT */
/*
 * subreaper: runs a program that inherits the orphans below it, as the first process of a container
 * does.
 *
 * usage: subreaper PROGRAM [ARGUMENT]...
 */
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: subreaper PROGRAM [ARGUMENT]...\n");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 1;
}
