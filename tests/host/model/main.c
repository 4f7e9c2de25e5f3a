/* SPDX-License-Identifier: MIT */
/*
 * The program around the reference: thousands of random sequences, under the sanitizers. They run
 * in a process of their own, so that a crash is a failure like any other; what fails is shrunk to
 * the fewest and simplest calls that still fail, and told as C. Prints TAP.
 *
 * usage: test_model [--seed N]			the fixed seeds, or this one
 *        test_model --random SECONDS [--seed N]	as many seeds as time allows, from N on
 * The first prints TAP. The status is 1 if a sequence failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/host/model/host.h"

#define SEQUENCES 20000u
#define USAGE "usage: %s [--random SECONDS] [--seed N]\n"

/* What the process that runs sequences tells the one that waits for it, in a file. */
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

/*
 * Leaves out as many steps as possible with the rest still failing: first halves, last single ones.
 */
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

/* Makes every byte of a step 0 if the sequence still fails. */
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

/*
 * Runs seeds from @first on until one fails, as far as @nr and @limit (seconds; 0: none) allow.
 * Returns how many passed; with *failed the next one did not, and told() says why.
 */
static u32 run_seeds(u32 first, u32 nr, double limit, bool *failed)
{
	double start = seconds();
	pid_t pid;

	fflush(stdout);
	expect_crash(first);
	pid = fork();
	if (!pid) {
		u32 i;

		for (i = 0; i < nr && (!i || !limit || seconds() - start < limit); i++) {
			expect_crash(first + i);
			if (!run_seed(first + i)) {
				tell(first + i);
				_exit(1);
			}
		}
		_exit(0);
	}
	*failed = process_failed(pid);
	return told().seed - first + !*failed;
}

static bool run_case(unsigned int number, const char *name, u32 first, u32 nr)
{
	double start = seconds(), took;
	bool failed;

	nr = run_seeds(first, nr, 0, &failed);
	took = seconds() - start;
	printf("%sok %u - %s\n", failed ? "not " : "", number, name);
	if (failed) {
		printf("# seed %u: %s\n", told().seed, told().problem);
		shrink(told().seed);
	} else {
		printf("# %u sequences of %u calls, %u calls per second\n", nr, MODEL_STEPS,
		       (unsigned int)(nr * MODEL_STEPS / took));
	}
	return !failed;
}

/* Runs a sequence that does not come from a seed. */
static bool run_sequence(unsigned int number, const struct model_case *kase)
{
	bool failed;
	pid_t pid;

	fflush(stdout);
	expect_crash(0);
	pid = fork();
	if (!pid) {
		*model_problem = '\0';
		model_begin();
		kase->run();
		tell(0);
		_exit(*model_problem != '\0');
	}
	failed = process_failed(pid);
	printf("%sok %u - %s\n", failed ? "not " : "", number, kase->name);
	if (failed)
		printf("# %s\n", told().problem);
	return !failed;
}

static int run_fixed(void)
{
	unsigned int number_found = 0, nr = 0;
	bool held;

	while (model_found_seeds[number_found])
		number_found++;
	while (model_cases[nr].name)
		nr++;
	printf("1..%u\n", 1 + number_found + nr);
	held = run_case(1, "first_seeds", 1, SEQUENCES);
	for (unsigned int i = 0; i < nr; i++)
		held &= run_sequence(2 + i, &model_cases[i]);
	for (unsigned int i = 0; i < number_found; i++) {
		char name[32];

		snprintf(name, sizeof(name), "seed_%u", model_found_seeds[i]);
		held &= run_case(2 + nr + i, name, model_found_seeds[i], 1);
	}
	return !held;
}

/* Reports every failure, and goes on searching after it. */
static int run_random(double limit, u32 seed)
{
	double end = seconds() + limit, left;
	u32 held = 0, failures = 0;

	printf("# seeds from %u on\n", seed);
	while ((left = end - seconds()) > 0) {
		bool failed;
		u32 nr = run_seeds(seed, ~0u, left, &failed);

		held += nr;
		seed += nr + failed;
		if (!failed)
			break;
		failures++;
		printf("# seed %u: %s\n", told().seed, told().problem);
		shrink(told().seed);
	}
	printf("# %u sequences of %u calls held, %u failed\n", held, MODEL_STEPS, failures);
	return failures > 0;
}

/*
 * Reads the number after the option @name. Returns false if it is not there, or is wrong, which is
 * reported.
 */
static bool option(int argc, char **argv, const char *name, u32 *value, bool *wrong)
{
	for (int i = 1; i < argc; i += 2) {
		char *end = NULL;

		if (strcmp(argv[i], name))
			continue;
		if (i + 1 < argc)
			*value = (u32)strtoul(argv[i + 1], &end, 0);
		*wrong |= !end || *end || end == argv[i + 1];
		return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	u32 seed = (u32)time(NULL) << 8, limit = 0;
	bool wrong = false;
	bool one = option(argc, argv, "--seed", &seed, &wrong);
	bool random = option(argc, argv, "--random", &limit, &wrong);

	if (wrong || argc != 1 + 2 * (one + random)) {
		fprintf(stderr, USAGE, argv[0]);
		return 2;
	}
	progress_file = fileno(tmpfile());
	if (random)
		return run_random(limit, seed);
	if (!one)
		return run_fixed();
	printf("1..1\n");
	return !run_case(1, "seed", seed, 1);
}
