/* SPDX-License-Identifier: MIT */
/* The `workload` command: `workload NAME [ms]`. The workloads are the other files here. */
#include "samples/workload/workload.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/shell/console.h"
#include "kernel/time.h"

static const struct workload *const workloads[NR_WORKLOADS] = {
	&workload_sched, &workload_fs, &workload_mm, &workload_cpu,
};

bool workload_over(const struct workload_run *run)
{
	return ktime_get_ns() >= run->end_ns || console_interrupted();
}

static const struct workload *find_workload(const char *name)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(workloads); n++)
		if (!strcmp(workloads[n]->name, name))
			return workloads[n];
	return NULL;
}

int workload_execute(const char *name, unsigned int ms, struct workload_run *run)
{
	const struct workload *workload = find_workload(name);

	run->report[0] = '\0';
	if (!workload)
		return -ENOENT;
	run->end_ns = ktime_get_ns() + ms * NSEC_PER_MSEC;
	return workload->run(run);
}

struct worker {
	const struct workload *workload;
	struct workload_run run;
	struct task_struct *task;
};

static int work(void *data)
{
	struct worker *w = data;

	return w->workload->run(&w->run);
}

int workload_execute_all(unsigned int ms, struct workload_run runs[NR_WORKLOADS])
{
	struct worker workers[NR_WORKLOADS];
	u64 end_ns = ktime_get_ns() + ms * NSEC_PER_MSEC;
	unsigned int n;
	int err = 0;

	for (n = 0; n < NR_WORKLOADS; n++) {
		struct worker *w = &workers[n];

		*w = (struct worker){ .workload = workloads[n], .run.end_ns = end_ns };
		w->task = kthread_run(work, w, "workload/%s", w->workload->name);
	}
	/* All are joined even after a failure: they write into this stack frame. */
	for (n = 0; n < NR_WORKLOADS; n++) {
		struct worker *w = &workers[n];
		int ret = IS_ERR(w->task) ? (int)PTR_ERR(w->task) : kthread_join(w->task);

		err = err ? err : ret;
		runs[n] = w->run;
	}
	return err;
}

static int run_all(struct cmd_context *ctx, unsigned int ms)
{
	struct workload_run runs[NR_WORKLOADS];
	int err = workload_execute_all(ms, runs);
	unsigned int n;

	for (n = 0; n < NR_WORKLOADS; n++)
		cmd_printf(ctx, "%s: %s\n", workloads[n]->name, runs[n].report);
	return err ? cmd_error(ctx, "all: %s", errno_string(err)) : 0;
}

static int list_workloads(struct cmd_context *ctx)
{
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(workloads); n++)
		cmd_printf(ctx, "%-8s%s\n", workloads[n]->name, workloads[n]->what);
	cmd_printf(ctx, "%-8s%s\n", "all", "all of them at once");
	return 0;
}

static int workload_command(struct cmd_context *ctx)
{
	unsigned long ms = WORKLOAD_DEFAULT_MS;
	struct workload_run run;
	int err;

	if (ctx->argc < 2)
		return list_workloads(ctx);
	if (ctx->argc > 3)
		return cmd_error(ctx, "%s: one number of milliseconds, please", ctx->argv[3]);
	/* Every argument is looked at before anything runs: an error leaves nothing half done. */
	if (strcmp(ctx->argv[1], "all") && !find_workload(ctx->argv[1]))
		return cmd_error(ctx, "%s: no such workload; there are sched, fs, mm, cpu, all",
				 ctx->argv[1]);
	if (ctx->argc > 2 && (kstrtoul(ctx->argv[2], 10, &ms) || !ms || ms > WORKLOAD_MAX_MS))
		return cmd_error(ctx, "%s: not a number of milliseconds from 1 to %u",
				 ctx->argv[2], WORKLOAD_MAX_MS);
	if (!strcmp(ctx->argv[1], "all"))
		return run_all(ctx, (unsigned int)ms);
	err = workload_execute(ctx->argv[1], (unsigned int)ms, &run);
	if (err)
		return cmd_error(ctx, "%s: %s: %s", ctx->argv[1], run.report, errno_string(err));
	cmd_printf(ctx, "%s: %s\n", ctx->argv[1], run.report);
	return 0;
}
SHELL_COMMAND(workload, "workload [NAME [MS]]", "run something worth tracing", workload_command);
