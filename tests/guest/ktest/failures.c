/* SPDX-License-Identifier: MIT */
/*
 * Every failure once. For each operation the allocations are counted, and then it is done once for
 * each of them, with this one failing and those after it succeeding. What remains then is what was
 * there before, to the bit: text, records, sets, filters, files, and memory. An operation that can
 * do without the memory may succeed; then it is undone, and nothing may remain either. The suites
 * `ftrace`, `explore` and others try the case in which no later allocation succeeds either, as when
 * memory has really run out (mm_fail_after()).
 */
#include "kernel/arch.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "tests/count_sets.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/probe.h"
#include "tests/guest/ktest/targets.h"
#include "trace/arch.h"
#include "trace/core/hash.h"
#include "trace/core/records.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"
#define MODULE_FILE "/lib/modules/ktest_module.ko"

struct operation {
	const char *name;
	int (*act)(void);
	int (*undo)(void);		/* NULL: there is nothing to undo */
};

/* --- The state --- */

struct state {
	unsigned long text, sites;		/* to the bit */
	unsigned long attached, files;
	unsigned long objects, pages, vmap_pages;
	unsigned int sets, threads;
};

static unsigned long mix(unsigned long sum, unsigned long value)
{
	return (sum ^ value) * 16777619ul;
}

static unsigned long sum_of_text(void)
{
	const unsigned long *word;
	unsigned long sum = 0;

	for (word = (const unsigned long *)_text; word < (const unsigned long *)_etext; word++)
		sum = mix(sum, *word);
	return sum;
}

static unsigned long sum_of_set(const struct ftrace_set *set)
{
	unsigned long sum = 0;

	for (unsigned int i = 0; set && i < set->nr_calls; i++)
		sum = mix(sum, (unsigned long)set->ops[i]);
	return set ? mix(mix(sum, set->nr_ops), set->direct) : sum;
}

/* Sums up what the sites hold and which sets they have, and separately what is attached to them. */
static void sum_up_records(struct state *state)
{
	struct ftrace_cursor cursor;
	struct dyn_ftrace *rec;

	mutex_lock(&ftrace_lock);
	ftrace_for_each_record(cursor, rec) {
		struct ftrace_form form = { 0 };

		arch_ftrace_read(dyn_ftrace_ip(rec), &form);
		state->sites = mix(state->sites, (unsigned long)form.insn + form.literal);
		state->sites = mix(state->sites, (unsigned long)dyn_ftrace_set(rec));
		state->attached = mix(state->attached, rec->flags);
		state->attached = mix(state->attached, sum_of_set(dyn_ftrace_set(rec)));
	}
	mutex_unlock(&ftrace_lock);
}

/* Sums up what the files say that show settings and what is attached. */
static unsigned long sum_of_files(void)
{
	static const char *const names[] = {
		T "current_tracer", T "tracing_on", T "trace_clock", T "trace_options",
		T "set_ftrace_filter", T "set_ftrace_notrace", T "enabled_functions",
		T "buffer_size_kb", T "buffer_percent", T "per_cpu/cpu0/buffer_size_kb",
		T "saved_cmdlines_size", "/proc/sys/kernel/ftrace_enabled", "/proc/modules",
	};
	static char text[1024];
	unsigned long sum = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		ssize_t len = file_read(names[i], text, sizeof(text));

		sum = mix(sum, (unsigned long)len);
		for (ssize_t n = 0; n < len; n++)
			sum = mix(sum, (unsigned char)text[n]);
	}
	return sum;
}

static struct state look(void)
{
	struct state state = {
		.text = sum_of_text(), .files = sum_of_files(),
	};
	struct mm_stats stats;
	unsigned int unused;

	sum_up_records(&state);
	while (threads_unreaped())
		msleep(1);
	state.threads = kt_count_threads();
	mutex_lock(&ftrace_lock);
	count_sets(&state.sets, &unused);
	mm_get_stats(&stats);
	mutex_unlock(&ftrace_lock);
	/* Sets that a word on some stack names are freed later, so they are not counted. */
	state.objects = stats.objects - state.sets;
	state.sets -= unused;
	state.pages = stats.total_pages - stats.free_pages - stats.slab_pages;
	state.vmap_pages = stats.vmap_pages;
	return state;
}

/*
 * Returns what differs, or NULL. After an operation was undone, the same callbacks may be in
 * another set.
 */
static const char *difference(const struct state *a, const struct state *b, bool undone)
{
	return !undone && a->text != b->text ? "the kernel's text" :
	       !undone && a->sites != b->sites ? "a site's code or set" :
	       a->attached != b->attached ? "what is attached" :
	       a->files != b->files ? "what tracefs says" :
	       a->sets != b->sets ? "the number of sets" :
	       a->threads != b->threads ? "the number of threads" :
	       a->objects != b->objects ? "the number of objects" :
	       a->vmap_pages != b->vmap_pages ? "the number of mapped pages" :
	       a->pages != b->pages ? "the number of pages" : NULL;
}

/* Is the state @before, except for what undoing may change? @before becomes the present state. */
static bool same_state(struct ktest *t, const struct operation *op, int n, struct state *before,
		       bool undone)
{
	struct state now = look();
	const char *what = difference(before, &now, undone);

	if (what)
		ktest_fail(t, __FILE__, __LINE__, "%s, failure %d: %s changed (objects %ld, pages "
			   "%ld, mapped %ld, sets %d)", op->name, n, what,
			   (long)(now.objects - before->objects), (long)(now.pages - before->pages),
			   (long)(now.vmap_pages - before->vmap_pages),
			   (int)(now.sets - before->sets));
	*before = now;
	return !what;
}

/* --- One operation, all its failures --- */

#define MANY 100000
#define MAX_FAILURES 60		/* of one operation; of more, those at both ends and some between */

static int undo(struct ktest *t, const struct operation *op)
{
	int err = op->undo ? op->undo() : 0;

	if (err)
		ktest_fail(t, __FILE__, __LINE__, "%s: cannot be undone: %d", op->name, err);
	return err;
}

/* Returns how many allocations the operation makes; -1 if it fails. */
static int count_allocations(struct ktest *t, const struct operation *op)
{
	int err, left;

	mm_fail_once(MANY);
	err = op->act();
	left = mm_fail_left();
	mm_fail_after(-1);
	if (!err)
		return undo(t, op) ? -1 : MANY - left;
	ktest_fail(t, __FILE__, __LINE__, "%s: error %d without any failure", op->name, err);
	return -1;
}

/* Makes allocation @n fail. Returns false if something is wrong, which is reported. */
static bool fail_one(struct ktest *t, const struct operation *op, int n,
		     struct state *before, unsigned int *tolerated)
{
	bool struck;
	int err;

	mm_fail_once(n);
	err = op->act();
	struck = mm_fail_left() < 0;
	mm_fail_after(-1);
	if (err && err != -ENOMEM) {
		ktest_fail(t, __FILE__, __LINE__, "%s, failure %d: error %d", op->name, n, err);
		return false;
	}
	if (!err && undo(t, op))
		return false;
	*tolerated += !err && struck;
	return same_state(t, op, n, before, !err);
}

static int next_failure(int n, int nr)
{
	bool at_an_end = nr <= MAX_FAILURES || n < MAX_FAILURES / 3 || n >= nr - MAX_FAILURES / 3;

	return n + (at_an_end ? 1 : max(1, nr / (MAX_FAILURES / 3)));
}

static void fail_each(struct ktest *t, const struct operation *op, unsigned int *failures,
		      unsigned int *tolerated)
{
	struct state before;
	int nr;

	/* The first time may leave things that stay: caches, larger buffers, touched sites. */
	if (count_allocations(t, op) < 0)
		return;
	before = look();
	nr = count_allocations(t, op);
	if (nr < 0 || !same_state(t, op, -1, &before, true))
		return;
	for (int n = 0; n < nr; n = next_failure(n, nr)) {
		if (!fail_one(t, op, n, &before, tolerated))
			return;
		++*failures;
	}
}

static void fail_all(struct ktest *t, const struct operation *ops, unsigned int nr)
{
	unsigned int failures = 0, tolerated = 0;

	for (unsigned int i = 0; i < nr; i++)
		fail_each(t, &ops[i], &failures, &tolerated);
	ktest_note(t, "%u operations, %u failures, %u of them did no harm", nr, failures,
		   tolerated);
}

#define FAIL_ALL(t, ops) fail_all(t, ops, ARRAY_SIZE(ops))

/* --- Callbacks and filters --- */

static struct counter c = COUNTER, beside = COUNTER;

static int do_register(void)
{
	return register_ftrace_function(&c.ops);
}

static int do_unregister(void)
{
	return unregister_ftrace_function(&c.ops);
}

static int filter_some(void)
{
	return ftrace_set_filter(&c.ops, "kt_glob_*", 9, 1);
}

static int filter_more(void)
{
	return ftrace_set_filter(&c.ops, "kt_*", 4, 0);
}

static int filter_all(void)
{
	return ftrace_set_filter(&c.ops, NULL, 0, 1);
}

static int filter_address(void)
{
	return ftrace_set_filter_ip(&c.ops, (unsigned long)kt_sum, 0, 0);
}

static int filter_addresses(void)
{
	unsigned long ips[] = { (unsigned long)kt_sum, (unsigned long)kt_many };

	return ftrace_set_filter_ips(&c.ops, ips, ARRAY_SIZE(ips), 0, 0);
}

static int notrace_some(void)
{
	return ftrace_set_notrace(&c.ops, "*_beta", 6, 1);
}

static int notrace_none(void)
{
	return ftrace_set_notrace(&c.ops, NULL, 0, 1);
}

static int filter_waiting(void)
{
	return ftrace_set_filter(&c.ops, "*:mod:no_such_module", 20, 0);
}

static void registering(struct ktest *t)
{
	static const struct operation not_registered[] = {
		{ "register", do_register, do_unregister },
		{ "filter of what is not registered", filter_more, filter_some },
	};
	static const struct operation registered[] = {
		{ "unregister", do_unregister, do_register },
		{ "filter", filter_more, filter_some },
		{ "filter for all", filter_all, filter_some },
		{ "filter by address", filter_address, filter_some },
		{ "filter by addresses", filter_addresses, filter_some },
		{ "filter that waits", filter_waiting, filter_some },
		{ "notrace", notrace_some, notrace_none },
	};

	KT_ASSERT(t, !filter_some());
	FAIL_ALL(t, not_registered);
	KT_ASSERT(t, !do_register());
	FAIL_ALL(t, registered);
	KT_EXPECT(t, counter_stop(&c));
}

KTEST(failures, register_and_filter)
{
	registering(t);
}

KTEST(failures, register_and_filter_beside_another)
{
	KT_ASSERT(t, !counter_start(&beside, "kt_*"));
	registering(t);
	KT_EXPECT(t, counter_stop(&beside));
}

/* --- Direct calls --- */

static struct ftrace_ops by_hash;
static struct ftrace_hash *hash_a, *hash_b;

static int do_direct(void)
{
	return register_ftrace_direct(&probe_direct_ops, PROBE_A);
}

static int do_undirect(void)
{
	return unregister_ftrace_direct(&probe_direct_ops, PROBE_A, false);
}

static int modify_to_b(void)
{
	return modify_ftrace_direct(&probe_direct_ops, PROBE_B);
}

static int modify_to_a(void)
{
	return modify_ftrace_direct(&probe_direct_ops, PROBE_A);
}

static int add_hash(void)
{
	return update_ftrace_direct_add(&by_hash, hash_a);
}

static int del_hash(void)
{
	return update_ftrace_direct_del(&by_hash, hash_a);
}

static int mod_hash_to_b(void)
{
	return update_ftrace_direct_mod(&by_hash, hash_b, true);
}

static int mod_hash_to_a(void)
{
	return update_ftrace_direct_mod(&by_hash, hash_a, true);
}

static struct ftrace_hash *make_hash(unsigned long direct)
{
	struct ftrace_hash *hash = ftrace_hash_copy(NULL);

	if (hash && !ftrace_hash_add_direct(hash, ftrace_location((unsigned long)kt_sum), direct))
		return hash;
	ftrace_hash_free(hash);
	return NULL;
}

static void direct_calls(struct ktest *t)
{
	static const struct operation apart[] = { { "direct", do_direct, do_undirect } };
	static const struct operation attached[] = {
		{ "direct taken away", do_undirect, do_direct },
		{ "direct modified", modify_to_b, modify_to_a },
	};

	KT_ASSERT(t, !ftrace_set_filter_ip(&probe_direct_ops, (unsigned long)probe_target, 0, 1));
	FAIL_ALL(t, apart);
	KT_ASSERT(t, !do_direct());
	FAIL_ALL(t, attached);
	KT_EXPECT_EQ(t, do_undirect(), 0);
}

static void direct_hashes(struct ktest *t)
{
	static const struct operation apart[] = { { "hash added", add_hash, del_hash } };
	static const struct operation attached[] = {
		{ "hash taken away", del_hash, add_hash },
		{ "hash modified", mod_hash_to_b, mod_hash_to_a },
	};

	hash_a = make_hash(PROBE_A);
	hash_b = make_hash(PROBE_B);
	KT_ASSERT(t, hash_a && hash_b);
	FAIL_ALL(t, apart);
	KT_ASSERT(t, !add_hash());
	FAIL_ALL(t, attached);
	KT_EXPECT_EQ(t, del_hash(), 0);
	ftrace_hash_free(hash_a);
	ftrace_hash_free(hash_b);
}

KTEST(failures, direct_calls)
{
	KT_NEED_ARGS(t);
	direct_calls(t);
	direct_hashes(t);
}

KTEST(failures, direct_calls_beside_another)
{
	KT_NEED_ARGS(t);
	KT_ASSERT(t, !ftrace_set_filter_ip(&beside.ops, (unsigned long)probe_target, 0, 1));
	KT_ASSERT(t, !ftrace_set_filter_ip(&beside.ops, (unsigned long)kt_sum, 0, 0));
	KT_ASSERT(t, !register_ftrace_function(&beside.ops));
	direct_calls(t);
	direct_hashes(t);
	KT_EXPECT(t, counter_stop(&beside));
}

/* --- tracefs --- */

static char size_before[16];

#define WRITES(fn, file, text, flags)						\
	static int fn(void) { return file_write(T file, text, flags); }

WRITES(tracer_function, "current_tracer", "function\n", 0)
WRITES(tracer_nop, "current_tracer", "nop\n", 0)
WRITES(set_filter, "set_ftrace_filter", "kt_glob_*\n", 0)
WRITES(add_filter, "set_ftrace_filter", "kt_sum\n", O_APPEND)
WRITES(set_filter_waiting, "set_ftrace_filter", "*:mod:no_such_module\n", O_APPEND)
WRITES(clear_filter, "set_ftrace_filter", "", 0)
WRITES(set_notrace, "set_ftrace_notrace", "kt_glob_beta\n", 0)
WRITES(clear_notrace, "set_ftrace_notrace", "", 0)
WRITES(size_larger, "buffer_size_kb", "48\n", 0)
WRITES(size_small, "buffer_size_kb", "24\n", 0)
WRITES(size_larger_cpu, "per_cpu/cpu0/buffer_size_kb", "48\n", 0)
WRITES(size_small_cpu, "per_cpu/cpu0/buffer_size_kb", "24\n", 0)
WRITES(free_buffer, "free_buffer", "", 0)
WRITES(names_more, "saved_cmdlines_size", "200\n", 0)
WRITES(names_usual, "saved_cmdlines_size", "128\n", 0)
WRITES(recording_off, "tracing_on", "0\n", 0)
WRITES(recording_on, "tracing_on", "1\n", 0)
WRITES(clock_global, "trace_clock", "global\n", 0)
WRITES(clock_local, "trace_clock", "local\n", 0)
WRITES(option_off, "trace_options", "noirq-info\n", 0)
WRITES(option_on, "trace_options", "irq-info\n", 0)
WRITES(option_file_off, "options/irq-info", "0\n", 0)
WRITES(option_file_on, "options/irq-info", "1\n", 0)
WRITES(stacks_on, "options/func_stack_trace", "1\n", 0)
WRITES(stacks_off, "options/func_stack_trace", "0\n", 0)
WRITES(no_repeats, "options/func-no-repeats", "1\n", 0)
WRITES(repeats, "options/func-no-repeats", "0\n", 0)
WRITES(percent_10, "buffer_percent", "10\n", 0)
WRITES(percent_50, "buffer_percent", "50\n", 0)
WRITES(clear_trace, "trace", "", 0)
WRITES(clear_errors, "error_log", "", 0)
WRITES(write_marker, "trace_marker", "a word\n", 0)
WRITES(write_raw_marker, "trace_marker_raw", "12345678", 0)

static int tracer_off(void)
{
	return file_write("/proc/sys/kernel/ftrace_enabled", "0\n", 0);
}

static int tracer_on(void)
{
	return file_write("/proc/sys/kernel/ftrace_enabled", "1\n", 0);
}

static const struct operation tracefs_writes[] = {
	{ "set_ftrace_filter", add_filter, set_filter },
	{ "set_ftrace_filter, cleared", clear_filter, set_filter },
	{ "set_ftrace_filter, waiting", set_filter_waiting, set_filter },
	{ "set_ftrace_notrace", set_notrace, clear_notrace },
	{ "buffer_size_kb", size_larger, size_small },
	{ "per_cpu/cpu0/buffer_size_kb", size_larger_cpu, size_small_cpu },
	{ "free_buffer", free_buffer, size_small },
	{ "saved_cmdlines_size", names_more, names_usual },
	{ "tracing_on", recording_off, recording_on },
	{ "trace_clock", clock_global, clock_local },
	{ "trace_options", option_off, option_on },
	{ "options/irq-info", option_file_off, option_file_on },
	{ "buffer_percent", percent_10, percent_50 },
	{ "trace", clear_trace, NULL },
	{ "error_log", clear_errors, NULL },
	{ "trace_marker", write_marker, NULL },
	{ "trace_marker_raw", write_raw_marker, NULL },
	{ "ftrace_enabled", tracer_off, tracer_on },
};

static bool small_buffers(struct ktest *t)
{
	char *end;

	usual_buffer_size();
	if (!KT_EXPECT(t, file_read(T "buffer_size_kb", size_before, sizeof(size_before)) > 0))
		return false;
	end = strchr(size_before, ' ');
	if (end)
		*end = '\0';
	return KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", "24\n", 0), 0) &&
	       KT_EXPECT_EQ(t, set_filter(), 0);
}

static void usual_buffers(struct ktest *t)
{
	KT_EXPECT_EQ(t, clear_filter(), 0);
	KT_EXPECT_EQ(t, file_write(T "buffer_size_kb", size_before, 0), 0);
	KT_EXPECT_EQ(t, clear_trace(), 0);
	KT_EXPECT_EQ(t, clear_errors(), 0);
}

KTEST(failures, tracefs_without_a_tracer)
{
	static const struct operation start[] = {
		{ "current_tracer", tracer_function, tracer_nop },
	};

	if (!small_buffers(t))
		return;
	FAIL_ALL(t, start);
	FAIL_ALL(t, tracefs_writes);
	usual_buffers(t);
}

KTEST(failures, tracefs_with_a_tracer)
{
	static const struct operation tracer[] = {
		{ "current_tracer, nop", tracer_nop, tracer_function },
		{ "options/func_stack_trace", stacks_on, stacks_off },
		{ "options/func-no-repeats", no_repeats, repeats },
	};

	if (!small_buffers(t))
		return;
	KT_EXPECT_EQ(t, tracer_function(), 0);
	FAIL_ALL(t, tracer);
	FAIL_ALL(t, tracefs_writes);
	KT_EXPECT_EQ(t, tracer_nop(), 0);
	usual_buffers(t);
}

/* --- Modules, threads, files --- */

static char module_said[160];

static int insert_file(void)
{
	char *params[] = { "word=given" };

	return module_insert(MODULE_FILE, ARRAY_SIZE(params), params, module_said,
			     sizeof(module_said));
}

static int remove_file(void)
{
	return module_remove("ktest_module");
}

KTEST(failures, modules)
{
	static const struct operation insmod_file[] = {
		{ "insmod", insert_file, remove_file },
	};
	static const struct operation rmmod_file[] = {
		{ "rmmod", remove_file, insert_file },
	};
	struct stat st;

	if (vfs_stat(MODULE_FILE, &st))
		KT_SKIP(t, "no " MODULE_FILE ": tools/ktap.py puts it into the initrd");
	FAIL_ALL(t, insmod_file);
	KT_ASSERT(t, !counter_start(&c, NULL));
	FAIL_ALL(t, insmod_file);
	KT_EXPECT(t, counter_stop(&c));
	KT_ASSERT(t, !insert_file());
	FAIL_ALL(t, rmmod_file);
	KT_EXPECT_EQ(t, remove_file(), 0);
}

static int end_at_once(void *unused)
{
	return 0;
}

static int make_thread(void)
{
	struct task_struct *task = kthread_run(end_at_once, NULL, "ktest-ends");

	return IS_ERR(task) ? (int)PTR_ERR(task) : kthread_join(task);
}

#define DIR "/tmp/ktest_failures"

static int make_dir(void)
{
	return vfs_mkdir(DIR, 0755);
}

static int remove_dir(void)
{
	return vfs_rmdir(DIR);
}

/* A file that was made but could not be written exists, as on any system, so it is unlinked. */
static int make_file(void)
{
	int err = file_write(DIR "_file", "some words", 0);

	if (err)
		vfs_unlink(DIR "_file");
	return err;
}

static int remove_file_again(void)
{
	return vfs_unlink(DIR "_file");
}

static int make_pipe(void)
{
	struct file *ends[2];
	int err = vfs_pipe(ends);

	if (err)
		return err;
	vfs_close(ends[0]);
	return vfs_close(ends[1]);
}

static int map_memory(void)
{
	void *memory = vmalloc(3 * PAGE_SIZE);

	vfree(memory);
	return memory ? 0 : -ENOMEM;
}

static int map_code(void)
{
	void *memory = execmem_alloc(2 * PAGE_SIZE);

	execmem_free(memory, 2 * PAGE_SIZE);
	return memory ? 0 : -ENOMEM;
}

static int grow_memory(void)
{
	void *memory = vmalloc_resizable(PAGE_SIZE, 8 * PAGE_SIZE);
	int err = memory ? vmalloc_grow(memory, 4 * PAGE_SIZE) : -ENOMEM;

	vfree(memory);
	return err;
}

KTEST(failures, threads_files_memory)
{
	static const struct operation ops[] = {
		{ "a thread", make_thread, NULL },
		{ "a directory", make_dir, remove_dir },
		{ "a file", make_file, remove_file_again },
		{ "a pipe", make_pipe, NULL },
		{ "vmalloc", map_memory, NULL },
		{ "execmem", map_code, NULL },
		{ "vmalloc_grow", grow_memory, NULL },
	};

	FAIL_ALL(t, ops);
}

/* --- Files that are read --- */

static const char *read_path;

static int read_it(void)
{
	static char text[512];
	struct file *file = vfs_open(read_path, O_RDONLY | O_NONBLOCK, 0);
	ssize_t got;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	do
		got = vfs_read(file, text, sizeof(text));
	while (got > 0);
	vfs_close(file);
	return got == -EAGAIN ? 0 : (int)got;
}

KTEST(failures, reading)
{
	static const char *const paths[] = {
		T "trace", T "trace_pipe", T "per_cpu/cpu0/trace_pipe_raw", T "per_cpu/cpu0/trace",
		T "set_ftrace_filter", T "enabled_functions", T "touched_functions",
		T "available_tracers", T "error_log", T "saved_cmdlines", T "README",
		T "per_cpu/cpu0/stats", T "events/header_page", T "dyn_ftrace_total_info",
		"/proc/modules", "/proc/meminfo", "/proc/interrupts", "/proc/cpuinfo",
	};
	struct operation op = { .act = read_it };
	unsigned int failures = 0, tolerated = 0;

	KT_EXPECT_EQ(t, write_marker(), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(paths); i++) {
		op.name = read_path = paths[i];
		fail_each(t, &op, &failures, &tolerated);
	}
	ktest_note(t, "%u files, %u failures, %u of them did no harm",
		   (unsigned int)ARRAY_SIZE(paths), failures, tolerated);
	KT_EXPECT_EQ(t, clear_trace(), 0);
}
