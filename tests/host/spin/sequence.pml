/* SPDX-License-Identifier: MIT */
/*
 * The function tracer's sequence (trace/ring_buffer/ring_buffer_sequence.c) on one CPU. Three
 * contexts, each of which interrupts the ones before it between any two of their steps: a thread,
 * an interrupt, and an NMI. Each records by the sequence and by a writer in C. Another CPU pauses
 * recording and asks this one whether all have left, in an interrupt.
 *
 * An event is one place; a place beyond `commit` may hold anything. Who interrupts the sequence
 * sends it back to its start. It is modelled as a word, `restarts`, that the one below finds set
 * when it goes on: its next step is then the first one, whatever it was about to do.
 *
 * The model claims that no event is lost, overwritten or published before it is complete; that each
 * is counted once; and that nobody writes when the pause has begun. With -DNAME one thing is done
 * otherwise: see spin.py.
 */
#define NR_PLACES 10
#define NO_LIMIT 0
#define LIMIT 5				/* the last place at which the sequence may write */

byte places[NR_PLACES];			/* 1: an event that is complete */
byte commit = 1, tail = 1;		/* tail 0: the sequence is open */
byte limit, start, written;		/* start 0: nothing to count */
byte context;				/* bit n: a writer in C is inside in context n */
bool nested;
bool paused, stopped;			/* recording is off; nobody may write any more */
byte level;				/* the context that runs: 0 thread, 1 interrupt, 2 NMI */
byte restarts;				/* bit n: the sequence of context n must start again */
byte nr_events;				/* that were recorded, as those who recorded them know */
byte ended;

#define HIGHEST (context >= 4 -> 2 : (context >= 2 -> 1 : 0))

inline close_sequence(t)
{
	if
	:: tail == 0 ->
#ifndef LIMIT_STAYS
		limit = NO_LIMIT;
#endif
		t = commit;
#ifdef NO_EXCHANGE
		tail = t
#else
		d_step { if :: tail == 0 -> tail = t :: else -> skip fi }
#endif
	:: else -> skip
	fi
}

inline count_sequence(t)
{
	if
	:: start != 0 ->
		t = commit - start;
		written = written + t;
		start = 0
	:: else -> skip
	fi
}

inline catch_up(t)
{
	close_sequence(t);
#ifndef NOT_COUNTED
	count_sequence(t);
#endif
	nested = false;
	t = tail;
	d_step { written = written + t - commit; commit = t }
}

/* The outermost writer has left; nested ones may have left events. */
inline publish_nested(t, me)
{
	do
	:: nested ->
		context = context | (1 << me);
		catch_up(t);
		context = context & ~(1 << me)
	:: else -> break
	od;
	skip
}

inline write_in_c(t, n, me, outermost)
{
	outermost = context == 0;
	context = context | (1 << me);
	if
	:: paused -> skip
	:: else ->
		if
		:: outermost ->
			do
			:: catch_up(t);
			   n = tail;
			   if
			   :: d_step { tail == n && commit == n -> tail = n + 1 }; break
			   :: else -> skip
			   fi
			od;
			skip
		:: else ->
			close_sequence(t);
			d_step { n = tail; tail = n + 1 }
		fi;
		assert(places[n] == 0);
		assert(!stopped);
		d_step { places[n] = 1; nr_events++ };
		if
		:: outermost -> d_step { commit = n + 1; written++ }
		:: else -> skip
		fi
	fi;
	if
	:: outermost ->
		context = context & ~(1 << me);
		publish_nested(t, me)
	:: else ->
		nested = true;
		context = context & ~(1 << me)
	fi
}

inline open_sequence(t, n, me)
{
	if
	:: tail != 0 && context == 0 ->
		context = context | (1 << me);
		catch_up(t);
		n = commit;
		if
		:: paused -> skip
		:: else ->
			limit = LIMIT;
			start = n;
			if
#ifdef OPENS_ALWAYS
			:: d_step { true -> tail = 0 }
#else
			:: d_step { tail == n -> tail = 0 }
			:: tail != n -> limit = NO_LIMIT; count_sequence(t)
#endif
			fi
		fi;
		context = context & ~(1 << me);
		publish_nested(t, me)
	:: else -> skip
	fi
}

/* Each step but the first asks whether it is to start again. */
#ifdef GOES_ON
#define RESTARTED(me) false
#else
#define RESTARTED(me) (restarts & (1 << (me)))
#endif

inline sequence(t, n, me)
{
	skip;
again:	atomic { restarts = restarts & ~(1 << me); n = 0; t = 0 };
	if
	:: RESTARTED(me) -> goto again
	:: else -> t = tail
	fi;
	if
	:: t != 0 || paused -> goto out		/* the ordinary callback: write_in_c() */
	:: else -> skip
	fi;
	if
	:: RESTARTED(me) -> goto again
	:: else -> n = commit
	fi;
	if
	:: RESTARTED(me) -> goto again
	:: !RESTARTED(me) && n > limit -> goto out
	:: else -> skip
	fi;
	if
	:: RESTARTED(me) -> goto again
	:: atomic {
		!RESTARTED(me) ->
		assert(!stopped);
		assert(places[n] == 0);
		places[n] = 1;
		nr_events++;
		commit = n + 1
	   }
	fi;
out:	skip
}

/* What a context does once it runs. */
inline record(t, n, me, outermost)
{
	if
	:: sequence(t, n, me)
	:: write_in_c(t, n, me, outermost)
	:: open_sequence(t, n, me)
	fi;
	skip;
	d_step { t = 0; n = 0; outermost = false }
}

active proctype thread() provided (level == 0)
{
	byte t, n, times;
	bool outermost;

	do
	:: times < 3 -> times++; record(t, n, 0, outermost)
	:: else -> break
	od;
	ended++
}

active proctype interrupt() provided (level == 1 || level == 0)
{
	byte t, n, times;
	bool outermost;

	do
	:: times < 1 ->
		times++;
		atomic { level == 0 -> level = 1; restarts = restarts | 1 };
		record(t, n, 1, outermost);
		level = 0
	:: break
	od;
	ended++
}

active proctype nmi()
{
	byte t, n, below;
	bool outermost;

	if
	:: atomic { below = level; level = 2; restarts = restarts | 3 };
	   record(t, n, 2, outermost);
	   level = below
	:: skip
	fi;
	ended++
}

/* rb_stop_writers(): the question is asked in an interrupt on the writers' CPU. */
active proctype resizer() provided (level < 2)
{
	byte t;
	bool is_free;

	paused = true;
	do
	:: atomic { level == 0 -> level = 1; restarts = restarts | 1 };
	   is_free = context == 0 && !nested;
	   if
	   :: is_free -> nested = true; publish_nested(t, 1)
	   :: else -> skip
	   fi;
	   if
	   :: is_free -> atomic { level = 0; stopped = true }; break
	   :: else -> level = 0
	   fi
	od;
	atomic {
		ended == 3 ->
		publish_nested(t, 0);
		assert(tail == 0 || tail == commit);
		assert(commit == nr_events + 1);
		assert(written + (start -> commit - start : 0) == nr_events)
	}
}
