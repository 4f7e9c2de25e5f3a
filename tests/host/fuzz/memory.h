/* SPDX-License-Identifier: MIT */
/* "Physical memory" made of the fuzzer's bytes, for the readers of i386's boot data. */
#pragma once
#include "tests/host/fuzz/fuzz.h"

static const u8 *memory;
static size_t memory_size;
static u64 memory_start;
static unsigned int nr_reads;

/*
 * The reader that both parsers use. The number of their reads is bounded, whatever the bytes say.
 */
#define MEMORY_READER(reader_type)						\
static bool read_memory(const struct reader_type *reader, u64 pa, void *buf, size_t len)	\
{										\
	(void)reader;								\
	MUST(++nr_reads < 1000000);						\
	if (pa < memory_start || pa - memory_start > memory_size ||		\
	    len > memory_size - (pa - memory_start))				\
		return false;							\
	memcpy(buf, memory + (pa - memory_start), len);				\
	return true;								\
}										\
static const struct reader_type reader = { read_memory }
