/* SPDX-License-Identifier: MIT */
/*
 * Loads that may fault, and then say so: the exception table has where to go on
 * (fixup_exception() in trap.c). Untraced.
 */
#include "arch/arm64/arm64.h"
#include "kernel/arch.h"
#include "kernel/lib/errno.h"

/* One load of @size bytes that may fault. */
static bool load_nofault(unsigned long src, unsigned int size, u64 *value)
{
	unsigned long failed = 0;
	u64 loaded;

#define TRY_LOAD(insn) \
	__asm__ volatile("1:	" insn "\n"				\
			 "	b	3f\n"				\
			 "2:	mov	%0, #1\n"			\
			 "3:\n"						\
			 EX_TABLE("1b", "2b")				\
			 : "+r"(failed), "=&r"(loaded) : "r"(src) : "memory")
	/* Each size has an instruction of its own. After a fault @loaded means nothing. */
	if (size == 8)
		TRY_LOAD("ldr	%x1, [%2]");
	else if (size == 4)
		TRY_LOAD("ldr	%w1, [%2]");
	else
		TRY_LOAD("ldrb	%w1, [%2]");
	*value = loaded;
	return !failed;
}

int arch_read_nofault(void *dst, const void *src, size_t len)
{
	unsigned long from = (unsigned long)src;
	char *to = dst;

	while (len) {
		unsigned int size = len >= 8 && !(from % 8) ? 8 : len >= 4 && !(from % 4) ? 4 : 1;
		u64 value;

		if (!load_nofault(from, size, &value))
			return -EFAULT;
		/* Little endian: what was loaded is at the low end of @value. */
		__builtin_memcpy(to, &value, size == 8 ? 8 : size == 4 ? 4 : 1);
		from += size;
		to += size;
		len -= size;
	}
	return 0;
}
