/* SPDX-License-Identifier: MIT */
/* The interface between the platform (host.c) and the program (main.c). */
#pragma once
#include "tests/host/model/model.h"

/*
 * Run a sequence from the start. Returns false if something is wrong; model_problem tells what, and
 * with which step.
 */
bool model_run_steps(const struct model_step *steps, unsigned int nr);
extern unsigned int model_step_number;

/*
 * Fixed sequences, from start to end; model_problem tells what is wrong. A name of NULL ends the
 * array.
 */
struct model_case {
	const char *name;
	void (*run)(void);
};
extern const struct model_case model_cases[];
/* Must be called before the first sequence of a process. */
void model_begin(void);
