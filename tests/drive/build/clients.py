#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients include what Linux's six modules in samples/ftrace include, and no more, and use what
those use, or a hash of addresses: each must compile without a warning, and all that it calls must
be there for modules. Which header brings what beside its own is a thing that clients count on
without knowing. Prints TAP.

usage: clients.py BUILD"""
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
    'hash': (['linux/module.h', 'linux/sched.h', 'linux/ftrace.h'], HASH),
    'ops': (['linux/ftrace.h', 'linux/ktime.h', 'linux/module.h', 'asm/barrier.h'], OPS),
}


def compile_client(build, folder, name):
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
    exported = {name for name, _ in ElfFile(os.path.join(build, 'patchbay.elf')).exports()}
    wanted = {s.name for s in ElfFile(target).symbols if s.name and s.section == SHN_UNDEF}
    return ['modules may not use ' + missing for missing in sorted(wanted - exported)]


def main(build):
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='patchbay-') as folder:
        for name in CLIENTS:
            tap.case(name, compile_client(build, folder, name))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
