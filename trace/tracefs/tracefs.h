/* SPDX-License-Identifier: MIT */
/*
 * How tracefs is made: tables of files, one node per file that knows its trace
 * instance and CPU. Simple files bring show() and store(); others their own operations.
 */
#pragma once
#include "kernel/fs/seq_file.h"
#include "kernel/fs/vfs.h"
#include "trace/output/trace.h"

struct tracefs_node;

struct tracefs_file {
	const char *name;
	mode_t mode;
	/* All of the text. */
	int (*show)(struct seq_file *m, const struct tracefs_node *node);
	/*
	 * One write: its text without the blanks around it, at most TRACEFS_TEXT_MAX bytes. An
	 * error goes to error_log with what *why says, or with the errno's words. NULL in a
	 * file that can be written: what is written does not matter.
	 */
	int (*store)(const struct tracefs_node *node, const char *text, const char **why);
	/* Opened with O_TRUNC. */
	void (*truncate)(const struct tracefs_node *node);
	const struct file_operations *ops;	/* instead of the three above */
};

struct tracefs_node {
	const struct tracefs_file *file;
	struct trace_array *tr;
	int cpu;			/* or RING_BUFFER_ALL_CPUS */
	unsigned int index;		/* of an option */
};

#define TRACEFS_TEXT_MAX 255
#define TRACEFS_RO 0444
#define TRACEFS_RW 0644
#define TRACEFS_WO 0200

/* Add one file, or those of a table that ends with an empty name. 0 or -errno. */
int tracefs_add(struct inode *dir, const struct tracefs_file *file,
		const struct tracefs_node *node);
int tracefs_add_all(struct inode *dir, const struct tracefs_file *files,
		    const struct tracefs_node *node);
/* The same with directories: the error of pseudo_dir(). */
int tracefs_mkdir(struct inode *parent, const char *name, struct inode **dir);

static inline const struct tracefs_node *tracefs_node(const struct file *file)
{
	return inode_data(file->inode);
}
static inline bool tracefs_reads(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_WRONLY;
}
static inline bool tracefs_writes(const struct file *file)
{
	return (file->flags & O_ACCMODE) != O_RDONLY;
}

/* A write operation for files where only the opening and the closing matter. */
ssize_t tracefs_ignore_write(struct file *file, const char *buf, size_t size, loff_t *pos);

/* Decimal numbers, as files take them. 0, -EINVAL, -ERANGE. */
int tracefs_number(const char *text, unsigned long *value);
/* 0 or 1 only, as options/ takes them. */
int tracefs_bool(const char *text, bool *value);

/* The function of a site, and its module: "name [module]". */
void tracefs_show_function(struct seq_file *m, unsigned long ip);

/* The tables. */
extern const struct tracefs_file control_files[];	/* control.c */
extern const struct tracefs_file buffer_files[];	/* buffers.c */
extern const struct tracefs_file percpu_files[];
extern const struct tracefs_file text_files[];		/* trace_file.c: trace, trace_pipe */
extern const struct tracefs_file raw_pipe_file;		/* pipe_raw.c */
extern const struct tracefs_file filter_files[];	/* filter.c */
extern const struct tracefs_file function_files[];	/* functions.c */
extern const struct tracefs_file marker_files[];	/* marker.c */
extern const struct tracefs_file format_files[];	/* formats.c: in events/ */
extern const struct tracefs_file readme_file;		/* readme.c */
int tracefs_add_options(struct inode *dir, struct trace_array *tr);	/* options.c */
extern const struct tracefs_file options_file;
int tracefs_add_sysctl(struct inode *proc);		/* sysctl.c: the only one outside of tracefs */

/* trace_file.c: wait for events to take from @cpu. 1: there are, 0: none will come, or -errno. */
int tracefs_wait_for_events(const struct file *file, bool (*ready)(void *arg), void *arg,
			    bool any_read);
/* One reader at a time takes events; the kernel's buffer serialises per CPU only. */
extern struct mutex tracefs_pipe_lock;
