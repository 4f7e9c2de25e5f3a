/* SPDX-License-Identifier: MIT */
/*
 * The command line that UEFI's programs get: UTF-16, written by people in the firmware's shell and
 * its boot menu, or by a boot loader. Loaders add words of their own, which are taken out, so that
 * the kernel sees the same by every way. Untraced, unchecked: see efi.c.
 */
#include "boot/efi_boot.h"
#include "kernel/compiler.h"
#include "kernel/lib/string.h"

struct text {
	char *start;
	size_t len, size;
	bool cut;
};

static __init void add_byte(struct text *text, u32 byte)
{
	/* One byte is left for the end of the string. */
	if (text->len + 1 < text->size)
		text->start[text->len++] = (char)byte;
	else
		text->cut = true;
}

/* As with other loaders, control characters become blanks: they would spoil the log. */
static __init void add_character(struct text *text, u32 c)
{
	/* The first byte tells the number of bytes, and each further one has six bits. */
	if (c < 0x80) {
		add_byte(text, c < ' ' || c == 0x7f ? ' ' : c);
	} else if (c < 0x800) {
		add_byte(text, 0xc0 | c >> 6);
		add_byte(text, 0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		add_byte(text, 0xe0 | c >> 12);
		add_byte(text, 0x80 | (c >> 6 & 0x3f));
		add_byte(text, 0x80 | (c & 0x3f));
	} else {
		add_byte(text, 0xf0 | c >> 18);
		add_byte(text, 0x80 | (c >> 12 & 0x3f));
		add_byte(text, 0x80 | (c >> 6 & 0x3f));
		add_byte(text, 0x80 | (c & 0x3f));
	}
}

/* The options need not be aligned, nor have an end other than their size. */
static __init u16 unit_at(const u8 *options, size_t index)
{
	return (u16)(options[2 * index] | options[2 * index + 1] << 8);
}

static __init void to_utf8(struct text *text, const u8 *options, size_t nr)
{
	for (size_t i = 0; i < nr && unit_at(options, i); i++) {
		u32 c = unit_at(options, i), low = i + 1 < nr ? unit_at(options, i + 1) : 0;

		/* Two surrogates are one character; half of a pair is none. */
		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
			i++;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = '?';
		}
		add_character(text, c);
	}
	text->start[text->len] = '\0';
}

/* The length of the word at @s. Blanks within double quotes belong to it. */
static __init size_t word_len(const char *s)
{
	bool quoted = false;
	size_t len = 0;

	for (; s[len] && (quoted || s[len] != ' '); len++)
		quoted ^= s[len] == '"';
	return len;
}

static __init bool ends_with(const char *word, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len >= end_len && !memcmp(word + len - end_len, end, end_len);
}

/*
 * Is the first word the name of the file itself? GRUB puts it there as BOOT_IMAGE=PATH; the
 * firmware's shell, as it was typed. Options of ours have neither backslashes nor such an end.
 */
static __init bool is_file_name(const char *word, size_t len)
{
	return (len >= 11 && !memcmp(word, "BOOT_IMAGE=", 11)) || *word == '/' ||
	       memchr(word, '\\', len) || ends_with(word, len, ".efi") ||
	       ends_with(word, len, ".EFI") || ends_with(word, len, "Image");
}

__init void efi_read_options(struct efi_boot *boot, char *initrd, size_t size)
{
	struct efi_loaded_image *loaded = boot->loaded;
	char *from = boot->handoff->cmdline, *to = from;
	struct text text = { .start = from, .size = BOOT_CMDLINE_SIZE };
	bool first = true;

	initrd[0] = '\0';
	if (!loaded->options)
		return;
	to_utf8(&text, loaded->options, loaded->options_size / 2);
	if (text.cut)
		efi_warn(boot, EFI_CMDLINE_CUT, "the command line is too long: its end is lost");
	/* Words move towards the start, over those that leave; blanks between words stay. */
	while (*from) {
		size_t len = word_len(from), blanks = 0;
		bool leaves = first && len && is_file_name(from, len);

		if (len >= 7 && !memcmp(from, "initrd=", 7)) {
			size_t name_len = min(len - 7, size - 1);

			memcpy(initrd, from + 7, name_len);
			initrd[name_len] = '\0';
			leaves = true;
		}
		while (from[len + blanks] == ' ')
			blanks++;
		if (!leaves) {
			memmove(to, from, len + blanks);
			to += len + blanks;
		}
		first = first && !len;
		from += len + blanks;
	}
	/* Blanks at both ends go, so that an empty command line is empty. */
	while (to > boot->handoff->cmdline && to[-1] == ' ')
		to--;
	*to = '\0';
	for (from = boot->handoff->cmdline; *from == ' '; from++)
		;
	memmove(boot->handoff->cmdline, from, (size_t)(to - from) + 1);
}
