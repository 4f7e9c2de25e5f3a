/* SPDX-License-Identifier: MIT */
/*
 * What model.c needs of its platform, on the simulated architecture: functions, a module, injected
 * failures, and calls while sites change. main.c runs it.
 */
#include "tests/host/model/host.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/trace_hooks.h"
#include "tests/count_sets.h"
#include "tests/host/host.h"
#include "tests/host/sim_arch.h"
#include "tests/host/tap.h"
#include "trace/core/ops_list.h"
#include "trace/core/patch_fault.h"
#include "trace/core/set.h"
#include "trace/core/site_info.h"
#include "trace/output/trace.h"

const char model_prefix[] = "func_", model_module[] = "mod";
unsigned long model_directs[MODEL_DIRECTS] = { SIM_DIRECT_BASE + 1, SIM_DIRECT_BASE + 2 };
const ftrace_func_t model_callback = sim_callback;
static struct ftrace_ops owner = { .func = sim_callback };
static struct ftrace_group *group;
static bool loaded;

int model_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops, struct ftrace_regs *fregs)
{
	sim_callback(trace->func, fgraph_return_address(), &gops->ops, fregs);
	return 1;
}

void model_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
		  struct ftrace_regs *fregs)
{
	model_trace.returns++;
}

struct ftrace_ops *model_filters_owner(void)
{
	static bool is_kept;

	if (!is_kept)
		ftrace_keep_filters(&owner);
	is_kept = true;
	return &owner;
}

unsigned long model_ip(unsigned int site)
{
	return site < MODEL_FIRST_MODULE_SITE || loaded ? sim_ip(site) : 0;
}

void model_call(unsigned int site)
{
	memset(&model_trace, 0, sizeof(model_trace));
	sim_call(site);
	model_trace.nr = sim_trace.nr;
	model_trace.bodies = 1;
	for (unsigned int i = 0; i < sim_trace.nr && i < ARRAY_SIZE(model_trace.ran); i++)
		model_trace.ran[i] = sim_trace.ran[i];
	for (unsigned int i = 0; i < MODEL_DIRECTS; i++) {
		if (sim_trace.nr_direct && sim_trace.direct == model_directs[i])
			model_trace.directs[i] = sim_trace.nr_direct;
	}
}

int model_load(void)
{
	unsigned long sites[MODEL_SITES - MODEL_FIRST_MODULE_SITE];
	int err;

	if (loaded)
		return -EEXIST;
	for (unsigned int i = 0; i < ARRAY_SIZE(sites); i++) {
		sites[i] = sim_ip(MODEL_SITES - 1 - i);
		*sim_insn(MODEL_SITES - 1 - i) = 0;
	}
	err = ftrace_module_coming(model_module, sites, ARRAY_SIZE(sites), &group);
	loaded = !err;
	return err;
}

int model_unload(void)
{
	unsigned long start = sim_ip(MODEL_FIRST_MODULE_SITE), end = sim_ip(MODEL_SITES - 1) + 8;

	if (!loaded)
		return -ENOENT;
	ftrace_module_stop_ops(model_module, start, end);
	if (!ftrace_module_going(group, start, end))
		return -EBUSY;
	loaded = false;
	return 0;
}

static void check_transition(void)
{
	static unsigned int next;

	for (unsigned int i = 0; i < 3; i++) {
		unsigned int site = next++ % MODEL_SITES;

		if (!model_ip(site))
			continue;
		model_call(site);
		if (!model_site_in_transition(site))
			model_fail("site %u: neither what it did nor what it will do", site);
	}
}

void model_inject(const struct model_step *step)
{
	sim_thread_inside = step->inside;
	sim_after_write = check_transition;
	host_fail_after(step->fault == 1 ? step->fault_after : -1);
	ftrace_patch_fail_after(step->fault == 2 ? step->fault_after : -1);
}

void model_inject_nothing(void)
{
	sim_thread_inside = false;
	sim_after_write = NULL;
	host_fail_after(-1);
	ftrace_patch_fail_after(-1);
}

/* --- The function graph: there is one thread, and its stack is not looked at --- */

struct trace_array global_trace;

void function_trace_sync(struct trace_array *tr)
{
}

int for_each_thread(int (*fn)(struct task_struct *task, void *arg), void *arg)
{
	return fn(current, arg);
}

bool arch_stack_bounds(const struct task_struct *task, unsigned long sp, unsigned long *low,
		       unsigned long *high)
{
	return false;
}

/* --- What the simulation finds, and its log --- */

void tap_fail(const char *file, int line, const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	model_fail("%s:%d: %s", file, line, text);
}

void tap_note(const char *fmt, ...)
{
}

/* --- One sequence --- */

unsigned int model_step_number;

static bool run_once(const struct model_step *steps, unsigned int nr)
{
	unsigned int total, unused;

	model_start();
	for (model_step_number = 0; model_step_number < nr && !*model_problem; model_step_number++)
		model_run(&steps[model_step_number]);
	if (*model_problem)
		return false;
	model_finish();
	mutex_lock(&ftrace_lock);
	ftrace_sets_reclaim();
	mutex_unlock(&ftrace_lock);
	count_sets(&total, &unused);
	if (total)
		model_fail("at the end: %u sets are left", total);
	for (unsigned int site = 0; site < SIM_BOOT_SITES; site++) {
		if (!sim_is_nop(site))
			model_fail("at the end: site %u is no NOP", site);
	}
	return !*model_problem;
}

void ftrace_return_to_handler(struct ftrace_regs *fregs);

void model_begin(void)
{
	sim_return = ftrace_return_to_handler;
	if (!ftrace_nr_sites())
		sim_reset();
}

bool model_run_steps(const struct model_step *steps, unsigned int nr)
{
	bool good, more = true;
	long had;

	model_begin();
	/*
	 * Tables that have grown are kept, and need not grow the next time; anything else is a
	 * leak.
	 */
	for (unsigned int round = 0; more && round < 4; round++) {
		had = host_allocations();
		good = run_once(steps, nr);
		more = good && host_allocations() > had;
	}
	if (more)
		model_fail("each time there are %ld allocations more", host_allocations() - had);
	return good && !more;
}
