/* SPDX-License-Identifier: MIT */
/*
 * Measuring the TSC's frequency on a simulated machine, which has channel 2 of the 8254, the
 * speaker port, and a host that stops it now and then: the two clocks go on meanwhile.
 */
#include "arch/i386/tsc.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include <asm/io.h>

#define TSC_HZ 2400000000ull
#define ACCESS 2400			/* cycles that a port's access takes: a microsecond */
#define PAUSE (TSC_HZ / 1000 * 70)	/* longer than channel 2 takes to wrap */

enum { CHANNEL2 = 0x42, SPEAKER = 0x61 };

static struct {
	u64 loaded;			/* when channel 2 began to count */
	u32 latched, reads, writes;
	u8 speaker;
	bool has_speaker;
	u64 accesses, pause_every, pauses;	/* the host's pauses that are left */
} machine;

static u64 counted(void)
{
	return (host_cycles - machine.loaded) * PIT_HZ / TSC_HZ;
}

static void pass_time(void)
{
	host_cycles += ACCESS;
	if (machine.pauses && ++machine.accesses % machine.pause_every == 0) {
		machine.pauses--;
		host_cycles += PAUSE;
	}
}

void outb(u16 port, u8 value)
{
	pass_time();
	if (port == SPEAKER)
		machine.speaker = value & 3;
	else if (port == PIT_COMMAND && value == 0x80)
		machine.latched = 0xffff - (u32)(counted() & 0xffff);
	else if (port == CHANNEL2 && ++machine.writes % 2 == 0)
		machine.loaded = host_cycles;
}

u8 inb(u16 port)
{
	pass_time();
	if (port == CHANNEL2)
		return (u8)(machine.latched >> (machine.reads++ % 2 ? 8 : 0));
	if (port != SPEAKER || !machine.has_speaker)
		return 0xff;
	return machine.speaker | (counted() > 0xffff ? 0x20 : 0);
}

static void start(u64 pauses, u64 pause_every)
{
	memset(&machine, 0, sizeof(machine));
	machine.has_speaker = true;
	machine.pauses = pauses;
	machine.pause_every = pause_every;
}

/* Returns by how many millionths the result is wrong. */
static u64 measure(bool *sure)
{
	u64 hz = i386_measure_tsc_hz(sure);

	return (hz > TSC_HZ ? hz - TSC_HZ : TSC_HZ - hz) * 1000000 / TSC_HZ;
}

TEST(undisturbed)
{
	u64 began = host_cycles;
	bool sure;

	start(0, 1);
	EXPECT(measure(&sure) <= 100);
	EXPECT(sure);
	EXPECT(host_cycles - began < TSC_HZ / 1000 * 5);
}

/* As long as each try is spoiled, it is made again, however many these are. */
TEST(pauses_that_end)
{
	for (u64 every = 100; every < 600; every += 50) {
		bool sure;

		start(400, every);
		EXPECT(measure(&sure) <= 100);
		EXPECT(sure);
	}
}

/* Nothing can be measured, and the result says so. Counts are missing: all values are too high. */
TEST(pauses_that_do_not_end)
{
	bool sure;

	start(~0ull, 100);
	EXPECT(i386_measure_tsc_hz(&sure) >= TSC_HZ);
	EXPECT(!sure);
	/* It has not gone on for ever: each try has one pause at least, and a few at most. */
	EXPECT(~0ull - machine.pauses < 100000);
}

TEST(no_speaker_port)
{
	bool sure;

	start(0, 1);
	machine.has_speaker = false;
	EXPECT(measure(&sure) <= 100);
	EXPECT(sure);
	/* One pause spoils one of the tries, and the lowest value is of another. */
	for (u64 when = 50; when < 8000; when += 50) {
		start(1, when);
		machine.has_speaker = false;
		EXPECT(measure(&sure) <= 100);
	}
}
