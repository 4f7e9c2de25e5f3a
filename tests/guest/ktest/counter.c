/* SPDX-License-Identifier: MIT */
/* A callback that counts. Untraced, like all callbacks. */
#include "tests/guest/ktest/counter.h"
#include "kernel/lib/string.h"
#include "tests/guest/ktest/targets.h"

void counter_callback(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
		      struct ftrace_regs *fregs)
{
	struct counter *c = container_of(op, struct counter, ops);

	/* Interrupts and other CPUs may be counted as well. */
	__atomic_fetch_add(&c->hits, 1, __ATOMIC_RELAXED);
	WRITE_ONCE(c->ip, ip);
	WRITE_ONCE(c->parent_ip, parent_ip);
}

int counter_start(struct counter *c, const char *filter)
{
	int err = filter ? ftrace_set_filter(&c->ops, filter, (int)strlen(filter), 1) : 0;

	c->hits = 0;
	return err ? err : register_ftrace_function(&c->ops);
}

bool counter_stop(struct counter *c)
{
	bool ok = !unregister_ftrace_function(&c->ops);

	ftrace_free_filter(&c->ops);
	return ok;
}

static unsigned int hits_of(struct counter *c, void (*function)(void))
{
	c->hits = 0;
	function();
	return c->hits;
}

unsigned int counter_globs(struct counter *c)
{
	return 100 * hits_of(c, kt_glob_alpha) + 10 * hits_of(c, kt_glob_beta) +
	       hits_of(c, kt_glob_gamma);
}
