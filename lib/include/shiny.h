/* SPDX-License-Identifier: MIT */
/*
 * libshiny: stream servers from one event loop on one thread.
 *
 * A program hands shiny_serve() an address and up to four functions; the library accepts
 * connections, reads what they send, and calls the functions on the thread that called it. That is
 * all that most programs need. struct shiny_server is what shiny_serve() is made of, for programs
 * with several addresses, inherited descriptors or a need to stop from outside.
 *
 * Conventions: functions return 0 or a negative errno value unless their comment says otherwise.
 * Times are in milliseconds of CLOCK_MONOTONIC, sizes in bytes. "The serving thread" is the one
 * inside shiny_server_run(); a function that may be called from others says so. The library never
 * logs, never exits, never reads the environment and has no global state. What a log should know of
 * is told to a program that sets notice in struct shiny_options; and only a child that an event
 * function forked and that returns from there is ended.
 */
#ifndef SHINY_H
#define SHINY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

#define SHINY_VERSION "0.1.0"

/* Room for any address as text, with its terminating NUL. */
#define SHINY_ADDRESS_MAX 128

struct shiny_server;
struct shiny_conn;

/*
 * The four event functions. Each may be NULL. There will never be a fifth: what later versions have
 * to tell is told by other means, so that the structure needs no size.
 *
 * They run on the serving thread and never nest. @ctx is the pointer given to shiny_serve() or
 * shiny_server_create(). A connection is valid from its accept call until its closed call returns.
 *
 * An event function may fork(2). The child shares its parent's sockets and the set of watched
 * descriptors. It may call exec(3), which closes the library's descriptors, or _exit(2); before
 * that it must not call this library, and a connection that the parent resets stays open for its
 * peer. If it returns from the event function, abort(3) ends it with a line on standard error:
 * otherwise it would take its parent's input and change what its parent watches.
 */
struct shiny_handlers {
	/*
	 * Bytes arrived (@len > 0), or the connection was woken by shiny_server_wake() (@len is 0,
	 * @data is ""). @data is valid during the call, and may be handed to shiny_write() as it
	 * is. What is not consumed is given back with shiny_unread(). False ends the connection as
	 * shiny_close() does. NULL: what arrives is discarded.
	 *
	 * Bytes that were given back earlier are no part of a wake's call. They stay held; if the
	 * handler waited for something other than bytes, they come in the next turn, in a call of
	 * their own.
	 */
	bool (*handle)(struct shiny_conn *conn, const char *data, size_t len, void *ctx);

	/*
	 * A connection was accepted; what is written here is sent before any reply. False refuses
	 * it: bytes written are still sent, and closed is not called. NULL: all are accepted.
	 */
	bool (*accept)(struct shiny_conn *conn, void *ctx);

	/*
	 * An accepted connection has ended; called exactly once, also when the server stops.
	 * Nothing can be written any more. @error is 0 after an orderly end (the peer's FIN, false
	 * from handle, shiny_close, drain), else a positive errno value: ECONNRESET, ETIMEDOUT
	 * (idle, stalled or past its deadline), ENOBUFS (past max_output), ECANCELED
	 * (shiny_server_stop, shiny_abort), EIO (commit failed), EINVAL (more produced than
	 * reserved), or what the socket reported.
	 */
	void (*closed)(struct shiny_conn *conn, int error, void *ctx);

	/*
	 * Called once before the first accept, then every 50 ms while there is traffic and at least
	 * once a second when idle. False stops the server, with success.
	 */
	bool (*tick)(void *ctx);
};

/* What the serving thread is in. */
enum shiny_event {
	SHINY_EVENT_NONE,
	SHINY_EVENT_HANDLE,
	SHINY_EVENT_ACCEPT,
	SHINY_EVENT_CLOSED,
	SHINY_EVENT_TICK,
	SHINY_EVENT_COMMIT,
	SHINY_EVENT_MAX
};

/* How many powers of two of nanoseconds the histogram of turn times counts. */
#define SHINY_STATS_TURN_BUCKETS 40

/*
 * What a server counts, in memory of the caller's (shared memory, if others are to look).
 *
 * Written by the serving thread only, each field by one relaxed atomic store, so that another
 * thread or process may read it at any time. Counters only grow, except connections. Zero it before
 * the server runs. New counters are added at the end; stats_size of struct shiny_options tells the
 * library which ones there is room for. The alignment is for stores to be in one piece also where words
 * have 32 bits.
 */
struct __attribute__((aligned(8))) shiny_stats {
	uint64_t running;	      /* enum shiny_event: the event function that runs now */
	uint64_t connections;	      /* now */
	uint64_t accepted;	      /* ever, refused ones not counted */
	uint64_t refused;	      /* by the accept function */
	uint64_t shed;		      /* by max_connections */
	uint64_t bytes_in, bytes_out; /* through sockets */
	uint64_t reads, writes;	      /* recv and send calls */
	uint64_t turns;		      /* of the loop */
	uint64_t wakes;		      /* delivered */
	uint64_t ticks;		      /* calls of tick, which have returned */
	uint64_t pauses;	      /* reading paused at high_water */
	uint64_t errors_accept;	      /* EMFILE, ENFILE, ENOBUFS, ENOMEM while accepting */
	uint64_t errors_reset;	      /* connections ended by ECONNRESET or EPIPE */
	uint64_t errors_timeout;      /* by ETIMEDOUT */
	uint64_t errors_overflow;     /* by ENOBUFS, past max_output */
	uint64_t errors_commit;	      /* commits that failed */
	uint64_t errors_other;
	uint64_t turn_ns[SHINY_STATS_TURN_BUCKETS]; /* turns whose work took [2^i, 2^(i+1)) ns */

	/* From here on: with a stats_size that covers them. */
	uint64_t progress;     /* calls of shiny_server_progress() */
	uint64_t errors_proxy; /* connections ended for a missing or wrong PROXY header */
	uint64_t errors_input; /* ended as max_input or memory did not hold their input */
	uint64_t errors_idle, errors_stall, errors_deadline; /* of errors_timeout */
	uint64_t errors_produce; /* ended as more was produced than reserved */
};

/* The size of struct shiny_stats as it first was, which a stats_size of 0 stands for. */
#define SHINY_STATS_SIZE_FIRST offsetof(struct shiny_stats, progress)

/*
 * What the library does by itself. A connection that it ends so is reported to closed as ever, if
 * it was accepted; the error says more.
 */
enum shiny_notice {
	SHINY_NOTICE_SHED,   /* a new connection was closed at once: max_connections; error is 0 */
	SHINY_NOTICE_ACCEPT, /* none could be accepted: EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC */
	SHINY_NOTICE_PROXY,  /* ended for its PROXY header: EPROTO; ETIMEDOUT: none came */
	SHINY_NOTICE_OUTPUT, /* ended by a write: ENOBUFS (past max_output), ENOMEM */
	SHINY_NOTICE_INPUT,  /* ended after shiny_unread(): EMSGSIZE (past max_input), ENOMEM */
	SHINY_NOTICE_IDLE,   /* ended by idle_timeout_ms: ETIMEDOUT */
	SHINY_NOTICE_STALL,  /* by stall_timeout_ms: ETIMEDOUT */
	SHINY_NOTICE_DEADLINE, /* by shiny_set_deadline(): ETIMEDOUT */
	SHINY_NOTICE_PRODUCE,  /* by a handler that produced more than it had reserved: EINVAL */
	SHINY_NOTICE_MAX       /* later libraries may tell of more */
};

/*
 * Everything that may be set. 0 or NULL means the default, so that SHINY_OPTIONS and the few fields
 * of interest will do. New fields are added at the end; @size tells the library which ones the
 * caller knows. A library that is older than the caller refuses what it does not know (-E2BIG),
 * unless that is left at 0.
 */
struct shiny_options {
	size_t size; /* sizeof(struct shiny_options) */

	const char *backend; /* "epoll", "kqueue", "poll"; the default is the platform's best */

	/*
	 * Called once in each turn that ran a handler, before any byte written in that turn is
	 * sent: the place to make promises durable that replies are about to give. Gets the
	 * handlers' ctx. Returns 0; else the turn's unsent output is dropped and the connections
	 * that it was for are reset.
	 */
	int (*commit)(void *ctx);

	size_t high_water; /* unsent bytes above which a connection is not read; default 256 KiB */
	size_t low_water;  /* below which it is read again; default a quarter of high_water */
	/*
	 * Unsent bytes at which a write ends the connection; default 64 MiB. It is looked at before
	 * a write and not behind it: a single write of 1 GiB passes, and the next one ends the
	 * connection unless the socket has taken enough of it by then. So what one connection may
	 * take is max_output and the largest single write; shiny_allow_output() lets one answer be
	 * written in pieces.
	 */
	size_t max_output;
	size_t max_input; /* bytes that shiny_unread() may hold or wait for; default 1 GiB */

	unsigned backlog;	  /* of listen(2); default 4096 */
	unsigned max_connections; /* above which new ones are closed at once; default none */
	unsigned unix_mode;	  /* permission bits of a unix socket's file; default the umask's */
	unsigned reuse_port;	  /* not 0: SO_REUSEPORT, for several servers on one address */

	unsigned idle_timeout_ms;   /* without a byte in or out: ETIMEDOUT; default never */
	unsigned stall_timeout_ms;  /* with output that does not move: ETIMEDOUT; default never */
	unsigned linger_timeout_ms; /* for the peer's FIN after shiny_close(); default 2000 */

	unsigned tick_ms;      /* between ticks under traffic; default 50 */
	unsigned idle_tick_ms; /* between ticks without; default 1000, at most that */

	/*
	 * Proxies that are trusted, as "127.0.0.1, 10.0.0.0/8, ::1, unix": connections from there
	 * must begin with a PROXY header, version 1 or 2 (haproxy's doc/proxy-protocol.txt), and
	 * shiny_peer() is who that says. Others are served as they are. Default none.
	 */
	const char *proxy_from;

	struct shiny_stats *stats; /* the caller's, outlives the server; default none */
	size_t stats_size; /* bytes there; SHINY_OPTIONS says it; default SHINY_STATS_SIZE_FIRST */

	/*
	 * Told of what the library does by itself, for a log: each time, so it is for the program
	 * to say less. @error is a positive errno value or 0, and @peer the address of shiny_peer(),
	 * or NULL if nobody in particular is concerned or the peer has gone. On the serving thread,
	 * also within a call that an event function makes; it must not call the library. Default
	 * none.
	 */
	void (*notice)(enum shiny_notice notice, int error, const char *peer, void *ctx);
	void *notice_ctx; /* its ctx */

	/*
	 * For servers that accept from the same sockets, in processes or threads of their own: so
	 * that each gets about as many connections. They share an array of loads, which begins at a
	 * multiple of 8, is zeroed before the first one runs and stays as long as they do, and a
	 * descriptor each that wakes it: an eventfd(2), not blocking. One that has more connections
	 * than its share leaves the next one to another; one that has max_connections does so, too,
	 * as long as another one takes any, and above sibling_connections of all together new ones
	 * are closed at once. If two accept at the same moment and there is room for one more, both
	 * may be closed: the limit is never passed, and the next one to come is taken. Of a server
	 * that has died the load is the caller's to zero.
	 */
	uint64_t *sibling_loads;
	const int *sibling_wakeups;
	unsigned sibling_count;	      /* of loads and of wakeups; default: it has no siblings */
	unsigned sibling_index;	      /* which of them are this server's */
	unsigned sibling_connections; /* default: no limit but that of each */

	/*
	 * Not 0: debugging mode, for tests and while a program is written. A mistake in the use of
	 * this library is told by a line on standard error, and then abort(3) ends the program: a
	 * connection that is used after its end, or by another thread; more produced or written
	 * than reserved; a release without a hold; a handler that wakes itself for ever and does
	 * nothing; a call from notice, or from a child process; what is not for a server that runs.
	 * A line alone tells of an answer that is owed for longer than debug_hold_ms, keeps a drain
	 * until its time is over, or is owed as the connection is closed in order.
	 */
	unsigned debug;
	unsigned debug_hold_ms; /* default 60000 */
};

/* clang-format off */
#define SHINY_OPTIONS \
	{ .size = sizeof(struct shiny_options), .stats_size = sizeof(struct shiny_stats) }
/* clang-format on */

/*
 * shiny_serve() - serve one address until told to stop
 *
 * Creates a server, listens on @address, runs it and destroys it.
 *
 * @address is one of
 *
 *     tcp://HOST:PORT     a numeric host, [HOST] for IPv6, or localhost; none: every address
 *     tcp4://HOST:PORT    IPv4 only
 *     tcp6://HOST:PORT    IPv6 only
 *     unix:///PATH        a unix stream socket
 *     unix://@NAME        one in Linux's abstract namespace (unix(7))
 *
 * Port 0 lets the kernel choose. Names are not resolved. TCP connections have TCP_NODELAY and
 * SO_KEEPALIVE, with the system's times; a handler that writes once a reply loses nothing by it.
 *
 * Owner:   all arguments stay the caller's and must live until the call returns; @options may be
 *          NULL.
 * Returns: 0 after tick returned false, shiny_server_stop() or shiny_server_drain(); else what
 *          shiny_server_create(), shiny_server_listen() or shiny_server_run() report.
 */
int shiny_serve(const char *address, const struct shiny_handlers *handlers,
		const struct shiny_options *options, void *ctx);

/*
 * shiny_bind() - a listening socket, without a server
 *
 * Binds and listens as shiny_server_listen() does. For a program that hands descriptors to its
 * workers.
 *
 * Owner:   *@ret_fd is the caller's to close, and a unix path the caller's to remove.
 * Thread:  any.
 * Returns: 0; -EPROTONOSUPPORT (no such scheme), -EINVAL (bad syntax), -EADDRNOTAVAIL (the host is
 *          no numeric address, or none of this machine's), -ENAMETOOLONG (a unix path over 107
 *          bytes), -EADDRINUSE (the port or path answers, or the path is no socket), -E2BIG
 *          (options that only a later library knows), or what socket(2), bind(2), listen(2)
 *          report.
 */
int shiny_bind(const char *address, const struct shiny_options *options, int *ret_fd);

/*
 * shiny_address_check() - whether shiny_bind() could make sense of an address
 *
 * Looks at the text only: whether the address is this machine's, or free, is not known.
 *
 * Thread:  any.
 * Returns: 0; -EPROTONOSUPPORT, -EINVAL, -EADDRNOTAVAIL (the host is no numeric address) or
 *          -ENAMETOOLONG, as shiny_bind() does.
 */
int shiny_address_check(const char *address);

/*
 * shiny_address_same() - whether two addresses are one place, however they are written
 *
 * As tcp4://localhost:80 and tcp://127.0.0.1:80 are; but not tcp://:80, tcp4://:80 and tcp6://:80,
 * which are every address of other versions of IP. One that is none is like no other.
 *
 * Thread:  any.
 */
bool shiny_address_same(const char *left, const char *right);

/*
 * shiny_address_conflicts() - whether listening at one address keeps from listening at the other
 *
 * As tcp://127.0.0.1:80 and tcp://:80 do, but not a port that the kernel chooses, nor tcp4://:80
 * and tcp6://:80. What options.reuse_port allows is not considered, nor what other programs do.
 *
 * Thread:  any.
 */
bool shiny_address_conflicts(const char *left, const char *right);

/*
 * shiny_server_create() - a server that listens nowhere yet
 *
 * Owner:   copies @handlers and @options; *@ret_server is the caller's, for shiny_server_destroy().
 * Thread:  any; the server belongs to no thread until shiny_server_run().
 * Returns: 0; -EINVAL (no @handlers, options of size 0, low_water above high_water, proxy_from is
 *          no such list, a stats_size below SHINY_STATS_SIZE_FIRST, siblings of which something
 *          is missing), -E2BIG (options that only a
 *          later library knows), -ENOENT (no such backend here), -ENOMEM, -EMFILE, -ENFILE.
 */
int shiny_server_create(const struct shiny_handlers *handlers, const struct shiny_options *options,
			void *ctx, struct shiny_server **ret_server);

/*
 * shiny_server_set_context() - what the event functions and commit get as ctx
 *
 * Replaces the @ctx of shiny_server_create(), for a context that itself needs the server. Not while
 * it runs.
 */
void shiny_server_set_context(struct shiny_server *server, void *ctx);

/*
 * shiny_server_set_commit() - the commit function, or NULL for none
 *
 * Replaces the one in the options of shiny_server_create(), for those who learn later whether they
 * have anything to make durable: without, output need not wait for the end of the turn. Not while
 * it runs.
 */
void shiny_server_set_commit(struct shiny_server *server, int (*commit)(void *ctx));

/*
 * shiny_server_set_tick() - how often tick is called from now on
 *
 * Replaces tick_ms and idle_tick_ms of struct shiny_options; 0 is their default. For work that is
 * done in steps and not always there.
 *
 * Thread:  the serving thread only, or before the server runs.
 * Returns: 0; -EINVAL with nothing changed (idle_tick_ms above its most, or below tick_ms).
 */
int shiny_server_set_tick(struct shiny_server *server, unsigned tick_ms, unsigned idle_tick_ms);

/*
 * shiny_server_progress() - what takes long makes progress
 *
 * To be called every few milliseconds by an event function or commit that works for longer: who
 * watches from outside whether the loop still turns, as shinyd's watchdog does, counts it like a
 * turn. Adds to the progress of struct shiny_stats and does nothing else.
 *
 * Thread:  the serving thread; before the run, the one that will run it.
 */
void shiny_server_progress(struct shiny_server *server);

/*
 * shiny_server_listen() - bind an address and serve it in the next run
 *
 * May be called several times, before shiny_server_run(). A unix path that a dead server left
 * behind is removed if it is a socket on which nobody answers; it is removed again by
 * shiny_server_destroy(), unless another file has taken its place.
 *
 * Returns: as shiny_bind(); -EBUSY while the server runs; -ENOMEM.
 */
int shiny_server_listen(struct shiny_server *server, const char *address);

/*
 * shiny_server_listen_fd() - serve a listening socket that exists already
 *
 * Owner:   @fd is the server's from a successful call on, and closed with it; a unix path is not
 *          removed.
 * Returns: 0; -EINVAL (not a listening stream socket), -EBADF, -EBUSY while the server runs,
 *          -ENOMEM.
 */
int shiny_server_listen_fd(struct shiny_server *server, int fd);

/*
 * shiny_server_address() - where a server listens
 *
 * Writes the bound address of the @index-th listener (in order of the listen calls) as text, with
 * the port that the kernel chose.
 *
 * Thread:  any, after the listen calls and while the server is not being destroyed.
 * Returns: 0; -ENOENT past the last; -ENOSPC if @size is too small (SHINY_ADDRESS_MAX never is).
 */
int shiny_server_address(const struct shiny_server *server, size_t index, char *buf, size_t size);

/*
 * shiny_server_run() - serve, on the calling thread, until told to stop
 *
 * When it returns all connections are closed and reported; the listeners stay, and it may be called
 * again. A server that does not run may be inherited by children of the process: each of them may
 * run it, as several servers on the same sockets.
 *
 * Returns: 0 after tick returned false, shiny_server_stop() or shiny_server_drain(); -EBUSY if it
 *          runs already; -ENOTCONN without a listener; -ENOMEM; what the backend reports.
 */
int shiny_server_run(struct shiny_server *server);

/*
 * shiny_server_destroy() - close the listeners and free the server
 *
 * Not while it runs. @server may be NULL.
 */
void shiny_server_destroy(struct shiny_server *server);

/*
 * shiny_server_stop() - end the run now
 *
 * Connections are closed as they are and reported with ECANCELED. A stop before the run ends that
 * run at its start.
 *
 * Thread:  any, and signal handlers.
 */
void shiny_server_stop(struct shiny_server *server);

/*
 * shiny_server_drain() - end the run in order
 *
 * Stops accepting and ends each connection once nothing is unread, unsent or held; after
 * @timeout_ms the rest are reset (ECANCELED). A second call may shorten the time.
 *
 * Thread:  any, and signal handlers.
 */
void shiny_server_drain(struct shiny_server *server, unsigned timeout_ms);

/*
 * shiny_server_wake() - have a connection's handle called with no data
 *
 * At least one such call follows on the serving thread, with everything visible that the caller did
 * before. Wakes of one connection coalesce; none is lost. For an id that is gone nothing happens.
 * Cannot fail.
 *
 * Thread:  any, and signal handlers; @server must not have been destroyed.
 */
void shiny_server_wake(struct shiny_server *server, uint64_t id);

/*
 * All that follow: the serving thread only, inside an event function, for a valid connection.
 */

/* shiny_id() - a number that names the connection; never 0, never used twice by one server */
uint64_t shiny_id(const struct shiny_conn *conn);

/* shiny_server_find() - the connection of that id, or NULL if it is gone */
struct shiny_conn *shiny_server_find(struct shiny_server *server, uint64_t id);

/*
 * shiny_server_next() - walk the connections of a server
 *
 * The one behind @conn, in an order without meaning, or the first one if @conn is NULL; NULL behind
 * the last. Those that are ending are passed over. The connections that a walk meets may be closed
 * on the way.
 */
struct shiny_conn *shiny_server_next(struct shiny_server *server, const struct shiny_conn *conn);

/* shiny_server_of() - the server that a connection belongs to */
struct shiny_server *shiny_server_of(const struct shiny_conn *conn);

/* shiny_user() - the handler's own pointer for this connection; NULL until set */
void *shiny_user(const struct shiny_conn *conn);

/* shiny_set_user() - what it points to stays the handler's, to be freed in closed */
void shiny_set_user(struct shiny_conn *conn, void *user);

/*
 * shiny_peer() - the peer's address as text
 *
 * In the form that shiny_serve() takes: tcp://192.0.2.1:5000, tcp://[2001:db8::1]:5000, unix://. An
 * IPv4 address mapped into IPv6 is written as IPv4.
 *
 * Returns: 0; -ENOSPC if @size is too small (SHINY_ADDRESS_MAX never is); -ENOTCONN if the peer
 *          is gone.
 */
int shiny_peer(const struct shiny_conn *conn, char *buf, size_t size);

/*
 * shiny_local() - this end's address as text, in the form of shiny_peer()
 *
 * It is that of the socket: behind a proxy, what the proxy is connected to.
 *
 * Returns: 0; -ENOSPC if @size is too small (SHINY_ADDRESS_MAX never is); another -errno if the
 *          socket has none any more.
 */
int shiny_local(const struct shiny_conn *conn, char *buf, size_t size);

/* shiny_idle_ms() - since the last byte in or out, or the last shiny_release(), in steps of 50 ms */
uint64_t shiny_idle_ms(const struct shiny_conn *conn);

/* shiny_age_ms() - since the connection was accepted from the kernel, in steps of 50 ms */
uint64_t shiny_age_ms(const struct shiny_conn *conn);

/*
 * shiny_fd() - the number of its descriptor, for reports
 *
 * The descriptor is the library's: nothing may be read, written, watched or changed by it.
 */
int shiny_fd(const struct shiny_conn *conn);

/*
 * shiny_write() - queue bytes for the peer
 *
 * Copies what it must of @len bytes. They are sent by the time the handler returns, or, with a
 * commit function, after it; what the socket does not take then waits. Never blocks.
 *
 * Owner:   @data stays the caller's; it may point into the data of the running handle call.
 * Returns: 0; -EPIPE if the connection is ending; -ENOBUFS if max_output bytes are unsent already
 *          (see shiny_allow_output()), which ends the connection; -ENOMEM, which does too.
 */
int shiny_write(struct shiny_conn *conn, const void *data, size_t len);

/*
 * shiny_reserve() - room to write a reply in place
 *
 * Returns room for @len bytes, of which shiny_produce() then queues as many as were filled in, at
 * once or in parts; or NULL where shiny_write() would report an error, with the same effect. The
 * room is gone at the next shiny_write(), shiny_reserve() or shiny_close() on this connection and
 * when the handler returns. To produce more than there is room for ends the connection with EINVAL,
 * and nothing that is unsent is sent, lest it be another client's.
 */
char *shiny_reserve(struct shiny_conn *conn, size_t len);
void shiny_produce(struct shiny_conn *conn, size_t len);

/*
 * shiny_allow_output() - let what is unsent pass max_output
 *
 * From the running call on, until less than low_water is unsent behind it, a write ends the
 * connection at @most bytes instead of at max_output, if that is less. For an answer that is written
 * in pieces, by a handler that knows how large it is, or has a limit of its own. A later call may
 * raise @most, and never lowers it.
 *
 * Returns: 0; -EPIPE if the connection is ending; -ENOMEM, which ends it.
 */
int shiny_allow_output(struct shiny_conn *conn, size_t most);

/* shiny_unsent() - bytes queued and not yet taken by the socket */
size_t shiny_unsent(const struct shiny_conn *conn);

/*
 * shiny_congested() - whether the handler should stop producing
 *
 * True once more than high_water bytes are unsent. A handler that then gives its remaining input
 * back with shiny_unread(conn, n, 0) is called again, without new input, when less than low_water
 * bytes are.
 */
bool shiny_congested(const struct shiny_conn *conn);

/*
 * shiny_unread() - give the end of the input back
 *
 * Inside handle only. The last @n bytes of @data come again, in front of what arrives next, once
 * @want bytes in all are there. @want <= @n means that it is not bytes that the handler waits for:
 *
 *     it took some of its input            again in the next turn, once less than low_water is
 *                                          unsent; with a commit function in the one after that,
 *                                          if replies to others are to leave first
 *     it took none, and is congested       again once less than low_water is unsent
 *     it took none                         again once something has happened: new bytes, the
 *                                          peer's FIN, shiny_resume(), shiny_release(), a wake, or
 *                                          that what was unsent has left; never by itself
 *
 * As long as @want <= @n bytes wait to come again by themselves the socket is not read: the same
 * bytes come, and no more. One that took none and is not congested is read for.
 *
 * So one that wants a further turn without having taken anything wakes its own connection with
 * shiny_server_wake(). When the peer has sent its FIN held bytes come once more, and what is given
 * back then is dropped, unless it waits for something other than bytes that is to come.
 *
 * Returns: 0; -EINVAL outside handle or if @n is more than was given; -EMSGSIZE if @n or @want is
 *          above max_input (nothing is held then; to end the connection is the handler's).
 */
int shiny_unread(struct shiny_conn *conn, size_t n, size_t want);

/*
 * shiny_need_more() - keep all of the input, and call again when there is more
 *
 * Inside handle only, for a handler that found no whole request in @data and does not know how long
 * it will be. It gives back all of the data of this call, also what the handler has taken: one that
 * has run requests off the front would run them again. That one gives back the n bytes that it has
 * left with shiny_unread(conn, n, n + 1):
 *
 *     while ((end = memchr(data, '\n', len))) {
 *             run(conn, data, end);
 *             len -= (size_t)(end + 1 - data);
 *             data = end + 1;
 *     }
 *     return shiny_unread(conn, len, len + 1) == 0;
 *
 * A length that is known is better said by shiny_unread(), too.
 *
 * Returns: as shiny_unread(): 0; -EINVAL outside handle; -EMSGSIZE if max_input is reached.
 */
int shiny_need_more(struct shiny_conn *conn);

/* shiny_pending() - bytes of input that were given back, with what has come behind them since */
size_t shiny_pending(const struct shiny_conn *conn);

/*
 * shiny_hold() - an answer is owed; shiny_release() - it is given
 *
 * They nest. A connection with an answer owed outlives the peer's FIN and an idle timeout and keeps
 * a drain waiting.
 *
 * Returns: 0; -EOVERFLOW if 65,535 are owed already, and one more is not held. A peer that may send
 *          so many requests at once brings a handler there: it gives them back (shiny_unread())
 *          until answers are given.
 */
int shiny_hold(struct shiny_conn *conn);
void shiny_release(struct shiny_conn *conn);

/*
 * shiny_pause() - stop reading from the peer; shiny_resume() - read again
 *
 * While paused handle is called for wakes only, and a FIN or a reset of the peer's is not noticed: a
 * peer that has gone keeps its connection until it is resumed, or until a write, a timeout or its
 * deadline ends it.
 */
void shiny_pause(struct shiny_conn *conn);
void shiny_resume(struct shiny_conn *conn);

/*
 * shiny_set_deadline() - end the connection unless told otherwise
 *
 * In @timeout_ms (rounded up to 50) the connection is reset with ETIMEDOUT. 0 takes the deadline
 * back.
 */
void shiny_set_deadline(struct shiny_conn *conn, unsigned timeout_ms);

/*
 * shiny_close() - end the connection in order
 *
 * Sends what is queued, then a FIN, then discards what still comes until the peer's FIN or the
 * linger timeout. handle is not called again.
 */
void shiny_close(struct shiny_conn *conn);

/* shiny_abort() - end it at once: what is queued is dropped, and the peer gets a reset */
void shiny_abort(struct shiny_conn *conn);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
