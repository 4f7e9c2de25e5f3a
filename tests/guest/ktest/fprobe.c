/* SPDX-License-Identifier: MIT */
/*
 * fprobes, kprobes and kretprobes: handlers are called at the right ends of the right functions,
 * with the right addresses, registers and data. Untraced, because of the handlers.
 */
#include "trace/tracers/fprobe.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/tracers/kprobes.h"

/* What a handler was told the last time, and how often it was called. */
struct seen {
	unsigned int calls;
	unsigned long entry_ip, ret_ip, value;
	void *data;
};
static struct seen entries, exits;
static struct task_struct *caller;
static int entry_answer;

static bool note(struct seen *seen, unsigned long entry_ip, unsigned long ret_ip, void *data)
{
	if (current != caller)
		return false;
	seen->calls++;
	seen->entry_ip = entry_ip;
	seen->ret_ip = ret_ip;
	seen->data = data;
	return true;
}

static int note_entry(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
		      struct ftrace_regs *fregs, void *data)
{
	if (!note(&entries, entry_ip, ret_ip, data))
		return 1;
	entries.value = FTRACE_HAVE_ARGS ? ftrace_regs_get_argument(fregs, 0) : 0;
	if (data)
		memset(data, (int)entries.calls, fp->entry_data_size);
	return entry_answer;
}

static void note_exit(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
		      struct ftrace_regs *fregs, void *data)
{
	if (note(&exits, entry_ip, ret_ip, data))
		exits.value = ftrace_regs_get_return_value(fregs);
}

static void listen(void)
{
	caller = current;
	entry_answer = 0;
	entries = (struct seen){ 0 };
	exits = (struct seen){ 0 };
}

static bool is_in(unsigned long address, unsigned long function)
{
	unsigned long offset;

	return kallsyms_lookup_size_offset(address, NULL, &offset) && address - offset == function;
}

static unsigned long nothing(unsigned long value)
{
	return value;
}

static unsigned long sum(unsigned long value)
{
	return kt_sum(value, 0);
}

KTEST(fprobe, both_ends)
{
	struct fprobe fp = {
		.entry_handler = note_entry, .exit_handler = note_exit, .entry_data_size = 9,
		.nr_maxactive = 3,
	};

	KT_ASSERT(t, !register_fprobe(&fp, "kt_[ois]*", "kt_[os]*"));
	KT_EXPECT(t, fprobe_is_registered(&fp));
	listen();
	KT_EXPECT_EQ(t, kt_outer(sum, 40), 42);
	KT_EXPECT_EQ(t, entries.calls, 1);
	KT_EXPECT_EQ(t, exits.calls, 1);
	KT_EXPECT_EQ(t, entries.entry_ip, (unsigned long)kt_inner);
	KT_EXPECT_EQ(t, exits.entry_ip, (unsigned long)kt_inner);
	KT_EXPECT(t, is_in(entries.ret_ip, (unsigned long)kt_outer));
	KT_EXPECT_EQ(t, exits.ret_ip, entries.ret_ip);
	KT_EXPECT(t, entries.data && exits.data == entries.data);
	KT_EXPECT_EQ(t, exits.value, 41);
	if (FTRACE_HAVE_ARGS)
		KT_EXPECT_EQ(t, entries.value, (unsigned long)sum);
	KT_EXPECT_EQ(t, unregister_fprobe(&fp), 0);
	KT_EXPECT(t, !fprobe_is_registered(&fp));
	listen();
	KT_EXPECT_EQ(t, kt_outer(sum, 40), 42);
	KT_EXPECT_EQ(t, entries.calls + exits.calls, 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_inner));
	KT_EXPECT_EQ(t, fp.nmissed, 0);
}

/* An entry that answers nonzero skips the exit; a probe that is disabled skips both. */
KTEST(fprobe, exit_is_skipped)
{
	struct fprobe fp = { .entry_handler = note_entry, .exit_handler = note_exit };
	const char *syms[] = { "kt_sum", "kt_difference" };

	KT_ASSERT(t, !register_fprobe_syms(&fp, syms, 2));
	listen();
	entry_answer = 1;
	KT_EXPECT_EQ(t, kt_sum(1, 2) + kt_difference(4, 3), 4);
	KT_EXPECT_EQ(t, entries.calls, 2);
	KT_EXPECT_EQ(t, exits.calls, 0);
	listen();
	disable_fprobe(&fp);
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, entries.calls + exits.calls, 0);
	enable_fprobe(&fp);
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, entries.calls, 1);
	KT_EXPECT_EQ(t, exits.calls, 1);
	KT_EXPECT(t, !exits.data);
	KT_EXPECT_EQ(t, unregister_fprobe(&fp), 0);
}

/* Only one of the two handlers. Without an exit handler no return address is hidden. */
KTEST(fprobe, one_handler)
{
	struct fprobe entry = { .entry_handler = note_entry, .entry_data_size = 8 };
	struct fprobe exit = { .exit_handler = note_exit };
	unsigned long ips[] = { (unsigned long)kt_inner };

	KT_ASSERT(t, !register_fprobe_ips(&entry, ips, 1));
	listen();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, entries.calls, 1);
	KT_EXPECT(t, !entries.data);
	KT_EXPECT(t, is_in(entries.ret_ip, (unsigned long)kt_outer));
	/* The one that comes later is asked first, and hides the address from the other. */
	KT_ASSERT(t, !register_fprobe_ips(&exit, ips, 1));
	listen();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, entries.calls, 1);
	KT_EXPECT_EQ(t, exits.calls, 1);
	KT_EXPECT(t, is_in(entries.ret_ip, (unsigned long)kt_outer));
	KT_EXPECT(t, is_in(exits.ret_ip, (unsigned long)kt_outer));
	KT_EXPECT_EQ(t, unregister_fprobe(&entry), 0);
	KT_EXPECT_EQ(t, unregister_fprobe(&exit), 0);
}

/* A tail call returns to the caller of the function that it ends. */
KTEST(fprobe, tail_call)
{
	struct fprobe fp = { .entry_handler = note_entry, .exit_handler = note_exit };

	if (!KT_HAS_TAIL_CALLS)
		KT_SKIP(t, "the compiler makes no tail calls");
	KT_ASSERT(t, !register_fprobe(&fp, "kt_tail*", NULL));
	listen();
	KT_EXPECT_EQ(t, kt_tail(kt_tail_end, 40), 41);
	KT_EXPECT_EQ(t, entries.calls, 2);
	KT_EXPECT_EQ(t, exits.calls, 2);
	KT_EXPECT_EQ(t, entries.entry_ip, (unsigned long)kt_tail_end);
	KT_EXPECT_EQ(t, exits.entry_ip, (unsigned long)kt_tail);
	KT_EXPECT(t, is_in(entries.ret_ip, (unsigned long)ktest_fprobe_tail_call));
	KT_EXPECT_EQ(t, exits.ret_ip, entries.ret_ip);
	KT_EXPECT_EQ(t, unregister_fprobe(&fp), 0);
}

/* When the words for data on the shadow stack are used up, calls are missed and counted. */
KTEST(fprobe, no_room_for_data)
{
	struct fprobe fp = {
		.exit_handler = note_exit, .entry_data_size = MAX_FPROBE_DATA_SIZE,
	};

	KT_ASSERT(t, !register_fprobe(&fp, "kt_recurse", NULL));
	listen();
	KT_EXPECT_EQ(t, kt_recurse(49), 50);
	KT_EXPECT(t, fp.nmissed > 0);
	KT_EXPECT_EQ(t, exits.calls + fp.nmissed, 50);
	KT_EXPECT_EQ(t, unregister_fprobe(&fp), 0);
}

KTEST(fprobe, refusals)
{
	struct fprobe none = { 0 }, fp = { .exit_handler = note_exit };
	const char *no_function[] = { "kt_sum", "kt_no_such_function" };
	unsigned long no_address[] = { (unsigned long)kt_sum, 4096 };

	KT_EXPECT_EQ(t, register_fprobe(&none, "kt_sum", NULL), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe(NULL, "kt_sum", NULL), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe(&fp, NULL, NULL), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe(&fp, "kt_no_such*", NULL), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe(&fp, "kt_sum", "kt_no_such*"), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe_syms(&fp, no_function, 2), -ESRCH);
	KT_EXPECT_EQ(t, register_fprobe_syms(&fp, no_function, 0), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe_syms(&fp, NULL, 1), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe_ips(&fp, no_address, 2), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe_ips(&fp, no_address, -1), -EINVAL);
	fp.entry_data_size = MAX_FPROBE_DATA_SIZE + 1;
	KT_EXPECT_EQ(t, register_fprobe(&fp, "kt_sum", NULL), -E2BIG);
	fp.entry_data_size = 0;
	KT_EXPECT_EQ(t, unregister_fprobe(&fp), -EINVAL);
	KT_EXPECT_EQ(t, register_fprobe(&fp, "kt_sum", NULL), 0);
	KT_EXPECT_EQ(t, register_fprobe(&fp, "kt_sum", NULL), -EBUSY);
	KT_EXPECT_EQ(t, unregister_fprobe(&fp), 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
}

/* --- kprobes and kretprobes --- */

static unsigned int before, after, begun, ended;
static unsigned long argument, result, returns_to;

static int note_before(struct kprobe *p, struct pt_regs *regs)
{
	if (current != caller)
		return 0;
	before++;
	return entry_answer;
}

static void note_after(struct kprobe *p, struct pt_regs *regs, unsigned long flags)
{
	if (current == caller)
		after++;
}

static int note_begin(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (current != caller)
		return 1;
	begun++;
	memset(ri->data, 7, 5);
	return entry_answer;
}

static int note_end(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (ri->task != caller)
		return 0;
	ended++;
	result = regs_return_value(regs);
	returns_to = get_kretprobe_retaddr(ri);
	if (get_kretprobe(ri)->data_size)
		argument = (unsigned long)ri->data[4];
	return 0;
}

static void listen_to_kprobes(void)
{
	listen();
	before = after = begun = ended = 0;
	argument = result = returns_to = 0;
}

KTEST(fprobe, kprobe_at_entry)
{
	struct kprobe p = {
		.symbol_name = "kt_sum", .pre_handler = note_before, .post_handler = note_after,
	};
	struct kprobe twin = { .addr = (kprobe_opcode_t *)kt_sum, .pre_handler = note_before };
	struct kprobe *both[] = { &p, &twin };

	KT_NEED_ARGS(t);
	KT_ASSERT(t, !register_kprobes(both, 2));
	KT_EXPECT_EQ(t, (unsigned long)p.addr, (unsigned long)kt_sum);
	listen_to_kprobes();
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, before, 2);
	KT_EXPECT_EQ(t, after, 1);
	entry_answer = 1;
	KT_EXPECT_EQ(t, disable_kprobe(&twin), 0);
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, before, 3);
	KT_EXPECT_EQ(t, after, 1);
	KT_EXPECT_EQ(t, enable_kprobe(&twin), 0);
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, before, 5);
	unregister_kprobes(both, 2);
	KT_EXPECT_EQ(t, disable_kprobe(&p), -EINVAL);
	KT_EXPECT_EQ(t, kt_sum(1, 2), 3);
	KT_EXPECT_EQ(t, before, 5);
	/* A client may register what it has unregistered as it is. */
	KT_EXPECT_EQ(t, register_kprobe(&p), 0);
	unregister_kprobe(&p);
	unregister_kprobe(&p);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
}

KTEST(fprobe, kretprobe)
{
	struct kretprobe rp = {
		.kp.symbol_name = "kt_inner", .handler = note_end, .data_size = 5, .maxactive = 1,
	};

	if (FTRACE_HAVE_ARGS)
		rp.entry_handler = note_begin;
	else
		rp.data_size = 0;
	KT_ASSERT(t, !register_kretprobe(&rp));
	listen_to_kprobes();
	KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
	KT_EXPECT_EQ(t, begun, FTRACE_HAVE_ARGS);
	KT_EXPECT_EQ(t, ended, 1);
	KT_EXPECT_EQ(t, result, 41);
	KT_EXPECT_EQ(t, argument, FTRACE_HAVE_ARGS ? 7 : 0);
	KT_EXPECT(t, is_in(returns_to, (unsigned long)kt_outer));
	if (FTRACE_HAVE_ARGS) {
		entry_answer = 1;
		KT_EXPECT_EQ(t, kt_outer(nothing, 40), 42);
		KT_EXPECT_EQ(t, begun, 2);
		KT_EXPECT_EQ(t, ended, 1);
	}
	unregister_kretprobe(&rp);
	KT_EXPECT_EQ(t, rp.nmissed, 0);
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_inner));
}

KTEST(fprobe, kprobe_refusals)
{
	struct kprobe p = { .pre_handler = note_before };
	struct kretprobe rp = { .kp.symbol_name = "kt_sum", .handler = note_end };
	struct kprobe *one[] = { &p };

	rp.data_size = MAX_FPROBE_DATA_SIZE;
	KT_EXPECT_EQ(t, register_kretprobe(&rp), -E2BIG);
	rp.data_size = ~0ul;
	KT_EXPECT_EQ(t, register_kretprobe(&rp), -E2BIG);
	rp.data_size = 0;
	rp.kp.symbol_name = "kt_no_such_function";
	KT_EXPECT_EQ(t, register_kretprobe(&rp), -ENOENT);
	rp.kp.symbol_name = "kt_sum";
	rp.kp.offset = 1;
	KT_EXPECT_EQ(t, register_kretprobe(&rp), -EOPNOTSUPP);
	KT_EXPECT_EQ(t, register_kprobe(NULL), -EINVAL);
	KT_EXPECT_EQ(t, register_kretprobe(NULL), -EINVAL);
	KT_EXPECT_EQ(t, register_kprobes(one, 0), -EINVAL);
	if (FTRACE_HAVE_ARGS) {
		KT_EXPECT_EQ(t, register_kprobe(&p), -EINVAL);
		p.symbol_name = "kt_sum";
		KT_EXPECT_EQ(t, register_kprobe(&p), 0);
		KT_EXPECT_EQ(t, register_kprobe(&p), -EBUSY);
		unregister_kprobe(&p);
		p.addr = (kprobe_opcode_t *)kt_sum;
		KT_EXPECT_EQ(t, register_kprobe(&p), -EINVAL);
		p.symbol_name = NULL;
		p.offset = 3;
		KT_EXPECT_EQ(t, register_kprobe(&p), -EOPNOTSUPP);
	} else {
		p.symbol_name = "kt_sum";
		KT_EXPECT_EQ(t, register_kprobe(&p), -EOPNOTSUPP);
		rp.kp.offset = 0;
		rp.entry_handler = note_begin;
		KT_EXPECT_EQ(t, register_kretprobe(&rp), -EOPNOTSUPP);
	}
	KT_EXPECT(t, probe_site_is_nop((unsigned long)kt_sum));
}
