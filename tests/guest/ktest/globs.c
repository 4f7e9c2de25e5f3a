/* SPDX-License-Identifier: MIT */
/*
 * The shell's pathname globs on real files. tests/host/expand.c tests what they mean in all cases.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/shell/console.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"

#define OUT "/tmp/globs.out"

static bool gives(const char *line, const char *output)
{
	char script[160];

	snprintf(script, sizeof(script), "%s > " OUT, line);
	return !shell_run(script) && file_is(OUT, output);
}

KTEST(globs, name_files)
{
	KT_EXPECT(t, gives("echo /sys/kernel/tracing/events/header_*",
			   "/sys/kernel/tracing/events/header_event "
			   "/sys/kernel/tracing/events/header_page\n"));
	KT_EXPECT(t, gives("echo /sys/kernel/tracing/per_cpu/cpu[0]*/stats",
			   "/sys/kernel/tracing/per_cpu/cpu0/stats\n"));
	KT_EXPECT(t, gives("echo /sys/*/tr?cing/current_t*",
			   "/sys/kernel/tracing/current_tracer\n"));
	KT_EXPECT(t, gives("echo /proc/mod* '/proc/mod*' \"/proc\"/mod* /proc/mod\\*",
			   "/proc/modules /proc/mod* /proc/modules /proc/mod*\n"));
	KT_EXPECT(t, gives("echo /proc/none* vfs_*", "/proc/none* vfs_*\n"));
	KT_EXPECT_EQ(t, vfs_unlink(OUT), 0);
}

/* Each name appears once, and what `time` runs is not expanded again. */
KTEST(globs, made_and_removed)
{
	KT_EXPECT_EQ(t, shell_run("mkdir /tmp/globs; cd /tmp/globs; "
				  "echo 2 > b2; echo 1 > b1; > 'b*'"), 0);
	KT_EXPECT(t, gives("echo *", "b* b1 b2\n"));
	KT_EXPECT(t, gives("cat b?", "1\n2\n"));
	KT_EXPECT(t, gives("time echo b[0-9] | sort", "b1 b2\n"));
	KT_EXPECT(t, gives("echo b'*'", "b*\n"));
	KT_EXPECT_EQ(t, shell_run("rm b*; cd /; rm " OUT), 0);
	KT_EXPECT_EQ(t, vfs_rmdir("/tmp/globs"), 0);
}

/* Whatever allocation fails, the command runs either with all its words or not at all. */
KTEST(globs, without_memory)
{
	int status = 1;

	for (int n = 0; n < 400 && status; n++) {
		KT_EXPECT_EQ(t, shell_run("> " OUT), 0);
		mm_fail_after(n);
		status = shell_run("echo /sys/kernel/tracing/events/* > " OUT);
		mm_fail_after(-1);
		KT_EXPECT_EQ(t, file_count(OUT,
					   "/header_event /sys/kernel/tracing/events/header_page"),
			     !status);
	}
	KT_EXPECT_EQ(t, status, 0);
	KT_EXPECT_EQ(t, vfs_unlink(OUT), 0);
}
