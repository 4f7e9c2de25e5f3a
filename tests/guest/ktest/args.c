/* SPDX-License-Identifier: MIT */
/*
 * Calls with their arguments and results, as users switch them on: func-args, funcgraph-args,
 * funcgraph-retval. tests/drive/boot/args.py has the very many prototypes.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"
#define TARGET __attribute__((noipa))
#define NEED_ARGS(t)								\
	do {									\
		if (!FTRACE_HAVE_ARGS)						\
			KT_SKIP(t, "arguments are not known in this build");	\
	} while (0)

enum kt_color { KT_RED = 1, KT_BLUE = -2 };
struct kt_pair {
	char bytes[36];
};

TARGET long long kt_args_types(const char *name, int number, unsigned long long wide, bool flag,
			       enum kt_color color, struct kt_pair pair);
TARGET void kt_args_void(const char *name);
TARGET void *kt_args_pointer(unsigned long value);

static char text[4096];

TARGET long long kt_args_types(const char *name, int number, unsigned long long wide, bool flag,
			       enum kt_color color, struct kt_pair pair)
{
	barrier();
	return -0x123456789all;
}

TARGET void kt_args_void(const char *name)
{
	barrier();
}

TARGET void *kt_args_pointer(unsigned long value)
{
	barrier();
	return (void *)value;
}

static TARGET notrace void call_all(void)
{
	const struct kt_pair pair = { "pair" };

	kt_args_types("a \"name\"\n", -7, 0x123456789abcull, true, KT_BLUE, pair);
	kt_args_void((const char *)8);
	kt_args_pointer(0x1230);
	kt_args_pointer((unsigned long)-ENOENT);
}

static bool begin(struct ktest *t, const char *tracer)
{
	kt_one_cpu(t);
	return KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "kt_args_*", 0), 0) &&
	       KT_EXPECT_EQ(t, file_write(T "current_tracer", tracer, 0), 0);
}

static void end(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "current_tracer", "nop", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "set_ftrace_filter", "", 0), 0);
	KT_EXPECT_EQ(t, file_count(T "enabled_functions", "("), 0);
}

static void set(struct ktest *t, const char *option, const char *value)
{
	char path[64];

	scnprintf(path, sizeof(path), T "options/%s", option);
	KT_EXPECT_EQ(t, file_write(path, value, 0), 0);
}

static void trace_calls(struct ktest *t)
{
	ssize_t len;

	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	call_all();
	len = file_read(T "trace", text, sizeof(text));
	if (!KT_EXPECT(t, len > 0))
		text[0] = '\0';
}

static void expect(struct ktest *t, const char *part)
{
	const char *calls = strstr(text, "kt_args_");

	if (!strstr(text, part))
		ktest_fail(t, __FILE__, __LINE__, "no \"%s\" in \"%.600s\"", part,
			   calls ? calls : text);
}

KTEST(args, of_function_tracer)
{
	NEED_ARGS(t);
	KT_ASSERT(t, begin(t, "function"));
	set(t, "func-args", "1");
	trace_calls(t);
	expect(t, ": kt_args_types(name=\"a \\\"name\\\"\\n\", number=-7, wide=0x123456789abc, "
	       "flag=true, color=KT_BLUE, pair={...}) <-call_all\n");
	/* Nothing can be read there. */
	expect(t, ": kt_args_void(name=0x8) <-call_all\n");
	expect(t, ": kt_args_pointer(value=0x1230) <-call_all\n");
	set(t, "func_stack_trace", "1");
	trace_calls(t);
	expect(t, ": kt_args_pointer(value=0x1230) <-call_all\n");
	expect(t, "=> kt_args_pointer\n => call_all\n");
	set(t, "func_stack_trace", "0");
	set(t, "func-no-repeats", "1");
	trace_calls(t);
	expect(t, ": kt_args_pointer(value=0x1230) <-call_all\n");
	set(t, "func-no-repeats", "0");
	set(t, "func-args", "0");
	trace_calls(t);
	expect(t, ": kt_args_pointer <-call_all\n");
	end(t);
}

KTEST(args, of_function_graph)
{
	NEED_ARGS(t);
	KT_ASSERT(t, begin(t, "function_graph"));
	set(t, "funcgraph-args", "1");
	trace_calls(t);
	expect(t, "|  kt_args_types(name=\"a \\\"name\\\"\\n\", number=-7, wide=0x123456789abc, "
	       "flag=true, color=KT_BLUE, pair={...});\n");
	expect(t, "|  kt_args_void(name=0x8);\n");
	set(t, "funcgraph-retval", "1");
	trace_calls(t);
	expect(t, "pair={...}); /* = -78187493530 */\n");
	expect(t, "|  kt_args_void(name=0x8);\n");
	expect(t, "|  kt_args_pointer(value=0x1230); /* = 0x1230 */\n");
	expect(t, "); /* = -2 */\n");
	set(t, "funcgraph-retval-hex", "1");
	trace_calls(t);
	expect(t, "|  kt_args_void(name=0x8);\n");
	expect(t, sizeof(long) == 4 ? "); /* = 0xfffffffe */\n" :
	       "); /* = 0xfffffffffffffffe */\n");
	set(t, "funcgraph-retval-hex", "0");
	set(t, "funcgraph-args", "0");
	trace_calls(t);
	expect(t, "|  kt_args_void();\n");
	expect(t, "|  kt_args_pointer(); /* = 0x1230 */\n");
	set(t, "funcgraph-retval", "0");
	/* Events that were recorded without the second word of the result are shown as they are. */
	trace_calls(t);
	set(t, "funcgraph-retval", "1");
	KT_EXPECT(t, file_has(T "trace", sizeof(long) == 4 ? "kt_args_types(); /* = 0xcba98766 */" :
			      "kt_args_types(); /* = -78187493530 */"));
	set(t, "funcgraph-retval", "0");
	end(t);
}

KTEST(args, strings_are_cut)
{
	static const char letters[] = "0123456789012345678901234567890123456789"
				      "0123456789012345678901234567890123456789";

	NEED_ARGS(t);
	KT_ASSERT(t, begin(t, "function"));
	set(t, "func-args", "1");
	KT_EXPECT_EQ(t, file_write(T "trace", "", 0), 0);
	kt_args_void(letters);
	/* As long as a string may be, and no byte more. */
	kt_args_void(letters + sizeof(letters) - 1 - 63);
	kt_args_void("");
	KT_EXPECT(t, file_read(T "trace", text, sizeof(text)) > 0);
	expect(t, "(name=\"012345678901234567890123456789012345678901234567890123456789012\"...) ");
	expect(t, "(name=\"789012345678901234567890123456789012345678901234567890123456789\") ");
	expect(t, "(name=\"\") ");
	set(t, "func-args", "0");
	end(t);
}

KTEST(args, refused_without_arguments)
{
	if (FTRACE_HAVE_ARGS)
		KT_SKIP(t, "arguments are known in this build");
	KT_EXPECT_EQ(t, file_write(T "options/func-args", "1", 0), -EOPNOTSUPP);
	KT_EXPECT_EQ(t, file_write(T "options/funcgraph-args", "1", 0), -EOPNOTSUPP);
	KT_EXPECT(t, file_has(T "error_log", "arguments of functions are not known"));
	KT_EXPECT(t, file_is(T "options/funcgraph-args", "0\n"));
	KT_EXPECT_EQ(t, file_write(T "options/funcgraph-retval", "1", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "options/funcgraph-retval", "0", 0), 0);
}
