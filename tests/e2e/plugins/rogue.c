/* SPDX-License-Identifier: MIT */
/*
 * rogue: does to its own process what no plugin should.
 *
 * A connection's first byte is the order. on_load does the same in load, or has it wait for the end
 * of a file; load fails where the file that needs names is not there.
 */
#include <errno.h>
#include <fcntl.h>
#include <shiny-plugin.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 4096
#define BULK		((size_t)64 * 1024)

enum {
	ON_LOAD,
	NEEDS,
};

enum {
	NOTHING,
	TERMINATE,
	WAIT,
};

static const char *const orders[] = { "nothing", "terminate", "wait", NULL };

static const struct shiny_param parameters[] = {
	[ON_LOAD] = { .key = "on_load",
		      .type = SHINY_TYPE_ENUM,
		      .default_value = "nothing",
		      .choices = orders },
	[NEEDS] = { .key = "needs", .type = SHINY_TYPE_PATH },
	{ NULL },
};

struct rogue {
	const struct shiny_host *host;
	int held[DESCRIPTORS_MAX]; /* all that the process may have */
	int count;
};

static void hold_descriptors(struct rogue *rogue)
{
	int fd = 0;

	while (rogue->count < DESCRIPTORS_MAX && fd >= 0) {
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			rogue->held[rogue->count++] = fd;
		}
	}
}

static void let_descriptors_go(struct rogue *rogue)
{
	while (rogue->count > 0) {
		close(rogue->held[--rogue->count]);
	}
}

static bool is_pipe(int fd, int access, ino_t *ret_inode)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) ||
	    (fcntl(fd, F_GETFL) & O_ACCMODE) != access) {
		return false;
	}
	*ret_inode = st.st_ino;
	return true;
}

static bool is_read_here(ino_t pipe)
{
	ino_t inode;

	for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
		if (is_pipe(fd, O_RDONLY, &inode) && inode == pipe) {
			return true;
		}
	}
	return false;
}

/* The pipe that somebody else reads. */
static int find_channel(void)
{
	int fd = STDERR_FILENO;
	ino_t inode;

	do {
		fd++;
	} while (fd < DESCRIPTORS_MAX && (!is_pipe(fd, O_WRONLY, &inode) || is_read_here(inode)));
	return fd;
}

/* A grandchild whose parent is gone, and which has ended. Returns its id. */
static pid_t leave_an_orphan(void)
{
	int ends[2];
	pid_t orphan = 0, child;

	if (pipe(ends) < 0) {
		return -1;
	}
	child = fork();
	if (child == 0) {
		orphan = fork();
		if (orphan == 0) {
			_exit(0);
		}
		_exit(write(ends[1], &orphan, sizeof(orphan)) != sizeof(orphan));
	}
	waitpid(child, NULL, 0);
	if (read(ends[0], &orphan, sizeof(orphan)) != sizeof(orphan)) {
		orphan = -1;
	}
	close(ends[0]);
	close(ends[1]);
	return orphan;
}

/* A child in a session of its own, which does not mind signals. Returns its id. */
static pid_t leave_a_daemon(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		for (;;) {
			pause();
		}
	}
	return pid;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	static char bulk[BULK];
	struct rogue *rogue = ctx;
	char reply[64] = "";

	if (len == 0) {
		return true;
	}
	switch (*data) {
	case 'b': /* bulk without end, for who does not read */
		while (shiny_write(conn, bulk, BULK) == 0) {
		}
		return false;
	case 'c': /* close what the supervisor hears it by */
		close(find_channel());
		break;
	case 'd': /* degraded, in the words that follow */
		snprintf(reply, sizeof(reply), "%.*s", (int)len - 1, data + 1);
		rogue->host->degraded(rogue->host, reply);
		*reply = '\0';
		break;
	case 'f': /* few descriptors: none */
		hold_descriptors(rogue);
		break;
	case 'g': /* garbage for the supervisor */
		(void)!write(find_channel(), "\xff\xff is no message", 17);
		break;
	case 'k': /* kill its supervisor, if that can be */
		snprintf(reply, sizeof(reply), "%s\n",
			 kill(getppid(), SIGHUP) < 0 ? strerror(errno) : "killed");
		break;
	case 'l': /* leave a daemon behind */
		snprintf(reply, sizeof(reply), "%d\n", (int)leave_a_daemon());
		break;
	case 'm': /* more descriptors: as before */
		let_descriptors_go(rogue);
		break;
	case 'o': /* orphan */
		snprintf(reply, sizeof(reply), "%d\n", (int)leave_an_orphan());
		break;
	case 'p': /* produce more than it has reserved */
		shiny_reserve(conn, 10);
		shiny_produce(conn, BULK);
		return true;
	case 't': /* terminate itself */
		raise(SIGTERM);
		break;
	case 'u': /* unread, waiting for more than may be held */
		return shiny_unread(conn, len, (size_t)1 << 40) == 0;
	case 'w': /* well again */
		rogue->host->degraded(rogue->host, NULL);
		break;
	}
	shiny_write(conn, reply, strlen(reply));
	return shiny_write(conn, "done\n", 5) == 0;
}

static int obey(int64_t order)
{
	const char *gate = getenv("SHINYD_TEST_GATE");

	if (order == TERMINATE) {
		raise(SIGTERM);
	}
	while (order == WAIT && access(gate, F_OK) == 0) {
		usleep(1000);
	}
	return 0;
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	const char *needs = values[NEEDS].text;
	struct rogue *rogue;

	if (needs != NULL && access(needs, F_OK) < 0) {
		snprintf(error, SHINY_ERROR_MAX, "%s: %s", needs, strerror(errno));
		return -errno;
	}
	rogue = calloc(1, sizeof(*rogue));
	rogue->host = host;
	*ret_ctx = rogue;
	return obey(values[ON_LOAD].number);
}

static void unload(void *ctx)
{
	let_descriptors_go(ctx);
	free(ctx);
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,	  .name = "rogue", .version = "1.0",
	.parameters = parameters, .load = load,	   .unload = unload,
};
