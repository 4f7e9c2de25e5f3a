#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients include what Linux's modules in samples/ftrace, samples/fprobe and samples/kprobes
include, and no more, and use what those use, or a hash of addresses: each must compile without a
warning, and all that it calls must be there for modules. Which header brings what beside its own
is a thing that clients count on without knowing. Prints TAP.

usage: clients.py BUILD IMAGE"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))

from elf import ElfFile
from tap import Tap

SHN_UNDEF = 0

# A direct call from beginning to end. START may do more once it is registered, STOP before it is
# unregistered.
DIRECT = """
extern void tramp(void *);
extern void other_tramp(void *);
__asm__(".pushsection .text\\n.globl tramp, other_tramp\\ntramp:\\nother_tramp:\\n.popsection\\n");
static struct ftrace_ops direct;
static unsigned long tramps[2] = { (unsigned long)tramp, (unsigned long)other_tramp };

static int __init direct_init(void)
{
	int ret = 0;

	TARGETS
	ret = register_ftrace_direct(&direct, tramps[0]);
	START
	return ret;
}

static void __exit direct_exit(void)
{
	STOP
	unregister_ftrace_direct(&direct, tramps[0], true);
}

module_init(direct_init);
module_exit(direct_exit);
MODULE_AUTHOR("The Patchbay authors");
"""

# A thread that makes the call go to one function and the other in turn.
THREAD = """
static int switch_in_turn(void *arg)
{
	static int t;
	int ret = 0;

	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_timeout(2 * HZ);
		t ^= 1;
		ret = modify_ftrace_direct(&direct, tramps[t]);
		WARN_ON_ONCE(ret);
	}
	return ret;
}
"""

# Many ops with callbacks of all kinds on one function, and how long a call takes.
OPS = """
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
INCLUDES
static noinline void traced(void)
{
	barrier();
}

static unsigned int calls = 1000;
module_param(calls, uint, 0);
MODULE_PARM_DESC(calls, "how many");
static bool save_regs;
module_param(save_regs, bool, 0);

struct counting_ops {
	struct ftrace_ops ops;
	unsigned int count;
};

static void count(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		  struct ftrace_regs *fregs)
{
	struct counting_ops *self = container_of(op, struct counting_ops, ops);

	self->count++;
}

static void lock(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		 struct ftrace_regs *fregs)
{
	int bit = ftrace_test_recursion_trylock(ip, parent_ip);

	if (bit < 0)
		return;
	ftrace_test_recursion_unlock(bit);
}

static struct counting_ops *make(void *tracee, ftrace_func_t func, unsigned long flags, int nr)
{
	struct counting_ops *ops = kcalloc(nr, sizeof(*ops), GFP_KERNEL);

	if (WARN_ON_ONCE(!ops))
		return NULL;
	for (unsigned int i = 0; i < nr; i++) {
		ops[i].ops.func = func;
		ops[i].ops.flags = flags;
		WARN_ON_ONCE(ftrace_set_filter_ip(&ops[i].ops, (unsigned long)tracee, 0, 0));
		WARN_ON_ONCE(register_ftrace_function(&ops[i].ops));
	}
	return ops;
}

static int __init ops_init(void)
{
	unsigned long flags = FTRACE_OPS_FL_RECURSION;
	ktime_t start, end;
	s64 period;
	struct counting_ops *ops;

	if (save_regs)
		flags |= FTRACE_OPS_FL_SAVE_REGS;
	ops = make(traced, calls & 1 ? lock : count, flags, 1);
	if (!ops)
		return -ENOMEM;
	start = ktime_get();
	for (unsigned int i = 0; i < READ_ONCE(calls); i++)
		traced();
	end = ktime_get();
	period = ktime_to_ns(ktime_sub(end, start));
	pr_info("%u calls of %ps in %lluns (%lluns each)\\n", calls, traced, period,
		div_u64(period, calls));
	if (ops->count != calls)
		pr_warn("%u of %u\\n", ops->count, calls);
	unregister_ftrace_function(&ops->ops);
	ftrace_free_filter(&ops->ops);
	kfree(ops);
	return -EINVAL;
}

static void __exit ops_exit(void)
{
}

module_init(ops_init);
module_exit(ops_exit);
MODULE_AUTHOR("The Patchbay authors");
"""

# An address for each function, on one ops.
HASH = """
INCLUDES
extern void tramp(void *);
__asm__(".pushsection .text\\n.globl tramp\\ntramp:\\n.popsection\\n");
static struct ftrace_ops direct;
static struct ftrace_hash *hash;

static int __init hash_init(void)
{
	hash = ftrace_hash_copy(NULL);
	if (!hash || ftrace_hash_add_direct(hash, (unsigned long)schedule, (unsigned long)tramp))
		return -ENOMEM;
	if (!ftrace_hash_contains(hash, (unsigned long)schedule))
		return -EINVAL;
	return update_ftrace_direct_add(&direct, hash) ? :
	       update_ftrace_direct_mod(&direct, hash, true);
}

static void __exit hash_exit(void)
{
	update_ftrace_direct_del(&direct, hash);
	ftrace_hash_free(hash);
}

module_init(hash_init);
module_exit(hash_exit);
"""

# Handlers at both ends of functions: named by a pattern, by one name, or by several.
FPROBE = """
#define pr_fmt(fmt) "%s: " fmt, __func__
INCLUDES
#define DEPTH 16
static struct fprobe probe;
static unsigned long hits;
static char names[4096] = "kernel_clone";
module_param_string(names, names, sizeof(names), 0644);
MODULE_PARM_DESC(names, "what to probe");
static bool dump = true, into_trace = false;
module_param(dump, bool, 0644);
module_param(into_trace, bool, 0644);

static int enter(struct fprobe *fp, unsigned long ip, unsigned long ret_ip,
		 struct ftrace_regs *fregs, void *data)
{
	unsigned long stacks[DEPTH];
	unsigned int len;

	if (into_trace)
		trace_printk("Enter <%pS> ip = 0x%p\\n", (void *)ip, (void *)ip);
	else
		pr_info("Enter <%pS> ip = 0x%p\\n", (void *)ip, (void *)ip);
	hits++;
	if (dump) {
		len = stack_trace_save(stacks, DEPTH, 2);
		stack_trace_print(stacks, len, 24);
	}
	return 0;
}

static void leave(struct fprobe *fp, unsigned long ip, unsigned long ret_ip,
		  struct ftrace_regs *regs, void *data)
{
	pr_info("Return from <%pS> to <%pS>\\n", (void *)ip, (void *)ret_ip);
}

static int __init fprobe_init(void)
{
	char *p, *copy = names;
	const char **syms;
	int ret, count = 1;

	probe.entry_handler = enter;
	probe.exit_handler = leave;
	if (strchr(names, '*'))
		return register_fprobe(&probe, names, NULL);
	if (!strchr(names, ','))
		return register_fprobe_syms(&probe, (const char **)&copy, 1);
	copy = kstrdup(names, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	for (p = copy; (p = strchr(p, ',')) != NULL; p++)
		count++;
	syms = kcalloc(count, sizeof(char *), GFP_KERNEL);
	if (!syms) {
		kfree(copy);
		return -ENOMEM;
	}
	p = copy;
	for (int i = 0; i < count; i++)
		syms[i] = strsep(&p, ",");
	ret = register_fprobe_syms(&probe, syms, count);
	kfree(syms);
	kfree(copy);
	if (ret < 0)
		pr_err("returned %d\\n", ret);
	return ret;
}

static void __exit fprobe_exit(void)
{
	unregister_fprobe(&probe);
	pr_info("%ld hits, %ld missed\\n", hits, probe.nmissed);
}

module_init(fprobe_init);
module_exit(fprobe_exit);
"""

KPROBE = """
#define pr_fmt(fmt) "%s: " fmt, __func__
INCLUDES
static char symbol[KSYM_NAME_LEN] = "kernel_clone";
module_param_string(symbol, symbol, KSYM_NAME_LEN, 0644);
static struct kprobe kp = {
	.symbol_name = symbol,
};

static int __kprobes before(struct kprobe *p, struct pt_regs *regs)
{
#ifdef CONFIG_X86
	pr_info("<%s> p->addr = 0x%p, ip = %lx, flags = 0x%lx\\n", p->symbol_name, p->addr,
		regs->ip, regs->flags);
#endif
#ifdef CONFIG_ARM64
	pr_info("<%s> p->addr = 0x%p, pc = 0x%lx, pstate = 0x%lx\\n", p->symbol_name, p->addr,
		(long)regs->pc, (long)regs->pstate);
#endif
	return 0;
}

static void __kprobes after(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
	pr_info("<%s> flags = 0x%lx\\n", p->symbol_name, flags);
}

static int __init kprobe_init(void)
{
	int ret;

	kp.pre_handler = before;
	kp.post_handler = after;
	ret = register_kprobe(&kp);
	if (ret < 0) {
		pr_err("returned %d\\n", ret);
		return ret;
	}
	pr_info("Planted at %p\\n", kp.addr);
	return 0;
}

static void __exit kprobe_exit(void)
{
	unregister_kprobe(&kp);
	pr_info("%p is gone\\n", kp.addr);
}

module_init(kprobe_init)
module_exit(kprobe_exit)
"""

KRETPROBE = """
INCLUDES
static char function[KSYM_NAME_LEN] = "kernel_clone";
module_param_string(func, function, KSYM_NAME_LEN, 0644);
struct stamps {
	ktime_t entry;
};

static int begin(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct stamps *data;

	if (!current->mm)
		return 1;
	data = (struct stamps *)ri->data;
	data->entry = ktime_get();
	return 0;
}
NOKPROBE_SYMBOL(begin);

static int end(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	unsigned long retval = regs_return_value(regs);
	struct stamps *data = (struct stamps *)ri->data;
	s64 delta = ktime_to_ns(ktime_sub(ktime_get(), data->entry));

	pr_info("%s returned %lu after %lld ns\\n", function, retval, (long long)delta);
	return 0;
}
NOKPROBE_SYMBOL(end);

static struct kretprobe rp = {
	.handler = end,
	.entry_handler = begin,
	.data_size = sizeof(struct stamps),
	.maxactive = 20,
};

static int __init kretprobe_init(void)
{
	int ret;

	rp.kp.symbol_name = function;
	ret = register_kretprobe(&rp);
	if (ret < 0)
		return ret;
	pr_info("Planted at %s: %p\\n", rp.kp.symbol_name, rp.kp.addr);
	return 0;
}

static void __exit kretprobe_exit(void)
{
	unregister_kretprobe(&rp);
	pr_info("%p: missed %d of %s\\n", rp.kp.addr, rp.nmissed, rp.kp.symbol_name);
}

module_init(kretprobe_init)
module_exit(kretprobe_exit)
"""

WOKEN = """
extern void show(struct task_struct *p);
void show(struct task_struct *p)
{
	trace_printk("waking up %s-%d\\n", p->comm, p->pid);
}
"""
FAULT = """
extern void show(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
		 struct pt_regs *regs);
void show(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
	  struct pt_regs *regs)
{
	trace_printk("vma=%p address=%lx flags=%x regs=%p\\n", vma, address, flags, regs);
}
"""
# A thread that writes into an instance of its own, and of which events are switched on there.
TRACE_ARRAY = """INCLUDES
static struct trace_array *tr;
static struct task_struct *task;

static int write_text(void *arg)
{
	unsigned long count = 0;

	while (!kthread_should_stop()) {
		trace_array_printk(tr, _THIS_IP_, "count is %lu\\n", count++);
		if (count % 20 == 0)
			trace_array_set_clr_event(tr, "sched", "sched_switch", count % 40);
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_timeout(HZ / 10);
	}
	return 0;
}

static int __init array_init(void)
{
	tr = trace_array_get_by_name("client", NULL);
	if (!tr)
		return -1;
	if (trace_array_init_printk(tr))
		pr_warn("no text\\n");
	task = kthread_run(write_text, NULL, "client");
	if (!IS_ERR(task))
		return 0;
	trace_array_put(tr);
	trace_array_destroy(tr);
	return PTR_ERR(task);
}

static void __exit array_exit(void)
{
	kthread_stop(task);
	trace_array_put(tr);
	trace_array_destroy(tr);
}

module_init(array_init);
module_exit(array_exit);
"""
PLACE = """
extern void show(unsigned long ip);
void show(unsigned long ip)
{
	trace_printk("ip %lx\\n", ip);
}
"""
RUN = """
	static struct task_struct *task;
	if (!ret)
		task = kthread_run(switch_in_turn, NULL, "event-sample-fn");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_stop(task);
"""


def targets(*names):
    return '\n'.join('ret |= ftrace_set_filter_ip(&direct, (unsigned long)%s, 0, 0);' % name
                     for name in names)


def direct(show, *names, thread=False):
    text = DIRECT.replace('TARGETS', targets(*names)).replace('STOP', '')
    text = text.replace('START', RUN if thread else '')
    before, init, rest = text.partition('static int __init')
    return 'INCLUDES' + show + before + (THREAD if thread else '') + init + rest


# The clients: a name, what it includes, in that order, and its text.
CLIENTS = {
    'direct': (['linux/module.h', 'linux/sched.h', 'linux/ftrace.h', 'asm/asm-offsets.h'],
               direct(WOKEN, 'wake_up_process')),
    'direct-too': (['linux/module.h', 'linux/mm.h', 'linux/ftrace.h', 'asm/asm-offsets.h'],
                   direct(FAULT, 'handle_mm_fault')),
    'direct-modify': (['linux/module.h', 'linux/kthread.h', 'linux/ftrace.h', 'asm/asm-offsets.h'],
                      direct('', 'schedule', thread=True)),
    'direct-multi': (['linux/module.h', 'linux/mm.h', 'linux/ftrace.h', 'linux/sched/stat.h',
                      'asm/asm-offsets.h'], direct(PLACE, 'wake_up_process', 'schedule')),
    'direct-multi-modify': (['linux/module.h', 'linux/kthread.h', 'linux/ftrace.h',
                             'asm/asm-offsets.h'],
                            direct(PLACE, 'wake_up_process', 'schedule', thread=True)),
    'fprobe': (['linux/kernel.h', 'linux/module.h', 'linux/fprobe.h', 'linux/sched/debug.h',
                'linux/slab.h'], FPROBE),
    'kprobe': (['linux/kernel.h', 'linux/module.h', 'linux/kprobes.h'], KPROBE),
    'kretprobe': (['linux/kernel.h', 'linux/module.h', 'linux/kprobes.h', 'linux/ktime.h',
                   'linux/sched.h'], KRETPROBE),
    'hash': (['linux/module.h', 'linux/sched.h', 'linux/ftrace.h'], HASH),
    'trace-array': (['linux/module.h', 'linux/kthread.h', 'linux/trace.h', 'linux/err.h',
                     'linux/jiffies.h'], TRACE_ARRAY),
    'ops': (['linux/ftrace.h', 'linux/ktime.h', 'linux/module.h', 'asm/barrier.h'], OPS),
}


def compile_client(build, image, folder, name):
    """What is wrong with a client: the compiler's words, or what it calls that modules may not."""
    headers, text = CLIENTS[name]
    source, target = os.path.join(folder, name + '.c'), os.path.join(folder, name + '.o')
    with open(source, 'w') as file:
        includes = ''.join('#include <%s>\n' % header for header in headers)
        file.write(text.replace('INCLUDES', includes) + 'MODULE_DESCRIPTION("a client");\n'
                   'MODULE_LICENSE("GPL");\n')
    with open(os.path.join(build, 'module-args')) as file:
        args = [word for word in file.read().split('\n') if word]
    done = subprocess.run(args + ['-Werror', '-DKBUILD_MODNAME="%s"' % name, '-c', '-o', target,
                                  source], cwd=build, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        return [done.stderr]
    exported = set(ElfFile(image).exports())
    wanted = {s.name for s in ElfFile(target).symbols if s.name and s.section == SHN_UNDEF}
    return ['modules may not use ' + missing for missing in sorted(wanted - exported)]


def main(build, image):
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='patchbay-') as folder:
        for name in CLIENTS:
            tap.case(name, compile_client(build, image, folder, name))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
