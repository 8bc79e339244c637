/* SPDX-License-Identifier: MIT */
#include "log/log-rate.h"

#include "harness.h"

#define RATE 100

static unsigned admit(struct log_rate *rate, unsigned lines, size_t len, int64_t now_ms)
{
	unsigned admitted = 0;

	for (unsigned i = 0; i < lines; i++) {
		admitted += log_rate_admit(rate, RATE, len, now_ms);
	}
	return admitted;
}

static void admits_a_burst_and_then_its_rate(void)
{
	struct log_rate rate = { 0 };

	g_assert_cmpuint(admit(&rate, 5000, 80, 100000), ==, RATE * LOG_RATE_BURST_S);
	g_assert_true(rate.is_exhausted);
	g_assert_cmpuint(admit(&rate, 5000, 80, 100009), ==, 0);
	g_assert_cmpuint(admit(&rate, 5000, 80, 100010), ==, 1);
	g_assert_cmpuint(admit(&rate, 5000, 80, 101010), ==, RATE);
	g_assert_cmpuint(admit(&rate, 5000, 80, 999999), ==, RATE * LOG_RATE_BURST_S);
	g_assert_cmpuint(rate.dropped, ==, 25000 - 2 * RATE * LOG_RATE_BURST_S - RATE - 1);
}

static void counts_bytes(void)
{
	struct log_rate rate = { 0 };

	g_assert_cmpuint(admit(&rate, 5000, 4 * LOG_RATE_LINE_SIZE - 1, 100000), ==,
			 RATE * LOG_RATE_BURST_S / 4);
}

static void has_no_limit_of_0(void)
{
	struct log_rate rate = { 0 };

	admit(&rate, 5000, 80, 100000);
	for (unsigned i = 0; i < 5000; i++) {
		g_assert_true(log_rate_admit(&rate, 0, 80, 100000));
	}
	g_assert_false(rate.is_exhausted);
}

static void has_a_time_to_report(void)
{
	struct log_rate rate = { 0 };

	g_assert_cmpint(log_rate_timeout(&rate), ==, INT64_MAX);
	admit(&rate, RATE * LOG_RATE_BURST_S + 1, 80, 100000);
	g_assert_cmpint(log_rate_timeout(&rate), ==, 100000 + LOG_RATE_INTERVAL_MS);
	log_rate_report(&rate, "server a", 100001);
	g_assert_cmpint(log_rate_timeout(&rate), ==, 100000 + LOG_RATE_INTERVAL_MS);
	log_rate_report(&rate, "server a", 100000 + LOG_RATE_INTERVAL_MS);
	g_assert_cmpint(log_rate_timeout(&rate), ==, INT64_MAX);
	g_assert_cmpuint(rate.reported, ==, 1);
}

static void bears_a_clock_that_stands(void)
{
	struct log_rate rate = { 0 };

	g_assert_cmpuint(admit(&rate, 1, 80, 100000), ==, 1);
	g_assert_cmpuint(admit(&rate, 1, 80, 99999), ==, 1);
}

int main(int argc, char **argv)
{
	harness_init(&argc, &argv);
	harness_add("/log-rate/a-burst-and-then-the-rate", admits_a_burst_and_then_its_rate);
	harness_add("/log-rate/bytes-count", counts_bytes);
	harness_add("/log-rate/zero-is-no-limit", has_no_limit_of_0);
	harness_add("/log-rate/dropped-lines-are-reported", has_a_time_to_report);
	harness_add("/log-rate/the-clock-may-stand", bears_a_clock_that_stands);
	return harness_run();
}
