/* SPDX-License-Identifier: MIT */
/* Pathname globs of the shell: what a word stands for, in which order, and what quotes do. */
#include "kernel/shell/shell.h"
#include "tests/host/dirs.h"
#include "tests/host/host.h"
#include "tests/host/tap.h"
#include <stdlib.h>

static struct shell_pipeline pipeline;

/* Returns the words of @line's commands, with blanks between them, and | between commands. */
static const char *words(const char *line)
{
	static char out[4096];
	struct shell_expansion e;
	size_t len = 0;

	out[0] = dirs_console[0] = '\0';
	if (!EXPECT_EQ(shell_parse(&line, 0, &pipeline), 1))
		return "";
	if (shell_expand(&pipeline, &e)) {
		shell_expansion_free(&e);
		return dirs_console;
	}
	for (unsigned int i = 0; i < pipeline.nr_stages; i++) {
		const struct shell_stage *stage = &pipeline.stages[i];

		EXPECT(!stage->argv[stage->argc]);
		for (int n = 0; n < stage->argc; n++)
			len += (size_t)sprintf(out + len, "%s%s", n ? " " : i ? "|" : "",
					       stage->argv[n]);
	}
	shell_expansion_free(&e);
	return out;
}

TEST(names_of_files)
{
	EXPECT_STREQ(words("echo *"), "echo a*b aab b b-c cpu0 cpu1 d file");
	EXPECT_STREQ(words("a*b"), "a*b aab");
	EXPECT_STREQ(words("echo f?le fil? ?ile"), "echo file file file");
	EXPECT_STREQ(words("echo [a-c]?? [!a]i* x"), "echo a*b aab b-c file x");
	EXPECT_STREQ(words("cat cpu*/stats"), "cat cpu0/stats cpu1/stats");
	EXPECT_STREQ(words("cat c*/o* | wc d/*/*"), "cat cpu1/other|wc d/e/f");
	EXPECT_STREQ(words("echo /cpu? //d/* b//[12]*"), "echo /cpu0 /cpu1 //d/e b//1 b//10 b//2");
}

/* In the order of their bytes, whatever directories they come from. */
TEST(order)
{
	EXPECT_STREQ(words("echo b*/x"), "echo b-c/x b/x");
	EXPECT_STREQ(words("echo b/*"), "echo b/1 b/10 b/2 b/x");
}

TEST(directories_only)
{
	EXPECT_STREQ(words("echo */"), "echo b-c/ b/ cpu0/ cpu1/ d/");
	EXPECT_STREQ(words("echo f*/"), "echo f*/");
	EXPECT_STREQ(words("echo */e/"), "echo d/e/");
}

TEST(hidden_names_need_a_dot)
{
	EXPECT_STREQ(words("echo ?hidden [.]hidden *hidden"), "echo ?hidden [.]hidden *hidden");
	EXPECT_STREQ(words("echo .* b/.d?t"), "echo .hidden b/.dot");
}

TEST(without_a_match_a_word_stays)
{
	EXPECT_STREQ(words("echo z* vfs_* b/z? nonesuch/* file/* cpu*/none"),
		     "echo z* vfs_* b/z? nonesuch/* file/* cpu*/none");
	EXPECT_STREQ(words("echo [ [a [] [b/1] $x"), "echo [ [a [] [b/1] $x");
	EXPECT_STREQ(words("echo b/*[x"), "echo b/*[x");
}

TEST(quoted_globs_are_ordinary)
{
	EXPECT_STREQ(words("echo '*' \"?\" \\* \"a\"'*'b 'b/'\\?"), "echo * ? * a*b b/?");
	EXPECT_STREQ(words("echo 'a*'? \"a\"\\**"), "echo a*b a*b");
	EXPECT_STREQ(words("echo 'f'* \"cpu\"?'/st'ats"), "echo file cpu0/stats cpu1/stats");
	EXPECT_STREQ(words("echo \\\\* '\\'*"), "echo \\* \\*");
}

/* Files of redirections are as they are written. */
TEST(redirections_are_not_expanded)
{
	EXPECT_STREQ(words("cat *ile > f*"), "cat file");
	EXPECT_STREQ(pipeline.stages[0].out_path, "f*");
}

TEST(too_many_names)
{
	static char line[SHELL_LINE_MAX] = "echo";

	for (unsigned int i = 1; i < SHELL_WORDS_MAX; i++)
		strcat(line, " */*");
	EXPECT_STREQ(words(line), "sh: */*: too many names (the limit is 4096)\n");
	EXPECT_STREQ(words("echo */f"), "echo */f");
}

TEST(without_memory)
{
	long had = host_allocations();

	for (int n = 0; n < 40; n++) {
		const char *line = "cat cpu*/stats b/* | wc *";
		struct shell_expansion e;
		int status;

		EXPECT_EQ(shell_parse(&line, 0, &pipeline), 1);
		host_fail_after(n);
		status = shell_expand(&pipeline, &e);
		host_fail_after(-1);
		EXPECT(!status || !strcmp(dirs_console, "sh: Cannot allocate memory\n"));
		EXPECT(status || pipeline.stages[0].argc + pipeline.stages[1].argc == 16);
		shell_expansion_free(&e);
		EXPECT_EQ(host_allocations(), had);
	}
}
