/* SPDX-License-Identifier: MIT */
/* The shell's grammar: what lines mean, what is refused and with which words, and hostile input. */
#include <stdlib.h>
#include "kernel/lib/errno.h"
#include "kernel/shell/parse.h"
#include "tests/host/tap.h"

static struct shell_pipeline pipeline;

/* Describes all pipelines of @script like "[a][b]<in>out|[c]; ..." */
static const char *describe(const char *script)
{
	static const char *const ends[] = { ";", "&", "&&", "||" };
	static char out[20000];
	unsigned int i;
	size_t len = 0;
	int err, n;

	out[0] = '\0';
	while ((err = shell_parse(&script, 130, &pipeline)) == 1) {
		for (i = 0; i < pipeline.nr_stages; i++) {
			const struct shell_stage *stage = &pipeline.stages[i];

			if (i)
				len += (size_t)sprintf(out + len, "|");
			for (n = 0; n < stage->argc; n++)
				len += (size_t)sprintf(out + len, "[%s]", stage->argv[n]);
			EXPECT(!stage->argv[stage->argc]);
			if (stage->in_path)
				len += (size_t)sprintf(out + len, "<%s", stage->in_path);
			if (stage->out_path)
				len += (size_t)sprintf(out + len, "%s%s",
						       stage->append ? ">>" : ">", stage->out_path);
			if (stage->err_path)
				len += (size_t)sprintf(out + len, "2%s%s",
						       stage->err_append ? ">>" : ">",
						       stage->err_path);
			len += (size_t)sprintf(out + len, stage->err_to_out ? "2>&1" : "");
		}
		len += (size_t)sprintf(out + len, "%s", ends[pipeline.end]);
	}
	if (err)
		sprintf(out + len, "%s", pipeline.error);
	return out;
}

TEST(words_and_quotes)
{
	EXPECT_STREQ(describe("echo a  b\tc"), "[echo][a][b][c];");
	EXPECT_STREQ(describe("echo 'a  b' \"c d\""), "[echo][a  b][c d];");
	EXPECT_STREQ(describe("echo a'b'\"c\"d"), "[echo][abcd];");
	EXPECT_STREQ(describe("echo '' \"\""), "[echo][][];");
	EXPECT_STREQ(describe("echo \\\"x\\ y\\\\"), "[echo][\"x y\\];");
	EXPECT_STREQ(describe("echo 'a\\nb'"), "[echo][a\\nb];");
	EXPECT_STREQ(describe("echo \"a\\\"b\\$c\\q\""), "[echo][a\"b$c\\q];");
	EXPECT_STREQ(describe("echo 'vfs_*' * ? $HOME `x`"), "[echo][vfs_*][*][?][$HOME][`x`];");
	EXPECT_STREQ(describe("echo '!vfs_read'"), "[echo][!vfs_read];");
	EXPECT_STREQ(describe("echo 'two\nlines'"), "[echo][two\nlines];");
}

TEST(the_last_status)
{
	EXPECT_STREQ(describe("echo $? \"$?\" a$?b$?"), "[echo][130][130][a130b130];");
	EXPECT_STREQ(describe("echo '$?' \\$? \"\\$?\" $ ?"), "[echo][$?][$?][$?][$][?];");
}

TEST(lists)
{
	EXPECT_STREQ(describe("a&&b || c;d"), "[a]&&[b]||[c];[d];");
	EXPECT_STREQ(describe("a | b &&\n # why\n\n c"), "[a]|[b]&&[c];");
	EXPECT_STREQ(describe("a & b&\nc & ; d"), "[a]&[b]&[c]&[d];");
	EXPECT_STREQ(describe("a '&&' \\& b"), "[a][&&][&][b];");
}

/* Returns the source of the first pipeline of @script. */
static const char *source_of(const char *script)
{
	static char out[100];

	EXPECT_EQ(shell_parse(&script, 0, &pipeline), 1);
	sprintf(out, "%.*s", (int)(pipeline.source_end - pipeline.source), pipeline.source);
	return out;
}

TEST(source_of_a_pipeline)
{
	EXPECT_STREQ(source_of(" ;\n a 'b'  | c > d&e"), "a 'b'  | c > d");
	EXPECT_STREQ(source_of("a $?&& b"), "a $?");
}

/* Returns the words of the only stage, with a ^ before each byte that acts as a glob. */
static const char *magic(const char *script)
{
	static char out[400];
	size_t len = 0;

	EXPECT_EQ(shell_parse(&script, 0, &pipeline), 1);
	for (int n = 0; n < pipeline.stages[0].argc; n++) {
		for (const char *c = pipeline.stages[0].argv[n]; *c; c++)
			len += (size_t)sprintf(out + len, "%s%c",
					       shell_is_magic(&pipeline, c) ? "^" : "", *c);
		len += (size_t)sprintf(out + len, " ");
	}
	EXPECT_EQ(pipeline.has_magic, strchr(out, '^') != NULL);
	return out;
}

/* What globs stand for is tested in expand.c. */
TEST(globs_outside_of_quotes)
{
	EXPECT_STREQ(magic("a* b?c [x]"), "a^* b^?c ^[x] ");
	EXPECT_STREQ(magic("'a*' \"?\" \\* \\[x]"), "a* ? * [x] ");
	EXPECT_STREQ(magic("'*'* a\\**\"?\"?"), "*^* a*^*?^? ");
	EXPECT_STREQ(magic("a{b,c}~ ]$x"), "a{b,c}~ ]$x ");
}

/* Does the last pipeline of @script need more lines? */
static bool is_unfinished(const char *script)
{
	while (shell_parse(&script, 0, &pipeline) && !pipeline.unfinished)
		;
	return pipeline.unfinished;
}

TEST(text_that_more_lines_complete)
{
	EXPECT(is_unfinished("echo 'a\n") && is_unfinished("a; b \"c\n"));
	EXPECT(is_unfinished("a |\n") && is_unfinished("a |\n\n # b\n"));
	EXPECT(is_unfinished("a &&\n") && is_unfinished("a;b ||\n\n") && !is_unfinished("a &\n"));
	EXPECT(is_unfinished("a \\\n") && is_unfinished("a\\\n") && is_unfinished("\\\n"));
	EXPECT(!is_unfinished("") && !is_unfinished("a\n") && !is_unfinished("a; b|c\n"));
	EXPECT(!is_unfinished("a \\\\\n") && !is_unfinished("a '\\'\n"));
	EXPECT(!is_unfinished("a\\\nb\n") && !is_unfinished("# a \\\n") && !is_unfinished("a >\n"));
}

TEST(errors_say_where)
{
	const char *script = "a\nb 'c\nd", *at = script;

	EXPECT_EQ(shell_parse(&at, 0, &pipeline), 1);
	EXPECT_EQ(shell_parse(&at, 0, &pipeline), -EINVAL);
	EXPECT(pipeline.error_at == script + 4 && !*at);
}

TEST(separators_and_comments)
{
	EXPECT_STREQ(describe(""), "");
	EXPECT_STREQ(describe(" \t\r\n\n ;; ; \n"), "");
	EXPECT_STREQ(describe("a;b\nc ; d"), "[a];[b];[c];[d];");
	EXPECT_STREQ(describe("# nothing\na # rest; b\nc#d"), "[a];[c#d];");
	EXPECT_STREQ(describe("echo a \\\nb"), "[echo][a][b];");
	EXPECT_STREQ(describe("echo a\\\nb"), "[echo][ab];");
	EXPECT_STREQ(describe("echo '#' \\# x"), "[echo][#][#][x];");
	EXPECT_STREQ(describe("a\r\nb\r\n"), "[a];[b];");
}

TEST(pipes_and_redirections)
{
	EXPECT_STREQ(describe("cat trace | grep x|wc -l"), "[cat][trace]|[grep][x]|[wc][-l];");
	EXPECT_STREQ(describe("a |\n # why\n b"), "[a]|[b];");
	EXPECT_STREQ(describe("echo 1 > f"), "[echo][1]>f;");
	EXPECT_STREQ(describe("echo 1>>f"),
		     "a number before >: only < and > without one, and 2>, are known");
	EXPECT_STREQ(describe("a 2>f 2 2> g"), "two files for the errors");
	EXPECT_STREQ(describe("a 2>f >g b2>>c 2 2"), "two files for the output");
	EXPECT_STREQ(describe("a 2>f >g; b 2>>c 2 2; 2> d"),
		     "[a]>g2>f;[b][2][2]2>>c;2>d;");
	EXPECT_STREQ(describe("a > f 2>&1; b 2>&1|c"), "[a]>f2>&1;[b]2>&1|[c];");
	EXPECT_STREQ(describe("echo x>>f y"), "[echo][x][y]>>f;");
	EXPECT_STREQ(describe("echo x1>f"), "[echo][x1]>f;");
	EXPECT_STREQ(describe("< in sort > 'my file'"), "[sort]<in>my file;");
	EXPECT_STREQ(describe("> empty"), ">empty;");
	EXPECT_STREQ(describe("a & 2>&1"), "[a]&2>&1;");
	EXPECT_STREQ(describe("a '|' b \\> c \";\""), "[a][|][b][>][c][;];");
}

TEST(errors_say_what_is_wrong)
{
	static const struct {
		const char *script, *words;
	} cases[] = {
		{ "echo 'abc", "unterminated quote '" },
		{ "echo \"abc", "unterminated quote \"" },
		{ "echo \\", "nothing after the backslash" },
		{ "echo >", "missing file name after >" },
		{ "echo > | x", "missing file name after >" },
		{ "cat <", "missing file name after <" },
		{ "echo >> ''", "empty file name after >>" },
		{ "echo > a > b", "two files for the output" },
		{ "cat < a < b", "two files for the input" },
		{ "| a", "nothing before |" },
		{ "&& a", "nothing before &&" },
		{ "a; || b", "nothing before ||" },
		{ "& a", "nothing before &" },
		{ "a &&", "nothing after &&" },
		{ "a || ; b", "nothing after ||" },
		{ "a && & b", "nothing after &&" },
		{ "a | && b", "empty pipe stage (nothing after |)" },
		{ "a | | b", "empty pipe stage" },
		{ "a |", "empty pipe stage (nothing after |)" },
		{ "a > f | b", "both > f and | want the output" },
		{ "a | b < f", "both < f and | want to be the input" },
		{ "echo 3> f", "a number before >" },
		{ "echo 1>&2", "a number before >" },
		{ "echo 2>&", "after 2>& only 1 is known" },
		{ "echo 2>&1x", "after 2>& only 1 is known" },
		{ "echo 2>", "missing file name after 2>" },
		{ "echo 2>> ''", "empty file name after 2>>" },
		{ "echo 2> f 2>&1", "two files for the errors" },
		{ "echo 2>&1 > f", "2>&1 before >: write it after" },
		{ "a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q", "too many pipe stages" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!strstr(describe(cases[i].script), cases[i].words))
			tap_fail(__FILE__, __LINE__, "\"%s\" gives \"%s\"", cases[i].script,
				 describe(cases[i].script));
}

TEST(a_bad_line_does_not_take_the_next_with_it)
{
	const char *script = "a; b 'x\nno | | no\necho good\n";

	EXPECT_EQ(shell_parse(&script, 0, &pipeline), 1);
	EXPECT_EQ(shell_parse(&script, 0, &pipeline), -EINVAL);
	/* An open quote takes the rest of the script; a broken pipe ends with its line. */
	script = "no | | no ; neither\necho good\n";
	EXPECT_EQ(shell_parse(&script, 0, &pipeline), -EINVAL);
	EXPECT_EQ(shell_parse(&script, 0, &pipeline), 1);
	EXPECT_STREQ(pipeline.words[1], "good");
	EXPECT_EQ(shell_parse(&script, 0, &pipeline), 0);
}

TEST(limits_are_exact)
{
	static char script[3 * SHELL_LINE_MAX];
	const char *at;
	unsigned int i;

	memset(script, 'x', SHELL_LINE_MAX);
	script[SHELL_LINE_MAX] = '\0';
	at = script;
	EXPECT_EQ(shell_parse(&at, 0, &pipeline), 1);
	EXPECT_EQ(strlen(pipeline.words[0]), SHELL_LINE_MAX);
	script[SHELL_LINE_MAX] = 'x';
	script[SHELL_LINE_MAX + 1] = '\0';
	at = script;
	EXPECT_EQ(shell_parse(&at, 0, &pipeline), -EINVAL);
	EXPECT(strstr(pipeline.error, "line too long"));

	/* Operators need no blanks, so the words may need more room than their source. */
	for (i = 0; i < 12; i++) {
		memset(script, 'x', SHELL_LINE_MAX);
		memcpy(script + SHELL_LINE_MAX - 24 + i, "|a|a|a|a|a|a|a|a|a|a|a>b", 25);
		at = script;
		shell_parse(&at, 0, &pipeline);
		EXPECT(pipeline.text_used <= sizeof(pipeline.text));
	}

	script[0] = '\0';
	for (i = 0; i < SHELL_WORDS_MAX; i++)
		strcpy(script + 2 * i, "a ");
	at = script;
	EXPECT_EQ(shell_parse(&at, 0, &pipeline), 1);
	EXPECT_EQ(pipeline.stages[0].argc, SHELL_WORDS_MAX);
	/* $? may become longer than it is. */
	for (i = 0; i < SHELL_LINE_MAX / 2; i++)
		memcpy(script + 2 * i, "$?", 3);
	at = script;
	EXPECT_EQ(shell_parse(&at, 130, &pipeline), -EINVAL);
	EXPECT(strstr(pipeline.error, "line too long"));
	for (i = 0; i < SHELL_WORDS_MAX; i++)
		strcpy(script + 2 * i, "a ");
	strcpy(script + 2 * i, "b");
	at = script;
	EXPECT_EQ(shell_parse(&at, 0, &pipeline), -EINVAL);
	EXPECT(strstr(pipeline.error, "too many words"));
}

/* ASan watches. The parser must go on, end, and keep its own promises. */
TEST(random_bytes)
{
	static const char alphabet[] = "ab 12\t\n\r;|<>&'\"\\#$?\x80\x01";
	unsigned int round, i, len;
	const char *at, *before;
	char *script;
	int err;

	for (round = 0; round < 30000; round++) {
		len = tap_below(tap_below(20) ? 60 : 6000);
		script = malloc(len + 1);
		for (i = 0; i < len; i++)
			script[i] = alphabet[tap_below(sizeof(alphabet) - 1)];
		script[len] = '\0';
		at = script;
		for (i = 0; i <= len; i++) {
			before = at;
			err = shell_parse(&at, (int)round % 999, &pipeline);
			EXPECT(pipeline.text_used <= sizeof(pipeline.text));
			EXPECT(at >= before && at <= script + len);
			EXPECT_EQ(err == -EINVAL, pipeline.error[0] != '\0');
			if (!err)
				break;
			EXPECT(at > before);
			EXPECT(err == -EINVAL || pipeline.nr_stages > 0);
		}
		EXPECT(!err && !*at);
		free(script);
	}
}
