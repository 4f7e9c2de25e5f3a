/* SPDX-License-Identifier: MIT */
/*
 * instances/: mkdir makes a trace instance with files of its own there, and rmdir removes it. The
 * same for clients of the kernel, by trace_array_get_by_name() and trace_array_destroy(); and for
 * the boot parameter trace_instance, which makes one before there are files.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"
#include "trace/events/trace_events.h"
#include "trace/tracefs/tracefs.h"

/* Held while one comes or goes. Taken before event_mutex. */
static DEFINE_MUTEX(instances_lock);
static struct inode *instances_dir;	/* NULL: tracefs is still to come */

static struct trace_array *find_instance(const char *name)
{
	struct trace_array *tr;

	lockdep_assert_held(&instances_lock);
	for_each_trace_array(tr) {
		if (tr->name && !strcmp(tr->name, name))
			return tr;
	}
	return NULL;
}

/* Nobody knows of the instance any more, or does so yet: its files are gone, and nothing is on. */
static void forget(struct trace_array *tr)
{
	lockdep_assert_held(&event_mutex);
	mutex_lock(&trace_types_lock);
	list_del(&tr->list);
	mutex_unlock(&trace_types_lock);
	trace_events_remove_instance(tr);
	tracefs_forget_events(tr);
}

static int add_dir(struct trace_array *tr)
{
	struct inode *dir;
	int err = tracefs_mkdir(instances_dir, tr->name, &dir);

	if (err)
		return err;
	err = tracefs_populate(dir, tr);
	if (!err)
		return 0;
	/* Half of the files would be worse than none. */
	mutex_lock(&event_mutex);
	tr->events_dir = NULL;
	pseudo_remove(dir);
	tr->dir = NULL;
	mutex_unlock(&event_mutex);
	return err;
}

/* Make the instance known to the events first, so that none that comes meanwhile is missed. */
static int publish(struct trace_array *tr)
{
	int err;

	mutex_lock(&event_mutex);
	err = trace_events_add_instance(tr);
	if (!err) {
		mutex_lock(&trace_types_lock);
		list_add_tail(&tr->list, &ftrace_trace_arrays);
		mutex_unlock(&trace_types_lock);
	}
	mutex_unlock(&event_mutex);
	/* At boot instances come before tracefs does, which then makes the files of all. */
	if (!err && instances_dir) {
		err = add_dir(tr);
		if (err) {
			mutex_lock(&event_mutex);
			forget(tr);
			mutex_unlock(&event_mutex);
		}
	}
	return err;
}

static struct trace_array *make_instance(const char *name, const char *systems)
{
	struct trace_array *tr;
	int err;

	lockdep_assert_held(&instances_lock);
	if (!*name || strlen(name) > NAME_MAX || strchr(name, '/'))
		return ERR_PTR(-EINVAL);
	tr = trace_instance_alloc(name, systems);
	if (!tr)
		return ERR_PTR(-ENOMEM);
	err = publish(tr);
	if (!err)
		return tr;
	trace_instance_free(tr);
	return ERR_PTR(err);
}

/* Switch off all that records into it. */
static int stop(struct trace_array *tr)
{
	int err = trace_events_stop_instance(tr);

	if (!err)
		err = tracing_set_tracer(tr, "nop");
	if (!err)
		err = trace_set_flag(tr, TRACE_ITER_FUNC_FORK, false);
	return err ? err : trace_set_flag(tr, TRACE_ITER_EVENT_FORK, false);
}

/*
 * While a file is open, or somebody holds it, nothing changes. What can fail comes before the
 * directory goes; only somebody who opens a file just then can find it with everything off.
 */
static int remove_instance(struct trace_array *tr)
{
	int err = 0;

	lockdep_assert_held(&instances_lock);
	mutex_lock(&event_mutex);
	if (tr->ref || (tr->dir && pseudo_is_used(tr->dir)))
		err = -EBUSY;
	if (!err)
		err = stop(tr);
	if (!err && tr->dir)
		err = pseudo_remove_unused(tr->dir);
	/* By a file that was open in between, something may be on again. Now there are no files. */
	while (!err && stop(tr))
		msleep(1);
	if (!err)
		forget(tr);
	mutex_unlock(&event_mutex);
	if (!err)
		trace_instance_free(tr);
	return err;
}

/* --- instances/ --- */

static int instance_mkdir(const char *name)
{
	struct trace_array *tr = ERR_PTR(-EEXIST);

	mutex_lock(&instances_lock);
	if (!find_instance(name))
		tr = make_instance(name, NULL);
	mutex_unlock(&instances_lock);
	return IS_ERR(tr) ? (int)PTR_ERR(tr) : 0;
}

static int instance_rmdir(const char *name)
{
	struct trace_array *tr;
	int err;

	mutex_lock(&instances_lock);
	tr = find_instance(name);
	err = tr ? remove_instance(tr) : -ENODEV;
	mutex_unlock(&instances_lock);
	return err;
}

int tracefs_add_instances(struct inode *root)
{
	static const struct pseudo_dir_operations operations = { instance_mkdir, instance_rmdir };
	struct trace_array *tr;
	struct inode *dir;
	int err = tracefs_mkdir(root, "instances", &dir), result;

	if (err)
		return err;
	mutex_lock(&instances_lock);
	instances_dir = dir;
	for_each_trace_array(tr) {
		result = tr->name ? add_dir(tr) : 0;
		err = err ? err : result;
	}
	pseudo_dir_owner(dir, &operations);
	mutex_unlock(&instances_lock);
	return err;
}

/* --- Boot --- */

int trace_instance_boot(char *text)
{
	struct trace_array *tr;
	char *rest = text, *flag = strsep(&rest, ","), *item;
	int err;

	text = strsep(&flag, "^");
	/* The others of Linux's flags are for a buffer that outlives the boot. */
	if (flag && strcmp(flag, "traceoff"))
		return -EINVAL;
	mutex_lock(&instances_lock);
	tr = find_instance(text) ? ERR_PTR(-EEXIST) : make_instance(text, NULL);
	mutex_unlock(&instances_lock);
	if (IS_ERR(tr))
		return (int)PTR_ERR(tr);
	if (flag)
		tracer_tracing_off(tr);
	while ((item = strsep(&rest, ",")) != NULL) {
		err = trace_events_set(tr, item);
		if (err)
			pr_warn("trace_instance=%s: %s: %s\n", tr->name, item, errno_string(err));
	}
	return 0;
}

/* --- Clients --- */

struct trace_array *trace_array_get_by_name(const char *name, const char *systems)
{
	struct trace_array *tr;

	mutex_lock(&instances_lock);
	tr = find_instance(name);
	if (!tr)
		tr = make_instance(name, systems);
	if (!IS_ERR(tr))
		tr->ref++;
	mutex_unlock(&instances_lock);
	return IS_ERR(tr) ? NULL : tr;
}

void trace_array_put(struct trace_array *tr)
{
	if (!tr)
		return;
	mutex_lock(&instances_lock);
	if (!WARN_ON_ONCE(!tr->ref))
		tr->ref--;
	mutex_unlock(&instances_lock);
}

int trace_array_destroy(struct trace_array *tr)
{
	struct trace_array *it;
	int err = -ENODEV;

	if (!tr)
		return -EINVAL;
	mutex_lock(&instances_lock);
	/* The pointer is only compared until it is known to be one. */
	for_each_trace_array(it) {
		if (it == tr && it->name) {
			err = remove_instance(tr);
			break;
		}
	}
	mutex_unlock(&instances_lock);
	return err;
}

int trace_array_set_clr_event(struct trace_array *tr, const char *system, const char *event,
			      bool enable)
{
	return tr ? trace_events_enable(tr, system, event, false, enable) : -ENOENT;
}
