/* SPDX-License-Identifier: MIT */
/*
 * The half of the probe bench that logs: callbacks, direct functions, register patterns. Untraced,
 * because of the callbacks. The checks are in probe_check.c, the steps in probe_steps.c.
 */
#include "tests/guest/ktest/probe.h"
#include "trace/arch.h"
#include "trace/core/site_info.h"

struct probe_event probe_events[PROBE_MAX_EVENTS];
unsigned int probe_nr_events;
void (*probe_recursion_hook)(void);

static struct probe_event *new_event(void)
{
	static struct probe_event overflow;
	unsigned int nr = probe_nr_events++;

	return nr < PROBE_MAX_EVENTS ? &probe_events[nr] : &overflow;
}

static void log_registers(struct probe_event *event, const struct ftrace_ops *op,
			  struct ftrace_regs *fregs)
{
	unsigned int n;

	event->resume = ftrace_regs_get_instruction_pointer(fregs);
	event->sp = ftrace_regs_get_stack_pointer(fregs);
	event->frame = ftrace_regs_get_frame_pointer(fregs);
	for (n = 0; n < PROBE_NR_ARGS; n++)
		event->args[n] = ftrace_regs_get_argument(fregs, n);
	if (op->flags & FTRACE_OPS_FL_SAVE_REGS)
		for (n = 0; n <= PROBE_FLAGS; n++)
			event->saved[n] = probe_saved_reg(fregs, n);
	if (op->flags & FTRACE_OPS_FL_IPMODIFY)
		ftrace_regs_set_instruction_pointer(fregs, (unsigned long)probe_replacement);
}

/* A NULL fregs is logged and not followed: the later check reports it in words. */
static void probe_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			   struct ftrace_regs *fregs)
{
	struct probe_event *event = new_event();

	*event = (struct probe_event){ .op = op, .ip = ip, .parent_ip = parent_ip };
	event->null_fregs = !fregs;
	event->true_parent = fgraph_true_parent(parent_ip, fregs);
	if (fregs)
		log_registers(event, op, fregs);
	if (op->flags & FTRACE_OPS_FL_RECURSION && probe_recursion_hook)
		probe_recursion_hook();
}

/* What a graph user is told at the entry, which is what a callback is told, and at the return. */
static int graph_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops,
		       struct ftrace_regs *fregs)
{
	probe_callback(trace->func, fgraph_return_address(), &gops->ops, fregs);
	return 1;
}

static void graph_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			 struct ftrace_regs *fregs)
{
	*new_event() = (struct probe_event){
		.op = &gops->ops, .returns = true, .ip = trace->func,
		.true_parent = fgraph_return_address(),
		.result = ftrace_regs_get_return_value(fregs),
	};
}

/* In a build without SAVE_REGS these are four plain callbacks. */
#define REGS (FTRACE_HAVE_SAVE_REGS ? FTRACE_OPS_FL_SAVE_REGS : 0)

struct ftrace_ops probe_ops[PROBE_NR_OPS] = {
	[PROBE_P1] = { .func = probe_callback },
	[PROBE_P2] = { .func = probe_callback },
	[PROBE_R1] = { .func = probe_callback, .flags = REGS },
	[PROBE_R2] = { .func = probe_callback, .flags = REGS },
	[PROBE_X] = { .func = probe_callback, .flags = FTRACE_OPS_FL_RECURSION },
	[PROBE_I] = { .func = probe_callback, .flags = FTRACE_OPS_FL_IPMODIFY },
};
struct fgraph_ops probe_users[PROBE_NR_ALL - PROBE_NR_OPS] = {
	[0 ... PROBE_NR_ALL - PROBE_NR_OPS - 1] = {
		.entryfunc = graph_entry, .retfunc = graph_return,
	},
};
const char *const probe_op_names[PROBE_NR_ALL] = {
	"P1", "P2", "R1", "R2", "X", "I", "G1", "G2"
};
int probe_share_answer;

static int answer(struct ftrace_ops *op, enum ftrace_ops_cmd cmd)
{
	return cmd == FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER ? 0 : probe_share_answer;
}

struct ftrace_ops probe_direct_ops = { .ops_func = answer };
unsigned long probe_islands[2];

void (*probe_direct_hook)(void);

void probe_direct_hit(unsigned int which)
{
	struct probe_event *event = new_event();
	unsigned int n;

	*event = (struct probe_event){ .direct = which ? PROBE_B : PROBE_A };
	event->resume = probe_direct[PROBE_RESUME];
	event->parent_ip = probe_direct[PROBE_RET];
	event->sp = probe_direct[PROBE_SP];
	for (n = 0; n < PROBE_FLAGS; n++)
		event->saved[n] = probe_direct[n];
	event->saved[PROBE_FLAGS] = probe_direct[PROBE_FLAGS];
	if (probe_direct_hook)
		probe_direct_hook();
}

struct ftrace_ops *probe_op(unsigned int op)
{
	return op < PROBE_NR_OPS ? &probe_ops[op] : &probe_users[op - PROBE_NR_OPS].ops;
}

int probe_register(unsigned int op)
{
	return op < PROBE_NR_OPS ? register_ftrace_function(&probe_ops[op]) :
		register_ftrace_graph(&probe_users[op - PROBE_NR_OPS]);
}

int probe_unregister(unsigned int op)
{
	return op < PROBE_NR_OPS ? unregister_ftrace_function(&probe_ops[op]) :
		unregister_ftrace_graph(&probe_users[op - PROBE_NR_OPS]);
}

bool probe_is_callback(unsigned long function)
{
	return function == (unsigned long)probe_callback || function == (unsigned long)graph_entry;
}

/*
 * Returns values that no code leaves in a register by chance, different for each word and each run.
 * The one for the frame pointer is odd, so that nobody takes it for the address of a frame.
 */
static unsigned long pattern(unsigned int run, unsigned int word)
{
	return (unsigned long)0x9e3779b97f4a7c15ull * (run * 64 + word + 1) | 1;
}

void probe_prepare(void)
{
	static unsigned int run;
	unsigned int word;

	run++;
	for (word = 0; word < PROBE_NR_WORDS; word++) {
		probe_in[word] = pattern(run, word);
		probe_body[word] = 0;
		probe_direct[word] = 0;
		probe_out[word] = 0;
	}
	probe_in[PROBE_FLAGS] &= PROBE_FLAGS_MASK;
	for (word = 0; word < PROBE_NR_RESULTS; word++)
		probe_result[word] = pattern(run, PROBE_NR_WORDS + word);
	probe_nr_events = 0;
	probe_bodies = probe_replaced = 0;
}

void probe_run(void)
{
	probe_prepare();
	probe_call((unsigned long)probe_target);
}

bool probe_site_info(unsigned long function, struct ftrace_site_info *info)
{
	unsigned long ip = ftrace_location(function);
	unsigned int low = 0, high = ftrace_nr_sites();

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (!ftrace_site_info(middle, info))
			return false;
		if (info->ip == ip)
			return true;
		if (info->ip < ip)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

bool probe_site_is_nop(unsigned long function)
{
	unsigned long ip = ftrace_location(function);
	struct ftrace_form nop = arch_ftrace_form(ip, NULL), now;

	return !arch_ftrace_read(ip, &now) && now.insn == nop.insn && now.literal == nop.literal;
}
