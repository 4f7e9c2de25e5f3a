/* SPDX-License-Identifier: MIT */
/*
 * The tracer at work in this kernel: a callback that records, a filter, and a direct call beside
 * it. Ends with 1, and says where, if something is not as it should be.
 */
#include <stdio.h>
#include "tests/host/embed/embed.h"
#include "trace/ftrace.h"
#include "trace/ring_buffer/ring_buffer_write.h"

#define EXPECT(cond) do {						\
	if (!(cond)) {							\
		printf("main.c:%d: expected %s\n", __LINE__, #cond);	\
		failed = 1;						\
	}								\
} while (0)

static int failed;
static struct trace_buffer *buffer;

static void record(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		   struct ftrace_regs *fregs)
{
	struct ring_buffer_writer writer;

	if (!ring_buffer_reserve_fast(buffer, sizeof(ip), &writer)) {
		EXPECT(!ring_buffer_write(buffer, sizeof(ip), &ip));
		return;
	}
	memcpy(writer.event->array, &ip, sizeof(ip));
	ring_buffer_commit_fast(&writer, sizeof(ip));
}

static struct ftrace_ops recorder = { .func = record, .flags = FTRACE_OPS_FL_RECURSION };
static struct ftrace_ops direct;

static void call_all(void)
{
	for (unsigned int nr = 0; nr < NR_FUNCTIONS; nr++)
		embed_call(nr);
}

/* Reads all events; each must be that of the next function in @order. */
static void expect_events(const char *order)
{
	struct ring_buffer_event *event;
	unsigned long ip;
	u64 time, before = 0;

	for (; (event = ring_buffer_consume(buffer, 0, &time, NULL)); order++) {
		memcpy(&ip, ring_buffer_event_data(event), sizeof(ip));
		EXPECT((ip - (unsigned long)_text) / FUNCTION_SIZE + '0' == (unsigned char)*order);
		EXPECT(time > before);
		before = time;
		if (!*order)
			return;
	}
	EXPECT(!*order);
}

static void trace_with_filter(void)
{
	char glob[] = "open*";

	EXPECT(!ftrace_set_filter(&recorder, glob, (int)strlen(glob), 1));
	EXPECT(!register_ftrace_function(&recorder));
	call_all();
	expect_events("04");
	strcpy(glob, "none");
	EXPECT(ftrace_set_filter(&recorder, glob, (int)strlen(glob), 1) == -EINVAL);
	EXPECT(!ftrace_set_filter(&recorder, NULL, 0, 1));
	call_all();
	expect_events("012345");
}

static void trace_beside_direct_call(void)
{
	EXPECT(!ftrace_set_filter_ip(&direct, ftrace_location((unsigned long)_text), 0, 1));
	EXPECT(!register_ftrace_direct(&direct, 0x5678));
	call_all();
	expect_events("012345");
	EXPECT(embed_nr_direct == 1);
	EXPECT(!unregister_ftrace_function(&recorder));
	call_all();
	expect_events("");
	EXPECT(embed_nr_direct == 2);
	EXPECT(!unregister_ftrace_direct(&direct, 0x5678, true));
	call_all();
	EXPECT(embed_nr_direct == 2);
}

static void fill_and_resize(void)
{
	unsigned long nr = 0, count = 3 * PAGE_SIZE / 8;

	for (nr = 0; nr < count; nr++)
		EXPECT(!ring_buffer_write(buffer, sizeof(nr), &nr));
	EXPECT(ring_buffer_overrun_cpu(buffer, 0));
	EXPECT(ring_buffer_entries_cpu(buffer, 0) + ring_buffer_overrun_cpu(buffer, 0) == count);
	EXPECT(!ring_buffer_resize(buffer, 8 * PAGE_SIZE, RING_BUFFER_ALL_CPUS));
	EXPECT(ring_buffer_entries_cpu(buffer, 0) + ring_buffer_overrun_cpu(buffer, 0) == count);
}

int main(void)
{
	ftrace_init();
	buffer = ring_buffer_alloc(2 * RB_DATA_SIZE, RB_FL_OVERWRITE);
	EXPECT(buffer);
	trace_with_filter();
	trace_beside_direct_call();
	ring_buffer_reset(buffer);
	fill_and_resize();
	EXPECT(!embed_thread.preempt_count && !embed_thread.trace_recursion);
	ring_buffer_free(buffer);
	return failed;
}
