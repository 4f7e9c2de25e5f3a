/* SPDX-License-Identifier: MIT */
/*
 * What the suite `failures` compares: text, records, sets, what files say, threads and memory, each
 * as a sum or a number.
 */
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "tests/count_sets.h"
#include "tests/guest/ktest/failures.h"
#include "tests/guest/ktest/files.h"
#include "trace/arch.h"
#include "trace/core/records.h"

static unsigned long mix(unsigned long sum, unsigned long value)
{
	return (sum ^ value) * 16777619ul;
}

static unsigned long sum_of_text(void)
{
	const unsigned long *word;
	unsigned long sum = 0;

	for (word = (const unsigned long *)_text; word < (const unsigned long *)_etext; word++)
		sum = mix(sum, *word);
	return sum;
}

static unsigned long sum_of_set(const struct ftrace_set *set)
{
	unsigned long sum = 0;

	for (unsigned int i = 0; set && i < set->nr_calls; i++)
		sum = mix(sum, (unsigned long)set->ops[i]);
	return set ? mix(mix(sum, set->nr_ops), set->direct) : sum;
}

/* Sums up what the sites hold and which sets they have, and separately what is attached to them. */
static void sum_up_records(struct kernel_state *state)
{
	struct ftrace_cursor cursor;
	struct dyn_ftrace *rec;

	mutex_lock(&ftrace_lock);
	ftrace_for_each_record(cursor, rec) {
		struct ftrace_form form = { 0 };

		arch_ftrace_read(dyn_ftrace_ip(rec), &form);
		state->sites = mix(state->sites, (unsigned long)form.insn + form.literal);
		state->sites = mix(state->sites, (unsigned long)dyn_ftrace_set(rec));
		state->attached = mix(state->attached, rec->flags);
		state->attached = mix(state->attached, sum_of_set(dyn_ftrace_set(rec)));
	}
	mutex_unlock(&ftrace_lock);
}

/* Sums up what the files say that show settings and what is attached. */
static unsigned long sum_of_files(void)
{
	static const char *const names[] = {
		T "current_tracer", T "tracing_on", T "trace_clock", T "trace_options",
		T "set_ftrace_filter", T "set_ftrace_notrace", T "enabled_functions",
		T "buffer_size_kb", T "buffer_percent", T "per_cpu/cpu0/buffer_size_kb",
		T "saved_cmdlines_size", "/proc/sys/kernel/ftrace_enabled", "/proc/modules",
	};
	static char text[1024];
	unsigned long sum = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		ssize_t len = file_read(names[i], text, sizeof(text));

		sum = mix(sum, (unsigned long)len);
		for (ssize_t n = 0; n < len; n++)
			sum = mix(sum, (unsigned char)text[n]);
	}
	return sum;
}

struct kernel_state failures_look(void)
{
	struct kernel_state state = {
		.text = sum_of_text(), .files = sum_of_files(),
	};
	struct mm_stats stats;
	unsigned int unused;

	sum_up_records(&state);
	while (threads_unreaped())
		msleep(1);
	state.threads = kt_count_threads();
	mutex_lock(&ftrace_lock);
	count_sets(&state.sets, &unused);
	mm_get_stats(&stats);
	mutex_unlock(&ftrace_lock);
	/* Sets that a word on some stack names are freed later, so they are not counted. */
	state.objects = stats.objects - state.sets;
	state.sets -= unused;
	state.pages = stats.total_pages - stats.free_pages - stats.slab_pages;
	state.vmap_pages = stats.vmap_pages;
	return state;
}

const char *failures_difference(const struct kernel_state *a, const struct kernel_state *b,
				bool undone)
{
	return !undone && a->text != b->text ? "the kernel's text" :
	       !undone && a->sites != b->sites ? "a site's code or set" :
	       a->attached != b->attached ? "what is attached" :
	       a->files != b->files ? "what tracefs says" :
	       a->sets != b->sets ? "the number of sets" :
	       a->threads != b->threads ? "the number of threads" :
	       a->objects != b->objects ? "the number of objects" :
	       a->vmap_pages != b->vmap_pages ? "the number of mapped pages" :
	       a->pages != b->pages ? "the number of pages" : NULL;
}
