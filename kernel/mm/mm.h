/* SPDX-License-Identifier: MIT */
/*
 * Memory: physical pages (page_alloc.c), small objects (slab.c), and mapped ranges with guard pages
 * (vmap.c). All RAM that the kernel uses lies in the direct map. Allocation never sleeps to wait
 * for memory, but returns NULL if there is none; of the gfp flags only __GFP_ZERO has an effect.
 * Pages and objects may be allocated and freed in any context but NMI; mapped ranges only in thread
 * context with interrupts on, because other CPUs' TLBs have to be flushed.
 */
#pragma once
#include "kernel/compiler.h"
#include "kernel/types.h"

#define GFP_KERNEL 0u
#define GFP_ATOMIC 0u
#define GFP_NOWAIT 0u
#define __GFP_ZERO 1u

struct boot_info;

/* Boot: give the allocator every usable range of @info that is not reserved. */
void mm_init(const struct boot_info *info);

/*
 * 2^@order contiguous pages, by their address in the direct map; NULL if there are none.
 * free_pages() panics if @addr was not allocated with @order.
 */
void *alloc_pages(unsigned int order, gfp_t gfp) __must_check;
void free_pages(void *addr, unsigned int order);
static inline void *alloc_page(gfp_t gfp) { return alloc_pages(0, gfp); }
static inline void free_page(void *addr) { free_pages(addr, 0); }
/* Give [start, end) of the direct map (init memory, boot modules) to the allocator. */
void mm_release_range(unsigned long start, unsigned long end);

struct mm_stats {
	unsigned long total_pages, free_pages, slab_pages, vmap_pages;
	unsigned long objects;		/* allocated objects from kmalloc() of at most 2 KiB each */
};
void mm_get_stats(struct mm_stats *stats);

/*
 * Memory of any size up to 4 MiB. kfree(NULL) does nothing; kfree() of anything else that is not
 * allocated panics. ksize() returns how many bytes of the allocation can be used.
 */
void *kmalloc(size_t size, gfp_t gfp) __must_check;
void *kzalloc(size_t size, gfp_t gfp) __must_check;
void *kcalloc(size_t n, size_t size, gfp_t gfp) __must_check;
void *krealloc(void *old, size_t size, gfp_t gfp) __must_check;
char *kstrdup(const char *s, gfp_t gfp) __must_check;
void kfree(void *ptr);
size_t ksize(const void *ptr);

/*
 * Objects of a fixed @size, up to a page, from slabs of their own. NULL if memory is out, or if
 * @size or @align, a power of two, is larger than a page. A cache is never destroyed.
 */
struct kmem_cache;
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) __must_check;
void kmem_cache_free(struct kmem_cache *cache, void *obj);

/*
 * Read-write memory, contiguous only in virtual addresses, between guard pages; NULL if it is out.
 */
void *vmalloc(size_t size) __must_check;
void *vzalloc(size_t size) __must_check;
void vfree(void *addr);
/*
 * Zeroed memory as from vzalloc() that can change its size without moving: @room bytes of addresses
 * are reserved, and the first @size of them have memory. vmalloc_grow() adds zeroed memory; it
 * returns 0, or -ENOMEM, with nothing changed, if memory or @room is too small. vmalloc_shrink()
 * cannot fail; nobody may use the part that it frees. A @size in the other direction changes
 * nothing. May sleep. vfree() frees it.
 */
void *vmalloc_resizable(size_t size, size_t room) __must_check;
int vmalloc_grow(void *addr, size_t size) __must_check;
void vmalloc_shrink(void *addr, size_t size);
/* How many bytes of addresses are not reserved; they need not be contiguous. */
size_t vmalloc_space(void);

/*
 * Zeroed memory as from vzalloc() whose pages are allocated when they are first touched: the page
 * fault calls handle_mm_fault() (Linux's name). It must be touched with interrupts on; if memory is
 * out then, the fault panics like any other. vfree() frees it.
 */
void *vmalloc_lazy(size_t size) __must_check;
struct vm_area_struct;
struct pt_regs;
typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM 1u
#define FAULT_FLAG_WRITE 1u
/*
 * Map the page at @address of @vma, an allocation from vmalloc_lazy(). Returns 0 or VM_FAULT_OOM.
 * Exception context, interrupts off; may be traced.
 */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int fault_flags, struct pt_regs *regs);
/*
 * Called by the ports for a fault at @address, which is not mapped, in code that had interrupts on.
 * Returns true if the page is mapped now and the access can be repeated.
 */
bool vmap_fault(unsigned long address, unsigned int fault_flags, struct pt_regs *regs);

/*
 * Executable memory within branch reach of the kernel's text; NULL if it is out. It is mapped
 * read-only and executable, filled with breakpoint instructions, and written only through
 * arch_text_write() (kernel/arch.h). @size is rounded up to whole pages.
 */
void *execmem_alloc(size_t size) __must_check;
void execmem_free(void *addr, size_t size);
/* Does @addr lie in memory from execmem_alloc()? Any context but NMI; takes a lock. */
bool is_execmem(unsigned long addr);

/*
 * Memory for modules' data: as from vzalloc(), but within reach of the instructions of modules'
 * text. module_data_seal() makes an allocation read-only until it is freed.
 */
void *module_data_alloc(size_t size) __must_check;
void module_data_seal(void *addr);
void module_data_free(void *addr);

/*
 * With `poison` on the command line: the first word found that was written after it was freed; NULL
 * if there is none, and without `poison`. It checks all free memory, with the allocators' locks
 * held, so it takes a while.
 */
const void *mm_free_memory_damage(void);

/*
 * Fault injection: from now on @n allocations of the current thread succeed, and all later ones
 * fail until it is turned off (@n < 0).
 */
void mm_fail_after(int n);
/*
 * The same, but only allocation number @n, counted from 0, fails, and then it is turned off. Until
 * then mm_fail_left() is how many allocations are to come before that one; -1 if it is off.
 */
void mm_fail_once(int n);
int mm_fail_left(void);
