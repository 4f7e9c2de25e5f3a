/* SPDX-License-Identifier: MIT */
/*
 * How arch/i386/patch.c changes a site, with two CPUs that execute it all the time and one that
 * patches. This does not model a certain cache, but the worst that any may do: for each part of the
 * instruction, at different times and in any order, a CPU may fetch any value that the part has had
 * since that CPU last executed a serialising instruction. No processor is weaker than that. An IRET
 * also serialises, but the model does not rely on it.
 *
 * The site has three parts: the first byte, and the four others in two halves, because a store to
 * them may cross a cache line or a page. The patcher is called twice, each time to change what is
 * there to another one of NOP, CALL A and CALL B, and a step of either call may fail.
 *
 * The model claims that what a CPU executes is entirely old or entirely new; that after a call it
 * is what the call left; that the handler can tell what each int3 stands for; and that it reads no
 * changes that were freed. With -DNAME one thing is done otherwise: see spin.py.
 */
#define NR_CPUS 2
#define NR_PARTS 3

/* Instructions and their parts. The values of a part are bits, so that a set of them is a byte. */
#define NOP 1
#define CALL_A 2
#define CALL_B 4
#define OPCODE_NOP 1
#define OPCODE_CALL 2
#define INT3 4
#define OPCODE(insn) (insn == NOP -> OPCODE_NOP : OPCODE_CALL)

byte text[NR_PARTS] = 1;			/* a NOP: OPCODE_NOP, and twice NOP */
byte seen[NR_CPUS * NR_PARTS] = 1;	/* by CPU and part: the values that a fetch may find */
bool ipi[NR_CPUS];			/* was asked to serialise and has not done so yet */

byte old = NOP, new = NOP;		/* what a CPU may execute now */
bool nr_active;				/* the handler looks at the changes */
bool changes_freed = true;

inline write_part(part, value)
{
	d_step {
		text[part] = value;
		seen[part] = seen[part] | value;
		seen[NR_PARTS + part] = seen[NR_PARTS + part] | value;
	}
}

inline serialise(cpu)
{
	d_step {
		seen[cpu * NR_PARTS] = text[0];
		seen[cpu * NR_PARTS + 1] = text[1];
		seen[cpu * NR_PARTS + 2] = text[2];
		ipi[cpu] = false;
	}
}

inline fetch(part, value)
{
	if
	:: seen[me * NR_PARTS + part] & 1 -> value = 1
	:: seen[me * NR_PARTS + part] & 2 -> value = 2
	:: seen[me * NR_PARTS + part] & 4 -> value = 4
	fi
}

#ifdef EMULATES_OLD
#define HANDLER_DOES old
#else
#define HANDLER_DOES new
#endif

/* Stores in low what the handler does. It has an interrupt gate: no IPI is taken meanwhile. */
inline handle_int3()
{
	do
	:: nr_active ->
#ifdef HANDLER_INTERRUPTED
		if
		:: ipi[me] -> serialise(me)
		:: skip
		fi;
#endif
		assert(!changes_freed);		/* between the look and this, much may happen */
		low = HANDLER_DOES;
		break
	:: else ->
		first = text[0];
		low = text[1];
		high = text[2];
		if
		:: first != INT3 -> assert(low == high && first == OPCODE(low)); break
		:: else -> assert(nr_active)	/* the next call has begun: look again */
		fi
	od
}

inline execute(insn)
{
	d_step {
		assert(insn == old || insn == new);
		first = 0;
		low = 0;
		high = 0
	}
}

/* An interrupt comes between two instructions, and drops what was fetched ahead. */
active [NR_CPUS] proctype cpu()
{
	byte me = _pid, first, low, high;

end:	do
	:: ipi[me] -> serialise(me)
	:: fetch(0, first);
	   if
	   :: first == INT3 ->
		handle_int3();
		execute(low)
	   :: else ->
		fetch(1, low);
		fetch(2, high);
		/* Opcode and operand must belong to one instruction. */
		assert(low == high && first == OPCODE(low));
		execute(low)
	   fi
	od
}

inline sync_cores()
{
	ipi[0] = true;
	ipi[1] = true;
	!ipi[0] && !ipi[1]
}

/* A step of a round may fail: this site's, or after it that of another site. */
inline maybe_fail()
{
	if
	:: skip
	:: failed = true
	fi
}

#ifdef HANDLER_GONE_EARLY
#define LAST_ROUND 2			/* the round whose writes take the changes away */
#else
#define LAST_ROUND 3
#endif
#ifndef NO_SYNC
#define NO_SYNC 0			/* the round after which no CPU serialises */
#endif

inline write_round(nr, insn)
{
	if
	:: nr == 1 -> write_part(0, INT3)
	:: nr == 2 ->
		write_part(1, insn);
		write_part(2, insn)
	:: nr == 3 -> write_part(0, OPCODE(insn))
	fi
}

/* One round of a change: the write is made or fails; then every CPU serialises. */
inline round(nr)
{
	if
	:: !failed ->
		maybe_fail();
		if
		:: !failed ->
			write_round(nr, new);
			maybe_fail();
			if
			:: !failed && nr == LAST_ROUND -> nr_active = false
			:: else -> skip
			fi
		:: else -> skip
		fi;
		if
		:: nr == NO_SYNC -> skip
#ifdef NO_SYNC_AFTER_FAILURE
		:: failed -> skip
		:: nr != NO_SYNC && !failed -> sync_cores()
#else
		:: nr != NO_SYNC -> sync_cores()
#endif
		fi
	:: else -> skip
	fi
}

inline change(to)
{
	failed = false;
	new = to;
	changes_freed = false;
#ifndef HANDLER_LATE
	nr_active = true;
#endif
#ifdef TAILS_FIRST
	round(2);
	round(1);
#else
	round(1);
#ifdef HANDLER_LATE
	nr_active = true;
#endif
	round(2);
#endif
	round(3);
	if
	:: failed ->
		nr_active = true;
		write_part(0, INT3);
#ifndef NO_SYNC1_BACK
		sync_cores();
#endif
		write_part(1, old);
		write_part(2, old);
		sync_cores();
		write_part(0, OPCODE(old));
		nr_active = false;
		sync_cores();
		new = old
	:: else -> skip
	fi;
	old = new;		/* from here on the call has returned */
	changes_freed = true
}

active proctype patcher()
{
	bool failed;
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
