/* SPDX-License-Identifier: MIT */
/*
 * KASAN sees each kind of bad access, says what it was and who had the memory, and says nothing of
 * accesses that are right. A hook takes the reports, which would end the machine otherwise.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/kasan/kasan.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/current.h"
#include "tests/guest/ktest/ktest.h"

static struct kasan_report last;
static unsigned int nr_reports;

static void take_report(const struct kasan_report *report)
{
	last = *report;
	nr_reports++;
}

static void listen(void)
{
	nr_reports = 0;
	last = (struct kasan_report){ 0 };
	kasan_report_hook = take_report;
	barrier();			/* the compiler sees nobody who would call it */
}

/* How many reports there were. */
static unsigned int stop_listening(void)
{
	barrier();
	kasan_report_hook = NULL;
	return nr_reports;
}

/* Through these, the compiler knows neither the object nor that nobody needs what is read. */
static noinline unsigned int read_byte(const void *addr)
{
	return *(const volatile u8 *)addr;
}

static noinline void write_byte(void *addr)
{
	volatile u8 *byte = addr;

	*byte = *byte;
}

static noinline u64 read_u64(const void *addr)
{
	const volatile u64 *word = addr;

	return *word;
}

/* What the compiler would call. The access itself would fault where nothing is mapped. */
void __asan_load1_noabort(unsigned long addr);

static void check_byte(const void *addr)
{
	__asan_load1_noabort((unsigned long)addr);
}

/* Expect one report: of @access to @addr, because of @what. */
#define EXPECT_REPORT(t, access, addr_, what_) do {				\
	listen();								\
	access;									\
	KT_EXPECT_EQ(t, stop_listening(), 1);					\
	KT_EXPECT_EQ(t, last.bad, (unsigned long)(addr_));			\
	KT_EXPECT_STREQ(t, last.what ? last.what : "no report", what_);		\
} while (0)

#define EXPECT_NO_REPORT(t, access) do {					\
	listen();								\
	access;									\
	KT_EXPECT_EQ(t, stop_listening(), 0);					\
} while (0)

/* Is the function of that name among the callers that are kept of @track? */
static bool is_in_stack(const struct kasan_track *track, const char *name)
{
	const unsigned long *pcs;
	unsigned int nr = kasan_stack(track, &pcs);
	static char found[KSYM_NAME_LEN];

	for (unsigned int i = 0; i < nr; i++) {
		if (!lookup_symbol_name(pcs[i] - 1, found) && !strcmp(found, name))
			return true;
	}
	return false;
}

static noinline void *allocate_here(size_t size)
{
	void *memory = kmalloc(size, GFP_KERNEL);

	barrier();			/* no tail call: the frame is to be seen */
	return memory;
}

static noinline void free_here(void *memory)
{
	kfree(memory);
	barrier();
}

static noinline void unmap_here(void *memory)
{
	vfree(memory);
	barrier();
}

KTEST(kasan, each_size_has_its_end)
{
	for (size_t size = 1; size < 3 * PAGE_SIZE; size += 1 + size / 8) {
		u8 *memory = kmalloc(size, GFP_KERNEL);

		KT_ASSERT(t, memory);
		EXPECT_NO_REPORT(t, write_byte(memory));
		EXPECT_NO_REPORT(t, write_byte(memory + size - 1));
		if (size % PAGE_SIZE)
			EXPECT_REPORT(t, read_byte(memory + size), memory + size, "out of bounds");
		KT_EXPECT_EQ(t, ksize(memory), size);
		kfree(memory);
	}
}

KTEST(kasan, out_of_bounds)
{
	u8 *memory = allocate_here(100);

	KT_ASSERT(t, memory);
	EXPECT_REPORT(t, write_byte(memory + 100), memory + 100, "out of bounds");
	KT_EXPECT_EQ(t, last.start, (unsigned long)memory);
	KT_EXPECT_EQ(t, last.length, 100);
	KT_EXPECT_EQ(t, last.alloc.pid, current->pid);
	KT_EXPECT(t, is_in_stack(&last.alloc, "allocate_here"));
	/* In front lies the red zone of another object, or all of one that was freed. */
	listen();
	read_byte(memory - 1);
	KT_EXPECT_EQ(t, stop_listening(), 1);
	KT_EXPECT_EQ(t, last.bad, (unsigned long)(memory - 1));
	/* Eight bytes of which four are good. */
	EXPECT_REPORT(t, read_u64(memory + 96), memory + 100, "out of bounds");
	KT_EXPECT_EQ(t, last.size, 8);
	KT_EXPECT(t, !last.write);
	EXPECT_NO_REPORT(t, read_u64(memory + 92));
	kfree(memory);
}

KTEST(kasan, use_after_free)
{
	u8 *memory = allocate_here(40);

	KT_ASSERT(t, memory);
	free_here(memory);
	EXPECT_REPORT(t, write_byte(memory + 39), memory + 39, "use after free");
	KT_EXPECT_EQ(t, last.start, (unsigned long)memory);
	KT_EXPECT(t, is_in_stack(&last.alloc, "allocate_here"));
	KT_EXPECT(t, is_in_stack(&last.free, "free_here"));
	/* It stays so while others are allocated and freed. */
	for (unsigned int i = 0; i < 100; i++)
		free_here(allocate_here(40));
	EXPECT_REPORT(t, read_byte(memory), memory, "use after free");
}

KTEST(kasan, freed_twice)
{
	static struct kmem_cache *cache;
	u8 *memory = kmalloc(40, GFP_KERNEL), *pages = alloc_pages(1, GFP_KERNEL), *object;

	if (!cache)
		cache = kmem_cache_create("kasan", 56, 8);
	KT_ASSERT(t, memory && pages && cache);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	KT_ASSERT(t, object);
	EXPECT_REPORT(t, read_byte(object + 56), object + 56, "out of bounds");
	kmem_cache_free(cache, object);
	EXPECT_REPORT(t, kmem_cache_free(cache, object), object, "double free");
	EXPECT_REPORT(t, kfree(memory + 16), memory + 16, "free of what is no object");
	free_here(memory);
	EXPECT_REPORT(t, kfree(memory), memory, "double free");
	KT_EXPECT(t, is_in_stack(&last.free, "free_here"));
	free_pages(pages, 1);
	EXPECT_REPORT(t, free_pages(pages, 1), pages, "double free");
}

KTEST(kasan, pages)
{
	u8 *pages = alloc_pages(2, GFP_KERNEL);
	u8 *large = allocate_here(PAGE_SIZE + 100);

	KT_ASSERT(t, pages && large);
	EXPECT_NO_REPORT(t, write_byte(pages + 4 * PAGE_SIZE - 1));
	free_pages(pages, 2);
	EXPECT_REPORT(t, read_byte(pages + PAGE_SIZE + 7), pages + PAGE_SIZE + 7,
		      "use of a free page");
	KT_EXPECT_EQ(t, last.start, (unsigned long)pages);
	KT_EXPECT_EQ(t, last.length, 4 * PAGE_SIZE);
	EXPECT_REPORT(t, read_byte(large + PAGE_SIZE + 100), large + PAGE_SIZE + 100,
		      "out of bounds");
	free_here(large);
	EXPECT_REPORT(t, read_byte(large), large, "use of a free page");
	KT_EXPECT(t, is_in_stack(&last.alloc, "allocate_here"));
	KT_EXPECT(t, is_in_stack(&last.free, "free_here"));
}

KTEST(kasan, mapped_memory)
{
	u8 *memory = vmalloc(PAGE_SIZE + 100), *grown = vmalloc_resizable(100, 3 * PAGE_SIZE);

	KT_ASSERT(t, memory && grown);
	EXPECT_NO_REPORT(t, write_byte(memory + PAGE_SIZE + 99));
	EXPECT_REPORT(t, write_byte(memory + PAGE_SIZE + 100), memory + PAGE_SIZE + 100,
		      "out of bounds");
	KT_EXPECT_EQ(t, last.start, (unsigned long)memory);
	KT_EXPECT_EQ(t, last.length, PAGE_SIZE + 100);
	unmap_here(memory);
	EXPECT_REPORT(t, check_byte(memory), memory, "use of a free area");
	KT_EXPECT(t, is_in_stack(&last.free, "unmap_here"));
	KT_EXPECT_EQ(t, vmalloc_grow(grown, 2 * PAGE_SIZE), 0);
	EXPECT_NO_REPORT(t, write_byte(grown + 2 * PAGE_SIZE - 1));
	vmalloc_shrink(grown, PAGE_SIZE);
	EXPECT_NO_REPORT(t, write_byte(grown + PAGE_SIZE - 1));
	EXPECT_REPORT(t, check_byte(grown + PAGE_SIZE), grown + PAGE_SIZE, "use of a free area");
	vfree(grown);
}

/* A module's text and data are made of these. */
KTEST(kasan, text_and_data_of_modules)
{
	u8 *text = execmem_alloc(200), *data = module_data_alloc(300);

	KT_ASSERT(t, text && data);
	EXPECT_NO_REPORT(t, read_byte(text + 199));
	EXPECT_REPORT(t, read_byte(text + 200), text + 200, "out of bounds");
	EXPECT_REPORT(t, write_byte(data + 300), data + 300, "out of bounds");
	module_data_seal(data);
	EXPECT_NO_REPORT(t, read_byte(data + 299));
	execmem_free(text, 200);
	module_data_free(data);
	EXPECT_REPORT(t, check_byte(text), text, "use of a free area");
	EXPECT_REPORT(t, check_byte(data + 299), data + 299, "use of a free area");
}

static char global_array[13], global_next[16];

KTEST(kasan, variables)
{
	static const char constant[] = "constant";

	EXPECT_NO_REPORT(t, write_byte(global_array + 12));
	EXPECT_REPORT(t, write_byte(global_array + 13), global_array + 13, "out of bounds");
	EXPECT_REPORT(t, write_byte(global_next + 16), global_next + 16, "out of bounds");
	EXPECT_REPORT(t, read_byte(constant + sizeof(constant)), constant + sizeof(constant),
		      "out of bounds");
}

static u8 *stack_array;

/* The caller sees the array only through the pointer; the word is a second variable beside it. */
static noinline void access_stack_array(long at)
{
	u8 array[20];
	unsigned long word = 0;

	stack_array = array;
	__asm__ volatile("" : : "r"(array), "r"(&word) : "memory");
	write_byte(array + at);
}

KTEST(kasan, variables_on_stacks)
{
	static char found[KSYM_NAME_LEN];

	EXPECT_NO_REPORT(t, access_stack_array(0));
	EXPECT_NO_REPORT(t, access_stack_array(19));
	EXPECT_REPORT(t, access_stack_array(20), stack_array + 20, "out of bounds");
	KT_EXPECT_EQ(t, last.start, (unsigned long)stack_array);
	KT_EXPECT_EQ(t, last.length, 20);
	KT_ASSERT(t, last.variable);
	KT_EXPECT(t, last.variable_len > 6 && !memcmp(last.variable, "array:", 6));
	KT_EXPECT(t, !lookup_symbol_name(last.function, found));
	KT_EXPECT_STREQ(t, found, "access_stack_array");
	EXPECT_REPORT(t, access_stack_array(-1), stack_array - 1, "out of bounds");
	KT_EXPECT_EQ(t, last.start, (unsigned long)stack_array);
	KT_EXPECT_EQ(t, last.length, 20);
	/* Nothing stays behind in the part of the stack that is not used any more. */
	EXPECT_NO_REPORT(t, check_byte(stack_array + 20));
}

/* Counts the bytes of its stack, far below what it uses itself, that may not be accessed. */
static int check_own_stack(void *bad)
{
	const u8 *low = current->stack, *end = (u8 *)__builtin_frame_address(0) - 1024;

	listen();
	for (const u8 *at = low; at < end; at += sizeof(u64))
		check_byte(at);
	*(unsigned int *)bad = stop_listening();
	return 0;
}

/* A thread ends in the middle of functions, and another one gets its stack. */
KTEST(kasan, stacks_of_threads_that_ended)
{
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int bad = ~0u;
		struct task_struct *task = kthread_run(check_own_stack, &bad, "stack");

		KT_ASSERT(t, !IS_ERR(task));
		kthread_join(task);
		KT_EXPECT_EQ(t, bad, 0);
	}
}

KTEST(kasan, string_functions)
{
	char *memory = kzalloc(64, GFP_KERNEL), *other = kzalloc(1000, GFP_KERNEL);

	KT_ASSERT(t, memory && other);
	EXPECT_NO_REPORT(t, memcpy(other, memory, 64));
	EXPECT_REPORT(t, memcpy(other, memory, 65), memory + 64, "out of bounds");
	KT_EXPECT(t, !last.write);
	EXPECT_REPORT(t, memset(memory + 1, 0, 64), memory + 64, "out of bounds");
	KT_EXPECT(t, last.write);
	EXPECT_REPORT(t, memmove(memory + 60, memory, 6), memory + 64, "out of bounds");
	EXPECT_REPORT(t, (void)memcmp(other + 937, memory, 64), other + 1000, "out of bounds");
	EXPECT_NO_REPORT(t, memset(other, 'x', 1000));
	EXPECT_NO_REPORT(t, memset(memory, 0, 64));
	memset(memory, 'x', 64);
	/* The red zone's content is what it is: a byte of 0 comes somewhere in the slab. */
	EXPECT_REPORT(t, strlen(memory), memory + 64, "out of bounds");
	kfree(memory);
	kfree(other);
}

/* Who counts what is free has the quarantine emptied first. */
KTEST(kasan, settled)
{
	struct mm_stats before, after;
	void *objects[50];

	kt_mm_stats(&before);
	for (unsigned int i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = kmalloc(2000, GFP_KERNEL);
	for (unsigned int i = 0; i < ARRAY_SIZE(objects); i++)
		kfree(objects[i]);
	mm_get_stats(&after);
	KT_EXPECT_EQ(t, after.objects, before.objects + ARRAY_SIZE(objects));
	kt_mm_stats(&after);
	KT_EXPECT_EQ(t, after.objects, before.objects);
	/* A cache keeps one empty slab. */
	KT_EXPECT(t, before.free_pages - after.free_pages <= 8);
}
