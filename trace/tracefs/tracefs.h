/* SPDX-License-Identifier: MIT */
/*
 * tracefs is made from tables of files. For each file there is a node that has its trace instance
 * and its CPU. Simple files supply show() and store(), others their own file operations. All of it
 * is for thread context and may sleep.
 */
#pragma once
#include "kernel/fs/seq_file.h"
#include "kernel/fs/vfs.h"
#include "trace/output/trace.h"

struct tracefs_node;

struct tracefs_file {
	const char *name;
	mode_t mode;
	/* Write the whole text of the file to @m: 0 or -errno. */
	int (*show)(struct seq_file *m, const struct tracefs_node *node);
	/*
	 * Handle one write: @text has no blanks around it and at most TRACEFS_TEXT_MAX bytes.
	 * Returns 0 or -errno; an error is noted in error_log with the explanation in *@why, or
	 * that of the errno if *@why is NULL, unless *@why is tracefs_logged: then that was done.
	 * If a file that can be written has no store(), writes to it are ignored.
	 */
	int (*store)(const struct tracefs_node *node, const char *text, const char **why);
	/* Called when the file is opened with O_TRUNC (`>`). May be NULL. */
	void (*truncate)(const struct tracefs_node *node);
	const struct file_operations *ops;	/* in place of the three above; or NULL */
	bool top_level;			/* instances do not have it */
};

extern const char tracefs_logged[];

struct tracefs_node {
	const struct tracefs_file *file;
	struct trace_array *tr;
	int cpu;			/* or RING_BUFFER_ALL_CPUS */
	unsigned int index;		/* of the option, format or event, in options/ or events/ */
	const char *system;		/* in events/: of a system's directory; NULL: all of them */
};

#define TRACEFS_TEXT_MAX 4095		/* as Linux has it for filters */
#define TRACEFS_RO 0444
#define TRACEFS_RW 0644
#define TRACEFS_WO 0200

/*
 * Add a file, or all files of a table that ends with a NULL name, to @dir. *@node is copied for
 * each; the tables must stay. 0 or -errno.
 */
int tracefs_add(struct inode *dir, const struct tracefs_file *file,
		const struct tracefs_node *node);
int tracefs_add_all(struct inode *dir, const struct tracefs_file *files,
		    const struct tracefs_node *node);
/*
 * Make the directory @name in @parent: 0, or the error of pseudo_dir(). pseudo_remove() takes it
 * away with all that is in it.
 */
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

/* A write operation for files of which only opening and closing have an effect. */
ssize_t tracefs_ignore_write(struct file *file, const char *buf, size_t size, loff_t *pos);

/* Hand one write to @store, as for files that have a store() of their own. */
ssize_t tracefs_write_text(struct file *file, const char *buf, size_t size, loff_t *pos,
			   int (*store)(const struct tracefs_node *node, const char *text,
					const char **why));
/* trace_file.c: read the trace_reader in file->private_data, and close it. */
ssize_t tracefs_read_trace(struct file *file, char *buf, size_t size, loff_t *pos);
int tracefs_release_trace(struct inode *inode, struct file *file);

/* Parse a decimal number: 0, -EINVAL if it is not one, -ERANGE if it is too large. */
int tracefs_number(const char *text, unsigned long *value);
/* Parse a 0 or a 1: 0, or -EINVAL or -ERANGE for anything else. */
int tracefs_bool(const char *text, bool *value);

/* Write the name of the function of site @ip: "name", or "name [module]". */
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
extern const struct tracefs_file latency_files[];	/* latency.c */
extern const struct tracefs_file snapshot_file;		/* snapshot.c */
extern const struct tracefs_file stack_files[];		/* stack.c */
extern const struct tracefs_file pid_files[];		/* pids.c */
extern const struct tracefs_file event_files[];		/* events.c */
extern const struct tracefs_file dynamic_files[];	/* dynamic.c */
void tracefs_clear_pids(struct trace_array *tr);	/* what these four list */
int tracefs_add_events(struct inode *dir, const struct tracefs_node *node);
void tracefs_forget_events(struct trace_array *tr);	/* event_mutex is held; no files */
int tracefs_populate(struct inode *dir, struct trace_array *tr);	/* tracefs.c: all files */
/*
 * instances.c: make instances/ in @root, with those that boot parameters have made: 0 or the first
 * error. boot: make the one of which @text says NAME[^traceoff][,EVENT...]: 0, or the error for
 * which there is none; what events are refused is logged.
 */
int tracefs_add_instances(struct inode *root);
int trace_instance_boot(char *text);
/* The event that the node's file is of; NULL: it has gone meanwhile. event_mutex is held. */
struct trace_event_file *tracefs_event_of(const struct tracefs_node *node);
extern const struct tracefs_file system_check_files[];	/* event_checks.c, in events/SYSTEM */
extern const struct tracefs_file event_check_files[];	/* in events/SYSTEM/EVENT */
extern const struct tracefs_file readme_file;		/* readme.c */
int tracefs_add_formats(struct inode *events, const struct tracefs_node *node);	/* formats.c */
int tracefs_add_options(struct inode *dir, struct trace_array *tr);	/* options.c */
extern const struct tracefs_file options_file;
int tracefs_add_profile(struct inode *dir, const struct tracefs_node *node);	/* profile.c */
/*
 * profile.c: call @put(@arg, text, its length) for each part of the text of the profiler's table of
 * @cpu, or of all (RING_BUFFER_ALL_CPUS). 0 or -ENOMEM.
 */
int tracefs_put_profile(int cpu, void (*put)(void *arg, const char *text, size_t len), void *arg);
int tracefs_add_sysctl(struct inode *proc);		/* sysctl.c, in /proc */

/*
 * trace_file.c: wait until @ready(@arg) is true. Returns 1; 0 if recording is off, so that no event
 * will come, and the reader has read something before (@any_read); -EAGAIN if @file has O_NONBLOCK;
 * -EINTR after Ctrl-C.
 */
int tracefs_wait_for_events(const struct file *file, bool (*ready)(void *arg), void *arg,
			    bool any_read);
/* Held by consuming readers: a reader of all CPUs peeks at several events before it takes one. */
extern struct mutex tracefs_pipe_lock;
