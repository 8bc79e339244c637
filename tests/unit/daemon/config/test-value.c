/* SPDX-License-Identifier: MIT */
/*
 * What each type of value takes, and what it says of the rest.
 */
#include "config/value.h"
#include "harness.h"

static const char *const choices[] = { "always", "everysec", "no", NULL };

static const struct shiny_param params[SHINY_TYPE_MAX] = {
	[SHINY_TYPE_BOOL] = { .type = SHINY_TYPE_BOOL },
	[SHINY_TYPE_INTEGER] = { .type = SHINY_TYPE_INTEGER },
	[SHINY_TYPE_SIZE] = { .type = SHINY_TYPE_SIZE },
	[SHINY_TYPE_DURATION] = { .type = SHINY_TYPE_DURATION },
	[SHINY_TYPE_STRING] = { .type = SHINY_TYPE_STRING },
	[SHINY_TYPE_PATH] = { .type = SHINY_TYPE_PATH },
	[SHINY_TYPE_ENUM] = { .type = SHINY_TYPE_ENUM, .choices = choices },
	[SHINY_TYPE_SECRET] = { .type = SHINY_TYPE_SECRET },
};

static int64_t number(enum shiny_type type, const char *text)
{
	struct shiny_value value;
	char error[SHINY_ERROR_MAX];

	if (value_parse(&params[type], text, &value, error) < 0) {
		harness_fail("'%s': %s", text, error);
	}
	return value.number;
}

static void refuse(const struct shiny_param *param, const char *text, const char *expected)
{
	struct shiny_value value = { .number = 42 };
	char error[SHINY_ERROR_MAX];

	g_assert_cmpint(value_parse(param, text, &value, error), <, 0);
	g_assert_cmpstr(error, ==, expected);
	g_assert_cmpint(value.number, ==, 42); /* untouched */
}

static void bools(void)
{
	g_assert_cmpint(number(SHINY_TYPE_BOOL, "yes"), ==, 1);
	g_assert_cmpint(number(SHINY_TYPE_BOOL, "no"), ==, 0);
	refuse(&params[SHINY_TYPE_BOOL], "true", "expected yes or no, not 'true'");
	refuse(&params[SHINY_TYPE_BOOL], "Yes", "expected yes or no, not 'Yes'");
}

static void integers(void)
{
	const struct shiny_param *param = &params[SHINY_TYPE_INTEGER];

	g_assert_cmpint(number(SHINY_TYPE_INTEGER, "0"), ==, 0);
	g_assert_cmpint(number(SHINY_TYPE_INTEGER, "-42"), ==, -42);
	g_assert_cmpint(number(SHINY_TYPE_INTEGER, "010"), ==, 10);
	g_assert_cmpint(number(SHINY_TYPE_INTEGER, "9223372036854775807"), ==, INT64_MAX);
	refuse(param, "9223372036854775808",
	       "must be at most 9223372036854775807, not 9223372036854775808");
	refuse(param, "-9223372036854775809",
	       "must be at least -9223372036854775808, not -9223372036854775809");
	refuse(param, "1.5", "expected a whole number, not '1.5'");
	refuse(param, "0x10", "expected a whole number, not '0x10'");
	refuse(param, "+1", "expected a whole number, not '+1'");
	refuse(param, "-", "expected a whole number, not '-'");
	refuse(param, "1K", "expected a whole number, not '1K'");
	refuse(param, "", "expected a value");
}

static void sizes(void)
{
	const struct shiny_param *param = &params[SHINY_TYPE_SIZE];

	g_assert_cmpint(number(SHINY_TYPE_SIZE, "512"), ==, 512);
	g_assert_cmpint(number(SHINY_TYPE_SIZE, "64K"), ==, 65536);
	g_assert_cmpint(number(SHINY_TYPE_SIZE, "64k"), ==, 65536);
	g_assert_cmpint(number(SHINY_TYPE_SIZE, "1M"), ==, 1 << 20);
	g_assert_cmpint(number(SHINY_TYPE_SIZE, "2G"), ==, INT64_C(2) << 30);
	g_assert_cmpint(number(SHINY_TYPE_SIZE, "3T"), ==, INT64_C(3) << 40);
	refuse(param, "9999999999G", "must be at most 8388607T, not 9999999999G");
	refuse(param, "-1", "must be at least 0, not -1");
	refuse(param, "1KB", "expected a size such as 512, 64K, 1M or 2G, not '1KB'");
	refuse(param, "K", "expected a size such as 512, 64K, 1M or 2G, not 'K'");
}

static void durations(void)
{
	const struct shiny_param *param = &params[SHINY_TYPE_DURATION];

	g_assert_cmpint(number(SHINY_TYPE_DURATION, "0"), ==, 0);
	g_assert_cmpint(number(SHINY_TYPE_DURATION, "250ms"), ==, 250);
	g_assert_cmpint(number(SHINY_TYPE_DURATION, "10s"), ==, 10000);
	g_assert_cmpint(number(SHINY_TYPE_DURATION, "5m"), ==, 300000);
	g_assert_cmpint(number(SHINY_TYPE_DURATION, "2h"), ==, 7200000);
	g_assert_cmpint(number(SHINY_TYPE_DURATION, "1d"), ==, 86400000);
	refuse(param, "999999999999999d", "must be at most 106751991167d, not 999999999999999d");
	refuse(param, "99999999999999999999",
	       "expected a duration such as 250ms, 10s, 5m, 2h or 1d, "
	       "not '99999999999999999999'");
	refuse(param, "10", "expected a duration such as 250ms, 10s, 5m, 2h or 1d, not '10'");
	refuse(param, "10 s", "expected a duration such as 250ms, 10s, 5m, 2h or 1d, not '10 s'");
}

static void texts(void)
{
	struct shiny_value value;
	char error[SHINY_ERROR_MAX];

	g_assert_cmpint(value_parse(&params[SHINY_TYPE_STRING], "a b", &value, error), ==, 0);
	g_assert_cmpstr(value.text, ==, "a b");
	g_assert_cmpint(value_parse(&params[SHINY_TYPE_PATH], "/a", &value, error), ==, 0);
	g_assert_cmpstr(value.text, ==, "/a");
	refuse(&params[SHINY_TYPE_PATH], "a/b", "expected an absolute path, not 'a/b'");
}

static void enums(void)
{
	g_assert_cmpint(number(SHINY_TYPE_ENUM, "everysec"), ==, 1);
	refuse(&params[SHINY_TYPE_ENUM], "evrysec",
	       "expected always, everysec or no, not 'evrysec'; did you mean 'everysec'?");
	refuse(&params[SHINY_TYPE_ENUM], "sometimes",
	       "expected always, everysec or no, not 'sometimes'");
}

static void bounds(void)
{
	static const struct shiny_param workers = { .type = SHINY_TYPE_INTEGER,
						    .min = 1,
						    .max = 64 };
	static const struct shiny_param buffer = { .type = SHINY_TYPE_SIZE,
						   .min = 4096,
						   .max = 1 << 20 };
	static const struct shiny_param timeout = { .type = SHINY_TYPE_DURATION,
						    .min = 1500,
						    .max = 60000 };
	static const struct shiny_param any_size = { .type = SHINY_TYPE_SIZE,
						     .min = 1024,
						     .max = INT64_MAX };
	char text[64];

	refuse(&workers, "99999999999999999999", "must be at most 64, not 99999999999999999999");
	refuse(&workers, "0", "must be at least 1, not 0");
	refuse(&workers, "65", "must be at most 64, not 65");
	refuse(&buffer, "1K", "must be at least 4K, not 1K");
	refuse(&buffer, "2G", "must be at most 1M, not 2G");
	refuse(&timeout, "1s", "must be at least 1500ms, not 1s");
	refuse(&timeout, "1h", "must be at most 1m, not 1h");
	value_describe(&any_size, text, sizeof(text));
	g_assert_cmpstr(text, ==, "size, 1K to 8388607T");
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/value/bool", bools);
	harness_add("/value/integer", integers);
	harness_add("/value/size", sizes);
	harness_add("/value/duration", durations);
	harness_add("/value/string-and-path", texts);
	harness_add("/value/enum", enums);
	harness_add("/value/bounds-are-told-as-one-writes-them", bounds);
	return harness_run();
}
