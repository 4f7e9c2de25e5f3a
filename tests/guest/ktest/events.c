/* SPDX-License-Identifier: MIT */
/* Events by their files: switches at each level, set_event, formats, and the text of records. */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/shell/console.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/ring_buffer/ring_buffer.h"

#define T "/sys/kernel/tracing/"
#define E T "events/"

/* Does @text, of any number of lines, occur in the file? */
static bool has_text(const char *path, const char *text)
{
	static char buf[4096];

	return file_read(path, buf, sizeof(buf)) > 0 && strstr(buf, text);
}

static bool state_is(const char *top, const char *ktest, const char *kt_count)
{
	return file_is(E "enable", top) && file_is(E "ktest/enable", ktest) &&
	       file_is(E "ktest/kt_count/enable", kt_count);
}

KTEST(events, enable_at_each_level)
{
	KT_EXPECT(t, state_is("0\n", "0\n", "0\n"));
	KT_EXPECT_EQ(t, file_write(E "ktest/kt_count/enable", "1\n", 0), 0);
	KT_EXPECT(t, state_is("X\n", "X\n", "1\n"));
	KT_EXPECT(t, file_is(E "sched/enable", "0\n"));
	KT_EXPECT_EQ(t, file_write(E "ktest/enable", "1", 0), 0);
	KT_EXPECT(t, state_is("X\n", "1\n", "1\n"));
	KT_EXPECT_EQ(t, file_write(E "enable", "1\n", 0), 0);
	KT_EXPECT(t, state_is("1\n", "1\n", "1\n"));
	KT_EXPECT_EQ(t, file_write(E "ktest/kt_count/enable", "0\n", 0), 0);
	KT_EXPECT(t, state_is("X\n", "X\n", "0\n"));
	KT_EXPECT_EQ(t, file_write(E "enable", "0\n", 0), 0);
	KT_EXPECT(t, state_is("0\n", "0\n", "0\n"));
	KT_EXPECT_EQ(t, file_write(E "enable", "2\n", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(E "ktest/enable", "on\n", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(E "ktest/kt_count/enable", "\n", 0), -EINVAL);
	tracing_restore(t);
}

KTEST(events, set_event_words)
{
	static const struct {
		const char *words;
		unsigned int flags;
		int err;
		const char *then;
	} steps[] = {
		{ "ktest:kt_count\n", 0, 0, "ktest:kt_count\n" },
		{ "kt_kinds", O_APPEND, 0, "ktest:kt_count\nktest:kt_kinds\n" },
		{ "!ktest:kt_count\n", O_APPEND, 0, "ktest:kt_kinds\n" },
		{ "ktest:\n", 0, 0, "ktest:kt_count\nktest:kt_kinds\n" },
		{ "!kt_*\n", O_APPEND, 0, "" },
		{ "ktest\n", 0, 0, "ktest:kt_count\nktest:kt_kinds\n" },
		{ "*:kt_k*\n", 0, 0, "ktest:kt_kinds\n" },
		{ ":kt_count irq:*exit\n", 0, 0, "irq:irq_handler_exit\nktest:kt_count\n" },
		{ "no_such\n", O_APPEND, -EINVAL, "irq:irq_handler_exit\nktest:kt_count\n" },
		{ "ktest:sched_switch\n", O_APPEND, -EINVAL,
		  "irq:irq_handler_exit\nktest:kt_count\n" },
		{ ":\n", O_APPEND, -EINVAL, "irq:irq_handler_exit\nktest:kt_count\n" },
		{ "!\n", O_APPEND, -EINVAL, "irq:irq_handler_exit\nktest:kt_count\n" },
		{ "", O_APPEND, 0, "irq:irq_handler_exit\nktest:kt_count\n" },
		{ "\n", 0, 0, "" },
		{ "kt_count no_such kt_kinds\n", 0, -EINVAL, "ktest:kt_count\n" },
		{ "", 0, 0, "" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
		KT_EXPECT_EQ(t, file_write(T "set_event", steps[i].words, steps[i].flags),
			     steps[i].err);
		if (!KT_EXPECT(t, file_is(T "set_event", steps[i].then)))
			ktest_note(t, "after \"%s\"", steps[i].words);
	}
	KT_EXPECT(t, has_text(T "error_log", "set_event: error: No event matches\n"
			      "  Command: kt_count no_such kt_kinds\n"
			      "                    ^\n"));
	tracing_restore(t);
}

/* A client may write byte by byte; the word ends with a blank, or with the file. */
KTEST(events, words_in_pieces)
{
	static const char text[] = "kt_count\nktest:kt_kinds";
	struct file *file = vfs_open(T "set_event", O_WRONLY | O_TRUNC, 0);

	KT_ASSERT(t, !IS_ERR(file));
	for (unsigned int i = 0; i < sizeof(text) - 1; i++)
		KT_EXPECT_EQ(t, vfs_write(file, &text[i], 1), 1);
	KT_EXPECT(t, file_is(T "set_event", "ktest:kt_count\n"));
	KT_EXPECT_EQ(t, vfs_close(file), 0);
	KT_EXPECT(t, file_is(T "set_event", "ktest:kt_count\nktest:kt_kinds\n"));
	KT_EXPECT_EQ(t, file_write(T "set_event", "", 0), 0);
	tracing_restore(t);
}

/* What programs need to read a record of each kind of field. */
KTEST(events, format_and_id)
{
	char id[16], text[64];

	KT_EXPECT(t, file_read(E "ktest/kt_kinds/id", id, sizeof(id)) > 1);
	scnprintf(text, sizeof(text), "name: kt_kinds\nID: %sformat:\n\tfield:unsigned", id);
	KT_EXPECT(t, has_text(E "ktest/kt_kinds/format", text));
	KT_EXPECT(t, has_text(E "ktest/kt_kinds/format",
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
		"\n"
		"\tfield:short small;\toffset:8;\tsize:2;\tsigned:1;\n"));
	/* Where they lie is the machine's affair: a u64 is aligned to 4 bytes on i386. */
	KT_EXPECT(t, has_text(E "ktest/kt_kinds/format", sizeof(long) == 8 ?
		"\tfield:u64 big;\toffset:16;\tsize:8;\tsigned:0;\n"
		"\tfield:bool odd;\toffset:24;\tsize:1;\tsigned:0;\n"
		"\tfield:u16 squares[3];\toffset:26;\tsize:6;\tsigned:0;\n"
		"\tfield:__data_loc char[] text;\toffset:32;\tsize:4;\tsigned:0;\n"
		"\tfield:__data_loc u32[] counts;\toffset:36;\tsize:4;\tsigned:0;\n"
		"\tfield:unsigned long flags;\toffset:40;\tsize:8;\tsigned:0;\n"
		"\nprint fmt: \"small=%d big=%llx " :
		"\tfield:u64 big;\toffset:12;\tsize:8;\tsigned:0;\n"
		"\tfield:bool odd;\toffset:20;\tsize:1;\tsigned:0;\n"
		"\tfield:u16 squares[3];\toffset:22;\tsize:6;\tsigned:0;\n"
		"\tfield:__data_loc char[] text;\toffset:28;\tsize:4;\tsigned:0;\n"
		"\tfield:__data_loc u32[] counts;\toffset:32;\tsize:4;\tsigned:0;\n"
		"\tfield:unsigned long flags;\toffset:36;\tsize:4;\tsigned:0;\n"
		"\nprint fmt: \"small=%d big=%llx "));
	KT_EXPECT(t, has_text(E "ktest/kt_kinds/format", "kind=%s\", REC->small, "));
	KT_EXPECT(t, has_text(E "ktest/kt_kinds/format", " __get_str(text), __print_array("));
	KT_EXPECT(t, has_text(E "ftrace/function/format", "name: function\nID: 1\n"));
	KT_EXPECT(t, has_text(E "ftrace/print/format", "\tfield:char buf[];\toffset:"));
	KT_EXPECT(t, file_is(E "ftrace/funcgraph_entry/id", "11\n"));
}

KTEST(events, text_of_all_kinds)
{
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "set_event", "ktest:kt_kinds\n", 0), 0);
	trace_kt_kinds(3, 0x123456789abull, "hello", 5);
	trace_kt_kinds(0, 1, "", 9);
	trace_kt_kinds(2, 0, NULL, 0);
	KT_EXPECT_EQ(t, file_write(T "set_event", "", 0), 0);
	KT_EXPECT(t, file_has(T "trace", ": kt_kinds: small=-3 big=123456789ab odd=odd text=hello "
			      "squares={0x0,0x1,0x4} counts={0x5,0x6,0x7}/12 "
			      "hex=00 00 01 00 04 00 flags=ONE|FOUR kind=FIVE\n"));
	KT_EXPECT(t, file_has(T "trace", ": kt_kinds: small=0 big=1 odd=even text= "
			      "squares={0x0,0x1,0x4} counts={}/0 hex=00 00 01 00 04 00 "
			      "flags=ONE|0x8 kind=0x9\n"));
	KT_EXPECT(t, file_has(T "trace", "odd=even text=(null) squares"));
	tracing_restore(t);
}

/* Long records, and those of interrupts, take another way into the buffer than short ones. */
KTEST(events, long_records)
{
	static char text[1000];
	unsigned long flags;

	memset(text, 'x', sizeof(text) - 1);
	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "set_event", "kt_kinds kt_count\n", 0), 0);
	trace_kt_kinds(200, 1, text, 0);
	flags = arch_irq_save();
	trace_kt_count(12345);
	arch_irq_restore(flags);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "stacktrace\n", 0), 0);
	trace_kt_count(54321);
	KT_EXPECT_EQ(t, file_write(T "trace_options", "nostacktrace\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_event", "", 0), 0);
	KT_EXPECT(t, file_has(T "trace", text));
	KT_EXPECT_EQ(t, file_count(T "trace", "] d.... "), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", " turn=12345"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", " turn=54321"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "<stack trace>"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", " => ktest_events_long_records"), 1);
	tracing_restore(t);
}

/* Every hit is one record, also where sub-buffers end; none while recording is off. */
KTEST(events, each_hit_is_a_record)
{
	unsigned long before;

	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(E "ktest/kt_count/enable", "1\n", 0), 0);
	before = sum_over_cpus(ring_buffer_entries_cpu);
	for (unsigned int i = 0; i < 5000; i++)
		trace_kt_count(i);
	KT_EXPECT_EQ(t, sum_over_cpus(ring_buffer_entries_cpu) - before, 5000);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "0\n", 0), 0);
	trace_kt_count(0);
	KT_EXPECT_EQ(t, sum_over_cpus(ring_buffer_entries_cpu) - before, 5000);
	KT_EXPECT_EQ(t, file_write(T "tracing_on", "1\n", 0), 0);
	KT_EXPECT_EQ(t, file_write(E "enable", "0\n", 0), 0);
	trace_kt_count(0);
	KT_EXPECT_EQ(t, sum_over_cpus(ring_buffer_entries_cpu) - before, 5000);
	KT_EXPECT(t, file_has(T "trace", ": kt_count: turn=4999\n"));
	tracing_restore(t);
}

static int sleep_a_little(void *unused)
{
	msleep(20);
	return 0;
}

/* The kernel's own events tell of a thread's life and of memory. */
KTEST(events, of_the_kernel)
{
	struct task_struct *task;
	char text[128];
	void *memory;
	pid_t pid;

	KT_EXPECT_EQ(t, file_write(T "set_event", "sched timer kmem:kmalloc kmem:kfree\n", 0), 0);
	task = kthread_run(sleep_a_little, NULL, "kt_lives");
	KT_ASSERT(t, !IS_ERR(task));
	pid = task->pid;
	kthread_join(task);
	memory = kmalloc(77, GFP_KERNEL | __GFP_ZERO);
	KT_ASSERT(t, memory);
	kfree(memory);
	KT_EXPECT_EQ(t, file_write(T "set_event", "", 0), 0);
	scnprintf(text, sizeof(text), " child_comm=kt_lives child_pid=%d\n", pid);
	KT_EXPECT_EQ(t, file_count(T "trace", text), 1);
	scnprintf(text, sizeof(text), "sched_wakeup_new: comm=kt_lives pid=%d prio=16 target", pid);
	KT_EXPECT_EQ(t, file_count(T "trace", text), 1);
	scnprintf(text, sizeof(text), "sched_wakeup: comm=kt_lives pid=%d prio=16 target", pid);
	KT_EXPECT(t, file_count(T "trace", text) >= 1);
	scnprintf(text, sizeof(text), "prev_comm=kt_lives prev_pid=%d prev_prio=16 "
		  "prev_state=D ==> next_comm=", pid);
	KT_EXPECT(t, file_count(T "trace", text) >= 1);
	scnprintf(text, sizeof(text), "prev_comm=kt_lives prev_pid=%d prev_prio=16 "
		  "prev_state=X ==> next_comm=", pid);
	KT_EXPECT_EQ(t, file_count(T "trace", text), 1);
	scnprintf(text, sizeof(text), "sched_process_exit: comm=kt_lives pid=%d prio=16\n", pid);
	KT_EXPECT_EQ(t, file_count(T "trace", text), 1);
	KT_EXPECT(t, file_count(T "trace", "timer_start: timer=") >= 1);
	KT_EXPECT(t, file_count(T "trace", "function=wake_up_process expires=") >= 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "kmalloc: call_site=ktest_events_of_the_kernel+0x"),
		     1);
	KT_EXPECT(t, file_has(T "trace", " bytes_req=77 bytes_alloc="));
	KT_EXPECT(t, file_has(T "trace", " gfp_flags=__GFP_ZERO node=-1 accounted=false\n"));
	KT_EXPECT(t, file_has(T "trace", "kfree: call_site=ktest_events_of_the_kernel+0x"));
	tracing_restore(t);
}

/* In a trace of function_graph they are comments, and other forms show their type. */
KTEST(events, in_other_forms)
{
	char id[16], text[32];

	kt_one_cpu(t);
	KT_EXPECT_EQ(t, file_write(T "set_event", "kt_count\n", 0), 0);
	trace_kt_count(3);
	KT_EXPECT(t, file_read(E "ktest/kt_count/id", id, sizeof(id)) > 1);
	scnprintf(text, sizeof(text), " type: %s", id);
	KT_EXPECT_EQ(t, file_write(T "options/raw", "1\n", 0), 0);
	KT_EXPECT(t, file_has(T "trace", text));
	KT_EXPECT_EQ(t, file_write(T "options/raw", "0\n", 0), 0);
	KT_EXPECT_EQ(t, shell_run("trace start -p function_graph -g kt_sum -e kt_count"), 0);
	trace_kt_count(4);
	KT_EXPECT(t, file_has(T "trace", "/* kt_count: turn=4 */\n"));
	KT_EXPECT_EQ(t, shell_run("trace reset"), 0);
	KT_EXPECT(t, file_is(E "enable", "0\n"));
	tracing_restore(t);
}

KTEST(events, by_the_command)
{
	KT_EXPECT_EQ(t, file_write(E "sched/sched_switch/enable", "1\n", 0), 0);
	KT_EXPECT_EQ(t, shell_run("trace record -e ktest -e irq_handler_* help > /dev/null"), 0);
	KT_EXPECT(t, file_is(T "set_event", "sched:sched_switch\n"));
	KT_EXPECT(t, file_is(T "current_tracer", "nop\n"));
	KT_EXPECT_EQ(t, shell_run("trace record -e no_such help"), 1);
	KT_EXPECT_EQ(t, shell_run("trace start -e ktest -e ''"), 1);
	KT_EXPECT_EQ(t, shell_run("trace profile -e ktest help"), 1);
	KT_EXPECT(t, file_is(T "set_event", "sched:sched_switch\n"));
	KT_EXPECT_EQ(t, shell_run("trace start -e ktest:kt_count"), 0);
	KT_EXPECT(t, file_is(T "set_event", "ktest:kt_count\n"));
	KT_EXPECT_EQ(t, shell_run("trace list -e no_such"), 1);
	KT_EXPECT_EQ(t, shell_run("trace reset"), 0);
	KT_EXPECT(t, file_is(T "set_event", ""));
	tracing_restore(t);
}
