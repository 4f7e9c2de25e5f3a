/* SPDX-License-Identifier: MIT */
/*
 * What sites of arm64 have in common, and unwinding through trampolines. A site is a word
 * that is NOP or BL. How the compiler made it is in site.c and site_mcount.c,
 * how it reaches its set in reach_*.c.
 */
#include "arch/arm64/arm64.h"
#include "arch/arm64/site.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "trace/core/stub.h"
#include <asm/ptrace.h>

void ftrace_caller(void);
void ftrace_regs_caller(void);
extern const char __ftrace_text_start[], __ftrace_text_end[];

/* What `state` in ftrace_macros.h writes down: an enum trampoline_state from @start on. */
struct state_change {
	unsigned long start, state;
};
extern const struct state_change __start_ftrace_states[], __stop_ftrace_states[];

/* Execmem lies so that trampolines and stubs are in a BL's reach; a site elsewhere is refused. */
bool arm64_trampolines_reach(unsigned long ip)
{
	const unsigned long reach = BRANCH_REACH;
	bool good = (unsigned long)__ftrace_text_start - ip + reach < 2 * reach &&
		    (unsigned long)__ftrace_text_end - ip + reach < 2 * reach;

	if (!good)
		pr_err("ftrace: %lx is out of the trampolines' reach\n", ip);
	return good;
}

unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form)
{
	if ((form->insn & 0xfc000000) != INSN_BL)
		return 0;
	return ip + (unsigned long)((long)(s32)((u32)form->insn << 6) >> 4);
}

u64 arch_ftrace_jump(unsigned long ip, unsigned long target)
{
	return target ? arm64_branch_insn(INSN_B, ip, target) : INSN_NOP;
}

void arch_function_trace_buffer(unsigned int cpu, struct ring_buffer_per_cpu *cpu_buffer)
{
	WRITE_ONCE(arm64_cpus[cpu].sequence_buffer, cpu_buffer);
}

void arch_graph_trace_buffer(unsigned int cpu, struct ring_buffer_per_cpu *cpu_buffer)
{
	WRITE_ONCE(arm64_cpus[cpu].graph_buffer, cpu_buffer);
}

static bool in_trampoline_text(unsigned long pc)
{
	return pc >= (unsigned long)__ftrace_text_start && pc < (unsigned long)__ftrace_text_end;
}

bool ftrace_is_trampoline(unsigned long pc)
{
	return in_trampoline_text(pc) || ftrace_stub_contains(pc);
}

bool arm64_in_return_trampoline(unsigned long pc)
{
	return pc - (unsigned long)return_to_handler < FTRACE_RETURN_SIZE;
}

static unsigned long state_at(unsigned long pc)
{
	const struct state_change *s = __start_ftrace_states;
	unsigned long state = FTRACE_HAVE_ARGS ? AT_ENTRY : AT_MCOUNT;

	for (; in_trampoline_text(pc) && s < __stop_ftrace_states && s->start <= pc; s++)
		state = s->state;
	return state;
}

bool ftrace_unwind_regs(const struct pt_regs *regs, unsigned long *ip, unsigned long *parent_ip,
			unsigned long *fp)
{
	const unsigned long *record = (const unsigned long *)regs->regs[29];
	unsigned long pc = instruction_pointer(regs);

	if (!ftrace_is_trampoline(pc))
		return false;
	*fp = regs->regs[29];
	*ip = regs->regs[30];
	*parent_ip = regs->regs[9];
	switch (state_at(pc)) {
	case IN_PARENT_RECORD:
		*fp = record[0];
		break;
	case IN_RECORDS:
		*ip = record[1];
		record = (const unsigned long *)record[0];
		/* fallthrough */
	case AT_MCOUNT:
		*fp = record[0];
		*parent_ip = record[1];
		break;
	case LEAVING:
		*ip = regs->regs[9];
		*parent_ip = regs->regs[30];
		break;
	case SWAPPING:
		*ip = regs->regs[16];
		break;
	case AT_RETURN:
		*ip = 0;
		*parent_ip = (unsigned long)return_to_handler;
		break;
	case IN_RETURN:
		*ip = 0;
		*fp = record[0];
		*parent_ip = record[1];
		break;
	case RETURNED:
		*ip = 0;
		*parent_ip = regs->regs[30];
		break;
	}
	return true;
}

struct pt_regs *ftrace_partial_regs(const struct ftrace_regs *fregs, struct pt_regs *regs)
{
	if (!fregs)
		return NULL;
	*regs = (struct pt_regs){
		.sp = ftrace_regs_get_stack_pointer(fregs), .pc = fregs->pc,
		.pstate = PSR_MODE_EL1H,
		.record = { fregs->fp, fregs->pc },
	};
	memcpy(regs->regs, fregs->regs, sizeof(fregs->regs));
	regs->regs[29] = fregs->fp;
	regs->regs[30] = fregs->lr;
	return regs;
}

int ftrace_regs_query_register_offset(const char *name)
{
	static const struct {
		const char *name;
		int offset;
	} others[] = {
		{ "x29", offsetof(struct ftrace_regs, fp) },
		{ "x30", offsetof(struct ftrace_regs, lr) },
		{ "lr", offsetof(struct ftrace_regs, lr) },
		{ "pc", offsetof(struct ftrace_regs, pc) },
	};

	/* Only what is there at every site: the other registers need SAVE_REGS. */
	if (name[0] == 'x' && name[1] >= '0' && name[1] <= '8' && !name[2])
		return (name[1] - '0') * (int)sizeof(long);
	for (unsigned int n = 0; n < ARRAY_SIZE(others); n++)
		if (!strcmp(others[n].name, name))
			return others[n].offset;
	return -EINVAL;
}
