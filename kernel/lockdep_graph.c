/* SPDX-License-Identifier: MIT */
/*
 * What the lock validator (lockdep.c) has seen: classes of locks, how each was used, and for any
 * two whether one was waited for while the other was held. A new fact is recorded only if it breaks
 * no rule; otherwise it is reported, with the places where each fact that it contradicts was first
 * seen. Untraced, and no lock of this kernel is used here, because all of them call this.
 */
#include <stdarg.h>
#include "kernel/bug.h"
#include "kernel/code_address.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep_internal.h"
#include "kernel/sched/percpu.h"

#define MAX_CLASSES 256
#define MAX_EDGES 1024
#define WORDS (MAX_CLASSES / 32)

static const char *const usage_words[NR_USAGES] = {
	"used", "taken in an NMI", "taken in an interrupt", "held with interrupts on",
	"waited for with interrupts off", "held while other CPUs are called",
};

/*
 * No lock that is used as @first may be the same as, or be held while somebody waits for, one that
 * is used as @second.
 */
static const struct rule {
	enum lock_usage first, second;
	const char *fault;
} rules[] = {
	{ USED_IN_NMI, USED_AT_ALL, "an NMI could wait for whom it interrupts" },
	{ USED_IN_IRQ, HELD_IRQS_ON, "an interrupt could wait for whom it interrupts" },
	{ WAITED_IRQS_OFF, HELD_IN_CALL, "a CPU that waits with interrupts off answers no call" },
};

struct lock_class {
	unsigned long key;		/* 0: the class is free */
	const struct lockdep_map *map;	/* its only lock, if there is but one */
	const char *name;		/* NULL: made by the code at made_at */
	unsigned long made_at;
	unsigned long used_at[NR_USAGES];	/* where it was first used so */
	u32 after[WORDS];		/* bit n: class n was waited for while this one was held */
};

struct lock_edge {
	unsigned int held, taken;	/* classes; 0: free */
	unsigned long held_at, taken_at;
};

static struct lock_class classes[MAX_CLASSES];	/* number 0 stands for none */
static struct lock_edge edges[MAX_EDGES];
static u32 used[NR_USAGES][WORDS];		/* bit n: class n is used so */
static bool graph_locked;			/* guards all of the above, but NMIs set bits */
static bool tables_full;
static lockdep_reporter_t reporter;

static char report[2048];
static size_t report_len;

/* A set of classes as the words of a bitmap. */
static bool has(const u32 *set, unsigned int class)
{
	return READ_ONCE(set[class / 32]) >> class % 32 & 1;
}

static void add(u32 *set, unsigned int class)
{
	__atomic_fetch_or(&set[class / 32], 1u << class % 32, __ATOMIC_RELAXED);
}

static void drop(u32 *set, unsigned int class)
{
	__atomic_fetch_and(&set[class / 32], ~(1u << class % 32), __ATOMIC_RELAXED);
}

/* Not a spinlock, which would call this file. Interrupts are off. */
static void lock_graph(void)
{
	assert_irqs_off();
	while (__atomic_exchange_n(&graph_locked, true, __ATOMIC_ACQUIRE))
		arch_cpu_relax();
}

static void unlock_graph(void)
{
	__atomic_store_n(&graph_locked, false, __ATOMIC_RELEASE);
}

/* --- Reports, with the graph locked --- */

void lockdep_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report_len += (size_t)vscnprintf(report + report_len, sizeof(report) - report_len, fmt,
					 args);
	va_end(args);
}

void lockdep_say_class(unsigned int number)
{
	const struct lock_class *class = &classes[number];

	if (class->name)
		lockdep_say("%s", class->name);
	else
		lockdep_say("a lock made by %pS", (void *)class->made_at);
	/* A table of locks is made by one line of code. */
	if (class->map && !class->name)
		lockdep_say(" at %lx", (unsigned long)class->map);
}

static void begin_fault(const char *fault)
{
	report_len = 0;
	lockdep_say("%s: %s (pid %d) on CPU %u\n", fault, current->comm, (int)current->pid,
		    smp_processor_id());
}

static void say_edge(unsigned int held, unsigned int taken)
{
	unsigned int i;

	for (i = 0; i < MAX_EDGES; i++)
		if (edges[i].held == held && edges[i].taken == taken)
			break;
	lockdep_say("  ");
	lockdep_say_class(held);
	if (i < MAX_EDGES)
		lockdep_say(", taken at %pS", (void *)edges[i].held_at);
	lockdep_say(",\n    was held when ");
	lockdep_say_class(taken);
	if (i < MAX_EDGES)
		lockdep_say(" was taken at %pS", (void *)edges[i].taken_at);
	lockdep_say("\n");
}

void lockdep_say_held(const struct held_locks *held)
{
	for (unsigned int i = 0; i < held->nr; i++) {
		lockdep_say("  held: ");
		lockdep_say_class(held->locks[i].class);
		lockdep_say(", taken at %pS\n", (void *)held->locks[i].ip);
	}
}

/* Not inline: tools/checkreach.py knows it as who calls by a pointer. */
static noinline void end_fault(void)
{
	if (reporter) {
		reporter(report);
		return;
	}
	pr_emerg("lockdep: %s", report);
	*strchr(report, '\n') = '\0';
	panic("lockdep: %s", report);
}

/* --- Classes --- */

static bool is_own_class(const struct lockdep_map *map)
{
	unsigned long addr = (unsigned long)map;

	return core_kernel_data(addr) || (addr >= MODDATA_START && addr < MODDATA_END);
}

static unsigned long key_of(const struct lockdep_map *map)
{
	if (is_own_class(map))
		return (unsigned long)map;
	return map->made_at ? map->made_at : (unsigned long)map->name;
}

/* The class with @key, or a free one that becomes it; 0: there is no room. */
static unsigned int find_class(const struct lockdep_map *map, unsigned long key)
{
	unsigned int free = 0, i;

	/* A walk is good enough, for each lock remembers its class after the first time. */
	for (i = 1; i < MAX_CLASSES; i++) {
		if (classes[i].key == key)
			return i;
		if (!classes[i].key && !free)
			free = i;
	}
	if (!free) {
		tables_full = true;
		return 0;
	}
	memset(&classes[free], 0, sizeof(classes[free]));
	classes[free].key = key;
	classes[free].map = key == (unsigned long)map ? map : NULL;
	classes[free].name = map->name;
	classes[free].made_at = map->made_at;
	return free;
}

unsigned int lockdep_class_of(struct lockdep_map *map)
{
	unsigned int class = READ_ONCE(map->class);
	unsigned long key;

	if (likely(class))
		return class;
	key = key_of(map);
	/* Two CPUs may be here for one lock: the second one finds the class that the first made. */
	lock_graph();
	if (key) {
		class = find_class(map, key);
		WRITE_ONCE(map->class, (u16)class);
	} else {
		begin_fault("a lock is taken that was never initialised");
		lockdep_say("  at %lx\n", (unsigned long)map);
		end_fault();
	}
	unlock_graph();
	return class;
}

static void forget_class(unsigned int class)
{
	for (unsigned int i = 1; i < MAX_CLASSES; i++)
		drop(classes[i].after, class);
	for (unsigned int i = 0; i < MAX_EDGES; i++)
		if (edges[i].held == class || edges[i].taken == class)
			edges[i].held = edges[i].taken = 0;
	for (unsigned int i = 0; i < NR_USAGES; i++)
		drop(used[i], class);
	classes[class].key = 0;
}

void lockdep_free_key_range(unsigned long start, size_t size)
{
	unsigned long flags = arch_irq_save();

	lock_graph();
	for (unsigned int i = 1; i < MAX_CLASSES; i++)
		if (classes[i].key && classes[i].key - start < size)
			forget_class(i);
	unlock_graph();
	arch_irq_restore(flags);
}

void __lockdep_init_map(struct lockdep_map *map, bool sleeps)
{
	*map = (struct lockdep_map){ .made_at = _RET_IP_, .sleeps = sleeps };
}

/* --- The graph --- */

static u8 parent[MAX_CLASSES];		/* of the last search: where each class was found from */
_Static_assert(MAX_CLASSES <= 256, "a class fits a byte");

/*
 * The shortest way along edges from a class in @from to one in @to. Returns its last class, 0 if
 * there is none. The first one is its own parent.
 */
static unsigned int find_path(const u32 *from, const u32 *to)
{
	static u8 queue[MAX_CLASSES];
	u32 seen[WORDS] = { 0 };
	unsigned int nr = 0, next;

	for (unsigned int i = 1; i < MAX_CLASSES; i++) {
		if (has(from, i)) {
			parent[i] = queue[nr++] = (u8)i;
			add(seen, i);
		}
	}
	/* In order of distance, so that what is reported has no more steps than it needs. */
	for (next = 0; next < nr; next++) {
		unsigned int class = queue[next];

		if (has(to, class))
			return class;
		for (unsigned int i = 0; i < WORDS; i++) {
			u32 fresh = classes[class].after[i] & ~seen[i];

			for (; fresh; fresh &= fresh - 1) {
				unsigned int there = i * 32 + (unsigned int)__builtin_ctz(fresh);

				parent[there] = (u8)class;
				queue[nr++] = (u8)there;
				add(seen, there);
			}
		}
	}
	return 0;
}

/* Reverses the way to @last, so that it can be told from its first class on. Returns that. */
static unsigned int first_of_path(unsigned int last)
{
	unsigned int class = last, next = last, before;

	for (;;) {
		before = parent[class];
		parent[class] = (u8)next;
		if (before == class)
			return class;
		next = class;
		class = before;
	}
}

static void say_path(unsigned int first, unsigned int last)
{
	while (first != last) {
		say_edge(first, parent[first]);
		first = parent[first];
	}
}

/* Is a rule broken? Reports the first one that is. */
static bool rules_broken(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *rule = &rules[i];
		unsigned int last = find_path(used[rule->first], used[rule->second]), first;

		if (!last)
			continue;
		/* The way may be one class, which is then used in both ways itself. */
		first = first_of_path(last);
		begin_fault(rule->fault);
		lockdep_say("  ");
		lockdep_say_class(first);
		lockdep_say(" is %s at %pS\n", usage_words[rule->first],
			    (void *)classes[first].used_at[rule->first]);
		say_path(first, last);
		lockdep_say("  ");
		lockdep_say_class(last);
		lockdep_say(" is %s at %pS\n", usage_words[rule->second],
			    (void *)classes[last].used_at[rule->second]);
		end_fault();
		return true;
	}
	return false;
}

static void add_edge(const struct held_lock *held, const struct held_lock *taken)
{
	unsigned int i;

	add(classes[held->class].after, taken->class);
	for (i = 0; i < MAX_EDGES && edges[i].held; i++)
		;
	if (i < MAX_EDGES)
		edges[i] = (struct lock_edge){ held->class, taken->class, held->ip, taken->ip };
	else
		tables_full = true;
}

static void drop_edge(unsigned int held, unsigned int taken)
{
	drop(classes[held].after, taken);
	for (unsigned int i = 0; i < MAX_EDGES; i++)
		if (edges[i].held == held && edges[i].taken == taken)
			edges[i].held = edges[i].taken = 0;
}

/* Is there a way back from @taken to @held? Reports it. */
static bool closes_ring(const struct held_lock *held, const struct held_lock *taken)
{
	u32 from[WORDS] = { 0 }, to[WORDS] = { 0 };
	unsigned int last;

	add(from, taken->class);
	add(to, held->class);
	last = find_path(from, to);
	if (!last)
		return false;
	/* Its first class is known, but the way must be turned round to be told. */
	first_of_path(last);
	begin_fault("locks are taken in different orders");
	lockdep_say("  ");
	lockdep_say_class(held->class);
	lockdep_say(", taken at %pS,\n    is held, and ", (void *)held->ip);
	lockdep_say_class(taken->class);
	lockdep_say(" is taken at %pS; but before\n", (void *)taken->ip);
	say_path(taken->class, held->class);
	end_fault();
	return true;
}

/* What breaks a rule is not recorded, so that it is reported again when it happens again. */
void lockdep_note_edge(const struct held_lock *held, const struct held_lock *taken)
{
	if (likely(has(classes[held->class].after, taken->class)))
		return;
	lock_graph();
	if (!has(classes[held->class].after, taken->class) && !closes_ring(held, taken)) {
		add_edge(held, taken);
		if (rules_broken())
			drop_edge(held->class, taken->class);
	}
	unlock_graph();
}

void lockdep_note_usage(unsigned int class, enum lock_usage usage, unsigned long ip)
{
	assert_irqs_off();
	if (likely(has(used[usage], class)))
		return;
	lock_graph();
	if (!has(used[usage], class)) {
		classes[class].used_at[usage] = ip;
		add(used[usage], class);
		if (rules_broken())
			drop(used[usage], class);
	}
	unlock_graph();
}

void lockdep_note_nmi(unsigned int class, unsigned long ip)
{
	classes[class].used_at[USED_IN_NMI] = ip;
	add(used[USED_IN_NMI], class);
}

void lockdep_check_nmi(unsigned int class, unsigned long ip)
{
	if (likely(!has(used[USED_IN_NMI], class)))
		return;
	lock_graph();
	classes[class].used_at[USED_AT_ALL] = ip;
	add(used[USED_AT_ALL], class);
	if (rules_broken())
		drop(used[USED_IN_NMI], class);
	unlock_graph();
}

void lockdep_begin_fault(const char *fault)
{
	lock_graph();
	begin_fault(fault);
}

void lockdep_end_fault(void)
{
	end_fault();
	unlock_graph();
}

void lockdep_set_reporter(lockdep_reporter_t fn)
{
	WRITE_ONCE(reporter, fn);
}

unsigned int lockdep_classes(void)
{
	unsigned int nr = 0;

	for (unsigned int i = 1; i < MAX_CLASSES; i++)
		nr += classes[i].key != 0;
	return nr;
}

bool lockdep_tables_full(void)
{
	return READ_ONCE(tables_full);
}
