/* SPDX-License-Identifier: MIT */
/* The local APIC of the running CPU: lapic.c. */
#pragma once
#include "kernel/types.h"

/* ICR delivery modes: Intel SDM vol. 3, section 10.6.1. */
#define ICR_NMI 0x400u
#define ICR_INIT 0x500u
#define ICR_STARTUP 0x600u
#define ICR_ASSERT 0x4000u

/* Boot: the registers at @pa become usable. */
void lapic_map(u64 pa);
unsigned int lapic_id(void);
/* Accept interrupts on this CPU; the boot CPU also takes those of the 8259A and the NMI line. */
void lapic_enable(bool boot_cpu);
/*
 * The boot CPU finds once how fast the timer counts, for a tick of @hz. Then each CPU whose tick it
 * is to be starts its own.
 */
void lapic_timer_calibrate(unsigned int hz);
void lapic_timer_start(void);
/* Send the interrupt that @command describes (the ICR's lower word). Any context. */
void lapic_send(unsigned int apic_id, u32 command);
/* Acknowledge the interrupt that is being handled. */
void lapic_eoi(void);
