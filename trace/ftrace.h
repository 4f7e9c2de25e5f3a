/* SPDX-License-Identifier: MIT */
/*
 * What a client of the function tracer may call, with Linux's names and contracts; docs/ops.md
 * explains what is behind them. Unless a comment says otherwise, everything here is for thread
 * context and may sleep, because one mutex guards what is attached. trace/arch.h, "Registers",
 * tells what a callback may do with its struct ftrace_regs.
 */
#pragma once
#include "trace/arch.h"
#include "trace/kernel.h"

struct ftrace_ops;
struct ftrace_hash;
struct dyn_ftrace;
struct pt_regs;

/*
 * A callback. It runs in any context, at the traced function's entry, with the interrupt state of
 * that function. @ip is the site, @parent_ip is where the function will return to, @op is the ops
 * that was registered. @fregs is never NULL, except in builds with hook=mcount (FTRACE_HAVE_ARGS is
 * 0), where it always is.
 */
typedef void (*ftrace_func_t)(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op,
			      struct ftrace_regs *fregs);

/*
 * What a trampoline calls: its func, with the address of the callable itself as `op`. Every struct
 * ftrace_ops begins with one, and so does every set of several ops.
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

/* The flag for a callback that reads arguments: none where struct ftrace_regs always has them. */
#define FTRACE_OPS_FL_SAVE_ARGS (FTRACE_HAVE_ARGS ? 0 : FTRACE_OPS_FL_SAVE_REGS)

struct ftrace_ops_hash {
	struct ftrace_hash *notrace_hash;	/* NULL or empty: nothing excluded */
	struct ftrace_hash *filter_hash;	/* NULL or empty: every function */
};

/*
 * What is asked when a direct call and a callback that changes the resume address (IPMODIFY) are to
 * share a function: a direct function that continues the traced function at a fixed address would
 * bypass such a callback.
 */
enum ftrace_ops_cmd {
	/* This direct call comes to a function with IPMODIFY, or changes its address there. */
	FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF,
	/*
	 * IPMODIFY comes to a function of this direct call. Asked once, for the first such
	 * function.
	 */
	FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER,
	/*
	 * The direct call shares no function any more, or the change for which it was asked has
	 * failed. The answer is ignored.
	 */
	FTRACE_OPS_CMD_DISABLE_SHARE_IPMODIFY_PEER,
};
/*
 * The function that is asked, before any site changes, with the tracer's mutex held: of this API it
 * may use modify_ftrace_direct_nolock() and update_ftrace_direct_mod() without locking, and nothing
 * else. It returns 0 to agree; the call that led to the question returns any other answer.
 */
typedef int (*ftrace_ops_func_t)(struct ftrace_ops *op, enum ftrace_ops_cmd cmd);

struct ftrace_ops {
	ftrace_func_t func;			/* first: a struct ftrace_callable */
	unsigned int flags;			/* FTRACE_OPS_FL_*; not changed while registered */
	void *private;				/* for the owner alone */
	ftrace_ops_func_t ops_func;		/* of a direct ops; NULL: it never shares */
	unsigned long trampoline;		/* what sites call that have this ops alone; 0 */

	/* The members from here on belong to the core. */
	struct ftrace_callable assist;		/* what sets call if RECURSION is set */
	unsigned int sequence;			/* registration order: higher runs earlier */
	struct ftrace_ops_hash local_hash;
	struct ftrace_ops_hash *func_hash;	/* filters shared with others; NULL: local_hash */
	unsigned long direct_call;		/* DIRECT: the direct trampoline */
	bool sharing;				/* DIRECT: it has agreed to share with IPMODIFY */
	struct list_head list;			/* registered ops, latest first */
	struct ftrace_ops *next_kept;		/* see ftrace_keep_filters() */
};

/*
 * Start and stop calling ops->func at every site that its filters match. They return 0; or an
 * error, with every site as it was and the reason in the log.
 *
 * register: -EINVAL: there is no func, or its address is no code; a flag is set that this build
 * cannot honour, or DIRECT or DELETED; IPMODIFY without a filter, or with a notrace filter.
 * -EOPNOTSUPP: IPMODIFY with hook=mcount. -EBUSY: it is registered already; it conflicts with what
 * is attached; or it is PERMANENT while the tracer is switched off. Both: -ENOMEM; -EINVAL or
 * -EFAULT: a site does not hold what it should, or cannot be read or written. unregister: -EBUSY:
 * it is not registered, or is a direct call.
 *
 * If unregister fails, the callback is still called. When it returns 0, no thread is in the
 * callback any more, except the caller itself if it is inside one, and the ops may be freed. A
 * function to which the callback sent calls by arch_ftrace_set_direct_caller() may still run.
 */
int register_ftrace_function(struct ftrace_ops *ops);
int unregister_ftrace_function(struct ftrace_ops *ops);

/*
 * Filters; docs/reference.md explains the patterns. @buf is one pattern of @len bytes, or of fewer
 * if it has a NUL; if it is NULL, the call only resets. With @reset the filter begins anew,
 * otherwise the pattern adds to it. If the ops is registered, its sites change at once. Returns 0;
 * -EINVAL if nothing matched, @buf is empty or has a blank in it, or @len is negative; -ENOMEM; or
 * the error of changing the sites.
 *
 * The _ip forms add a function by its address or its site's, or take it out again (@remove). Either
 * all of @ips are applied or none. -EINVAL: one is neither; -ENOENT: one is to be removed and not
 * in the filter. With NULL for @ips or a @cnt of 0 the call only resets.
 */
int ftrace_set_filter(struct ftrace_ops *ops, const char *buf, int len, int reset);
int ftrace_set_notrace(struct ftrace_ops *ops, const char *buf, int len, int reset);
int ftrace_set_filter_ip(struct ftrace_ops *ops, unsigned long ip, int remove, int reset);
int ftrace_set_filter_ips(struct ftrace_ops *ops, unsigned long *ips, unsigned int cnt, int remove,
			  int reset);
void ftrace_free_filter(struct ftrace_ops *ops);	/* no effect while @ops is registered */
/*
 * The same for the function tracer's filters, which set_ftrace_filter and set_ftrace_notrace show.
 */
int ftrace_set_global_filter(const char *buf, int len, int reset);
int ftrace_set_global_notrace(const char *buf, int len, int reset);
/*
 * From now on @ops uses the function tracer's filters. A change of them is made for all ops that
 * share them, in one update: for all or for none. This must be called before @ops is registered or
 * has filters of its own; otherwise it only writes a line to the log. ftrace_free_filter() gives
 * @ops filters of its own again, which match every function.
 */
void ftrace_ops_set_global_filter(struct ftrace_ops *ops);

/*
 * Direct calls: the functions that the filter of @ops names call the assembly function @addr at
 * their entry, after all callbacks and exactly once. docs/how-it-works.md has the contract of
 * @addr. After modify each call goes either to the old or to the new function. All return 0, or an
 * error with nothing changed:
 *
 * -EINVAL: there is no filter, or an empty one; @ops has a func, or is registered; @addr or
 * ops_func is no code. unregister, modify: @ops is not registered; unregister: it is registered
 * with another address. -EBUSY: a site has a direct function already, or has IPMODIFY and @ops has
 * no ops_func. -EOPNOTSUPP: this build has no ftrace_regs. -ENOMEM and -EFAULT as for
 * register_ftrace_function(); or what an ops_func answered.
 *
 * _nolock is for an ops_func, which is called with the lock held. An ops_func that was asked with
 * ..._PEER may change its own ops; asked with ..._SELF it gets -EBUSY or -EINVAL for that.
 */
int register_ftrace_direct(struct ftrace_ops *ops, unsigned long addr);
int unregister_ftrace_direct(struct ftrace_ops *ops, unsigned long addr, bool free_filters);
int modify_ftrace_direct(struct ftrace_ops *ops, unsigned long addr);
int modify_ftrace_direct_nolock(struct ftrace_ops *ops, unsigned long addr);
/*
 * Returns the direct function that is attached to the function or site at @ip; 0 if there is none.
 */
unsigned long ftrace_find_rec_direct(unsigned long ip);

/*
 * A hash of functions, each with a direct function of its own, for update_ftrace_direct_*(). It is
 * not locked: it belongs to the caller. copy: returns a copy of @hash, or an empty hash if that is
 * NULL; NULL if there is no memory. add_direct: @ip is a function's address or its site's; an entry
 * that is there already gets the new @addr. Returns 0, -ENOMEM, or -EINVAL if @ip is 0. contains:
 * is there an entry for this very @ip? A hash that is NULL has none.
 */
struct ftrace_hash *ftrace_hash_copy(const struct ftrace_hash *hash);
int ftrace_hash_add_direct(struct ftrace_hash *hash, unsigned long ip, unsigned long addr);
bool ftrace_hash_contains(const struct ftrace_hash *hash, unsigned long ip);
void ftrace_hash_free(struct ftrace_hash *hash);	/* NULL does nothing */

/*
 * Direct calls with an address for each function, on one ops. @hash stays the caller's. add also
 * registers the ops, if it is not registered and has no filter. del unregisters it when no function
 * is left, and so does removing the module that had its last function.
 *
 * The errors are those above, and -EINVAL: @hash is empty, or has an entry that is no site; add: or
 * one that has a direct function already; del, mod: or one that does not belong to this ops; del:
 * or one with another address. mod: @do_direct_lock must be true, except in an ops_func, where it
 * must be false.
 */
int update_ftrace_direct_add(struct ftrace_ops *ops, struct ftrace_hash *hash);
int update_ftrace_direct_del(struct ftrace_ops *ops, struct ftrace_hash *hash);
int update_ftrace_direct_mod(struct ftrace_ops *ops, struct ftrace_hash *hash, bool do_direct_lock);

/*
 * Returns the site of a function; @ip is the site or the function's first address. Returns 0 if
 * there is no site.
 */
unsigned long ftrace_location(unsigned long ip);
