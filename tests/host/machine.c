/* SPDX-License-Identifier: MIT */
/*
 * The simulated machine behind <asm/arch.h>, and the kernel state that the tracer's code looks at.
 * It needs no C library, because the 32-bit ring buffer tests have none.
 */
#include "kernel/bug.h"
#include "kernel/clock.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/sched/percpu.h"
#include "kernel/sched/wait.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include "trace/ring_buffer/trace_clock.h"

static struct task_struct task = { .pid = 1, .comm = "test" };
struct task_struct *host_current = &task;
bool host_irqs_off;
unsigned int nr_cpus_online = 1;
struct kernel_clock kernel_clock = { .whole = 1 };
u64 host_cycles = 1000, host_cycles_step = 10;
void (*host_hook)(void);
unsigned long host_free_pages = 512;

void host_interrupt_point(void)
{
	if (host_hook)
		host_hook();
}

u64 host_read_cycles(void)
{
	host_interrupt_point();
	/* This is one instruction if possible, because ring_step.c interrupts between any two. */
	if (sizeof(long) == sizeof(u64))
		return __atomic_add_fetch((unsigned long *)&host_cycles, host_cycles_step,
					  __ATOMIC_RELAXED);
	return host_cycles += host_cycles_step;
}

void host_set_clock(u32 whole, u32 fraction)
{
	kernel_clock.whole = whole;
	kernel_clock.fraction = fraction;
}

void host_enter(unsigned int offset)
{
	task.preempt_count += offset;
}

void host_leave(unsigned int offset)
{
	task.preempt_count -= offset;
}

u64 ktime_get_ns(void)
{
	return clock_cycles_to_ns(arch_clock_cycles());
}

/* Used where the real one (trace_clock.c) is not linked. */
__attribute__((weak)) u64 trace_clock_local(void)
{
	return ktime_get_ns();
}

/* The copies that readers make (ring_buffer_{read,iter}.c): a writer may come in the middle. */
void *host_memcpy(void *dst, const void *src, size_t len);
void *host_memcpy(void *dst, const void *src, size_t len)
{
	host_interrupt_point();
	memcpy(dst, src, len / 2);
	host_interrupt_point();
	memcpy((char *)dst + len / 2, (const char *)src + len / 2, len - len / 2);
	host_interrupt_point();
	return dst;
}

/* --- Kernel services that do nothing here --- */

void msleep(unsigned int ms)
{
	host_cycles += ms * NSEC_PER_MSEC;
}

void preempt_schedule(void)
{
}

/* As on another CPU, in the interrupt in which it is asked. */
static void call_with_irqs_off(void (*fn)(void *arg), void *arg)
{
	bool irqs_off = host_irqs_off;

	host_irqs_off = true;
	fn(arg);
	host_irqs_off = irqs_off;
}

void on_each_cpu(void (*fn)(void *arg), void *arg)
{
	call_with_irqs_off(fn, arg);
}

void smp_wait_irqs_off(void)
{
}

void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	EXPECT_EQ(cpu, 0);
	call_with_irqs_off(fn, arg);
	host_interrupt_point();
}

void mutex_lock(struct mutex *m)
{
	EXPECT(!m->owner);
	m->owner = host_current;
}

void mutex_unlock(struct mutex *m)
{
	EXPECT(m->owner == host_current);
	m->owner = NULL;
}

/* The lock validator: there is one thread, and each lock is free when it is taken. */
void __lockdep_init_map(struct lockdep_map *map, bool sleeps)
{
	map->sleeps = sleeps;
}

void lock_acquire(struct lockdep_map *map, enum lock_wait wait, unsigned long ip)
{
}

void lock_release(struct lockdep_map *map)
{
}

void __might_sleep(const char *file, int line)
{
	if (task.preempt_count || host_irqs_off)
		tap_fail(file, line, "sleeps with preemption or interrupts off");
}

/* The real one would end the machine, so nothing goes on here either. */
void panic(const char *fmt, ...)
{
	tap_fail(__FILE__, __LINE__, "panic: %s", fmt);
	__builtin_trap();
}

void warn_report(const char *file, int line, const char *fmt, ...)
{
	tap_fail(file, line, "warning: %s", fmt);
}

/*
 * --- Memory that changes its size: all of its room is there, and a table says what of it may be
 * used ---
 */

#define SPACE (4u << 20)
static struct resizable {
	void *addr;
	size_t size, room;
} resizables[64];

/*
 * Functions of the sanitizer, if there is one: memory that is not in use now must not be touched.
 */
void __asan_poison_memory_region(const volatile void *addr, size_t size) __attribute__((weak));
void __asan_unpoison_memory_region(const volatile void *addr, size_t size) __attribute__((weak));

static void set_size(struct resizable *r, size_t size)
{
	if (__asan_poison_memory_region) {
		__asan_unpoison_memory_region(r->addr, r->room);
		__asan_poison_memory_region((char *)r->addr + size, r->room - size);
	}
	if (size > r->size)
		memset((char *)r->addr + r->size, 0, size - r->size);
	r->size = size;
}

static struct resizable *find_resizable(const void *addr)
{
	struct resizable *r = resizables;

	while (r < resizables + ARRAY_SIZE(resizables) && r->addr != addr)
		r++;
	return r < resizables + ARRAY_SIZE(resizables) ? r : NULL;
}

void *vmalloc_resizable(size_t size, size_t room)
{
	struct resizable *r = find_resizable(NULL);
	void *addr = vmalloc(room);

	EXPECT(r && size <= room);
	if (!addr || !r)
		return NULL;
	*r = (struct resizable){ addr, 0, room };
	set_size(r, size);
	return addr;
}

int vmalloc_grow(void *addr, size_t size)
{
	struct resizable *r = find_resizable(addr);
	void *page;

	EXPECT(addr && r);
	if (size <= r->size)
		return 0;
	/* This allocation fails if host_fail_after() says so. */
	page = size <= r->room ? kmalloc(1, GFP_KERNEL) : NULL;
	if (!page)
		return -ENOMEM;
	kfree(page);
	set_size(r, size);
	return 0;
}

void vmalloc_shrink(void *addr, size_t size)
{
	struct resizable *r = find_resizable(addr);

	EXPECT(addr && r);
	if (size < r->size)
		set_size(r, size);
}

void host_forget_resizable(void *addr)
{
	struct resizable *r = addr ? find_resizable(addr) : NULL;

	if (!r)
		return;
	set_size(r, r->room);
	r->addr = NULL;
}

size_t vmalloc_space(void)
{
	return SPACE;
}

void mm_get_stats(struct mm_stats *stats)
{
	memset(stats, 0, sizeof(*stats));
	stats->total_pages = 1024;
	stats->free_pages = host_free_pages;
}
