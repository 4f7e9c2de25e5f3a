/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer is interrupted between any two instructions: the processor single-steps the
 * writer (x86-64's trap flag), and at step N the signal handler writes events as an interrupt
 * would, for every N until the writer has finished. Some of these interrupts are interrupted
 * themselves, by an NMI. The model in ring_log.h checks each run.
 */
#define _GNU_SOURCE	/* REG_EFL */
#include <signal.h>
#include <ucontext.h>
#include "tests/host/host.h"
#include "tests/host/ring_log.h"
#include "tests/host/tap.h"
#include "trace/ring_buffer/ring_buffer_write.h"

#ifdef __x86_64__
#define TRAP_FLAG 0x100

static struct trace_buffer *buffer;
static struct ring_log ring_log;

/* What happens in one run. */
struct scenario {
	unsigned int nr_pages, flags;
	unsigned int prefill;		/* bytes of events before it: where the writer starts */
	u64 gap;			/* cycles between those and the writer */
	void (*writer)(void);
	void (*interrupt)(void);
	unsigned int stride;		/* the next is at most so many steps on; 0: every one */
};
static const struct scenario *scenario;

static struct {
	unsigned int steps, target;	/* a target of 0 is never reached */
} level[2];
static int depth;			/* the level that is stepped; 2: in the NMI */

static void set_stepping(bool on)
{
	if (depth > 1)
		return;
	if (on && level[depth].steps < level[depth].target)
		__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() | TRAP_FLAG);
	else
		__builtin_ia32_writeeflags_u64(__builtin_ia32_readeflags_u64() & ~(u64)TRAP_FLAG);
}

static void on_trap(int sig, siginfo_t *info, void *context)
{
	unsigned int offset = depth ? NMI_OFFSET : HARDIRQ_OFFSET;
	ucontext_t *uc = context;

	if (depth > 1 || ++level[depth].steps != level[depth].target)
		return;
	/* Some interrupts come so early that their entry code has not counted them. */
	if (!depth && !tap_below(3))
		offset = 0;
	depth++;
	host_enter(offset);
	scenario->interrupt();
	host_leave(offset);
	depth--;
	uc->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static void run_once(unsigned int target, unsigned int nmi_target)
{
	unsigned int size = 0;

	host_set_clock(0, 0xaaaaaaab);
	host_cycles = 0xfffff000;
	host_cycles_step = 10;
	ring_log_step = NULL;
	buffer = ring_buffer_alloc(scenario->nr_pages * RB_DATA_SIZE, scenario->flags);
	ring_log_start(&ring_log, buffer);
	for (; size + 20 <= scenario->prefill; size += 20)
		ring_log_write(&ring_log, 16, RING_COMMIT, NULL);
	host_cycles += scenario->gap;

	depth = 0;
	level[0].steps = level[1].steps = 0;
	level[0].target = target;
	level[1].target = nmi_target;
	ring_log_step = set_stepping;
	scenario->writer();
	ring_log_step = NULL;

	ring_log_balance(&ring_log);
	ring_log_consume(&ring_log, 3);
	ring_log_write(&ring_log, 16, RING_COMMIT, NULL);
	ring_log_write_fast(&ring_log, NULL);
	ring_log_consume(&ring_log, ~0u);
	ring_log_balance(&ring_log);
	EXPECT(ring_buffer_empty_cpu(buffer, 0));
	ring_buffer_free(buffer);
}

static void run(const struct scenario *sc)
{
	struct sigaction action = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER };
	unsigned int target = 1, stride = sc->stride ? sc->stride : 1;

	sigaction(SIGTRAP, &action, NULL);
	scenario = sc;
	for (;; target += 1 + tap_below(stride)) {
		run_once(target, tap_below(3) ? 0 : 1 + tap_below(300));
		if (tap_failed())
			tap_note("at step %u, the NMI at step %u", target, level[1].target);
		if (tap_failed() || level[0].steps < target)
			break;
	}
	EXPECT(target > 20);
}

/* --- What writes, and what interrupts --- */

static void write_fast(void)
{
	ring_log_write_fast(&ring_log, NULL);
}

static void write_short(void)
{
	ring_log_write(&ring_log, 30, RING_COMMIT, NULL);
}

/* Its size does not fit into the header, so it takes the slow path at once. */
static void write_slow(void)
{
	ring_log_write(&ring_log, RB_MAX_SMALL_DATA + 2, RING_COMMIT, NULL);
}

static void write_discarded(void)
{
	ring_log_write(&ring_log, 30, RING_DISCARD, NULL);
}

static void write_long(void)
{
	ring_log_write(&ring_log, 500, RING_COMMIT, NULL);
}

static void read_some(void)
{
	struct ring_buffer_event *event;
	unsigned long lost;
	unsigned int i;
	u64 ts;

	for (i = 0; i < 3; i++) {
		set_stepping(true);
		event = ring_buffer_consume(buffer, 0, &ts, &lost);
		set_stepping(false);
		if (event)
			ring_log_check(&ring_log, event, ts, lost);
	}
}

static void write_many(void)
{
	unsigned int i;

	for (i = 0; i < 30; i++)
		ring_log_write(&ring_log, 400, i % 3 ? RING_COMMIT : RING_DISCARD, NULL);
}

static void write_three(void)
{
	write_fast();
	write_discarded();
	write_slow();
}

static void write_sequence(void)
{
	ring_log_write_sequence(&ring_log, NULL);
}

/* Once the sequence is open, it is closed and opened again. */
static void write_sequence_and_short(void)
{
	write_sequence();
	write_sequence();
	write_short();
	write_sequence();
	write_sequence();
}

static void (*const interrupts[])(void) = { write_sequence, write_sequence_and_short,
					     write_short, write_discarded,
					    write_three, write_long };

/* Interrupts the interrupt at each step. */
static void interrupt_by_all(void)
{
	interrupts[level[0].target % ARRAY_SIZE(interrupts)]();
}

static void run_with_all(struct scenario sc)
{
	sc.interrupt = interrupt_by_all;
	run(&sc);
}

TEST(fast_write)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, 400, 0, write_fast, NULL, 0 });
}

TEST(fast_write_at_the_end_of_a_sub_buffer)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, RB_DATA_SIZE - 30, 0, write_fast,
				       NULL, 4 });
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, RB_DATA_SIZE, 0, write_fast, NULL, 4 });
}

TEST(short_write)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, 400, 0, write_short, NULL, 0 });
}

TEST(short_write_at_the_end_of_a_sub_buffer)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, RB_DATA_SIZE - 40, 0, write_short,
				       NULL, 4 });
}

TEST(short_write_after_a_long_time)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, 400, 1ull << 33, write_short, NULL,
				       4 });
}

TEST(sequence)
{
	struct scenario sc = { 4, RB_FL_OVERWRITE, 400, 0, write_sequence_and_short, NULL, 0 };

	run_with_all(sc);
	/* Everywhere at the end of a sub-buffer, and when a time needs a stamp. */
	for (sc.stride = 160, sc.prefill = RB_DATA_SIZE - 120; sc.prefill < RB_DATA_SIZE;
	     sc.prefill += 20)
		run_with_all(sc);
	sc.gap = 1ull << 33;
	run_with_all(sc);
}

TEST(slow_write)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, 400, 0, write_slow, NULL, 0 });
}

TEST(slow_write_after_a_long_time)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, 400, 1ull << 33, write_slow, NULL, 4 });
}

TEST(write_into_the_next_sub_buffer)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, 3900, 0, write_long, NULL, 4 });
}

TEST(write_over_the_oldest_sub_buffer)
{
	run_with_all((struct scenario){ 2, RB_FL_OVERWRITE, 2 * RB_DATA_SIZE - 40, 0, write_slow,
				       NULL, 4 });
}

TEST(write_into_a_full_buffer)
{
	run_with_all((struct scenario){ 2, 0, 2 * RB_DATA_SIZE - 40, 0, write_long, NULL, 4 });
}

TEST(write_flooded_by_an_interrupt)
{
	struct scenario sc = { 2, RB_FL_OVERWRITE, 3800, 0, write_slow, write_many, 8 };

	run(&sc);
	sc.flags = 0;
	run(&sc);
	sc.nr_pages = 3;
	sc.flags = RB_FL_OVERWRITE;
	run(&sc);
}

TEST(discard)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, 400, 0, write_discarded, NULL, 0 });
}

TEST(discard_at_the_end_of_a_sub_buffer)
{
	run_with_all((struct scenario){ 4, RB_FL_OVERWRITE, RB_DATA_SIZE - 20, 0, write_discarded,
				       NULL, 4 });
}

TEST(read_overtaken_by_writers)
{
	struct scenario sc = { 2, RB_FL_OVERWRITE, 2 * RB_DATA_SIZE - 40, 0, read_some,
			       write_many, 400 };

	run(&sc);
	sc.interrupt = write_three;
	run(&sc);
}
#else
TEST(single_steps)
{
	tap_skip("needs x86-64's trap flag");
}
#endif
