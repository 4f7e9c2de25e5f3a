/* SPDX-License-Identifier: MIT */
/*
 * The ring buffer of one CPU (trace/ring_buffer): a writer, an interrupt that may come between any
 * two of its steps and writes as well, and a reader on another CPU. Each sub-buffer has room for
 * one event, so that every event needs the next sub-buffer, and overwrites the oldest one.
 *
 * An event's number is its position; a sub-buffer that holds event n entirely has the value n + 1.
 * The model claims that what the reader gets is whole; that each event is read or overwritten, and
 * never both; that the event that is open is not overwritten; and that in the end everything is
 * published. With -DNAME one thing is done otherwise: see spin.py.
 */
#define NR_SLOTS 2
#define OPEN 255			/* whatever a sub-buffer holds while it is written */
#define SLOT(n) slots[(n) % NR_SLOTS]

byte slots[NR_SLOTS];
byte head, commit, tail;		/* positions: head <= commit <= tail */
bool inside, nested;			/* `context` is not 0; nested writers have left events */
bool interrupted;			/* while it is true the thread makes no step */
byte nr_read, nr_overwritten;
bool thread_done, interrupts_done;

/* rb_catch_up(): the outermost writer publishes all that is before tail. */
inline catch_up(me_pos)
{
#ifdef TAIL_BEFORE_NESTED
	me_pos = tail;
	nested = false;
#else
	nested = false;
	me_pos = tail;
#endif
	commit = me_pos
}

/* rb_make_room(): @ok is false if the sub-buffer of @n is the one of the event that is open. */
inline make_room(n, old, ok)
{
	ok = true;
#ifndef OVERWRITES_OPEN
	if
	:: n - commit >= NR_SLOTS -> ok = false
	:: else -> skip
	fi;
#endif
	do
	:: ok ->
		old = head;
		if
		:: old + NR_SLOTS != n -> break		/* the reader has moved it, or it is free */
		:: else -> skip
		fi;
		if
		:: d_step {
			head == old ->
			assert(old < commit);
			head = old + 1;
			nr_overwritten++;
			old = 0
		   };
		   break
		:: head != old -> skip
		fi
	:: else -> break
	od
}

/* One event, by the outermost writer or by a nested one: ring_buffer_lock_reserve() to commit. */
inline write_event(n, old, ok, outermost, done)
{
	outermost = !inside;
	inside = true;
	done = false;
	do
	:: done -> break
	:: else ->
		if
		:: outermost -> catch_up(n)
		:: else -> n = tail
		fi;
#ifdef RESERVES_FIRST
		d_step { n = tail; tail = n + 1; SLOT(n) = OPEN };
		make_room(n, old, ok);
		done = true
#else
		make_room(n, old, ok);
		if
		:: !ok -> done = true
		:: d_step { ok && tail == n -> tail = n + 1; SLOT(n) = OPEN; done = true }
		:: ok && tail != n -> skip		/* an interrupt has written meanwhile */
		fi
#endif
	od;
	if
	:: ok ->
#ifdef COMMITS_EARLY
		commit = (outermost -> n + 1 : commit);
#endif
		SLOT(n) = n + 1;
#ifdef NESTED_COMMITS
		commit = n + 1
#else
		commit = (outermost -> n + 1 : commit)
#endif
	:: else -> skip
	fi;
	/* rb_unlock() */
	if
	:: outermost ->
#ifdef NESTED_READ_FIRST
		ok = nested;
		inside = false;
#else
		inside = false;
		ok = nested;
#endif
		do
		:: ok ->
			inside = true;
			catch_up(n);
			inside = false;
			ok = nested
		:: else -> break
		od
	:: else ->
#ifndef NESTED_NOT_TOLD
		nested = true
#endif
	fi;
	skip;
	d_step { n = 0; old = 0; ok = false; outermost = false; done = false }
}

active proctype thread() provided (!interrupted)
{
	byte n, old, times;
	bool ok, outermost, done;

	do
	:: times < 3 -> times++; write_event(n, old, ok, outermost, done)
	:: else -> break
	od;
	thread_done = true
}

active proctype interrupt()
{
	byte n, old, times;
	bool ok, outermost, done;

	do
	:: times < 3 ->
		times++;
		interrupted = true;
		write_event(n, old, ok, outermost, done);
		interrupted = false
	:: break
	od;
	interrupts_done = true
}

/* rb_take_once() */
active proctype reader()
{
	byte h, copy;
	bool taken;

end:	do
	:: h = head;
	   if
	   :: h < commit ->
#ifndef COPIES_LATE
		copy = SLOT(h);
#endif
#ifdef HEAD_IN_TWO_STEPS
		taken = head == h;
		if
		:: taken -> d_step { head = h + 1; nr_read++ }
		:: else -> skip
		fi;
#else
		d_step {
			taken = head == h;
			if
			:: taken -> head = h + 1; nr_read++
			:: else -> skip
			fi
		};
#endif
#ifdef COPIES_LATE
		copy = SLOT(h);
#endif
		assert(!taken || copy == h + 1);
		d_step { copy = 0; taken = false }
	   :: else -> skip
	   fi
	:: atomic {
		thread_done && interrupts_done ->
		assert(commit == tail && !nested && !inside);
		assert(nr_read + nr_overwritten == head);
		break
	   }
	od
}
