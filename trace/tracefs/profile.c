/* SPDX-License-Identifier: MIT */
/*
 * The function profiler's files: function_profile_enabled, and trace_stat/functionN for each CPU,
 * whose text is exactly Linux's.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "trace/output/trace_graph.h"
#include "trace/output/trace_seq.h"
#include "trace/tracefs/tracefs.h"
#include "trace/tracers/trace_profile.h"

#define LINE_MAX 160
#define NAME_MAX_SHOWN 30

/* --- The table as text --- */

/* The square of the standard deviation, in ns^2 / 1000, so that it is printed in us^2. */
static u64 variance(const struct profile_record *record)
{
	u64 n = record->counter;

	if (n <= 1)
		return 0;
	return (n * record->time_squared - record->time * record->time) / (n * (n - 1) * 1000);
}

/* A module may have gone since. Linux prints an empty name then. */
static void copy_name(char name[NAME_MAX_SHOWN + 1], unsigned long ip)
{
	unsigned long flags = arch_irq_save();	/* so that sym.name stays valid */
	struct ksym sym;

	name[0] = '\0';
	if (kallsyms_lookup(ip, &sym))
		strscpy(name, sym.name, NAME_MAX_SHOWN + 1);
	arch_irq_restore(flags);
}

/* The record was made in @mode. Returns the length of the line. */
static size_t format_record(char line[LINE_MAX], const struct profile_record *record,
			    enum profile_mode mode)
{
	char name[NAME_MAX_SHOWN + 1];
	struct trace_seq s;

	copy_name(name, record->ip);
	trace_seq_init(&s, line, LINE_MAX);
	trace_seq_printf(&s, "  %-30.30s  %10lu", name, record->counter);
	/* Hits alone have no times. The counter is not 0, for a record begins with a hit. */
	if (mode == PROFILE_GRAPH) {
		trace_seq_puts(&s, "    ");
		trace_print_graph_duration(&s, record->time);
		trace_seq_puts(&s, "    ");
		trace_print_graph_duration(&s, record->time / record->counter);
		trace_seq_puts(&s, "    ");
		trace_print_graph_duration(&s, variance(record));
	}
	trace_seq_putc(&s, '\n');
	return s.len;
}

static const char *legend(enum profile_mode mode)
{
	return mode == PROFILE_HITS ?
		"  Function                               Hit\n"
		"  --------                               ---\n" :
		"  Function                               Hit    Time            Avg"
		"             s^2\n"
		"  --------                               ---    ----            ---"
		"             ---\n";
}

int tracefs_put_profile(int cpu, void (*put)(void *arg, const char *text, size_t len), void *arg)
{
	struct profile_copy copy;
	enum profile_mode mode;
	int err = trace_profile_read(cpu, &copy, &mode);
	char line[LINE_MAX];

	if (err)
		return err;
	put(arg, legend(mode), strlen(legend(mode)));
	for (unsigned int n = 0; n < copy.nr; n++)
		put(arg, line, format_record(line, &copy.records[n], mode));
	/* Nothing is lost silently. Linux has no such line. */
	if (copy.missed) {
		int len = scnprintf(line, sizeof(line), "# %lu calls were not counted\n",
				    copy.missed);

		put(arg, line, (size_t)len);
	}
	trace_profile_free(&copy);
	return 0;
}

/* --- The files --- */

static void put_seq(void *arg, const char *text, size_t len)
{
	seq_printf(arg, "%.*s", (int)len, text);
}

static int stat_show(struct seq_file *m, const struct tracefs_node *node)
{
	return tracefs_put_profile(node->cpu, put_seq, m);
}

static int enabled_show(struct seq_file *m, const struct tracefs_node *node)
{
	seq_printf(m, "%d\n", trace_profile_mode());
	return 0;
}

static int enabled_store(const struct tracefs_node *node, const char *text, const char **why)
{
	unsigned long mode;
	int err = tracefs_number(text, &mode);

	if (!err && mode > PROFILE_HITS)
		err = -EINVAL;
	if (err) {
		*why = "Only 0, 1, and 2 for hits without times";
		return err;
	}
	return trace_profile_set((enum profile_mode)mode);
}

static const struct tracefs_file enabled_file = {
	"function_profile_enabled", TRACEFS_RW, .show = enabled_show, .store = enabled_store,
};

int tracefs_add_profile(struct inode *dir, const struct tracefs_node *node)
{
	/* Names of files must stay. */
	static char names[NR_CPUS][16];
	static struct tracefs_file files[NR_CPUS];
	struct tracefs_node own = *node;
	struct inode *stat;
	unsigned int cpu;
	int err = tracefs_add(dir, &enabled_file, node);

	if (!err)
		err = tracefs_mkdir(dir, "trace_stat", &stat);
	for (cpu = 0; !err && cpu < nr_cpus_online; cpu++) {
		scnprintf(names[cpu], sizeof(names[cpu]), "function%u", cpu);
		files[cpu] = (struct tracefs_file){ names[cpu], TRACEFS_RO, .show = stat_show };
		own.cpu = (int)cpu;
		err = tracefs_add(stat, &files[cpu], &own);
	}
	return err;
}
