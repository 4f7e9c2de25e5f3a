/* SPDX-License-Identifier: MIT */
/*
 * How arch/i386/patch.c changes a site on CPUs that QEMU emulates (arch/common/patch.h,
 * qemu_misses_writes()). Here an instruction is one value, because such a CPU executes a
 * translation of a whole instruction. A write removes the translations of what was there, but may
 * miss any of them, which then outlives the interrupt that should have ended it. The same write
 * once more, after that interrupt, misses none; still a CPU that is about to execute one does so
 * until it takes the next interrupt.
 *
 * So an int3 can be met when it is no longer in memory and the call that wrote it has returned. The
 * model claims that the handler then reads no changes that were freed, and, as int3.pml does, that
 * what a CPU executes is the old instruction or the new one. With -DNAME one thing is done
 * otherwise: see spin.py.
 */
#define NR_CPUS 2

/* Instructions are bits, so that a set of them is a byte. */
#define NOP 1
#define CALL_A 2
#define CALL_B 4
#define INT3 8

byte text = NOP;
byte seen[NR_CPUS] = NOP;		/* what a CPU may still execute */
byte outlives[NR_CPUS];			/* of those, what the next interrupt may not end */
bool ipi[NR_CPUS];			/* was asked to serialise and has not done so yet */

byte old = NOP, new = NOP;		/* what a CPU may execute now */
bool nr_active;				/* the handler looks at the changes */
bool changes_freed = true;

/* A translation that the write misses survives one interrupt; the second write misses none. */
inline write_first(insn)
{
	d_step {
		outlives[0] = seen[0];
		outlives[1] = seen[1];
		text = insn;
		seen[0] = seen[0] | insn;
		seen[1] = seen[1] | insn
	}
}

inline write_again()
{
	d_step {
		outlives[0] = 0;
		outlives[1] = 0
	}
}

inline serialise(cpu)
{
	d_step {
		seen[cpu] = outlives[cpu] | text;
		ipi[cpu] = false
	}
}

inline sync_cores()
{
	ipi[0] = true;
	ipi[1] = true;
	!ipi[0] && !ipi[1]
}

/* Stores in insn what the handler does. It has an interrupt gate: no IPI is taken meanwhile. */
inline handle_int3()
{
	do
	:: nr_active ->
		assert(!changes_freed);		/* between the look and this, much may happen */
		insn = new;
		break
	:: else ->
#ifndef NO_LOOK_AT_SITE
		insn = text;
		if
		:: insn != INT3 -> break
		:: else -> skip
		fi;
#endif
#ifdef HANDLER_LOOKS_ONCE
		assert(false)
#else
		assert(nr_active)		/* the next call has begun */
#endif
	od
}

active [NR_CPUS] proctype cpu()
{
	byte me = _pid, insn;

end:	do
	:: ipi[me] -> serialise(me)
	:: if
	   :: seen[me] & NOP -> insn = NOP
	   :: seen[me] & CALL_A -> insn = CALL_A
	   :: seen[me] & CALL_B -> insn = CALL_B
	   :: seen[me] & INT3 -> handle_int3()
	   fi;
	   atomic {
		assert(insn == old || insn == new);
		insn = 0
	   }
	od
}

/* The tails, between the two rounds here, change nothing that is executed: they synchronise. */
inline write_rounds(insn)
{
	nr_active = true;
	write_first(INT3);
	sync_cores();
#ifndef WRITES_ONCE
	write_again();
#endif
	sync_cores();
	write_first(insn);
#ifndef CHANGES_GONE_LATE
	nr_active = false;
#endif
	sync_cores();
#ifndef WRITES_ONCE
	write_again();
#endif
	nr_active = false
}

inline change(to)
{
	new = to;
	changes_freed = false;
	write_rounds(to);
	/* The second write of the last bytes may fail, as any other: then the way back. */
	if
	:: skip
	:: write_rounds(old); new = old
	fi;
	old = new;
	changes_freed = true
}

active proctype patcher()
{
	byte calls;

	do
	:: calls < 2 ->
		calls++;
		if
		:: old != NOP -> change(NOP)
		:: old != CALL_A -> change(CALL_A)
		:: old != CALL_B -> change(CALL_B)
		fi
	:: else -> break
	od
}
