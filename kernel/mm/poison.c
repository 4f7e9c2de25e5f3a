/* SPDX-License-Identifier: MIT */
/*
 * Memory poisoning: with `poison` on the command line, memory is filled with one pattern when it is
 * freed and with another when it is allocated. A value that is read after it was freed is then
 * neither a valid pointer nor a likely number. A write after the free is noticed when the memory is
 * allocated again, or by mm_free_memory_damage(), and the report names the code that freed it.
 * Without `poison` an allocation costs only a test of mm_poison.
 */
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/bug.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm_internal.h"

BOOT_PARAM(poison);

/* Words of these bytes are not kernel addresses on any port. */
#define FREE_BYTE 0x6b
#define FRESH_BYTE 0x5a

bool mm_poison __ro_after_init;

void poison_init(void)
{
	boot_param_flag(boot_param_poison, &mm_poison);
	if (mm_poison)
		pr_info("Memory: what is freed is poisoned\n");
}

/*
 * The last word of freed memory holds the lower 32 bits of the address of the code that freed it.
 */
static u32 *freer_of(const void *memory, size_t size)
{
	return (u32 *)((char *)memory + size) - 1;
}

void poison_freed(void *memory, size_t size, unsigned long freer)
{
	memset(memory, FREE_BYTE, size - sizeof(u32));
	*freer_of(memory, size) = (u32)freer;
}

/* How many words are compared at once. */
#define GROUP 16

static bool is_group_of(const u32 *word, u32 pattern)
{
	u32 different = 0;

	for (unsigned int i = 0; i < GROUP; i++)
		different |= READ_ONCE(word[i]) ^ pattern;
	return !different;
}

const void *poison_damage(const void *memory, size_t size)
{
	const u32 *word = memory, *end = freer_of(memory, size);
	const u32 pattern = FREE_BYTE * 0x01010101u;

	/*
	 * Nearly all that is looked at is whole pages without damage, so words are compared in
	 * groups while groups are whole; only what follows is looked at word by word.
	 */
	while (end - word >= GROUP && is_group_of(word, pattern))
		word += GROUP;
	while (word < end && READ_ONCE(*word) == pattern)
		word++;
	return word < end ? word : NULL;
}

static void __noreturn poison_report(const void *memory, size_t size, const void *damage)
{
	unsigned long upper = (unsigned long)_text & ~0xfffffffful;

	panic("use after free: %p, at %zu of %zu bytes freed by %pS, has become %08x",
	      damage, (size_t)((const char *)damage - (const char *)memory), size,
	      (void *)(upper | *freer_of(memory, size)), *(const u32 *)damage);
}

void poison_fresh(void *memory, size_t size)
{
	memset(memory, FRESH_BYTE, size);
}

void poison_allocated(void *memory, size_t size)
{
	const void *damage = poison_damage(memory, size);

	if (damage)
		poison_report(memory, size, damage);
	poison_fresh(memory, size);
}

const void *mm_free_memory_damage(void)
{
	const void *damage = NULL;

	if (mm_poison)
		damage = slab_free_damage();
	return mm_poison && !damage ? pages_free_damage() : damage;
}
