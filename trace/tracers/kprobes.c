/* SPDX-License-Identifier: MIT */
/* kprobes and kretprobes as far as an fprobe can do what they do; see kprobes.h. Untraced. */
#include "trace/tracers/kprobes.h"
#include "kernel/arch.h"
#include "kernel/kallsyms.h"
#include "kernel/lib/errno.h"
#include "trace/core/ops.h"

/* --- The handlers --- */

static int kprobe_entry(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
			struct ftrace_regs *fregs, void *entry_data)
{
	struct kprobe *p = container_of(fp, struct kprobe, fp);
	struct pt_regs regs;

	ftrace_partial_regs(fregs, &regs);
	if (p->pre_handler && p->pre_handler(p, &regs))
		return 0;
	if (p->post_handler)
		p->post_handler(p, &regs, 0);
	return 0;
}

static int kretprobe_entry(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
			   struct ftrace_regs *fregs, void *entry_data)
{
	struct kretprobe *rp = container_of(fp, struct kretprobe, kp.fp);
	struct kretprobe_instance *ri = entry_data;
	struct pt_regs regs;

	ri->rp = rp;
	ri->ret_addr = (kprobe_opcode_t *)ret_ip;
	ri->task = current;
	return rp->entry_handler && rp->entry_handler(ri, ftrace_partial_regs(fregs, &regs));
}

static void kretprobe_exit(struct fprobe *fp, unsigned long entry_ip, unsigned long ret_ip,
			   struct ftrace_regs *fregs, void *entry_data)
{
	struct kretprobe *rp = container_of(fp, struct kretprobe, kp.fp);
	struct pt_regs regs;

	if (rp->handler)
		rp->handler(entry_data, ftrace_partial_regs(fregs, &regs));
}

/* --- Registering --- */

static int refuse(const void *probe, unsigned long addr, const char *why, int err)
{
	pr_warn("kprobes: %pS at %pS: %s: error %d\n", probe, (void *)addr, why, err);
	return err;
}

/* Find the function that @p names, and store its address. */
static int find_function(const struct kprobe *p, unsigned long *function)
{
	unsigned long addr = (unsigned long)p->addr, site;

	if (!p->addr == !p->symbol_name)
		return refuse(p, addr, "neither or both of an address and a name", -EINVAL);
	if (p->symbol_name) {
		addr = kallsyms_lookup_name(p->symbol_name);
		if (!addr) {
			pr_warn("kprobes: there is no function %s\n", p->symbol_name);
			return -ENOENT;
		}
	}
	/* An offset may lead to the site itself, behind a landing pad. */
	addr += p->offset;
	site = ftrace_location(addr);
	if (!site)
		return refuse(p, addr, "only the entry of a traced function can be probed",
			      -EOPNOTSUPP);
	*function = arch_ftrace_function(site);
	return 0;
}

/* @p->fp has its handlers. The client's address is changed only if all goes well. */
static int register_at_function(struct kprobe *p, const void *first, const void *second)
{
	unsigned long function;
	int err = find_function(p, &function);

	if (err)
		return err;
	p->fp.calls[0] = first;
	p->fp.calls[1] = second;
	p->fp.flags = p->flags & KPROBE_FLAG_DISABLED ? FPROBE_FL_DISABLED : 0;
	err = register_fprobe_ips(&p->fp, &function, 1);
	if (!err)
		p->addr = (kprobe_opcode_t *)function;
	return err;
}

int register_kprobe(struct kprobe *p)
{
	if (!p)
		return -EINVAL;
	if (fprobe_is_registered(&p->fp))
		return refuse(p, (unsigned long)p->addr, "registered already", -EBUSY);
	if (!FTRACE_HAVE_ARGS)
		return ftrace_needs_args("a kprobe's handler");
	p->nmissed = 0;
	p->fp.entry_handler = kprobe_entry;
	p->fp.exit_handler = NULL;
	p->fp.entry_data_size = 0;
	return register_at_function(p, (void *)p->pre_handler, (void *)p->post_handler);
}

int register_kretprobe(struct kretprobe *rp)
{
	struct fprobe *fp;

	if (!rp)
		return -EINVAL;
	fp = &rp->kp.fp;
	if (fprobe_is_registered(fp))
		return refuse(rp, (unsigned long)rp->kp.addr, "registered already", -EBUSY);
	if (!FTRACE_HAVE_ARGS && rp->entry_handler)
		return ftrace_needs_args("a kretprobe's entry handler");
	/* So that the sum below cannot overflow; fprobe says what is too much. */
	if (rp->data_size > MAX_FPROBE_DATA_SIZE)
		return refuse(rp, (unsigned long)rp->kp.addr, "too many bytes of data for a call",
			      -E2BIG);
	rp->nmissed = 0;
	fp->entry_handler = kretprobe_entry;
	fp->exit_handler = kretprobe_exit;
	fp->entry_data_size = sizeof(struct kretprobe_instance) + rp->data_size;
	return register_at_function(&rp->kp, (void *)rp->handler, (void *)rp->entry_handler);
}

int register_kprobes(struct kprobe **kps, int num)
{
	if (num <= 0)
		return -EINVAL;
	for (int n = 0; n < num; n++) {
		int err = register_kprobe(kps[n]);

		if (err) {
			unregister_kprobes(kps, n);
			return err;
		}
	}
	return 0;
}

int register_kretprobes(struct kretprobe **rps, int num)
{
	if (num <= 0)
		return -EINVAL;
	for (int n = 0; n < num; n++) {
		int err = register_kretprobe(rps[n]);

		if (err) {
			unregister_kretprobes(rps, n);
			return err;
		}
	}
	return 0;
}

void unregister_kprobe(struct kprobe *p)
{
	if (!p || !fprobe_is_registered(&p->fp))
		return;
	if (unregister_fprobe(&p->fp))
		return;
	/* A client that named its function by a symbol may register it again by that. */
	if (p->symbol_name)
		p->addr = NULL;
}

void unregister_kretprobe(struct kretprobe *rp)
{
	if (!rp)
		return;
	unregister_kprobe(&rp->kp);
	rp->nmissed = (int)rp->kp.fp.nmissed;
}

void unregister_kprobes(struct kprobe **kps, int num)
{
	while (num > 0)
		unregister_kprobe(kps[--num]);
}

void unregister_kretprobes(struct kretprobe **rps, int num)
{
	while (num > 0)
		unregister_kretprobe(rps[--num]);
}

int disable_kprobe(struct kprobe *p)
{
	if (!p || !fprobe_is_registered(&p->fp))
		return -EINVAL;
	disable_fprobe(&p->fp);
	p->flags |= KPROBE_FLAG_DISABLED;
	return 0;
}

int enable_kprobe(struct kprobe *p)
{
	if (!p || !fprobe_is_registered(&p->fp))
		return -EINVAL;
	enable_fprobe(&p->fp);
	p->flags &= ~KPROBE_FLAG_DISABLED;
	return 0;
}
