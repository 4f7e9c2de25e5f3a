/* SPDX-License-Identifier: MIT */
/*
 * How arch/arm64/patch.c changes a site, with two CPUs that execute it all the time and one that
 * patches. While a NOP or BL is replaced, the architecture lets a CPU fetch the old or the new word
 * from three places: what it fetched before its last ISB; its instruction cache; and memory as
 * instruction fetches see it, which a store reaches only when the line was cleaned. Words are read
 * and written as a whole, so nothing is torn, but the old word may be executed for as long as any
 * of the three has it.
 *
 * A change consists of: the store, DC CVAU, IC IVAU (broadcast), and an ISB on every CPU, by
 * interrupt. Then what the old word calls is freed. The model claims that nobody calls what was
 * freed, and that after a change everybody calls the new target. With -DNAME one thing is done
 * otherwise: see spin.py.
 */
#define NR_CPUS 2
#define NOP 0

byte data = NOP;			/* what loads and stores see */
byte unified = NOP;			/* what a fetch gets if it misses the caches */
byte cached[NR_CPUS];			/* what the instruction cache holds, plus 1; 0: nothing */
byte fetched[NR_CPUS];			/* fetched ahead, plus 1; 0: nothing */
bool ipi[NR_CPUS];
bool alive[3];				/* what the BL of that number calls */
byte old = NOP, new = NOP;		/* what may be executed now */

inline isb(cpu)
{
	d_step { fetched[cpu] = 0; ipi[cpu] = false }
}

/*
 * At any time a CPU may fetch ahead, a cache may take in or lose a line, and a dirty line may be
 * written back.
 */
active [NR_CPUS] proctype cpu()
{
	byte me = _pid, insn;

end:	do
	:: ipi[me] -> isb(me)
	:: d_step { cached[me] == 0 -> cached[me] = unified + 1 }
	:: d_step { cached[me] != 0 -> cached[me] = 0 }
	:: d_step { unified != data -> unified = data }
	:: d_step { fetched[me] == 0 && cached[me] -> fetched[me] = cached[me] }
	:: d_step { fetched[me] == 0 && !cached[me] -> fetched[me] = unified + 1 }
	:: d_step {
		fetched[me] != 0 ->
		insn = fetched[me] - 1;
		fetched[me] = 0;
		assert(insn == old || insn == new);
		assert(insn == NOP || alive[insn]);
		insn = 0
	   }
	od
}

inline patch(to)
{
	new = to;
	data = to;
#ifndef NO_CLEAN
	unified = data;			/* DC CVAU, DSB */
#endif
#ifndef NO_INVALIDATE
	d_step { cached[0] = 0; cached[1] = 0 };	/* IC IVAU, DSB */
#endif
#ifndef NO_ISB
	ipi[0] = true;
	ipi[1] = true;
	!ipi[0] && !ipi[1];
#endif
#ifdef ISB_BEFORE_INVALIDATE
	d_step { cached[0] = 0; cached[1] = 0 };
#endif
	alive[old] = false;
	old = to
}

active proctype patcher()
{
	byte changes;

	do
	:: changes < 3 ->
		changes++;
		if
		:: old != NOP -> patch(NOP)
		:: old != 1 -> alive[1] = true; patch(1)
		:: old != 2 -> alive[2] = true; patch(2)
		fi
	:: else -> break
	od
}
