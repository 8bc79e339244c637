/* SPDX-License-Identifier: MIT */
/*
 * Orders to plugins/puppet.c, of which the first letter counts.
 */
#ifndef TESTS_PUPPET_H
#define TESTS_PUPPET_H

/* Of a section that it serves. */
#define PUPPET "plugin = puppet\nlisten = tcp://127.0.0.1:0\n"

/* puppet_order() - have it do @what, which it survives */
void puppet_order(const char *address, const char *what);

/* puppet_give() - tell it to do @what, and leave the connection open */
int puppet_give(const char *address, const char *what);

/* puppet_give_fatal() - tell it to do @what, of which it dies */
void puppet_give_fatal(const char *address, const char *what);

#endif
