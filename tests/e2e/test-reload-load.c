/* SPDX-License-Identifier: MIT */
/*
 * SIGHUP under load: nobody is refused, and no request that a worker has read goes without its
 * reply.
 *
 * Clients send pipelines whose last request is cut in two. Where a connection ends before all
 * replies have come they send the rest again on the next one: so a request that was read and not
 * answered would be read twice.
 */
#include "client.h"
#include "harness.h"
#include "shinyd.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HELLO	     "Welcome to the echo server!\n"
#define ECHO	     "plugin = echo\n" LISTEN
#define LISTEN	     "listen = tcp://127.0.0.1:0\n"
#define RELOADS	     100
#define CLIENTS	     4
#define PIPELINE_MAX 64
#define LINE	     8 /* ledger's */

struct load {
	char address[128];
	void (*add_request)(GString *text, unsigned number);
	atomic_bool over;
};

struct client {
	struct load *load;
	pthread_t thread;
	unsigned seed;
	int fd;
	unsigned first, answered; /* requests are numbered from first on */
	unsigned ends;		  /* connections that were over before all replies had come */
	GString *replies;	  /* all of them */
};

static void add_ledger_line(GString *text, unsigned number)
{
	g_string_append_printf(text, "%07u\n", number);
}

static void add_increment(GString *text, unsigned number)
{
	(void)number;
	g_string_append(text, "*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n");
}

/* The lines of @n replies, or of fewer, if the connection ends first: in order, by a FIN. */
static unsigned receive_replies(struct client *client, unsigned n)
{
	unsigned lines = 0;
	char buf[4096];

	while (lines < n) {
		ssize_t len = recv(client->fd, buf, sizeof(buf), 0);

		g_assert_cmpint(len, >=, 0);
		if (len == 0) {
			return lines;
		}
		g_string_append_len(client->replies, buf, len);
		for (ssize_t i = 0; i < len; i++) {
			lines += buf[i] == '\n';
		}
	}
	return lines;
}

static void send_pipeline(struct client *client, unsigned n)
{
	GString *text = g_string_new(NULL);
	size_t cut, len = 0;

	for (unsigned i = 0; i < n; i++) {
		len = text->len;
		client->load->add_request(text, client->first + client->answered + i);
	}
	len = text->len - len;
	cut = text->len - 1 - (size_t)rand_r(&client->seed) % (len - 1);
	if (client_send_some(client->fd, text->str, cut) == cut) {
		g_usleep((gulong)rand_r(&client->seed) % 500);
		client_send_some(client->fd, text->str + cut, text->len - cut);
	}
	g_string_free(text, TRUE);
}

static void *send_and_receive(void *arg)
{
	struct client *client = arg;

	client->fd = client_connect(client->load->address);
	while (!atomic_load(&client->load->over)) {
		unsigned n = 1 + (unsigned)rand_r(&client->seed) % PIPELINE_MAX;
		unsigned got;

		send_pipeline(client, n);
		got = receive_replies(client, n);
		client->answered += got;
		if (got < n) {
			close(client->fd);
			client->fd = client_connect(client->load->address);
			client->ends++;
		}
	}
	close(client->fd);
	return NULL;
}

static void start_clients(struct load *load, struct client *clients)
{
	for (unsigned i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){
			.load = load, .seed = i, .first = i * 1000000, .replies = g_string_new(NULL)
		};
		g_assert_cmpint(
			pthread_create(&clients[i].thread, NULL, send_and_receive, &clients[i]), ==,
			0);
	}
}

/* Returns how many replies all of them have got. */
static unsigned join_clients(struct load *load, struct client *clients)
{
	unsigned answered = 0, ends = 0;

	atomic_store(&load->over, true);
	for (unsigned i = 0; i < CLIENTS; i++) {
		pthread_join(clients[i].thread, NULL);
		answered += clients[i].answered;
		ends += clients[i].ends;
	}
	g_test_message("%u requests answered, %u connections ended before", answered, ends);
	g_assert_cmpuint(ends, >, 0);
	return answered;
}

/* Each time with another setting, so that the worker is replaced. @section goes on. */
static void reload_often(struct shinyd *shinyd, const char *section, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		char *config =
			g_strdup_printf("[server a]\nidle_timeout = %uh\n%s", i + 1, section);
		struct serving serving;

		shinyd_reload(shinyd, config);
		shinyd_await_serving(shinyd, "a", &serving);
		g_free(config);
	}
}

static void start(struct shinyd *shinyd, struct load *load, const char *section)
{
	struct serving serving;

	shinyd_start(shinyd, "[server a]\n%s", section);
	shinyd_await_serving(shinyd, "a", &serving);
	g_strlcpy(load->address, serving.address, sizeof(load->address));
}

static int compare_lines(const void *a, const void *b)
{
	return memcmp(a, b, LINE);
}

/* That the ledger has each request once, and its client each reply, in order. */
static void compare_with_ledger(const char *file, struct client *clients)
{
	GString *expected = g_string_new(NULL);
	char *ledger;
	gsize len;

	for (unsigned i = 0; i < CLIENTS; i++) {
		gsize before = expected->len;

		for (unsigned n = 0; n < clients[i].answered; n++) {
			add_ledger_line(expected, clients[i].first + n);
		}
		g_assert_cmpstr(clients[i].replies->str, ==, expected->str + before);
	}
	g_assert_true(g_file_get_contents(file, &ledger, &len, NULL));
	qsort(ledger, len / LINE, LINE, compare_lines);
	g_assert_cmpuint(len, ==, expected->len);
	g_assert_cmpstr(ledger, ==, expected->str);
	g_free(ledger);
	g_string_free(expected, TRUE);
}

static void what_was_read_is_answered(void)
{
	struct shinyd shinyd = { 0 };
	struct load load = { .add_request = add_ledger_line };
	struct client clients[CLIENTS];
	char *file, *section;

	shinyd_prepare(&shinyd);
	file = g_build_filename(shinyd.dir, "ledger", NULL);
	section = g_strdup_printf("plugin = ledger\nledger = %s\n" LISTEN, file);
	start(&shinyd, &load, section);
	start_clients(&load, clients);
	reload_often(&shinyd, section, RELOADS);
	join_clients(&load, clients);
	compare_with_ledger(file, clients);
	for (unsigned i = 0; i < CLIENTS; i++) {
		g_string_free(clients[i].replies, TRUE);
	}
	g_free(section);
	g_free(file);
	shinyd_end(&shinyd);
}

/*
 * Half of a request has come with a whole one, whose reply tells that it was read; the end of an
 * idle connection tells that the worker drains.
 */
static void half_a_request_may_be_completed(void)
{
	struct shinyd shinyd = { 0 };
	struct load load = { 0 };
	char *section;
	int fd, idle;

	shinyd_prepare(&shinyd);
	section = g_strdup_printf("plugin = ledger\nledger = %s/ledger\n" LISTEN, shinyd.dir);
	start(&shinyd, &load, section);
	idle = client_connect(load.address);
	fd = client_connect(load.address);
	client_send_text(fd, "0000001\n0000");
	client_expect(fd, "0000001\n");
	reload_often(&shinyd, section, 1);
	client_expect_end(idle);
	close(idle);
	client_send_text(fd, "002\n");
	client_expect(fd, "0000002\n");
	client_expect_end(fd);
	close(fd);
	g_free(section);
	shinyd_end(&shinyd);
}

/* What was acknowledged was done, and nothing else was: so it can be counted. */
static void what_was_acknowledged_is_there(void)
{
	struct shinyd shinyd = { 0 };
	struct load load = { .add_request = add_increment };
	struct client clients[CLIENTS];
	char *section, *expected;
	unsigned answered;
	int fd;

	shinyd_prepare(&shinyd);
	section = g_strdup_printf("plugin = redis-lite\nappendonly = yes\ndir = %s\n" LISTEN,
				  shinyd.dir);
	start(&shinyd, &load, section);
	start_clients(&load, clients);
	reload_often(&shinyd, section, RELOADS);
	answered = join_clients(&load, clients);
	fd = client_connect(load.address);
	client_send_text(fd, "GET n\r\n");
	expected = g_strdup_printf("%u", answered);
	g_free(client_receive_line(fd));
	client_expect(fd, expected);
	client_expect(fd, "\r\n");
	close(fd);
	for (unsigned i = 0; i < CLIENTS; i++) {
		g_string_free(clients[i].replies, TRUE);
	}
	g_free(expected);
	g_free(section);
	shinyd_end(&shinyd);
}

/* Clients that come and go as fast as they can. */
struct visits {
	const char *address;
	atomic_bool over;
	atomic_uint refused, served, cut;
};

/* What a worker has begun to answer it must answer whole. */
static void visit(struct visits *visits)
{
	static const char expected[] = HELLO;
	char reply[sizeof(expected)];
	size_t have = 0;
	ssize_t n = 1;
	int fd = client_try_connect(visits->address);

	if (fd < 0) {
		atomic_fetch_add(&visits->refused, 1);
		return;
	}
	while (have < sizeof(expected) - 1 && n > 0) {
		n = recv(fd, reply + have, sizeof(expected) - 1 - have, 0);
		have += n > 0 ? (size_t)n : 0;
	}
	if (have == sizeof(expected) - 1) {
		atomic_fetch_add(&visits->served, 1);
	} else {
		atomic_fetch_add(&visits->cut, 1);
	}
	close(fd);
}

static void *visit_again_and_again(void *arg)
{
	struct visits *visits = arg;

	while (!atomic_load(&visits->over)) {
		visit(visits);
	}
	return NULL;
}

static void a_hundred_lose_nobody(void)
{
	struct shinyd shinyd = { 0 };
	struct serving serving;
	struct visits visits = { 0 };
	pthread_t threads[2];

	shinyd_start(&shinyd, "[server a]\n" ECHO);
	shinyd_await_serving(&shinyd, "a", &serving);
	visits.address = serving.address;
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
		pthread_create(&threads[i], NULL, visit_again_and_again, &visits);
	}
	reload_often(&shinyd, ECHO, RELOADS);
	atomic_store(&visits.over, true);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
		pthread_join(threads[i], NULL);
	}
	g_test_message("%u served", atomic_load(&visits.served));
	g_assert_cmpuint(atomic_load(&visits.served), >, 0);
	g_assert_cmpuint(atomic_load(&visits.refused), ==, 0);
	g_assert_cmpuint(atomic_load(&visits.cut), ==, 0);
	shinyd_end(&shinyd);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add_slow("/e2e/reload/a-hundred-refuse-and-cut-nobody", a_hundred_lose_nobody, 120);
	harness_add_slow("/e2e/reload/what-was-read-is-answered", what_was_read_is_answered, 120);
	harness_add("/e2e/reload/half-a-request-may-be-completed", half_a_request_may_be_completed);
	harness_add_slow("/e2e/reload/what-redis-lite-acknowledged-is-there",
			 what_was_acknowledged_is_there, 120);
	return harness_run();
}
