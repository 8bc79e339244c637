/* SPDX-License-Identifier: MIT */
/*
 * The little of GLib that tests of arithmetic use, for programs of 32 bits, where there is no GLib.
 *
 * Found in front of the real one, so that the files in tests/unit are compiled here as they are. One that
 * uses more of GLib either adds it here, or is left out in meson.build.
 */
#ifndef TESTS_M32_GLIB_H
#define TESTS_M32_GLIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define G_NORETURN		   _Noreturn
#define G_GNUC_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define G_N_ELEMENTS(array)	   (sizeof(array) / sizeof((array)[0]))
#define GUINT_TO_POINTER(number)   ((void *)(uintptr_t)(number))

#define MIN(a, b)		   ((a) < (b) ? (a) : (b))
#define MAX(a, b)		   ((a) > (b) ? (a) : (b))

#define FALSE			   false
#define TRUE			   true

typedef char gchar;
typedef int gint;
typedef int32_t gint32;
typedef int64_t gint64;
typedef unsigned guint;
typedef void *gpointer;
typedef ptrdiff_t gssize;

G_NORETURN void m32_fail(const char *file, int line, const char *format, ...) G_GNUC_PRINTF(3, 4);

#define M32_CHECK(true_, text) ((true_) ? (void)0 : m32_fail(__FILE__, __LINE__, "%s", (text)))

#define g_assert_true(x)       M32_CHECK(x, #x " should be true")
#define g_assert_false(x)      M32_CHECK(!(x), #x " should be false")
#define g_assert_null(x)       M32_CHECK(!(x), #x " should be NULL")
#define g_assert_nonnull(x)    M32_CHECK(x, #x " should not be NULL")

static inline bool m32_same(const void *a, const void *b, size_t len)
{
	return len == 0 || memcmp(a, b, len) == 0; /* NULL with 0 bytes is the same, too */
}

/* Each in its own type, as in GLib. */
#define M32_COMPARE(type, format, a, op, b)                                                       \
	do {                                                                                      \
		type m32_a = (type)(a), m32_b = (type)(b);                                        \
		if (!(m32_a op m32_b)) {                                                          \
			m32_fail(__FILE__, __LINE__, "%s %s %s: " format " and " format, #a, #op, \
				 #b, m32_a, m32_b);                                               \
		}                                                                                 \
	} while (0)

#define g_assert_cmpint(a, op, b)  M32_COMPARE(long long, "%lld", a, op, b)
#define g_assert_cmpuint(a, op, b) M32_COMPARE(unsigned long long, "%llu", a, op, b)
#define g_assert_cmpstr(a, op, b)  M32_CHECK(strcmp(a, b) op 0, #a " " #op " " #b)
#define g_assert_cmpmem(a, a_len, b, b_len) \
	M32_CHECK((size_t)(a_len) == (size_t)(b_len) && m32_same(a, b, a_len), #a " == " #b)

void g_test_message(const char *format, ...) G_GNUC_PRINTF(1, 2);
int g_test_rand_int(void);
int g_test_rand_int_range(int begin, int end);
#define g_test_rand_bit() (g_test_rand_int() & 1)

gint64 g_get_monotonic_time(void);
char g_ascii_tolower(char c);

void *g_malloc(size_t size);
void *g_malloc0(size_t size);
void *g_memdup2(const void *data, size_t size);
#define g_new(type, count)  ((type *)g_malloc((count) * sizeof(type)))
#define g_new0(type, count) ((type *)g_malloc0((count) * sizeof(type)))
#define g_free		    free

typedef struct {
	char *str;
	size_t len, allocated_len;
} GString;

GString *g_string_new(const char *text);
char *g_string_free(GString *string, bool all);
GString *g_string_append(GString *string, const char *text);
GString *g_string_append_c(GString *string, char c);
GString *g_string_append_len(GString *string, const char *data, ptrdiff_t len);
void g_string_append_printf(GString *string, const char *format, ...) G_GNUC_PRINTF(2, 3);
GString *g_string_truncate(GString *string, size_t len);

typedef struct {
	uint64_t state;
} GRand;

GRand *g_rand_new_with_seed(uint32_t seed);
int g_rand_int_range(GRand *rand, int begin, int end);
#define g_rand_free free

enum m32_slot {
	M32_FREE,
	M32_USED,
	M32_REMOVED
};

/* A set of pointers. */
typedef struct {
	const void **keys;
	unsigned char *slots; /* enum m32_slot */
	size_t size, filled;  /* at most half of them, removed ones counted */
	size_t count;
} GHashTable;

GHashTable *g_hash_table_new(void *hash, void *equal);
void g_hash_table_destroy(GHashTable *table);
bool g_hash_table_add(GHashTable *table, const void *key);
bool g_hash_table_contains(const GHashTable *table, const void *key);
bool g_hash_table_remove(GHashTable *table, const void *key);
#define g_hash_table_size(table) ((guint)(table)->count)

#endif
