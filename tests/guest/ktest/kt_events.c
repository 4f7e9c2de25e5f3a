/* SPDX-License-Identifier: MIT */
/* What the tests' events are made of: untraced, as with all events. */
#include "tests/guest/ktest/kt_events.h"
#define TRACE_INCLUDE_PATH tests/guest/ktest
#define TRACE_INCLUDE_FILE kt_events
#define CREATE_TRACE_POINTS
#include "trace/events/define_trace.h"
