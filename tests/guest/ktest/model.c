/* SPDX-License-Identifier: MIT */
/*
 * Random sequences of calls of the tracer's API, compared with the reference of tests/host/model,
 * in this kernel. A seed gives the same calls as on the host, where `test_model_... --seed N`
 * shrinks a failing sequence. Untraced, because of the callbacks.
 */
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/probe.h"
#include "tests/host/model/model.h"
#include "trace/core/patch_fault.h"
#include "trace/output/trace.h"

#define FILE "/lib/modules/model_module.ko"
#define SEEDS 25u			/* in one case */

const char model_prefix[] = "model_fn_", model_module[] = "model_module";
unsigned long model_directs[MODEL_DIRECTS] = { PROBE_A, PROBE_B };
unsigned int model_bodies;
static unsigned long functions[MODEL_SITES];	/* 0 if it is not loaded */
static struct task_struct *recording;

static void callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		     struct ftrace_regs *fregs)
{
	if (recording != get_current() || in_interrupt())
		return;
	if (model_trace.nr < ARRAY_SIZE(model_trace.ran))
		model_trace.ran[model_trace.nr] = op;
	model_trace.nr++;
}
const ftrace_func_t model_callback = callback;

int model_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops, struct ftrace_regs *fregs)
{
	callback(trace->func, fgraph_return_address(), &gops->ops, fregs);
	return 1;
}

void model_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
		  struct ftrace_regs *fregs)
{
	if (recording == get_current() && !in_interrupt())
		model_trace.returns++;
}

static void find_functions(unsigned int first, unsigned int end)
{
	char name[24];

	for (unsigned int site = first; site < end; site++) {
		snprintf(name, sizeof(name), "%s%02u", model_prefix, site);
		functions[site] = kallsyms_lookup_name(name);
	}
}

struct ftrace_ops *model_filters_owner(void)
{
	return global_trace.ops;
}

unsigned long model_ip(unsigned int site)
{
	return functions[site] ? ftrace_location(functions[site]) : 0;
}

/*
 * Preemption is off, because an ops that traces every function would take the scheduler's calls for
 * this thread's.
 */
void model_call(unsigned int site)
{
	memset(&model_trace, 0, sizeof(model_trace));
	model_bodies = probe_nr_events = 0;
	preempt_disable();
	recording = get_current();
	((void (*)(void))functions[site])();
	recording = NULL;
	preempt_enable();
	model_trace.bodies = model_bodies;
	for (unsigned int i = 0; i < probe_nr_events && i < PROBE_MAX_EVENTS; i++)
		model_trace.directs[probe_events[i].direct == PROBE_B]++;
}

int model_load(void)
{
	int err = insmod(FILE);

	if (!err)
		find_functions(MODEL_FIRST_MODULE_SITE, MODEL_SITES);
	return err;
}

int model_unload(void)
{
	int err = module_remove(model_module);

	if (!err)
		memset(&functions[MODEL_FIRST_MODULE_SITE], 0,
		       sizeof(*functions) * (MODEL_SITES - MODEL_FIRST_MODULE_SITE));
	return err;
}

void model_inject(const struct model_step *step)
{
	if (step->fault == 1)
		mm_fail_after(step->fault_after);
	if (step->fault == 2)
		ftrace_patch_fail_after(step->fault_after);
}

void model_inject_nothing(void)
{
	mm_fail_after(-1);
	ftrace_patch_fail_after(-1);
}

static void run_seed(struct ktest *t, u32 seed)
{
	static struct model_step steps[MODEL_STEPS];
	char text[120];
	unsigned int i;

	model_generate(seed, steps, MODEL_STEPS);
	model_start();
	for (i = 0; i < MODEL_STEPS && !*model_problem; i++)
		model_run(&steps[i]);
	if (*model_problem) {
		model_describe(&steps[i - 1], text, sizeof(text));
		ktest_fail(t, __FILE__, __LINE__, "seed %u, call %u: %s: %s", seed, i, text,
			   model_problem);
	}
	model_finish();
	if (*model_problem)
		ktest_fail(t, __FILE__, __LINE__, "seed %u: %s", seed, model_problem);
}

static void expect_nothing_left(struct ktest *t)
{
	for (unsigned int site = 0; site < MODEL_FIRST_MODULE_SITE; site++)
		KT_EXPECT(t, probe_site_is_nop(functions[site]));
}

#define MODEL_START(t) do {							\
	KT_NEED_MODULE(t, FILE);						\
	kt_one_cpu(t);								\
	find_functions(0, MODEL_FIRST_MODULE_SITE);				\
} while (0)

static void run_seeds(struct ktest *t, u32 first)
{
	MODEL_START(t);
	for (u32 seed = first; seed < first + SEEDS && !t->failures; seed++)
		run_seed(t, seed);
	expect_nothing_left(t);
}

/* Sequences that failed on the host once. */
KTEST(model, found_sequences)
{
	MODEL_START(t);
	for (unsigned int i = 0; model_found_seeds[i] && !t->failures; i++)
		run_seed(t, model_found_seeds[i]);
	expect_nothing_left(t);
}

KTEST(model, sequences_1)
{
	run_seeds(t, 1);
}

KTEST(model, sequences_2)
{
	run_seeds(t, 1 + SEEDS);
}

KTEST(model, sequences_3)
{
	run_seeds(t, 1 + 2 * SEEDS);
}

KTEST(model, sequences_4)
{
	run_seeds(t, 1 + 3 * SEEDS);
}
