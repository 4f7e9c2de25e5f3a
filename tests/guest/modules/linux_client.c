// SPDX-License-Identifier: MIT
/*
 * A client as people write it for Linux, with nothing of this kernel in it: callbacks on the
 * functions that clients hook most, and a direct call with a trampoline for each architecture.
 * tests/drive/console builds it outside the tree, without a warning, and checks what it prints.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/ftrace.h>
#include <linux/hardirq.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/mm.h>		/* for handle_mm_fault() */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/ptrace.h>
#include <linux/sched.h>	/* for schedule(), wake_up_process() */
#include <linux/sched/task.h>	/* for struct kernel_clone_args */
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/trace_recursion.h>
#include <asm/barrier.h>
#include <asm/asm-offsets.h>

static unsigned int rounds = 3;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "How many threads to make");
static bool verbose;
module_param(verbose, bool, 0644);

/* --- Callbacks --- */

struct counter {
	struct ftrace_ops ops;
	const char *name;
	atomic_t calls;
	u64 last;
};

static void count(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		  struct ftrace_regs *fregs)
{
	struct counter *counter = container_of(op, struct counter, ops);
	struct pt_regs regs;
	int bit;

	bit = ftrace_test_recursion_trylock(ip, parent_ip);
	if (bit < 0)
		return;
	atomic_inc(&counter->calls);
	counter->last = ktime_to_ns(ktime_get());
	if (verbose)
		trace_printk("%ps <- %pS on %d: arg %lx of %px, irqs %d, sp %lx\n", (void *)ip,
			     (void *)parent_ip, raw_smp_processor_id(),
			     ftrace_regs_get_argument(fregs, 0), fregs, irqs_disabled(),
			     kernel_stack_pointer(ftrace_partial_regs(fregs, &regs)));
	ftrace_test_recursion_unlock(bit);
}

static struct counter *counters;
static const char * const names[] = { "schedule", "wake_up_process", "kernel_clone" };

static int start_counting(struct counter *counter, const char *name)
{
	char *glob = kstrdup(name, GFP_KERNEL);
	int ret;

	if (!glob)
		return -ENOMEM;
	counter->name = name;
	counter->ops.func = count;
	counter->ops.flags = FTRACE_OPS_FL_SAVE_ARGS;
	ret = ftrace_set_filter(&counter->ops, glob, strlen(glob), 1);
	kfree(glob);
	return ret ? ret : register_ftrace_function(&counter->ops);
}

static void stop_counting(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		WARN_ON_ONCE(unregister_ftrace_function(&counters[i].ops));
		ftrace_free_filter(&counters[i].ops);
	}
	kfree(counters);
}

/* --- A direct call --- */

static atomic_t faults = ATOMIC_INIT(0);

extern void fault_tramp(void *);
extern void fault_func(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
		       struct pt_regs *regs);

void fault_func(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
		struct pt_regs *regs)
{
	atomic_inc(&faults);
	trace_printk("handle mm fault vma=%p address=%lx flags=%x ip=%pS\n", vma, address, flags,
		     (void *)instruction_pointer(regs));
}

#ifdef CONFIG_X86_32
asm(
"	.pushsection	.text, \"ax\", @progbits\n"
"	.globl		fault_tramp\n"
"	.type		fault_tramp, @function\n"
"fault_tramp:\n"
"	pushl		%ebp\n"
"	movl		%esp, %ebp\n"
"	pushl		%eax\n"
"	pushl		%edx\n"
"	pushl		%ecx\n"
"	pushl		12(%ebp)\n"		/* the fourth argument */
"	call		fault_func\n"
"	addl		$4, %esp\n"
"	popl		%ecx\n"
"	popl		%edx\n"
"	popl		%eax\n"
"	leave\n"
"	ret\n"
"	.size		fault_tramp, . - fault_tramp\n"
"	.popsection\n"
);
#endif /* CONFIG_X86_32 */

#ifdef CONFIG_ARM64
asm(
"	.pushsection	.text, \"ax\", @progbits\n"
"	.globl		fault_tramp\n"
"	.type		fault_tramp, @function\n"
"fault_tramp:\n"
"	hint		34\n"			/* bti c */
"	stp		x9, x30, [sp, #-48]!\n"
"	stp		x0, x1, [sp, #16]\n"
"	stp		x2, x3, [sp, #32]\n"
"	bl		fault_func\n"
"	ldp		x0, x1, [sp, #16]\n"
"	ldp		x2, x3, [sp, #32]\n"
"	ldp		x30, x9, [sp], #48\n"
"	ret		x9\n"
"	.size		fault_tramp, . - fault_tramp\n"
"	.popsection\n"
);
#endif /* CONFIG_ARM64 */

static struct ftrace_ops direct;

/* --- Something to count --- */

static DECLARE_COMPLETION(done);

static int worker(void *data)
{
	unsigned long *sum = data;

	*sum += current->pid > 0 && in_task();
	smp_wmb();
	complete(&done);
	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		WARN_ON_ONCE(schedule_timeout(MAX_SCHEDULE_TIMEOUT) != MAX_SCHEDULE_TIMEOUT);
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int make_threads(unsigned long *sum)
{
	for (unsigned int i = 0; i < rounds; i++) {
		struct task_struct *task = kthread_run(worker, sum, "worker/%u", i);

		if (IS_ERR(task))
			return PTR_ERR(task);
		wait_for_completion(&done);
		kthread_stop(task);
	}
	return 0;
}

static int __init linux_client_init(void)
{
	ktime_t start = ktime_get();
	unsigned long sum = 0;
	u64 ns;
	int ret;

	/* Rounded up, however short or long it is. */
	if (WARN_ON_ONCE(msecs_to_jiffies(1) != (HZ + 999) / 1000 ||
			 msecs_to_jiffies(~0u) / HZ != ~0u / 1000))
		return -EINVAL;
	counters = kcalloc(ARRAY_SIZE(names), sizeof(*counters), GFP_KERNEL);
	if (!counters)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		ret = start_counting(&counters[i], names[i]);
		if (WARN_ON_ONCE(ret))
			return ret;
	}
	ret = ftrace_set_filter_ip(&direct, (unsigned long)handle_mm_fault, 0, 0);
	if (!ret && IS_ENABLED(CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS))
		ret = register_ftrace_direct(&direct, (unsigned long)fault_tramp);
	if (!ret)
		ret = make_threads(&sum);
	ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	pr_info("%lu threads, %lluns, by %s-%d\n", sum, ns, current->comm, task_pid_nr(current));
	return ret;
}

static void __exit linux_client_exit(void)
{
	WARN_ON_ONCE(unregister_ftrace_direct(&direct, (unsigned long)fault_tramp, true));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		pr_info("%s: %s\n", counters[i].name,
			atomic_read(&counters[i].calls) >= (int)rounds ? "called" : "not called");
	pr_info("handle_mm_fault: %s\n", atomic_read(&faults) ? "called" : "not called");
	stop_counting();
}

module_init(linux_client_init);
module_exit(linux_client_exit);

MODULE_AUTHOR("The Patchbay authors");
MODULE_DESCRIPTION("What clients of Linux's ftrace API do");
MODULE_LICENSE("Dual MIT/GPL");
