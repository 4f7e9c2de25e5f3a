/* SPDX-License-Identifier: MIT */
/*
 * Formatting of %p and the letters after it, as in Linux's printk-formats.rst: symbols, names of
 * errors, bytes, network addresses, UUIDs, bitmaps. The memory that a pointer points to is first
 * copied in a way that cannot fault. Letters for structures that only Linux has print the pointer.
 * Addresses are neither hidden nor hashed. Untraced.
 */
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lib/vsprintf_internal.h"
#include "kernel/printk.h"

#define HEX_MAX 64			/* bytes that one %*ph shows, as in Linux */

static const struct spec plain = { .width = -1, .precision = -1 };

/* Copy @size bytes from @ptr to @copy. If it cannot be read, put a text that says so; false. */
static bool copy_or_say_why(struct output *out, void *copy, const void *ptr, size_t size,
		  const struct spec *spec)
{
	if (format_may_point(ptr) && !arch_read_nofault(copy, ptr, size))
		return true;
	format_string(out, ptr ? "(efault)" : "(null)", spec);
	return false;
}

static void put_address(struct output *out, const void *ptr, struct spec *spec)
{
	if (spec->width < 0) {
		spec->width = 2 * sizeof(ptr);
		spec->flags |= FLAG_ZERO;
	}
	spec->precision = -1;
	format_number(out, (unsigned long)ptr, 16, spec);
}

/*
 * A symbol's name may be longer than the free part of a stack, so it is written directly to the
 * output, without a buffer. It is looked up twice, because its length is needed first for padding.
 */
static void put_symbol(struct output *out, char letter, const void *ptr, const struct spec *spec)
{
	int most = spec->precision < 0 ? INT32_MAX : spec->precision;
	int len = min(snprint_symbol(NULL, 0, (unsigned long)ptr, letter), most);
	const struct spec padding = { .width = spec->width - len, .precision = -1 };
	size_t room;

	if (!(spec->flags & FLAG_LEFT))
		format_string(out, "", &padding);
	room = out->pos < out->size ? out->size - out->pos : 0;
	if (room) {
		room = min(room, (size_t)len + 1);	/* the next text overwrites the NUL */
		len = min(snprint_symbol(out->buf + out->pos, room, (unsigned long)ptr, letter),
			  len);
	}
	out->pos += (size_t)len;
	if (spec->flags & FLAG_LEFT)
		format_string(out, "", &padding);
}

static void put_error_name(struct output *out, const void *ptr, struct spec *spec)
{
	const char *name;

	if (!IS_ERR(ptr)) {
		put_address(out, ptr, spec);
		return;
	}
	name = errname(PTR_ERR(ptr));
	spec->flags |= FLAG_SIGNED;
	if (name)
		format_string(out, name, spec);
	else
		format_number(out, (u64)(s64)PTR_ERR(ptr), 10, spec);
}

static void put_va_format(struct output *out, const void *ptr, const struct spec *spec)
{
	struct va_format nested;
	va_list args;
	char first;

	/* Copied as bytes, because va_copy() would read it in a way that can fault. */
	if (copy_or_say_why(out, &nested, ptr, sizeof(nested), spec) &&
	    copy_or_say_why(out, &first, nested.fmt, sizeof(first), spec) &&
	    copy_or_say_why(out, &args, nested.va, sizeof(args), spec))
		format_nested(out, nested.fmt, args);
}

static char *hex_byte(char *to, u8 byte, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	*to++ = digits[byte >> 4];
	*to++ = digits[byte & 15];
	return to;
}

/*
 * %*ph, and with another separator %*phC, %*phD and %*phN. The width is the number of bytes, by
 * default one.
 */
static void put_bytes(struct output *out, char style, const void *ptr, const struct spec *spec)
{
	size_t nr = spec->width < 0 ? 1 : min(spec->width, HEX_MAX);
	char separator = style == 'C' ? ':' : style == 'D' ? '-' : ' ';
	char text[3 * HEX_MAX + 1], *end = text;
	u8 bytes[HEX_MAX];

	if (!nr || !copy_or_say_why(out, bytes, ptr, nr, &plain))
		return;
	for (size_t i = 0; i < nr; i++) {
		if (i && style != 'N')
			*end++ = separator;
		end = hex_byte(end, bytes[i], false);
	}
	*end = '\0';
	format_string(out, text, &plain);
}

/* %pM, %pMF, %pMR; %pm and %pmR without separators. */
static void put_mac(struct output *out, const char *fmt, const void *ptr, const struct spec *spec)
{
	char text[18], *end = text;
	u8 mac[6];

	if (!copy_or_say_why(out, mac, ptr, sizeof(mac), spec))
		return;
	for (unsigned int i = 0; i < sizeof(mac); i++) {
		if (i && fmt[0] == 'M')
			*end++ = fmt[1] == 'F' ? '-' : ':';
		end = hex_byte(end, mac[fmt[1] == 'R' ? sizeof(mac) - 1 - i : i], false);
	}
	*end = '\0';
	format_string(out, text, spec);
}

/*
 * %pI4, and with leading zeros %pi4; h or l after it mean an address in the machine's byte order.
 */
static void ip4_text(char *text, size_t size, const u8 *ip, const char *fmt)
{
	bool reversed = fmt[2] == 'h' || fmt[2] == 'l';
	u8 part[4];

	for (unsigned int i = 0; i < 4; i++)
		part[i] = ip[reversed ? 3 - i : i];
	scnprintf(text, size, fmt[0] == 'i' ? "%03u.%03u.%03u.%03u" : "%u.%u.%u.%u", part[0],
		  part[1], part[2], part[3]);
}

/*
 * The length of the longest run of two or more zero words, and in *@start where the first such run
 * begins (@nr if there is none).
 */
static unsigned int longest_zeros(const u16 *words, unsigned int nr, unsigned int *start)
{
	unsigned int longest = 1, run = 0;

	*start = nr;
	for (unsigned int i = 0; i < nr; i++) {
		run = words[i] ? 0 : run + 1;
		if (run > longest) {
			longest = run;
			*start = i + 1 - run;
		}
	}
	return longest;
}

/* %pI6c, as in RFC 5952; the last four bytes are in IPv4's form in a mapped or ISATAP address. */
static void ip6_compressed(char *text, size_t size, const u8 *ip, const u16 *words)
{
	bool mapped = !words[0] && !words[1] && !words[2] && !words[3] &&
		      !words[4] && words[5] == 0xffff;
	bool isatap = (words[4] | 0x200) == 0x200 && words[5] == 0x5efe;
	unsigned int nr = mapped || isatap ? 6 : 8, start;
	unsigned int longest = longest_zeros(words, nr, &start);
	bool colon = false;
	size_t len = 0;

	for (unsigned int i = 0; i < nr; i++) {
		if (i == start) {
			len += (size_t)scnprintf(text + len, size - len, "::");
			/* The loop's own increment skips the last of the zeros. */
			i += longest - 1;
			colon = false;
			continue;
		}
		len += (size_t)scnprintf(text + len, size - len, colon ? ":%x" : "%x", words[i]);
		colon = true;
	}
	if (nr == 6) {
		len += (size_t)scnprintf(text + len, size - len, colon ? ":" : "");
		ip4_text(text + len, size - len, ip + 12, "I4");
	}
}

/* %pI4, %pI6 with colons, %pi6 without, %pI6c. Another version is named, as in Linux. */
static void put_ip(struct output *out, const char *fmt, const void *ptr, const struct spec *spec)
{
	size_t nr = fmt[1] == '4' ? 4 : fmt[1] == '6' ? 16 : 0;
	char text[48], *end = text;
	u16 words[8];
	u8 ip[16];

	if (!copy_or_say_why(out, ip, ptr, nr, spec))
		return;
	/* Addresses are in network order, whatever the order of the machine. */
	for (unsigned int i = 0; i < nr / 2; i++)
		words[i] = (u16)(ip[2 * i] << 8 | ip[2 * i + 1]);
	if (!nr) {
		scnprintf(text, sizeof(text), "(%%p%c?)", fmt[0]);
	} else if (nr == 4) {
		ip4_text(text, sizeof(text), ip, fmt);
	} else if (fmt[0] == 'I' && fmt[2] == 'c') {
		ip6_compressed(text, sizeof(text), ip, words);
	} else {
		for (unsigned int i = 0; i < nr; i++) {
			if (fmt[0] == 'I' && i && i % 2 == 0)
				*end++ = ':';
			end = hex_byte(end, ip[i], false);
		}
		*end = '\0';
	}
	format_string(out, text, spec);
}

/*
 * %pUb, which is the default, and %pUl with its first three parts little endian; B, L: upper case.
 */
static void put_uuid(struct output *out, char style, const void *ptr, const struct spec *spec)
{
	static const u8 little[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	bool swap = style == 'l' || style == 'L';
	char text[37], *end = text;
	u8 uuid[16];

	if (!copy_or_say_why(out, uuid, ptr, sizeof(uuid), spec))
		return;
	for (unsigned int i = 0; i < sizeof(uuid); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*end++ = '-';
		end = hex_byte(end, uuid[swap ? little[i] : i], style == 'B' || style == 'L');
	}
	*end = '\0';
	format_string(out, text, spec);
}

/* %pa and %pap: a physical address, passed by a pointer because its size may be any. */
static void put_physical(struct output *out, const void *ptr, const struct spec *spec)
{
	const struct spec hex = {
		.flags = FLAG_ALT | FLAG_ZERO, .width = 2 + 2 * sizeof(phys_addr_t),
		.precision = -1,
	};
	phys_addr_t value;

	if (copy_or_say_why(out, &value, ptr, sizeof(value), spec))
		format_number(out, value, 16, &hex);
}

/* A bitmap of which the first @readable bytes can be read; the bits behind them count as clear. */
struct bitmap {
	const u8 *bytes;
	size_t readable;
};

/* A page is mapped as a whole, so one byte of each tells. */
static struct bitmap look_at_bitmap(const u8 *bytes, size_t size)
{
	size_t at = 0;
	u8 byte;

	while (at < size && !arch_read_nofault(&byte, bytes + at, sizeof(byte)))
		at += PAGE_SIZE - ((unsigned long)(bytes + at) & (PAGE_SIZE - 1));
	return (struct bitmap){ bytes, min(at, size) };
}

/* @nr (at most 32) bits from @first on, which is a multiple of 32. */
static u32 map_bits(const struct bitmap *map, unsigned int first, unsigned int nr)
{
	u8 bytes[4] = { 0 };
	size_t at = first / 8;
	u32 value;

	/* Both machines are little endian, so bit n is in byte n / 8 for any size of long. */
	if (at < map->readable)
		arch_read_nofault(bytes, map->bytes + at, min(map->readable - at, sizeof(bytes)));
	value = (u32)bytes[0] | (u32)bytes[1] << 8 | (u32)bytes[2] << 16 | (u32)bytes[3] << 24;
	return nr < 32 ? value & ((1u << nr) - 1) : value;
}

/* %*pb: groups of 32 bits, separated by commas, the highest first. */
static void put_map(struct output *out, const struct bitmap *map, unsigned int nr)
{
	struct spec digits = { .flags = FLAG_ZERO, .precision = -1 };
	unsigned int bits = nr % 32 ? nr % 32 : 32;

	for (unsigned int first = nr - bits; nr; nr -= bits, bits = 32, first -= 32) {
		digits.width = (int)DIV_ROUND_UP(bits, 4);
		format_number(out, map_bits(map, first, bits), 16, &digits);
		if (first)
			format_put(out, ',');
	}
}

/* %*pbl: ranges of the bits that are set. */
static void put_map_list(struct output *out, const struct bitmap *map, unsigned int nr)
{
	bool before = false, any = false;
	unsigned int start = 0;
	u32 bits = 0;

	for (unsigned int bit = 0; bit <= nr; bit++) {
		bool set;

		/*
		 * The bit after the last counts as clear, which ends a range that reaches the end.
		 */
		if (bit % 32 == 0)
			bits = map_bits(map, bit, min(nr - bit, 32u));
		set = bits >> bit % 32 & 1;
		if (set && !before) {
			if (any)
				format_put(out, ',');
			format_number(out, bit, 10, &plain);
			any = true;
			start = bit;
		} else if (!set && before && bit - 1 > start) {
			format_put(out, '-');
			format_number(out, bit - 1, 10, &plain);
		}
		before = set;
	}
}

static void put_bitmap(struct output *out, char style, const void *ptr, const struct spec *spec)
{
	unsigned int nr = (unsigned int)max(spec->width, 0);
	struct bitmap map;
	u8 first;

	if (!copy_or_say_why(out, &first, ptr, sizeof(first), &plain))
		return;
	map = look_at_bitmap(ptr, DIV_ROUND_UP(nr, 8));
	/* What is not readable is clear, so the list of what is set has nothing of it. */
	if (style == 'l')
		put_map_list(out, &map, min(nr, (unsigned int)map.readable * 8));
	else
		put_map(out, &map, nr);
}

/* As in Linux, all letters and digits after %p belong to it, even those that have no meaning. */
const char *format_pointer(struct output *out, const char *fmt, const void *ptr,
			   struct spec *spec)
{
	const char *behind = fmt;

	while (isalnum(*behind))
		behind++;
	/* An unknown letter prints the address, so that at least the rest of the line is right. */
	if (*fmt == 's' || *fmt == 'S' || *fmt == 'B')
		put_symbol(out, *fmt, ptr, spec);
	else if (*fmt == 'e')
		put_error_name(out, ptr, spec);
	else if (*fmt == 'V')
		put_va_format(out, ptr, spec);
	else if (*fmt == 'h')
		put_bytes(out, fmt[1], ptr, spec);
	else if (*fmt == 'M' || *fmt == 'm')
		put_mac(out, fmt, ptr, spec);
	else if ((*fmt == 'I' || *fmt == 'i') && fmt[1] != 'S')
		put_ip(out, fmt, ptr, spec);
	else if (*fmt == 'U')
		put_uuid(out, fmt[1], ptr, spec);
	else if (*fmt == 'a')
		put_physical(out, ptr, spec);
	else if (*fmt == 'b')
		put_bitmap(out, fmt[1], ptr, spec);
	else
		put_address(out, ptr, spec);
	return behind;
}
