/* SPDX-License-Identifier: MIT */
/*
 * puppet: does to its host what a test asks for.
 *
 * A connection's first byte is the order. on_load does the same to load, on_check to check.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <shiny-plugin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BULK	    ((size_t)4 * 1024 * 1024)
#define MAPPING	    ((size_t)1024 * 1024)
#define SPARE	    (4 * MAPPING)
#define LARGE	    ((size_t)1024 * 1024 * 1024)
#define FLOOD	    10000
#define REPETITIONS 100
#define LONG_MS	    3000

enum {
	ON_LOAD,
	ON_CHECK,
	PASSWORD,
};

enum order {
	OBEY_NOTHING,
	CRASH,
	EXIT,
	FAIL,
	SLOW,
	END,
	ORDERS,
	/* Only load has the time for these. */
	FAIL_LATE = ORDERS,
	HANG,
	FORK,
	LOAD_ORDERS,
};

#define COMMON_ORDERS                                                                    \
	[OBEY_NOTHING] = "nothing", [CRASH] = "crash", [EXIT] = "exit", [FAIL] = "fail", \
	[SLOW] = "slow", [END] = "end"

static const char *const orders[] = { COMMON_ORDERS, [ORDERS] = NULL };

static const char *const load_orders[] = {
	COMMON_ORDERS,	 [FAIL_LATE] = "slow failure", [HANG] = "hang",
	[FORK] = "fork", [LOAD_ORDERS] = NULL,
};

static const struct shiny_param parameters[] = {
	[ON_LOAD] = { .key = "on_load",
		      .type = SHINY_TYPE_ENUM,
		      .default_value = "nothing",
		      .choices = load_orders },
	[ON_CHECK] = { .key = "on_check",
		       .type = SHINY_TYPE_ENUM,
		       .default_value = "nothing",
		       .choices = orders },
	[PASSWORD] = { .key = "password", .type = SHINY_TYPE_SECRET },
	{ NULL },
};

struct puppet {
	const struct shiny_host *host;
	bool ended;
};

static int obey(int64_t order, char *error)
{
	const char *gate = getenv("SHINYD_TEST_GATE"); /* while that is closed; NULL: forever */

	switch (order) {
	case CRASH:
		raise(SIGSEGV);
		break;
	case EXIT:
		exit(0);
	case FAIL_LATE:
		sleep(1);
		/* fall through */
	case FAIL:
		snprintf(error, SHINY_ERROR_MAX, "the strings are cut");
		return -1;
	case HANG:
		while (gate == NULL || access(gate, F_OK) == 0) {
			usleep(1000);
		}
		break;
	case END: /* at the first tick */
		while (gate != NULL && access(gate, F_OK) == 0) {
			usleep(1000);
		}
		break;
	case FORK: /* who it is does not matter */
		return fork() < 0 ? -1 : 0;
	case SLOW:
		sleep(1);
		break;
	}
	return 0;
}

/* Takes the dynamic linker's lock and keeps it: the constructor there waits for a file. */
static void *load_slowly(void *arg)
{
	char path[4096];
	Dl_info info;

	dladdr(orders, &info);
	snprintf(path, sizeof(path), "%.*s/slow-constructor.so",
		 (int)(strrchr(info.dli_fname, '/') - info.dli_fname), info.dli_fname);
	dlopen(path, RTLD_NOW);
	return arg;
}

static void hold_the_linker(void)
{
	const char *gate = getenv("SHINYD_TEST_GATE");
	char entered[4096];
	pthread_t thread;

	snprintf(entered, sizeof(entered), "%s.entered", gate);
	pthread_create(&thread, NULL, load_slowly, NULL);
	while (access(entered, F_OK) < 0) {
		usleep(1000);
	}
}

/* Why a file that has no other end ends. */
static const char *grow_file(void)
{
	static const char block[4096];
	FILE *file = tmpfile();
	int error = 0;

	while (error == 0) {
		error = write(fileno(file), block, sizeof(block)) < 0 ? errno : 0;
	}
	fclose(file);
	return strerror(error);
}

/* Each line is another one. */
static void flood(const struct shiny_host *host)
{
	char line[64];

	for (int i = 0; i < FLOOD; i++) {
		snprintf(line, sizeof(line), "%d bottles hang on the wall", i);
		host->log(host, SHINY_LOG_NOTICE, line);
	}
}

/* All that can be had, but for a little to live on. */
static void fill_memory(void)
{
	void *spare = mmap(NULL, SPARE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	while (mmap(NULL, MAPPING, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED) {
	}
	munmap(spare, SPARE);
}

static void *crash_thread(void *arg)
{
	raise(SIGSEGV);
	return arg;
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct puppet *puppet = ctx;
	pthread_t thread;
	pid_t pid;
	char reply[SHINY_ADDRESS_MAX + 1];

	if (len == 0) {
		return true;
	}
	switch (*data) {
	case 'a': /* at once more memory than there is, and then what most programs do */
		if (mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		    MAP_FAILED) {
			abort();
		}
		break;
	case 'b': /* bulk: 4 MiB */
		memset(shiny_reserve(conn, BULK), 'b', BULK);
		shiny_produce(conn, BULK);
		break;
	case 'c': /* crash */
		raise(SIGSEGV);
		break;
	case 'd': /* deadlock of a backtrace */
		hold_the_linker();
		raise(SIGSEGV);
		break;
	case 'e': /* exit */
		exit(0);
	case 'f': /* flood the log */
		flood(puppet->host);
		break;
	case 'g': /* grow a file until there is a reason to stop */
		snprintf(reply, sizeof(reply), "%s\n", grow_file());
		shiny_write(conn, reply, strlen(reply));
		break;
	case 'h': /* hold: never let this connection go */
		shiny_hold(conn);
		break;
	case 'i': /* id of the process */
		snprintf(reply, sizeof(reply), "%d\n", (int)getpid());
		shiny_write(conn, reply, strlen(reply));
		break;
	case 'j': /* join in: a child returns as if nothing had happened */
		pid = fork();
		if (pid == 0) {
			return true;
		}
		waitpid(pid, NULL, 0);
		break;
	case 'k': /* kids: one crashes, one exits */
		for (int i = 0; i < 2; i++) {
			pid = fork();
			if (pid == 0) {
				i == 0 ? (void)raise(SIGSEGV) : exit(0);
			}
			waitpid(pid, NULL, 0);
		}
		break;
	case 'l': /* log */
		puppet->host->log(puppet->host, SHINY_LOG_NOTICE, "pulled\nby a string");
		break;
	case 'm': /* memory, all that can be had, and then what most programs do */
		fill_memory();
		abort();
	case 'y': /* yield to nobody: works for long, and says that it makes progress */
		for (int i = 0; i < LONG_MS; i++) {
			usleep(1000);
			shiny_server_progress(puppet->host->server);
		}
		break;
	case 'z': /* zero answers are owed, and yet one is given */
		shiny_release(conn);
		break;
	case 'x': /* express itself on standard output and error */
		printf("to stdout\n");
		fflush(stdout);
		fprintf(stderr, "shinyd: [server b] all is \033[31mwell\n\nno end");
		break;
	case 'o': /* overflow: flood the log, and crash */
		flood(puppet->host);
		raise(SIGSEGV);
		break;
	case 'q': /* quit without a word */
		_exit(3);
	case 'p': /* peer */
		shiny_peer(conn, reply, sizeof(reply) - 1);
		shiny_write(conn, strcat(reply, "\n"), strlen(reply) + 1);
		break;
	case 'r': /* repeat one line in the log */
		for (int i = 0; i < REPETITIONS; i++) {
			puppet->host->log(puppet->host, SHINY_LOG_NOTICE, "cuckoo");
		}
		break;
	case 's': /* stand still */
		for (;;) {
			pause();
		}
	case 't': /* tick false */
		puppet->ended = true;
		break;
	case 'v': /* voracious: as much memory, and lives on */
		fill_memory();
		break;
	case 'w': /* crash in a thread of its own */
		pthread_create(&thread, NULL, crash_thread, NULL);
		pthread_join(thread, NULL);
		break;
	case 'u': /* user */
		snprintf(reply, sizeof(reply), "%u %u\n", (unsigned)getuid(), (unsigned)getgid());
		shiny_write(conn, reply, strlen(reply));
		break;
	}
	return shiny_write(conn, "done\n", 5) == 0;
}

bool on_tick(void *ctx)
{
	const struct puppet *puppet = ctx;

	return !puppet->ended;
}

static int check(const struct shiny_value *values, char *error)
{
	return obey(values[ON_CHECK].number, error);
}

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct puppet *puppet;
	char line[64];
	int r;

	if (values[ON_LOAD].number == END) {
		snprintf(line, sizeof(line), "process %d is going to end", (int)getpid());
		host->log(host, SHINY_LOG_NOTICE, line);
	}
	r = obey(values[ON_LOAD].number, error);
	if (r < 0) {
		return r;
	}
	puppet = calloc(1, sizeof(*puppet));
	puppet->host = host;
	puppet->ended = values[ON_LOAD].number == END;
	*ret_ctx = puppet;
	return 0;
}

static void unload(void *ctx)
{
	free(ctx);
}

const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD, .name = "puppet", .version = "0.9", .parameters = parameters,
	.check = check,	   .load = load,     .unload = unload,
};
