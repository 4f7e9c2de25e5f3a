/* SPDX-License-Identifier: MIT */
/* What the tests of both tracers' sequences share: in sequence.c. Of this CPU; preemption off. */
#pragma once
#include "kernel/types.h"

struct ktest;

/* Trace kt_glob_alpha() and kt_glob_beta() with @tracer. False, and the test fails: it refused. */
bool kt_sequence_start(struct ktest *t, const char *tracer);
void kt_sequence_stop(struct ktest *t);
bool kt_sequence_is_open(void);
/* Make a call that the sequence records: the first one after a writer in C only opens it. */
bool kt_sequence_open(struct ktest *t);
