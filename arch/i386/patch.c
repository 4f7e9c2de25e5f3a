/* SPDX-License-Identifier: MIT */
/*
 * Changing live sites on i386: five bytes that no store can replace at once. In
 * three rounds for any number of sites (DESIGN section 6): int3 over every first
 * byte; the four bytes behind it; the new first bytes. Between rounds every CPU executes
 * a serialising instruction, so that none runs a mix. A CPU that meets an int3 behaves as if it had
 * executed the new instruction.
 */
#include "kernel/arch.h"
#include "kernel/errno.h"
#include "trace/arch.h"
#include <asm/ptrace.h>

#define INT3 0xcc
#define CALL_OPCODE 0xe8

/* What is being patched, for the int3 handler. nr is written last and read first. */
static const struct ftrace_change *active;
static unsigned int nr_active;

/* Make every CPU execute a serialising instruction (Intel SDM vol. 3, 9.3). */
static void sync_cores(void)
{
	u32 eax = 0, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx) :: "memory");
}

/* Is it a change for the text at all? (A set of one stub can turn into the same stub.) */
static bool changes_text(const struct ftrace_change *change)
{
	return change->old_form.insn != change->new_form.insn;
}

static int write_first_bytes(const struct ftrace_change *changes, unsigned int nr, bool int3, bool old)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const struct ftrace_change *c = &changes[i];
		u8 byte = int3 ? INT3 : (u8)(old ? c->old_form.insn : c->new_form.insn);

		if (changes_text(c) && arch_text_write((void *)c->ip, &byte, 1))
			return -EFAULT;
	}
	sync_cores();
	return 0;
}

static int write_tails(const struct ftrace_change *changes, unsigned int nr, bool old)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const struct ftrace_change *c = &changes[i];
		u32 tail = (u32)((old ? c->old_form.insn : c->new_form.insn) >> 8);

		if (changes_text(c) && arch_text_write((void *)(c->ip + 1), &tail, sizeof(tail)))
			return -EFAULT;
	}
	sync_cores();
	return 0;
}

int arch_ftrace_patch(struct ftrace_change *changes, unsigned int nr)
{
	int err;

	active = changes;
	smp_store_release(&nr_active, nr);
	err = write_first_bytes(changes, nr, true, false);
	if (!err)
		err = write_tails(changes, nr, false);
	if (!err)
		err = write_first_bytes(changes, nr, false, false);
	if (err) {
		/* Back the same way: every first byte is an int3 or the old one, tails in any state. */
		write_first_bytes(changes, nr, true, true);
		write_tails(changes, nr, true);
		write_first_bytes(changes, nr, false, true);
	}
	smp_store_release(&nr_active, 0);
	return err;
}

static const struct ftrace_change *find_active(unsigned long ip)
{
	unsigned int low = 0, high = smp_load_acquire(&nr_active);

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (active[middle].ip == ip)
			return &active[middle];
		if (active[middle].ip < ip)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool i386_int3_handler(struct pt_regs *regs)
{
	unsigned long ip = instruction_pointer(regs) - 1;
	const struct ftrace_change *change = find_active(ip);
	unsigned long target;

	if (!change)
		return false;
	target = arch_ftrace_call_target(ip, &change->new_form);
	if (target)
		i386_emulate_call(regs, ip + FTRACE_INSN_SIZE, target);
	else
		regs->ip = ip + FTRACE_INSN_SIZE;
	return true;
}
