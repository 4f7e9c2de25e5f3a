/* SPDX-License-Identifier: MIT */
/* Interrupt vectors. 0x30 and up are the local APIC's. */
#pragma once

#define NR_EXCEPTIONS 32
#define VECTOR_DEBUG 1
#define VECTOR_NMI 2
#define VECTOR_BREAKPOINT 3
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PAGE_FAULT 14
#define VECTOR_PIC 0x20			/* 16 lines */
#define VECTOR_LAPIC_TIMER 0x30
#define VECTOR_IPI_RESCHEDULE 0x31
#define VECTOR_IPI_CALL 0x32
#define VECTOR_SPURIOUS 0x3f /* of the local APIC: the low four bits are fixed in old ones */
#define NR_VECTORS 0x40

#define DOUBLE_FAULT_STACK_SIZE 16384
