/* SPDX-License-Identifier: MIT */
/* Between the platform (host.c) and the program (main.c). */
#pragma once
#include "tests/host/model/model.h"

/* Run a sequence from the start; false: model_problem says what is wrong with which step. */
bool model_run_steps(const struct model_step *steps, unsigned int nr);
extern unsigned int model_step_number;

/* Fixed ones, from start to end: model_problem says what is wrong. A name of NULL ends them. */
struct model_case {
	const char *name;
	void (*run)(void);
};
extern const struct model_case model_cases[];
/* Before the first sequence of a process. */
void model_begin(void);
