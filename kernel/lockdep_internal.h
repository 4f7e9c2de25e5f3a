/* SPDX-License-Identifier: MIT */
/* What the two files of the lock validator share. Interrupts are off where not told otherwise. */
#pragma once
#include "kernel/lockdep.h"

struct held_lock;
struct held_locks;
struct lockdep_map;

/* How a class of spinlocks has been used. */
enum lock_usage {
	USED_AT_ALL,			/* outside of NMIs; recorded after USED_IN_NMI only */
	USED_IN_NMI,
	USED_IN_IRQ,			/* waited for by an interrupt handler */
	HELD_IRQS_ON,			/* held with interrupts on */
	WAITED_IRQS_OFF,		/* waited for with interrupts off */
	HELD_IN_CALL,			/* held while other CPUs were called */
	NR_USAGES
};

/* The class of a lock; 0 if there is none, which is reported. */
unsigned int lockdep_class_of(struct lockdep_map *map);
/* @taken is waited for while @held is held. */
void lockdep_note_edge(const struct held_lock *held, const struct held_lock *taken);
/* A lock of @class is used in this way at @ip. */
void lockdep_note_usage(unsigned int class, enum lock_usage usage, unsigned long ip);
/* The same for USED_IN_NMI, in an NMI; and what it comes to, when the class is used next. */
void lockdep_note_nmi(unsigned int class, unsigned long ip);
void lockdep_check_nmi(unsigned int class, unsigned long ip);

/*
 * A report: its first line is @fault and who is running; lines follow, and then it is printed.
 * Nobody else reports or changes the graph meanwhile.
 */
void lockdep_begin_fault(const char *fault);
void lockdep_say(const char *fmt, ...) __printf(1, 2);
void lockdep_say_class(unsigned int class);
void lockdep_say_held(const struct held_locks *held);
void lockdep_end_fault(void);
