/* SPDX-License-Identifier: MIT */
/*
 * Jump sites, by tables: one of the kernel, and one of each module that has some. A key's sites are
 * found by a walk over all tables, because keys change seldom, and there are few sites.
 *
 * ftrace_lock guards the tables against change. ftrace_is_jump_site() walks them without it, with
 * interrupts off: so a table that was taken out is freed only when every CPU has had them on.
 */
#include "trace/core/jump.h"
#include "trace/arch.h"
#include "trace/core/records.h"

struct jump_table {
	const struct jump_site *sites;
	unsigned int nr;
	struct jump_table *next;
};

static struct jump_table kernel_table;
static unsigned long gone_start, gone_end;	/* init text that was freed */

static bool is_gone(const struct jump_site *site)
{
	return site->ip - gone_start < gone_end - gone_start;
}

void ftrace_jumps_init(const struct jump_site *sites, unsigned int nr)
{
	kernel_table.sites = sites;
	kernel_table.nr = nr;
}

bool ftrace_is_jump_site(unsigned long ip)
{
	const struct jump_table *table = &kernel_table;

	for (; table; table = smp_load_acquire(&table->next)) {
		for (unsigned int i = 0; i < table->nr; i++) {
			if (table->sites[i].ip == ip)
				return true;
		}
	}
	return false;
}

void ftrace_jumps_free_mem(unsigned long start, unsigned long end)
{
	mutex_lock(&ftrace_lock);
	gone_start = start;
	gone_end = end;
	mutex_unlock(&ftrace_lock);
}

/* --- Changing sites --- */

/* A list of changes: first only counted, and then filled in. */
struct jump_changes {
	struct ftrace_change *list;
	unsigned int nr;
};

static void note_site(struct jump_changes *changes, const struct jump_site *site, bool on)
{
	u64 nop = arch_ftrace_jump(site->ip, 0), jump = arch_ftrace_jump(site->ip, site->target);

	if (is_gone(site))
		return;
	if (changes->list)
		changes->list[changes->nr] = (struct ftrace_change){
			.ip = site->ip,
			.old_form.insn = on ? nop : jump,
			.new_form.insn = on ? jump : nop,
		};
	changes->nr++;
}

/* The sites in @table of @key; of every key that is on if it is NULL. */
static void note_sites(struct jump_changes *changes, const struct jump_table *table,
		       const struct jump_key *key, bool on)
{
	for (unsigned int i = 0; i < table->nr; i++) {
		const struct jump_site *site = &table->sites[i];

		if (key ? site->key == key : site->key->on)
			note_site(changes, site, on);
	}
}

static void note_all(struct jump_changes *changes, const struct jump_table *only,
		     const struct jump_key *key, bool on)
{
	const struct jump_table *table = only ? only : &kernel_table;

	changes->nr = 0;
	for (; table; table = only ? NULL : table->next)
		note_sites(changes, table, key, on);
}

static int compare_changes(const void *a, const void *b)
{
	unsigned long first = ((const struct ftrace_change *)a)->ip;
	unsigned long second = ((const struct ftrace_change *)b)->ip;

	return (first > second) - (first < second);
}

/* Does every site hold what it should? Nothing is written if one does not. */
static int verify(const struct jump_changes *changes)
{
	for (unsigned int i = 0; i < changes->nr; i++) {
		const struct ftrace_change *change = &changes->list[i];
		struct ftrace_form found;
		int err = arch_ftrace_read(change->ip, &found);

		if (!err && found.insn == change->old_form.insn)
			continue;
		pr_err("ftrace: jump site in %pS: expected %llx, found %llx; nothing was changed\n",
		       (void *)change->ip, (unsigned long long)change->old_form.insn,
		       err ? 0ull : (unsigned long long)found.insn);
		return err ? err : -EINVAL;
	}
	return 0;
}

static int patch(const struct jump_changes *changes)
{
	const struct ftrace_change *failed;
	int err = verify(changes);

	if (err)
		return err;
	failed = arch_ftrace_patch(changes->list, changes->nr);
	if (failed)
		pr_err("ftrace: jump site in %pS could not be written; nothing was changed\n",
		       (void *)failed->ip);
	return failed ? -EFAULT : 0;
}

/* All sites of @key in all tables, or (@key is NULL) those in table @only whose keys are on. */
static int change_sites(const struct jump_table *only, const struct jump_key *key, bool on)
{
	struct jump_changes changes = { NULL, 0 };
	int err;

	lockdep_assert_held(&ftrace_lock);
	note_all(&changes, only, key, on);
	if (!changes.nr)
		return 0;
	changes.list = kcalloc(changes.nr, sizeof(*changes.list), GFP_KERNEL);
	if (!changes.list)
		return -ENOMEM;
	note_all(&changes, only, key, on);
	/* An interrupted CPU's site is searched for by bisection. */
	sort(changes.list, changes.nr, sizeof(*changes.list), compare_changes, NULL);
	err = patch(&changes);
	kfree(changes.list);
	return err;
}

int ftrace_jumps_set(struct jump_key *key, bool on)
{
	int err = 0;

	mutex_lock(&ftrace_lock);
	if (key->on != on)
		err = change_sites(NULL, key, on);
	if (!err)
		WRITE_ONCE(key->on, on);
	mutex_unlock(&ftrace_lock);
	return err;
}

/* --- Modules --- */

static bool is_known_key(const struct jump_key *key)
{
	for (unsigned int i = 0; i < kernel_table.nr; i++) {
		if (kernel_table.sites[i].key == key)
			return true;
	}
	return false;
}

/* What a module says of its site is untrusted: it must be a NOP of its own. */
static bool is_good_site(const struct jump_site *site, unsigned long start, unsigned long end)
{
	struct ftrace_form form;

	return site->ip - start < end - start && end - site->ip >= FTRACE_INSN_SIZE &&
	       site->target - start < end - start && !arch_ftrace_read(site->ip, &form) &&
	       form.insn == arch_ftrace_jump(site->ip, 0);
}

int ftrace_jumps_coming(const struct jump_site *sites, unsigned int nr, unsigned long start,
			unsigned long end, unsigned long data, unsigned long data_end,
			struct jump_table **table)
{
	struct jump_table *own;
	int err;

	*table = NULL;
	if (!nr)
		return 0;
	for (unsigned int i = 0; i < nr; i++) {
		if (!is_good_site(&sites[i], start, end) ||
		    ((unsigned long)sites[i].key - data >= data_end - data &&
		     !is_known_key(sites[i].key)))
			return -EINVAL;
	}
	own = kzalloc(sizeof(*own), GFP_KERNEL);
	if (!own)
		return -ENOMEM;
	own->sites = sites;
	own->nr = nr;
	mutex_lock(&ftrace_lock);
	/* In the list first: an int3 at one of the sites asks for it. */
	own->next = kernel_table.next;
	smp_store_release(&kernel_table.next, own);
	err = change_sites(own, NULL, true);
	mutex_unlock(&ftrace_lock);
	if (err)
		ftrace_jumps_going(own);
	else
		*table = own;
	return err;
}

void ftrace_jumps_going(struct jump_table *table)
{
	struct jump_table **link = &kernel_table.next;

	if (!table)
		return;
	mutex_lock(&ftrace_lock);
	while (*link != table)
		link = &(*link)->next;
	smp_store_release(link, table->next);
	mutex_unlock(&ftrace_lock);
	/* A handler that walks the tables does so with interrupts off. */
	smp_wait_irqs_off();
	kfree(table);
}
