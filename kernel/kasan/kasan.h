/* SPDX-License-Identifier: MIT */
/*
 * KASAN, the kernel address sanitizer (Meson: sanitize=address): the compiler puts a call before
 * each access to memory, which looks up in the shadow memory whether that may be accessed. A byte
 * of shadow tells about eight bytes, a granule:
 *
 *	0		all of it may be accessed
 *	1 .. 7		so many bytes from its start may
 *	0x80 .. 0xff	nothing may; the value says why (kasan_internal.h)
 *
 * Where no shadow is mapped everything may be accessed, as far as the page tables allow. Here is
 * what the allocators tell KASAN; without it none of this generates code.
 *
 *	check.c		what the compiler calls
 *	shadow.c	the memory of the shadow
 *	global.c	variables
 *	object.c	pages, objects, the quarantine of freed ones
 *	stack.c		who allocated and who freed
 *	report.c	what was wrong, in words
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct kmem_cache;
struct page;

/* Who allocated or freed something: a thread, and a stack that stack.c has kept; 0: not known. */
struct kasan_track {
	u32 stack;
	pid_t pid;
};

/* Behind a slab's objects there is one for each. */
struct kasan_object {
	struct kasan_track alloc, free;
	u32 size;			/* what was asked for; 0: never allocated */
	void *next;			/* in the quarantine: the object that was freed next */
};

/* An access that should not have been, or a pointer that cannot be freed. */
struct kasan_report {
	unsigned long addr, ip;		/* of the access, and of the code that made it */
	unsigned long bad;		/* the first byte that may not be accessed */
	size_t size;
	bool write;
	const char *what;		/* "use after free", ... */
	/* What was allocated there, or next to it; start is 0 if that is not known. */
	unsigned long start;
	size_t length;
	struct kasan_track alloc, free;
};

#if KASAN
#define KASAN_RED_ZONE 16		/* at least so many bytes behind each object */
#define KASAN_OBJECT_SIZE sizeof(struct kasan_object)

/* Boot: make the shadow of all RAM. Until then nothing is checked. */
void kasan_init(void);
/* If it is set, it takes each report, which ends the machine otherwise. Any context. */
extern void (*kasan_report_hook)(const struct kasan_report *report);
/* The stack that @track names, innermost first; 0 addresses if it is not known. */
unsigned int kasan_stack(const struct kasan_track *track, const unsigned long **pcs);
/*
 * Give back all that is in quarantine: for who is out of memory, or counts what is free. Returns
 * whether there was any. Not under an allocator's lock.
 */
bool kasan_settle(void);

/* Run the constructors that a module's file lists at @start: red zones for its variables. */
void kasan_construct(unsigned long start, size_t size);

/* --- page_alloc.c. @addr is in the direct map. --- */
void kasan_alloc_pages(void *addr, unsigned int order);
void kasan_free_pages(void *addr, unsigned int order);
/* What nobody has yet is free. */
void kasan_poison_pages(void *addr, size_t size);
/* Only the first @size bytes of a block are used. NULL stays NULL; returns @addr. */
void *kasan_trim_pages(void *addr, size_t size);
/*
 * Pages that became shadow of mapped ranges. They stay so for good, so they count as free: who
 * compares what was free before and after is to find what was not given back.
 */
unsigned long kasan_shadow_pages(void);
/* Report it if @addr is free already. Returns true if it is. */
bool kasan_is_free(const void *addr, unsigned long ip);
/* How many bytes of an allocation can be used, of @room. */
size_t kasan_usable(const void *addr, size_t room);

/* --- slab.c --- */
/* A slab is new: all its objects are free. */
void kasan_new_slab(const struct kmem_cache *cache, void *slab);
/* @size bytes of an object are used. NULL: there was none. */
void kasan_alloc_object(void *obj, size_t size);
/* Returns true if the object is not to be freed now: it is in quarantine, or is no object. */
bool kasan_free_object(const struct kmem_cache *cache, void *obj, unsigned long ip);

/* --- vmap.c. [start, start + size) may be accessed, up to the end of the page nothing. --- */
/* 0 or -ENOMEM, which changes nothing. */
int kasan_map_shadow(unsigned long start, size_t size);
void kasan_alloc_area(unsigned long start, size_t size);
void kasan_free_area(unsigned long start, size_t size);
#else
#define KASAN_RED_ZONE 0
#define KASAN_OBJECT_SIZE 0

static inline void kasan_init(void) { }
static inline void kasan_construct(unsigned long start, size_t size) { }
static inline bool kasan_settle(void) { return false; }
static inline void kasan_alloc_pages(void *addr, unsigned int order) { }
static inline void kasan_free_pages(void *addr, unsigned int order) { }
static inline void kasan_poison_pages(void *addr, size_t size) { }
static inline void *kasan_trim_pages(void *addr, size_t size) { return addr; }
static inline unsigned long kasan_shadow_pages(void) { return 0; }
static inline bool kasan_is_free(const void *addr, unsigned long ip) { return false; }
static inline size_t kasan_usable(const void *addr, size_t room) { return room; }
static inline void kasan_new_slab(const struct kmem_cache *cache, void *slab) { }
static inline void kasan_alloc_object(void *obj, size_t size) { }
static inline bool kasan_free_object(const struct kmem_cache *cache, void *obj, unsigned long ip)
{
	return false;
}
static inline int kasan_map_shadow(unsigned long start, size_t size) { return 0; }
static inline void kasan_alloc_area(unsigned long start, size_t size) { }
static inline void kasan_free_area(unsigned long start, size_t size) { }
#endif
