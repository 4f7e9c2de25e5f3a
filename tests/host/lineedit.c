/* SPDX-License-Identifier: MIT */
/*
 * The line editor. Tests type as a person would, and behind it is a little terminal that knows the
 * few control sequences that the editor sends, so that tests see what a person sees.
 */
#include "kernel/shell/lineedit.h"
#include "tests/host/tap.h"

#define COLUMNS 80u

static struct lineedit le;
static char row[COLUMNS + 1];		/* what the current row shows */
static unsigned int column, bells, rows;
static char escape[16];
static size_t escape_len;

static void finish_escape(char c)
{
	unsigned int n = 0;

	sscanf(escape, "[%u", &n);
	if (c == 'K') {
		memset(row + column, '\0', COLUMNS - column);
	} else if (c == 'C') {
		column += n ? n : 1;
	} else if (c == 'H') {
		column = 0;
	} else if (c == 'J') {
		memset(row, '\0', sizeof(row));
	} else {
		tap_fail(__FILE__, __LINE__, "unknown sequence ESC %s", escape);
	}
	escape_len = 0;
}

static void terminal(void *arg, const char *buf, size_t len)
{
	unsigned int i;
	char c;

	while (len--) {
		c = *buf++;
		if (escape_len) {
			escape[escape_len - 1] = c;
			escape[escape_len] = '\0';
			if (++escape_len > 2 && c >= '@')
				finish_escape(c);
		} else if (c == '\033') {
			escape_len = 1;
		} else if (c == '\r') {
			column = 0;
		} else if (c == '\n') {
			rows++;
			column = 0;
			memset(row, '\0', sizeof(row));
		} else if (c == '\a') {
			bells++;
		} else if (EXPECT(column < COLUMNS) && ((u8)c & 0xc0) != 0x80) {
			for (i = 0; i < column; i++)
				if (!row[i])
					row[i] = ' ';
			row[column++] = c;
		}
	}
}

static void complete(void *arg, const char *word, bool command, lineedit_add_t add, void *cookie)
{
	static const char *const commands[] = { "cat", "cd", "echo", "head", "help" };
	static const char *const files[] = {
		"available_tracers", "set_ftrace_filter", "set_ftrace_notrace", "trace",
		"trace_pipe", "with space",
	};
	unsigned int i;

	if (command)
		for (i = 0; i < ARRAY_SIZE(commands); i++)
			add(cookie, commands[i], ' ');
	else
		for (i = 0; i < ARRAY_SIZE(files); i++)
			add(cookie, files[i], i == 3 ? '/' : ' ');
}

static const struct lineedit_io io = { terminal, complete, NULL };

static void open_line(void)
{
	memset(row, 0, sizeof(row));
	column = bells = rows = 0;
	escape_len = 0;
	lineedit_init(&le, &io);
	lineedit_start(&le, "$ ");
}

static enum lineedit_event type(const char *keys)
{
	enum lineedit_event event = LINEEDIT_NONE;

	while (*keys && event == LINEEDIT_NONE)
		event = lineedit_input(&le, *keys++);
	EXPECT(!*keys);
	lineedit_flush(&le);
	return event;
}

/* Types keys and compares the line, the cursor (`|` in @want) and the screen. */
static void expect_line(int line_nr, const char *keys, const char *want)
{
	char shown[SHELL_LINE_MAX + 2], screen[COLUMNS + 3];

	type(keys);
	snprintf(shown, sizeof(shown), "%.*s|%s", (int)le.cursor, le.line, le.line + le.cursor);
	if (strcmp(shown, want))
		tap_fail(__FILE__, line_nr, "line is \"%s\", expected \"%s\"", shown, want);
	snprintf(screen, sizeof(screen), "$ %s", le.line);
	if (strcmp(row, screen) || column != le.cursor + 2)
		tap_fail(__FILE__, line_nr, "screen is \"%s\", cursor %u", row, column);
}
#define EXPECT_LINE(keys, want) expect_line(__LINE__, keys, want)

TEST(typing_and_moving)
{
	open_line();
	EXPECT_LINE("hello", "hello|");
	EXPECT_LINE("\033[D\033[D", "hel|lo");
	EXPECT_LINE("X", "helX|lo");
	EXPECT_LINE("\001", "|helXlo");
	EXPECT_LINE("\005", "helXlo|");
	EXPECT_LINE("\033[H", "|helXlo");
	EXPECT_LINE("\033[C\033[C", "he|lXlo");
	EXPECT_LINE("\033[F", "helXlo|");
	EXPECT_LINE("\033[1~\033OF\033[7~\033[4~", "helXlo|");
	EXPECT_LINE("\002\002\006", "helXl|o");
}

TEST(erasing)
{
	open_line();
	EXPECT_LINE("one two three\177", "one two thre|");
	EXPECT_LINE("\027", "one two |");
	EXPECT_LINE("\027", "one |");
	EXPECT_LINE("two\001\004", "|ne two");
	EXPECT_LINE("\033[3~", "|e two");
	EXPECT_LINE("\005\002\013", "e tw|");
	EXPECT_LINE("\002\025", "|w");
	EXPECT_LINE("\005\010", "|");
	EXPECT_EQ(bells, 0);
	EXPECT_LINE("\177", "|");
	EXPECT_EQ(bells, 1);
}

TEST(words)
{
	open_line();
	EXPECT_LINE("aa bb cc\033b\033b", "aa |bb cc");
	EXPECT_LINE("\033f", "aa bb| cc");
	EXPECT_LINE("\033[1;5D\033[1;5D", "|aa bb cc");
	EXPECT_LINE("\033d", "| bb cc");
}

TEST(events)
{
	open_line();
	EXPECT_EQ(type("ls\r"), LINEEDIT_LINE);
	EXPECT_STREQ(le.line, "ls");
	EXPECT_EQ(rows, 1);
	lineedit_start(&le, "$ ");
	EXPECT_EQ(lineedit_input(&le, '\n'), LINEEDIT_NONE);
	EXPECT_EQ(type("x\003"), LINEEDIT_INTERRUPT);
	lineedit_start(&le, "$ ");
	EXPECT_EQ(type("x"), LINEEDIT_NONE);
	EXPECT_EQ(type("\001\004"), LINEEDIT_NONE);
	EXPECT_EQ(type("\004"), LINEEDIT_EOF);
	lineedit_start(&le, "$ ");
	EXPECT_EQ(type("\n"), LINEEDIT_LINE);
	EXPECT_STREQ(le.line, "");
}

TEST(history)
{
	open_line();
	lineedit_history_add(&le, "first");
	lineedit_history_add(&le, "second");
	lineedit_history_add(&le, "second");
	lineedit_history_add(&le, "");
	lineedit_history_add(&le, " hidden");
	lineedit_start(&le, "");
	memset(row, 0, sizeof(row));
	lineedit_start(&le, "$ ");
	EXPECT_LINE("new\033[A", "second|");
	EXPECT_LINE("\033[A", "first|");
	EXPECT_LINE("\033[A", "first|");
	EXPECT_EQ(bells, 1);
	EXPECT_LINE("\033[B\033[B", "new|");
	EXPECT_LINE("\020\020!", "first!|");
	EXPECT_LINE("\016", "second|");
}

TEST(history_forgets_the_oldest)
{
	char line[1001];
	unsigned int i;

	open_line();
	for (i = 0; i < 100; i++) {
		memset(line, 'a' + (int)i % 26, 1000);
		snprintf(line, sizeof(line), "%u", i);
		line[strlen(line)] = '-';
		line[1000] = '\0';
		lineedit_history_add(&le, line);
		EXPECT(le.history_used <= sizeof(le.history));
	}
	lineedit_start(&le, "$ ");
	for (i = 0; i < 100; i++)
		type("\033[A");
	EXPECT(!strncmp(le.line, "84-", 3));
}

TEST(completion)
{
	open_line();
	EXPECT_LINE("ec\t", "echo |");
	EXPECT_LINE("set\t", "echo set_ftrace_|");
	EXPECT_LINE("f\t", "echo set_ftrace_filter |");
	open_line();
	EXPECT_LINE("cat tra\t", "cat trace|");
	open_line();
	EXPECT_LINE("cat wi\t", "cat with\\ space |");
	open_line();
	EXPECT_LINE("cat 'wi\t", "cat 'with space' |");
	open_line();
	EXPECT_LINE("cat a;he\t", "cat a;he|");
	bells = 0;
	EXPECT_LINE("\t", "cat a;he|");
	EXPECT_EQ(rows, 2);
	open_line();
	EXPECT_LINE("zzz\t", "zzz|");
	EXPECT_EQ(bells, 1);
}

TEST(long_lines_scroll)
{
	unsigned int i;

	open_line();
	for (i = 0; i < 300; i++)
		type("x");
	EXPECT_EQ(le.len, 300);
	EXPECT(column < COLUMNS);
	type("\001");
	EXPECT_EQ(column, 2);
	EXPECT(row[2] == 'x');
	for (i = 300; i < SHELL_LINE_MAX + 10; i++)
		lineedit_input(&le, 'y');
	EXPECT_EQ(le.len, SHELL_LINE_MAX);
	EXPECT_EQ(type("\r"), LINEEDIT_TOO_LONG);
}

TEST(long_prompt_is_cut)
{
	char prompt[300];

	open_line();
	memset(prompt, 'p', sizeof(prompt) - 1);
	prompt[sizeof(prompt) - 1] = '\0';
	lineedit_start(&le, prompt);
	EXPECT(strlen(le.prompt) <= 40);
	type("abc");
	EXPECT_STREQ(le.line, "abc");
}

TEST(random_keys)
{
	static const char *const keys[] = {
		"\033[A", "\033[B", "\033[C", "\033[D", "\033[H", "\033[F", "\033[3~", "\033b",
		"\033f", "\033", "\033[", "\033[99999999999", "\033O", "\t", "\t\t", "\001", "\005",
		"\013", "\025", "\027", "\014", "\010", "a", "b c", "'", "\\", "/", "\303\244",
		"\200", "|", "\002", "\006",
	};
	unsigned int i;

	open_line();
	for (i = 0; i < 100000 && !tap_failed(); i++) {
		const char *key = keys[tap_below(ARRAY_SIZE(keys))];

		while (*key)
			if (lineedit_input(&le, *key++) != LINEEDIT_NONE)
				lineedit_start(&le, "$ ");
		if (!tap_below(50))
			lineedit_flush(&le);
		if (!tap_below(200)) {
			lineedit_input(&le, '\r');
			lineedit_history_add(&le, le.line);
			lineedit_start(&le, "$ ");
		}
		EXPECT(le.len <= SHELL_LINE_MAX && le.cursor <= le.len && !le.line[le.len]);
		EXPECT_EQ(strlen(le.line), le.len);
	}
}
