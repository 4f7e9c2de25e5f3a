/* SPDX-License-Identifier: MIT */
/*
 * Tracepoints: places in the code that tell what happens there to whoever wants to know. As long as
 * nobody does, one costs a NOP. Names and macros are Linux's:
 *
 *	DECLARE_TRACE(name, TP_PROTO(int a), TP_ARGS(a))	in a header
 *	trace_name(a)						in the code
 *	register_trace_name(probe, data)			by a client
 *
 * TRACE_EVENT() also describes the event that trace/events records there. What it says besides the
 * prototype is used only in the file that defines the area's events (trace/events/define_trace.h).
 */
#pragma once
#include "kernel/arch.h"
#include "kernel/compiler.h"
#include "kernel/trace_hooks.h"

struct tracepoint_func {
	void *func, *data;
};

struct tracepoint {
	struct jump_key key;		/* on while there are probes */
	const char *name;
	struct tracepoint_func *funcs;	/* ends with a NULL func; NULL: none */
	void *iterator;			/* the function that calls the probes */
};

/*
 * Let the tracepoint call @probe(@data, arguments...), in the order of registration; and no longer.
 * A probe is called in the context of the tracepoint, may be interrupted and preempted if that can,
 * must not sleep, and nothing that it runs may be traced unless it can stand recursion. register:
 * 0, -EEXIST if the two are registered there, -ENOMEM, or an error of patching. unregister: 0, and
 * then no thread is inside the probe any more; or -ENOENT, -ENOMEM, or an error of patching. May
 * sleep.
 */
int tracepoint_probe_register(struct tracepoint *tp, void *probe, void *data);
int tracepoint_probe_unregister(struct tracepoint *tp, void *probe, void *data);
/*
 * Let @now take the place of the probe @old, both with @data: each call of the tracepoint runs one
 * of the two. Returns as unregistering does.
 */
int tracepoint_probe_replace(struct tracepoint *tp, void *old, void *now, void *data);
/* Wait until no thread is inside a probe that it entered before. May sleep. */
void tracepoint_wait_until_left(struct tracepoint *tp);
/* Unregistering has waited already. */
static inline void tracepoint_synchronize_unregister(void)
{
}
/* Call @fn(tp, @priv) for each tracepoint of the kernel itself. */
void for_each_kernel_tracepoint(void (*fn)(struct tracepoint *tp, void *priv), void *priv);

#define PARAMS(args...) args
#define TP_PROTO(args...) args
#define TP_ARGS(args...) args
#define TP_STRUCT__entry(args...) args
#define TP_fast_assign(args...) args

/*
 * A thread is inside a probe as long as it has a return address into __traceiter_NAME(): so the
 * calls there are never the last thing that it does.
 */
#define DEFINE_TRACE(name_, proto, args)							\
	struct tracepoint __tracepoint_##name_ = {					\
		.name = #name_, .iterator = (void *)__traceiter_##name_,			\
	};										\
	static struct tracepoint *const __tracepoint_ptr_##name_ __used			\
	__section("tracepoints") = &__tracepoint_##name_;				\
	notrace noinline void __traceiter_##name_(proto)					\
	{										\
		const struct tracepoint_func *it = READ_ONCE(__tracepoint_##name_.funcs);	\
											\
		if (unlikely(!it))							\
			return;								\
		do {									\
			((void (*)(void *, proto))it->func)(it->data, args);		\
			barrier();							\
		} while ((++it)->func);							\
	}

#include "kernel/tracepoint_macros.h"
