/* SPDX-License-Identifier: MIT */
/*
 * tracefs itself: makes the tree below /sys/kernel/tracing from the tables in the other files of
 * this folder, and implements reading and writing for simple text files.
 */
#include "trace/tracefs/tracefs.h"
#include "kernel/lib/ctype.h"
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/percpu.h"
#include "kernel/trace_hooks.h"

int tracefs_number(const char *text, unsigned long *value)
{
	return kstrtoul(text, 10, value);
}

int tracefs_bool(const char *text, bool *value)
{
	unsigned long number;
	int err = tracefs_number(text, &number);

	if (err)
		return err;
	if (number > 1)
		return -EINVAL;
	*value = number;
	return 0;
}

/* --- Simple text files --- */

const char tracefs_logged[] = "";

static int text_show(struct seq_file *m, void *data)
{
	const struct tracefs_node *node = data;

	return node->file->show(m, node);
}

static int text_open(struct inode *inode, struct file *file)
{
	const struct tracefs_node *node = inode_data(inode);

	if (tracefs_writes(file) && (file->flags & O_TRUNC) && node->file->truncate)
		node->file->truncate(node);
	return tracefs_reads(file) ? single_open(file, text_show, (void *)node) : 0;
}

static int text_release(struct inode *inode, struct file *file)
{
	return tracefs_reads(file) ? seq_release(inode, file) : 0;
}

/*
 * Copy the text that was written to @text, without the blanks around it; *@skipped is the number of
 * those in front. A NUL ends the text, because some programs write that of their string, too.
 * Returns 0, or -EINVAL if the text is too long or has control characters, which have no meaning in
 * any file here.
 */
static int clean_text(const char *buf, size_t size, char *text, size_t *skipped)
{
	size_t start = 0;

	size = strnlen(buf, size);
	while (start < size && isspace(buf[start]))
		start++;
	while (size > start && isspace(buf[size - 1]))
		size--;
	/* @text has room for TRACEFS_TEXT_MAX bytes and a terminator. */
	*skipped = start;
	if (size - start > TRACEFS_TEXT_MAX)
		return -EINVAL;
	for (size_t i = start; i < size; i++) {
		if ((unsigned char)buf[i] < ' ' && !isspace(buf[i]))
			return -EINVAL;
	}
	memcpy(text, buf + start, size - start);
	text[size - start] = '\0';
	return 0;
}

ssize_t tracefs_ignore_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	*pos += (loff_t)size;
	return (ssize_t)size;
}

ssize_t tracefs_write_text(struct file *file, const char *buf, size_t size, loff_t *pos,
			   int (*store)(const struct tracefs_node *node, const char *text,
					const char **why))
{
	const struct tracefs_node *node = tracefs_node(file);
	const char *why = NULL;
	size_t skipped = 0;
	char *text;
	int err;

	text = kmalloc(min(size, (size_t)TRACEFS_TEXT_MAX) + 1, GFP_KERNEL);
	err = text ? clean_text(buf, size, text, &skipped) : -ENOMEM;
	if (err == -EINVAL)
		why = "Too long, or with control characters";
	else if (!err)
		err = store(node, text, &why);
	kfree(text);
	/* Logged here for all files, so that no refusal goes unreported. */
	if (err && why != tracefs_logged)
		tracing_log_err(node->tr, node->file->name, buf, size, skipped, size - skipped,
				why ? why : errno_string(err));
	if (err)
		return err;
	*pos += (loff_t)size;
	return (ssize_t)size;
}

static ssize_t text_write(struct file *file, const char *buf, size_t size, loff_t *pos)
{
	const struct tracefs_node *node = tracefs_node(file);

	if (!node->file->store)
		return tracefs_ignore_write(file, buf, size, pos);
	return tracefs_write_text(file, buf, size, pos, node->file->store);
}

static const struct file_operations text_operations = {
	.open = text_open,
	.read = seq_read,
	.write = text_write,
	.release = text_release,
};

static const struct file_operations read_only_operations = {
	.open = text_open,
	.read = seq_read,
	.release = text_release,
};

/* --- The tree --- */

int tracefs_add(struct inode *dir, const struct tracefs_file *file, const struct tracefs_node *node)
{
	const struct file_operations *ops = file->ops;
	struct tracefs_node *own = kmalloc(sizeof(*own), GFP_KERNEL);
	struct inode *inode;

	if (!own)
		return -ENOMEM;
	*own = *node;
	own->file = file;
	if (!ops)
		ops = file->mode & 0222 ? &text_operations : &read_only_operations;
	inode = pseudo_file(dir, file->name, file->mode, ops, own);
	if (!IS_ERR(inode)) {
		inode_own_data(inode);
		return 0;
	}
	kfree(own);
	return (int)PTR_ERR(inode);
}

int tracefs_add_all(struct inode *dir, const struct tracefs_file *files,
		    const struct tracefs_node *node)
{
	int err = 0;

	for (; !err && files->name; files++) {
		if (node->tr == &global_trace || !files->top_level)
			err = tracefs_add(dir, files, node);
	}
	return err;
}

int tracefs_mkdir(struct inode *parent, const char *name, struct inode **dir)
{
	*dir = pseudo_dir(parent, name);
	return IS_ERR(*dir) ? (int)PTR_ERR(*dir) : 0;
}

static int add_cpus(struct inode *dir, const struct tracefs_node *node)
{
	struct tracefs_node own = *node;
	struct inode *percpu, *cpu_dir;
	unsigned int cpu;
	char name[16];
	int err = tracefs_mkdir(dir, "per_cpu", &percpu);

	/* All CPUs are up already: they come up before the first buffer is made (smp_init()). */
	for (cpu = 0; !err && cpu < nr_cpus_online; cpu++) {
		snprintf(name, sizeof(name), "cpu%u", cpu);
		own.cpu = (int)cpu;
		err = tracefs_mkdir(percpu, name, &cpu_dir);
		if (!err)
			err = tracefs_add_all(cpu_dir, percpu_files, &own);
		if (!err)
			err = tracefs_add_all(cpu_dir, text_files, &own);
		if (!err)
			err = tracefs_add(cpu_dir, &raw_pipe_file, &own);
		if (!err)
			err = tracefs_add(cpu_dir, &snapshot_file, &own);
	}
	return err;
}

int tracefs_populate(struct inode *dir, struct trace_array *tr)
{
	static const struct tracefs_file *const tables[] = {
		control_files, buffer_files, text_files, filter_files, pid_files, marker_files,
		event_files,
	};
	struct tracefs_node node = { .tr = tr, .cpu = RING_BUFFER_ALL_CPUS };
	int err = tracefs_add(dir, &options_file, &node);

	/* As in populate_top(), nothing is made behind the first file that could not be. */
	tr->dir = dir;
	for (unsigned int i = 0; !err && i < ARRAY_SIZE(tables); i++)
		err = tracefs_add_all(dir, tables[i], &node);
	if (!err)
		err = tracefs_add(dir, &snapshot_file, &node);
	if (!err)
		err = tracefs_add_options(dir, tr);
	if (!err)
		err = add_cpus(dir, &node);
	if (!err)
		err = tracefs_add_events(dir, &node);
	return err;
}

/* What is there once, for all instances. */
static int populate_top(struct inode *dir)
{
	static const struct tracefs_file *const tables[] = {
		function_files, dynamic_files, stack_files, latency_files,
	};
	struct tracefs_node node = { .tr = &global_trace, .cpu = RING_BUFFER_ALL_CPUS };
	/* After an error the rest is left out; tracefs_init() logs the error, and boot goes on. */
	int err = tracefs_add(dir, &readme_file, &node);

	for (unsigned int i = 0; !err && i < ARRAY_SIZE(tables); i++)
		err = tracefs_add_all(dir, tables[i], &node);
	if (!err)
		err = tracefs_populate(dir, &global_trace);
	if (!err)
		err = tracefs_add_profile(dir, &node);
	return err ? err : tracefs_add_instances(dir);
}

void tracefs_init(void)
{
	struct inode *root = pseudo_root("/sys/kernel/tracing"), *proc = pseudo_root("/proc");
	int err = IS_ERR(root) ? (int)PTR_ERR(root) : populate_top(root);

	if (!err)
		err = IS_ERR(proc) ? (int)PTR_ERR(proc) : tracefs_add_sysctl(proc);
	if (err)
		pr_err("tracefs: %s\n", errno_string(err));
}
