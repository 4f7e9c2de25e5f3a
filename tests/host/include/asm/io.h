/* SPDX-License-Identifier: MIT */
/* Ports of a simulated machine: the test that includes a driver supplies them. */
#pragma once
#include "kernel/types.h"

void outb(u16 port, u8 value);
u8 inb(u16 port);
