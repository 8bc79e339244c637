/* SPDX-License-Identifier: MIT */
/*
 * The functions that rows of the table of names have as .check and .form. For names.c alone.
 */
#ifndef REDIS_LITE_CONFIG_FORMS_H
#define REDIS_LITE_CONFIG_FORMS_H

#include "config/names.h"

enum config_shutdown {
	CONFIG_SHUTDOWN_SAVE = 1 << 0,
	CONFIG_SHUTDOWN_NOSAVE = 1 << 1,
	CONFIG_SHUTDOWN_NOW = 1 << 2,
	CONFIG_SHUTDOWN_FORCE = 1 << 3,
};

/* What rows of the table have as .check and .form. */
const char *config_check_activedefrag(struct config_value *value);
const char *config_check_backlog_size(struct config_value *value);
const char *config_check_hostname(struct config_value *value);
const char *config_check_hz(struct config_value *value);
const char *config_check_password(struct config_value *value);
const char *config_check_shutdown(struct config_value *value);
const char *config_check_title(struct config_value *value);

const char *config_form_bind(struct config_words words, const struct config_value *before,
			     struct config_text *text);
const char *config_form_buffer_limits(struct config_words words, const struct config_value *before,
				      struct config_text *text);
const char *config_form_events(struct config_words words, const struct config_value *before,
			       struct config_text *text);
const char *config_form_oom_scores(struct config_words words, const struct config_value *before,
				   struct config_text *text);
const char *config_form_percentiles(struct config_words words, const struct config_value *before,
				    struct config_text *text);
const char *config_form_save(struct config_words words, const struct config_value *before,
			     struct config_text *text);

#endif
