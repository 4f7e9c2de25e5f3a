/* SPDX-License-Identifier: MIT */
/*
 * fprobe: handlers at the entry and at the exit of functions, which may pass data to each other.
 * Names and contracts are Linux's. A probe with an exit handler is a user of the function graph;
 * one without is only an ops, so its calls cost no frame on a shadow stack. It works with
 * hook=mcount as well, where an entry handler gets no struct ftrace_regs.
 */
#pragma once
#include "trace/tracers/fgraph.h"

struct fprobe;

#define FPROBE_FL_DISABLED 1u
#define MAX_FPROBE_DATA_SIZE FGRAPH_MAX_DATA_SIZE

/*
 * @entry_ip is the function's address, and @ret_ip is where it returns to. @fregs has arguments at
 * the entry (NULL with hook=mcount), and the result at the exit, which may be changed. @entry_data
 * has fp->entry_data_size bytes, aligned for a long; what they hold at first is not known, and the
 * exit of the same call gets them as the entry left them. It is NULL if the size is 0, or there is
 * no exit handler.
 *
 * The entry handler returns nonzero to skip the exit handler for this call. Both run in any
 * context, with the interrupt state of the function, and must not sleep. What they call does not
 * come back to the same probe.
 */
typedef int (*fprobe_entry_cb)(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
			       struct ftrace_regs *fregs, void *entry_data);
typedef void (*fprobe_exit_cb)(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
			       struct ftrace_regs *fregs, void *entry_data);

struct fprobe {
	fprobe_entry_cb entry_handler;	/* one of the two may be NULL */
	fprobe_exit_cb exit_handler;
	size_t entry_data_size;		/* in bytes, MAX_FPROBE_DATA_SIZE at most */
	int nr_maxactive;		/* ignored: each thread has a shadow stack */
	unsigned int flags;		/* FPROBE_FL_* */
	/*
	 * Calls that were not probed because there was no room for the data; it may count too few.
	 */
	unsigned long nmissed;

	/* The members from here on belong to fprobe.c and to what is built on it. */
	struct fgraph_ops gops;		/* its ops has the filters, also of a probe without exit */
	const void *calls[2];		/* further functions that the handlers call, or NULL */
	struct list_head list;		/* all that are registered */
};

/*
 * Start to call the handlers. Returns 0; or an error, with nothing changed and the reason in the
 * log: -EINVAL: there is no handler or no function is named; -E2BIG: entry_data_size is too large;
 * -EBUSY: it is registered already; -ENOSPC: it has an exit handler, and there are FGRAPH_MAX_USERS
 * users of the function graph; or an error of setting the filters, or of
 * register_ftrace_function(). May sleep.
 *
 * register_fprobe: for the functions that match the pattern @filter, but not those that match
 * @notfilter (NULL: all of them). _ips: for functions by their addresses, or those of their sites.
 * _syms: for functions by their names; -ESRCH: there is no such one.
 */
int register_fprobe(struct fprobe *fp, const char *filter, const char *notfilter);
int register_fprobe_ips(struct fprobe *fp, unsigned long *addrs, int num);
int register_fprobe_syms(struct fprobe *fp, const char **syms, int num);
/*
 * Returns 0, and then no thread is in a handler any more, none is called again, and @fp may be
 * freed; -EINVAL if it is not registered; or the error of unregister_ftrace_function(), and the
 * handlers are still called. May sleep.
 */
int unregister_fprobe(struct fprobe *fp);
bool fprobe_is_registered(struct fprobe *fp);		/* may sleep */

/*
 * Skip both handlers until enable_fprobe(), although the functions stay hooked. A handler may still
 * be running when this returns. Any context.
 */
static inline void disable_fprobe(struct fprobe *fp)
{
	if (fp)
		WRITE_ONCE(fp->flags, fp->flags | FPROBE_FL_DISABLED);
}

static inline void enable_fprobe(struct fprobe *fp)
{
	if (fp)
		WRITE_ONCE(fp->flags, fp->flags & ~FPROBE_FL_DISABLED);
}

static inline bool fprobe_disabled(const struct fprobe *fp)
{
	return READ_ONCE(fp->flags) & FPROBE_FL_DISABLED;
}
