/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes what a person can do with tracefs: the whole of it, with the VFS below and the tracer
 * above the simulated architecture. Each line is one action: a letter, the file's name, a blank,
 * the text.
 *
 *	w a	write the text, over what is there or behind it; '\' in it stands for a newline
 *	o	open, write the parts between '|' one by one, close
 *	r	read all of the file (which of trace_pipe waits for nothing)
 *	c	call as many functions as the text has bytes, each byte names one
 */
#include "kernel/fs/seq_file.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/wait.h"
#include "kernel/time.h"
#include "kernel/trace_hooks.h"
#include "trace/tracers/trace_functions_graph.h"
#include "trace/tracers/trace_profile.h"
#include "trace/tracers/trace_stack.h"
#include "tests/count_sets.h"
#include "tests/host/fuzz/fuzz.h"
#include "tests/host/host.h"
#include "tests/host/sim_arch.h"
#include "trace/core/filter.h"
#include "trace/core/set.h"
#include "trace/events/func_command.h"
#include "trace/events/trace_events.h"
#include "trace/output/trace.h"
#include "trace/tracers/fgraph.h"
#include <stdlib.h>

/* --- What else of the kernel the linker needs --- */

u64 get_jiffies_64(void)
{
	return 1;
}

void devfs_init(void)
{
}

void procfs_init(void)
{
}

bool console_interrupted(void);
bool console_interrupted(void)
{
	return false;
}

/* Nothing is patched on the host: there are no jump sites, only their keys. */
__asm__(".globl __start_jump_sites, __stop_jump_sites\n"
	"__start_jump_sites:\n__stop_jump_sites:\n");

unsigned long kallsyms_lookup_name(const char *name)
{
	unsigned long addr;
	const char *known;

	for (unsigned int i = 0; kallsyms_at(i, &known, &addr); i++) {
		if (!strcmp(name, known))
			return addr;
	}
	return 0;
}

/* Nothing is exported that these functions do not have. */
bool kallsyms_exported(const char *name, unsigned long *addr)
{
	return false;
}

int snprint_symbol(char *buf, size_t size, unsigned long addr, char letter)
{
	return snprintf(buf, size, "0x%lx", addr);
}

/* Nobody runs beside this thread. */
void ftrace_wait_until_function_left(unsigned long address)
{
}

/* The tracer function_graph is not here, but its files are. */
struct ftrace_ops trace_graph_filters;
unsigned int trace_graph_max_depth;
unsigned long tracing_thresh;

int init_graph_trace(void)
{
	return 0;
}

void trace_graph_sync(void)
{
}

int trace_graph_set_filter(bool exclude, struct ftrace_hash *hash)
{
	return ftrace_hash_install(&trace_graph_filters, exclude, hash);
}

/* Latency tracers with display-graph are only switched, */
int trace_graph_inside_entry(struct ftrace_graph_ent *trace, struct fgraph_ops *gops)
{
	return 0;
}

void trace_graph_inside_return(struct ftrace_graph_ret *trace, struct fgraph_ops *gops,
			       struct ftrace_regs *fregs, bool record)
{
}

void trace_graph_mark(unsigned long ip, u32 ctx)
{
}

/* and so are probes of returns. */
int register_ftrace_graph(struct fgraph_ops *gops)
{
	return 0;
}

int unregister_ftrace_graph(struct fgraph_ops *gops)
{
	return 0;
}

void *fgraph_reserve_data(int idx, int size_bytes)
{
	return NULL;
}

void *fgraph_retrieve_data(int idx, int *size_bytes)
{
	return NULL;
}

unsigned long fgraph_return_address(void)
{
	return 0;
}

int ftrace_regs_query_register_offset(const char *name)
{
	return strcmp(name, "x1") ? -EINVAL : (int)sizeof(long);
}

bool fgraph_may_hide;

unsigned long fgraph_true_parent(unsigned long parent_ip, const struct ftrace_regs *fregs)
{
	return parent_ip;
}

/* Nor are the stack tracer, */
struct ftrace_ops stack_trace_ops;
static bool stack_trace_on;
static unsigned long stack_max_size;

int trace_stack_set(bool on)
{
	stack_trace_on = on;
	return 0;
}

bool trace_stack_is_on(void)
{
	return stack_trace_on;
}

unsigned long trace_stack_max_size(void)
{
	return stack_max_size;
}

void trace_stack_set_max_size(unsigned long size)
{
	stack_max_size = size;
}

void trace_stack_read(struct stack_trace_max *copy)
{
	*copy = (struct stack_trace_max){ stack_max_size, 2, 1, { { 4096, 80 }, { 8192, 32 } } };
}

int init_stack_trace(void)
{
	return 0;
}

/* and the profiler. */
static enum profile_mode profile_mode;

int trace_profile_set(enum profile_mode mode)
{
	profile_mode = mode;
	return 0;
}

enum profile_mode trace_profile_mode(void)
{
	return profile_mode;
}

int trace_profile_read(int cpu, struct profile_copy *copy, enum profile_mode *mode)
{
	static struct profile_record records[2];

	for (unsigned int n = 0; n < 2; n++) {
		records[n] = (struct profile_record){
			sim_ip(n), n + 1, 12345678 * n, 12345678ull * 12345678 * n
		};
	}
	*copy = (struct profile_copy){ records, 2, 3 };
	*mode = profile_mode;
	return 0;
}

void trace_profile_free(struct profile_copy *copy)
{
}

int for_each_thread(int (*fn)(struct task_struct *task, void *arg), void *arg)
{
	return fn(get_current(), arg);
}

void task_comm_of(pid_t pid, char comm[TASK_COMM_LEN])
{
	snprintf(comm, TASK_COMM_LEN, "task-%d", pid);
}

unsigned int stack_trace_save(unsigned long *pcs, unsigned int max, unsigned int skip);
unsigned int stack_trace_save(unsigned long *pcs, unsigned int max, unsigned int skip)
{
	for (unsigned int i = 0; i < max; i++)
		pcs[i] = sim_ip((i + skip) % SIM_SITES);
	return max;
}

void __mutex_init(struct mutex *m)
{
	*m = (struct mutex){ .owner = NULL };
}

/* Nobody runs beside this thread, so a snapshot is complete when it was asked for. */
struct task_struct *kthread_create(int (*fn)(void *data), void *data, const char *name, ...)
{
	return get_current();
}

int wake_up_process(struct task_struct *task)
{
	return 0;
}

bool kthread_should_stop(void)
{
	return true;
}

int kthread_stop(struct task_struct *task)
{
	return 0;
}

/* --- Actions --- */

static struct file *open_file(const char *name, unsigned int flags)
{
	char path[200];
	int len = snprintf(path, sizeof(path), "/sys/kernel/tracing/%s", name);

	if (len < 0 || (size_t)len >= sizeof(path) || strstr(path, ".."))
		return ERR_PTR(-EINVAL);
	return vfs_open(path, flags | O_NONBLOCK, 0644);
}

static void write_file(const char *name, const char *text, size_t len, unsigned int flags)
{
	struct file *file = open_file(name, flags | O_WRONLY);

	if (IS_ERR(file))
		return;
	vfs_write(file, text, len);
	vfs_close(file);
}

static void write_parts(const char *name, const char *text, size_t len)
{
	struct file *file = open_file(name, O_RDWR);
	const char *end;

	if (IS_ERR(file))
		return;
	for (; (end = memchr(text, '|', len)); text = end + 1) {
		vfs_write(file, text, (size_t)(end - text));
		len -= (size_t)(end - text) + 1;
	}
	vfs_write(file, text, len);
	vfs_close(file);
}

static void read_file(const char *name, size_t piece)
{
	struct file *file = open_file(name, O_RDONLY);
	char *buf = malloc(piece);
	unsigned int nr = 0;
	ssize_t got;

	if (!IS_ERR(file)) {
		while ((got = vfs_read(file, buf, piece)) > 0 && nr++ < 2000)
			MUST((size_t)got <= piece);
		vfs_close(file);
	}
	free(buf);
}

static void act(char *line, size_t len)
{
	char *name = line + 1, *text = strchr(line, ' ');
	size_t text_len;

	if (len < 2)
		return;
	if (text)
		*text++ = '\0';
	else
		text = line + len;
	text_len = len - (size_t)(text - line);
	for (size_t i = 0; i < text_len; i++)
		text[i] = text[i] == '\\' ? '\n' : text[i];
	switch (*line) {
	case 'w':
		write_file(name, text, text_len, O_TRUNC);
		break;
	case 'a':
		write_file(name, text, text_len, O_APPEND);
		break;
	case 'o':
		write_parts(name, text, text_len);
		break;
	case 'r':
		read_file(name, text_len ? 16 * text_len : 4096);
		break;
	case 'c':
		for (size_t i = 0; i < text_len; i++)
			sim_call((u8)text[i] % SIM_SITES);
	}
}

/* --- The same start for every input --- */

static void remove_triggers(void)
{
	struct trace_event_call *call = NULL;
	const struct event_trigger *trigger;
	struct trigger_error error;
	char text[300];

	mutex_lock(&event_mutex);
	while ((call = trace_event_next(call)) != NULL) {
		trace_event_remove_hists(&call->file);
		while ((trigger = call->file.triggers) != NULL) {
			const struct trace_event_call *target = trigger->target ?
				trigger->target->call : NULL;

			snprintf(text, sizeof(text), "!%s%s%s%s%s", trigger->command->name,
				 target ? ":" : "", target ? target->class->system : "",
				 target ? ":" : "", target ? target->name : "");
			MUST(!trace_event_set_trigger(&call->file, text, &error));
		}
	}
	mutex_unlock(&event_mutex);
}

static void restore(void)
{
	static const char *const values[][2] = {
		{ "current_tracer", "nop" }, { "set_ftrace_filter", "" },
		{ "set_ftrace_notrace", "" },
		{ "trace_clock", "local" }, { "tracing_on", "1" }, { "buffer_size_kb", "4" },
		{ "saved_cmdlines_size", "128" }, { "buffer_percent", "50" }, { "error_log", "" },
		{ "set_event", "" }, { "set_ftrace_pid", "" }, { "set_ftrace_notrace_pid", "" },
		{ "set_event_pid", "" }, { "set_event_notrace_pid", "" },
		{ "dynamic_events", "" },
		{ "events/sched/filter", "0" }, { "events/kmem/filter", "0" },
		{ "events/ipi/filter", "0" }, { "events/irq/filter", "0" }, { "trace", "" },
	};
	static u32 trace_flags, func_flags;

	remove_triggers();
	MUST(!trace_clear_func_commands(&global_trace));
	for (unsigned int i = 0; i < ARRAY_SIZE(values); i++)
		write_file(values[i][0], values[i][1], strlen(values[i][1]), O_TRUNC);
	if (!trace_flags) {
		trace_flags = global_trace.trace_flags;
		func_flags = global_trace.func_flags;
	}
	global_trace.trace_flags = trace_flags;
	global_trace.func_flags = func_flags;
	tracing_update_buffers(&global_trace);
}

static void boot_tracer(void)
{
	sim_reset();
	vfs_init();
	tracer_init();
	tracefs_init();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static bool started;
	unsigned int total, unused;
	size_t len;
	char *line;

	if (!started)
		boot_tracer();
	started = true;
	restore();
	while ((line = fuzz_line(&data, &size, &len))) {
		act(line, len);
		free(line);
	}
	restore();
	count_sets(&total, &unused);
	MUST(!total);
	for (unsigned int site = 0; site < SIM_SITES; site++)
		MUST(sim_is_nop(site));
	return 0;
}
