/* SPDX-License-Identifier: MIT */
/*
 * Work on another thread, answered by shiny_server_wake(): each byte is a task, which takes the thread 10 ms.
 *
 * The thread knows a connection by its id only. It counts the finished tasks in the connection's record and wakes
 * it; the handler, on the serving thread, writes the answers. The record is shared, so it counts who holds it.
 */
#include <errno.h>
#include <pthread.h>
#include <shiny.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct record {
	uint64_t id;
	unsigned holders; /* the connection, and each task; all of these under lock */
	unsigned finished;
};

struct task {
	struct record *record;
	struct task *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static struct task *first, **last = &first;

/* Under lock. */
static void let_go(struct record *record)
{
	if (--record->holders == 0) {
		free(record);
	}
}

static struct task *take_task(void)
{
	struct task *task;

	pthread_mutex_lock(&lock);
	while (!first) {
		pthread_cond_wait(&more, &lock);
	}
	task = first;
	first = task->next;
	last = first ? last : &first;
	pthread_mutex_unlock(&lock);
	return task;
}

static void *work(void *server)
{
	const struct timespec effort = { .tv_nsec = 10000000 };

	for (;;) {
		struct task *task = take_task();
		nanosleep(&effort, NULL);
		pthread_mutex_lock(&lock);
		uint64_t id = task->record->id;
		task->record->finished++;
		let_go(task->record);
		pthread_mutex_unlock(&lock);
		shiny_server_wake(server, id); /* nothing happens if the connection has gone */
		free(task);
	}
	return NULL;
}

static bool on_connect(struct shiny_conn *conn, void *ctx)
{
	struct record *record = calloc(1, sizeof(*record));

	(void)ctx;
	if (record) {
		record->id = shiny_id(conn);
		record->holders = 1;
		shiny_set_user(conn, record);
	}
	return record != NULL;
}

static int queue_task(struct shiny_conn *conn, struct record *record)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task) {
		return -ENOMEM;
	}
	/* An answer is owed, also after the peer's FIN. */
	int error = shiny_hold(conn);
	if (error < 0) {
		free(task);
		return error;
	}
	task->record = record;
	pthread_mutex_lock(&lock);
	record->holders++;
	*last = task;
	last = &task->next;
	pthread_cond_signal(&more);
	pthread_mutex_unlock(&lock);
	return 0;
}

static bool handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct record *record = shiny_user(conn);
	unsigned finished;
	int error = 0;

	(void)data, (void)ctx;
	while (len > 0 && (error = queue_task(conn, record)) == 0) {
		len--;
	}
	if (error == -ENOMEM) {
		return false;
	}
	pthread_mutex_lock(&lock);
	finished = record->finished;
	record->finished = 0;
	pthread_mutex_unlock(&lock);
	for (; finished > 0; finished--) {
		shiny_release(conn);
		if (shiny_write(conn, "done\n", 5) < 0) {
			return false;
		}
	}
	/* There are too many tasks already: when one is finished, the wake brings the rest again. */
	return len == 0 || shiny_unread(conn, len, 0) == 0;
}

static void on_close(struct shiny_conn *conn, int error, void *ctx)
{
	(void)error, (void)ctx;
	pthread_mutex_lock(&lock);
	let_go(shiny_user(conn));
	pthread_mutex_unlock(&lock);
}

int main(int argc, char **argv)
{
	const char *address = argc > 1 ? argv[1] : "tcp://127.0.0.1:9999";
	const struct shiny_handlers handlers = { handle, on_connect, on_close, NULL };
	struct shiny_server *server = NULL;
	pthread_t thread;
	int error = shiny_server_create(&handlers, NULL, NULL, &server);

	if (error == 0) {
		error = shiny_server_listen(server, address);
	}
	if (error == 0) {
		error = -pthread_create(&thread, NULL, work, server);
	}
	if (error == 0) {
		error = shiny_server_run(server);
	}
	if (error < 0) {
		fprintf(stderr, "%s: %s\n", address, strerror(-error));
	}
	return error < 0;
}
