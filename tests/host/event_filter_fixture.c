/* SPDX-License-Identifier: MIT */
/* The event of event_filter.h, and what else the filters ask of a kernel. */
#include "tests/host/event_filter.h"
#include "kernel/kallsyms.h"
#include "tests/host/host.h"

#define ALIGN(ctype) offsetof(struct { char a; ctype b; }, b)
#define NUMBER(ctype, sign) \
	{ .type = #ctype, .name = #ctype, .size = sizeof(ctype), .align = ALIGN(ctype),	\
	  .is_signed = sign }

static const struct trace_event_field fields[] = {
	NUMBER(u8, false), NUMBER(s8, true), NUMBER(u16, false), NUMBER(s16, true),
	NUMBER(u32, false), NUMBER(s32, true), NUMBER(u64, false), NUMBER(s64, true),
	{ .type = "char", .name = "name", .size = 8, .align = 1, .len = 8 },
	{ .type = "char", .name = "text", .size = 4, .align = 4, .dynamic = true },
	{ .type = "const char *", .name = "pointer", .size = sizeof(long), .align = sizeof(long) },
	{ .type = "unsigned long", .name = "func", .size = sizeof(long), .align = sizeof(long) },
	{ .type = "u16", .name = "squares", .size = 6, .align = 2, .len = 3 },
	{ .name = NULL },
};
static const struct trace_event_class class = { .system = "test", .fields = fields };
const struct trace_event_call filter_call = { .class = &class, .name = "test" };

const struct filter_record filter_record = {
	.ent = { .type = 77, .flags = 1, .pid = 1234 },
	.u8 = 200, .s8 = -3, .u16 = 60000, .s16 = -300, .u32 = 4000000000u, .s32 = -70000,
	.u64 = 0xfedcba9876543210ull, .s64 = -5000000000ll,
	.name = { 'e', 'i', 'g', 'h', 't', 'b', 'y', 't' },	/* not terminated */
	.text = offsetof(struct filter_record, data) | 6 << 16, .data = "hello",
	.pointer = "far away", .func = 0x1234,
	.squares = { 0, 1, 4 },
};

int arch_read_nofault(void *dst, const void *src, size_t len)
{
	/* The text's last part may reach behind its end, but not into another page. */
	for (size_t i = 0; i < len; i++)
		((volatile char *)dst)[i] = i > strlen(filter_record.pointer) ? 0 :
			((const volatile char *)src)[i];
	return 0;
}

unsigned long kallsyms_lookup_name(const char *name)
{
	return strcmp(name, "do_it.part.0") ? 0 : 0x1200;
}

bool kallsyms_lookup_size_offset(unsigned long addr, unsigned long *size, unsigned long *offset)
{
	*size = 0x100;
	*offset = addr - 0x1200;
	return addr - 0x1200 < 0x100;
}
