/* SPDX-License-Identifier: MIT */
/*
 * A number of 64 bits that other threads or processes read or write meanwhile.
 *
 * Where words have 32 bits a uint64_t may be aligned to four bytes, and is then not written in one
 * piece. What is shared is aligned to eight: struct shiny_stats, and the caller's sibling_loads.
 */
#ifndef SHINY_WORD_H
#define SHINY_WORD_H

#include <stdint.h>

typedef uint64_t shiny_word __attribute__((aligned(8)));

#endif
