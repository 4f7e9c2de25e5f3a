/* SPDX-License-Identifier: MIT */
/*
 * The kernel's image of i386 as a Linux program. It is linked from the libraries of a build, with
 * this file in front, whose functions take the place of those that need a bare machine: memory,
 * messages, the window through which text is written. So what is measured is the very code that is
 * counted, in the cases of tests/guest/bench. A processor runs it as it runs a kernel, except that
 * a program must not execute `cli` and `sti`: a signal handler skips them, which takes thousands of
 * cycles. Of the hot paths only the function profiler's has one, so it is not measured.
 *
 * Prints ticks of the TSC: tools/native_bench.py makes core cycles of them.
 */
#include "kernel/clock.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/sched.h"
#include "kernel/trace_hooks.h"
#include "arch/common/text.h"
#include "tests/guest/bench/bench.h"
#include "trace/output/trace.h"
#include <asm/cpu.h>

#define SYS_WRITE 4
#define SYS_MPROTECT 125
#define SYS_RT_SIGRETURN 173
#define SYS_RT_SIGACTION 174
#define SYS_MMAP2 192
#define SYS_SET_THREAD_AREA 243
#define SYS_EXIT_GROUP 252

#define INSN_CLI 0xfa
#define INSN_STI 0xfb
#define SIGSEGV 11
#define ANYWHERE_PRIVATE 0x22
#define READ_WRITE_EXECUTE 7

extern char _text[], _end[];
void native_start(void);
void native_main(const unsigned long *stack) __noreturn;
void native_restorer(void);
void native_adds(unsigned int n);
void native_alone(unsigned int n);
void native_deep(unsigned int n);

/* --- Linux --- */

static long linux_call(long nr, long a, long b, long c, long d)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(-1) : "memory");
	return result;
}

static void say(const char *text)
{
	linux_call(SYS_WRITE, 1, (long)text, (long)strlen(text), 0);
}

static void __noreturn fail(const char *what, unsigned long where)
{
	char line[96];

	snprintf(line, sizeof(line), "native: %s at %lx\n", what, where);
	linux_call(SYS_WRITE, 2, (long)line, (long)strlen(line), 0);
	linux_call(SYS_EXIT_GROUP, 1, 0, 0, 0);
	__builtin_unreachable();
}

/* Linux's, for a 32-bit program: what a signal interrupted. */
struct native_ucontext {
	u32 flags, link, stack[3];
	u32 segments[4], di, si, bp, sp, bx, dx, cx, ax, trap, error, ip;
};

static volatile unsigned int nr_skipped;

/* Linux passes the arguments in registers, too. */
static void on_fault(int signal, void *info, struct native_ucontext *context)
{
	const u8 *insn = (const u8 *)context->ip;

	if (*insn != INSN_CLI && *insn != INSN_STI)
		fail("a fault", context->ip);
	context->ip++;
	nr_skipped++;
}

static void begin_as_program(void)
{
	struct {
		void (*handler)(int signal, void *info, struct native_ucontext *context);
		u32 flags;			/* SA_SIGINFO, SA_RESTORER, SA_NODEFER */
		void (*restorer)(void);
		u32 mask[2];
	} action = { on_fault, 0x44000004, native_restorer, { 0, 0 } };
	struct {
		u32 entry, base, limit, flags;	/* 32 bits, in pages, usable */
	} segment = { ~0u, (u32)&i386_boot_cpu, 0xfffff, 0x51 };

	linux_call(SYS_RT_SIGACTION, SIGSEGV, (long)&action, 0, sizeof(action.mask));
	if (linux_call(SYS_SET_THREAD_AREA, (long)&segment, 0, 0, 0))
		fail("no segment for what each CPU has for itself", 0);
	__asm__ volatile("movw %w0, %%fs" : : "r"(segment.entry << 3 | 3));
	if (linux_call(SYS_MPROTECT, (long)_text, _end - _text, READ_WRITE_EXECUTE, 0))
		fail("text cannot be made writable", 0);
}

/* --- In place of the kernel's --- */

/* Nothing is given back: the program ends soon. */
static void *allocate(size_t size)
{
	static unsigned long next, end;
	unsigned long addr;

	if (end - next < ALIGN_UP(size, 64)) {
		end = ALIGN_UP(size, 1u << 20);
		next = (unsigned long)linux_call(SYS_MMAP2, 0, (long)end, READ_WRITE_EXECUTE,
						 ANYWHERE_PRIVATE);
		if (next > -PAGE_SIZE)
			fail("no memory", 0);
		end += next;
	}
	addr = next;
	next += ALIGN_UP(size, 64);
	return (void *)addr;
}

static void *allocate_pages(size_t size)
{
	return (void *)ALIGN_UP((unsigned long)allocate(size + PAGE_SIZE), PAGE_SIZE);
}

void *kmalloc(size_t size, gfp_t gfp) { return allocate(size); }
void *kzalloc(size_t size, gfp_t gfp) { return allocate(size); }
void *kcalloc(size_t n, size_t size, gfp_t gfp) { return allocate(n * size); }
void kfree(void *ptr) { }
void *vmalloc(size_t size) { return allocate_pages(size); }
void *vzalloc(size_t size) { return allocate_pages(size); }
void vfree(void *ptr) { }
void *alloc_pages(unsigned int order, gfp_t gfp) { return allocate_pages(PAGE_SIZE << order); }
void free_pages(void *ptr, unsigned int order) { }
void *vmalloc_resizable(size_t size, size_t room) { return allocate_pages(room); }
int vmalloc_grow(void *addr, size_t size) { return 0; }
void vmalloc_shrink(void *addr, size_t size) { }
size_t vmalloc_space(void) { return 16u << 20; }
void *execmem_alloc(size_t size) { return allocate_pages(size); }

void mm_get_stats(struct mm_stats *stats)
{
	*stats = (struct mm_stats){ .total_pages = 1u << 12, .free_pages = 1u << 12 };
}

void *krealloc(void *old, size_t size, gfp_t gfp)
{
	void *new = allocate(size);

	/* How long it was nobody knows, but what follows it can be read. */
	return old ? memcpy(new, old, size) : new;
}

int printk(const char *fmt, ...)
{
	return 0;
}

void text_window_open(struct text_window *window)
{
	window->page = TEXT_WINDOW_EMPTY;
}

void text_window_close(struct text_window *window)
{
}

int text_window_move(struct text_window *window, unsigned long page)
{
	window->page = window->alias = page;
	return 0;
}

/* --- Measuring --- */

struct native_case {
	const char *name;
	unsigned int calls;		/* in a timing */
};

/* What records an event must not reach the end of a sub-buffer, where the kernel uses `cli`. */
#define FEW 40u
#define MANY 1000u

static const struct native_case cases[] = {
	{ "ops_1", MANY },
	{ "ops_1_regs", MANY },
	{ "ops_1_recursion", MANY },
	{ "ops_2", MANY },
	{ "ops_10", MANY },
	{ "direct", MANY },
	{ "direct_plus_ops_1", MANY },
	{ "direct_plus_ops_10", MANY },
	{ "graph_1", MANY },
	{ "graph_2", MANY },
	{ "tracer_function", FEW },
	{ "tracer_function_tracing_off", MANY },
	{ "tracer_graph", FEW },
};

static unsigned int repeats = 2000;

/* Nothing before it is still going on when the time is taken, and nothing after it has begun. */
static u64 ticks_now(void)
{
	u64 now;

	__asm__ volatile("lfence; rdtsc; lfence" : "=A"(now) : : "memory");
	return now;
}

/*
 * Prints the least ticks that @n turns of @loop take. A skipped instruction, or an event that was
 * not written where it should be, would make the number wrong.
 */
static void report(const char *kind, const char *name, void (*loop)(unsigned int n), unsigned int n,
		   void (*before)(void))
{
	u64 best = ~0ull;
	char line[96];

	for (unsigned int i = 0; i < repeats; i++) {
		unsigned int skipped;
		u64 began, ticks;

		if (before)
			before();
		loop(4);	/* the first event opens the buffer */
		skipped = nr_skipped;
		began = ticks_now();
		loop(n);
		ticks = ticks_now() - began;
		if (nr_skipped != skipped)
			fail("cli or sti on a hot path", (unsigned long)loop);
		if (before && ring_buffer_entries_cpu(global_trace.buffer, 0) < n)
			fail("events are missing", (unsigned long)loop);
		best = min(best, ticks);
	}
	snprintf(line, sizeof(line), "bench %s %s %llu %u\n", kind, name, best, n);
	say(line);
}

static const struct bench_case *find_case(const struct bench_case *c, const char *name)
{
	while (c->name && strcmp(c->name, name))
		c++;
	return c->name ? c : NULL;
}

static void measure(const struct native_case *native)
{
	const struct bench_case *c = find_case(bench_call_cases, native->name);

	if (!c)
		c = find_case(bench_trace_cases, native->name);
	if (!c)
		fail(native->name, 0);
	report("base_alone", c->name, native_alone, native->calls, NULL);
	report("base_deep", c->name, native_deep, native->calls, NULL);
	if (c->up && c->up())
		fail(c->name, 0);
	report("alone", c->name, native_alone, native->calls, c->before);
	report("deep", c->name, native_deep, native->calls, c->before);
	if (c->down)
		c->down();
}

/* @stack: the number of arguments, then they. The first is how often to repeat. */
void native_main(const unsigned long *stack)
{
	const char *words = stack[0] > 1 ? (const char *)stack[2] : NULL;

	i386_boot_cpu.self = &i386_boot_cpu;
	i386_boot_cpu.current_task = &init_task;
	begin_as_program();
	for (repeats = words ? 0 : repeats; words && *words; words++)
		repeats = repeats * 10 + (unsigned int)(*words - '0');
	/* It need not be right, for only differences of the TSC are looked at. */
	kernel_clock.fraction = 1u << 30;
	sched_init();
	ftrace_init();
	tracer_init();
	init_task.preempt_count = 0;
	report("adds", "clock", native_adds, MANY, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++)
		measure(&cases[i]);
	linux_call(SYS_EXIT_GROUP, 0, 0, 0, 0);
	__builtin_unreachable();
}
