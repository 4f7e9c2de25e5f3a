/* SPDX-License-Identifier: MIT */
/*
 * What a client of the function tracer may call, with Linux's names and contracts; docs/ops.md
 * tells what is behind them. Everything here is for thread context unless it says otherwise, and
 * may sleep: what is attached is guarded by one mutex. What a callback may do with its struct
 * ftrace_regs is in trace/arch.h, "Registers".
 */
#pragma once
#include "trace/arch.h"
#include "trace/kernel.h"

struct ftrace_ops;
struct ftrace_hash;
struct dyn_ftrace;
struct pt_regs;

/*
 * A callback: in any context, at the traced function's entry, with that function's interrupt state.
 * @ip: the site; @parent_ip: where the function will return to; @fregs is never NULL, except in
 * builds with hook=mcount (FTRACE_HAVE_ARGS is 0), where it always is. @op is the ops that was
 * registered.
 */
typedef void (*ftrace_func_t)(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			      struct ftrace_regs *fregs);

/*
 * What a trampoline calls: its func, with the callable itself as `op`. Every
 * struct ftrace_ops starts as one; so does every set of several ops.
 */
struct ftrace_callable {
	ftrace_func_t func;
};

#define FTRACE_OPS_FL_ENABLED (1u << 0)
#define FTRACE_OPS_FL_DYNAMIC (1u << 1)
#define FTRACE_OPS_FL_SAVE_REGS (1u << 2)
#define FTRACE_OPS_FL_SAVE_REGS_IF_SUPPORTED (1u << 3)
#define FTRACE_OPS_FL_RECURSION (1u << 4)
#define FTRACE_OPS_FL_STUB (1u << 5)
#define FTRACE_OPS_FL_INITIALIZED (1u << 6)
#define FTRACE_OPS_FL_DELETED (1u << 7)
#define FTRACE_OPS_FL_IPMODIFY (1u << 12)
#define FTRACE_OPS_FL_RCU (1u << 14)
#define FTRACE_OPS_FL_PERMANENT (1u << 16)
#define FTRACE_OPS_FL_DIRECT (1u << 17)

/* What a callback needs that reads arguments: nothing where struct ftrace_regs always has them. */
#define FTRACE_OPS_FL_SAVE_ARGS (FTRACE_HAVE_ARGS ? 0 : FTRACE_OPS_FL_SAVE_REGS)

struct ftrace_ops_hash {
	struct ftrace_hash *notrace_hash;	/* NULL or empty: nothing excluded */
	struct ftrace_hash *filter_hash;	/* NULL or empty: every function */
};

/*
 * What a direct call and a callback that changes the resume address (IPMODIFY) must agree on when
 * they meet on a function: a direct function that goes on at a fixed address would bypass the
 * other.
 */
enum ftrace_ops_cmd {
	/* This direct call comes, or is modified, where IPMODIFY is. */
	FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF,
	/* IPMODIFY comes to one of this direct call's functions, the first one that it shares. */
	FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER,
	/* It shares none any more, or what it agreed to has failed. The answer does not matter. */
	FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER,
};
/*
 * Asked before any site changes, with the tracer's mutex held: it may use
 * modify_ftrace_direct_nolock() and nothing else of this API. 0 agrees; an error is what the call
 * that asks returns.
 */
typedef int (*ftrace_ops_func_t)(struct ftrace_ops *op, enum ftrace_ops_cmd cmd);

struct ftrace_ops {
	ftrace_func_t func;			/* first: a struct ftrace_callable */
	unsigned int flags;			/* FTRACE_OPS_FL_*; not changed while registered */
	void *private;				/* the owner's */
	ftrace_ops_func_t ops_func;		/* of a direct call; NULL: never shares */

	/* The core's from here on. */
	struct ftrace_callable assist;		/* what sets call when RECURSION is asked for */
	unsigned int sequence;			/* registration order: higher runs earlier */
	struct ftrace_ops_hash local_hash;
	struct ftrace_ops_hash *func_hash;	/* filters shared with others; NULL: local_hash */
	unsigned long direct_call;		/* DIRECT: the direct trampoline */
	bool sharing;				/* DIRECT: has agreed to share with IPMODIFY */
	struct list_head list;			/* registered ops, latest first */
	struct ftrace_ops *next_kept;		/* ftrace_keep_filters() */
};

/*
 * Start and stop calling ops->func at every site that its filters match. 0; or, with every site as
 * it was and the reason in the log: register: -EINVAL (no func, one that is no code, a flag that
 * this build cannot honour, or IPMODIFY without a filter or with a notrace filter), -EOPNOTSUPP
 * (IPMODIFY with hook=mcount), -EBUSY (registered already, a conflict with what is attached, or
 * PERMANENT while the tracer is switched off), -ENOMEM, -EINVAL or -EFAULT (a site does not hold
 * what it should, or cannot be written). unregister: -EBUSY (not registered), -ENOMEM, -EINVAL,
 * -EFAULT: then it is still called. When it returns 0, nothing runs in the callback any more, but
 * for the caller itself if it is inside one, and the ops may be freed.
 */
int register_ftrace_function(struct ftrace_ops *ops);
int unregister_ftrace_function(struct ftrace_ops *ops);

/*
 * Filters; docs/reference.md has the patterns. @buf is one pattern of @len bytes, or fewer if there
 * is a NUL; NULL only resets. With @reset the filter begins anew, else the pattern adds to it. A
 * registered ops is changed at once. 0, -EINVAL (nothing matched, be it that @buf is empty or blank
 * or that @len is negative), -ENOMEM, or what changing the sites returned. The _ip forms take a
 * function's address or its site's, @remove to take it out; all of @ips or none. -EINVAL: one is
 * neither; -ENOENT: it is to be removed and not there; a @cnt of 0 only resets.
 */
int ftrace_set_filter(struct ftrace_ops *ops, const char *buf, int len, int reset);
int ftrace_set_notrace(struct ftrace_ops *ops, const char *buf, int len, int reset);
int ftrace_set_filter_ip(struct ftrace_ops *ops, unsigned long ip, int remove, int reset);
int ftrace_set_filter_ips(struct ftrace_ops *ops, unsigned long *ips, unsigned int cnt, int remove,
			  int reset);
void ftrace_free_filter(struct ftrace_ops *ops);	/* only when not registered */
/*
 * ftrace_set_filter() and ftrace_set_notrace() for the function tracer: what is written to
 * set_ftrace_filter and set_ftrace_notrace.
 */
int ftrace_set_global_filter(const char *buf, int len, int reset);
int ftrace_set_global_notrace(const char *buf, int len, int reset);
/*
 * From now on @ops has the function tracer's filters. Whoever changes them changes them for all who
 * share them, in one update: all or none. To be called before @ops is registered or has filters of
 * its own; else the log says so and nothing is changed. ftrace_free_filter() gives it filters of
 * its own again, which match everything.
 */
void ftrace_ops_set_global_filter(struct ftrace_ops *ops);

/*
 * Direct calls: at their entry the functions that the filter of @ops names call the assembly
 * function @addr, after all callbacks and exactly once. docs/how-it-works.md has the contract of
 * @addr. 0, or with nothing changed: -EINVAL (no filter, or an empty one; ops has a func, or is
 * registered; @addr or ops_func is no code; unregister, modify: not registered; unregister: with
 * another address), -EBUSY (a site has a direct function, or has IPMODIFY and there is no
 * ops_func), what ops_func answers, -EOPNOTSUPP (this build has no ftrace_regs), -ENOMEM, -EFAULT.
 * modify: each call goes to the old or to the new one. _nolock is for an ops_func, but not for the
 * ops that is being asked.
 */
int register_ftrace_direct(struct ftrace_ops *ops, unsigned long addr);
int unregister_ftrace_direct(struct ftrace_ops *ops, unsigned long addr, bool free_filters);
int modify_ftrace_direct(struct ftrace_ops *ops, unsigned long addr);
int modify_ftrace_direct_nolock(struct ftrace_ops *ops, unsigned long addr);
/* The direct function of the function or site at @ip; 0 if it has none. */
unsigned long ftrace_find_rec_direct(unsigned long ip);

/*
 * A hash of functions, each with a direct function of its own: what update_ftrace_direct_*() take.
 * copy: of @hash, or an empty one if that is NULL; NULL when there is no memory. add_direct: @ip is
 * a function's address or its site's; an entry that is there already gets the new @addr. 0,
 * -ENOMEM, -EINVAL (@ip is 0).
 */
struct ftrace_hash *ftrace_hash_copy(const struct ftrace_hash *hash);
int ftrace_hash_add_direct(struct ftrace_hash *hash, unsigned long ip, unsigned long addr);
void ftrace_hash_free(struct ftrace_hash *hash);	/* NULL is fine */

/*
 * Direct calls with an address for each function on one ops. @hash stays the caller's. add
 * registers an ops that is not registered and has no filter. del takes an ops back when no function
 * is left, and so does the end of a module that had the last one. Errors as above, and -EINVAL:
 * @hash is empty, or names what is no site; add: what is direct already; del, mod: what is not this
 * ops'; del: with another address. @do_direct_lock is false in an ops_func only.
 */
int update_ftrace_direct_add(struct ftrace_ops *ops, struct ftrace_hash *hash);
int update_ftrace_direct_del(struct ftrace_ops *ops, struct ftrace_hash *hash);
int update_ftrace_direct_mod(struct ftrace_ops *ops, struct ftrace_hash *hash, bool do_direct_lock);

/* The site of a function: @ip a site or a symbol start; 0 if it has none. */
unsigned long ftrace_location(unsigned long ip);
