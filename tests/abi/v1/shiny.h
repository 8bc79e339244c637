/* SPDX-License-Identifier: MIT */
/*
 * libshiny: stream servers from one event loop on one thread.
 *
 * A program gives shiny_serve() an address and up to four functions. The library accepts
 * connections, reads what they send, and calls the functions on the thread that called it. Most
 * programs need no more than that. struct shiny_server is for programs that have several addresses,
 * inherit descriptors, or stop the server from outside.
 *
 * Conventions: a function returns 0 or a negative errno value, unless its comment says otherwise.
 * Times are in milliseconds of CLOCK_MONOTONIC, sizes in bytes. "The serving thread" is the one
 * inside shiny_server_run(). The comment of a function that other threads may call says so.
 *
 * The library writes no log, does not read the environment and has no global state. A program that
 * wants to log what the library does sets notice in struct shiny_options. The library ends no
 * process but a child that returns from an event function and, in debugging mode, a program that
 * makes a mistake.
 *
 * A name in brackets, as [end/close], is the beginning of the names of the tests that hold the
 * promise before it.
 */
#ifndef SHINY_H
#define SHINY_H

#include "shiny-options.h"
#include "shiny-stats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

#define SHINY_VERSION "0.1.0"

/* Any address fits in so many bytes as text, with its terminating NUL. */
#define SHINY_ADDRESS_MAX 128

struct shiny_server;
struct shiny_conn;

/*
 * The four event functions. Each may be NULL [stream/null-handlers]. The structure will never have
 * a fifth, so it needs no size.
 *
 * They run on the serving thread and never nest. @ctx is the pointer given to shiny_serve() or
 * shiny_server_create(). A connection is valid from its accept call until its closed call returns.
 *
 * An event function may fork(2). The child shares its parent's sockets and the set of watched
 * descriptors. It may call exec(3), which closes the library's descriptors
 * [limit/descriptors/exec], or _exit(2). Before that it must not call this library, and a
 * connection that the parent resets stays open for its peer. If the child returns from the event
 * function, abort(3) ends it with a line on standard error: otherwise it would take its parent's
 * input and change what its parent watches [fork/in-handle].
 */
struct shiny_handlers {
	/*
	 * Bytes arrived (@len > 0), or shiny_server_wake() woke the connection (@len is 0, @data is
	 * ""). @data is valid during the call, and may be passed to shiny_write()
	 * [stream/output/may-point]. shiny_unread() gives back what the handler does not consume.
	 * False ends the connection as shiny_close() does [end/false]. NULL: input is discarded.
	 *
	 * The call for a wake does not include bytes that were given back earlier. They stay held
	 * [unread/wake]. If the handler waited for something other than bytes, they come in the
	 * next turn, in a call of their own [none-taken/comes-again-with-a-wake].
	 */
	bool (*handle)(struct shiny_conn *conn, const char *data, size_t len, void *ctx);

	/*
	 * A connection was accepted. What accept writes is sent before any reply [stream/greeting].
	 * False refuses the connection: bytes written are still sent, and closed is not called
	 * [accept/refused]. NULL: all connections are accepted.
	 */
	bool (*accept)(struct shiny_conn *conn, void *ctx);

	/*
	 * An accepted connection has ended. It is called exactly once for each, also when the
	 * server stops [end/closed/comes-once]. Nothing can be written any more
	 * [end/closed/may-call]. @error is 0 after an orderly end: the peer's FIN, false from
	 * handle, shiny_close(), a drain. Otherwise it is a positive errno value: ECONNRESET
	 * [end/reset], ETIMEDOUT (idle, stalled or past its deadline) [time], ENOBUFS (past
	 * max_output) [flow/max-output/ends], ECANCELED (shiny_server_stop() or shiny_abort())
	 * [end/stop] [end/abort], EIO (commit failed) [commit/failure], EINVAL (more produced than
	 * reserved) [produce/too-much], or what the socket reported.
	 */
	void (*closed)(struct shiny_conn *conn, int error, void *ctx);

	/*
	 * Called once before the first accept [loop/tick/comes-before], then every 50 ms under
	 * traffic [loop/tick/busy] and at least once a second without [loop/tick/idle]. False stops
	 * the server, with success [loop/tick/false].
	 */
	bool (*tick)(void *ctx);
};

/*
 * shiny_serve() - serve one address until told to stop
 *
 * Creates a server, listens on @address, runs the server and destroys it [loop/serve].
 *
 * @address is one of
 *
 *     tcp://HOST:PORT     HOST is numeric, in brackets for IPv6, or localhost; if it is empty, the
 *                         server listens on every address of the machine
 *     tcp4://HOST:PORT    IPv4 only
 *     tcp6://HOST:PORT    IPv6 only
 *     unix:///PATH        a unix stream socket
 *     unix://@NAME        a unix stream socket in Linux's abstract namespace (unix(7))
 *
 * The kernel chooses the port if PORT is 0. Names are not resolved. TCP connections have
 * TCP_NODELAY and SO_KEEPALIVE set, with the system's intervals [accept/tcp].
 *
 * Owner:   all arguments stay the caller's and must live until the call returns; @options may be
 *          NULL.
 * Returns: 0 after tick returned false, shiny_server_stop() or shiny_server_drain(); otherwise what
 *          shiny_server_create(), shiny_server_listen() or shiny_server_run() return.
 */
int shiny_serve(const char *address, const struct shiny_handlers *handlers,
		const struct shiny_options *options, void *ctx);

/*
 * shiny_bind() - make a listening socket, without a server
 *
 * Binds and listens as shiny_server_listen() does. For a program that hands descriptors to its
 * workers [address/adopted].
 *
 * Owner:   *@ret_fd is the caller's to close, and a unix path the caller's to remove.
 * Thread:  any.
 * Returns: 0; -EPROTONOSUPPORT (no such scheme) [address/unknown-scheme], -EINVAL (bad syntax)
 *          [address/bad-syntax], -EADDRNOTAVAIL (the host is not numeric, or not an address of this
 *          machine) [address/bad-host], -ENAMETOOLONG (a unix path over 107 bytes)
 *          [address/unix/path-too-long], -EADDRINUSE (the port is taken, a server answers at the
 *          path, or the path is not a socket) [address/in-use] [address/unix/replaces], -E2BIG
 *          (options that only a later library knows), or what socket(2), bind(2) or listen(2)
 *          report.
 */
int shiny_bind(const char *address, const struct shiny_options *options, int *ret_fd);

/*
 * shiny_address_check() - whether shiny_bind() understands an address
 *
 * Looks at the text only. It does not tell whether the address belongs to this machine or is free.
 *
 * Thread:  any.
 * Returns: 0; -EPROTONOSUPPORT, -EINVAL, -EADDRNOTAVAIL (the host is not numeric) or -ENAMETOOLONG,
 *          as shiny_bind() does [address/check].
 */
int shiny_address_check(const char *address);

/*
 * shiny_address_same() - whether two addresses are one place, however they are written
 *
 * tcp4://localhost:80 and tcp://127.0.0.1:80 are the same. tcp://:80, tcp4://:80 and tcp6://:80
 * differ, as each covers other versions of IP. An invalid address equals nothing, itself included
 * [address/same].
 *
 * Thread:  any.
 */
bool shiny_address_same(const char *left, const char *right);

/*
 * shiny_address_conflicts() - whether listening on one address prevents listening on the other
 *
 * tcp://127.0.0.1:80 and tcp://:80 conflict. A port that the kernel chooses conflicts with nothing,
 * and tcp4://:80 does not conflict with tcp6://:80 [address/conflicts]. Neither options.reuse_port
 * nor what other programs do is considered.
 *
 * Thread:  any.
 */
bool shiny_address_conflicts(const char *left, const char *right);

/*
 * shiny_server_create() - make a server that listens nowhere yet
 *
 * Owner:   copies @handlers and @options; *@ret_server is the caller's, for shiny_server_destroy().
 * Thread:  any; the server belongs to no thread until shiny_server_run().
 * Returns: 0; -EINVAL (no @handlers, options of size 0, low_water above high_water, proxy_from is
 *          not such a list, a stats_size below SHINY_STATS_SIZE_FIRST, incomplete siblings)
 *          [address/misuse] [siblings/options], -E2BIG (options that only a later library knows)
 *          [stats/options/of-a-later-header], -ENOENT (this library does not have the backend),
 *          -ENOMEM, -EMFILE, -ENFILE.
 */
int shiny_server_create(const struct shiny_handlers *handlers, const struct shiny_options *options,
			void *ctx, struct shiny_server **ret_server);

/*
 * shiny_server_set_context() - replace what the event functions and commit get as ctx
 *
 * For a context that itself needs the server [loop/context]. Not while the server runs.
 */
void shiny_server_set_context(struct shiny_server *server, void *ctx);

/*
 * shiny_server_set_commit() - replace the commit function; NULL: none
 *
 * For a program that learns after shiny_server_create() whether it has anything to make durable
 * [commit/set]. Without a commit function output does not wait for the end of the turn. Not while
 * the server runs.
 */
void shiny_server_set_commit(struct shiny_server *server, int (*commit)(void *ctx));

/*
 * shiny_server_set_tick() - change how often tick is called
 *
 * Replaces tick_ms and idle_tick_ms of struct shiny_options; 0 means the default. For a program
 * that sometimes has work to do in steps [loop/tick/cadence].
 *
 * Thread:  the serving thread only, or before the server runs.
 * Returns: 0; -EINVAL, and nothing changes, if idle_tick_ms is above 1000 or below tick_ms.
 */
int shiny_server_set_tick(struct shiny_server *server, unsigned tick_ms, unsigned idle_tick_ms);

/*
 * shiny_server_progress() - report that long work makes progress
 *
 * An event function or commit that works for long calls it every few milliseconds. It adds to the
 * progress of struct shiny_stats and does nothing else [stats/progress]. A watchdog, such as
 * shinyd's, takes it for a turn of the loop.
 *
 * Thread:  the serving thread; before the run, the thread that will run the server.
 */
void shiny_server_progress(struct shiny_server *server);

/*
 * shiny_server_listen() - bind an address, and serve it from the next run on
 *
 * May be called several times, before shiny_server_run() [address/several]. If @address is a unix
 * path with a socket on which nobody answers, that socket is removed first [address/unix/replaces].
 * shiny_server_destroy() removes the path again, unless another file has taken its place
 * [address/unix/removes].
 *
 * Returns: as shiny_bind(); -EBUSY while the server runs [address/misuse]; -ENOMEM.
 */
int shiny_server_listen(struct shiny_server *server, const char *address);

/*
 * shiny_server_listen_fd() - serve a listening socket that exists already
 *
 * Owner:   after success @fd is the server's, which closes it, but does not remove a unix path
 *          [address/adopted].
 * Returns: 0; -EINVAL (not a listening stream socket), -EBADF, -EBUSY while the server runs,
 *          -ENOMEM.
 */
int shiny_server_listen_fd(struct shiny_server *server, int fd);

/*
 * shiny_server_address() - where a server listens
 *
 * Writes the address of the @index-th listener, in the order of the listen calls, as text, with the
 * port that the kernel chose [address/several].
 *
 * Thread:  any, after the listen calls and before the server is destroyed.
 * Returns: 0; -ENOENT past the last; -ENOSPC if @size is too small (SHINY_ADDRESS_MAX never is).
 */
int shiny_server_address(const struct shiny_server *server, size_t index, char *buf, size_t size);

/*
 * shiny_server_run() - serve, on the calling thread, until told to stop
 *
 * When it returns, all connections are closed and reported. The listeners stay, and it may be
 * called again [loop/run/may-be-repeated]. Child processes may inherit a server that does not run:
 * each of them may run it, and they share its sockets [fork/before-the-run].
 *
 * Returns: 0 after tick returned false, shiny_server_stop() or shiny_server_drain(); -EBUSY if it
 *          runs already, -ENOTCONN without a listener [address/misuse]; -ENOMEM; what the backend
 *          reports.
 */
int shiny_server_run(struct shiny_server *server);

/*
 * shiny_server_destroy() - close the listeners and free the server
 *
 * Not while it runs [debug/run]. @server may be NULL [address/misuse].
 */
void shiny_server_destroy(struct shiny_server *server);

/*
 * shiny_server_stop() - end the run now
 *
 * Connections are closed as they are, and reported with ECANCELED [end/stop]. A stop before the run
 * ends that run at its start [loop/stop/before-the-run].
 *
 * Thread:  any, and signal handlers [loop/stop/from-a-signal-handler].
 */
void shiny_server_stop(struct shiny_server *server);

/*
 * shiny_server_drain() - end the run in order
 *
 * The server stops accepting, and ends each connection once nothing of it is unread, unsent or held
 * [drain/owed] [drain/unsent] [drain/unread]. After @timeout_ms it resets those that are left
 * (ECANCELED) [drain/deadline/forces]. A second call may shorten the time
 * [drain/deadline/may-be-shortened].
 *
 * Thread:  any, and signal handlers [drain/signal-handler].
 */
void shiny_server_drain(struct shiny_server *server, unsigned timeout_ms);

/*
 * shiny_server_wake() - have a connection's handle called without data
 *
 * At least one such call follows on the serving thread, and sees everything that the caller did
 * before [wake/thread]. Wakes of one connection coalesce, but none is lost [wake/100000]. Nothing
 * happens if the connection is gone [wake/late]. It cannot fail.
 *
 * Thread:  any, and signal handlers [wake/signal-handler]; @server must not have been destroyed.
 */
void shiny_server_wake(struct shiny_server *server, uint64_t id);

/*
 * The functions below are for the serving thread, inside an event function or commit, and for a
 * valid connection.
 */

/* shiny_id() - a number for the connection; never 0, and never used twice by a server [walk/id] */
uint64_t shiny_id(const struct shiny_conn *conn);

/* shiny_server_find() - the connection of that id, or NULL if it is gone [walk/id] */
struct shiny_conn *shiny_server_find(struct shiny_server *server, uint64_t id);

/*
 * shiny_server_next() - walk the connections of a server
 *
 * Returns the connection after @conn, in an order without meaning; the first one if @conn is NULL;
 * NULL after the last. Connections that are ending are skipped. The connections that a walk meets
 * may be closed on the way [walk/meets].
 */
struct shiny_conn *shiny_server_next(struct shiny_server *server, const struct shiny_conn *conn);

/* shiny_server_of() - the server of a connection [walk/id] */
struct shiny_server *shiny_server_of(const struct shiny_conn *conn);

/* shiny_user() - the program's own pointer for this connection; NULL until set [accept/user] */
void *shiny_user(const struct shiny_conn *conn);

/* shiny_set_user() - what it points to stays the program's, to be freed in closed [accept/user] */
void shiny_set_user(struct shiny_conn *conn, void *user);

/*
 * shiny_peer() - the peer's address as text
 *
 * In the form that shiny_serve() takes: tcp://192.0.2.1:5000, tcp://[2001:db8::1]:5000, unix://. An
 * IPv4 address mapped into IPv6 is written as IPv4 [accept/peer].
 *
 * Returns: 0; -ENOSPC if @size is too small (SHINY_ADDRESS_MAX never is); -ENOTCONN if the peer is
 *          gone.
 */
int shiny_peer(const struct shiny_conn *conn, char *buf, size_t size);

/*
 * shiny_local() - this end's address as text, in the form of shiny_peer() [accept/peer]
 *
 * It is the socket's own address: behind a proxy, the one that the proxy connected to.
 *
 * Returns: 0; -ENOSPC if @size is too small (SHINY_ADDRESS_MAX never is); another negative errno
 *          value if the socket has no address any more.
 */
int shiny_local(const struct shiny_conn *conn, char *buf, size_t size);

/*
 * shiny_idle_ms() - the time since the last byte in or out, in steps of 50 ms [time/idle/is-told]
 *
 * A shiny_release() after which no answer is owed counts as a byte.
 */
uint64_t shiny_idle_ms(const struct shiny_conn *conn);

/* shiny_age_ms() - the time since the connection was accepted, in steps of 50 ms [time/age] */
uint64_t shiny_age_ms(const struct shiny_conn *conn);

/*
 * shiny_fd() - the number of its descriptor, for reports [accept/tcp]
 *
 * The descriptor is the library's: a program must not read, write, watch, change or close it.
 */
int shiny_fd(const struct shiny_conn *conn);

/*
 * shiny_write() - queue bytes for the peer
 *
 * The bytes are sent by the time the event function returns; with a commit function, after it has
 * run [commit/output]. What the socket does not take waits, in order [stream/64-mb] [commit/order].
 * It never blocks.
 *
 * Owner:   @data stays the caller's; it may point into the data of the running handle call
 *          [stream/output/may-point].
 * Returns: 0; -EPIPE if the connection is ending [end/closed/may-call]; -ENOBUFS if max_output
 *          bytes are unsent already (see shiny_allow_output()), which ends the connection
 *          [flow/max-output/ends]; -ENOMEM, which ends it, too.
 */
int shiny_write(struct shiny_conn *conn, const void *data, size_t len);

/*
 * shiny_reserve() - get room to write output in place
 * shiny_produce() - queue what was written there
 *
 * shiny_reserve() returns room for @len bytes [stream/output/written-in-place], or NULL where
 * shiny_write() would return an error, with the same effect [produce/room/that-was-refused].
 * shiny_produce() queues the next @len bytes of it, at once or in parts [produce/parts]. The room
 * is gone at the next shiny_write(), shiny_reserve() or shiny_close() for this connection, and when
 * the event function returns [produce/room/is-gone].
 *
 * Producing more than was reserved ends the connection with EINVAL. Nothing that is unsent is sent
 * then, since it may belong to another client [produce/too-much].
 */
char *shiny_reserve(struct shiny_conn *conn, size_t len);
void shiny_produce(struct shiny_conn *conn, size_t len);

/*
 * shiny_allow_output() - let unsent output exceed max_output for one answer
 *
 * From this call on, writes end the connection at @most unsent bytes instead of max_output, if
 * @most is the larger; max_output holds again once less than low_water bytes are unsent. For an
 * answer that is written in pieces, by a program that knows its size or has a limit of its own. A
 * later call may raise @most, and never lowers it [flow/max-output/an-answer]
 * [flow/max-output/allowed].
 *
 * Returns: 0; -EPIPE if the connection is ending; -ENOMEM, which ends it.
 */
int shiny_allow_output(struct shiny_conn *conn, size_t most);

/* shiny_unsent() - bytes that are queued and that the socket has not taken [flow/max-output/an] */
size_t shiny_unsent(const struct shiny_conn *conn);

/*
 * shiny_congested() - whether the handler should stop producing
 *
 * True once more than high_water bytes are unsent. A handler that then gives its remaining input
 * back with shiny_unread(conn, n, 0) is called again, without new input, once less than low_water
 * bytes are unsent [flow/congested].
 */
bool shiny_congested(const struct shiny_conn *conn);

/*
 * shiny_unread() - give back the end of the input
 *
 * Inside handle only. The last @n bytes of @data come again, followed by what arrives next, once
 * there are @want bytes in total [unread/want]. If @want <= @n, the handler does not wait for
 * bytes. When it is called again depends on what it did:
 *
 *     it took some of its input           in the next turn, if less than low_water bytes are unsent
 *                                         [unread/no-want/comes-again]; with a commit function
 *                                         perhaps one turn later, so that replies to others leave
 *                                         first [commit/order/replies]
 *     it took none, and is congested      once less than low_water bytes are unsent
 *                                         [flow/congested]
 *     it took none                        once something has happened: new bytes, the peer's FIN,
 *                                         shiny_resume(), shiny_release(), a wake, or the last
 *                                         unsent byte has left [none-taken]; never by itself
 *
 * A handler that took nothing and wants a further turn wakes its own connection with
 * shiny_server_wake() [none-taken/may-wake-itself].
 *
 * While bytes wait to come again by themselves, the first two cases, the socket is not read: the
 * same bytes come, and no more [unread/no-want/reads-nothing].
 *
 * After the peer's FIN held bytes come once more. If they are given back then they are dropped
 * [unread/fin], unless the handler waits for something other than bytes that is still to come.
 *
 * Returns: 0; -EINVAL outside handle or if @n is more than was given; -EMSGSIZE if @n or @want is
 *          above max_input: then nothing is held, and the handler should end the connection
 *          [unread/max-input].
 */
int shiny_unread(struct shiny_conn *conn, size_t n, size_t want);

/*
 * shiny_need_more() - give back all of the input, and be called again when there is more
 *
 * Inside handle only. For a handler that found no whole request in @data, and does not know how
 * long the request will be [need-more/rests]. It gives back all the data of this call, including
 * what the handler has taken [need-more/keeps]. A handler that has run requests off the front would
 * run them again; it gives back the n bytes that are left with shiny_unread(conn, n, n + 1)
 * [need-more/lines]:
 *
 *     while ((end = memchr(data, '\n', len))) {
 *             run(conn, data, end);
 *             len -= (size_t)(end + 1 - data);
 *             data = end + 1;
 *     }
 *     return shiny_unread(conn, len, len + 1) == 0;
 *
 * If the length is known, shiny_unread() with that length is better.
 *
 * Returns: as shiny_unread(): 0; -EINVAL outside handle [need-more/is-of-handle]; -EMSGSIZE if
 *          max_input is reached [need-more/past-max-input].
 */
int shiny_need_more(struct shiny_conn *conn);

/* shiny_pending() - bytes of held input, with those read behind them since [unread/pending] */
size_t shiny_pending(const struct shiny_conn *conn);

/*
 * shiny_hold() - an answer is owed
 * shiny_release() - it is given
 *
 * They nest. A connection to which an answer is owed outlives the peer's FIN [end/half-close/waits]
 * and an idle timeout [time/idle/waits], and a drain waits for it [drain/owed].
 *
 * Returns: 0; -EOVERFLOW if 65,535 are owed already, and then one more is not held. A peer that
 *          sends so many requests at once brings a handler there: the handler gives the rest back
 *          with shiny_unread() until answers are given [end/hold].
 */
int shiny_hold(struct shiny_conn *conn);
void shiny_release(struct shiny_conn *conn);

/*
 * shiny_pause() - stop reading from the peer
 * shiny_resume() - read again
 *
 * While a connection is paused, handle is called for wakes only [flow/pause/brings]. A FIN or reset
 * of the peer's is not noticed [flow/pause/end-of-stream] [flow/pause/a-reset]. A peer that is gone
 * keeps its connection until shiny_resume(), or until a write, a timeout or the deadline ends it
 * [flow/pause/idle-timeout].
 */
void shiny_pause(struct shiny_conn *conn);
void shiny_resume(struct shiny_conn *conn);

/*
 * shiny_set_deadline() - end the connection unless told otherwise
 *
 * After @timeout_ms, rounded up to 50, the connection is reset with ETIMEDOUT [time/deadline/ends]
 * [time/deadline/comes]. Another call moves the deadline, and 0 removes it
 * [time/deadline/may-be-moved].
 */
void shiny_set_deadline(struct shiny_conn *conn, unsigned timeout_ms);

/*
 * shiny_close() - end the connection in order
 *
 * Sends what is queued, then a FIN [end/close/delivers]. Then it discards what still arrives, until
 * the peer's FIN or the linger timeout [end/close/with-unread-input] [end/linger]. handle is not
 * called again [wake/close].
 */
void shiny_close(struct shiny_conn *conn);

/*
 * shiny_abort() - end the connection at once
 *
 * What is queued is dropped, and the peer gets a reset [end/abort].
 */
void shiny_abort(struct shiny_conn *conn);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
