/* SPDX-License-Identifier: MIT */
/*
 * Memory: physical pages (page_alloc.c), small objects (slab.c), and mapped
 * ranges with guard pages (vmap.c). All of RAM that the kernel uses lies in the
 * direct map. Allocators may be called with interrupts off; they never sleep,
 * they return NULL when memory is out, so gfp flags only say zero or not.
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

/* 2^order contiguous pages, direct-map address; NULL if there are none. */
void *alloc_pages(unsigned int order, gfp_t gfp) __must_check;
void free_pages(void *addr, unsigned int order);
static inline void *alloc_page(gfp_t gfp) { return alloc_pages(0, gfp); }
static inline void free_page(void *addr) { free_pages(addr, 0); }
/* Give [start, end) of the direct map (init memory, boot modules) to the allocator. */
void mm_release_range(unsigned long start, unsigned long end);

struct mm_stats {
	unsigned long total_pages, free_pages, slab_pages, vmap_pages;
	unsigned long objects;		/* from kmalloc(), up to 2 KiB each, not freed */
};
void mm_get_stats(struct mm_stats *stats);

/* Any size up to 4 MiB. kfree(NULL) is fine. ksize() is the usable size. */
void *kmalloc(size_t size, gfp_t gfp) __must_check;
void *kzalloc(size_t size, gfp_t gfp) __must_check;
void *kcalloc(size_t n, size_t size, gfp_t gfp) __must_check;
void *krealloc(void *old, size_t size, gfp_t gfp) __must_check;
char *kstrdup(const char *s, gfp_t gfp) __must_check;
void kfree(void *ptr);
size_t ksize(const void *ptr);

/*
 * Fixed-size objects. Objects come from slabs of their own and are zeroed if
 * asked for; a cache is never destroyed.
 */
struct kmem_cache;
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp) __must_check;
void kmem_cache_free(struct kmem_cache *cache, void *obj);

/* Memory that is only virtually contiguous, read-write, guard pages around; NULL if out. */
void *vmalloc(size_t size) __must_check;
void *vzalloc(size_t size) __must_check;
void vfree(void *addr);
/*
 * The same, zeroed, for what changes its size without moving: addresses are kept for @room bytes,
 * and @size of them have memory. Growing gives zeroed memory: 0, or -ENOMEM with nothing changed,
 * for there is no memory, or no room. Shrinking needs no memory; the caller sees to it that nobody
 * uses what goes. Each does nothing if @size is none in its direction. May sleep.
 */
void *vmalloc_resizable(size_t size, size_t room) __must_check;
int vmalloc_grow(void *addr, size_t size) __must_check;
void vmalloc_shrink(void *addr, size_t size);
/* How many bytes of addresses are kept for nobody yet; they need not lie side by side. */
size_t vmalloc_space(void);

/*
 * The same, zeroed, but a page is there only once it was touched: then a fault ends in
 * handle_mm_fault(), Linux's name for it. To be touched with interrupts on; if memory is out then,
 * that is a panic as for any other fault. vfree() frees it.
 */
void *vmalloc_lazy(size_t size) __must_check;
struct vm_area_struct;
struct pt_regs;
typedef unsigned int vm_fault_t;
#define VM_FAULT_OOM 1u
#define FAULT_FLAG_WRITE 1u
/* @vma: the allocation. 0, or VM_FAULT_OOM. Exception context, interrupts off; traced. */
vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int fault_flags, struct pt_regs *regs);
/* Ports: kernel data at @address is not mapped, @regs had interrupts on. True: now it is. */
bool vmap_fault(unsigned long address, unsigned int fault_flags, struct pt_regs *regs);

/*
 * Executable memory within branch reach of the kernel text: mapped read-only
 * and executable, filled with breakpoint instructions; written only through
 * arch_text_write() (kernel/arch.h). @size is rounded up to pages.
 */
void *execmem_alloc(size_t size) __must_check;
void execmem_free(void *addr, size_t size);
/* Does @addr lie in what execmem_alloc() gave, now? Thread or interrupt context; takes a lock. */
bool is_execmem(unsigned long addr);

/*
 * Data of modules: as vzalloc(), but in reach of their text's instructions; seal makes an
 * allocation read-only until it is freed.
 */
void *module_data_alloc(size_t size) __must_check;
void module_data_seal(void *addr);
void module_data_free(void *addr);

/*
 * With `poison` on the command line: where free memory was written after it was freed, or NULL.
 * Takes the allocators' locks, and a while.
 */
const void *mm_free_memory_damage(void);

/*
 * Fault injection: when armed, the (n+1)-th allocation from now on by the
 * current thread fails, and those after it do too until disarmed (n < 0).
 */
void mm_fail_after(int n);
