/* SPDX-License-Identifier: MIT */
/* Every failure once (failures.c): modules, threads, files, and memory itself. */
#include "kernel/arch.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/module/module.h"
#include "tests/guest/ktest/counter.h"
#include "tests/guest/ktest/failures.h"
#include "tests/guest/ktest/files.h"

static struct counter c = COUNTER;
static char module_said[160];

static int insert_file(void)
{
	char *params[] = { "word=given" };

	return module_insert(KTEST_MODULE, ARRAY_SIZE(params), params, module_said,
			     sizeof(module_said));
}

static int remove_file(void)
{
	return module_remove("ktest_module");
}

KTEST(failures, modules)
{
	static const struct operation insmod_file[] = {
		{ "insmod", insert_file, remove_file },
	};
	static const struct operation rmmod_file[] = {
		{ "rmmod", remove_file, insert_file },
	};

	KT_NEED_MODULE(t, KTEST_MODULE);
	FAIL_ALL(t, insmod_file);
	KT_ASSERT(t, !counter_start(&c, NULL));
	FAIL_ALL(t, insmod_file);
	KT_EXPECT(t, counter_stop(&c));
	KT_ASSERT(t, !insert_file());
	FAIL_ALL(t, rmmod_file);
	KT_EXPECT_EQ(t, remove_file(), 0);
}

static int end_at_once(void *unused)
{
	return 0;
}

static int make_thread(void)
{
	struct task_struct *task = kthread_run(end_at_once, NULL, "ktest-ends");

	return IS_ERR(task) ? (int)PTR_ERR(task) : kthread_join(task);
}

#define DIR "/tmp/ktest_failures"

static int make_dir(void)
{
	return vfs_mkdir(DIR, 0755);
}

static int remove_dir(void)
{
	return vfs_rmdir(DIR);
}

/* A file that was made but could not be written exists, as on any system, so it is unlinked. */
static int make_file(void)
{
	int err = file_write(DIR "_file", "some words", 0);

	if (err)
		vfs_unlink(DIR "_file");
	return err;
}

static int remove_file_again(void)
{
	return vfs_unlink(DIR "_file");
}

static int make_pipe(void)
{
	struct file *ends[2];
	int err = vfs_pipe(ends);

	if (err)
		return err;
	vfs_close(ends[0]);
	return vfs_close(ends[1]);
}

static int map_memory(void)
{
	void *memory = vmalloc(3 * PAGE_SIZE);

	vfree(memory);
	return memory ? 0 : -ENOMEM;
}

static int map_code(void)
{
	void *memory = execmem_alloc(2 * PAGE_SIZE);

	execmem_free(memory, 2 * PAGE_SIZE);
	return memory ? 0 : -ENOMEM;
}

static int grow_memory(void)
{
	void *memory = vmalloc_resizable(PAGE_SIZE, 8 * PAGE_SIZE);
	int err = memory ? vmalloc_grow(memory, 4 * PAGE_SIZE) : -ENOMEM;

	vfree(memory);
	return err;
}

KTEST(failures, threads_files_memory)
{
	static const struct operation ops[] = {
		{ "a thread", make_thread, NULL },
		{ "a directory", make_dir, remove_dir },
		{ "a file", make_file, remove_file_again },
		{ "a pipe", make_pipe, NULL },
		{ "vmalloc", map_memory, NULL },
		{ "execmem", map_code, NULL },
		{ "vmalloc_grow", grow_memory, NULL },
	};

	FAIL_ALL(t, ops);
}
