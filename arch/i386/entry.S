/* SPDX-License-Identifier: MIT */
/*
 * Exception and interrupt entry: one stub per vector, two common ends. All
 * gates are interrupt gates, so interrupts are off in all of it. struct pt_regs
 * and its picture are in <asm/ptrace.h>. Untraced, with everything that it calls
 * up to irq_dispatch().
 */
#include <asm/asm-offsets.h>
#include <asm/linkage.h>
#include <asm/vectors.h>

	.section .entry.text, "ax"

/*
 * A stub makes the same stack for every vector: vector | error code | ip | cs | flags.
 * Exceptions without an error code get 0.
 */
.macro vector_stub vector, target, error_code=0
	.p2align 3
1:
	.if !\error_code
	push	$0
	.endif
	push	$\vector
	jmp	\target
	.pushsection .rodata.vector_stubs, "a"
	.long	1b
	.popsection
.endm

.pushsection .rodata.vector_stubs, "a"
	.balign 4
	.globl	i386_vector_stubs
i386_vector_stubs:
.popsection

/* The eight exceptions with an error code: Intel SDM vol. 3, table 6-1. */
SYM_FUNC_START(vector_stubs)
	.set	vector, 0
	.rept	NR_EXCEPTIONS
	.if	vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21
	vector_stub vector, exception_entry, 1
	.else
	vector_stub vector, exception_entry
	.endif
	.set	vector, vector + 1
	.endr
	.rept	NR_VECTORS - NR_EXCEPTIONS
	vector_stub vector, interrupt_entry
	.set	vector, vector + 1
	.endr
SYM_FUNC_END(vector_stubs)

/* In bytes: what the CPU and a stub push, and what the CPU itself does, which iret takes. */
#define PUSHED_BEFORE (PT_SIZE - PT_VECTOR)
#define IRET_FRAME (PT_SIZE - PT_IP)

.macro push_registers
	push	%esp				/* becomes sp */
	push	%eax
	push	%ebp
	push	%edi
	push	%esi
	push	%edx
	push	%ecx
	push	%ebx
	cld
.endm

.macro pop_registers
	pop	%ebx
	pop	%ecx
	pop	%edx
	pop	%esi
	pop	%edi
	pop	%ebp
	pop	%eax
.endm

/*
 * Exceptions: void i386_exception(struct pt_regs *regs: eax).
 *
 * The five words that the CPU and the stub left are copied below themselves: their
 * old place is the room in which the handler may push (i386_emulate_push). On the way
 * out flags, cs and ip go to just below regs->sp, the highest first because the places
 * may overlap, and esp with them. Nothing that is needed ever lies below esp.
 */
SYM_FUNC_START(exception_entry)
	.rept	PUSHED_BEFORE / 4
	push	PUSHED_BEFORE - 4(%esp)		/* flags, cs, ip, error code, vector */
	.endr
	push_registers
	addl	$(2 * PUSHED_BEFORE), PT_SP(%esp)	/* both copies are below it */
	mov	%esp, %eax
	call	i386_exception
	mov	PT_SP(%esp), %eax
	mov	PT_FLAGS(%esp), %edx
	mov	%edx, PT_FLAGS - PT_SIZE(%eax)
	mov	PT_CS(%esp), %edx
	mov	%edx, PT_CS - PT_SIZE(%eax)
	mov	PT_IP(%esp), %edx
	mov	%edx, PT_IP - PT_SIZE(%eax)
	subl	$IRET_FRAME, PT_SP(%esp)
	pop_registers
	pop	%esp
	iret
SYM_FUNC_END(exception_entry)

/* Device interrupts: void i386_interrupt(struct pt_regs *regs: eax). */
SYM_FUNC_START(interrupt_entry)
	push_registers
	addl	$PUSHED_BEFORE, PT_SP(%esp)
	mov	%esp, %eax
	call	i386_interrupt
	pop_registers
	add	$(PT_IP - PT_SP), %esp		/* sp, vector, error code */
	iret
SYM_FUNC_END(interrupt_entry)

/*
 * The double fault task starts here, on its own stack (gdt.c), an error code pushed.
 * It does not return, since the report is the end. The NT flag must go, or the first iret would end
 * the task.
 */
SYM_FUNC_START(i386_double_fault)
	push	$2
	popf
	xor	%ebp, %ebp
	call	i386_double_fault_report
1:	hlt
	jmp	1b
SYM_FUNC_END(i386_double_fault)

	.section .bss.double_fault_stack, "aw", @nobits
	.balign 16
	.globl	double_fault_stack, double_fault_stack_top
double_fault_stack:
	.skip	DOUBLE_FAULT_STACK_SIZE
double_fault_stack_top:

	.section .note.GNU-stack, "", @progbits
