/* SPDX-License-Identifier: MIT */
/* The simulated architecture: see sim_arch.h, and trace/arch.h for the contracts. */
#include <stdlib.h>
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/code_address.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"
#include "kernel/trace_hooks.h"
#include "tests/host/sim_arch.h"
#include "tests/host/tap.h"
#include "trace/arch.h"
#include "trace/core/dispatch.h"
#include "trace/core/patch_fault.h"
#include "trace/core/reclaim.h"
#include "trace/core/records.h"
#include "trace/core/set.h"
#include "trace/core/stub.h"

#define FUNCTION_SIZE 64u
#define PARENT_IP 0x1234u

/* Instructions have an operation in the top byte and an operand below it. */
#define OP_NOP 0x90ull
#define OP_CALL 0xe8ull			/* the trampoline; operand: the stub, 0 = literal */
#define OP_CALL_REGS 0xe9ull		/* calls the one that saves registers */
#define OP_DIRECT 0xeaull		/* calls the operand: the direct function */
#define OP_JUMP 0xebull			/* jumps to the operand */
#define INSN(op, operand) ((op) << 56 | (u64)(operand))

struct sim_function {
	unsigned long literal;
	u64 insn;
	u8 body[FUNCTION_SIZE - 16];
};

/* The linker's names. _end is the real one, behind all of this program. */
char _text[SIM_SITES * FUNCTION_SIZE] __aligned(64);
extern char _stext[sizeof(_text)] __attribute__((alias("_text")));
static unsigned long site_table[SIM_SITES + 2] __used __section("mcount_loc");

struct sim_trace sim_trace;
void (*sim_after_write)(void);
bool sim_thread_inside;
void (*sim_return)(struct ftrace_regs *fregs);
static bool in_call;

static struct sim_function *function(unsigned int site)
{
	return (struct sim_function *)_text + site;
}

static struct sim_function *function_at(unsigned long ip)
{
	return container_of((u64 *)ip, struct sim_function, insn);
}

unsigned long sim_ip(unsigned int site)
{
	return (unsigned long)&function(site)->insn;
}

u64 *sim_insn(unsigned int site)
{
	return &function(site)->insn;
}

bool sim_is_nop(unsigned int site)
{
	return function(site)->insn == INSN(OP_NOP, 0);
}

void sim_reset(void)
{
	unsigned long flags;
	unsigned int i;

	if (ftrace_groups)
		kfree(ftrace_groups->recs);
	kfree(ftrace_groups);
	ftrace_groups = NULL;
	ftrace_nr_records = 0;
	memset(_text, 0xcc, sizeof(_text));
	/* The order is random, as a compiler may choose it, and there is one zero for padding. */
	for (i = 0; i < SIM_SITES; i++) {
		unsigned int site = (i * 29 + 5) % SIM_SITES;

		function(i)->insn = 0;
		site_table[i] = site < SIM_BOOT_SITES ? sim_ip(site) : 0;
	}
	site_table[SIM_SITES] = 0;
	site_table[SIM_SITES + 1] = 0;
	/* As at boot, before there are interrupts. */
	flags = arch_irq_save();
	ftrace_init();
	arch_irq_restore(flags);
}

/* --- trace/arch.h --- */

unsigned long arch_ftrace_site(unsigned long table_entry)
{
	return table_entry;
}

unsigned long arch_ftrace_function(unsigned long ip)
{
	return ip - offsetof(struct sim_function, insn);
}

int arch_ftrace_init_site(unsigned long ip)
{
	struct sim_function *f = function_at(ip);

	if (f->insn)
		return -EINVAL;
	f->insn = INSN(OP_NOP, 0);
	f->literal = SIM_LITERALS ? (unsigned long)&ftrace_nothing : 0;
	return 0;
}

int arch_ftrace_set_prepare(struct ftrace_set *set)
{
	if (SIM_LITERALS || !set->nr_calls)
		return 0;
	set->stub = ftrace_stub_alloc();
	if (!set->stub)
		return -ENOMEM;
	*(struct ftrace_callable **)set->stub = set->target;
	return 0;
}

void arch_ftrace_set_release(struct ftrace_set *set)
{
	if (!set->stub)
		return;
	*(struct ftrace_callable **)set->stub = NULL;
	ftrace_stub_free(set->stub);
}

struct ftrace_form arch_ftrace_form(unsigned long ip, const struct ftrace_set *set)
{
	struct ftrace_form form = { INSN(OP_NOP, 0), 0 };
	u64 op;

	if (SIM_LITERALS)
		form.literal = set ? (unsigned long)set->target : (unsigned long)&ftrace_nothing;
	if (!set)
		return form;
	op = set->flags & FTRACE_SET_REGS ? OP_CALL_REGS : OP_CALL;
	form.insn = set->nr_calls ? INSN(op, set->stub) : INSN(OP_DIRECT, set->direct);
	return form;
}

int arch_ftrace_read(unsigned long ip, struct ftrace_form *form)
{
	form->insn = function_at(ip)->insn;
	form->literal = SIM_LITERALS ? function_at(ip)->literal : 0;
	return 0;
}

unsigned long arch_ftrace_call_target(unsigned long ip, const struct ftrace_form *form)
{
	return form->insn >> 56 == OP_NOP ? 0 : (unsigned long)form->insn;
}

u64 arch_ftrace_jump(unsigned long ip, unsigned long target)
{
	return target ? INSN(OP_JUMP, target) : INSN(OP_NOP, 0);
}

static int write_literal(unsigned long ip, unsigned long literal)
{
	if (ftrace_patch_fault())
		return -EFAULT;
	function_at(ip)->literal = literal;
	if (sim_after_write)
		sim_after_write();
	return 0;
}

static int write_insn(unsigned long ip, u64 insn)
{
	if (ftrace_patch_fault())
		return -EFAULT;
	function_at(ip)->insn = insn;
	if (sim_after_write)
		sim_after_write();
	return 0;
}

/*
 * A set must work with the trampoline that the site calls. So the literal is written before the
 * instruction, and on the way back after it.
 */
static int write_form(const struct ftrace_change *change)
{
	if (SIM_LITERALS && write_literal(change->ip, change->new_form.literal))
		return -EFAULT;
	return write_insn(change->ip, change->new_form.insn);
}

static void write_back(const struct ftrace_change *change)
{
	write_insn(change->ip, change->old_form.insn);
	if (SIM_LITERALS)
		write_literal(change->ip, change->old_form.literal);
}

const struct ftrace_change *arch_ftrace_patch(const struct ftrace_change *changes, unsigned int nr)
{
	unsigned int i, failed;

	for (i = 0; i < nr; i++) {
		EXPECT(!i || changes[i].ip > changes[i - 1].ip);
		if (!write_form(&changes[i]))
			continue;
		failed = i;
		do
			write_back(&changes[i]);
		while (i--);
		return &changes[failed];
	}
	return NULL;
}

/* --- What the processor does --- */

static void call_direct(unsigned long direct)
{
	EXPECT(direct >= SIM_DIRECT_BASE && direct < SIM_DIRECT_BASE + 100);
	sim_trace.direct = direct;
	sim_trace.nr_direct++;
}

/* The function has returned to return_to_handler(), which finds out where to go on. */
static void return_home(unsigned long sp)
{
	struct ftrace_regs fregs = { .sp = sp };

	if (EXPECT(sim_return))
		sim_return(&fregs);
	EXPECT_EQ(fregs.parent_ip, PARENT_IP);
}

void sim_call(unsigned int site)
{
	const struct sim_function *f = function(site);
	u64 operand = f->insn & ~0ull >> 8;
	struct ftrace_callable *callable;
	struct ftrace_regs fregs = {
		.regs = { site, 11, 22 },
		.ip = sim_ip(site) + FTRACE_INSN_SIZE,
		.parent_ip = PARENT_IP,
	};

	/* Its own word, where calls are told apart by the return address's. */
	fregs.sp = (unsigned long)&fregs.parent_ip;
	memset(&sim_trace, 0, sizeof(sim_trace));
	switch (f->insn >> 56) {
	case OP_NOP:
		return;
	case OP_DIRECT:
		call_direct(operand);
		return;
	case OP_CALL:
	case OP_CALL_REGS:
		sim_trace.with_regs = f->insn >> 56 == OP_CALL_REGS;
		callable = SIM_LITERALS ? (struct ftrace_callable *)f->literal :
			   *(struct ftrace_callable **)(unsigned long)operand;
		in_call = true;
		callable->func(sim_ip(site), PARENT_IP, (struct ftrace_ops *)callable, &fregs);
		in_call = false;
		/* As on a real machine, the slot decides how the trampoline leaves. */
		if (fregs.direct_tramp)
			call_direct(fregs.direct_tramp);
		if (fregs.parent_ip == (unsigned long)return_to_handler)
			return_home(fregs.sp);
		return;
	}
	tap_fail(__FILE__, __LINE__, "site %u: no instruction: %llx", site,
		 (unsigned long long)f->insn);
}

void sim_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		  struct ftrace_regs *fregs)
{
	EXPECT(in_call);
	EXPECT_EQ(parent_ip, PARENT_IP);
	EXPECT_EQ(ftrace_regs_get_instruction_pointer(fregs), ip + FTRACE_INSN_SIZE);
	EXPECT_EQ(sim_ip((unsigned int)ftrace_regs_get_argument(fregs, 0)), ip);
	EXPECT(op->func == sim_callback || sim_return);
	if (op->flags & FTRACE_OPS_FL_SAVE_REGS)
		EXPECT(sim_trace.with_regs);
	if (EXPECT(sim_trace.nr < SIM_MAX_CALLS))
		sim_trace.ran[sim_trace.nr++] = op;
}

/* --- The rest of the kernel --- */

bool kallsyms_lookup(unsigned long addr, struct ksym *sym)
{
	static char name[16];
	unsigned long at = addr - (unsigned long)_text;

	EXPECT(arch_irqs_disabled());
	if (at >= sizeof(_text))
		return false;
	snprintf(name, sizeof(name), "func_%02lu", at / FUNCTION_SIZE);
	*sym = (struct ksym){ name, at / FUNCTION_SIZE >= SIM_FIRST_MODULE_SITE ? "mod" : "",
			      FUNCTION_SIZE, at % FUNCTION_SIZE };
	return true;
}

/* The functions here have no arguments. */
const void *kallsyms_prototypes(unsigned long addr, u32 *key)
{
	return NULL;
}

int arch_read_nofault(void *dst, const void *src, size_t len)
{
	return -EFAULT;
}

bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size, unsigned long *offset)
{
	unsigned long at = addr - (unsigned long)_text;

	if (at >= sizeof(_text))
		return false;
	if (size)
		*size = FUNCTION_SIZE;
	*offset = at % FUNCTION_SIZE;
	return true;
}

const char *code_address_problem(unsigned long addr)
{
	return addr < SIM_DIRECT_BASE ? "no code" : NULL;
}

bool core_kernel_data(unsigned long addr)
{
	return addr >= (unsigned long)_text && addr < (unsigned long)_end;
}

bool kallsyms_at(unsigned int index, const char **name, unsigned long *addr)
{
	static char names[SIM_SITES][16];

	if (index >= SIM_SITES)
		return false;
	snprintf(names[index], sizeof(names[index]), "func_%02u", index);
	*name = names[index];
	*addr = (unsigned long)function(index);
	return true;
}

int kallsyms_on_each_match_symbol(int (*fn)(void *data, unsigned long addr), const char *name,
				  void *data)
{
	const char *found;
	unsigned long addr;
	int ret = 0;

	for (unsigned int i = 0; !ret && kallsyms_at(i, &found, &addr); i++)
		if (!strcmp(found, name))
			ret = fn(data, addr);
	return ret;
}

void kallsyms_add_range(struct ksym_range *entry)
{
}

void *execmem_alloc(size_t size)
{
	return vmalloc(size);
}

void return_to_handler(void)
{
}

void ftrace_wait_until_left(const struct ftrace_change *changes, unsigned int nr, bool redirects)
{
}

bool ftrace_wait_until_quiet(unsigned long start, unsigned long end, unsigned int ms)
{
	return true;
}

void ftrace_find_mentioned(struct ftrace_range *ranges, unsigned int nr)
{
	while (nr--)
		ranges[nr].mentioned = sim_thread_inside;
}

/* The sequence is never open here: sites call the callbacks. */
void function_trace_caller(void)
{
	BUG_ON(true);
}

void arch_function_trace_buffer(unsigned int cpu, struct ring_buffer_per_cpu *cpu_buffer)
{
}

void graph_trace_caller(void)
{
	BUG_ON(true);
}

void arch_graph_trace_buffer(unsigned int cpu, struct ring_buffer_per_cpu *cpu_buffer)
{
}
