/* SPDX-License-Identifier: MIT */
/*
 * The two interrupt masks of arm64 with pseudo-NMIs (arch/arm64/nmi.c, entry.S), which are the
 * CPU's and are not saved with a thread: DAIF.I, which the processor sets on the way into an
 * exception, and the priority mask. Two threads take turns on one CPU; interrupts and NMIs come
 * wherever the masks let them.
 *
 * The model claims that a thread always finds the masks as it left them; that all switches happen
 * with DAIF.I clear and the priority mask closed; that no interrupt comes upon the handler of
 * another; and that no exception comes while ELR and SPSR have what would be lost. With -DNAME one
 * thing is done otherwise: see spin.py.
 */
bool daif;			/* DAIF.I: nothing comes */
bool open = true;		/* the priority mask: if it is not, NMIs alone come */
bool live;			/* ELR and SPSR: not saved yet, or loaded for the next ERET */
byte running;

inline enter(spsr, mask)
{
	d_step { assert(!live); spsr = daif; daif = true; live = true };
	live = false;
	mask = open;
	open = false
}

inline leave(spsr, mask)
{
#ifdef MASK_FIRST
	open = mask;
	assert(daif || !open);
	daif = true;
#else
#ifndef NO_DAIF_SET
	daif = true;
#endif
	open = mask;
#endif
	live = true;
	maybe_nmi();
	d_step { daif = spsr; live = false }
}

/* An NMI's handler does not switch, so DAIF.I stays set in it. */
inline maybe_nmi()
{
	if
	:: !daif ->
		d_step { assert(!live); nmi_spsr = daif; daif = true; live = true };
		live = false;
		nmi_mask = open;
		open = false;
		assert(daif && !open);
#ifndef NMI_LEAVES_MASK
		open = nmi_mask;
#endif
		live = true;
		d_step { daif = nmi_spsr; live = false; nmi_spsr = false; nmi_mask = false }
	:: true
	fi
}

inline switch_threads()
{
	assert(!daif && !open);
	running = 1 - running;
	/* Another thread runs; when this one does again: */
	assert(!daif && !open)
}

inline maybe_interrupt()
{
	if
	:: !daif && open ->
		enter(spsr, mask);
		if
		:: skip;
#ifndef NO_MAY_SWITCH
			open = false;
			daif = false;			/* arm64_exception_may_switch() */
#endif
			maybe_nmi();
			if
			:: switch_threads()
			:: true
			fi;
			maybe_nmi()
		:: true
		fi;
		leave(spsr, mask);
		d_step { spsr = false; mask = false }
	:: true
	fi
}

active [2] proctype thread() provided (running == _pid)
{
	bool spsr, mask, nmi_spsr, nmi_mask, saved;

	/* kthread_entry(): the other thread begins with the switch to it. */
	if
	:: _pid -> assert(!daif && !open); open = true
	:: else -> skip
	fi;
end:	do
	:: assert(!daif && open && !live);
	   maybe_interrupt();
	   maybe_nmi();
	   assert(!daif && open);
	   /* arch_irq_save(), perhaps schedule(), arch_irq_restore() */
	   saved = open;
#ifdef SAVES_BY_DAIF
	   daif = true;
#else
	   open = false;
#endif
	   maybe_nmi();
	   if
	   :: switch_threads()
	   :: true
	   fi;
	   maybe_nmi();
	   open = saved;
	   saved = false
	od
}
