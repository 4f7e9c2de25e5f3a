/* SPDX-License-Identifier: MIT */
/*
 * The allocators: sizes, alignment, separation, running out of memory; and what must not be
 * accessible: page 0, guard pages, writable text. arch_read_nofault() tries the accesses that
 * fault. The walk over all page tables is in kernel/mm/wx_check.c.
 */
#include <asm/memory.h>
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/ftrace.h"

static bool is_filled(const u8 *memory, u8 value, size_t size)
{
	while (size--)
		if (*memory++ != value)
			return false;
	return true;
}

static bool is_readable(const void *addr)
{
	u8 byte;

	return !arch_read_nofault(&byte, addr, 1);
}

KTEST(mm, kmalloc_sizes)
{
	static void *blocks[60];
	size_t size = 1;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(blocks); n++, size += 1 + size / 4) {
		blocks[n] = kmalloc(size, GFP_KERNEL);
		KT_ASSERT(t, blocks[n]);
		KT_EXPECT_EQ(t, (unsigned long)blocks[n] % sizeof(void *), 0);
		KT_EXPECT(t, ksize(blocks[n]) >= size);
		memset(blocks[n], (int)n, size);
	}
	for (n = 0, size = 1; n < ARRAY_SIZE(blocks); n++, size += 1 + size / 4) {
		KT_EXPECT(t, is_filled(blocks[n], (u8)n, size));
		kfree(blocks[n]);
	}
}

KTEST(mm, kmalloc_limits)
{
	void *big = kmalloc(4 * 1024 * 1024, GFP_KERNEL);

	KT_EXPECT(t, big != NULL);
	kfree(big);
	KT_EXPECT(t, !kmalloc(64 * 1024 * 1024, GFP_KERNEL));
	KT_EXPECT(t, !kmalloc(~(size_t)0, GFP_KERNEL));
	KT_EXPECT(t, !kcalloc(~(size_t)0 / 2, 4, GFP_KERNEL));	/* overflows */
	KT_EXPECT(t, !vmalloc(~(size_t)0));
	kfree(NULL);
	vfree(NULL);
}

KTEST(mm, zeroed_and_resized)
{
	u8 *p = kmalloc(100, GFP_KERNEL);
	char *copy;

	KT_ASSERT(t, p);
	memset(p, 0xff, 100);
	kfree(p);
	p = kzalloc(100, GFP_KERNEL);
	KT_ASSERT(t, p);
	KT_EXPECT(t, is_filled(p, 0, 100));
	memset(p, 7, 100);
	p = krealloc(p, 5000, GFP_KERNEL);
	KT_ASSERT(t, p);
	KT_EXPECT(t, is_filled(p, 7, 100));
	p = krealloc(p, 50, GFP_KERNEL);
	KT_ASSERT(t, p);
	KT_EXPECT(t, is_filled(p, 7, 50));
	kfree(p);
	copy = kstrdup("patchbay", GFP_KERNEL);
	KT_ASSERT(t, copy);
	KT_EXPECT_STREQ(t, copy, "patchbay");
	kfree(copy);
}

KTEST(mm, pages)
{
	struct mm_stats before, after;
	u8 *block[6];
	unsigned int order;

	kt_mm_stats(&before);
	for (order = 0; order < ARRAY_SIZE(block); order++) {
		block[order] = alloc_pages(order, __GFP_ZERO);
		KT_ASSERT(t, block[order]);
		KT_EXPECT_EQ(t, (unsigned long)block[order] % (PAGE_SIZE << order), 0);
		KT_EXPECT(t, is_filled(block[order], 0, PAGE_SIZE << order));
		memset(block[order], (int)order + 1, PAGE_SIZE << order);
	}
	kt_mm_stats(&after);
	KT_EXPECT_EQ(t, before.free_pages - after.free_pages, (1 << ARRAY_SIZE(block)) - 1);
	for (order = 0; order < ARRAY_SIZE(block); order++) {
		KT_EXPECT(t, is_filled(block[order], (u8)(order + 1), PAGE_SIZE << order));
		free_pages(block[order], order);
	}
	kt_mm_stats(&after);
	KT_EXPECT_EQ(t, after.free_pages, before.free_pages);
}

KTEST(mm, object_caches)
{
	static struct kmem_cache *cache;
	u8 *objects[200];
	unsigned int n;

	if (!cache)
		cache = kmem_cache_create("ktest", 72, 64);
	KT_ASSERT(t, cache);
	for (n = 0; n < ARRAY_SIZE(objects); n++) {
		objects[n] = kmem_cache_alloc(cache, __GFP_ZERO);
		KT_ASSERT(t, objects[n]);
		KT_EXPECT_EQ(t, (unsigned long)objects[n] % 64, 0);
		KT_EXPECT(t, is_filled(objects[n], 0, 72));
		memset(objects[n], (int)n, 72);
	}
	for (n = 0; n < ARRAY_SIZE(objects); n++) {
		KT_EXPECT(t, is_filled(objects[n], (u8)n, 72));
		kmem_cache_free(cache, objects[n]);
	}
}

KTEST(mm, vmalloc_has_guard_pages)
{
	struct mm_stats before, after;
	u8 *a, *b;

	kt_mm_stats(&before);
	a = vmalloc(3 * PAGE_SIZE);
	b = vzalloc(100);
	KT_ASSERT(t, a && b);
	memset(a, 0x55, 3 * PAGE_SIZE);
	KT_EXPECT(t, is_filled(b, 0, 100));
	KT_EXPECT(t, is_readable(a) && is_readable(a + 3 * PAGE_SIZE - 1));
	KT_EXPECT(t, !is_readable(a - 1));
	KT_EXPECT(t, !is_readable(a + 3 * PAGE_SIZE));
	KT_EXPECT(t, !is_readable(b + PAGE_SIZE));
	vfree(a);
	KT_EXPECT(t, !is_readable(a));
	vfree(b);
	kt_mm_stats(&after);
	KT_EXPECT_EQ(t, after.vmap_pages, before.vmap_pages);
	KT_EXPECT(t, before.free_pages - after.free_pages <= 2);	/* page tables may stay */
}

static unsigned int faults;
static unsigned long fault_address;

static void notrace note_fault(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		       struct ftrace_regs *fregs)
{
	WRITE_ONCE(faults, faults + 1);
	if (FTRACE_HAVE_ARGS)
		fault_address = ftrace_regs_get_argument(fregs, 1);
}

/*
 * Each page is allocated when it is first touched, once, in a fault that can be traced. All are
 * freed with the memory.
 */
KTEST(mm, lazy_memory)
{
	static struct ftrace_ops ops = { .func = note_fault };
	struct mm_stats before, after;
	u8 *memory;

	faults = 0;
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&ops, (unsigned long)handle_mm_fault, 0, 1), 0);
	KT_ASSERT(t, !register_ftrace_function(&ops));
	kt_mm_stats(&before);
	memory = vmalloc_lazy(8 * PAGE_SIZE);
	KT_ASSERT(t, memory);
	kt_mm_stats(&after);
	KT_EXPECT_EQ(t, after.vmap_pages, before.vmap_pages);
	WRITE_ONCE(memory[3 * PAGE_SIZE + 5], 7);
	KT_EXPECT_EQ(t, READ_ONCE(faults), 1);
	KT_EXPECT(t, !FTRACE_HAVE_ARGS ||
		  fault_address == (unsigned long)memory + 3 * PAGE_SIZE + 5);
	KT_EXPECT_EQ(t, READ_ONCE(memory[3 * PAGE_SIZE + 5]), 7);
	KT_EXPECT_EQ(t, READ_ONCE(memory[4 * PAGE_SIZE - 1]), 0);
	KT_EXPECT(t, is_readable(memory));
	KT_EXPECT(t, !is_readable(memory - 1) && !is_readable(memory + 8 * PAGE_SIZE));
	KT_EXPECT_EQ(t, READ_ONCE(faults), 2);
	kt_mm_stats(&after);
	KT_EXPECT_EQ(t, after.vmap_pages, before.vmap_pages + 2);
	vfree(memory);
	KT_EXPECT(t, !is_readable(memory));
	kt_mm_stats(&after);
	KT_EXPECT_EQ(t, after.vmap_pages, before.vmap_pages);
	KT_EXPECT_EQ(t, unregister_ftrace_function(&ops), 0);
	ftrace_free_filter(&ops);
}

/* Fault injection, which all tests of running out of memory rely on. */
KTEST(mm, fail_after)
{
	void *p[3];
	unsigned int n;

	mm_fail_after(2);
	for (n = 0; n < 3; n++)
		p[n] = kmalloc(10, GFP_KERNEL);
	KT_EXPECT(t, p[0] && p[1] && !p[2]);
	KT_EXPECT(t, !alloc_pages(0, GFP_KERNEL));
	KT_EXPECT(t, !vmalloc(10));
	mm_fail_after(-1);
	p[2] = kmalloc(10, GFP_KERNEL);
	KT_EXPECT(t, p[2] != NULL);
	for (n = 0; n < 3; n++)
		kfree(p[n]);
}

KTEST(mm, page_zero_is_not_there)
{
	u8 buffer[8];

	KT_EXPECT(t, !is_readable(NULL));
	KT_EXPECT(t, !is_readable((void *)(PAGE_SIZE - 1)));
	KT_EXPECT_EQ(t, arch_read_nofault(buffer, (void *)-4l, 8), -EFAULT);
	KT_EXPECT_EQ(t, arch_read_nofault(buffer, _text, 8), 0);
	KT_EXPECT(t, !memcmp(buffer, _text, 8));
	/* The range begins at a valid address and ends at one that is not. */
	KT_EXPECT_EQ(t, arch_read_nofault(buffer, (void *)(PAGE_SIZE - 4), 8), -EFAULT);
}

KTEST(mm, stack_has_guard_page)
{
	u8 *stack = current->stack;

	KT_ASSERT(t, stack);
	KT_EXPECT(t, is_readable(stack));
	KT_EXPECT(t, !is_readable(stack - 1));
	KT_EXPECT((t), (u8 *)__builtin_frame_address(0) - stack < (ssize_t)THREAD_STACK_SIZE);
}

/*
 * Writing to freed memory is noticed, wherever in it, and what is read there is not a valid
 * pointer.
 */
KTEST(mm, use_after_free_is_seen)
{
	static const size_t sizes[] = { 16, 100, 2048, PAGE_SIZE, 3 * PAGE_SIZE };
	unsigned int n;

	if (KASAN)
		KT_SKIP(t, "KASAN would report what is done here");
	if (!(boot_param_value("poison", NULL, 0)))
		KT_SKIP(t, "needs `poison` on the command line");
	for (n = 0; n < ARRAY_SIZE(sizes); n++) {
		/*
		 * The address is kept as a number, so that the compiler does not know that kfree()
		 * got it.
		 */
		unsigned long addr = (unsigned long)kmalloc(sizes[n], GFP_KERNEL);
		u32 *volatile words = (u32 *)addr;

		KT_ASSERT(t, addr);
		KT_EXPECT_EQ(t, words[0], 0x5a5a5a5a);
		KT_EXPECT(t, !mm_free_memory_damage());
		/* No other thread may get the memory in between. */
		preempt_disable();
		kfree((void *)addr);
		KT_EXPECT_EQ(t, words[0], 0x6b6b6b6b);
		words[sizes[n] / 8] ^= 0x100;
		KT_EXPECT(t, mm_free_memory_damage() == &words[sizes[n] / 8]);
		words[sizes[n] / 8] ^= 0x100;
		preempt_enable();
		KT_EXPECT(t, !mm_free_memory_damage());
	}
}

struct protection {
	unsigned long addr;
	unsigned int prot;
	bool found;
};

static void look_for(unsigned long va, size_t size, unsigned int prot, void *arg)
{
	struct protection *p = arg;

	if (p->addr - va < size) {
		p->prot = prot;
		p->found = true;
	}
}

static struct protection protection_of(const void *addr)
{
	struct protection p = { .addr = (unsigned long)addr };
	unsigned long flags = arch_irq_save();

	arch_walk_mappings(look_for, &p);
	arch_irq_restore(flags);
	return p;
}

KTEST(mm, protections)
{
	static u32 variable;
	void *heap = kmalloc(16, GFP_KERNEL);
	/* A processor without NX executes whatever it can read. */
	unsigned int exec = protection_of(__start_rodata).prot & PROT_EXEC;

	KT_EXPECT_EQ(t, protection_of(_text).prot, PROT_EXEC);
	KT_EXPECT_EQ(t, protection_of(__start_rodata).prot, PROT_READ_ONLY | exec);
	KT_EXPECT_EQ(t, protection_of(&variable).prot, PROT_WRITE | exec);
	KT_EXPECT_EQ(t, protection_of(heap).prot, PROT_WRITE | exec);
	KT_EXPECT_EQ(t, protection_of(current->stack).prot, PROT_WRITE | exec);
	KT_EXPECT_EQ(t, protection_of(phys_to_virt(virt_to_phys(__init_begin))).prot,
		     PROT_WRITE | exec);
	KT_EXPECT(t, !protection_of(NULL).found);
	kfree(heap);
}

/* Code that is made at run time: executable, and written only through arch_text_write(). */
KTEST(mm, executable_memory)
{
	u8 *code = execmem_alloc(100);
	u8 pattern[64];
	long reach;

	KT_ASSERT(t, code);
	KT_EXPECT_EQ(t, (unsigned long)code % PAGE_SIZE, 0);
	KT_EXPECT_EQ(t, protection_of(code).prot, PROT_EXEC);
	reach = (long)((unsigned long)code - (unsigned long)_text);
	KT_EXPECT(t, sizeof(long) == 4 || (reach < (128l << 20) && reach > -(128l << 20)));
	memset(pattern, 0xa5, sizeof(pattern));
	KT_EXPECT_EQ(t, arch_text_write(code + 3, pattern, sizeof(pattern)), 0);
	KT_EXPECT(t, is_filled(code + 3, 0xa5, sizeof(pattern)));
	KT_EXPECT(t, code[2] != 0xa5 && code[3 + sizeof(pattern)] != 0xa5);
	KT_EXPECT_EQ(t, arch_text_write(NULL, pattern, 1), -EFAULT);
	execmem_free(code, 100);
	KT_EXPECT(t, !is_readable(code));
}
