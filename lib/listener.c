/* SPDX-License-Identifier: MIT */
/*
 * A listening socket: binding, accepting, and the files of unix sockets.
 */
#include "listener.h"

#include "address.h"
#include "conn.h"
#include "descriptor.h"
#include "notice.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define ACCEPTS_A_TURN 64 /* so that many new connections do not starve the others */

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* Accepted sockets inherit these from the listening one, on Linux and the BSDs alike. */
static void set_stream_options(int fd)
{
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
}

static bool is_answered(const struct shiny_address *address)
{
	int fd = shiny_descriptor_socket(AF_UNIX);
	bool answered = fd < 0 || connect(fd, &address->any, address->len) == 0 ||
			(errno != ECONNREFUSED && errno != ENOENT);

	if (fd >= 0) {
		close(fd);
	}
	return answered;
}

/* Removes a socket that a dead server left behind. Anything else at the path stays. */
static int remove_stale(const struct shiny_address *address)
{
	const char *path = shiny_address_path(address);
	struct shiny_socket_file file;
	int error = path ? shiny_socket_file_find(path, &file) : -ENOENT;

	if (error < 0 && error != -ENOTSOCK) {
		return 0;
	}
	if (error < 0 || is_answered(address)) {
		return -EADDRINUSE;
	}
	return shiny_socket_file_remove(&file, path);
}

static int bind_ip(int fd, const struct shiny_address *address, const struct shiny_options *options)
{
	int error = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);

	if (error == 0 && options->reuse_port) {
		error = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	}
	if (error == 0 && address->any.sa_family == AF_INET6) {
		error = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, address->v6only);
	}
	if (error < 0) {
		return error;
	}
	set_stream_options(fd);
	return bind(fd, &address->any, address->len) < 0 ? -errno : 0;
}

/* The socket at @path was just bound. */
static int set_mode(const char *path, mode_t mode)
{
	struct shiny_socket_file file;
	int error = shiny_socket_file_find(path, &file);

	if (error < 0) {
		return error;
	}
	error = shiny_socket_file_set_mode(&file, path, mode);
	if (error < 0) {
		shiny_socket_file_remove(&file, path);
	}
	return error;
}

static int bind_unix(int fd, const struct shiny_address *address,
		     const struct shiny_options *options)
{
	const char *path = shiny_address_path(address);
	int error = remove_stale(address);

	if (error < 0) {
		return error;
	}
	if (bind(fd, &address->any, address->len) < 0) {
		return -errno;
	}
	return path && options->unix_mode ? set_mode(path, (mode_t)options->unix_mode) : 0;
}

static int bind_address(const struct shiny_address *address, const struct shiny_options *options,
			int *ret_fd)
{
	int fd = shiny_descriptor_socket(address->any.sa_family);
	int error;

	if (fd < 0) {
		return fd;
	}
	if (address->any.sa_family == AF_UNIX) {
		error = bind_unix(fd, address, options);
	} else {
		error = bind_ip(fd, address, options);
	}
	if (error == 0 && listen(fd, (int)options->backlog) < 0) {
		error = -errno;
	}
	if (error < 0) {
		close(fd);
		return error;
	}
	*ret_fd = fd;
	return 0;
}

int shiny_listener_bind(const char *text, const struct shiny_options *options, int *ret_fd)
{
	struct shiny_address address;
	int error = text ? shiny_address_parse(text, &address) : -EINVAL;

	if (error < 0) {
		return error;
	}
	error = bind_address(&address, options, ret_fd);
	if (error == -EAFNOSUPPORT && address.every_ip) {
		in_port_t port = address.in6.sin6_port;
		address = (struct shiny_address){
			.in = { .sin_family = AF_INET, .sin_port = port },
			.len = sizeof(address.in),
		};
		error = bind_address(&address, options, ret_fd);
	}
	return error;
}

static int bound_address(int fd, struct shiny_address *ret_address)
{
	ret_address->len = sizeof(ret_address->un);
	return getsockname(fd, &ret_address->any, &ret_address->len) < 0 ? -errno : 0;
}

int shiny_listener_init(struct shiny_listener *listener, const char *text,
			const struct shiny_options *options)
{
	struct shiny_address address;
	int fd;
	int error = shiny_listener_bind(text, options, &fd);

	if (error < 0) {
		return error;
	}
	*listener = (struct shiny_listener){
		.watch = { .fd = fd, .kind = SHINY_WATCH_LISTENER },
		.batch = 1,
	};
	if (bound_address(fd, &address) == 0 && shiny_address_path(&address)) {
		shiny_socket_file_find(shiny_address_path(&address), &listener->file);
	}
	return 0;
}

int shiny_listener_adopt(struct shiny_listener *listener, int fd)
{
	int type, listening;
	socklen_t type_len = sizeof(type), listening_len = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &listening_len) < 0) {
		return errno == EBADF ? -EBADF : -EINVAL;
	}
	if (type != SOCK_STREAM || !listening) {
		return -EINVAL;
	}
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		return -errno;
	}
	set_stream_options(fd);
	*listener = (struct shiny_listener){
		.watch = { .fd = fd, .kind = SHINY_WATCH_LISTENER },
		.batch = 1,
	};
	return 0;
}

void shiny_listener_finish(struct shiny_listener *listener)
{
	struct shiny_address address;

	/* While the socket is open no other file has its inode number. */
	if (listener->file.inode && bound_address(listener->watch.fd, &address) == 0) {
		shiny_socket_file_remove(&listener->file, shiny_address_path(&address));
	}
	close(listener->watch.fd);
}

int shiny_listener_address(const struct shiny_listener *listener, char *buf, size_t size)
{
	struct shiny_address address;
	int error = bound_address(listener->watch.fd, &address);

	return error < 0 ? error : shiny_address_format(&address, buf, size);
}

static void add_conn(struct shiny_conns *conns, int fd)
{
	conns->traffic = true;
	if (shiny_conns_full(conns) || !shiny_siblings_reserve(&conns->siblings, conns->live)) {
		shiny_count(&conns->options.stats->shed, 1);
		shiny_notice_socket(conns, SHINY_NOTICE_SHED, 0, fd);
		/*
		 * With unread input close(2) would send a reset, and the peer could not tell why.
		 */
		(void)!recv(fd, conns->read_buffer, SHINY_READ_SIZE, 0);
		close(fd);
	} else if (shiny_conn_open(conns, fd) < 0) {
		shiny_count(&conns->options.stats->errors_accept, 1);
		shiny_notice_socket(conns, SHINY_NOTICE_ACCEPT, ENOMEM, fd);
		shiny_conns_publish_load(conns); /* what was reserved */
		close(fd);
	}
}

/* Errors of accept(2) that concern one peer, or the network to it: others may be accepted. */
static bool concerns_one_peer(int error)
{
	static const int errors[] = {
		ECONNABORTED, EINTR,	EPERM,	     EPROTO,	   ENOPROTOOPT,
		EOPNOTSUPP,   ENETDOWN, ENETUNREACH, EHOSTUNREACH, EHOSTDOWN,
	};

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (errors[i] == error) {
			return true;
		}
	}
	return false;
}

/*
 * Accepts one connection. Returns 1; 0 if none waits; -errno if another call now would fail, too.
 */
static int accept_one(struct shiny_listener *listener, struct shiny_conns *conns)
{
	int fd = shiny_descriptor_accept(listener->watch.fd);

	if (fd >= 0) {
		add_conn(conns, fd);
		return 1;
	}
	if (fd == -EAGAIN || fd == -EWOULDBLOCK) {
		return 0;
	}
	if (concerns_one_peer(-fd)) {
		return 1;
	}
	/* -EINVAL: a process that shares the socket has shut it down, and no connection waits. */
	if (fd != -EINVAL) {
		shiny_count(&conns->options.stats->errors_accept, 1);
		shiny_notice_socket(conns, SHINY_NOTICE_ACCEPT, -fd, -1);
	}
	return fd;
}

/* Whether a sibling should have the next connection; if so, wakes it. */
static bool leave_to_sibling(struct shiny_conns *conns)
{
	struct shiny_siblings *siblings = &conns->siblings;
	bool full = shiny_conns_full(conns);
	int sibling = shiny_siblings_find_taker(siblings, conns->live, full);

	if (sibling < 0) {
		return false;
	}
	if (siblings->take_anyway && !full) {
		siblings->take_anyway--;
		return false;
	}
	shiny_siblings_wake(siblings, sibling);
	return true;
}

int shiny_listener_accept(struct shiny_listener *listener, struct shiny_conns *conns)
{
	unsigned accepted = 0;
	int result = 1;

	while (result > 0 && accepted < listener->batch) {
		if (leave_to_sibling(conns)) {
			return SHINY_LISTENER_LEFT;
		}
		result = accept_one(listener, conns);
		accepted += result > 0;
		conns->siblings.accepted += result > 0;
	}
	/* A single peer then seldom costs a second call in vain, and many peers need few turns. */
	if (accepted == listener->batch) {
		listener->batch = accepted < ACCEPTS_A_TURN ? accepted * 2 : ACCEPTS_A_TURN;
	} else {
		listener->batch = accepted ? accepted : 1;
	}
	return result < 0 ? result : 0;
}
