/* SPDX-License-Identifier: MIT */
/*
 * What the steps of a filter's program test. Untraced, and for any context, because an event may
 * come in any. filter_parse.c makes the program.
 */
#include "trace/events/filter.h"
#include "kernel/arch.h"
#include "kernel/lib/glob.h"
#include "kernel/lib/string.h"
#include "kernel/sched/current.h"
#include "kernel/sched/percpu.h"

/* --- Numbers --- */

/* The field as a number, extended by its sign if it has one: records are aligned to 4 bytes. */
static __always_inline u64 load_number(const void *field, unsigned int size, bool is_signed)
{
	u64 value;

	switch (size) {
	case 1:
		return is_signed ? (u64) * (const s8 *)field : *(const u8 *)field;
	case 2:
		return is_signed ? (u64) * (const s16 *)field : *(const u16 *)field;
	case 4:
		return is_signed ? (u64) * (const s32 *)field : *(const u32 *)field;
	}
	__builtin_memcpy(&value, field, sizeof(value));
	return value;
}

static __always_inline u64 load(const struct filter_step *step, const void *record, bool is_signed)
{
	return load_number((const char *)record + step->offset, step->size, is_signed);
}

u64 event_field_number(const struct filter_field *field, const void *record)
{
	return load_number((const char *)record + field->offset, field->size, field->is_signed);
}

static bool in_range_signed(const struct filter_step *step, const void *record)
{
	return load(step, record, true) - step->low64 <= step->span64;
}

static bool in_range_unsigned(const struct filter_step *step, const void *record)
{
	return load(step, record, false) - step->low64 <= step->span64;
}

static bool cpu_in_range(const struct filter_step *step, const void *record)
{
	return smp_processor_id() - step->low64 <= step->span64;
}

static bool has_bits(const struct filter_step *step, const void *record)
{
	return load(step, record, false) & step->mask;
}

static bool cpu_has_bits(const struct filter_step *step, const void *record)
{
	return smp_processor_id() & step->mask;
}

static bool in_set(const struct filter_step *step, const void *record)
{
	u64 value = load(step, record, false);

	return value < 64 && step->mask >> value & 1;
}

static bool cpu_in_set(const struct filter_step *step, const void *record)
{
	return step->mask >> smp_processor_id() & 1;
}

static void set_range(struct filter_step *step, const struct filter_field *field, u64 low, u64 span)
{
	step->offset = field->offset;
	step->size = field->size;
	/* Without a test: event_filter_match() compares the commonest numbers itself. */
	if (field->kind == FILTER_NUMBER && field->size == sizeof(u32)) {
		step->low = (u32)low;
		step->span = (u32)span;
		return;
	}
	step->low64 = low;
	step->span64 = span;
	step->test = field->kind == FILTER_CPU ? cpu_in_range :
		     field->is_signed ? in_range_signed : in_range_unsigned;
}

bool filter_step_number(struct filter_step *step, const struct filter_field *field,
			enum filter_op op, u64 value)
{
	/* The least and the greatest value of the field's type; all arithmetic is modulo 2^64. */
	u64 half = 1ull << (8 * field->size - 1);
	u64 least = field->is_signed ? -half : 0;
	u64 most = field->is_signed ? half - 1 : half - 1 + half;

	switch (op) {
	case OP_BAND:
		step->offset = field->offset;
		step->size = field->size;
		step->mask = value;
		step->test = field->kind == FILTER_CPU ? cpu_has_bits : has_bits;
		return false;
	/* Both make the same range, and the caller turns the answer of the second one round. */
	case OP_LE:
	case OP_GT:
		set_range(step, field, least, value - least);
		return op == OP_GT;
	case OP_GE:
	case OP_LT:
		set_range(step, field, value, most - value);
		return op == OP_LT;
	default:
		set_range(step, field, value, 0);
		return op == OP_NE;
	}
}

void filter_step_range(struct filter_step *step, const struct filter_field *field,
		       unsigned long start, unsigned long end)
{
	set_range(step, field, start, end - start - 1);
}

void filter_step_set(struct filter_step *step, const struct filter_field *field, u64 set)
{
	step->offset = field->offset;
	step->size = field->size;
	step->mask = set;
	step->test = field->kind == FILTER_CPU ? cpu_in_set : in_set;
}

/* --- Text --- */

#define POINTER_TEXT_MAX 256u		/* bytes of a text that is read by its address */
#define PART 16u			/* of these at once, within a page */

/* Compare the text at @text, which ends at a NUL or after @size bytes. */
static bool text_matches(const struct filter_step *step, const char *text, size_t size)
{
	if (step->glob)
		return glob_match_bounded(step->text, step->len, text, size);
	return strnlen(text, size) == step->len && !memcmp(text, step->text, step->len);
}

static bool text_is(const struct filter_step *step, const void *record)
{
	return text_matches(step, (const char *)record + step->offset, step->size);
}

static bool dynamic_text_is(const struct filter_step *step, const void *record)
{
	u32 place = *(const u32 *)(const void *)((const char *)record + step->offset);

	return text_matches(step, (const char *)record + (place & 0xffff), place >> 16);
}

static bool comm_is(const struct filter_step *step, const void *record)
{
	return text_matches(step, current->comm, sizeof(current->comm));
}

/*
 * Copy the text that a field has the address of. What that leads to may be gone: then the text is
 * as long as what can be read. Returns how much was read, which may have more than the text.
 */
static size_t read_pointer_text(const void *field, char *text, size_t room)
{
	unsigned long from;
	size_t len = 0;

	__builtin_memcpy(&from, field, sizeof(from));
	while (len < room) {
		size_t nr = min((size_t)(PART - from % PART), room - len);

		/* A part lies in one page, so if it cannot be read, no byte of it can. */
		if (arch_read_nofault(text + len, (const void *)from, nr))
			break;
		len += nr;
		from += nr;
		if (memchr(text + len - nr, '\0', nr))
			break;
	}
	return len;
}

static bool pointer_text_is(const struct filter_step *step, const void *record)
{
	char text[POINTER_TEXT_MAX];

	return text_matches(step, text, read_pointer_text((const char *)record + step->offset, text,
							  sizeof(text)));
}

size_t event_field_array(const struct filter_field *field, const void *record, void *to,
			 size_t room)
{
	u32 place = *(const u32 *)(const void *)((const char *)record + field->offset);
	size_t len = min((size_t)(place >> 16), room);

	memcpy(to, (const char *)record + (place & 0xffff), len);
	return len;
}

size_t event_field_text(const struct filter_field *field, const void *record, char *to, size_t room)
{
	const void *at = (const char *)record + field->offset;
	size_t len;

	switch (field->kind) {
	case FILTER_DYNAMIC_TEXT:
		len = event_field_array(field, record, to, room);
		break;
	case FILTER_POINTER_TEXT:
		len = read_pointer_text(at, to, room);
		break;
	default:
		/* No record has the name: it is that of the thread that makes the record. */
		len = min(field->kind == FILTER_COMM ? sizeof(current->comm) : field->size, room);
		memcpy(to, field->kind == FILTER_COMM ? current->comm : at, len);
	}
	return strnlen(to, len);
}

void filter_step_text(struct filter_step *step, const struct filter_field *field, bool glob,
		      const char *text, size_t len)
{
	step->offset = field->offset;
	step->size = field->size;
	step->glob = glob;
	step->text = text;
	step->len = (u16)len;
	step->test = field->kind == FILTER_TEXT ? text_is :
		     field->kind == FILTER_DYNAMIC_TEXT ? dynamic_text_is :
		     field->kind == FILTER_COMM ? comm_is : pointer_text_is;
}
