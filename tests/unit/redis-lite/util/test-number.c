/* SPDX-License-Identifier: MIT */
#include "harness.h"
#include "util/number.h"

#include <string.h>

static void floats_have_no_exponent(void)
{
	static const struct {
		const char *text, *written;
	} pairs[] = {
		{ "0", "0" },
		{ "-0", "0" },
		{ "-1e-30", "0" },
		{ "10.50", "10.5" },
		{ "5.0e3", "5000" },
		{ "-.25", "-0.25" },
		{ "1e20", "100000000000000000000" },
		{ "1e-17", "0.00000000000000001" },
		{ "0.1", "0.1" },
		{ "0x1p3", "8" },
	};
	char buf[NUMBER_FLOAT_MAX];
	long double value;

	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		g_assert_true(number_parse_float(pairs[i].text, strlen(pairs[i].text), &value));
		g_assert_cmpmem(buf, number_format_float(buf, value), pairs[i].written,
				strlen(pairs[i].written));
	}
	g_assert_true(number_parse_float("1e4932", 6, &value));
	g_assert_cmpuint(number_format_float(buf, value), ==, 4933);
}

static void no_floats_are_refused(void)
{
	static const char *const wrong[] = {
		"", "x", "nan", " 1", "1 ", "1x", "1e5000", "-1e5000", "1e-5000",
	};
	char many[NUMBER_FLOAT_MAX];
	long double value;

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_assert_false(number_parse_float(wrong[i], strlen(wrong[i]), &value));
	}
	memset(many, '0', sizeof(many));
	g_assert_false(number_parse_float(many, sizeof(many), &value));
}

static void sizes_have_units(void)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} pairs[] = {
		{ "0", 0 },
		{ "100", 100 },
		{ "5b", 5 },
		{ "2k", 2000 },
		{ "2kb", 2048 },
		{ "3M", 3000000 },
		{ "3Mb", 3 << 20 },
		{ "1g", 1000000000 },
		{ "2GB", UINT64_C(2) << 30 },
		/* As Redis reads them. */
		{ "", 0 },
		{ "m", 0 },
		{ "007", 7 },
		{ "9223372036854775808", UINT64_C(1) << 63 },
		{ "17179869183gb", UINT64_MAX - (1 << 30) + 1 },
		{ "18446744073709551615", UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX },
		{ "99999999999999999999999", UINT64_MAX },
	};
	static const char *const wrong[] = {
		"x", "1x", "-1", "1.5m", "+1", " 1", "17179869184gb", "99999999999999999999kb",
	};
	uint64_t bytes;

	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		g_assert_true(number_parse_size(pairs[i].text, &bytes));
		g_assert_cmpuint(bytes, ==, pairs[i].bytes);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_assert_false(number_parse_size(wrong[i], &bytes));
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/number/floats-have-no-exponent", floats_have_no_exponent);
	harness_add("/number/no-floats-are-refused", no_floats_are_refused);
	harness_add("/number/sizes-have-units", sizes_have_units);
	return harness_run();
}
