/* SPDX-License-Identifier: MIT */
/*
 * When trace/core/reclaim.c frees a set, its stub, and what belongs to its callback's owner. Two
 * threads call a traced function, and may be stopped at any step and go on at any later time. The
 * updater attaches, replaces, detaches and frees. It looks at one thread after the other, at
 * different times, and can read the stack only of a stopped thread. A thread that runs whenever it
 * is looked at is not seen, and counts as inside until it was seen stopped.
 *
 * Without -DLITERAL the site calls the set's stub (i386). With it, the site calls a trampoline that
 * loads the set from the site's literal (arm64), and then a thread may execute an old BL until it
 * has been stopped once.
 *
 * Set 1 has a plain callback; set 2 has the same one and one that relies on saved registers. The
 * model claims that no stub, set or owner is used after it was freed, and that set 2 runs only in
 * the trampoline that saves registers.
 */
#define NR_THREADS 2

/* Where a thread is, as far as its stack or its registers tell. */
#define OUTSIDE 0
#define AT_START 1		/* in the stub, or the trampoline before it has the set */
#define IN_TRAMPOLINE 2		/* has the set */
#define IN_CALLBACK 3		/* also has a return address in the trampoline */
#define LEAVING 4

byte where[NR_THREADS], entered[NR_THREADS];
bool stopped[NR_THREADS], slept[NR_THREADS];
bool clear[NR_THREADS];		/* was proven outside of all calls, and has not run since */
bool set_alive[3], owner_alive[3];
byte site, literal;		/* 0: nothing; as insn on arm64: 1 plain trampoline, 2 the other */
byte stale[NR_THREADS];		/* one older instruction that may still be fetched, plus 1 */

inline maybe_stop()
{
	if
	:: skip
	:: stopped[me] = true;
	   if
	   :: slept[me] = true		/* it stopped by itself */
	   :: skip
	   fi;
	   d_step {
		stopped[me] = false;
		stale[me] = 0;			/* ERET: a fresh fetch */
#ifndef CLEAR_FOR_EVER
		clear[me] = false
#endif
	   }
	fi
}

active [NR_THREADS] proctype thread()
{
	byte me = _pid, insn;

end:	do
	:: maybe_stop();
	   atomic {
		if
		:: insn = site
		:: stale[me] -> insn = stale[me] - 1
		fi;
		if
		:: insn -> where[me] = AT_START
		:: else -> skip
		fi
	   };
	   if
	   :: insn ->
		maybe_stop();
#ifdef LITERAL
		atomic { entered[me] = literal; where[me] = IN_TRAMPOLINE };
#else
		entered[me] = insn;
		assert(set_alive[insn]);	/* the stub is the set's */
		maybe_stop();
		where[me] = IN_TRAMPOLINE;
#endif
		if
		:: entered[me] ->		/* else ftrace_nothing */
			maybe_stop();
			assert(set_alive[entered[me]]);
			assert(entered[me] != 2 || insn == 2);	/* the registers were saved */
			where[me] = IN_CALLBACK;
			maybe_stop();
			assert(owner_alive[entered[me]]);
			maybe_stop();
			assert(set_alive[entered[me]]);		/* is there another one to call? */
			where[me] = LEAVING
		:: else -> skip
		fi;
		maybe_stop();
		d_step { where[me] = OUTSIDE; entered[me] = 0; insn = 0 }
	   :: else -> skip
	   fi
	od
}

#ifdef ONLY_RETURN_ADDRESS
#define MET_INSIDE(t) (where[t] == IN_CALLBACK)
#else
#define MET_INSIDE(t) (where[t] != OUTSIDE)
#endif

/* What an inspection tells of a thread (kernel/inspect.h). */
#define PROVEN 1
#define MET 2
#define NOT_SEEN 3
byte answer;

/*
 * Looks at thread @t once; @hit is true if it is inside. It is seen only if it is stopped just
 * then. A thread that is clear is not looked at.
 */
#ifdef NOT_SEEN_IS_OUTSIDE
#define IF_RUNNING PROVEN
#else
#define IF_RUNNING NOT_SEEN
#endif
#define LOOK(t, hit) (clear[t] -> PROVEN : (stopped[t] -> ((hit) -> MET : PROVEN) : IF_RUNNING))


/* Looks at one thread until it is proven outside. */
inline wait_for(t)
{
#ifdef SLEEP_IS_PROOF
	slept[t] || LOOK(t, where[t] != OUTSIDE) == PROVEN
#else
	atomic {
		LOOK(t, MET_INSIDE(t)) == PROVEN;
		/* Only a search for calls tells that a thread is outside of all of them. */
		clear[t] = clear[t] || (stopped[t] && where[t] == OUTSIDE)
	}
#endif
}

/*
 * ftrace_wait_until_left(): a trampoline's address is on the stack from the site's call to its
 * return.
 */
inline wait_until_left()
{
	d_step { slept[0] = false; slept[1] = false };
	wait_for(0);
	wait_for(1)
}

/*
 * ftrace_find_mentioned(): looks for an address in the set or, on i386, in its stub, also in the
 * registers.
 */
#define MENTIONS(t, set) (entered[t] == set || mentions_stub(t))
#ifdef LITERAL
#define mentions_stub(t) false
#else
#define mentions_stub(t) (where[t] == AT_START)
#endif

inline reclaim(set)
{
#ifndef FREE_MENTIONED
	answer = LOOK(0, MENTIONS(0, set));
#ifdef CLEAR_BY_MENTIONS
	clear[0] = stopped[0] && answer == PROVEN;
#endif
	if
	:: answer == PROVEN ->
		answer = LOOK(1, MENTIONS(1, set));
		if
		:: answer == PROVEN -> set_alive[set] = false
		:: else -> skip			/* it stays, and a later update looks again */
		fi
#ifdef NOT_SEEN_ENDS_THE_WALK
	:: answer == NOT_SEEN -> set_alive[set] = false	/* nothing was marked */
#endif
	:: else -> skip
	fi
#else
	set_alive[set] = false
#endif
}

inline write_insn(to)
{
	d_step {
#ifdef LITERAL
		stale[0] = site + 1;
		stale[1] = site + 1;
#endif
		site = to
	}
}

active proctype updater()
{
	byte rounds;

	do
	:: rounds < 2 ->
		rounds++;
		/* Attach the plain callback. */
		d_step { set_alive[1] = true; owner_alive[1] = true; owner_alive[2] = true };
		literal = 1;
		write_insn(1);
		/* Attach the other callback too: patch_towards_regs(), then the literal. */
		set_alive[2] = true;
#ifdef LITERAL_FIRST
		literal = 2;
		write_insn(2);
#else
		write_insn(2);
#ifdef LITERAL
#ifndef NO_WAIT_FOR_TRAMPOLINE
		wait_until_left();
#endif
		literal = 2;
#endif
#endif
		reclaim(1);
		/* Detach both. */
		literal = 0;
#ifdef WAIT_BEFORE_SWITCH
		wait_until_left();
		write_insn(0);
#else
		write_insn(0);
#ifndef NO_WAIT
		wait_until_left();
#endif
#endif
		d_step { owner_alive[1] = false; owner_alive[2] = false };
		reclaim(1);
		reclaim(2)
	:: else -> break
	od
}
