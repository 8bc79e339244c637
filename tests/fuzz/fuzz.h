/* SPDX-License-Identifier: MIT */
/*
 * A fuzz target: one function that takes any bytes, and aborts if a promise is broken.
 *
 * In tests/run each target runs over its corpus and over many changed copies of it (replay.c). With
 * -Dfuzz=true and clang it is also linked with libFuzzer, which looks for what none of those reach:
 *
 *     CC=clang meson setup -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false build-fuzz
 *     ninja -C build-fuzz
 *     build-fuzz/tests/fuzz/fuzz-resp -max_total_time=60 NEW tests/fuzz/corpus/resp
 *
 * NEW is an empty folder for what it finds. What made a target fail goes into the corpus.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_ASSERT(what)                                                                  \
	do {                                                                               \
		if (!(what)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
			abort();                                                           \
		}                                                                          \
	} while (0)

#endif
