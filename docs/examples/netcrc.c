/* SPDX-License-Identifier: MIT */
/*
 * netcrc: a plugin of somebody else's. The CRC-32 of each netstring that comes in goes out as a netstring.
 *
 *     11:hello world,   ->   8:0d4a1185,
 *
 * Short payloads are summed on the spot; long ones on a thread, whose answer comes back by shiny_server_wake(). Answers
 * keep the order of the requests: while the thread works on one, its connection is paused. docs/plugin-guide.md
 * walks through this file.
 */
#include <shiny-plugin.h>

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD_MAX 16000000 /* netstrings say their length in up to eight digits */

/* One long payload on its way through the thread. */
struct job {
	struct job *next;
	uint64_t conn; /* an id, not a pointer: the connection may go while the thread works */
	uint32_t crc;
	bool done;
	bool orphan; /* the connection has gone; the thread frees the job */
	size_t len;
	char payload[];
};

/* What a connection remembers between two calls. */
struct peer {
	struct job *job; /* with the thread, or NULL */
	uint64_t served;
};

struct netcrc {
	const struct shiny_host *host;
	size_t inline_max; /* payloads up to so many bytes are summed on the spot */

	pthread_t thread;
	pthread_mutex_t lock; /* all below, and done and orphan of each job */
	pthread_cond_t more;
	struct job *first, **last;
	bool stopping;
};

static uint32_t crc32(const char *data, size_t len)
{
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)data[i];
		for (int bit = 0; bit < 8; bit++) {
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
		}
	}
	return ~crc;
}

/*
 * Returns the length of the whole netstring at @data, and where its payload is; 0 if it is not all there yet, and
 * in *ret_want how many bytes would be; -1 if it is no netstring.
 */
static long parse(const char *data, size_t len, const char **ret_payload, size_t *ret_len,
		  size_t *ret_want)
{
	size_t n = 0, digits = 0;

	while (digits < len && data[digits] >= '0' && data[digits] <= '9') {
		n = n * 10 + (size_t)(data[digits++] - '0');
		if (n > PAYLOAD_MAX) {
			return -1;
		}
	}
	if (digits == len) {
		*ret_want = len + 1;
		return 0;
	}
	if (digits == 0 || data[digits] != ':') {
		return -1;
	}
	size_t whole = digits + 1 + n + 1;
	if (len < whole) {
		*ret_want = whole;
		return 0;
	}
	if (data[whole - 1] != ',') {
		return -1;
	}
	*ret_payload = data + digits + 1;
	*ret_len = n;
	return (long)whole;
}

static bool answer(struct shiny_conn *conn, struct peer *peer, uint32_t crc)
{
	char reply[16];

	peer->served++;
	snprintf(reply, sizeof(reply), "8:%08" PRIx32 ",", crc);
	return shiny_write(conn, reply, strlen(reply)) == 0;
}

static bool hand_to_thread(struct netcrc *app, struct shiny_conn *conn, struct peer *peer,
			   const char *payload, size_t len)
{
	struct job *job = malloc(sizeof(*job) + len);

	if (!job) {
		return false;
	}
	*job = (struct job){ .conn = shiny_id(conn), .len = len };
	memcpy(job->payload, payload, len);
	peer->job = job;
	shiny_hold(conn);  /* an answer is owed, whatever the peer does */
	shiny_pause(conn); /* and none is to overtake it */
	pthread_mutex_lock(&app->lock);
	*app->last = job;
	app->last = &job->next;
	pthread_cond_signal(&app->more);
	pthread_mutex_unlock(&app->lock);
	return true;
}

/* The thread has woken the connection; or somebody else has, and the job is not done. */
static bool take_back(struct netcrc *app, struct shiny_conn *conn, struct peer *peer)
{
	struct job *job = peer->job;

	pthread_mutex_lock(&app->lock);
	bool done = job && job->done;
	pthread_mutex_unlock(&app->lock);
	if (!done) {
		return true;
	}
	peer->job = NULL;
	uint32_t crc = job->crc;
	free(job);
	shiny_release(conn);
	shiny_resume(conn);
	return answer(conn, peer, crc);
}

bool on_handle(struct shiny_conn *conn, const char *data, size_t len, void *ctx)
{
	struct netcrc *app = ctx;
	struct peer *peer = shiny_user(conn);

	if (len == 0) {
		return take_back(app, conn, peer);
	}
	while (len > 0 && !peer->job && !shiny_congested(conn)) {
		const char *payload;
		size_t payload_len = 0, want = 0;
		long whole = parse(data, len, &payload, &payload_len, &want);

		if (whole < 0) {
			return false;
		}
		if (whole == 0) {
			return shiny_unread(conn, len, want) == 0;
		}
		bool served = payload_len <= app->inline_max
				      ? answer(conn, peer, crc32(payload, payload_len))
				      : hand_to_thread(app, conn, peer, payload, payload_len);
		if (!served) {
			return false;
		}
		data += whole;
		len -= (size_t)whole;
	}
	return shiny_unread(conn, len, 0) == 0;
}

bool on_accept(struct shiny_conn *conn, void *ctx)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	(void)ctx;
	shiny_set_user(conn, peer);
	return peer != NULL;
}

void on_closed(struct shiny_conn *conn, int error, void *ctx)
{
	struct netcrc *app = ctx;
	struct peer *peer = shiny_user(conn);
	struct job *job = peer->job;
	char text[80];

	snprintf(text, sizeof(text), "%" PRIu64 " netstrings served%s%s", peer->served,
		 error ? ": " : "", error ? strerror(error) : "");
	app->host->log(app->host, SHINY_LOG_DEBUG, text);
	if (job) {
		pthread_mutex_lock(&app->lock);
		bool done = job->done;
		job->orphan = true;
		pthread_mutex_unlock(&app->lock);
		if (done) {
			free(job);
		}
	}
	free(peer);
}

/* The next job; NULL when it is time to end. */
static struct job *next_job(struct netcrc *app)
{
	struct job *job;

	pthread_mutex_lock(&app->lock);
	while (!app->first && !app->stopping) {
		pthread_cond_wait(&app->more, &app->lock);
	}
	job = app->first;
	if (job) {
		app->first = job->next;
		if (!app->first) {
			app->last = &app->first;
		}
	}
	pthread_mutex_unlock(&app->lock);
	return job;
}

static void *work(void *arg)
{
	struct netcrc *app = arg;
	struct job *job;

	while ((job = next_job(app))) {
		uint64_t conn = job->conn; /* once it is done, the job is the connection's */

		job->crc = crc32(job->payload, job->len);
		pthread_mutex_lock(&app->lock);
		bool orphan = job->orphan;
		job->done = true;
		pthread_mutex_unlock(&app->lock);
		if (orphan) {
			free(job);
		} else {
			shiny_server_wake(app->host->server, conn);
		}
	}
	return NULL;
}

enum param {
	PARAM_INLINE_MAX,
};

static const struct shiny_param parameters[] = {
	[PARAM_INLINE_MAX] = {
		.key = "inline_max",
		.type = SHINY_TYPE_SIZE,
		.default_value = "4K",
		.max = PAYLOAD_MAX,
		.help = "payloads up to this size are summed on the spot, longer ones on a thread",
	},
	{ .key = NULL },
};

static int load(const struct shiny_host *host, const struct shiny_value *values, char *error,
		void **ret_ctx)
{
	struct netcrc *app = calloc(1, sizeof(*app));

	if (!app) {
		return -ENOMEM;
	}
	app->host = host;
	app->inline_max = (size_t)values[PARAM_INLINE_MAX].number;
	app->last = &app->first;
	pthread_mutex_init(&app->lock, NULL);
	pthread_cond_init(&app->more, NULL);
	int code = pthread_create(&app->thread, NULL, work, app);
	if (code != 0) {
		snprintf(error, SHINY_ERROR_MAX, "cannot start a thread: %s", strerror(code));
		free(app);
		return -code;
	}
	*ret_ctx = app;
	return 0;
}

static void unload(void *ctx)
{
	struct netcrc *app = ctx;

	pthread_mutex_lock(&app->lock);
	app->stopping = true;
	pthread_cond_signal(&app->more);
	pthread_mutex_unlock(&app->lock);
	pthread_join(app->thread, NULL);
	pthread_cond_destroy(&app->more);
	pthread_mutex_destroy(&app->lock);
	free(app);
}

/* clang-format off */
const struct shiny_plugin shiny_plugin = {
	SHINY_PLUGIN_HEAD,
	.name = "netcrc",
	.version = "1.0",
	.summary = "the CRC-32 of each netstring",
	.parameters = parameters,
	.load = load,
	.unload = unload,
};
/* clang-format on */
