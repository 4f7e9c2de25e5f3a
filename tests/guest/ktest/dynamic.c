/* SPDX-License-Identifier: MIT */
/*
 * Dynamic events: kprobes, fprobes and probes of tracepoints by their lines; what their arguments
 * tell, what is refused and where the caret is, and how they come and go while they are used.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/kt_events.h"
#include "tests/guest/ktest/ktest.h"
#include "tests/guest/ktest/targets.h"
#include "trace/ftrace.h"

#define T "/sys/kernel/tracing/"
#define E T "events/"
#define DYNAMIC T "dynamic_events"
#define KPROBES T "kprobe_events"
#define TARGET noinline __noclone

struct kt_thing {
	u32 numbers[4];
	const char *texts[2];
	const char *none;
};

enum kt_color { KT_RED = -1, KT_GREEN = 1 };

const char *kt_dyn_text(const char *text, const struct kt_thing *thing, enum kt_color color);
s16 kt_dyn_small(s8 a, u16 b, bool c, char d, u64 wide);
void kt_dyn_nothing(void *where);

TARGET const char *kt_dyn_text(const char *text, const struct kt_thing *thing, enum kt_color color)
{
	__asm__ volatile("" : : : "memory");
	return text + 1;
}

TARGET s16 kt_dyn_small(s8 a, u16 b, bool c, char d, u64 wide)
{
	__asm__ volatile("" : : : "memory");
	return (s16)(a - (int)(wide & 0xf));
}

TARGET void kt_dyn_nothing(void *where)
{
	__asm__ volatile("" : : : "memory");
}

static const struct kt_thing thing = { { 1, 0xfedcba98, 300, 7 }, { "one", "two" }, NULL };

/* A function of its own, because the stack of the others tells who called them. */
static noinline void call_all(void)
{
	kt_dyn_text("hello", &thing, KT_RED);
	kt_dyn_small(-5, 60000, true, 'x', 0x123456789abcdefull);
	kt_dyn_nothing((void *)16);
	kt_inner(kt_tail_end, 1);
}

static int add(const char *line)
{
	return file_write(DYNAMIC, line, O_APPEND);
}

static int enable(const char *path, bool on)
{
	return file_write(path, on ? "1\n" : "0\n", 0);
}

static void clean_up(struct ktest *t)
{
	KT_EXPECT_EQ(t, enable(E "enable", false), 0);
	KT_EXPECT_EQ(t, file_write(DYNAMIC, "", 0), 0);
	KT_EXPECT(t, file_is(DYNAMIC, ""));
	tracing_restore(t);
}

/* Make the event d of each line, call the functions, and look for the text. */
struct shown {
	const char *line, *text;
};

static void expect_shown(struct ktest *t, const struct shown *shown, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		KT_EXPECT_EQ(t, add(shown[i].line), 0);
		KT_EXPECT_EQ(t, enable(E "d/enable", true), 0);
		call_all();
		KT_EXPECT_EQ(t, enable(E "d/enable", false), 0);
		if (!KT_EXPECT(t, file_has(T "trace", shown[i].text)))
			ktest_note(t, "%s: \"%s\" is missing", shown[i].line, shown[i].text);
		KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
		KT_EXPECT_EQ(t, add("-:d/e"), 0);
	}
}

KTEST(dynamic, arguments_of_each_type)
{
	static const struct shown shown[] = {
		{ "f:d/e kt_dyn_text text:string color", " text=\"hello\" color=-1\n" },
		{ "p:d/e kt_dyn_text t=$arg1:string c=$arg3:u8", " t=\"hello\" c=255\n" },
		{ "p:d/e kt_dyn_text $arg*", " thing=0x" },
		{ "p:d/e kt_dyn_text a=+4(thing):u32 b=+4(thing):s32 c=+4(thing):x32 "
		  "d=+4(thing):s16",
		  " a=4275878552 b=-19088744 c=0xfedcba98 d=-17768\n" },
		{ "p:d/e kt_dyn_text a=+0(thing):u32[4] b=+1(thing):x8[4]",
		  " a={1,4275878552,300,7} b={0x0,0x0,0x0,0x98}\n" },
		{ "p:d/e kt_dyn_text a=+16(thing):string[2]", " a={\"one\",\"two\"}\n" },
		{ "p:d/e kt_dyn_text a=+0(+16(thing)):string b=+u1(+u16(thing)):ustring",
		  " a=\"one\" b=\"ne\"\n" },
		{ "p:d/e kt_dyn_text a=+4(thing):b4@4/32 b=+4(thing):b8@24/32 c=\\0x12:b3@1/8",
		  " a=9 b=254 c=1\n" },
		{ "p:d/e kt_dyn_text a=+1(text):char b=+0(text):char[2] c=$comm d=\\\"a:b\"",
		  " a='e' b={'h','e'} c=\"" },
		{ "p:d/e kt_dyn_text a=\\-1 b=\\-2:s32 c=\\10:u8 d=@kt_glob_runs:u32",
		  " b=-2 c=10 d=" },
		{ "p:d/e kt_inner hook:symbol a=@kt_glob_alpha+0:x8 b=$stack0 c=hook:symstr",
		  " c=\"kt_tail_end+0x0/0x" },
		{ "f:d/e kt_dyn_small a b c d wide wide:x16",
		  NULL },
		{ "f:d/e kt_dyn_small a b c d wide w=wide:x16",
		  " a=-5 b=60000 c=1 d=120 wide=81985529216486895 w=0xcdef\n" },
		{ "p:d/e kt_dyn_nothing where a=+0(where):string b=+0(+0(where)):u64 "
		  "c=+0(where):string[2]",
		  " where=0x10 a=(fault) b=0 c={(fault),(fault)}\n" },
		{ "r:d/e kt_dyn_text ret=$retval:string text:string c=color", " ret=\"ello\" "
		  "text=\"hello\" c=-1\n" },
		{ "f:d/e kt_dyn_small%return $retval x=$retval:x8", " arg1=-20 x=0xec\n" },
		{ "r10:d/e kt_dyn_small", ": e: (call_all+0x" },
		{ "p:d/e kt_dyn_nothing", ": e: (kt_dyn_nothing+0x0/0x" },
	};

	kt_one_cpu(t);
	if (!FTRACE_HAVE_ARGS)
		KT_SKIP(t, "the sites of this build tell no arguments");
	expect_shown(t, shown, 11);
	KT_EXPECT_EQ(t, add(shown[11].line), -EINVAL);
	expect_shown(t, shown + 12, ARRAY_SIZE(shown) - 12);
	clean_up(t);
}

/* A value of 64 bits takes two words of i386, and then a register may stay empty. */
KTEST(dynamic, words_of_arguments)
{
	kt_one_cpu(t);
	if (!FTRACE_HAVE_ARGS)
		KT_SKIP(t, "the sites of this build tell no arguments");
	KT_EXPECT_EQ(t, add("p:d/e kt_product $arg*\nr:d/f kt_product r=$retval a=$arg1 b=$arg2 "
			    "c=$arg3\np:d/g kt_many a j $arg9\n"), 0);
	KT_EXPECT_EQ(t, enable(E "d/enable", true), 0);
	kt_product(3, 5000000000ull, 2);
	kt_many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	KT_EXPECT_EQ(t, enable(E "d/enable", false), 0);
	KT_EXPECT(t, file_has(T "trace", ") a=3 b=5000000000 c=2\n"));
	KT_EXPECT(t, file_has(T "trace", " <- kt_product) r=15000000002 a=3 b=5000000000 c=2\n"));
	KT_EXPECT(t, file_has(T "trace", ") a=1 j=10 arg3=9\n"));
	KT_EXPECT(t, file_has(T "kprobe_profile",
			      "  e                                                          1     "
			      "          0\n"));
	clean_up(t);
}

KTEST(dynamic, tracepoints)
{
	kt_one_cpu(t);
	/* That build has no table of prototypes, where the names come from. */
	if (!FTRACE_HAVE_ARGS)
		KT_SKIP(t, "the sites of this build tell no arguments");
	KT_EXPECT_EQ(t, add("t kt_count turn x=$arg1:x8\nt:d/k kt_kinds $arg* text:string"),
		     -EINVAL);
	KT_EXPECT_EQ(t, add("t:d/k kt_kinds number big flags t=text:string"), 0);
	KT_EXPECT_EQ(t, enable(E "tracepoints/kt_count/enable", true), 0);
	KT_EXPECT_EQ(t, enable(E "d/k/enable", true), 0);
	trace_kt_count(77);
	trace_kt_kinds(-3, 0x123456789abull, "words", 9);
	KT_EXPECT_EQ(t, enable(E "tracepoints/enable", false), 0);
	KT_EXPECT_EQ(t, enable(E "d/enable", false), 0);
	trace_kt_count(78);
	KT_EXPECT(t, file_has(T "trace", " turn=77 x=0x4d\n"));
	KT_EXPECT(t, file_has(T "trace", " number=-3 big=1250999896491 flags=9 t=\"words\"\n"));
	KT_EXPECT_EQ(t, file_count(T "trace", ": kt_count: "), 1);
	KT_EXPECT_EQ(t, add("t:d/x no_such_tracepoint"), -ENOENT);
	KT_EXPECT_EQ(t, add("t:d/x kt_count+4"), -EINVAL);
	clean_up(t);
}

struct refused {
	const char *line;
	int err;
	const char *log, *text;
	unsigned int caret;
};

static void expect_refused(struct ktest *t, const struct refused *r)
{
	static char buf[2048], wanted[512];

	KT_EXPECT_EQ(t, file_write(T "error_log", "", 0), 0);
	KT_EXPECT_EQ(t, add(r->line), r->err);
	scnprintf(wanted, sizeof(wanted), "%s: error: %s\n  Command: %s\n%*s^\n", r->log, r->text,
		  r->line, (int)(11 + r->caret), "");
	file_read(T "error_log", buf, sizeof(buf));
	if (!KT_EXPECT(t, strstr(buf, wanted)))
		ktest_note(t, "%s: expected \"%s\" at %u, not %s", r->line, r->text, r->caret, buf);
	KT_EXPECT(t, file_is(DYNAMIC, ""));
}

/* Linux's errors, in its words and with its carets. */
KTEST(dynamic, refused_lines)
{
	static const struct refused lines[] = {
		{ "p:", -EINVAL, "trace_kprobe", "Event name is not specified", 2 },
		{ "p:/x vfs_open", -EINVAL, "trace_kprobe", "Group name is not specified", 2 },
		{ "p:1/x vfs_open", -EINVAL, "trace_kprobe",
		  "Group name must follow the same rules as C identifiers", 2 },
		{ "p:g/a-b vfs_open", -EINVAL, "trace_kprobe",
		  "Event name must follow the same rules as C identifiers", 4 },
		{ "p10:x vfs_open", -EINVAL, "trace_kprobe",
		  "Maxactive is only for function exit", 1 },
		{ "r0x:x vfs_open", -EINVAL, "trace_kprobe", "Invalid maxactive number", 1 },
		{ "r99999:x vfs_open", -EINVAL, "trace_kprobe", "Maxactive is too big", 1 },
		{ "p:x no_such_function", -ENOENT, "trace_kprobe",
		  "Invalid probed address or symbol", 4 },
		{ "p:x vfs_open+5", -EOPNOTSUPP, "trace_kprobe",
		  "Only the entry of a traced function can be probed", 12 },
		{ "r:x vfs_open+5", -EINVAL, "trace_kprobe",
		  "Retprobe address must be an function entry", 4 },
		{ "f:x vfs_open%retur", -EINVAL, "trace_fprobe", "Invalid probed address suffix",
		  12 },
		{ "p:x ring_buffer_lock_reserve", -EOPNOTSUPP, "trace_kprobe",
		  "Only the entry of a traced function can be probed", 4 },
		{ "p:x kt_sum =a", -EINVAL, "trace_kprobe", "Argument name is not specified", 11 },
		{ "p:x kt_sum 1a=a", -EINVAL, "trace_kprobe",
		  "Argument name must follow the same rules as C identifiers", 11 },
		{ "p:x kt_sum a a", -EINVAL, "trace_kprobe", "This argument name is already used",
		  13 },
		{ "p:x kt_sum common_pid=a", -EINVAL, "trace_kprobe",
		  "This argument name is already used", 11 },
		{ "p:x kt_sum v=", -EINVAL, "trace_kprobe", "No argument expression", 13 },
		{ "p:x kt_sum v=$arg0", -EINVAL, "trace_kprobe", "Invalid argument number", 17 },
		{ "p:x kt_sum v=$arg17", -EINVAL, "trace_kprobe", "Invalid argument number", 17 },
		{ "p:x kt_sum v=$stackx", -EINVAL, "trace_kprobe", "Invalid stack number", 19 },
		{ "p:x kt_sum v=$foo", -EINVAL, "trace_kprobe",
		  "Invalid $-valiable specified", 13 },
		{ "p:x kt_sum v=$retval", -EINVAL, "trace_kprobe",
		  "$retval is not available on probe", 13 },
		{ "r:x kt_dyn_nothing v=$retval", -EINVAL, "trace_kprobe",
		  "This function returns 'void' type", 21 },
		{ "p:x kt_sum v=%foo", -EINVAL, "trace_kprobe", "Invalid register name", 13 },
		{ "p:x kt_sum v=@no_such", -EINVAL, "trace_kprobe", "Invalid memory address", 14 },
		{ "p:x kt_sum v=@+1", -EINVAL, "trace_kprobe",
		  "File offset is not available with kprobe", 14 },
		{ "p:x kt_sum v=\\x", -EINVAL, "trace_kprobe", "Invalid immediate value", 14 },
		{ "p:x kt_sum v=\\\"x", -EINVAL, "trace_kprobe",
		  "String is not closed with '\"'", 16 },
		{ "p:x kt_sum v=+0a", -EINVAL, "trace_kprobe", "Dereference needs a brace", 16 },
		{ "p:x kt_sum v=+x(a)", -EINVAL, "trace_kprobe", "Invalid dereference offset", 14 },
		{ "p:x kt_sum v=+0(a", -EINVAL, "trace_kprobe",
		  "Dereference brace is not closed", 17 },
		{ "p:x kt_sum v=+0($comm)", -EINVAL, "trace_kprobe",
		  "$comm can not be dereferenced", 16 },
		{ "p:x kt_sum v=*a", -EINVAL, "trace_kprobe", "Invalid fetch argument", 13 },
		{ "p:x kt_sum v=a:foo", -EINVAL, "trace_kprobe", "Unknown type is specified", 15 },
		{ "p:x kt_sum v=a:string", -EINVAL, "trace_kprobe",
		  "This type does not fit for string.", 15 },
		{ "p:x kt_sum v=%foo:u8", -EINVAL, "trace_kprobe", "Invalid register name", 13 },
		{ "p:x kt_sum v=$comm:u8", -EINVAL, "trace_kprobe",
		  "$comm and immediate-string only accepts string type", 19 },
		{ "p:x kt_sum v=a:u8[", -EINVAL, "trace_kprobe", "Array is not closed", 18 },
		{ "p:x kt_sum v=a:u8[1]x", -EINVAL, "trace_kprobe", "Array has wrong suffix", 20 },
		{ "p:x kt_sum v=a:u8[0]", -EINVAL, "trace_kprobe", "Invalid array size", 18 },
		{ "p:x kt_sum v=a:u8[65]", -EINVAL, "trace_kprobe", "Array number is too big", 18 },
		{ "p:x kt_sum v=a:b9@0/8", -EINVAL, "trace_kprobe", "Invalid bitfield", 15 },
		{ "p:x kt_sum v=a->b", -EINVAL, "trace_kprobe",
		  "BTF is not available or not supported", 14 },
		{ "p:x kt_sum nothing", -EINVAL, "trace_kprobe",
		  "This variable is not found at this probe point", 11 },
		{ "p:x kt_sum $arg* $arg*", -EINVAL, "trace_kprobe",
		  "$arg* can be used only once in the parameters", 17 },
		{ "p:ktest/kt_count kt_sum", -EEXIST, "trace_kprobe",
		  "Given group/event name is already used by another event", 0 },
		{ "t:x no_such", -ENOENT, "trace_fprobe", "Tracepoint is not found", 4 },
		{ "t:x a.b", -EINVAL, "trace_fprobe", "Invalid character in tracepoint name", 4 },
		{ "-:no_such", -ENOENT, "dynamic_events", "There is no such event", 2 },
		{ "x:a b", -EINVAL, "dynamic_events", "Unknown type of event", 0 },
	};

	if (!FTRACE_HAVE_ARGS)
		KT_SKIP(t, "the sites of this build tell no arguments");
	for (unsigned int i = 0; i < ARRAY_SIZE(lines); i++)
		expect_refused(t, &lines[i]);
	KT_EXPECT_EQ(t, file_write(KPROBES, "f:x vfs_open\n", O_APPEND), -EINVAL);
	clean_up(t);
}

/* Lines in pieces, comments, several lines; what one file shows of the other's. */
KTEST(dynamic, lines_and_files)
{
	static const char text[] = "# a comment\n\np kt_sum # and another\nf:f1 kt_sum\n"
				   "f:g/ kt_sum%return";
	struct file *file = vfs_open(DYNAMIC, O_WRONLY | O_APPEND, 0);

	KT_ASSERT(t, !IS_ERR(file));
	for (unsigned int i = 0; i < sizeof(text) - 1; i++)
		KT_EXPECT_EQ(t, vfs_write(file, &text[i], 1), 1);
	KT_EXPECT_EQ(t, vfs_close(file), 0);
	KT_EXPECT(t, file_is(DYNAMIC, "p:kprobes/p_kt_sum_0 kt_sum\nf:fprobes/f1 kt_sum\n"
			     "f:g/kt_sum__exit kt_sum%return\n"));
	KT_EXPECT(t, file_is(KPROBES, "p:kprobes/p_kt_sum_0 kt_sum\n"));
	/* Emptying the kprobes leaves the others alone. */
	KT_EXPECT_EQ(t, file_write(KPROBES, "", 0), 0);
	KT_EXPECT(t, file_is(DYNAMIC, "f:fprobes/f1 kt_sum\nf:g/kt_sum__exit kt_sum%return\n"));
	KT_EXPECT(t, !file_exists(E "kprobes/enable"));
	KT_EXPECT_EQ(t, add("-:g/"), 0);
	KT_EXPECT(t, file_is(DYNAMIC, "f:fprobes/f1 kt_sum\n"));
	clean_up(t);
}

/* An event that is in use stays; its records are shown when it has gone. */
KTEST(dynamic, going_while_in_use)
{
	char buf[8];
	struct file *file;

	kt_one_cpu(t);
	KT_EXPECT_EQ(t, add("p:d/e kt_sum\np:d/f kt_sum\n"), 0);
	KT_EXPECT_EQ(t, enable(E "d/e/enable", true), 0);
	KT_EXPECT_EQ(t, add("-:d/e"), -EBUSY);
	KT_EXPECT_EQ(t, file_write(DYNAMIC, "", 0), -EBUSY);
	KT_EXPECT(t, file_is(DYNAMIC, "p:d/e kt_sum\np:d/f kt_sum\n"));
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, enable(E "d/e/enable", false), 0);
	KT_EXPECT_EQ(t, file_write(E "d/f/trigger", "traceoff:1", 0), 0);
	KT_EXPECT_EQ(t, add("-:d/f"), -EBUSY);
	KT_EXPECT_EQ(t, file_write(E "d/f/trigger", "!traceoff", 0), 0);
	KT_EXPECT_EQ(t, add("-:d/f"), 0);
	file = vfs_open(E "d/e/enable", O_RDWR, 0);
	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, add("-:d/e"), 0);
	KT_EXPECT(t, !file_exists(E "d/enable"));
	KT_EXPECT_EQ(t, vfs_read(file, buf, sizeof(buf)), -ENODEV);
	KT_EXPECT_EQ(t, vfs_write(file, "1", 1), -ENODEV);
	vfs_close(file);
	KT_EXPECT(t, file_has(T "trace", ": e: (kt_sum+0x0/0x"));
	clean_up(t);
}

/* Filters and triggers work on them as on all events. */
KTEST(dynamic, filters_and_triggers)
{
	kt_one_cpu(t);
	if (!FTRACE_HAVE_ARGS)
		KT_SKIP(t, "the sites of this build tell no arguments");
	KT_EXPECT_EQ(t, add("p:d/e kt_sum a b\nf:d/s kt_dyn_text text:string\n"), 0);
	KT_EXPECT_EQ(t, file_write(E "d/e/filter", "a == 3 || b > 100", 0), 0);
	KT_EXPECT_EQ(t, file_write(E "d/s/filter", "text ~ \"*ll*\"", 0), 0);
	KT_EXPECT_EQ(t, enable(E "d/enable", true), 0);
	for (unsigned int i = 0; i < 6; i++)
		kt_sum(i, 99 + i / 5 * 2);
	kt_dyn_text("hello", &thing, KT_GREEN);
	kt_dyn_text("world", &thing, KT_GREEN);
	KT_EXPECT_EQ(t, file_count(T "trace", ": e: "), 2);
	KT_EXPECT_EQ(t, file_count(T "trace", ": s: "), 1);
	KT_EXPECT(t, file_has(T "trace", " text=\"hello\"\n"));
	/* Switching between checked and plain, while it is on. */
	KT_EXPECT_EQ(t, file_write(E "d/e/filter", "0", 0), 0);
	kt_sum(1, 1);
	KT_EXPECT_EQ(t, file_count(T "trace", ": e: "), 3);
	KT_EXPECT_EQ(t, file_write(E "d/e/trigger", "traceoff if a == 9", 0), 0);
	kt_sum(8, 1);
	kt_sum(9, 1);
	kt_sum(10, 1);
	KT_EXPECT_EQ(t, file_count(T "trace", ": e: "), 5);
	KT_EXPECT(t, file_is(T "tracing_on", "0\n"));
	KT_EXPECT_EQ(t, file_write(E "d/e/trigger", "!traceoff", 0), 0);
	clean_up(t);
}

/* Numbers are used again when there are no others: then the records that have them go. */
KTEST(dynamic, more_events_than_numbers)
{
	kt_one_cpu(t);
	for (unsigned int i = 0; i < 600; i++) {
		if (add("p:d/e kt_sum") || add("-:d/e")) {
			ktest_note(t, "the event of round %u", i);
			KT_EXPECT(t, false);
			break;
		}
	}
	KT_EXPECT_EQ(t, add("p:d/e kt_sum"), 0);
	KT_EXPECT_EQ(t, enable(E "d/enable", true), 0);
	kt_sum(1, 2);
	KT_EXPECT_EQ(t, file_count(T "trace", ": e: (kt_sum+0x0/"), 1);
	clean_up(t);
}
