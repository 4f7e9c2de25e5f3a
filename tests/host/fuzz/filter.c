/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes filter patterns on the simulated architecture. Each line is one change of the filters of a
 * registered ops: 'f' or 'n' (filter or notrace; a capital letter replaces what is there), then the
 * pattern. After each change, every function must call the ops exactly if the filters say so, and a
 * pattern that was refused must have changed nothing.
 */
#include "kernel/lib/errno.h"
#include "tests/count_sets.h"
#include "tests/host/fuzz/fuzz.h"
#include "tests/host/host.h"
#include "tests/host/sim_arch.h"
#include "trace/core/hash.h"
#include "trace/core/set.h"
#include <stdlib.h>

static struct ftrace_ops ops = { .func = sim_callback };

static u64 sites_called(void)
{
	u64 called = 0;

	for (unsigned int site = 0; site < SIM_SITES; site++) {
		bool wanted = ftrace_filters_match(ops.local_hash.filter_hash,
						   ops.local_hash.notrace_hash, sim_ip(site));

		sim_call(site);
		MUST(sim_trace.nr == wanted);
		called |= (u64)wanted << site;
	}
	return called;
}

static void change(const char *line, size_t len)
{
	bool exclude = *line == 'n' || *line == 'N', reset = *line == 'F' || *line == 'N';
	u64 before = sites_called();
	int err;

	if (!len)
		return;
	if (exclude)
		err = ftrace_set_notrace(&ops, line + 1, (int)len - 1, reset);
	else
		err = ftrace_set_filter(&ops, line + 1, (int)len - 1, reset);
	MUST(!err || err == -EINVAL);
	MUST(sites_called() == before || !err);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int total, unused;
	size_t len;
	char *line;

	sim_reset();
	MUST(!register_ftrace_function(&ops));
	while ((line = fuzz_line(&data, &size, &len))) {
		change(line, len);
		free(line);
	}
	MUST(!unregister_ftrace_function(&ops));
	ftrace_free_filter(&ops);
	for (unsigned int site = 0; site < SIM_SITES; site++)
		MUST(sim_is_nop(site));
	count_sets(&total, &unused);
	MUST(!total);
	return 0;
}
