/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

static GRand test_rand = { 1 };

/* splitmix64 */
static uint64_t next(GRand *rand)
{
	uint64_t z = rand->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void m32_fail(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

void g_test_message(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

int g_test_rand_int(void)
{
	return (int)next(&test_rand);
}

int g_test_rand_int_range(int begin, int end)
{
	return g_rand_int_range(&test_rand, begin, end);
}

gint64 g_get_monotonic_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (gint64)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

char g_ascii_tolower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

void *g_malloc(size_t size)
{
	void *data = malloc(size);

	if (!data && size > 0) {
		abort();
	}
	return data;
}

void *g_malloc0(size_t size)
{
	return memset(g_malloc(size + 1), 0, size);
}

void *g_memdup2(const void *data, size_t size)
{
	return size > 0 ? memcpy(g_malloc(size), data, size) : NULL;
}

GString *g_string_new(const char *text)
{
	return g_string_append(g_new0(GString, 1), text ? text : "");
}

char *g_string_free(GString *string, bool all)
{
	char *text = string->str;

	free(string);
	if (all) {
		free(text);
		text = NULL;
	}
	return text;
}

GString *g_string_append_len(GString *string, const char *data, ptrdiff_t len)
{
	size_t added = len < 0 ? strlen(data) : (size_t)len;

	if (string->len + added >= string->allocated_len) {
		string->allocated_len = 2 * (string->len + added) + 16;
		string->str = realloc(string->str, string->allocated_len);
		g_assert_nonnull(string->str);
	}
	memcpy(string->str + string->len, data, added);
	string->len += added;
	string->str[string->len] = '\0';
	return string;
}

GString *g_string_append(GString *string, const char *text)
{
	return g_string_append_len(string, text, -1);
}

GString *g_string_append_c(GString *string, char c)
{
	return g_string_append_len(string, &c, 1);
}

void g_string_append_printf(GString *string, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	g_assert_cmpint(len, >=, 0);
	g_string_append_len(string, text, len);
	free(text);
}

GString *g_string_truncate(GString *string, size_t len)
{
	string->len = len < string->len ? len : string->len;
	string->str[string->len] = '\0';
	return string;
}

GRand *g_rand_new_with_seed(uint32_t seed)
{
	GRand *rand = g_new0(GRand, 1);

	rand->state = seed;
	return rand;
}

int g_rand_int_range(GRand *rand, int begin, int end)
{
	return begin + (int)(next(rand) % (uint64_t)((int64_t)end - begin));
}

static void make_slots(GHashTable *table, size_t size)
{
	*table = (GHashTable){
		.keys = g_new0(const void *, size),
		.slots = g_malloc0(size),
		.size = size,
	};
}

GHashTable *g_hash_table_new(void *hash, void *equal)
{
	GHashTable *table = g_new0(GHashTable, 1);

	(void)hash;
	(void)equal;
	make_slots(table, 16);
	return table;
}

void g_hash_table_destroy(GHashTable *table)
{
	free(table->keys);
	free(table->slots);
	free(table);
}

/* The slot of a key, or the free one where it would be. */
static size_t find(const GHashTable *table, const void *key)
{
	size_t i = (uintptr_t)key * 0x9e3779b1u % table->size;

	while (table->slots[i] != M32_FREE && table->keys[i] != key) {
		i = (i + 1) % table->size;
	}
	return i;
}

static void grow(GHashTable *table)
{
	GHashTable old = *table;

	make_slots(table, 2 * old.size);
	for (size_t i = 0; i < old.size; i++) {
		if (old.slots[i] == M32_USED) {
			g_hash_table_add(table, old.keys[i]);
		}
	}
	free(old.keys);
	free(old.slots);
}

bool g_hash_table_contains(const GHashTable *table, const void *key)
{
	return table->slots[find(table, key)] == M32_USED;
}

bool g_hash_table_add(GHashTable *table, const void *key)
{
	size_t i;

	if (g_hash_table_contains(table, key)) {
		return false;
	}
	if (2 * (table->filled + 1) > table->size) {
		grow(table);
	}
	i = find(table, key);
	table->filled += table->slots[i] == M32_FREE;
	table->keys[i] = key;
	table->slots[i] = M32_USED;
	table->count++;
	return true;
}

bool g_hash_table_remove(GHashTable *table, const void *key)
{
	if (!g_hash_table_contains(table, key)) {
		return false;
	}
	table->slots[find(table, key)] = M32_REMOVED;
	table->count--;
	return true;
}
