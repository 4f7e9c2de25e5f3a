/* SPDX-License-Identifier: MIT */
/*
 * Relocations of modules on arm64 (ELF for the Arm 64-bit Architecture, section 5.7):
 * those that GCC makes without PIC. One table says for each where its bits go.
 */
#include "kernel/arch.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"

#define R_AARCH64_JUMP26 282
#define R_AARCH64_CALL26 283

/* What the value is counted from, and what is to be inserted where. */
enum base { ABSOLUTE, PLACE, PAGES };
enum field { DATA, IMM26, IMM19, IMM14, ADR, IMM12 };

static const struct reloc_type {
	u16 type;
	u8 base, field;
	u8 bits;		/* of the value; also signed values' reach, 0 = not checked */
	u8 shift;			/* low bits that are not stored, and must be zero */
} types[] = {
	{ 257, ABSOLUTE, DATA, 64, 0 },		/* ABS64 */
	{ 258, ABSOLUTE, DATA, 32, 0 },		/* ABS32 */
	{ 260, PLACE, DATA, 64, 0 },		/* PREL64 */
	{ 261, PLACE, DATA, 32, 0 },		/* PREL32 */
	{ 273, PLACE, IMM19, 21, 2 },		/* LD_PREL_LO19 */
	{ 274, PLACE, ADR, 21, 0 },		/* ADR_PREL_LO21 */
	{ 275, PAGES, ADR, 21, 0 },		/* ADR_PREL_PG_HI21 */
	{ 276, PAGES, ADR, 0, 0 },		/* ADR_PREL_PG_HI21_NC */
	{ 277, ABSOLUTE, IMM12, 0, 0 },		/* ADD_ABS_LO12_NC */
	{ 278, ABSOLUTE, IMM12, 0, 0 },		/* LDST8_ABS_LO12_NC */
	{ 279, PLACE, IMM14, 16, 2 },		/* TSTBR14 */
	{ 280, PLACE, IMM19, 21, 2 },		/* CONDBR19 */
	{ R_AARCH64_JUMP26, PLACE, IMM26, 28, 2 },
	{ R_AARCH64_CALL26, PLACE, IMM26, 28, 2 },
	{ 284, ABSOLUTE, IMM12, 0, 1 },		/* LDST16_ABS_LO12_NC */
	{ 285, ABSOLUTE, IMM12, 0, 2 },		/* LDST32_ABS_LO12_NC */
	{ 286, ABSOLUTE, IMM12, 0, 3 },		/* LDST64_ABS_LO12_NC */
	{ 299, ABSOLUTE, IMM12, 0, 4 },		/* LDST128_ABS_LO12_NC */
};

static const struct reloc_type *find_type(u32 type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i].type == type)
			return &types[i];
	}
	return NULL;
}

static bool fits_signed(s64 value, unsigned int bits)
{
	return value >= -(1ll << (bits - 1)) && value < 1ll << (bits - 1);
}

static int put_data(const struct reloc_type *r, u8 *where, u64 value)
{
	/* 32 bits are signed or not: the specification allows either reading. */
	if (r->bits == 32 && !fits_signed((s64)value, 33))
		return -ERANGE;
	if (r->bits == 32 && r->base == PLACE && !fits_signed((s64)value, 32))
		return -ERANGE;
	memcpy(where, &value, r->bits / 8);
	return 0;
}

static u32 insert(u32 insn, u64 value, unsigned int width, unsigned int at)
{
	u32 mask = ((1u << width) - 1) << at;

	return (insn & ~mask) | ((u32)value << at & mask);
}

static int put_insn(const struct reloc_type *r, u8 *where, u64 value)
{
	u64 low = r->field == IMM12 ? value & 0xfff : value;
	u32 insn;

	if (r->bits && !fits_signed((s64)value, r->bits))
		return -ERANGE;
	if (low & ((1u << r->shift) - 1))
		return -ERANGE;		/* not as aligned as the instruction needs it */
	memcpy(&insn, where, sizeof(insn));
	switch (r->field) {
	case IMM26:
		insn = insert(insn, value >> 2, 26, 0);
		break;
	case IMM19:
		insn = insert(insn, value >> 2, 19, 5);
		break;
	case IMM14:
		insn = insert(insn, value >> 2, 14, 5);
		break;
	case ADR:
		insn = insert(insert(insn, value, 2, 29), value >> 2, 19, 5);
		break;
	default:
		insn = insert(insn, low >> r->shift, 12, 10);
	}
	memcpy(where, &insn, sizeof(insn));
	return 0;
}

int arch_module_relocate(u32 type, u8 *where, size_t room, unsigned long place,
			 unsigned long target, s64 addend)
{
	const struct reloc_type *r = find_type(type);
	u64 value = (u64)target + (u64)addend;

	if (!type || type == 256)	/* R_AARCH64_NONE, in its two numbers */
		return 0;
	if (!r)
		return -EINVAL;
	if (room < (r->field == DATA ? r->bits / 8u : 4u))
		return -ENOEXEC;
	if (r->base == PLACE)
		value -= place;
	else if (r->base == PAGES)
		value = (u64)((s64)((value & ~0xfffull) - (place & ~0xfffull)) >> 12);
	return r->field == DATA ? put_data(r, where, value) : put_insn(r, where, value);
}

bool arch_module_veneer(u32 type, u64 target, u8 veneer[MODULE_VENEER_SIZE])
{
	/*
	 * x16 is what the procedure call standard leaves to veneers, and a call by it may arrive
	 * at a landing pad.
	 */
	const struct {
		u32 insn[2];		/* ldr x16, . + 8; br x16 */
		u64 target;
	} code = { { 0x58000050, 0xd61f0200 }, target };

	_Static_assert(sizeof(code) == MODULE_VENEER_SIZE, "where the address is expected");
	if ((type != R_AARCH64_CALL26 && type != R_AARCH64_JUMP26) || target & 3)
		return false;
	memcpy(veneer, &code, sizeof(code));
	return true;
}

bool arch_module_site(u32 type, const char *name)
{
	return type == R_AARCH64_CALL26 && !strcmp(name, "_mcount");
}
