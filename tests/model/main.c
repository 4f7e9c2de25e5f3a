/* SPDX-License-Identifier: MIT */
/*
 * The program around the reference: thousands of random sequences, under the sanitizers. They run
 * in a process of their own, so that a crash is a failure like any other; what fails is shrunk to
 * the fewest and simplest calls that still fail, and told as C. Prints TAP.
 *
 * usage: test_model [--seed N]		FUZZ_SECONDS in the environment: for so long, other seeds
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/model/host.h"

#define SEQUENCES 20000u

/* What the process that runs sequences tells the one that waits for it, by a file. */
struct progress {
	u32 seed;
	unsigned int step;
	char problem[sizeof(model_problem)];
};
static int progress_file;

static void tell(u32 seed)
{
	struct progress p = { .seed = seed, .step = model_step_number };

	memcpy(p.problem, model_problem, sizeof(p.problem));
	if (pwrite(progress_file, &p, sizeof(p), 0) != sizeof(p))
		abort();
}

static struct progress told(void)
{
	struct progress p;

	if (pread(progress_file, &p, sizeof(p), 0) != sizeof(p))
		abort();
	return p;
}

static bool run_seed(u32 seed)
{
	struct model_step steps[MODEL_STEPS];

	model_generate(seed, steps, MODEL_STEPS);
	return model_run_steps(steps, MODEL_STEPS);
}

static void expect_crash(u32 seed)
{
	strcpy(model_problem, "crashed");
	tell(seed);
}

static bool process_failed(pid_t pid)
{
	int status;

	waitpid(pid, &status, 0);
	return status;
}

/* --- Shrinking --- */

static bool fails(const struct model_step *steps, unsigned int nr)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid)
		return process_failed(pid);
	if (!freopen("/dev/null", "w", stderr))
		_exit(0);
	expect_crash(0);
	model_run_steps(steps, nr);
	tell(0);
	_exit(*model_problem != '\0');
}

/* Leave out as much as still fails, first in halves, last one by one. */
static unsigned int leave_out(struct model_step *steps, unsigned int nr)
{
	struct model_step fewer[MODEL_STEPS];

	for (unsigned int chunk = nr / 2; chunk; chunk /= 2) {
		for (unsigned int at = 0; at + chunk <= nr;) {
			memcpy(fewer, steps, at * sizeof(*steps));
			memcpy(fewer + at, steps + at + chunk, (nr - at - chunk) * sizeof(*steps));
			if (fails(fewer, nr - chunk)) {
				nr -= chunk;
				memcpy(steps, fewer, nr * sizeof(*steps));
			} else {
				at += chunk;
			}
		}
	}
	return nr;
}

/* Every byte of a step that can be 0 is. */
static void simplify(struct model_step *steps, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		for (size_t at = 1; at < sizeof(*steps); at++) {
			u8 *byte = (u8 *)&steps[i] + at, was = *byte;

			*byte = 0;
			if (was && !fails(steps, nr))
				*byte = was;
		}
	}
}

static void shrink(u32 seed)
{
	struct model_step steps[MODEL_STEPS];
	unsigned int nr = MODEL_STEPS;
	char text[200];

	model_generate(seed, steps, nr);
	if (!fails(steps, nr)) {
		printf("# seed %u alone does not fail: what went before has a part in it\n", seed);
		return;
	}
	nr = leave_out(steps, nr);
	simplify(steps, nr);
	nr = leave_out(steps, nr);
	printf("# seed %u, shrunk to %u calls:\n", seed, nr);
	for (unsigned int i = 0; i < nr; i++) {
		model_describe(&steps[i], text, sizeof(text));
		printf("#\t%s\n", text);
	}
	fails(steps, nr);
	printf("# in or after call %u: %s\n", told().step, told().problem);
}

/* --- The program --- */

static double seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Seeds from @first on, @nr of them or for as long as @limit. */
static void run_case(unsigned int number, const char *name, u32 first, u32 nr, double limit)
{
	double start = seconds(), took;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		for (u32 i = 0; i < nr && (!limit || seconds() - start < limit); i++) {
			expect_crash(first + i);
			if (!run_seed(first + i)) {
				tell(first + i);
				_exit(1);
			}
		}
		_exit(0);
	}
	if (process_failed(pid)) {
		printf("not ok %u - %s\n", number, name);
		printf("# seed %u: %s\n", told().seed, told().problem);
		shrink(told().seed);
		return;
	}
	took = seconds() - start;
	nr = told().seed - first + 1;
	printf("ok %u - %s\n", number, name);
	printf("# %u sequences of %u calls, %u calls per second\n", nr, MODEL_STEPS,
	       (unsigned int)(nr * MODEL_STEPS / took));
}

int main(int argc, char **argv)
{
	const char *fuzz = getenv("FUZZ_SECONDS");
	int limit = fuzz ? atoi(fuzz) : 0;

	progress_file = fileno(tmpfile());
	if (argc == 3 && !strcmp(argv[1], "--seed")) {
		printf("1..1\n");
		run_case(1, "seed", (u32)strtoul(argv[2], NULL, 0), 1, 0);
		return 0;
	}
	printf("1..2\n");
	run_case(1, "fixed_seeds", 1, SEQUENCES, 0);
	if (limit)
		run_case(2, "other_seeds", (u32)time(NULL) << 8, ~0u, limit);
	else
		printf("ok 2 - other_seeds # SKIP FUZZ_SECONDS says how long; ./check sets it\n");
	return 0;
}
