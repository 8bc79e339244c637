/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target over its corpus, and over changed copies of it: the same ones each time.
 *
 * FUZZ_ROUNDS in the environment says how many of each.
 */
#include "fuzz.h"
#include "harness.h"

#include <string.h>

#define ROUNDS	     4000
#define EDITS_MOST   4
#define SPAN_MOST    16
#define SLOW_SECONDS 120

static unsigned rounds(void)
{
	const char *text = g_getenv("FUZZ_ROUNDS");

	return text ? (unsigned)g_ascii_strtoull(text, NULL, 10) : ROUNDS;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All files of the corpus, sorted by name. */
static GPtrArray *read_corpus(void)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *corpus = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	GDir *dir = g_dir_open(CORPUS, 0, NULL);
	const char *name;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir))) {
		g_ptr_array_add(names, g_build_filename(CORPUS, name, NULL));
	}
	g_dir_close(dir);
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++) {
		char *data;
		gsize len;

		g_assert_true(g_file_get_contents(names->pdata[i], &data, &len, NULL));
		g_ptr_array_add(corpus, g_bytes_new_take(data, len));
	}
	g_ptr_array_unref(names);
	return corpus;
}

static guint below(GRand *rand, guint end)
{
	return end > 0 ? (guint)g_rand_int_range(rand, 0, (gint32)end) : 0;
}

/* One change: a byte, a piece gone, a piece twice, a piece of another input, or an early end. */
static void edit(GByteArray *input, const GPtrArray *corpus, GRand *rand)
{
	static const char telling[] = "\r\n\0 *$-0123456789\"'\\[]=;#/:.,\xff\x7f";
	guint at = below(rand, input->len), len = 1 + below(rand, SPAN_MOST);
	gsize other_len;
	const guint8 *other = g_bytes_get_data(corpus->pdata[below(rand, corpus->len)], &other_len);

	len = MIN(len, input->len - at);
	switch (below(rand, 6)) {
	case 0:
		if (input->len > 0) {
			input->data[at] = (guint8)g_rand_int(rand);
		}
		break;
	case 1:
		if (input->len > 0) {
			input->data[at] = (guint8)telling[below(rand, sizeof(telling) - 1)];
		}
		break;
	case 2:
		g_byte_array_remove_range(input, at, len);
		break;
	case 3: {
		guint8 *piece = g_memdup2(input->data + at, len);

		g_byte_array_append(input, piece, len);
		g_free(piece);
		break;
	}
	case 4:
		at = below(rand, (guint)other_len);
		g_byte_array_append(input, other + at, (guint)other_len - at);
		break;
	case 5:
		g_byte_array_set_size(input, at);
		break;
	}
}

static void run(const void *data, size_t size)
{
	LLVMFuzzerTestOneInput(data, size);
}

static void no_input_breaks_a_promise(void)
{
	GPtrArray *corpus = read_corpus();
	GRand *rand = g_rand_new_with_seed(1);

	g_assert_cmpuint(corpus->len, >, 0);
	for (guint i = 0; i < corpus->len; i++) {
		gsize size;
		const void *data = g_bytes_get_data(corpus->pdata[i], &size);

		run(data, size);
		for (unsigned round = rounds(); round > 0; round--) {
			GByteArray *input = g_byte_array_new();

			g_byte_array_append(input, data, (guint)size);
			for (guint edits = 1 + below(rand, EDITS_MOST); edits > 0; edits--) {
				edit(input, corpus, rand);
			}
			run(input->data, input->len);
			g_byte_array_unref(input);
		}
	}
	g_rand_free(rand);
	g_ptr_array_unref(corpus);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add_slow("/fuzz/" TARGET "/no-input-breaks-a-promise", no_input_breaks_a_promise,
			 SLOW_SECONDS);
	return harness_run();
}
