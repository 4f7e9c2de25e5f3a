/* SPDX-License-Identifier: MIT */
/*
 * Words that tracefs' files refuse: each is named in the log and in error_log, and changes nothing.
 */
#include "kernel/fs/vfs.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/shell/console.h"
#include "tests/guest/ktest/files.h"
#include "tests/guest/ktest/ktest.h"
#include "trace/core/pattern.h"

#define T "/sys/kernel/tracing/"

/*
 * Writes the parts one by one to one opened file. Returns the first error of a write or of closing.
 */
static int write_parts(const char *path, const char *const *parts)
{
	struct file *file = vfs_open(path, O_WRONLY | O_TRUNC, 0);
	int err = 0, closed;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	for (; !err && *parts; parts++) {
		ssize_t done = vfs_write(file, *parts, strlen(*parts));

		err = done < 0 ? (int)done : 0;
	}
	closed = vfs_close(file);
	return err ? err : closed;
}

/* The error shows the whole refused word, in however many writes it came, with a caret under it. */
KTEST(tracefs, refused_word_of_several_writes)
{
	static const struct {
		const char *parts[5], *quoted, *shown;
	} cases[] = {
		{ { "kt_sum no_", "such", "_one kt_many\n" }, "\"no_such_one\"",
		  "Command: no_such_one\n           ^\n" },
		{ { "kt_sum no_", "such" }, "\"no_such\"", "Command: no_such\n           ^\n" },
		{ { "kt_sum", " no_such kt_many\n" }, "\"no_such\"",
		  "Command:  no_such kt_many\n            ^\n" },
		{ { "no_", "such ", "no_other\n" }, "\"no_such\"",
		  "Command: no_such\n           ^\n" },
		{ { "kt_sum no_such kt_many\n" }, "\"no_such\"",
		  "Command: kt_sum no_such kt_many\n                  ^\n" },
	};
	char text[256];
	u64 pos = 0;

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const char *path = i % 2 ? T "set_ftrace_notrace" : T "set_ftrace_filter";

		KT_EXPECT_EQ(t, file_write(T "error_log", "", 0), 0);
		log_has(&pos, "");
		KT_EXPECT_EQ(t, write_parts(path, cases[i / 2].parts), -EINVAL);
		KT_EXPECT(t, log_has(&pos, cases[i / 2].quoted));
		KT_EXPECT(t, file_read(T "error_log", text, sizeof(text)) > 0);
		KT_EXPECT(t, strstr(text, cases[i / 2].shown));
	}
	tracing_restore(t);
}

/*
 * The error quotes everything that was given, not only its first word, and tells if a long text is
 * cut.
 */
KTEST(tracefs, refused_words_are_quoted)
{
	static const struct {
		const char *file, *text, *quoted;
	} cases[] = {
		{ T "current_tracer", " nop nop \n", "Unknown tracer: \"nop nop\"" },
		{ T "trace_clock", "local\tglobal\n", "Unknown clock: \"local?global\"" },
		{ T "trace_options", "sym-addr nosym-addr\n", "\"sym-addr nosym-addr\"" },
		{ T "options/sym-addr", "1 1\n", "\"1 1\"" },
		{ T "tracing_on", "1 0\n", "\"1 0\"" },
		{ T "buffer_size_kb", "100 KB\n", "\"100 KB\"" },
		{ T "current_tracer", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
				      "xxx...\"" },
	};
	u64 pos = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		log_has(&pos, "");
		KT_EXPECT_EQ(t, file_write(cases[i].file, cases[i].text, 0), -EINVAL);
		KT_EXPECT(t, log_has(&pos, cases[i].quoted));
	}
	tracing_restore(t);
}

/* Blanks are not words, and only a word that names something changes a filter. */
KTEST(tracefs, words_that_are_none)
{
	static const char *const files[] = { T "set_ftrace_filter", T "set_ftrace_notrace" };
	static char word[FTRACE_PATTERN_MAX + 8];

	memset(word, 'x', sizeof(word) - 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(files); i++) {
		KT_EXPECT_EQ(t, file_write(files[i], "kt_sum", 0), 0);
		KT_EXPECT_EQ(t, file_write(files[i], " \n\t ", O_APPEND), 0);
		KT_EXPECT_EQ(t, file_write(files[i], "", O_APPEND), 0);
		KT_EXPECT_EQ(t, file_write(files[i], word, O_APPEND), -EINVAL);
		KT_EXPECT_EQ(t, file_write(files[i], "! kt_many", O_APPEND), -EINVAL);
		KT_EXPECT_EQ(t, file_write(files[i], "kt_many ''", O_APPEND), -EINVAL);
		KT_EXPECT(t, file_is(files[i], "kt_sum\n"));
	}
	/* A NUL ends the text: with it, sizeof("nop") bytes are the same word as three. */
	KT_EXPECT_EQ(t, shell_run("cd " T "; echo -ne 'function\\0' > current_tracer"), 0);
	KT_EXPECT(t, file_is(T "current_tracer", "function\n"));
	KT_EXPECT_EQ(t, shell_run("echo -ne 'nop\\0junk' > current_tracer"), 0);
	KT_EXPECT_EQ(t, shell_run("echo -ne '0\\n\\0' > options/overwrite"), 0);
	KT_EXPECT(t, file_is(T "options/overwrite", "0\n"));
	KT_EXPECT_EQ(t, shell_run("echo -ne '\\0 1' > options/overwrite; cd /"), 1);
	KT_EXPECT(t, file_is(T "options/overwrite", "0\n"));
	KT_EXPECT_EQ(t, shell_run("trace start -l ''"), 1);
	KT_EXPECT_EQ(t, shell_run("trace start -l ' '"), 1);
	KT_EXPECT_EQ(t, shell_run("trace start -n ''"), 1);
	KT_EXPECT_EQ(t, shell_run("trace record -l ' kt_sum' help"), 1);
	KT_EXPECT_EQ(t, shell_run("trace record -n 'kt_sum kt_many' help"), 1);
	KT_EXPECT(t, file_is(T "current_tracer", "nop\n"));
	KT_EXPECT(t, file_is(files[0], "kt_sum\n") && file_is(files[1], "kt_sum\n"));
	tracing_restore(t);
}
