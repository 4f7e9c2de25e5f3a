/* SPDX-License-Identifier: MIT */
/* The files of histograms: `hist` with the table, and the line of the trigger. Linux's text. */
#include "kernel/fs/seq_file.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/sort.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "trace/events/hist.h"
#include "trace/events/trace_events.h"

#define BAR 20u				/* columns of `.graph` */

/* --- The trigger --- */

static void show_field(struct seq_file *m, const struct hist_field *field)
{
	seq_puts(m, field->name);
	if (hist_modifiers[field->modifier])
		seq_printf(m, ".%s", hist_modifiers[field->modifier]);
	if (field->modifier == HIST_BUCKETS)
		seq_printf(m, "=%lu", field->buckets);
}

static void show_fields(struct seq_file *m, const struct hist *hist, unsigned int from,
			unsigned int to)
{
	for (unsigned int i = from; i < to; i++) {
		if (i > from)
			seq_putc(m, ',');
		show_field(m, &hist->fields[i]);
	}
}

void hist_show_trigger(struct seq_file *m, const struct hist *hist)
{
	seq_puts(m, "hist:");
	if (hist->name)
		seq_printf(m, "name=%s:", hist->name);
	seq_puts(m, "keys=");
	show_fields(m, hist, hist->nr_vals, hist->nr_vals + hist->nr_keys);
	seq_puts(m, ":vals=");
	show_fields(m, hist, hist->no_hitcount, hist->nr_vals);
	/* In what is shown the order is said even if nobody has asked for one, as on Linux. */
	for (unsigned int i = 0; i < hist->nr_sort; i++) {
		seq_puts(m, i ? "," : ":sort=");
		show_field(m, &hist->fields[hist->sort[i].field]);
		if (hist->sort[i].descending)
			seq_puts(m, ".descending");
	}
	seq_printf(m, ":size=%u", 1u << hist->map->bits);
	if (hist->timestamps)
		seq_printf(m, ":clock=%s", hist->clock);
	if (hist->no_hitcount)
		seq_puts(m, ":nohitcount");
}

/* --- The order of the entries --- */

/* Whose entries sort() sorts: its function for that has no other argument. event_mutex is held. */
static const struct hist *sorted;

static int compare_field(unsigned int index, const struct tracing_map_elt *a,
			 const struct tracing_map_elt *b)
{
	const struct hist_field *field = &sorted->fields[index];
	unsigned int word = field->words ? field->at : sorted->map->key_words + index;
	const u64 *x = &a->words[word], *y = &b->words[word];

	if (field->source == HIST_TEXT_FIELD || field->source == HIST_COMM_FIELD)
		return strcmp((const char *)x, (const char *)y);
	for (unsigned int i = 0; i < max(field->words, 1u); i++) {
		if (x[i] == y[i])
			continue;
		if (field->source == HIST_NUMBER && field->field.is_signed)
			return (s64)x[i] < (s64)y[i] ? -1 : 1;
		return x[i] < y[i] ? -1 : 1;
	}
	return 0;
}

/* Entries that are equal in what was asked for are in the order of their keys. */
static int compare(const void *a, const void *b)
{
	const struct tracing_map_elt *x = *(struct tracing_map_elt *const *)a;
	const struct tracing_map_elt *y = *(struct tracing_map_elt *const *)b;
	int order = 0;

	for (unsigned int i = 0; !order && i < sorted->nr_sort; i++) {
		order = compare_field(sorted->sort[i].field, x, y);
		order = sorted->sort[i].descending ? -order : order;
	}
	for (unsigned int i = 0; !order && i < sorted->nr_keys; i++)
		order = compare_field(sorted->nr_vals + i, x, y);
	return order;
}

/* --- Entries --- */

static void show_addresses(struct seq_file *m, const u64 *pcs)
{
	for (unsigned int i = 0; i < HIST_STACK && pcs[i]; i++)
		seq_printf(m, "         %pS\n", (void *)(unsigned long)pcs[i]);
}

static void show_symbol(struct seq_file *m, const char *name, const char *format, u64 value,
			int width)
{
	char symbol[KSYM_SYMBOL_LEN];

	scnprintf(symbol, sizeof(symbol), format, (void *)(unsigned long)value);
	seq_printf(m, "%s: [%llx] %-*s", name, (unsigned long long)value, width, symbol);
}

/* Returns true if it took lines of its own. */
static bool show_key(struct seq_file *m, const struct hist *hist, const struct hist_field *field,
		     struct tracing_map_elt *elt)
{
	const u64 *words = elt->words + field->at;
	unsigned long long value = *words;

	if (field->source == HIST_STACKTRACE) {
		seq_printf(m, "%s%s:\n", field->name,
			   field->modifier == HIST_STACK_FIELD ? ".stacktrace" : "");
		show_addresses(m, words);
		return true;
	}
	if (field->source == HIST_TEXT_FIELD || field->source == HIST_COMM_FIELD)
		seq_printf(m, "%s: %-50s", field->name, (const char *)words);
	else if (field->modifier == HIST_HEX)
		seq_printf(m, "%s: %llx", field->name, value);
	else if (field->modifier == HIST_SYM)
		show_symbol(m, field->name, "%ps", value, 45);
	else if (field->modifier == HIST_SYM_OFFSET)
		show_symbol(m, field->name, "%pS", value, 55);
	else if (field->modifier == HIST_EXECNAME)
		seq_printf(m, "%s: %-16s[%10llu]", field->name,
			   (const char *)tracing_map_extra(hist->map, elt), value);
	else if (field->modifier == HIST_LOG2)
		seq_printf(m, "%s: ~ 2^%-2llu", field->name, value);
	else if (field->modifier == HIST_BUCKETS)
		seq_printf(m, "%s: ~ %llu-%llu", field->name, value,
			   value + field->buckets - 1);
	else
		seq_printf(m, "%s: %10llu", field->name, value);
	return false;
}

static void show_keys(struct seq_file *m, const struct hist *hist, struct tracing_map_elt *elt)
{
	bool lines = false;

	seq_puts(m, "{ ");
	for (unsigned int i = 0; i < hist->nr_keys; i++) {
		if (i)
			seq_puts(m, ", ");
		lines |= show_key(m, hist, &hist->fields[hist->nr_vals + i], elt);
	}
	seq_puts(m, lines ? "}" : " }");
}

/* What all entries have together, and what one has at most. */
struct totals {
	u64 sum[HIST_VALS_MAX], most[HIST_VALS_MAX];
};

/* How many of @parts parts of @whole @value is. Both are made small enough to be multiplied. */
static unsigned int share_of(u64 value, u64 whole, unsigned int parts)
{
	while (whole >> 48) {
		whole >>= 1;
		value >>= 1;
	}
	return whole ? (unsigned int)(value * parts / whole) : 0;
}

static void show_value(struct seq_file *m, const struct hist_field *field, u64 value, u64 sum,
		       u64 most)
{
	static const char bar[BAR + 1] = "####################";
	unsigned int part;

	switch (field->modifier) {
	case HIST_PERCENT:
		part = share_of(value, sum, 10000);
		seq_printf(m, " %s (%%): %3u.%02u", field->name, part / 100, part % 100);
		break;
	case HIST_GRAPH:
		part = share_of(value, most, BAR);
		seq_printf(m, " %s: %-*s", field->name, (int)BAR, bar + BAR - part);
		break;
	case HIST_HEX:
		seq_printf(m, " %s: %10llx", field->name, (unsigned long long)value);
		break;
	default:
		seq_printf(m, " %s: %10llu", field->name, (unsigned long long)value);
	}
}

static void add_up(const struct hist *hist, struct tracing_map_elt *const *elts, unsigned int nr,
		   struct totals *totals)
{
	*totals = (struct totals){ { 0 }, { 0 } };
	for (unsigned int n = 0; n < nr; n++) {
		const u64 *sums = tracing_map_sums(hist->map, elts[n]);

		for (unsigned int i = 0; i < hist->nr_vals; i++) {
			totals->sum[i] += sums[i];
			totals->most[i] = max(totals->most[i], sums[i]);
		}
	}
}

static void show_entries(struct seq_file *m, const struct hist *hist,
			 struct tracing_map_elt *const *elts, unsigned int nr,
			 const struct totals *totals)
{
	for (unsigned int n = 0; n < nr; n++) {
		const u64 *sums = tracing_map_sums(hist->map, elts[n]);

		show_keys(m, hist, elts[n]);
		for (unsigned int i = hist->no_hitcount; i < hist->nr_vals; i++) {
			seq_puts(m, i > hist->no_hitcount ? " " : "");
			show_value(m, &hist->fields[i], sums[i], totals->sum[i], totals->most[i]);
		}
		seq_putc(m, '\n');
	}
}

void hist_show_table(struct seq_file *m, const struct hist *hist)
{
	struct tracing_map_elt **elts;
	struct totals totals;
	int nr = tracing_map_copy(hist->map, &elts);

	lockdep_assert_held(&event_mutex);
	if (nr < 0) {
		seq_puts(m, "# There is no memory for a copy of the table.\n");
		return;
	}
	sorted = hist;
	sort(elts, (size_t)nr, sizeof(*elts), compare, NULL);
	add_up(hist, elts, (unsigned int)nr, &totals);
	show_entries(m, hist, elts, (unsigned int)nr, &totals);
	/* Hits are those in the entries, so the sum is right whatever comes meanwhile. */
	seq_printf(m, "\nTotals:\n    Hits: %llu\n    Entries: %d\n    Dropped: %u\n",
		   (unsigned long long)totals.sum[0], nr, READ_ONCE(hist->map->drops));
	vfree(elts);
}
