/* SPDX-License-Identifier: MIT */
/*
 * What is watched. A watch is a place in a small table, and each access looks through those in use:
 * seldom more than one or two, mostly none. A watch goes round by its state, whose upper bits count
 * the rounds, so that nobody claims a later watch than the one that was looked at:
 *
 *	FREE -> SET		by the watcher, which then waits
 *	SET -> FREE		by the watcher: nobody came
 *	SET -> CLAIMED -> MET	by who accesses the memory: it leaves its stack there
 *	MET -> FREE		by the watcher, which reports both
 *
 * Nothing here takes a lock or calls checked code, so that all works in NMIs too.
 */
#include "kernel/boot_info.h"
#include "kernel/kcsan/kcsan_internal.h"
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/time.h"
#include "kernel/unwind.h"

BOOT_PARAM(kcsan_seed);
BOOT_PARAM(kcsan_each);

#define NR_WATCHES 16
/*
 * Of so many plain accesses, on average, one is watched. If it were one of 200, the CPUs would do
 * little else than wait, so that watches would meet little.
 */
#define EACH 1000u
#define WAIT_US 60u		/* at most, and at least half of it */

enum watch_state { FREE, SET, CLAIMED, MET, NR_STATES };

static struct watch {
	u32 state;			/* of enum watch_state, plus NR_STATES for each round */
	unsigned long addr;
	size_t size;
	bool write;
	struct kcsan_access other;	/* who met it */
} watches[NR_WATCHES];
static u32 in_use;			/* bit n: watch n is taken, whatever its state */

struct sampling {
	u32 random;
	u32 left;			/* plain accesses until the next that is watched */
};
static DEFINE_PER_CPU(struct sampling, sampling);

bool kcsan_enabled;
static u32 cycles_per_us, each = EACH;

/* An interrupt between the two accesses makes another number of it, which is as good. */
static u32 next_random(struct sampling *s)
{
	u32 x = s->random;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return s->random = x;
}

static noinline void describe(struct kcsan_access *access, unsigned long addr, size_t size,
			      bool write, bool marked, unsigned long ip)
{
	struct unwind_state state;
	unsigned int nr = 1;
	bool found = false;

	*access = (struct kcsan_access){
		.addr = addr, .size = size, .write = write, .marked = marked,
		.interrupt = in_interrupt(), .cpu = smp_processor_id(), .pid = current->pid,
	};
	access->pcs[0] = ip;
	/* The frames of this file come before that of the code that made the access. */
	current->kcsan_disabled++;
	arch_unwind_start(&state, current, NULL);
	while (nr < KCSAN_DEPTH && arch_unwind_step(&state)) {
		if (found)
			access->pcs[nr++] = state.pc;
		found |= state.pc == ip;
	}
	current->kcsan_disabled--;
	access->nr_pcs = nr;
}

static bool overlap(unsigned long a, size_t a_size, unsigned long b, size_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* Is the memory watched that is about to be accessed? Then the watcher is told. */
static bool meet(unsigned long addr, size_t size, bool write, bool marked, unsigned long ip)
{
	u32 mask = __atomic_load_n(&in_use, __ATOMIC_RELAXED);

	for (; mask; mask &= mask - 1) {
		struct watch *w = &watches[__builtin_ctz(mask)];
		u32 state = __atomic_load_n(&w->state, __ATOMIC_ACQUIRE);
		unsigned long flags;
		bool mine;

		if (state % NR_STATES != SET || (!write && !w->write) ||
		    !overlap(addr, size, w->addr, w->size))
			continue;
		/* The watcher waits until the claim is kept, so nobody may delay it. */
		flags = arch_irq_save();
		/* Release keeps the reads above before it: the round is still that of these. */
		mine = __atomic_compare_exchange_n(&w->state, &state, state - SET + CLAIMED, false,
						   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
		if (mine) {
			describe(&w->other, addr, size, write, marked, ip);
			__atomic_store_n(&w->state, state - SET + MET, __ATOMIC_RELEASE);
		}
		arch_irq_restore(flags);
		if (mine)
			return true;
	}
	return false;
}

static struct watch *take_watch(void)
{
	u32 mask = __atomic_load_n(&in_use, __ATOMIC_RELAXED);

	for (;;) {
		unsigned int n = (unsigned int)__builtin_ctz(~mask);

		if (n >= NR_WATCHES)
			return NULL;
		if (__atomic_compare_exchange_n(&in_use, &mask, mask | 1u << n, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return &watches[n];
	}
}

static void give_back(struct watch *w)
{
	__atomic_fetch_and(&in_use, ~(1u << (w - watches)), __ATOMIC_RELEASE);
}

/* The first bytes of the memory, as a number. Values are compared, so it need not be one access. */
static u64 value_of(unsigned long addr, size_t size)
{
	u64 value = 0;

	memcpy(&value, (const void *)addr, min(size, sizeof(value)));
	barrier();
	return value;
}

/* Interrupts come as they may: their accesses are what is waited for as well. */
static void wait_a_while(struct sampling *s)
{
	u64 start = arch_clock_cycles();
	u32 cycles = (WAIT_US / 2 + next_random(s) % (WAIT_US / 2)) * cycles_per_us;

	while (arch_clock_cycles() - start < cycles)
		arch_cpu_relax();
}

/* Ends the watch. Returns whether somebody met it, who then is in @other. */
static bool end_watch(struct watch *w, u32 state, struct kcsan_access *other)
{
	u32 next = state - SET + NR_STATES, expected = state;
	bool was_met = !__atomic_compare_exchange_n(&w->state, &expected, next, false,
						    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);

	if (was_met) {
		while (__atomic_load_n(&w->state, __ATOMIC_ACQUIRE) % NR_STATES != MET)
			arch_cpu_relax();
		*other = w->other;
		__atomic_store_n(&w->state, next, __ATOMIC_RELEASE);
	}
	give_back(w);
	return was_met;
}

static noinline void watch(unsigned long addr, size_t size, bool write, unsigned long ip)
{
	struct sampling *s = this_cpu_ptr(sampling);
	struct watch *w = take_watch();
	struct kcsan_report report;
	unsigned long flags;
	u32 state;

	if (!w)
		return;
	w->addr = addr;
	w->size = size;
	w->write = write;
	report.before = value_of(addr, size);
	/* From the release on, others may find the watch, so all that they read of it is stored. */
	state = w->state + SET;
	__atomic_store_n(&w->state, state, __ATOMIC_RELEASE);
	wait_a_while(s);
	report.after = value_of(addr, size);
	report.changed = report.before != report.after;
	report.other.size = 0;
	if (!end_watch(w, state, &report.other) && !report.changed)
		return;
	/* What the report reads and writes must not be watched, or it would report itself. */
	flags = arch_irq_save();
	describe(&report.watcher, addr, size, write, false, ip);
	current->kcsan_disabled++;
	kcsan_tell(&report);
	current->kcsan_disabled--;
	arch_irq_restore(flags);
}

/*
 * The words of the current thread that every interrupt changes and leaves as it found them, one or
 * several times. An addition that it comes into the middle of is right, and no other thread writes
 * them.
 */
static bool is_restored(unsigned long addr)
{
	const struct task_struct *task = current;

	return addr == (unsigned long)&task->preempt_count ||
	       addr == (unsigned long)&task->trace_recursion;
}

/* Something is watched; or it is the @turn of this access, by the counter in @s. */
static noinline void look(struct sampling *s, bool turn, unsigned long addr, size_t size,
			  bool write, bool marked, unsigned long ip)
{
	if (turn)
		s->left = each / 2 + next_random(s) % each;
	if (current->kcsan_disabled || is_restored(addr) ||
	    meet(addr, size, write, marked, ip))
		return;
	/* An NMI stops all else on this CPU, and should be over soon. */
	if (turn && !in_nmi())
		watch(addr, size, write, ip);
}

void kcsan_access(unsigned long addr, size_t size, bool write, bool marked, unsigned long ip)
{
	struct sampling *s;
	bool turn;

	if (!kcsan_enabled || !size)
		return;
	/* The thread may go to another CPU here: then one access more or less is counted. */
	s = this_cpu_ptr(sampling);
	turn = !marked && !s->left--;
	if (unlikely(turn || READ_ONCE(in_use)))
		look(s, turn, addr, size, write, marked, ip);
}

__init void kcsan_init(void)
{
	long seed = 1, wanted = EACH;

	boot_param_number(boot_param_kcsan_seed, 0, 0x7fffffff, &seed);
	boot_param_number(boot_param_kcsan_each, 1, 1000000, &wanted);
	each = (u32)wanted;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		per_cpu(sampling, cpu).random = ((u32)seed * NR_CPUS + cpu) * 0x9e3779b1u | 1;
	cycles_per_us = (u32)(arch_clock_hz() / 1000000);
	kcsan_enabled = true;
}
