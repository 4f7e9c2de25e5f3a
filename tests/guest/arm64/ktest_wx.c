/* SPDX-License-Identifier: MIT */
/* A store that may fault, for tests of what is writable. Untraced. */
#include <asm/extable.h>
#include "kernel/lib/errno.h"
#include "tests/guest/ktest/wx.h"

int kt_write_nofault(void *dst, char byte)
{
	int failed = -EFAULT;

	/* After a fault it goes on behind the assignment of success. */
	__asm__ volatile("1:	strb	%w2, [%1]\n"
			 "	mov	%w0, wzr\n"
			 "2:\n"
			 EX_TABLE("1b", "2b")
			 : "+r"(failed) : "r"(dst), "r"(byte) : "memory");
	return failed;
}
