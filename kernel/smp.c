/* SPDX-License-Identifier: MIT */
/*
 * Multiprocessor support, the part that all machines share. Function calls to other CPUs go through
 * one slot, one call at a time: they are rare (patching, unmapping), and a single slot needs no
 * allocation. A CPU that waits for the slot or for an answer has interrupts on, so that it answers
 * calls meanwhile.
 */
#include "kernel/smp.h"
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/events/ipi.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/printk.h"
#include "kernel/sched/sched_internal.h"
#include "kernel/time.h"

BOOT_PARAM(nr_cpus);

#define START_TIMEOUT_NS (2 * NSEC_PER_SEC)
#define STOP_TRIES 1000000		/* a second or less; time may be what is broken */

unsigned int nr_cpus_online = 1;

/*
 * How far the start of each CPU has come. From START_WAITING either the new CPU sets START_UP or
 * the boot CPU, when it gives up, START_ABANDONED; a compare-and-exchange decides who comes first.
 */
enum start_state { START_NONE, START_WAITING, START_UP, START_ABANDONED };
static enum start_state start_state[NR_CPUS];

static bool call_busy;			/* the slot is taken */
static struct {
	void (*fn)(void *arg);
	void *arg;
} call;
static bool has_stopped[NR_CPUS];	/* by smp_stop_this(), for good */
static bool call_pending[NR_CPUS];	/* set by the caller, cleared by the CPU that has done it */

static bool start_becomes(unsigned int cpu, enum start_state state)
{
	enum start_state expected = START_WAITING;

	return __atomic_compare_exchange_n(&start_state[cpu], &expected, state, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Wait until @cpu reports that it is up. False if it took too long; it will then halt itself. */
static bool wait_until_up(unsigned int cpu)
{
	u64 deadline = ktime_get_ns() + START_TIMEOUT_NS;

	while (ktime_get_ns() < deadline) {
		if (smp_load_acquire(&start_state[cpu]) == START_UP)
			return true;
		arch_cpu_relax();
	}
	return !start_becomes(cpu, START_ABANDONED);
}

/*
 * Start one CPU as number @cpu. Returns 0 or -errno. *@lost is set if the CPU may still start
 * later: no other CPU can then be given its number and its idle thread's stack.
 */
static int start_cpu(unsigned int index, unsigned int cpu, bool *lost)
{
	struct task_struct *idle = run_queues[cpu].idle;
	int err;

	if (!idle)
		idle = idle_thread_create(cpu);
	if (!idle)
		return -ENOMEM;
	/* Set before the CPU can run, because the CPU checks it at once. */
	smp_store_release(&start_state[cpu], START_WAITING);
	err = arch_smp_start_cpu(index, cpu, idle);
	if (err)
		return err;
	if (!wait_until_up(cpu)) {
		*lost = true;
		return -ETIMEDOUT;
	}
	/*
	 * The thread is listed before the CPU is counted, because inspect_threads() expects the
	 * running thread of every counted CPU in the list.
	 */
	thread_list_add(idle);
	smp_store_release(&nr_cpus_online, cpu + 1);
	return 0;
}

static unsigned int cpu_limit(void)
{
	long wanted = NR_CPUS;

	boot_param_number(boot_param_nr_cpus, 1, 0x7fffffff, &wanted);
	if (wanted > NR_CPUS)
		pr_warn("smp: nr_cpus=%ld: this kernel has room for %u\n", wanted, NR_CPUS);
	return (unsigned int)min(wanted, (long)NR_CPUS);
}

void smp_init(void)
{
	unsigned int limit = cpu_limit(), found = arch_smp_count(), index;
	bool lost = false;

	if (found > limit)
		pr_info("smp: %u of %u CPUs will be used\n", limit, found);
	for (index = 1; index < found && nr_cpus_online < limit && !lost; index++) {
		int err = start_cpu(index, nr_cpus_online, &lost);

		if (err)
			pr_err("smp: CPU %u of %u does not come up, left out: %s\n", index,
			       found, errno_string(err));
	}
	pr_info("smp: %u CPU%s\n", nr_cpus_online, nr_cpus_online > 1 ? "s" : "");
}

void smp_secondary_main(unsigned int cpu)
{
	if (!start_becomes(cpu, START_UP))
		arch_halt();
	/*
	 * Once it is counted, it takes part in every call, so that patching synchronises it too.
	 * Code that was patched before is made visible by arch_sync_core().
	 */
	while (smp_load_acquire(&nr_cpus_online) <= cpu)
		arch_cpu_relax();
	arch_sync_core();
	arch_irq_enable();
	cpu_idle();
}

/* Make the CPUs in [first, end), except this one, do `call`, and wait until all have done it. */
static void call_range(unsigned int first, unsigned int end)
{
	unsigned int cpu, self = smp_processor_id();

	for (cpu = first; cpu < end; cpu++) {
		if (cpu == self)
			continue;
		trace_ipi_send_cpu(cpu, _RET_IP_, call.fn);
		/* The flag is set first, because the other CPU may take the interrupt at once. */
		__atomic_store_n(&call_pending[cpu], true, __ATOMIC_SEQ_CST);
		arch_send_ipi(cpu, IPI_CALL);
	}
	for (cpu = first; cpu < end; cpu++) {
		/* Waiting starts only when all have been told, so that they work in parallel. */
		while (cpu != self && __atomic_load_n(&call_pending[cpu], __ATOMIC_ACQUIRE))
			arch_cpu_relax();
	}
}

/* Call @fn on the CPUs in [first, end) except this one. Preemption is off, interrupts are on. */
static void call_on(unsigned int first, unsigned int end, void (*fn)(void *arg), void *arg)
{
	assert_preempt_off();
	if (unlikely(arch_irqs_disabled()))
		panic("a call to other CPUs with interrupts off could wait for ever");
	lockdep_calls_cpus();
	/*
	 * Not a spinlock: the patcher calls this while sites are half patched, and unlocking would
	 * be a preemption point, which enters the scheduler, whose functions have sites.
	 */
	while (__atomic_exchange_n(&call_busy, true, __ATOMIC_ACQUIRE))
		arch_cpu_relax();
	call.fn = fn;
	call.arg = arg;
	call_range(first, end);
	__atomic_store_n(&call_busy, false, __ATOMIC_RELEASE);
}

static void call_here(void (*fn)(void *arg), void *arg)
{
	unsigned long flags = arch_irq_save();

	fn(arg);
	arch_irq_restore(flags);
}

void smp_call_function_single(unsigned int cpu, void (*fn)(void *arg), void *arg)
{
	assert_irqs_on();
	preempt_disable_notrace();
	if (cpu == smp_processor_id())
		call_here(fn, arg);
	else if (cpu < nr_cpus_online)
		call_on(cpu, cpu + 1, fn, arg);
	preempt_enable_notrace();
}

void smp_call_function(void (*fn)(void *arg), void *arg)
{
	unsigned int nr = smp_load_acquire(&nr_cpus_online);

	assert_irqs_on();
	preempt_disable_notrace();
	if (nr > 1)
		call_on(0, nr, fn, arg);
	preempt_enable_notrace();
}

void on_each_cpu(void (*fn)(void *arg), void *arg)
{
	preempt_disable_notrace();
	smp_call_function(fn, arg);
	/* Preemption has stayed off, so this is still the CPU that the call left out. */
	call_here(fn, arg);
	preempt_enable_notrace();
}

static void sync_core(void *unused)
{
	arch_sync_core();
}

void smp_sync_cores(void)
{
	on_each_cpu(sync_core, NULL);
}

static void do_nothing(void *unused)
{
}

/* A CPU takes the call's interrupt only once its interrupts are on and no NMI handler runs. */
void smp_wait_irqs_off(void)
{
	on_each_cpu(do_nothing, NULL);
}

void smp_send_reschedule(unsigned int cpu)
{
	trace_ipi_send_cpu(cpu, _RET_IP_, NULL);
	arch_send_ipi(cpu, IPI_RESCHEDULE);
}

void smp_stop_this(void)
{
	arch_irq_disable();
	__atomic_store_n(&has_stopped[smp_processor_id()], true, __ATOMIC_RELEASE);
	arch_halt();
}

void smp_stop_others(void)
{
	unsigned int cpu, self = smp_processor_id(), tries = 0;

	/* A kernel for one CPU has no second entry in its arrays, and compilers see that. */
	if (NR_CPUS == 1)
		return;
	for_each_online_cpu(cpu) {
		if (cpu != self)
			arch_send_ipi(cpu, IPI_STOP);
	}
	/* One that has interrupts off for ever, where there is no NMI, does not hear it. */
	for_each_online_cpu(cpu) {
		while (cpu != self && !__atomic_load_n(&has_stopped[cpu], __ATOMIC_ACQUIRE) &&
		       tries++ < STOP_TRIES)
			arch_cpu_relax();
	}
}

static void answer_call(void)
{
	bool *pending = &call_pending[smp_processor_id()];

	if (!__atomic_load_n(pending, __ATOMIC_ACQUIRE))
		return;
	call.fn(call.arg);
	__atomic_store_n(pending, false, __ATOMIC_RELEASE);
}

/* IPI_RESCHEDULE needs nothing here: every interrupt checks need_resched as it ends. */
void smp_handle_ipi(enum ipi_kind kind)
{
	static const char *const reasons[] = {
		[IPI_RESCHEDULE] = "Rescheduling interrupts",
		[IPI_CALL] = "Function call interrupts",
	};

	assert_irqs_off();
	if (kind == IPI_STOP)
		smp_stop_this();
	trace_ipi_entry(reasons[kind]);
	if (kind == IPI_CALL)
		answer_call();
	trace_ipi_exit(reasons[kind]);
}
