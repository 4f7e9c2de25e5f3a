/* SPDX-License-Identifier: MIT */
/*
 * Shell commands for the system: help, ps, dmesg, free, sleep, time, insmod and its kin, and the
 * commands that end the system.
 */
#include "kernel/arch.h"
#include "kernel/bug.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "kernel/nmi.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"
#include "kernel/shell/shell.h"
#include "kernel/time.h"

/* --- help --- */

static int run_help(struct cmd_context *ctx)
{
	const struct shell_command *cmd = NULL;

	if (ctx->argc > 2)
		return cmd_usage(ctx);
	if (ctx->argc == 2) {
		cmd = shell_find_command(ctx->argv[1]);
		if (!cmd)
			return cmd_error(ctx, "%.64s: command not found", ctx->argv[1]);
		cmd_printf(ctx, "%s\n%s\n", cmd->usage, cmd->help);
		return 0;
	}
	/* The table is in the order of linking; walking it by name lists it sorted. */
	while ((cmd = shell_next_command(cmd ? cmd->name : NULL)))
		cmd_printf(ctx, "%s\n", cmd->usage);
	cmd_printf(ctx, "\nhelp COMMAND tells more. Also: CMD | CMD, > FILE, >> FILE, < FILE, "
		   "2> FILE, 2>&1, ;\n&& || $?, & in the background, * ? [a-z] for files, "
		   "'quotes', # comment, Tab completes,\nUp recalls, Ctrl-C interrupts.\n");
	return 0;
}
SHELL_COMMAND(help, "help [COMMAND]", "List the commands, or explain one.", run_help);

/* --- ps, dmesg, free --- */

static int run_ps(struct cmd_context *ctx)
{
	char *argv[] = { "cat", "/proc/threads", NULL };

	return ctx->argc > 1 ? cmd_usage(ctx) : shell_exec(ctx, 2, argv);
}
SHELL_COMMAND(ps, "ps", "List the threads: /proc/threads.", run_ps);

static int run_dmesg(struct cmd_context *ctx)
{
	char *buf;
	u64 pos = 0;
	size_t len;

	if (ctx->argc > 1)
		return cmd_usage(ctx);
	buf = alloc_page(GFP_KERNEL);
	if (!buf)
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	while (!console_interrupted() && (len = printk_read(&pos, buf, PAGE_SIZE)))
		cmd_write(ctx, buf, len);
	free_page(buf);
	return 0;
}
SHELL_COMMAND(dmesg, "dmesg", "Print the kernel log.", run_dmesg);

static int run_free(struct cmd_context *ctx)
{
	const unsigned int kib = PAGE_SHIFT - 10;
	struct mm_stats stats;

	if (ctx->argc > 1)
		return cmd_usage(ctx);
	mm_get_stats(&stats);
	cmd_printf(ctx, "%-5s %10s %10s %10s %10s %10s\n", "", "total", "used", "free", "slab",
		   "vmalloc");
	cmd_printf(ctx, "%-5s %10lu %10lu %10lu %10lu %10lu\n", "Mem:", stats.total_pages << kib,
		   (stats.total_pages - stats.free_pages) << kib, stats.free_pages << kib,
		   stats.slab_pages << kib, stats.vmap_pages << kib);
	return 0;
}
SHELL_COMMAND(free, "free", "Print the use of memory in KiB.", run_free);

/* --- sleep, time --- */

/* Convert seconds such as "1.25" to ns; false if @text is not a number, or more than a year. */
static bool parse_seconds(const char *text, u64 *ns)
{
	u64 seconds = 0, fraction = 0, unit = NSEC_PER_SEC;
	bool digits = false;

	for (; isdigit(*text); text++) {
		seconds = seconds * 10 + (u64)(*text - '0');
		digits = true;
		/* Checked after each digit, so that it cannot overflow. */
		if (seconds > 365 * 24 * 3600)
			return false;
	}
	if (*text == '.')
		text++;
	for (; isdigit(*text); text++) {
		/* Digits after the ninth do not count, because unit is 0 then. */
		unit /= 10;
		fraction += unit * (u64)(*text - '0');
		digits = true;
	}
	*ns = seconds * NSEC_PER_SEC + fraction;
	return digits && !*text;
}

static int run_sleep(struct cmd_context *ctx)
{
	const u64 slice = 50 * NSEC_PER_MSEC;	/* Ctrl-C is noticed within this time */
	u64 ns, now, end;

	if (ctx->argc != 2)
		return cmd_usage(ctx);
	if (!parse_seconds(ctx->argv[1], &ns))
		return cmd_error(ctx, "%.64s: not a number of seconds", ctx->argv[1]);
	end = ktime_get_ns() + ns;
	while ((now = ktime_get_ns()) < end) {
		if (console_interrupted())
			return SHELL_STATUS_INTERRUPTED;
		set_current_state(TASK_INTERRUPTIBLE);
		schedule_timeout_ns(min(end - now, slice));
	}
	return 0;
}
SHELL_COMMAND(sleep, "sleep SECONDS", "Wait; fractions are fine.", run_sleep);

static int run_time(struct cmd_context *ctx)
{
	unsigned long long us;
	char text[64];
	int status;

	if (ctx->argc < 2)
		return cmd_usage(ctx);
	us = ktime_get_ns();
	status = shell_exec(ctx, ctx->argc - 1, ctx->argv + 1);
	us = (ktime_get_ns() - us) / NSEC_PER_USEC;
	/* Not to the output, which may be a file. */
	scnprintf(text, sizeof(text), "real %llu.%06u\n", us / 1000000,
		  (unsigned int)(us % 1000000));
	cmd_write_error(ctx, text, strlen(text));
	return status;
}
SHELL_COMMAND(time, "time COMMAND [ARGUMENT...]", "Run a command and print the seconds it took.",
	      run_time);

/* --- Modules --- */

static int run_insmod(struct cmd_context *ctx)
{
	char why[160];
	int err;

	if (ctx->argc < 2)
		return cmd_usage(ctx);
	err = module_insert(ctx->argv[1], (unsigned int)ctx->argc - 2, ctx->argv + 2, why,
				 sizeof(why));
	/* The loader's explanation says more than the error number, if there is one. */
	if (err && *why)
		return cmd_error(ctx, "%.64s: %s", ctx->argv[1], why);
	if (err == -ENOENT)
		return cmd_error(ctx, "%.64s: no such module (lsmod lists them) and no such file",
				 ctx->argv[1]);
	if (err == -EEXIST)
		return cmd_error(ctx, "%.64s: already loaded", ctx->argv[1]);
	return err ? cmd_error(ctx, "%.64s: %s", ctx->argv[1], errno_string(err)) : 0;
}
SHELL_COMMAND(insmod, "insmod FILE|NAME [PARAMETER=VALUE...]",
	      "Start a module: a relocatable ELF file, or one that is built in.", run_insmod);

static int run_rmmod(struct cmd_context *ctx)
{
	int err;

	if (ctx->argc != 2)
		return cmd_usage(ctx);
	err = module_remove(ctx->argv[1]);
	if (err == -ENOENT)
		return cmd_error(ctx, "%.64s: not loaded", ctx->argv[1]);
	return err ? cmd_error(ctx, "%.64s: %s", ctx->argv[1], errno_string(err)) : 0;
}
SHELL_COMMAND(rmmod, "rmmod NAME", "Stop a module and take back what it did.", run_rmmod);

static int lsmod_line(const struct module *mod, void *arg)
{
	static const char *const states[] = {
		[MODULE_IDLE] = "-",
		[MODULE_COMING] = "loading",
		[MODULE_LIVE] = "loaded",
		[MODULE_GOING] = "unloading",
	};

	if (mod->memory)
		cmd_printf(arg, "%-30s %-9s %8zu %lx\n", mod->name, states[mod->state], mod->size,
			   mod->text);
	else
		cmd_printf(arg, "%-30s %s\n", mod->name, states[mod->state]);
	return 0;
}

static int run_lsmod(struct cmd_context *ctx)
{
	if (ctx->argc > 1)
		return cmd_usage(ctx);
	cmd_printf(ctx, "%-30s %-9s %8s %s\n", "Module", "State", "Size", "Address");
	for_each_module(lsmod_line, ctx);
	return 0;
}
SHELL_COMMAND(lsmod, "lsmod", "List the modules that there are, and which are loaded.", run_lsmod);

/* --- The end --- */

static int run_panic(struct cmd_context *ctx)
{
	if (ctx->argc > 2)
		return cmd_usage(ctx);
	panic("%s", ctx->argc > 1 ? ctx->argv[1] : "asked for on the console");
}
SHELL_COMMAND(panic, "panic [TEXT]", "Make the kernel panic.", run_panic);

/* noinline, so that the watchdog's backtrace shows the function by its name. */
static noinline int lock_up_soft(void *unused)
{
	preempt_disable();
	for (;;)
		arch_cpu_relax();
	return 0;
}

static noinline int lock_up_hard(void *unused)
{
	arch_irq_disable();
	for (;;)
		arch_cpu_relax();
	return 0;
}

static void never_return(struct pt_regs *regs)
{
	for (;;)
		arch_cpu_relax();
}

static int lock_up_nmi(void *unused)
{
	nmi_set_hook(never_return);
	nmi_send(smp_processor_id(), NMI_HOOK);
	return 0;
}

static int run_lockup(struct cmd_context *ctx)
{
	static const struct {
		const char *how;
		int (*fn)(void *unused);
	} ways[] = { { "soft", lock_up_soft }, { "hard", lock_up_hard }, { "nmi", lock_up_nmi } };
	struct task_struct *task;
	long long cpu = 0;
	unsigned int way;

	for (way = 0; way < ARRAY_SIZE(ways); way++)
		if (ctx->argc > 1 && !strcmp(ctx->argv[1], ways[way].how))
			break;
	if (way == ARRAY_SIZE(ways) || ctx->argc > 3)
		return cmd_usage(ctx);
	if (ctx->argc == 3)
		cpu = cmd_number(ctx, ctx->argv[2], nr_cpus_online - 1);
	if (cpu < 0)
		return 1;
	task = kthread_create(ways[way].fn, NULL, "lockup");
	if (IS_ERR(task))
		return cmd_error(ctx, "%s", errno_string((int)PTR_ERR(task)));
	/* Bound before it runs for the first time, so that it never runs on another CPU. */
	kthread_bind(task, (unsigned int)cpu);
	wake_up_process(task);
	return kthread_join(task);
}
SHELL_COMMAND(lockup, "lockup soft|hard|nmi [CPU]",
	      "Keep a CPU busy for ever, with preemption or interrupts off, or in an NMI: the "
	      "watchdog will panic.",
	      run_lockup);

static int run_reboot(struct cmd_context *ctx)
{
	if (ctx->argc > 1)
		return cmd_usage(ctx);
	arch_reboot();
}
SHELL_COMMAND(reboot, "reboot", "Start the machine again.", run_reboot);

/* By default the status is the script's, so that poweroff at its end does not hide a failure. */
static int run_poweroff(struct cmd_context *ctx)
{
	long long status = shell_script_status();

	if (ctx->argc > 2)
		return cmd_usage(ctx);
	if (ctx->argc == 2)
		status = cmd_number(ctx, ctx->argv[1], 127);
	if (status < 0)
		return 1;
	arch_poweroff((int)status);
}
SHELL_COMMAND(poweroff, "poweroff [STATUS]",
	      "Switch off; STATUS (0-127) is QEMU's exit status, by default that of the script.",
	      run_poweroff);
