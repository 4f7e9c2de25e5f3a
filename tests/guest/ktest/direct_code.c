/* SPDX-License-Identifier: MIT */
/*
 * Whatever is called must be code: each call that takes an address refuses one that is not code,
 * and nothing changes. Code that was generated at run time has no symbol, and is accepted
 * nevertheless.
 */
#include <asm/memory.h>
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/hash.h"
#include "trace/core/ops.h"

static struct ftrace_ops direct;
static unsigned long gone_code;		/* where executable memory was before it was freed */
static char data_byte;

#define SUM ((unsigned long)kt_sum)

/* Returns the @n-th address that is no code, one of each kind; 0 after the last. */
static unsigned long no_code(unsigned int n)
{
	const unsigned long addresses[] = {
		3, PAGE_SIZE, (unsigned long)&data_byte, (unsigned long)"constant",
		(unsigned long)&direct, (unsigned long)_sinittext, gone_code, ~0ul - 3,
		ARCH_INSN_ALIGN > 1 ? PROBE_A + 2 : 3,
	};

	return n < ARRAY_SIZE(addresses) ? addresses[n] : 0;
}

static void forget_code(struct ktest *t)
{
	void *code = execmem_alloc(PAGE_SIZE);

	KT_ASSERT(t, code);
	gone_code = (unsigned long)code;
	execmem_free(code, PAGE_SIZE);
}

static int change(int (*call)(struct ftrace_ops *ops, struct ftrace_hash *hash), unsigned long ip,
		  unsigned long addr)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	int err = hash ? ftrace_hash_add_direct(hash, ip, addr) : -ENOMEM;

	if (!err)
		err = call(&direct, hash);
	ftrace_hash_free(hash);
	return err;
}

static int modify_hash(struct ftrace_ops *ops, struct ftrace_hash *hash)
{
	return update_ftrace_direct_mod(ops, hash, true);
}

KTEST(direct, addresses_that_are_no_code)
{
	struct ftrace_ops_hash none = { NULL, NULL };
	unsigned long addr;

	KT_NEED_ARGS(t);
	forget_code(t);
	direct = (struct ftrace_ops){ .flags = 0, .local_hash = none };
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&direct, SUM, 0, 0), 0);
	KT_EXPECT_EQ(t, register_ftrace_direct(&direct, 0), -EINVAL);
	for (unsigned int n = 0; (addr = no_code(n)); n++)
		KT_EXPECT_EQ(t, register_ftrace_direct(&direct, addr), -EINVAL);
	KT_EXPECT(t, probe_site_is_nop(SUM));
	KT_ASSERT(t, !register_ftrace_direct(&direct, PROBE_A));
	KT_EXPECT_EQ(t, modify_ftrace_direct(&direct, 0), -EINVAL);
	for (unsigned int n = 0; (addr = no_code(n)); n++)
		KT_EXPECT_EQ(t, modify_ftrace_direct(&direct, addr), -EINVAL);
	probe_nr_events = 0;
	KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
	KT_EXPECT_EQ(t, probe_nr_events, 1);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct, PROBE_A, true), 0);
	KT_EXPECT(t, probe_site_is_nop(SUM));
}

KTEST(direct, hashes_with_what_is_no_code)
{
	unsigned long addr;

	KT_NEED_ARGS(t);
	forget_code(t);
	for (unsigned int n = 0; (addr = no_code(n)); n++)
		KT_EXPECT_EQ(t, change(update_ftrace_direct_add, SUM, addr), -EINVAL);
	KT_ASSERT(t, !change(update_ftrace_direct_add, SUM, PROBE_A));
	for (unsigned int n = 0; (addr = no_code(n)); n++)
		KT_EXPECT_EQ(t, change(modify_hash, SUM, addr), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_find_rec_direct(SUM), PROBE_A);
	KT_EXPECT_EQ(t, change(update_ftrace_direct_del, SUM, PROBE_A), 0);
}

/* In a hash, 0 marks a free slot; it is not an address that every hash contains. */
KTEST(direct, hashes_that_name_no_site)
{
	static const unsigned long no_sites[] = { 0x1234, (unsigned long)&data_byte, ~0ul };
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);

	KT_NEED_ARGS(t);
	KT_ASSERT(t, hash);
	KT_EXPECT(t, !ftrace_hash_contains(hash, 0));
	KT_EXPECT_EQ(t, ftrace_hash_add_direct(hash, 0, PROBE_A), -EINVAL);
	KT_EXPECT_EQ(t, ftrace_hash_count(hash), 0);
	ftrace_hash_free(hash);
	KT_ASSERT(t, !change(update_ftrace_direct_add, SUM, PROBE_A));
	for (unsigned int n = 0; n < ARRAY_SIZE(no_sites); n++) {
		KT_EXPECT_EQ(t, change(update_ftrace_direct_add, no_sites[n], PROBE_B), -EINVAL);
		KT_EXPECT_EQ(t, change(update_ftrace_direct_del, no_sites[n], PROBE_B), -EINVAL);
		KT_EXPECT_EQ(t, change(update_ftrace_direct_del, no_sites[n], 0), -EINVAL);
		KT_EXPECT_EQ(t, change(modify_hash, no_sites[n], PROBE_B), -EINVAL);
	}
	KT_EXPECT_EQ(t, ftrace_hash_count(direct.local_hash.filter_hash), 1);
	KT_EXPECT_EQ(t, change(update_ftrace_direct_del, SUM, PROBE_A), 0);
	KT_EXPECT(t, probe_site_is_nop(SUM));
}

KTEST(direct, callbacks_that_are_no_code)
{
	struct ftrace_ops ops = { .flags = 0 };
	unsigned long addr;

	forget_code(t);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&ops, SUM, 0, 0), 0);
	for (unsigned int n = 0; (addr = no_code(n)); n++) {
		ops.func = (ftrace_func_t)addr;
		KT_EXPECT_EQ(t, register_ftrace_function(&ops), -EINVAL);
	}
	ops.func = NULL;
	ops.ops_func = (ftrace_ops_func_t)(void *)&data_byte;
	if (FTRACE_HAVE_ARGS)
		KT_EXPECT_EQ(t, register_ftrace_direct(&ops, PROBE_A), -EINVAL);
	KT_EXPECT(t, probe_site_is_nop(SUM));
	ftrace_free_filter(&ops);
}

/*
 * Code as a code generator makes it: a page without a name, which may be freed once nobody calls
 * it.
 */
KTEST(direct, generated_code_is_code)
{
	void *code = execmem_alloc(PAGE_SIZE);

	KT_NEED_ARGS(t);
	KT_ASSERT(t, code);
	direct.flags = 0;
	KT_EXPECT_EQ(t, arch_text_write(code, (const void *)PROBE_A, 16), 0);
	KT_EXPECT_EQ(t, ftrace_set_filter_ip(&direct, SUM, 0, 1), 0);
	KT_EXPECT_EQ(t, ftrace_set_enabled(false), 0);		/* it is not position-independent */
	KT_EXPECT_EQ(t, register_ftrace_direct(&direct, (unsigned long)code), 0);
	KT_EXPECT_EQ(t, modify_ftrace_direct(&direct, (unsigned long)code + 8), 0);
	KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct, (unsigned long)code + 8, true), 0);
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	execmem_free(code, PAGE_SIZE);
}
