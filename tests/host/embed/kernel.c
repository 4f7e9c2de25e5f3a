/* SPDX-License-Identifier: MIT */
/* The functions of trace/kernel.h, for one thread on the C library: kernel/trace_needs.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "tests/host/embed/embed.h"
#include "trace/kernel.h"

/* --- Memory --- */

char embed_execmem[PAGE_SIZE] __aligned(PAGE_SIZE);

void *kmalloc(size_t size, gfp_t gfp)
{
	return malloc(size);
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return calloc(1, size);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return calloc(n, size);
}

void kfree(void *ptr)
{
	free(ptr);
}

void *vmalloc(size_t size)
{
	return malloc(size);
}

void vfree(void *addr)
{
	free(addr);
}

/*
 * Does what a kernel without page tables would do: all of the room has memory, and growing only
 * zeroes it.
 */
void *vmalloc_resizable(size_t size, size_t room)
{
	void *addr = aligned_alloc(PAGE_SIZE, ALIGN_UP(room, PAGE_SIZE));

	return addr ? memset(addr, 0, room) : NULL;
}

int vmalloc_grow(void *addr, size_t size)
{
	return 0;
}

void vmalloc_shrink(void *addr, size_t size)
{
}

size_t vmalloc_space(void)
{
	return 64 * PAGE_SIZE;
}

void mm_get_stats(struct mm_stats *stats)
{
	*stats = (struct mm_stats){ .total_pages = 64, .free_pages = 64 };
}

/* This architecture needs no stubs. */
void *execmem_alloc(size_t size)
{
	return NULL;
}

/* --- The running thread, locks, CPUs --- */

struct task_struct embed_thread;
unsigned int nr_cpus_online = 1;

void preempt_schedule(void)
{
	embed_thread.need_resched = false;
}

void msleep(unsigned int ms)
{
}

void mutex_lock(struct mutex *m)
{
	BUG_ON(m->locked);
	m->locked = true;
}

void mutex_unlock(struct mutex *m)
{
	BUG_ON(!m->locked);
	m->locked = false;
}

void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	fn(arg);
}

void smp_wait_irqs_off(void)
{
}

/* --- Time --- */

struct kernel_clock kernel_clock = { .whole = 2, .fraction = 1u << 31 };
u64 embed_cycles;

u64 ktime_get_ns(void)
{
	return clock_cycles_to_ns(arch_clock_cycles());
}

u64 get_jiffies_64(void)
{
	return ktime_get_ns() / (10 * NSEC_PER_MSEC);
}

/* --- Symbols: those of machine.c's functions --- */

bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size, unsigned long *offset)
{
	unsigned long at = addr - (unsigned long)_text;

	if (at >= NR_FUNCTIONS * FUNCTION_SIZE)
		return false;
	if (size)
		*size = FUNCTION_SIZE;
	if (offset)
		*offset = at % FUNCTION_SIZE;
	return true;
}

bool kallsyms_lookup(unsigned long addr, struct ksym *sym)
{
	unsigned long at = addr - (unsigned long)_text;

	if (!kallsyms_lookup_size_offset(addr, &sym->size, &sym->offset))
		return false;
	sym->name = embed_names[at / FUNCTION_SIZE];
	sym->module = "";
	return true;
}

bool kallsyms_at(unsigned int index, const char **name, unsigned long *addr)
{
	if (index >= NR_FUNCTIONS)
		return false;
	*name = embed_names[index];
	*addr = (unsigned long)_text + index * FUNCTION_SIZE;
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

const char *code_address_problem(unsigned long addr)
{
	return addr ? NULL : "no code";
}

bool core_kernel_data(unsigned long addr)
{
	return addr >= (unsigned long)_text && addr < (unsigned long)_end;
}

/* --- Messages: "%ps" is an address and an s here --- */

void embed_log(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("log: ", stdout);
	vprintf(fmt, args);
	va_end(args);
}

void embed_bug(const char *what)
{
	printf("BUG: %s\n", what);
	exit(1);
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return min(len, (int)size - 1);
}

/* --- Where threads stand --- */

enum inspect_result inspect_threads(struct inspection *inspection)
{
	return INSPECT_OUTSIDE;
}

bool arch_stack_bounds(const struct task_struct *task, unsigned long sp, unsigned long *low,
		       unsigned long *high)
{
	return false;
}

void arch_unwind_start(struct unwind_state *state, const struct task_struct *task,
		       const struct pt_regs *regs)
{
	*state = (struct unwind_state){ .at_end = false };
}

bool arch_unwind_step(struct unwind_state *state)
{
	return false;
}
