/* SPDX-License-Identifier: MIT */
/*
 * Walks every file of tracefs and /proc, whatever it is for. A file that can be read gives the same
 * text in pieces of any size and from any position, and a file that can be written is not harmed by
 * texts without meaning. Files that are added later are walked as well.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"

#define T "/sys/kernel/tracing"
#define WHOLE (1u << 20)
#define LONGEST 5000		/* longer than any text that a file takes, and than a page */

typedef void visit_fn(struct ktest *t, const char *path, mode_t mode, void *arg);

/* Call @visit for each file below @dir. */
static void walk(struct ktest *t, const char *dir, visit_fn *visit, void *arg)
{
	struct file *file = vfs_open(dir, O_RDONLY | O_DIRECTORY, 0);
	struct dirent *entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	char *path = kmalloc(PATH_MAX, GFP_KERNEL);
	unsigned int pos = 0;

	KT_EXPECT(t, !IS_ERR(file) && entry && path);
	while (!IS_ERR(file) && entry && path && vfs_readdir(file, &pos, entry) > 0) {
		if (!strcmp(entry->name, ".") || !strcmp(entry->name, ".."))
			continue;
		snprintf(path, PATH_MAX, "%s/%s", dir, entry->name);
		if (S_ISDIR(entry->mode))
			walk(t, path, visit, arg);
		else
			visit(t, path, entry->mode, arg);
	}
	if (!IS_ERR(file))
		vfs_close(file);
	kfree(path);
	kfree(entry);
}

/* Does @path end with one of the @names, of which the last is NULL? */
static bool is_one_of(const char *path, const char *const *names)
{
	for (; *names; names++)
		if (strlen(path) > strlen(*names) &&
		    !strcmp(path + strlen(path) - strlen(*names), *names))
			return true;
	return false;
}

/* Two readings of these may differ. */
static const char *const never_the_same[] = {
	"/trace_pipe", "/trace_pipe_raw",		/* reading consumes */
	"/stats", "/uptime", "/threads", "/interrupts",	/* they tell the time, or count with it */
	"/meminfo",				/* what a reader takes for itself is in it */
	NULL
};

struct texts {
	char *whole, *part;
	unsigned int nr_files;
};

/*
 * Checks that what is read from @pos on, at most @most bytes in reads of @step bytes, is what the
 * whole text has there.
 */
static void compare(struct ktest *t, const char *path, const struct texts *texts, size_t len,
		    size_t pos, size_t step, size_t most)
{
	struct file *file = vfs_open(path, O_RDONLY, 0);
	size_t done = 0, want = pos < len ? min(most, len - pos) : 0;
	ssize_t got = 0;

	KT_ASSERT(t, !IS_ERR(file));
	KT_EXPECT_EQ(t, vfs_llseek(file, (loff_t)pos, SEEK_SET), (loff_t)pos);
	/* One byte past the end is asked for, too. */
	while (done < most) {
		got = vfs_read(file, texts->part + done, min(step, most - done));
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	if (got < 0 || done != want || memcmp(texts->part, texts->whole + pos, want))
		ktest_fail(t, __FILE__, __LINE__, "%s from %zu by %zu: %zu of %zu bytes, or others",
			   path, pos, step, done, want);
	vfs_close(file);
}

static void read_in_pieces(struct ktest *t, const char *path, mode_t mode, void *arg)
{
	static const size_t steps[] = { 1, 7, 4096 };
	struct texts *texts = arg;
	ssize_t len;

	if (!(mode & 0444) || is_one_of(path, never_the_same))
		return;
	len = file_read(path, texts->whole, WHOLE);
	if (len < 0 || (size_t)len >= WHOLE - 1) {
		ktest_fail(t, __FILE__, __LINE__, "%s: %zd", path, len);
		return;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
		/*
		 * Reading long texts in small steps would take seconds, so only their beginning,
		 * middle and end are read.
		 */
		size_t most = steps[i] * 1000, size = (size_t)len;

		compare(t, path, texts, size, 0, steps[i], most);
		compare(t, path, texts, size, size / 2 + 1, steps[i], most);
		compare(t, path, texts, size, size - min(size, (size_t)5), steps[i], most);
		compare(t, path, texts, size, size, steps[i], most);
		compare(t, path, texts, size, size + 3 * PAGE_SIZE, steps[i], most);
	}
	texts->nr_files++;
}

static bool make_texts(struct ktest *t, struct texts *texts)
{
	*texts = (struct texts){ .whole = vmalloc(WHOLE), .part = vmalloc(WHOLE * 4) };
	return KT_EXPECT(t, texts->whole && texts->part);
}

static void free_texts(struct texts *texts)
{
	vfree(texts->whole);
	vfree(texts->part);
}

/* Makes sure that there is something to read everywhere. */
static void write_something(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "/error_log", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "/current_tracer", "nonesuch", 0), -EINVAL);
	KT_EXPECT_EQ(t, file_write(T "/set_ftrace_notrace", "vfs_* *printf", 0), 0);
	for (unsigned int i = 0; i < 100; i++)
		KT_EXPECT_EQ(t, file_write(T "/trace_marker", "a line to be read in pieces", 0), 0);
}

static void restore(struct ktest *t)
{
	KT_EXPECT_EQ(t, file_write(T "/set_ftrace_notrace", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "/error_log", "", 0), 0);
	KT_EXPECT_EQ(t, file_write(T "/trace", "", 0), 0);
}

KTEST(tracefs, every_file_in_pieces)
{
	struct texts texts;

	if (make_texts(t, &texts)) {
		write_something(t);
		walk(t, T, read_in_pieces, &texts);
		walk(t, "/proc", read_in_pieces, &texts);
		KT_EXPECT(t, texts.nr_files > 40);
		restore(t);
	}
	free_texts(&texts);
}

/* --- Texts without meaning --- */

static const char *const told_of_writes[] = {
	"/error_log",				/* it lists what was refused */
	"/trace", "/saved_cmdlines",		/* what trace_marker took, and who wrote it */
	NULL
};

/* These act when they are closed: that frees the buffer's memory. */
static const char *const act_when_closed[] = { "/free_buffer", NULL };

/* Adds a line with a sum over what the file says, unless writes may change that. */
static void sum_up(struct ktest *t, const char *path, mode_t mode, void *arg)
{
	struct texts *texts = arg;
	u32 sum = 2166136261u;
	ssize_t len;

	if (!(mode & 0444) || is_one_of(path, never_the_same) || is_one_of(path, told_of_writes))
		return;
	len = file_read(path, texts->whole, WHOLE);
	KT_EXPECT(t, len >= 0);
	for (ssize_t i = 0; i < len; i++)
		sum = (sum ^ (u8)texts->whole[i]) * 16777619u;
	len = (ssize_t)strlen(texts->part);
	snprintf(texts->part + len, WHOLE - (size_t)len, "%s %08x\n", path, sum);
}

static void sum_up_all(struct ktest *t, struct texts *texts)
{
	texts->part[0] = '\0';
	walk(t, T, sum_up, texts);
	walk(t, "/proc", sum_up, texts);
}

static void write_nothing(struct ktest *t, const char *path, mode_t mode, void *arg)
{
	static char text[LONGEST + 1];
	static const size_t sizes[] = { 0, 5, LONGEST, 1 };
	struct texts *texts = arg;

	if (!(mode & 0222) || is_one_of(path, act_when_closed))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct file *file = vfs_open(path, O_WRONLY, 0);
		size_t size = sizes[i];
		ssize_t done;

		KT_ASSERT(t, !IS_ERR(file));
		/*
		 * The texts are: nothing, blanks, a word that is longer than any, and a byte that
		 * is no text.
		 */
		memset(text, size == LONGEST ? 'x' : size == 1 ? '\0' : ' ', size);
		done = vfs_write(file, text, size);
		if (done > (ssize_t)size)
			ktest_fail(t, __FILE__, __LINE__, "%s: %zd of %zu bytes", path, done, size);
		vfs_close(file);
	}
	texts->nr_files++;
}

KTEST(tracefs, every_file_told_nothing)
{
	struct texts texts;
	char *before = vmalloc(WHOLE);

	if (make_texts(t, &texts) && KT_EXPECT(t, before)) {
		write_something(t);
		sum_up_all(t, &texts);
		strscpy(before, texts.part, WHOLE);
		walk(t, T, write_nothing, &texts);
		walk(t, "/proc", write_nothing, &texts);
		KT_EXPECT(t, texts.nr_files > 20);
		sum_up_all(t, &texts);
		for (size_t i = 0; before[i] || texts.part[i]; i++) {
			if (before[i] == texts.part[i])
				continue;
			while (i && before[i - 1] != '\n')
				i--;
			ktest_fail(t, __FILE__, __LINE__, "it became %.60s", texts.part + i);
			break;
		}
		restore(t);
	}
	vfree(before);
	free_texts(&texts);
}
