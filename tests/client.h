/* SPDX-License-Identifier: MIT */
/*
 * A blocking client for tests: each call does all of what it says or fails the test.
 *
 * Addresses are written as the library writes them: "tcp://127.0.0.1:7000", "tcp://[::1]:7000",
 * "unix:///path", "unix://@abstract". Reading and writing give up after HARNESS_PATIENCE_MS.
 */
#ifndef TESTS_CLIENT_H
#define TESTS_CLIENT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int client_connect(const char *address);

/* A descriptor, or the negative errno of a connect that failed. */
int client_try_connect(const char *address);

/* With a receive buffer of about @size bytes, so that the server's writes come to a stop early. */
int client_connect_narrow(const char *address, int size);

/* Tries again until somebody listens, for at most HARNESS_PATIENCE_MS. */
int client_connect_soon(const char *address);

void client_send(int fd, const void *data, size_t len);
void client_send_text(int fd, const char *text);

/* As client_send(), but a connection that the server ends meanwhile is no failure: how much left.
 */
size_t client_send_some(int fd, const void *data, size_t len);

/* Sends a FIN; replies may still be received. */
void client_send_end(int fd);

/* Exactly @len bytes; fewer before the end of the stream fail the test. */
void client_receive(int fd, void *buf, size_t len);

/* All bytes up to the end of the stream, which must be a FIN and no reset. */
GByteArray *client_receive_rest(int fd);

/* One line with its newline, for the caller to free. Reads byte by byte: not for bulk. */
char *client_receive_line(int fd);

/* The next bytes must be @text, the next event a FIN, a reset. */
void client_expect(int fd, const char *text);
void client_expect_bytes(int fd, const void *data, size_t len);
void client_expect_end(int fd);
void client_expect_reset(int fd);

/* A connection of its own, on which @request is answered by @reply. */
void client_exchange(const char *address, const char *request, const char *reply);

/* Whether something (bytes, an end) can be received within @timeout_ms. */
bool client_readable(int fd, int timeout_ms);

/* Closes with a reset instead of a FIN. */
void client_reset(int fd);

/* Bytes that are the same at each run and differ with each @seed, for the caller to free. */
char *client_pattern(size_t len, uint32_t seed);

#endif
