/* SPDX-License-Identifier: MIT */
/*
 * Compiler attributes and the small macros that all code uses.
 * `notrace` must name both attributes: GCC's -pg looks at the first,
 * -fpatchable-function-entry only at the second.
 */
#pragma once

#ifdef __clang__
#define notrace __attribute__((no_instrument_function))
#else
#define notrace __attribute__((no_instrument_function, patchable_function_entry(0, 0)))
#endif
#define noinline __attribute__((noinline))
#define __noclone __attribute__((noclone))
#undef __always_inline	/* the host's C library has one */
#define __always_inline inline __attribute__((always_inline))
#define __noreturn __attribute__((noreturn))
#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __used __attribute__((used))
#define __maybe_unused __attribute__((unused))
#define __weak __attribute__((weak))
#define __must_check __attribute__((warn_unused_result))
/* What reads whole stacks: KASAN's red zones between the variables there are no mistake. */
#define __reads_stacks __attribute__((no_sanitize_address))
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#define __section(name) __attribute__((section(name)))
/*
 * Text and data that are freed once the kernel has booted. All __init functions share one section,
 * so each is aligned by itself: the literal before a function's entry needs that.
 */
#define __init __section(".init.text") __attribute__((cold, aligned(16)))
#define __initdata __section(".init.data")
#define __exit __used
/* Data that is written during boot and read-only afterwards (arch_mmu_seal()). */
#define __ro_after_init __section(".data..ro_after_init")

#ifndef KASAN
#define KASAN 0				/* Meson's option `sanitize=address`: kernel/kasan */
#endif
#ifndef KCSAN
#define KCSAN 0				/* Meson's option `sanitize=thread`: kernel/kcsan */
#endif

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ volatile("" ::: "memory")
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
/*
 * The value of @expr, whose plain accesses may race, because no value that they read does harm: a
 * comment says why. For what must be read or written once and as a whole, use the two above.
 */
#if KCSAN
void kcsan_disable_current(void);
void kcsan_enable_current(void);
#define data_race(expr) ({							\
	kcsan_disable_current();						\
	__auto_type _value = (expr);						\
	kcsan_enable_current();							\
	_value; })
#else
static inline void kcsan_disable_current(void) { }
static inline void kcsan_enable_current(void) { }
#define data_race(expr) (expr)
#endif
#define smp_load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define min(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })
#define min3(a, b, c) ({ __typeof__(a) _ab = min(a, b); min(_ab, c); })
#define clamp(value, low, high) ({ __typeof__(value) _above = max(value, low); min(_above, high); })
#define ALIGN_UP(x, a) (((x) + (__typeof__(x))(a) - 1) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define BUILD_BUG_ON(cond) _Static_assert(!(cond), #cond)
#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)

#define _RET_IP_ ((unsigned long)__builtin_return_address(0))
