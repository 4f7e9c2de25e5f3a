/* SPDX-License-Identifier: MIT */
/*
 * Has an interrupted function its frame, or not yet, or not any more? The code
 * tells: what GCC puts into prologues and epilogues, with other instructions
 * scheduled in between. Part of the unwinder; untraced.
 */
#include "arch/i386/insn.h"
#include "arch/i386/unwind_code.h"
#include "kernel/arch.h"
#include "kernel/compiler.h"
#include <asm/ptrace.h>

#define INSN_PUSH 0x50			/* of eight registers */
#define INSN_POP 0x58
#define INSN_POP_BP 0x5d
#define INSN_LEAVE 0xc9
#define INSN_LEA 0x8d
#define INSN_ADD_IMM8 0x83
#define INSN_ALU_IMM 0x81
#define MODRM_AND_SP 0xe4
#define INSN_MOV_TO_REG 0x8b
#define REG_BP 5
#define MODRM_ADD_TO_SP 0xc4
#define MODRM_LEA_TO_SP 0x64
#define SIB_SP 0x24
#define INSN_MOV_SP_BP 0xe589		/* 89 e5: mov %esp,%ebp */
#define INSN_MOV_SP_BP_OTHER 0xec8b
#define INSN_RET 0xc3
#define INSN_RET_IMM 0xc2
#define INSN_CALL 0xe8
#define INSN_JMP 0xe9
#define INSN_JMP_SHORT 0xeb
#define INSN_GROUP5 0xff		/* jmp *... among others */
#define GROUP5_JMP 4
#define GROUP5_PUSH 6
#define MODRM_TABLE 0x24		/* of jmp *table(,%reg,4): a switch, never a tail call */

#define JMP_SIZE 5
#define STRAIGHT_MAX 12			/* instructions of a prologue or epilogue, at most */

static bool is_conditional_jump(const u8 *insn)
{
	return (*insn >= 0x70 && *insn <= 0x7f) || (*insn >= 0xe0 && *insn <= 0xe3) ||
	       (*insn == 0x0f && insn[1] >= 0x80 && insn[1] <= 0x8f);
}

static bool is_return(const u8 *insn)
{
	return *insn == INSN_RET || *insn == INSN_RET_IMM;
}

/* A jump that may be a tail call: out of [@start, @end), or to where a pointer says. */
static bool is_tail_call(const u8 *insn, unsigned long start, unsigned long end)
{
	unsigned long target;

	if (*insn == INSN_GROUP5)
		return (insn[1] >> 3 & 7) == GROUP5_JMP && insn[1] != MODRM_TABLE;
	if (*insn != INSN_JMP)
		return false;
	target = (unsigned long)insn + JMP_SIZE + *(const u32 *)(insn + 1);
	return target < start || target >= end;
}

/* lea N(%esp),REG */
static bool is_lea_sp(const u8 *insn)
{
	return insn[0] == INSN_LEA && (insn[1] & 0xc7) == 0x44 && insn[2] == SIB_SP;
}

/* By how many words the instruction moves esp up: pop, add $N,%esp, lea N(%esp),%esp. */
static int words_popped(const u8 *insn)
{
	if (*insn >= INSN_POP && *insn < INSN_POP + 8)
		return 1;
	if (insn[0] == INSN_ADD_IMM8 && insn[1] == MODRM_ADD_TO_SP)
		return insn[2] / (int)sizeof(long);
	if (is_lea_sp(insn) && insn[1] == MODRM_LEA_TO_SP)
		return insn[3] / (int)sizeof(long);
	return 0;
}

/* pop %ebp, leave or mov ...,%ebp: before such an instruction ebp is the function's own. */
static bool gives_up_frame(const u8 *insn)
{
	return *insn == INSN_POP_BP || *insn == INSN_LEAVE ||
	       (*insn == INSN_MOV_TO_REG && (insn[1] >> 3 & 7) == REG_BP);
}

/* Does straight code end with this instruction? */
static bool is_branch(const u8 *insn)
{
	return *insn == INSN_CALL || *insn == INSN_JMP || *insn == INSN_JMP_SHORT ||
	       (*insn == INSN_GROUP5 && (insn[1] >> 3 & 7) != GROUP5_PUSH) ||
	       is_conditional_jump(insn);
}

/*
 * A function with aligned locals may begin with
 *
 *	push %edi; lea 8(%esp),%edi; and $-8,%esp; push -4(%edi); push %ebp; mov %esp,%ebp
 *
 * (or ecx, without the push): the register points behind the return address, which is pushed
 * again, so that the frame looks like others. If @insn is a part of it that tells, *@distance is
 * how many words above esp the return address is at @regs, @pushes pushes earlier.
 */
static bool aligning_prologue(const u8 *insn, const struct pt_regs *regs, int pushes,
			      int *distance)
{
	unsigned long pointer;

	if (is_lea_sp(insn) && insn[1] != MODRM_LEA_TO_SP) {
		*distance = insn[3] / (int)sizeof(long) - 1 - pushes;
		return true;
	}
	if (insn[0] == INSN_GROUP5 && (insn[1] == 0x71 || insn[1] == 0x77) && insn[2] == 0xfc) {
		/*
		 * The register points one word above the return address, however esp was aligned.
		 */
		pointer = insn[1] == 0x71 ? regs->cx : regs->di;
		*distance = (int)((pointer - sizeof(long) - regs->sp) / sizeof(long));
		return true;
	}
	return false;
}

/*
 * lea -N(%ecx or %edi),%esp is the end of such a function. Before it esp points at the copy of the
 * return address.
 */
static bool aligning_epilogue(const u8 *insn)
{
	return insn[0] == INSN_LEA && (insn[1] == 0x61 || insn[1] == 0x67);
}

/* Follow straight code from @regs->ip until an instruction tells. */
int i386_distance_by_code(const struct pt_regs *regs, unsigned long start, unsigned long end)
{
	const u8 *insn = (const u8 *)regs->ip;
	int pushes = 0, pops = 0, distance;
	unsigned int i, length;

	for (i = 0; i < STRAIGHT_MAX && (unsigned long)insn < end; i++, insn += length) {
		if (is_return(insn) || is_tail_call(insn, start, end))
			return pops;
		/* If the push of ebp was not ahead, ebp lies below the return address now. */
		if (*(const u16 *)insn == INSN_MOV_SP_BP)
			return pushes ? 0 : 1;
		if (aligning_prologue(insn, regs, pushes, &distance))
			return distance;
		if (aligning_epilogue(insn))
			return 0;
		length = i386_insn_length(insn);
		if (!length || gives_up_frame(insn) || is_branch(insn))
			return -1;
		pushes += *insn >= INSN_PUSH && *insn < INSN_POP;
		pops += words_popped(insn);
	}
	return -1;
}

unsigned int i386_aligned_frame(unsigned long start, unsigned long end, unsigned int *pushes)
{
	const u8 *insn = (const u8 *)start;
	unsigned int alignment = 0, length;

	*pushes = 0;
	for (unsigned int i = 0; i < STRAIGHT_MAX && (unsigned long)insn < end;
	     i++, insn += length) {
		if (insn[0] == INSN_ADD_IMM8 && insn[1] == MODRM_AND_SP)
			alignment = -(s8)insn[2];
		else if (insn[0] == INSN_ALU_IMM && insn[1] == MODRM_AND_SP)
			alignment = -*(const s32 *)(insn + 2);
		else if (insn[0] == INSN_GROUP5 && (insn[1] & 0xf8) == 0x70 && insn[2] == 0xfc)
			return alignment;
		length = i386_insn_length(insn);
		/* Only a site's call may stand before it; once there is a frame, none is made. */
		if (!length || (is_branch(insn) && *insn != INSN_CALL) ||
		    *(const u16 *)insn == INSN_MOV_SP_BP)
			return 0;
		*pushes += *insn >= INSN_PUSH && *insn < INSN_POP;
	}
	return 0;
}

/* mov %esp,%ebp: GCC's, or as other assemblers encode it. */
static bool is_set_frame(const u8 *insn)
{
	return *(const u16 *)insn == INSN_MOV_SP_BP || *(const u16 *)insn == INSN_MOV_SP_BP_OTHER;
}

bool arch_makes_frame(unsigned long start, unsigned long pc)
{
	unsigned int length = 1;

	/* Instruction by instruction, for the bytes might be a part of another one. */
	for (; length && start < pc; start += length) {
		if (is_set_frame((const u8 *)start))
			return true;
		length = i386_insn_length((const u8 *)start);
	}
	return false;
}
