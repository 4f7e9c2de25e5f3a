/* SPDX-License-Identifier: MIT */
/*
 * Modules from files: they are loaded, traced from their first instruction, removed while they are
 * traced, and refused with a reason, and nothing is left of them. tools/ktap.py compiles
 * tests/guest/modules/ktest_module.c and puts it into the initrd.
 */
#include "kernel/arch.h"
#include "kernel/fs/vfs.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/elf.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/core/ops.h"
#include "trace/core/site_info.h"

#define T "/sys/kernel/tracing/"

static char why[160];

static int insert(char *param)
{
	char *params[] = { param };

	return module_insert(KTEST_MODULE, param ? 1 : 0, params, why, sizeof(why));
}

/* Slabs may keep freed memory, but all pages and mappings must have been given back. */
static unsigned long used_pages(void)
{
	struct mm_stats stats;

	kt_mm_stats(&stats);
	return stats.total_pages - stats.free_pages - stats.slab_pages;
}

/*
 * For KASAN the compiler adds a constructor and a destructor to each file with variables. They are
 * sites only if the compiler also makes sites of functions of its own: the kernel's files tell.
 */
static unsigned int module_sites(void)
{
	static char name[KSYM_NAME_LEN];
	struct ftrace_site_info info;

	for (unsigned int n = 0; KASAN && ftrace_site_info(n, &info); n++) {
		if (!lookup_symbol_name(info.ip, name) && strstr(name, "_sub_I_") == name)
			return 8;
	}
	return 6;
}

KTEST(module_files, load_and_remove)
{
	unsigned int sites = ftrace_nr_sites();
	char symbol[KSYM_SYMBOL_LEN];
	unsigned long work;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !insert(NULL));
	KT_EXPECT_EQ(t, insert(NULL), -EEXIST);
	KT_EXPECT_EQ(t, insmod("ktest-module"), -EEXIST);
	KT_EXPECT(t, file_has("/proc/modules", "ktest_module "));
	KT_EXPECT(t, file_has("/proc/kallsyms", " ktest_module_work\t[ktest_module]"));
	KT_EXPECT(t, file_has(T "available_filter_functions",
			      "ktest_module_static [ktest_module]"));
	KT_EXPECT_EQ(t, ftrace_nr_sites(), sites + module_sites());
	work = kallsyms_lookup_name("ktest_module_work");
	KT_ASSERT(t, work != 0);
	sprint_symbol_no_offset(symbol, work + 1);
	KT_EXPECT_STREQ(t, symbol, "ktest_module_work [ktest_module]");
	KT_EXPECT(t, ftrace_location(work) != 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), -ENOENT);
	KT_EXPECT_EQ(t, ftrace_location(work), 0);
	KT_EXPECT_EQ(t, ftrace_nr_sites(), sites);
	KT_EXPECT_EQ(t, kallsyms_lookup_name("ktest_module_work"), 0);
	KT_EXPECT(t, !kernel_text_address(work));
}

KTEST(module_files, parameters)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_ASSERT(t, !insert("value=20"));
	KT_EXPECT(t, file_has(T "trace", "none: 41"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_ASSERT(t, !insert("word=given"));
	KT_EXPECT(t, file_has(T "trace", "given: 7"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, insert("value=twenty"), -EINVAL);
	KT_EXPECT_STREQ(t, why, "parameter value: twenty is no int");
	KT_EXPECT_EQ(t, insert("leave=maybe"), -EINVAL);
	KT_EXPECT_STREQ(t, why, "parameter leave: maybe is no bool");
	KT_EXPECT_EQ(t, insert("value"), -EINVAL);
	KT_EXPECT_STREQ(t, why, "no parameter value");
	KT_EXPECT_EQ(t, insert("nonesuch=1"), -EINVAL);
	KT_EXPECT_STREQ(t, why, "no parameter nonesuch=1");
}

KTEST(module_files, failing_init_leaves_nothing)
{
	unsigned int sites = ftrace_nr_sites();

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, insert("fail=-16"), -EBUSY);
	KT_EXPECT(t, !file_has("/proc/modules", "ktest_module "));
	KT_EXPECT_EQ(t, ftrace_nr_sites(), sites);
	KT_EXPECT_EQ(t, kallsyms_lookup_name("ktest_module_work"), 0);
}

/*
 * An ops that traces everything traces the module too, from the first instruction of its init to
 * its exit.
 */
KTEST(module_files, traced_from_the_first_instruction)
{
	struct counter all = COUNTER;
	unsigned long work;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !counter_start(&all, NULL));
	KT_EXPECT_EQ(t, insert(NULL), 0);
	work = kallsyms_lookup_name("ktest_module_work");
	KT_EXPECT(t, file_has(T "enabled_functions", "ktest_module_work [ktest_module] (1)"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, !file_has(T "enabled_functions", "[ktest_module]"));
	KT_EXPECT(t, counter_stop(&all));
	KT_EXPECT(t, work != 0);
}

/*
 * A filter for a module that is not there matches nothing, then the module's functions, then
 * nothing again.
 */
KTEST(module_files, filter_waits_for_the_module)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_sum", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	for (unsigned int round = 1; round <= 3; round++) {
		KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "*work:mod:ktest_module", 0), 0);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
		KT_EXPECT_EQ(t, insert(NULL), 0);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "(1)"), 1);
		KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
		KT_EXPECT_EQ(t, file_count(T "trace", ": ktest_module_"), 0);	/* names are gone */
	}
	KT_EXPECT_EQ(t, file_count(T "trace", " <-"), 6);	/* by init and exit, three times */
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT(t, file_has(T "set_ftrace_filter", "#### all functions enabled ####"));
}

/*
 * A tracer's filter loses a module's functions even while the tracer does not run, because another
 * function may come to the same address.
 */
KTEST(module_files, filter_of_no_tracer_forgets_the_module)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !insert(NULL));
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "ktest_module_work", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_notrace", "ktest_module_static", 0), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_ASSERT(t, !insert(NULL));
	KT_EXPECT(t, !file_has(T "set_ftrace_filter", "ktest_module_work"));
	KT_EXPECT(t, !file_has(T "set_ftrace_notrace", "ktest_module_static"));
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "function", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_notrace", "", 0), 0);
}

/* A filter that had only the module's functions must not become one that matches everything. */
KTEST(module_files, filter_outlives_the_module)
{
	struct counter c = COUNTER;

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !insert(NULL));
	KT_EXPECT_EQ(t, ftrace_set_filter(&c.ops, ":mod:ktest_module", 17, 0), 0);
	KT_ASSERT(t, !counter_start(&c, NULL));
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "(1)"), module_sites());
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, c.hits, 3);		/* exit and the functions that it calls */
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, insert(NULL), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT(t, counter_stop(&c));
}

static unsigned int asked[3];
static int answer;

static int share(struct ftrace_ops *op, enum ftrace_ops_cmd cmd)
{
	asked[cmd]++;
	return answer;
}

/* The module is refused if the two cannot share, and they go on waiting for it. */
static void meet_in_the_module(struct ktest *t, struct ftrace_ops *direct, struct counter *patch)
{
	memset(asked, 0, sizeof(asked));
	answer = -EAGAIN;
	KT_EXPECT_EQ(t, insert(NULL), -EAGAIN);
	KT_EXPECT(t, !direct->sharing);
	memset(asked, 0, sizeof(asked));
	answer = 0;
	KT_EXPECT_EQ(t, insert(NULL), 0);
	KT_EXPECT(t, direct->sharing);
	KT_EXPECT_EQ(t, ftrace_set_enabled(true), 0);
	KT_EXPECT(t, file_has(T "enabled_functions", "[ktest_module] (2)   I D"));
	probe_nr_events = patch->hits = 0;
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);	/* its exit calls the function */
	KT_EXPECT_EQ(t, probe_nr_events, 1);
	KT_EXPECT_EQ(t, patch->hits, 1);
	KT_EXPECT(t, !direct->sharing);
	KT_EXPECT_EQ(t, asked[FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER], 1);
}

/*
 * A direct call and IPMODIFY meet on a function that comes with its module, and are asked then.
 * Once this happens while the tracer is switched off.
 */
KTEST(module_files, direct_and_ipmodify_wait_for_it)
{
	static const char pattern[] = "*work:mod:ktest_module";
	struct ftrace_ops direct = { .ops_func = share };
	struct counter patch = COUNTER;
	const int len = sizeof(pattern) - 1;

	KT_NEED_ARGS(t);
	KT_NEED_MODULE(t, KTEST_MODULE);
	patch.ops.flags = FTRACE_OPS_FL_IPMODIFY;
	for (unsigned int round = 0; round < 2; round++) {
		memset(asked, 0, sizeof(asked));
		KT_EXPECT_EQ(t, ftrace_set_filter(&direct, pattern, len, 1), 0);
		KT_EXPECT_EQ(t, ftrace_set_filter(&patch.ops, pattern, len, 1), 0);
		KT_EXPECT_EQ(t, register_ftrace_direct(&direct, PROBE_A), 0);
		KT_EXPECT_EQ(t, register_ftrace_function(&patch.ops), 0);
		KT_EXPECT_EQ(t, asked[0] + asked[1] + asked[2], 0);
		KT_EXPECT_EQ(t, ftrace_set_enabled(!round), 0);
		meet_in_the_module(t, &direct, &patch);
		KT_EXPECT(t, counter_stop(&patch));
		KT_EXPECT_EQ(t, unregister_ftrace_direct(&direct, PROBE_A, true), 0);
	}
}

KTEST(module_files, forgotten_ops_is_taken_back)
{
	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !insert("leave"));
	KT_EXPECT(t, file_has(T "enabled_functions", "ktest_module_work [ktest_module] (1)"));
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
	KT_EXPECT_EQ(t, insert("fail=-5"), -EIO);
}

/*
 * An ops in this file that depends on the module by its callback, its ops_func, its filters, or a
 * direct function.
 */
enum { BY_FUNC, BY_FILTERS, BY_OPS_FUNC, BY_DIRECT, BY_HASH, NR_WAYS };

static unsigned long module_symbol(struct ktest *t, const char *name)
{
	unsigned long addr = kallsyms_lookup_name(name);

	KT_EXPECT(t, addr != 0);
	return addr;
}

static int lean(struct ktest *t, struct ftrace_ops *ops, unsigned int way)
{
	unsigned long callback = module_symbol(t, "ktest_module_callback");
	unsigned long sum = (unsigned long)kt_sum;
	struct ftrace_ops_hash *(*filters)(void) = (void *)module_symbol(t, "ktest_module_filters");
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);
	int err = -ENOMEM;

	*ops = (struct ftrace_ops){ .flags = 0 };
	if (way == BY_OPS_FUNC)
		ops->ops_func = (ftrace_ops_func_t)module_symbol(t, "ktest_module_agrees");
	if (way == BY_HASH) {
		if (hash && !ftrace_hash_add_direct(hash, sum, callback))
			err = update_ftrace_direct_add(ops, hash);
		ftrace_hash_free(hash);
		return err;
	}
	ftrace_hash_free(hash);
	if (way == BY_FILTERS)
		ops->func_hash = filters();
	else if (ftrace_set_filter_ip(ops, sum, 0, 1))
		return err;
	if (way == BY_OPS_FUNC || way == BY_DIRECT)
		return register_ftrace_direct(ops, way == BY_DIRECT ? callback : PROBE_A);
	ops->func = way == BY_FUNC ? (ftrace_func_t)callback : counter_callback;
	return register_ftrace_function(ops);
}

KTEST(module_files, ops_that_lean_on_it_are_taken_back)
{
	static struct counter c = COUNTER;
	static struct ftrace_ops *ops = &c.ops;

	KT_NEED_MODULE(t, KTEST_MODULE);
	for (unsigned int way = 0; way < (FTRACE_HAVE_ARGS ? NR_WAYS : BY_OPS_FUNC); way++) {
		KT_ASSERT(t, !insert(NULL));
		KT_EXPECT_EQ(t, lean(t, ops, way), 0);
		KT_EXPECT(t, ops->flags & FTRACE_OPS_FL_ENABLED);
		KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
		if (!KT_EXPECT_EQ(t, ops->flags & (FTRACE_OPS_FL_ENABLED | FTRACE_OPS_FL_DIRECT),
				  0))
			return;
		KT_EXPECT(t, !ops->direct_call && !ops->func_hash && !ops->local_hash.filter_hash);
		KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
		KT_EXPECT_EQ(t, kt_sum(40, 2), 42);
		/* What has been freed cannot be registered again. */
		if (way == BY_FUNC)
			KT_EXPECT_EQ(t, register_ftrace_function(ops), -EINVAL);
	}
}

/* A client that compiles with <linux/ftrace.h>, <linux/module.h> and <linux/sched/stat.h> alone. */
static int remove_module(void *unused)
{
	return module_remove("ktest_module");
}

/*
 * As long as a thread has not begun, its stack says nothing of the module's function that it will
 * run.
 */
KTEST(module_files, thread_that_has_not_begun_is_inside)
{
	struct task_struct *thread, *remover;
	int (*function)(void *);

	KT_NEED_MODULE(t, KTEST_MODULE);
	KT_ASSERT(t, !insert(NULL));
	function = (void *)kallsyms_lookup_name("ktest_module_thread");
	KT_ASSERT(t, function);
	thread = kthread_create(function, NULL, "kt-module");
	KT_ASSERT(t, !IS_ERR(thread));
	remover = kthread_run(remove_module, NULL, "kt-remover");
	KT_ASSERT(t, !IS_ERR(remover));
	/* Removing cannot end before the thread has, for five seconds. */
	for (int i = 0; i < 20 && !READ_ONCE(remover->exited); i++)
		msleep(5);
	KT_ASSERT(t, !READ_ONCE(remover->exited));
	wake_up_process(thread);
	KT_EXPECT_EQ(t, kthread_join(thread), 7);
	KT_EXPECT_EQ(t, kthread_join(remover), 0);
	KT_EXPECT_EQ(t, kallsyms_lookup_name("ktest_module_thread"), 0);
}

KTEST(module_files, headers_bring_what_linux_has)
{
	KT_NEED_MODULE(t, "/lib/modules/linux_includes.ko");
	KT_EXPECT_EQ(t, module_insert("/lib/modules/linux_includes.ko", 0, NULL, why, sizeof(why)),
		     0);
	KT_EXPECT_STREQ(t, why, "");
	KT_EXPECT_EQ(t, module_remove("linux_includes"), 0);
}

KTEST(module_files, nothing_leaks)
{
	unsigned long before = 0;
	unsigned int round;

	KT_NEED_MODULE(t, KTEST_MODULE);
	for (round = 0; round < 24; round++) {
		if (round == 4)
			before = used_pages();
		KT_EXPECT_EQ(t, insert(round & 1 ? "word=a" : "fail=-5"), round & 1 ? 0 : -EIO);
		if (round & 1)
			KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
	}
	KT_EXPECT_EQ(t, used_pages(), before);
}

/* Each allocation of a load fails in turn: the load returns an error, and nothing is left. */
KTEST(module_files, no_memory)
{
	unsigned int sites = ftrace_nr_sites();
	int n, err = -ENOMEM;

	KT_NEED_MODULE(t, KTEST_MODULE);
	for (n = 0; n < 300 && err; n++) {
		mm_fail_after(n);
		err = insert(NULL);
		mm_fail_after(-1);
		if (err && (ftrace_nr_sites() != sites ||
			    kallsyms_lookup_name("ktest_module_work"))) {
			KT_EXPECT(t, !"something is left");
			return;
		}
	}
	KT_EXPECT(t, n > 8);
	KT_EXPECT_EQ(t, err, 0);
	KT_EXPECT_EQ(t, module_remove("ktest_module"), 0);
}

static void refuse(struct ktest *t, const char *path, const void *data, size_t size)
{
	struct file *file = vfs_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_write(file, data, size), size);
	vfs_close(file);
	*why = '\0';
	KT_EXPECT(t, module_insert(path, 0, NULL, why, sizeof(why)) < 0);
	KT_EXPECT(t, *why != '\0');
	KT_EXPECT_EQ(t, vfs_unlink(path), 0);
}

static char data[65536];

static const struct elf_section *find_section(const char *wanted)
{
	const struct elf_header *header = (const struct elf_header *)data;
	const struct elf_section *s = (const struct elf_section *)(data + header->shoff);

	for (unsigned int i = 1; i < header->shnum; i++) {
		if (!strcmp(data + s[header->shstrndx].offset + s[i].name, wanted))
			return &s[i];
	}
	return NULL;
}

/* Makes the first relocation of .module_table for a function point @distance bytes further. */
static void move_entry(struct ktest *t, long distance)
{
	const struct elf_section *table = find_section(".module_table");
	const struct elf_section *relocs = find_section(ELF_RELOC_SECTION == SHT_REL ?
						       ".rel.module_table" : ".rela.module_table");
	struct elf_reloc *reloc;

	KT_ASSERT(t, table && relocs && relocs->size >= 2 * sizeof(*reloc));
	reloc = (struct elf_reloc *)(data + relocs->offset) + 1;
#if ELF_CLASS == ELFCLASS64
	reloc->addend += distance;
#else
	*(u32 *)(data + table->offset + reloc->offset) += (u32)distance;
#endif
}

/*
 * An init that points into a function, between functions, into the module's data or into the kernel
 * is refused.
 */
KTEST(module_files, init_that_is_no_function)
{
	static const long distances[] = { 1, 2, 4, 0x2000, -0x2000, 0x8000000 };
	static const char copy[] = "/tmp/moved.ko";
	ssize_t size;

	KT_NEED_MODULE(t, KTEST_MODULE);
	for (unsigned int i = 0; i < ARRAY_SIZE(distances); i++) {
		size = file_read(KTEST_MODULE, data, sizeof(data));
		KT_ASSERT(t, size > 1000);
		move_entry(t, distances[i]);
		refuse(t, copy, data, (size_t)size);
		KT_EXPECT_STREQ(t, why, "its init or exit is no function in its text");
	}
}

/*
 * A linker needs only the symbols of sections, so some tools remove the others. Then nothing could
 * be traced.
 */
KTEST(module_files, functions_without_symbols)
{
	const struct elf_section *symtab;
	ssize_t size;

	KT_NEED_MODULE(t, KTEST_MODULE);
	size = file_read(KTEST_MODULE, data, sizeof(data));
	KT_ASSERT(t, size > 1000);
	symtab = find_section(".symtab");
	KT_ASSERT(t, symtab);
	for (size_t at = 0; at < symtab->size; at += sizeof(struct elf_symbol)) {
		struct elf_symbol *symbol = (struct elf_symbol *)(data + symtab->offset + at);

		if ((symbol->info & 15) == STT_FUNC)
			symbol->info &= 0xf0;
	}
	refuse(t, "/tmp/stripped.ko", data, (size_t)size);
	KT_EXPECT_STREQ(t, why, "no symbols of functions: stripped?");
}

/* A name that is one byte too long. It goes on where the longest possible name ended. */
KTEST(module_files, name_that_is_too_long)
{
	const struct elf_section *strings;
	ssize_t size;
	char *name;

	KT_NEED_MODULE(t, KTEST_MODULE);
	size = file_read(KTEST_MODULE, data, sizeof(data));
	KT_ASSERT(t, size > 1000);
	strings = find_section(".strtab");
	KT_ASSERT(t, strings);
	name = data + strings->offset;
	while (name < data + strings->offset + strings->size && strlen(name) < KSYM_NAME_LEN - 1)
		name += strlen(name) + 1;
	KT_ASSERT(t, name + KSYM_NAME_LEN < data + strings->offset + strings->size);
	name[KSYM_NAME_LEN - 1] = 'x';
	refuse(t, "/tmp/long.ko", data, (size_t)size);
	KT_EXPECT_STREQ(t, why, "the name of a function has more than 511 bytes");
}

/*
 * A file that is cut short or made for another machine causes no crash and no leak, and loads no
 * module; the log gives a reason.
 */
KTEST(module_files, damaged_files)
{
	static const char copy[] = "/tmp/damaged.ko";
	unsigned int sites = ftrace_nr_sites(), round, i;
	unsigned long before = 0;
	ssize_t size;

	KT_NEED_MODULE(t, KTEST_MODULE);
	size = file_read(KTEST_MODULE, data, sizeof(data));
	KT_ASSERT(t, size > 1000);
	for (round = 0; round < 3; round++) {
		if (round == 1)
			before = used_pages();	/* slabs have all that they keep by now */
		for (i = 0; i < 20; i++)
			refuse(t, copy, data, (size_t)size * i / 20);
		data[18] ^= 0x40;		/* e_machine */
		refuse(t, copy, data, (size_t)size);
		data[18] ^= 0x40;
	}
	KT_EXPECT_EQ(t, used_pages(), before);
	KT_EXPECT_EQ(t, ftrace_nr_sites(), sites);
}

/*
 * The functions that a compiler calls by itself exist and are right: the module's init checks that.
 */
KTEST(module_files, compilers_helpers)
{
	KT_NEED_MODULE(t, "/lib/modules/helpers.ko");
	KT_EXPECT_EQ(t, module_insert("/lib/modules/helpers.ko", 0, NULL, why, sizeof(why)), 0);
	KT_EXPECT_STREQ(t, why, "");
	KT_EXPECT_EQ(t, module_remove("helpers"), 0);
}
