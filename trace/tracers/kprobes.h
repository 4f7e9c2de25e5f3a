/* SPDX-License-Identifier: MIT */
/*
 * kprobes at the entries of traced functions, and kretprobes at their returns, for clients written
 * for Linux; an fprobe is behind each. No instruction is replaced, so no other place can be probed:
 * there registering fails with -EOPNOTSUPP, and the log says so. What handlers change in the
 * registers has no effect.
 */
#pragma once
#include "trace/tracers/fprobe.h"

struct kprobe;
struct kretprobe_instance;

typedef u8 kprobe_opcode_t;
/*
 * Handlers run in any context and must not sleep. @regs has what ftrace_partial_regs() knows: at an
 * entry arguments, stack and frame pointer, and as ip where the function resumes; at a return the
 * result.
 *
 * pre: at the function's entry; returns 0 to have post_handler called as well. post: right after
 * it, because there is no instruction between the two; @flags is 0.
 */
typedef int (*kprobe_pre_handler_t)(struct kprobe *p, struct pt_regs *regs);
typedef void (*kprobe_post_handler_t)(struct kprobe *p, struct pt_regs *regs, unsigned long flags);
/*
 * Of a kretprobe. At the entry, where nonzero means that the return of this call is of no interest;
 * and at the return, where the result is ignored.
 */
typedef int (*kretprobe_handler_t)(struct kretprobe_instance *ri, struct pt_regs *regs);

#define KPROBE_FLAG_DISABLED 2u

struct kprobe {
	/* One of these two names the place; of both only one may be set. */
	kprobe_opcode_t *addr;		/* registering sets it */
	const char *symbol_name;
	unsigned int offset;		/* in bytes, behind either */
	kprobe_pre_handler_t pre_handler;
	kprobe_post_handler_t post_handler;
	u32 flags;			/* KPROBE_FLAG_DISABLED, before it is registered */
	unsigned long nmissed;		/* always 0 */
	struct fprobe fp;		/* kprobes.c's own */
};

struct kretprobe {
	struct kprobe kp;		/* names the function; its handlers are ignored */
	kretprobe_handler_t handler;
	kretprobe_handler_t entry_handler;
	int maxactive;			/* ignored: threads have shadow stacks */
	int nmissed;			/* since it is unregistered: fprobe.nmissed */
	size_t data_size;		/* of kretprobe_instance.data, in bytes */
};

/* One call of the function, from its entry handler to its return handler. */
struct kretprobe_instance {
	struct kretprobe *rp;
	kprobe_opcode_t *ret_addr;
	struct task_struct *task;
	char data[] __aligned(sizeof(long));	/* the handlers' own; not zeroed */
};

/*
 * Return 0; or an error with the reason in the log: -EINVAL: @p has both an address and a name, or
 * neither; -ENOENT: there is no function of that name; -EOPNOTSUPP: it is not the entry of a traced
 * function, or handlers want registers, which a build with hook=mcount does not have; -E2BIG: the
 * data of a kretprobe is too large; or an error of register_fprobe(). The plural forms register all
 * or none. May sleep.
 */
int register_kprobe(struct kprobe *p);
int register_kprobes(struct kprobe **kps, int num);
int register_kretprobe(struct kretprobe *rp);
int register_kretprobes(struct kretprobe **rps, int num);
/* No handler runs any more when these return. They do nothing for what is not registered. */
void unregister_kprobe(struct kprobe *p);
void unregister_kprobes(struct kprobe **kps, int num);
void unregister_kretprobe(struct kretprobe *rp);
void unregister_kretprobes(struct kretprobe **rps, int num);
/* Skip the handlers, and call them again. 0, or -EINVAL if @p is not registered. May sleep. */
int disable_kprobe(struct kprobe *p);
int enable_kprobe(struct kprobe *p);

static inline int disable_kretprobe(struct kretprobe *rp)
{
	return disable_kprobe(&rp->kp);
}

static inline int enable_kretprobe(struct kretprobe *rp)
{
	return enable_kprobe(&rp->kp);
}

static inline struct kretprobe *get_kretprobe(struct kretprobe_instance *ri)
{
	return ri->rp;
}

static inline unsigned long get_kretprobe_retaddr(struct kretprobe_instance *ri)
{
	return (unsigned long)ri->ret_addr;
}
