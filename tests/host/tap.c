/* SPDX-License-Identifier: MIT */
/* The runner of the host tests: see tap.h. */
#include "tests/host/tap.h"

#define MAX_FAILURES 5		/* so many are printed for a case */

extern const struct tap_case __start_tap_cases[], __stop_tap_cases[];

static unsigned int failures;
static const char *skipped;
static u32 random_state;

static void print(const char *fmt, ...) __printf(1, 2);
static void print(const char *fmt, ...)
{
	char line[1000];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	tap_write(line, (size_t)len < sizeof(line) ? (size_t)len : sizeof(line) - 1);
}

/* Prints a note in one line, whatever it quotes. */
static void print_note(const char *where, char *text)
{
	char *c;

	for (c = text; *c; c++)
		if ((u8)*c < ' ')
			*c = '~';
	print("# %s%s\n", where, text);
}

void tap_note(const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	print_note("", text);
}

void tap_fail(const char *file, int line, const char *fmt, ...)
{
	char text[800], where[100];
	va_list args;

	if (failures++ >= MAX_FAILURES)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snprintf(where, sizeof(where), "%s:%d: ", file, line);
	print_note(where, text);
}

void tap_skip(const char *reason)
{
	skipped = reason;
}

bool tap_failed(void)
{
	return failures;
}

u32 tap_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

int main(void)
{
	const struct tap_case *tc;
	unsigned int nr = 0;
	bool bad = false;

	print("1..%u\n", (unsigned int)(__stop_tap_cases - __start_tap_cases));
	for (tc = __start_tap_cases; tc < __stop_tap_cases; tc++) {
		failures = 0;
		skipped = NULL;
		random_state = tap_seed();
		tc->run();
		print("%s %u - %s%s%s\n", failures ? "not ok" : "ok", ++nr, tc->name,
		      skipped ? " # SKIP " : "", skipped ? skipped : "");
		bad |= failures;
	}
	return bad;
}
