/* SPDX-License-Identifier: MIT */
/* Interrupt vectors. 0x30 and up are free for a local APIC. */
#pragma once

#define NR_EXCEPTIONS 32
#define VECTOR_DEBUG 1
#define VECTOR_NMI 2
#define VECTOR_BREAKPOINT 3
#define VECTOR_DOUBLE_FAULT 8
#define VECTOR_PAGE_FAULT 14
#define VECTOR_PIC 0x20			/* 16 lines */
#define NR_VECTORS 0x30

#define DOUBLE_FAULT_STACK_SIZE 16384
