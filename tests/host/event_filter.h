/* SPDX-License-Identifier: MIT */
/* An event with a field of each kind that filters know, and a record of it. */
#pragma once
#include "trace/events/trace_events.h"

struct filter_record {
	struct trace_entry ent;
	u8 u8;
	s8 s8;
	u16 u16;
	s16 s16;
	u32 u32;
	s32 s32;
	u64 u64;
	s64 s64;
	char name[8];
	u32 text;
	const char *pointer;
	unsigned long func;
	u16 squares[3];
	char data[16];			/* of text */
};

extern const struct trace_event_call filter_call;
/* A thread named "worker-7" on CPU 0 has made it. */
extern const struct filter_record filter_record;
