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
 *	frame.c		variables on stacks
 *	report.c	what was wrong, in words
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

struct kmem_cache;
struct page;

/* Who allocated or freed something: a thread, and a stack that stack.c keeps. 0 is no stack. */
struct kasan_track {
	u32 stack;
	pid_t pid;
};

/* A slab has one of these for each of its objects: kernel/mm/slab.h. */
struct kasan_object {
	struct kasan_track alloc, free;
	u32 size;			/* what was asked for; 0: never allocated */
	void *next;			/* in the quarantine: the object that was freed next */
};

/* Describes a bad access; or, with a size of 0, a pointer that cannot be freed. */
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
	/* If that is on a stack: the variable, as "NAME:LINE" without an end, and whose it is. */
	const char *variable;
	unsigned int variable_len;
	unsigned long function;
};

#if KASAN
#define KASAN_RED_ZONE 16		/* at least so many bytes behind each object */
#define KASAN_OBJECT_SIZE sizeof(struct kasan_object)

/* Boot: make the shadow of all RAM. Until then nothing is checked. */
void kasan_init(void);
/* If it is set, it is called with each report; otherwise a report is a panic. Any context. */
extern void (*kasan_report_hook)(const struct kasan_report *report);
/* Stores the addresses of the stack in @track, innermost first. Returns how many there are. */
unsigned int kasan_stack(const struct kasan_track *track, const unsigned long **pcs);
/*
 * Frees everything in the quarantine, for callers that are out of memory or count what is free.
 * Returns whether there was anything. No lock of an allocator may be held.
 */
bool kasan_settle(void);

/* Runs the constructors that a module's file lists at @start: they make red zones of variables. */
void kasan_construct(unsigned long start, size_t size);

/* --- page_alloc.c. @addr is in the direct map. --- */
void kasan_alloc_pages(void *addr, unsigned int order);
void kasan_free_pages(void *addr, unsigned int order);
/* The pages of this memory become free for the first time. */
void kasan_poison_pages(void *addr, size_t size);
/* Only the first @size bytes of the block at @addr may be used. Returns @addr, or NULL for NULL. */
void *kasan_trim_pages(void *addr, size_t size);
/*
 * Pages that became shadow of mapped ranges. They stay so for good, so they count as free: who
 * compares what was free before and after is to find what was not given back.
 */
unsigned long kasan_shadow_pages(void);
/* Returns whether @addr is free already, and reports it if so. */
bool kasan_is_free(const void *addr, unsigned long ip);
/* Returns how many bytes of an allocation may be used; without KASAN all of its @room. */
size_t kasan_usable(const void *addr, size_t room);

/* --- slab.c --- */
/* A slab was made, whose objects are all free. */
void kasan_new_slab(const struct kmem_cache *cache, void *slab);
/* The first @size bytes of @obj may be used from now on. @obj may be NULL. */
void kasan_alloc_object(void *obj, size_t size);
/* Returns true if the caller must not free @obj: it is in quarantine now, or it is no object. */
bool kasan_free_object(const struct kmem_cache *cache, void *obj, unsigned long ip);

/* --- vmap.c --- */
/* Maps the shadow of a range. Returns 0 or -ENOMEM; what was mapped until then stays. */
int kasan_map_shadow(unsigned long start, size_t size);
/* The @size bytes may be accessed, and what follows them in their last page may not. */
void kasan_alloc_area(unsigned long start, size_t size);
/* None of the range may be accessed. */
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
