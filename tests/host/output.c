/* SPDX-License-Identifier: MIT */
/* The text of traces must be Linux's to the letter: lines, header, options. */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "tests/host/tap.h"
#include "trace/core/reclaim.h"
#include "trace/output/trace.h"
#include "trace/output/trace_bprint.h"
#include "trace/output/trace_output.h"

static char text[8192];
static struct trace_seq seq;
static struct trace_iterator iter;
static union {
	struct trace_entry ent;
	struct ftrace_entry fn;
	struct func_repeats_entry repeats;
	u8 bytes[512];
} event;

/* Nobody prints beside this thread. */
void ftrace_wait_until_function_left(unsigned long address)
{
}

bool kallsyms_lookup(unsigned long addr, struct ksym *sym)
{
	static const struct {
		unsigned long start, size;
		const char *name, *module;
	} symbols[] = {
		{ 0x1000, 0x100, "vfs_read", "" },
		{ 0x1100, 0x80, "sys_read", "" },
		{ 0x2000, 0x40, "my_direct", "ftrace_direct" },
	};
	unsigned int i;

	EXPECT(arch_irqs_disabled());
	for (i = 0; i < ARRAY_SIZE(symbols); i++)
		if (addr - symbols[i].start < symbols[i].size) {
			*sym = (struct ksym){ symbols[i].name, symbols[i].module, symbols[i].size,
					      addr - symbols[i].start };
			return true;
		}
	return false;
}

void trace_find_cmdline(int pid, char comm[TRACE_COMM_LEN])
{
	strcpy(comm, pid == 7 ? "cat" : pid == 8 ? "a-name-of-15-ch" : "<...>");
}

/* Begins with an event that has default values; cases change what they are about. */
static void make_event(enum trace_type type)
{
	memset(&event, 0, sizeof(event));
	memset(&iter, 0, sizeof(iter));
	event.ent = (struct trace_entry){ .type = (u16)type, .pid = 7 };
	event.fn.ip = 0x1000;
	event.fn.parent_ip = 0x1120;
	iter.tracer_name = "function";
	iter.trace_flags = TRACE_DEFAULT_FLAGS;
	iter.iter_flags = TRACE_FILE_TIME_IN_NS;
	iter.nr_cpus = 1;
	iter.ent = &event.ent;
	iter.ent_size = sizeof(event.fn);
	iter.ts = iter.next_ts = 12345678901ull;
	iter.idx = 1;
	trace_seq_init(&seq, text, sizeof(text));
}

static const char *line(void)
{
	trace_seq_reset(&seq);
	trace_print_line(&seq, &iter);
	text[seq.len] = '\0';
	return text;
}

TEST(function_line)
{
	make_event(TRACE_FN);
	EXPECT_STREQ(line(),
		"             cat-7       [000] .....    12.345679: vfs_read <-sys_read\n");
	event.ent.pid = 123456;
	iter.cpu = 17;
	EXPECT_STREQ(line(),
		"           <...>-123456  [017] .....    12.345679: vfs_read <-sys_read\n");
	event.ent.pid = 8;
	iter.ts = 123456ull * 1000000000 + 999;
	EXPECT_STREQ(line(),
		" a-name-of-15-ch-8       [017] ..... 123456.000001: vfs_read <-sys_read\n");
}

TEST(times_are_rounded_to_microseconds)
{
	static const struct {
		u64 ns;
		const char *time;
	} cases[] = {
		{ 0, "    0.000000" }, { 499, "    0.000000" }, { 500, "    0.000001" },
		{ 999999499, "    0.999999" }, { 999999500, "    1.000000" },
		{ 5000000000ull, "    5.000000" }, { ~0ull / 2, "9223372036.854776" },
	};
	unsigned int i;
	char want[100];

	make_event(TRACE_FN);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		iter.ts = cases[i].ns;
		snprintf(want, sizeof(want),
			 "             cat-7       [000] ..... %s: vfs_read <-sys_read\n",
			 cases[i].time);
		EXPECT_STREQ(line(), want);
	}
}

TEST(state_letters)
{
	static const struct {
		u8 flags, preempt_count;
		const char *letters;
	} cases[] = {
		{ 0, 0, "....." },
		{ TRACE_FLAG_IRQS_OFF, 1, "d..1." },
		{ TRACE_FLAG_IRQS_OFF | TRACE_FLAG_BH_OFF, 0, "D...." },
		{ TRACE_FLAG_BH_OFF, 0, "b...." },
		{ TRACE_FLAG_NEED_RESCHED, 0, ".n..." },
		{ TRACE_FLAG_PREEMPT_RESCHED, 0, ".p..." },
		{ TRACE_FLAG_NEED_RESCHED | TRACE_FLAG_PREEMPT_RESCHED, 15, ".N.f." },
		{ TRACE_FLAG_HARDIRQ, 0x10, "..h.1" },
		{ TRACE_FLAG_HARDIRQ | TRACE_FLAG_SOFTIRQ, 0, "..H.." },
		{ TRACE_FLAG_SOFTIRQ, 0, "..s.." },
		{ TRACE_FLAG_NMI, 0, "..z.." },
		{ TRACE_FLAG_NMI | TRACE_FLAG_HARDIRQ, 0xa2, "..Z2a" },
	};
	unsigned int i;
	char want[100];

	make_event(TRACE_FN);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		event.ent.flags = cases[i].flags;
		event.ent.preempt_count = cases[i].preempt_count;
		snprintf(want, sizeof(want),
			 "             cat-7       [000] %s    12.345679: vfs_read <-sys_read\n",
			 cases[i].letters);
		EXPECT_STREQ(line(), want);
	}
	/* Without the option the whole column goes. */
	iter.trace_flags &= ~TRACE_ITER_IRQ_INFO;
	EXPECT_STREQ(line(), "             cat-7       [000]     12.345679: vfs_read <-sys_read\n");
}

TEST(symbol_options)
{
	make_event(TRACE_FN);
	event.fn.ip = 0x1004;
	iter.trace_flags &= ~TRACE_ITER_CONTEXT_INFO;
	EXPECT_STREQ(line(), "vfs_read <-sys_read\n");
	iter.trace_flags |= TRACE_ITER_SYM_OFFSET;
	EXPECT_STREQ(line(), "vfs_read+0x4/0x100 <-sys_read+0x20/0x80\n");
	iter.trace_flags |= TRACE_ITER_SYM_ADDR;
	EXPECT_STREQ(line(), sizeof(long) == 8 ?
		"vfs_read+0x4/0x100 <0000000000001004> <-sys_read+0x20/0x80 <0000000000001120>\n" :
		"vfs_read+0x4/0x100 <00001004> <-sys_read+0x20/0x80 <00001120>\n");
	iter.trace_flags &= ~TRACE_ITER_SYM_MASK;
	EXPECT_STREQ(line(), "vfs_read\n");
}

TEST(modules_unknown_addresses_and_returns)
{
	make_event(TRACE_FN);
	iter.trace_flags &= ~TRACE_ITER_CONTEXT_INFO;
	event.fn.ip = 0x2000;
	event.fn.parent_ip = 0xdead000;
	EXPECT_STREQ(line(), "my_direct <-0x0dead000\n");
	/*
	 * The call is the caller's last instruction, so its return address is in the next function.
	 */
	event.fn.parent_ip = 0x1100;
	EXPECT_STREQ(line(), "my_direct <-vfs_read\n");
	event.fn.parent_ip = 0;
	EXPECT_STREQ(line(), "my_direct\n");
	iter.trace_flags |= TRACE_ITER_SYM_OFFSET;
	EXPECT_STREQ(line(), "my_direct+0x0/0x40 [ftrace_direct]\n");
}

TEST(other_clocks_are_counts)
{
	make_event(TRACE_FN);
	iter.iter_flags = 0;
	iter.ts = 4711;
	EXPECT_STREQ(line(),
		"             cat-7       [000] .....         4711: vfs_read <-sys_read\n");
}

TEST(lost_events_and_buffer_started)
{
	make_event(TRACE_FN);
	iter.trace_flags &= ~TRACE_ITER_IRQ_INFO;
	iter.lost_events = 42;
	EXPECT_STREQ(line(), "CPU:0 [LOST 42 EVENTS]\n"
		"             cat-7       [000]     12.345679: vfs_read <-sys_read\n");
	iter.lost_events = 0;
	iter.iter_flags |= TRACE_FILE_ANNOTATE;
	EXPECT_STREQ(line(), "             cat-7       [000]     12.345679: vfs_read <-sys_read\n");
	iter.cpu = 1;
	iter.idx = 2;
	EXPECT_STREQ(line(), "##### CPU 1 buffer started ####\n"
		"             cat-7       [001]     12.345679: vfs_read <-sys_read\n");
	EXPECT_STREQ(line(), "             cat-7       [001]     12.345679: vfs_read <-sys_read\n");
}

TEST(printed_text)
{
	struct print_entry *print = (struct print_entry *)event.bytes;

	make_event(TRACE_PRINT);
	print->ip = 0x1010;
	strcpy(print->buf, "value 5\n");
	iter.ent_size = sizeof(*print) + 9;
	EXPECT_STREQ(line(),
		"             cat-7       [000] .....    12.345679: vfs_read: value 5\n");
	iter.trace_flags |= TRACE_ITER_PRINTK_MSGONLY;
	EXPECT_STREQ(line(), "value 5\n");
	/* A text without a terminator ends with the event. */
	iter.ent_size = sizeof(*print) + 3;
	EXPECT_STREQ(line(), "val");
}

/* The arguments are in the layout of Linux's vbin_printf(). */
TEST(text_formatted_by_the_reader)
{
	struct bprint_entry *print = (struct bprint_entry *)event.bytes;
	static const u32 args[] = { 5, 1, 0x10, 0x636261, 7, 2, 9 };

	make_event(TRACE_BPRINT);
	print->ip = 0x1010;
	print->fmt = "%d%% %llx %s %u%*d\n";
	memcpy(print->buf, args, sizeof(args));
	iter.ent_size = sizeof(*print) + sizeof(args);
	EXPECT_STREQ(line(), "             cat-7       [000] .....    12.345679: "
			     "vfs_read: 5% 1000000001 abc 7 9\n");
	iter.trace_flags |= TRACE_ITER_PRINTK_MSGONLY;
	EXPECT_STREQ(line(), "5% 1000000001 abc 7 9\n");
	/* If the event ends early, so does the text. */
	iter.ent_size = sizeof(*print) + 16;
	EXPECT_STREQ(line(), "5% 1000000001 abc ");
	iter.ent_size = sizeof(*print) + 15;
	EXPECT_STREQ(line(), "5% 1000000001 ");
	iter.ent_size = sizeof(*print) + 11;
	EXPECT_STREQ(line(), "5% ");
	iter.ent_size = sizeof(*print);
	EXPECT_STREQ(line(), "");
	iter.trace_flags = TRACE_ITER_RAW;
	print->fmt = "nothing\n";
	EXPECT_STREQ(line(), ": 1010 : nothing\n");
}

TEST(layout_of_a_format)
{
	EXPECT_EQ(bprint_layout("none"), BPRINT_PLAIN);
	EXPECT_EQ(bprint_layout("%%%d %llu"), BPRINT_PLAIN | 3u << BPRINT_WORDS_SHIFT |
		  BPRINT_WORD | BPRINT_DWORD << 2);
	EXPECT_EQ(bprint_layout("%*s"), BPRINT_STRINGS | 1u << BPRINT_WORDS_SHIFT |
		  BPRINT_WORD | BPRINT_STRING << 2);
	EXPECT_EQ(bprint_layout("%*s%c"), BPRINT_TEXT);
	EXPECT(bprint_layout("%lld%lld%lld%lld%lld%lld%lld%lld%lld%lld%lld%lld") <
	       BPRINT_STRINGS);
	EXPECT(bprint_layout("%c") & BPRINT_TEXT);
	EXPECT(bprint_layout("%hx") & BPRINT_TEXT);
	EXPECT(bprint_layout("%.3s") & BPRINT_TEXT);
	EXPECT(bprint_layout("%pV") & BPRINT_TEXT);
	EXPECT(bprint_layout("%d %") & BPRINT_TEXT);
	EXPECT(bprint_layout("%d %l") & BPRINT_TEXT);
	EXPECT(bprint_layout("%.*%") & BPRINT_TEXT);
	EXPECT(bprint_layout("%***d") & BPRINT_TEXT);
	EXPECT(bprint_layout("%0000000000000000000000000000000000d") & BPRINT_TEXT);
	EXPECT(bprint_layout("%d%d%d%d%d%d%d%d%d%d%d%d%d") & BPRINT_TEXT);
	EXPECT(!(bprint_layout("%d%d%d%d%d%d%d%d%d%d%d%d") & BPRINT_TEXT));
}

TEST(repeated_calls)
{
	make_event(TRACE_FUNC_REPEATS);
	event.repeats.ip = 0x1000;
	event.repeats.parent_ip = 0x1120;
	event.repeats.count = 12;
	event.repeats.top_delta_ts = 1;
	event.repeats.bottom_delta_ts = 0;
	iter.ent_size = sizeof(event.repeats);
	EXPECT_STREQ(line(), "             cat-7       [000] .....    12.345679: "
			     "vfs_read <-sys_read (repeats: 12, last_ts:     8.050712)\n");
	iter.trace_flags = TRACE_ITER_RAW;
	EXPECT_STREQ(line(), "4096 4384 12 4294967296\n");
}

TEST(stack_trace)
{
	struct stack_entry *stack = (struct stack_entry *)event.bytes;
	static const unsigned long callers[] = { 0x1010, 0x1120, 0x5 };

	make_event(TRACE_STACK);
	stack->size = 3;
	memcpy((u8 *)stack + sizeof(*stack), callers, sizeof(callers));
	iter.ent_size = sizeof(*stack) + sizeof(callers);
	EXPECT_STREQ(line(), "             cat-7       [000] .....    12.345679: <stack trace>\n"
			     " => vfs_read\n => sys_read\n => 0x00000005\n");
	/* The size is more than the event holds, so the stack was cut. */
	stack->size = 1000000;
	iter.ent_size = sizeof(*stack) + sizeof(long);
	EXPECT_STREQ(line(), "             cat-7       [000] .....    12.345679: <stack trace>\n"
			     " => vfs_read\n ... and 999999 more\n");
	/* A stack has no raw form, so only its type is printed. */
	iter.trace_flags = TRACE_ITER_RAW;
	EXPECT_STREQ(line(), "type: 4\n");
	iter.trace_flags = TRACE_ITER_HEX;
	EXPECT_STREQ(line(), "type: 4\n\n");
	iter.trace_flags = TRACE_ITER_BIN;
	EXPECT_STREQ(line(), "type: 4\n");
}

TEST(raw_and_hex)
{
	make_event(TRACE_FN);
	iter.trace_flags |= TRACE_ITER_RAW;
	EXPECT_STREQ(line(), "7 0 12345678901 1000 1120\n");
	make_event(TRACE_FN);
	iter.trace_flags = TRACE_ITER_HEX;
	EXPECT_STREQ(line(), sizeof(long) == 8 ? "0000000000001000 0000000000001120 \n" :
						 "00001000 00001120 \n");
}

TEST(latency_format)
{
	make_event(TRACE_FN);
	iter.iter_flags |= TRACE_FILE_LAT_FMT;
	iter.time_start = iter.ts - 2500;
	iter.next_ts = iter.ts + 20000;
	event.ent.flags = TRACE_FLAG_IRQS_OFF;
	EXPECT_STREQ(line(), "     cat-7         0d....    3us+: vfs_read <-sys_read\n");
	iter.next_ts = iter.ts + 2000000000;
	EXPECT_STREQ(line(), "     cat-7         0d....    3us$: vfs_read <-sys_read\n");
	/* More than 10 us count as 11. */
	iter.next_ts = iter.ts + 10499;
	EXPECT_STREQ(line(), "     cat-7         0d....    3us : vfs_read <-sys_read\n");
	iter.next_ts = iter.ts + 10500;
	EXPECT_STREQ(line(), "     cat-7         0d....    3us+: vfs_read <-sys_read\n");
	iter.trace_flags |= TRACE_ITER_VERBOSE;
	EXPECT_STREQ(line(), "             cat       7   0 1 00000000 00000001 "
			     "[00bc614f] 0.003ms (+0.011ms): vfs_read <-sys_read\n");
}

TEST(header_of_a_trace)
{
	make_event(TRACE_FN);
	iter.entries = 3;
	iter.total = 10;
	trace_print_header(&seq, &iter);
	text[seq.len] = '\0';
	EXPECT_STREQ(text,
		"# tracer: function\n"
		"#\n"
		"# entries-in-buffer/entries-written: 3/10   #P:1\n"
		"#\n"
		"#                                _-----=> irqs-off/BH-disabled\n"
		"#                               / _----=> need-resched\n"
		"#                              | / _---=> hardirq/softirq\n"
		"#                              || / _--=> preempt-depth\n"
		"#                              ||| / _-=> migrate-disable\n"
		"#                              |||| /     delay\n"
		"#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
		"#              | |         |   |||||     |         |\n");
}

TEST(broken_events_are_named_not_read)
{
	static const u16 types[] = { 0, 1, 4, 5, 18, 19, 20, 999, 0xffff };
	unsigned int i, size;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (size = 8; size < 30; size++) {
			make_event(TRACE_FN);
			event.ent.type = types[i];
			iter.ent_size = size;
			EXPECT(strlen(line()) > 40);
		}
	make_event(TRACE_FN);
	event.ent.type = 999;
	iter.trace_flags &= ~TRACE_ITER_CONTEXT_INFO;
	EXPECT_STREQ(line(), "Unknown type 999\n");
	iter.trace_flags = TRACE_ITER_RAW;
	EXPECT_STREQ(line(), "999 ?\n");
}

TEST(full_buffer_never_cuts_a_piece)
{
	char small[30];
	size_t size;

	for (size = 0; size <= sizeof(small); size++) {
		memset(small, '#', sizeof(small));
		trace_seq_init(&seq, small, size);
		trace_seq_puts(&seq, "0123456789");
		trace_seq_printf(&seq, "%d", 12345);
		trace_seq_dec(&seq, 987, 6, '0');
		trace_seq_pad(&seq, "ab", -4);
		EXPECT(seq.len <= size);
		EXPECT(seq.len == 0 || seq.len == 10 || seq.len == 15 || seq.len == 21 ||
		       seq.len == 25);
		EXPECT_EQ(seq.full, seq.len != 25);
	}
	EXPECT(!memcmp(small, "012345678912345000987ab  #", 26));
}
