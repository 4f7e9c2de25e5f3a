/* SPDX-License-Identifier: MIT */
/*
 * The kernel's start. kernel_main() runs on the boot stack and initialises everything that threads
 * need. Then the first thread does the rest, where it may sleep, and becomes the console's shell;
 * the boot context becomes the idle thread.
 */
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/fs/initrd.h"
#include "kernel/fs/vfs.h"
#include "kernel/kasan/kasan.h"
#include "kernel/kcsan/kcsan.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/init_mem.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/wx_check.h"
#include "kernel/module/module.h"
#include "kernel/printk_internal.h"
#include "kernel/sched/current.h"
#include "kernel/sched/sched.h"
#include "kernel/shell/console.h"
#include "kernel/shell/script.h"
#include "kernel/smp.h"
#include "kernel/time.h"
#include "kernel/trace_hooks.h"
#include "kernel/version.h"
#include "kernel/watchdog.h"

BOOT_PARAM(fail_alloc);

/*
 * With fail_alloc=N on the command line, allocation number N from here on fails. The first thread
 * goes on with the count.
 */
static __init void begin_to_fail(void)
{
	long n;

	if (boot_param_number(boot_param_fail_alloc, 0, 0x7ffffff0, &n))
		mm_fail_once((int)n);
}

static __init void go_on_to_fail(struct task_struct *init)
{
	init->fail_alloc = current->fail_alloc;
	mm_fail_after(-1);
}

static void show_failures_left(void)
{
	if (mm_fail_left() >= 0)
		pr_info("fail_alloc: boot is over %d allocations before it\n", mm_fail_left());
}

static __init void show_banner(void)
{
	char cpu[96];

	arch_cpu_describe(cpu, sizeof(cpu));
	pr_notice("Patchbay %s on %s\n", PATCHBAY_VERSION, cpu);
	pr_info("Command line: %s\n", boot_info.cmdline);
	for (unsigned int i = 0; i < boot_info.nr_problems; i++)
		pr_warn("boot data: %s\n", boot_info.problems[i]);
	boot_report_unknown_words();
}

static __init void show_memory(void)
{
	struct mm_stats stats;

	mm_get_stats(&stats);
	pr_info("Memory: %lu KiB free of %lu KiB\n", stats.free_pages << (PAGE_SHIFT - 10),
		stats.total_pages << (PAGE_SHIFT - 10));
}

static __init void init_late(void)
{
	smp_init();
	watchdog_init();
	vfs_init();
	unpack_initrd();
	console_init();
	tracer_init();
	tracefs_init();
	modules_init();
}

static int init_thread(void *unused)
{
	init_late();
	free_init_memory();
	wx_check();
	show_failures_left();
	strscpy(current->comm, "sh", sizeof(current->comm));
	run_boot_scripts();
	shell_main();
}

static __init void init_early(void)
{
	printk_init();
	show_banner();
	arch_trap_init();
	begin_to_fail();
	mm_init(&boot_info);
	arch_mmu_init(&boot_info);
	/* The shadow is allocated and mapped like other memory; until then nothing is checked. */
	kasan_init();
	show_memory();
	time_init();
	sched_init();
	kcsan_init();
	ftrace_init();
	arch_irq_init(&boot_info);
	arch_timer_init(&boot_info, HZ);
	script_init();
	arch_console_init(&boot_info);
	/* Last, because from here on the tick may switch threads and the console may call back. */
	arch_irq_enable();
}

/* Not __init itself, because it never returns: the idle thread's stack always leads back here. */
void kernel_main(void)
{
	struct task_struct *init;

	arch_set_current(&init_task);
	arch_log_init(&boot_info);
	init_early();
	init = kthread_create(init_thread, NULL, "init");
	if (IS_ERR(init))
		panic("cannot start the first thread: %s", errno_string((int)PTR_ERR(init)));
	go_on_to_fail(init);
	wake_up_process(init);
	cpu_idle();
}
