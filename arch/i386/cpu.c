/* SPDX-License-Identifier: MIT */
/*
 * What this CPU says of itself, in one line. What it must have is checked
 * before the first page table, in boot.S.
 */
#include "arch/i386/i386.h"
#include "kernel/arch.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"

#define EXT_LEAF 0x80000000u
#define EXT_NAME 0x80000002u		/* and the two after it: 48 bytes of text */

static void brand_string(char name[49])
{
	u32 max, *word = (u32 *)name, b, c, d;
	unsigned int i;

	memset(name, 0, 49);
	cpuid(EXT_LEAF, 0, &max, &b, &c, &d);
	if (max < EXT_NAME + 2)
		return;
	for (i = 0; i < 3; i++, word += 4)
		cpuid(EXT_NAME + i, 0, &word[0], &word[1], &word[2], &word[3]);
}

int arch_cpu_describe(char *buf, size_t size)
{
	char vendor[13] __aligned(4) = "", name[52] __aligned(4);
	u32 max, signature, b, c, d;
	const char *text = name;

	cpuid(0, 0, &max, (u32 *)&vendor[0], (u32 *)&vendor[8], (u32 *)&vendor[4]);
	cpuid(1, 0, &signature, &b, &c, &d);
	brand_string(name);
	while (*text == ' ')
		text++;
	return scnprintf(buf, size, "%s %s, signature %#x, PAE%s", vendor, *text ? text : "CPU",
			 signature, i386_has_nx() ? ", NX" : ", no NX");
}
