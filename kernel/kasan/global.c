/* SPDX-License-Identifier: MIT */
/*
 * Red zones behind global variables. The compiler leaves room behind each and lists them, file by
 * file; a constructor that it makes hands over the list. Those of the image run at boot, those of a
 * module before its init.
 */
#include "kernel/kasan/kasan_internal.h"

/* As GCC lays it out. */
struct asan_global {
	unsigned long start;
	size_t size, size_with_red_zone;
	const char *name, *file;
	unsigned long is_dynamic;	/* of C++ */
	const void *location;
	unsigned long odr_indicator;
};

void __asan_register_globals(const struct asan_global *globals, size_t nr);
void __asan_unregister_globals(const struct asan_global *globals, size_t nr);

void __asan_register_globals(const struct asan_global *globals, size_t nr)
{
	for (; nr--; globals++) {
		size_t used = ALIGN_UP(globals->size, (size_t)GRANULE);

		kasan_poison(globals->start + used, globals->size_with_red_zone - used,
			     KASAN_GLOBAL_REDZONE);
		kasan_unpoison(globals->start, globals->size);
	}
}

/* A module's data is poisoned as a whole when it is freed. */
void __asan_unregister_globals(const struct asan_global *globals, size_t nr)
{
}

void kasan_construct(unsigned long start, size_t size)
{
	void (*const *constructor)(void) = (void (*const *)(void))start;

	for (; size >= sizeof(*constructor); size -= sizeof(*constructor))
		(*constructor++)();
}
