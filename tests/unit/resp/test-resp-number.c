/* SPDX-License-Identifier: MIT */
#include "harness.h"

#include <float.h>
#include <math.h>
#include <shiny-resp.h>
#include <stdlib.h>
#include <string.h>

static void one_spelling_for_each_value(void)
{
	static const struct {
		const char *text;
		int64_t value;
	} right[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ "-1", -1 },
		{ "1000000", 1000000 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(right); i++) {
		char buf[SHINY_RESP_INTEGER_MAX];
		int64_t value;

		g_assert_true(
			shiny_resp_parse_integer(right[i].text, strlen(right[i].text), &value));
		g_assert_cmpint(value, ==, right[i].value);
		g_assert_cmpmem(buf, shiny_resp_format_integer(buf, value), right[i].text,
				strlen(right[i].text));
	}
}

static void other_spellings_are_refused(void)
{
	static const char *const wrong[] = {
		"",
		"-",
		"+1",
		" 1",
		"1 ",
		"01",
		"-0",
		"-01",
		"1x",
		"9223372036854775808",
		"-9223372036854775809",
		"0x1",
		"--",
		"1.0",
		"1e3",
		"99999999999999999999",
		"18446744073709551616",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		int64_t value = 42;

		g_assert_false(shiny_resp_parse_integer(wrong[i], strlen(wrong[i]), &value));
		g_assert_cmpint(value, ==, 42);
	}
}

static void unsigned_reaches_its_maximum(void)
{
	char buf[SHINY_RESP_INTEGER_MAX];

	g_assert_cmpmem(buf, shiny_resp_format_unsigned(buf, UINT64_MAX), "18446744073709551615",
			20);
	g_assert_cmpmem(buf, shiny_resp_format_unsigned(buf, 0), "0", 1);
}

static void doubles_are_written_as_short_as_they_can_be(void)
{
	static const struct {
		double value;
		const char *text;
	} pairs[] = {
		{ 0, "0" },
		{ -1.5, "-1.5" },
		{ 0.1, "0.1" },
		{ 1e300, "1e+300" },
		{ 3, "3" },
		{ 1.0 / 3, "0.3333333333333333" },
		{ INFINITY, "inf" },
		{ -INFINITY, "-inf" },
		{ NAN, "nan" },
		{ 5e-324, "5e-324" },
		{ -1e-310, "-1e-310" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
		char buf[SHINY_RESP_DOUBLE_MAX];

		g_assert_cmpmem(buf, shiny_resp_format_double(buf, pairs[i].value), pairs[i].text,
				strlen(pairs[i].text));
	}
}

static void doubles_are_the_same_when_they_are_read(void)
{
	static const double values[] = { DBL_MAX, DBL_MIN, -DBL_MAX, 0.1 + 0.2, 5e-324, 1e22 };

	for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
		char buf[SHINY_RESP_DOUBLE_MAX + 1];

		buf[shiny_resp_format_double(buf, values[i])] = '\0';
		g_assert_true(strtod(buf, NULL) == values[i]);
	}
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_set_prefix("/resp/number");
	harness_add("/one-spelling-for-each-value", one_spelling_for_each_value);
	harness_add("/other-spellings-are-refused", other_spellings_are_refused);
	harness_add("/unsigned-reaches-its-maximum", unsigned_reaches_its_maximum);
	harness_add("/doubles-are-written-as-short-as-they-can-be",
		    doubles_are_written_as_short_as_they_can_be);
	harness_add("/doubles-are-the-same-when-they-are-read",
		    doubles_are_the_same_when_they_are_read);
	return harness_run();
}
