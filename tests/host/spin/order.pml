/* SPDX-License-Identifier: MIT */
/*
 * Where one CPU publishes something and another one uses it, on arm64, which keeps program order
 * only where a barrier or a dependency demands it. A litmus test for each such place, chosen by
 * -DPLACE=NAME:
 *
 * LITERAL	a set is made, then the literal before a function leads to it (patch.c)
 * COMMIT	an event is written, then `commit` moves over it (ring_buffer_write.h)
 * COPY		an iterator copies a sub-buffer that is being overwritten (ring_buffer_iter.c)
 * HEAD		the number of events before `head`, while `head` moves (ring_buffer_read.c)
 * WAKE		a thread goes to sleep while its condition becomes true (sched.h, sched.c)
 *
 * Each CPU's stores wait, and reach memory in any order, but for those to the same place. A CPU may
 * load any place early, while it has not yet done what stands before that load. A release or a full
 * barrier waits until the stores have reached memory; an acquire or a barrier gives up what was
 * loaded early. An address that was just loaded cannot have been used before: use(). With -DNAME
 * one thing is left out: see spin.py.
 */
#define LITERAL 0
#define COMMIT 1
#define COPY 2
#define HEAD 3
#define WAKE 4

#define NR_PLACES 2
#define NONE 255
#define OLD 1			/* what stands in a place, or whose events do */
#define NEW 2

byte memory[NR_PLACES] = OLD;
byte stored[2 * NR_PLACES] = NONE;	/* of each CPU: what has not reached memory yet */
byte early[2 * NR_PLACES] = NONE;	/* of each CPU: what was loaded early */
byte running = 2;
byte first, second, third;	/* what was loaded, in program order */

#define MINE(place) (_pid * NR_PLACES + (place))

/* A store to a place comes after the one before it to the same place. */
inline store(place, value)
{
	atomic { stored[MINE(place)] == NONE -> stored[MINE(place)] = value }
}

inline load(place, value)
{
	d_step {
		if
		:: stored[MINE(place)] != NONE -> value = stored[MINE(place)]
		:: else ->
			if
			:: early[MINE(place)] != NONE -> value = early[MINE(place)]
			:: else -> value = memory[place]
			fi
		fi;
		early[MINE(place)] = NONE
	}
}

inline use(place, value)
{
	d_step { early[MINE(place)] = NONE; value = memory[place] }
}

inline wait_for_stores()
{
	stored[MINE(0)] == NONE && stored[MINE(1)] == NONE
}

inline forget_early()
{
	d_step { early[MINE(0)] = NONE; early[MINE(1)] = NONE }
}

inline full_barrier()
{
	atomic { wait_for_stores(); forget_early() }
}

/* What the first CPU does, which publishes, and the second one, which looks. */
#if PLACE == LITERAL
#define SET 0
#define LIT 1
inline publish()
{
	store(SET, NEW);
#ifndef NO_RELEASE
	wait_for_stores();		/* DSB ISHST */
#endif
	store(LIT, NEW)
}

inline look()
{
	load(LIT, first);
	if
	:: first == NEW ->
#ifdef NO_DEPENDENCY
		load(SET, second);
#else
		use(SET, second);
#endif
		assert(second == NEW)
	:: else
	fi
}
#elif PLACE == COMMIT
#define EVENT 0
#define TO 1
inline publish()
{
	store(EVENT, NEW);
#ifndef NO_RELEASE
	wait_for_stores();		/* smp_store_release() */
#endif
	store(TO, NEW)
}

inline look()
{
	load(TO, first);
#ifndef NO_ACQUIRE
	forget_early();			/* smp_load_acquire() */
#endif
	load(EVENT, second);
	assert(first == OLD || second == NEW)
}
#elif PLACE == COPY
#define SEQ 0
#define CONTENTS 1
#define INVALID 3
inline publish()
{
	store(SEQ, INVALID);
#ifndef NO_BARRIER
	full_barrier();			/* rb_make_room() */
#endif
	store(CONTENTS, NEW);
#ifndef NO_RELEASE
	wait_for_stores();		/* rb_next_page() */
#endif
	store(SEQ, NEW)
}

inline look()
{
	load(SEQ, first);
#ifndef NO_ACQUIRE
	forget_early();
#endif
	load(CONTENTS, second);
#ifndef NO_FENCE
	forget_early();
#endif
	load(SEQ, third);
	assert(first == INVALID || first != third || second == first)
}
#elif PLACE == HEAD
#define AT 0
#define COUNT 1
inline publish()
{
	store(AT, NEW);
#ifndef NO_BARRIER
	full_barrier();			/* rb_make_room() */
#endif
	store(COUNT, NEW)		/* of the sub-buffer that takes the place of the old one */
}

inline look()
{
	load(AT, first);
#ifndef NO_ACQUIRE
	forget_early();
#endif
	load(COUNT, second);
#ifndef NO_FENCE
	full_barrier();
#endif
	load(AT, third);
	assert(first == NEW || first != third || second == OLD)
}
#elif PLACE == WAKE
#define STATE 0
#define CONDITION 1
inline publish()
{
	store(CONDITION, NEW);
#ifndef NO_BARRIER
	full_barrier();			/* wake_up_process() */
#endif
	load(STATE, first)		/* NEW: it sleeps, and is woken */
}

inline look()
{
	store(STATE, NEW);
#ifndef NO_FENCE
	full_barrier();			/* set_current_state() */
#endif
	load(CONDITION, second)		/* NEW: it need not sleep */
}
#endif

active proctype publisher()
{
	publish();
	running--
}

active proctype user()
{
	look();
	running--
}

/* The memory: takes a store, or loads early. */
active proctype hardware()
{
	byte i;

	do
	:: running == 0 ->
#if PLACE == WAKE
		assert(first == NEW || second == NEW);
#endif
		break
	:: else ->
		atomic {
			select(i: 0 .. 2 * NR_PLACES - 1);
			if
			:: stored[i] != NONE -> memory[i % NR_PLACES] = stored[i]; stored[i] = NONE
			:: early[i] == NONE -> early[i] = memory[i % NR_PLACES]
			:: else
			fi;
			i = 0
		}
	od
}
