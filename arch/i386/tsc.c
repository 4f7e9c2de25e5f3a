/* SPDX-License-Identifier: MIT */
/*
 * The TSC's frequency, measured with channel 2 of the 8254, which counts at a known one. The
 * measurement is short because an emulated clock that counts instructions runs while it waits: it
 * stops once it is good enough, and takes MEASURE_MAX at most. Untraced.
 */
#include "arch/i386/tsc.h"
#include "kernel/arch.h"
#include "kernel/compiler.h"
#include <asm/io.h>

#define PIT_CHANNEL2 0x42

#define COMMAND_ONE_SHOT 0xb0		/* channel 2, both bytes, mode 0: count down once */
#define COMMAND_LATCH2 0x80

#define SPEAKER_PORT 0x61
#define SPEAKER_GATE2 0x01
#define SPEAKER_DATA 0x02
#define SPEAKER_OUT2 0x20		/* channel 2 has counted to its end, once or more */

#define MEASURE_START_TRIES 32
#define MEASURE_MAX (PIT_HZ * 18 / 10000)	/* 1.8 ms, in PIT counts */
#define MEASURE_LIMIT 0xf000			/* before channel 2 wraps */
#define MEASURE_TRIES 1000
#define MEASURE_TRIES_BLIND 3			/* without a speaker port */
#define MEASURE_ERROR_PPM 100

/* The PIT's count changed to @count at @tsc, give or take @width / 2 cycles. */
struct edge {
	u64 tsc, width;
	u32 count;
};

static u32 read_channel2(void)
{
	u32 low;

	outb(PIT_COMMAND, COMMAND_LATCH2);
	low = inb(PIT_CHANNEL2);
	return (u32)inb(PIT_CHANNEL2) << 8 | low;
}

static struct edge next_edge(void)
{
	u64 before, now = arch_clock_cycles();
	u32 count, first = read_channel2();

	do {
		before = now;
		now = arch_clock_cycles();
		count = read_channel2();
	} while (count == first);
	now = arch_clock_cycles();
	return (struct edge){ before + (now - before) / 2, now - before, count };
}

/* @hz is right to +-@error, which is little: the roundest value in there is the likeliest. */
static u64 round_within(u64 hz, u64 error)
{
	static const u32 steps[] = { 100000000, 10000000, 1000000 };
	unsigned int i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		u64 rounded = (hz + steps[i] / 2) / steps[i] * steps[i];

		if (rounded && (rounded > hz ? rounded - hz : hz - rounded) <= error)
			return rounded;
	}
	return hz;
}

/*
 * A wide window means that the host ran something else meanwhile. Such an edge is of no use, and
 * waiting for another one costs this machine nothing.
 */
static bool good_enough(const struct edge *start, const struct edge *end)
{
	u64 error = (start->width + end->width) / 2;
	u32 elapsed = start->count - end->count;

	if (error * 1000000 <= (end->tsc - start->tsc) * MEASURE_ERROR_PPM)
		return true;
	return (elapsed >= MEASURE_MAX && end->width <= 2 * start->width) ||
	       end->count <= 0xffff - MEASURE_LIMIT;
}

/*
 * Sets @hz. Returns false if channel 2 has wrapped meanwhile. Then counts are missing, and @hz is
 * too high.
 */
static bool measure_once(u64 *hz)
{
	struct edge start, end;
	u64 cycles, error;
	u32 elapsed;
	unsigned int i;

	outb(PIT_COMMAND, COMMAND_ONE_SHOT);
	outb(PIT_CHANNEL2, 0xff);
	outb(PIT_CHANNEL2, 0xff);
	start = next_edge();
	/* The narrower the first edge is known, the shorter the measurement has to be. */
	for (i = 0; i < MEASURE_START_TRIES; i++) {
		end = next_edge();
		if (end.width < start.width)
			start = end;
	}
	do
		end = next_edge();
	while (!good_enough(&start, &end));
	/* Counts that have wrapped are thrown away below, but must not divide by zero before. */
	elapsed = start.count > end.count ? start.count - end.count : 1;
	cycles = end.tsc - start.tsc;
	error = (start.width + end.width) / 2;
	*hz = cycles * PIT_HZ / elapsed;
	if (error * 1000000 <= cycles * MEASURE_ERROR_PPM)
		*hz = round_within(*hz, error * PIT_HZ / elapsed);
	return !(inb(SPEAKER_PORT) & SPEAKER_OUT2);
}

/*
 * Channel 2 counts for 55 ms. If the host stops the machine for longer, it wraps, which the counts
 * themselves do not show, so each try in which that happened is thrown away. As long as the host
 * does that, there is no other clock to say how long to go on trying; a machine that never runs for
 * a millisecond gets the lowest of the values, because all of them are too high.
 */
u64 i386_measure_tsc_hz(bool *sure)
{
	u8 port = inb(SPEAKER_PORT);
	bool can_tell, good = false;
	u64 hz, lowest = ~0ull;
	unsigned int tries;

	outb(SPEAKER_PORT, (u8)((port & ~SPEAKER_DATA) | SPEAKER_GATE2));
	/*
	 * A machine without this port does not show what was written. Its bits are all set, as if
	 * the channel had wrapped each time, so a few tries must do.
	 */
	can_tell = (inb(SPEAKER_PORT) & (SPEAKER_DATA | SPEAKER_GATE2)) == SPEAKER_GATE2;
	for (tries = can_tell ? MEASURE_TRIES : MEASURE_TRIES_BLIND; tries && !good; tries--) {
		good = measure_once(&hz);
		lowest = min(lowest, hz);
	}
	outb(SPEAKER_PORT, port);
	*sure = good || !can_tell;
	return good ? hz : lowest;
}
