/* SPDX-License-Identifier: MIT */
/* What arch_switch_to() (switch.S) leaves on the stack of a thread that is switched out. */
#pragma once

struct i386_switch_frame {
	unsigned long di, si, bx, bp, ip;
};
