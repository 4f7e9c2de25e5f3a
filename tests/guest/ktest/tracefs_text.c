/* SPDX-License-Identifier: MIT */
/* Texts of trace_printk(): what is stored of them, and that readers show what printf() would. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/sched.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/output/trace.h"

#define T "/sys/kernel/tracing/"

/* The event of each text is what it should be, and readers show what snprintf() makes of it. */
#define PRINTS(t, type, fmt, args...)						\
({										\
	char _want[200];							\
										\
	KT_EXPECT(t, trace_printk(fmt, ##args) > 0);				\
	KT_EXPECT_EQ(t, last_type(), type);					\
	snprintf(_want, sizeof(_want), ": " fmt, ##args);			\
	if (!file_has(T "trace", _want))					\
		ktest_fail(t, __FILE__, __LINE__, "not in the trace: %s", _want);	\
})

/* The type of the newest event of this CPU. */
static unsigned int last_type(void)
{
	struct ring_buffer_iter *iter = ring_buffer_read_start(global_trace.buffer, 0);
	struct ring_buffer_event *event;
	unsigned int type = 0;
	u64 ts;

	while (iter && (event = ring_buffer_iter_peek(iter, &ts))) {
		type = ((struct trace_entry *)ring_buffer_event_data(event))->type;
		ring_buffer_iter_advance(iter);
	}
	if (iter)
		ring_buffer_read_finish(iter);
	return type;
}

/* Where this is inlined, the compiler knows the format, but it is none of the place itself. */
static __always_inline int print_with(const char *fmt, int number)
{
	return trace_printk(fmt, number);
}

KTEST(tracefs, text_is_formatted_later)
{
	static const char *volatile null;
	static char longer[300];
	char name[] = "name";

	kt_one_cpu(t);
	tracing_restore(t);
	PRINTS(t, TRACE_BPRINT, "nothing\n");
	PRINTS(t, TRACE_BPRINT, "100%% %d%%\n", -5);
	PRINTS(t, TRACE_BPRINT, "%u %08x|%-6d|%+d %#X %o\n", 1, 0xbeef, 7, 9, 0xab, 8);
	PRINTS(t, TRACE_BPRINT, "%lld %d %llx %lu\n", -1ll, 2, 1ull << 40 | 7, 3ul);
	PRINTS(t, TRACE_BPRINT, "%*d|%-*u|%.*d\n", 5, 42, 4, 1u, 3, 7);
	PRINTS(t, TRACE_BPRINT, "%px %ps %pS %pe\n", name, schedule, schedule, ERR_PTR(-ENOMEM));
	PRINTS(t, TRACE_BPRINT, "%s|%d|%8s|%-7s|%lld\n", name, 1, "eight", "", 5ll);
	PRINTS(t, TRACE_BPRINT, "%s %s\n", null, (char *)8);
	PRINTS(t, TRACE_BPRINT, "%d%d%d%d%d%d%d%d%d%d%d%d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3);
	PRINTS(t, TRACE_PRINT, "%d%d%d%d%d%d%d%d%d%d%d%d%d\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3,
	       4);
	PRINTS(t, TRACE_PRINT, "%c %hd %hhu\n", 'c', (short)-3, (unsigned char)200);
	PRINTS(t, TRACE_PRINT, "%.2s %*ph\n", name, 4, name);
	KT_EXPECT(t, print_with("inline %d\n", 12) > 0);
	KT_EXPECT_EQ(t, last_type(), TRACE_PRINT);
	KT_EXPECT(t, file_has(T "trace", ": inline 12\n"));
	/* What a string holds is stored, not where it is. */
	for (unsigned int i = 0; i < 2; i++) {
		name[0] = i ? 'd' : 'g';
		trace_printk("twice: %s\n", name);
	}
	KT_EXPECT_EQ(t, file_count(T "trace", "twice: game"), 1);
	KT_EXPECT_EQ(t, file_count(T "trace", "twice: dame"), 1);
	/* If the arguments are too long, it is text. */
	memset(longer, 'l', sizeof(longer) - 1);
	KT_EXPECT(t, trace_printk("%s\n", longer) > 0);
	KT_EXPECT_EQ(t, last_type(), TRACE_PRINT);
	KT_EXPECT(t, file_has(T "trace", longer));
	tracing_restore(t);
}
