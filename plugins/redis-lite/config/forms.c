/* SPDX-License-Identifier: MIT */
/*
 * Values with a form or bounds of their own: what a row of config/names.c names where type and bounds
 * do not say it all.
 *
 * Words are read by the functions of C that Redis reads them with, to have the same oddities.
 */
#include "config/forms.h"
#include "command/password.h"
#include "util/number.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BACKLOG_MIN  16384
#define HZ_MAX	     500
#define HOSTNAME_MAX 255
#define BIND_MAX     16
#define OOM_SCORES   3
#define OOM_MAX	     2000

const char *config_check_activedefrag(struct config_value *value)
{
	return value->number ? "Active defragmentation cannot be enabled: it requires a Redis "
			       "server compiled with a modified Jemalloc like the one shipped by "
			       "default with the Redis source distribution"
			     : NULL;
}

const char *config_check_backlog_size(struct config_value *value)
{
	value->number = value->number < BACKLOG_MIN ? BACKLOG_MIN : value->number;
	return NULL;
}

const char *config_check_hostname(struct config_value *value)
{
	if (value->len > HOSTNAME_MAX) {
		return "Hostnames must be less than 256 characters";
	}
	for (size_t i = 0; i < value->len; i++) {
		if (!isalnum((unsigned char)value->text[i]) && !strchr("-.", value->text[i])) {
			return "Hostnames may only contain alphanumeric characters, hyphens or "
			       "dots";
		}
	}
	return NULL;
}

const char *config_check_hz(struct config_value *value)
{
	value->number = value->number < 1 ? 1 : value->number > HZ_MAX ? HZ_MAX : value->number;
	return NULL;
}

const char *config_check_password(struct config_value *value)
{
	return value->len > PASSWORD_MAX ? "it is longer than 512 bytes" : NULL;
}

const char *config_check_shutdown(struct config_value *value)
{
	const int64_t both = CONFIG_SHUTDOWN_SAVE | CONFIG_SHUTDOWN_NOSAVE;

	return (value->number & both) == both
		       ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
		       : NULL;
}

/* Whether a variable of a title is known, and whether it says something. */
static bool find_variable(const char *name, size_t len, bool *ret_says)
{
	static const struct {
		const char *name;
		bool says;
	} variables[] = {
		{ "title", false }, /* of a process that has none yet */
		{ "listen-addr", true }, { "server-mode", false }, { "config-file", true },
		{ "port", true },	 { "tls-port", true },	   { "unixsocket", false },
	};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (strlen(variables[i].name) == len && memcmp(name, variables[i].name, len) == 0) {
			*ret_says = variables[i].says;
			return true;
		}
	}
	return false;
}

/* All variables are known, and something is left but blanks. */
static bool is_title(const char *p)
{
	bool has_text = false;

	while (*p) {
		bool says = *p != ' ';

		if (p[0] == '{' && p[1] != '{') {
			const char *end = strchr(p, '}');

			if (!end || !find_variable(p + 1, (size_t)(end - p - 1), &says)) {
				return false;
			}
			p = end;
		} else if (p[0] == '{') {
			p++;
		}
		p++;
		has_text |= says;
	}
	return has_text;
}

const char *config_check_title(struct config_value *value)
{
	return is_title(value->text) ? NULL
				     : "template format is invalid or contains unknown variables";
}

/* A whole word as a number, with what strtoll() takes; nothing is 0. */
static bool read_number(const char *word, long long *ret_number)
{
	char *end;

	*ret_number = strtoll(word, &end, 10);
	return *end == '\0';
}

const char *config_form_bind(struct config_words words, const struct config_value *before,
			     struct config_text *text)
{
	(void)before;
	if (words.count > BIND_MAX) {
		return "Too many bind addresses specified.";
	}
	while (words.count > 0) {
		config_text_add(text, "%s", config_word(&words));
	}
	return NULL;
}

enum buffer_class {
	BUFFER_NORMAL,
	BUFFER_REPLICA,
	BUFFER_PUBSUB,
	BUFFER_CLASSES
};

struct buffer_limit {
	uint64_t hard, soft;
	int seconds;
};

static enum buffer_class find_class(const char *word)
{
	static const struct {
		const char *name;
		enum buffer_class class;
	} classes[] = {
		{ "normal", BUFFER_NORMAL },
		{ "slave", BUFFER_REPLICA },
		{ "replica", BUFFER_REPLICA },
		{ "pubsub", BUFFER_PUBSUB },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strcasecmp(word, classes[i].name) == 0) {
			return classes[i].class;
		}
	}
	return BUFFER_CLASSES;
}

static const char *read_limits(struct config_words words, struct buffer_limit *limits)
{
	if (words.count % 4 != 0) {
		return "Wrong number of arguments in buffer limit configuration.";
	}
	while (words.count > 0) {
		enum buffer_class class = find_class(config_word(&words));
		const char *hard = config_word(&words), *soft = config_word(&words);
		const char *seconds = config_word(&words);
		struct buffer_limit limit;
		long long number;

		if (class == BUFFER_CLASSES) {
			return "Invalid client class specified in buffer limit configuration.";
		}
		if (!number_parse_size(hard, &limit.hard) ||
		    !number_parse_size(soft, &limit.soft) || !read_number(seconds, &number) ||
		    (int)number < 0) {
			return "Error in hard, soft or soft_seconds setting in buffer limit "
			       "configuration.";
		}
		limit.seconds = (int)number;
		limits[class] = limit;
	}
	return NULL;
}

/* What is told is in this form, too. */
static void read_own_limits(const struct config_value *value, struct buffer_limit *limits)
{
	char copy[CONFIG_TEXT_MAX];

	memcpy(copy, value->text, value->len);
	copy[value->len] = '\0';
	read_limits(config_words(copy), limits);
}

/* A class that is not named keeps what it has. */
const char *config_form_buffer_limits(struct config_words words, const struct config_value *before,
				      struct config_text *text)
{
	static const char *const names[] = { "normal", "slave", "pubsub" };
	struct buffer_limit limits[BUFFER_CLASSES];
	const char *why;

	read_own_limits(before, limits);
	why = read_limits(words, limits);
	if (why) {
		return why;
	}
	for (unsigned i = 0; i < BUFFER_CLASSES; i++) {
		config_text_add(text, "%s %" PRIu64 " %" PRIu64 " %d", names[i], limits[i].hard,
				limits[i].soft, limits[i].seconds);
	}
	return NULL;
}

/* The classes that A stands for; n goes with them, though it is not among them. */
#define EVENTS_ALL  "g$lshzxetd"
#define EVENTS_MORE "KEm"

static bool has_all_events(const char *word)
{
	const char *class = EVENTS_ALL;

	while (*class && strchr(word, *class)) {
		class ++;
	}
	return *class == '\0' || strchr(word, 'A');
}

const char *config_form_events(struct config_words words, const struct config_value *before,
			       struct config_text *text)
{
	const char *word = words.count > 0 ? config_word(&words) : "", *told;
	char events[sizeof(EVENTS_ALL "n" EVENTS_MORE)] = "";
	size_t len = 0;

	(void)before;
	if (words.count > 0 || word[strspn(word, "An" EVENTS_ALL EVENTS_MORE)] != '\0') {
		return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
	}
	told = EVENTS_ALL "n" EVENTS_MORE;
	if (has_all_events(word)) {
		events[len++] = 'A';
		told = EVENTS_MORE;
	}
	for (; *told; told++) {
		if (strchr(word, *told)) {
			events[len++] = *told;
		}
	}
	config_text_add(text, "%s", events);
	return NULL;
}

const char *config_form_oom_scores(struct config_words words, const struct config_value *before,
				   struct config_text *text)
{
	(void)before;
	if (words.count != OOM_SCORES) {
		return "wrong number of arguments";
	}
	while (words.count > 0) {
		long long score;

		if (!read_number(config_word(&words), &score) || score < -OOM_MAX ||
		    score > OOM_MAX) {
			return "Invalid oom-score-adj-values, elements must be between -2000 and "
			       "2000.";
		}
		config_text_add(text, "%lld", score);
	}
	return NULL;
}

static bool read_percentile(const char *word, double *ret_number)
{
	char *end;

	errno = 0;
	*ret_number = strtod(word, &end);
	return *word != '\0' && !isspace((unsigned char)*word) && *end == '\0' &&
	       !isnan(*ret_number) &&
	       !(errno == ERANGE && (isinf(*ret_number) || fpclassify(*ret_number) == FP_ZERO));
}

/* With as many digits behind the point as there are, at most six. */
static void add_percentile(struct config_text *text, double number)
{
	char digits[32];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%f", number);

	while (digits[len - 1] == '0') {
		len--;
	}
	len -= digits[len - 1] == '.';
	config_text_add(text, "%.*s", (int)len, digits);
}

const char *config_form_percentiles(struct config_words words, const struct config_value *before,
				    struct config_text *text)
{
	(void)before;
	while (words.count > 0) {
		double number;

		if (!read_percentile(config_word(&words), &number)) {
			return "Invalid latency-tracking-info-percentiles parameters";
		}
		if (number > 100 || number < 0) {
			return "latency-tracking-info-percentiles parameters should sit between "
			       "[0.0,100.0]";
		}
		add_percentile(text, number);
	}
	return NULL;
}

/* Pairs of seconds and changes. */
const char *config_form_save(struct config_words words, const struct config_value *before,
			     struct config_text *text)
{
	(void)before;
	if (words.count % 2 != 0) {
		return "Invalid save parameters";
	}
	while (words.count > 0) {
		long long seconds, changes;

		if (!read_number(config_word(&words), &seconds) || seconds < 1 ||
		    !read_number(config_word(&words), &changes) || changes < 0) {
			return "Invalid save parameters";
		}
		config_text_add(text, "%lld %d", seconds, (int)changes);
	}
	return NULL;
}
