/* SPDX-License-Identifier: MIT */
/* What commands need for their input: options, numbers, files named by operands, and lines. */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/shell/shell.h"

#define LINE_MAX (1u << 20)

int cmd_usage(struct cmd_context *ctx)
{
	const struct shell_command *cmd = shell_find_command(ctx->argv[0]);

	return cmd_error(ctx, "usage: %s", cmd ? cmd->usage : "?");
}

static bool is_number(const char *text)
{
	if (!*text)
		return false;
	for (; *text; text++)
		if (*text < '0' || *text > '9')
			return false;
	return true;
}

int cmd_option(struct cmd_context *ctx, struct cmd_options *opts, const char *spec)
{
	const char *arg, *found;

	if (!opts->rest || !*opts->rest) {
		arg = opts->index + 1 < ctx->argc ? ctx->argv[opts->index + 1] : NULL;
		opts->index++;
		if (!arg || arg[0] != '-' || !arg[1])
			return 0;
		opts->rest = arg + 1;
		if (!strcmp(arg, "--")) {
			opts->index++;
			return 0;
		}
		/* Before the letters, because `-20` is one number and not two options. */
		if (strchr(spec, '#') && is_number(opts->rest)) {
			opts->value = opts->rest;
			opts->rest = NULL;
			return '#';
		}
	}
	found = *opts->rest == ':' || *opts->rest == '#' ? NULL : strchr(spec, *opts->rest);
	if (!found) {
		cmd_error(ctx, "unknown option -%c", *opts->rest);
		cmd_usage(ctx);
		return -1;
	}
	opts->rest++;
	if (found[1] != ':')
		return *found;
	/* The value follows its letter directly, or is the next argument. */
	opts->value = *opts->rest ? opts->rest : ctx->argv[++opts->index];
	opts->rest = NULL;
	if (!opts->value) {
		cmd_error(ctx, "option -%c needs a value", *found);
		return -1;
	}
	return *found;
}

long long cmd_number(struct cmd_context *ctx, const char *text, unsigned long long most)
{
	unsigned long long value;

	if (!is_number(text)) {
		cmd_error(ctx, "%.64s: not a number", text);
		return -1;
	}
	if (kstrtoull(text, 10, &value) || value > most) {
		cmd_error(ctx, "%.64s: number too large (at most %llu)", text, most);
		return -1;
	}
	return (long long)value;
}

typedef int (*input_fn_t)(struct cmd_context *ctx, struct file *file, const char *name, void *arg);

static int input_failed(struct cmd_context *ctx, const char *name, int err)
{
	return cmd_error(ctx, "%.128s: %s", name, errno_string(err));
}

/*
 * Call @fn for one input, a file opened with @flags. Returns its value, or after an error an exit
 * status (error printed).
 */
static int one_input(struct cmd_context *ctx, const char *path, unsigned int flags, input_fn_t fn,
		     void *arg)
{
	const char *name = path ? path : "input";
	struct file *file = path ? vfs_open(path, O_RDONLY | flags, 0) : ctx->in;
	int ret;

	if (!file)
		return cmd_error(ctx, "no input: name a file, or use | or <");
	if (IS_ERR(file))
		return input_failed(ctx, name, (int)PTR_ERR(file));
	ret = fn(ctx, file, name, arg);
	if (path)
		vfs_close(file);
	/* A failed write ends @fn with -EINTR, too, but has its own message and status. */
	if (ret == -EINTR)
		return ctx->out_error ? 0 : SHELL_STATUS_INTERRUPTED;
	if (ret == -EAGAIN && flags & O_NONBLOCK)
		return 0;
	if (ret == -E2BIG)
		return cmd_error(ctx, "%.128s: line longer than %u bytes", name, LINE_MAX);
	if (ret < 0)
		return input_failed(ctx, name, ret);
	return ret;
}

int cmd_for_each_input(struct cmd_context *ctx, int first, input_fn_t fn, void *arg)
{
	int status = 0, i = first;
	const char *path;

	do {
		path = i < ctx->argc ? ctx->argv[i] : NULL;
		if (path && !strcmp(path, "-"))
			path = NULL;
		status = max(status, one_input(ctx, path, 0, fn, arg));
	} while (++i < ctx->argc && !console_interrupted());
	return status;
}

/* --- Trees --- */

/* A directory that is being read, and those above it. */
struct tree_level {
	struct tree_level *up;
	struct file *dir;
	unsigned int pos;
	size_t len;			/* of its path */
};

struct tree_walk {
	struct tree_level *level;
	struct dirent entry;
	char path[PATH_MAX + NAME_MAX + 2];
};

/* Begin to read the directory w->path: 0, or an exit status (error printed). */
static int descend(struct cmd_context *ctx, struct tree_walk *w)
{
	struct file *dir = vfs_open(w->path, O_RDONLY | O_DIRECTORY, 0);
	struct tree_level *level;

	if (IS_ERR(dir))
		return input_failed(ctx, w->path, (int)PTR_ERR(dir));
	level = kmalloc(sizeof(*level), GFP_KERNEL);
	if (!level) {
		vfs_close(dir);
		return input_failed(ctx, w->path, -ENOMEM);
	}
	*level = (struct tree_level){ .up = w->level, .dir = dir, .len = strlen(w->path) };
	w->level = level;
	return 0;
}

static void ascend(struct tree_walk *w)
{
	struct tree_level *level = w->level;

	w->level = level->up;
	vfs_close(level->dir);
	kfree(level);
}

/* Go to the next entry: 1, or 0 after the last one. w->path is its path. */
static int next_entry(struct tree_walk *w)
{
	const struct tree_level *level = w->level;
	size_t len = level->len;

	if (vfs_readdir(level->dir, &w->level->pos, &w->entry) <= 0)
		return 0;
	if (w->path[len - 1] != '/')
		w->path[len++] = '/';
	strscpy(w->path + len, w->entry.name, sizeof(w->path) - len);
	return 1;
}

static int walk_tree(struct cmd_context *ctx, struct tree_walk *w, input_fn_t fn, void *arg)
{
	int status = descend(ctx, w);

	/* Without recursion, because a tree may be as deep as a path is long. */
	while (w->level) {
		if (console_interrupted() || !next_entry(w))
			ascend(w);
		else if (S_ISDIR(w->entry.mode))
			status = max(status, descend(ctx, w));
		else
			/* A file such as trace_pipe is read as far as it goes without waiting. */
			status = max(status, one_input(ctx, w->path, O_NONBLOCK, fn, arg));
	}
	return status;
}

int cmd_for_each_in_trees(struct cmd_context *ctx, int first, input_fn_t fn, void *arg)
{
	struct tree_walk *w = kzalloc(sizeof(*w), GFP_KERNEL);
	int status = 0, i = first;
	struct stat st;

	/* Allocated, because a path is too long for the stack. */
	if (!w)
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	do {
		const char *path = i < ctx->argc ? ctx->argv[i] : ".";

		if (*path && !vfs_stat(path, &st) && S_ISDIR(st.mode)) {
			strscpy(w->path, path, PATH_MAX);
			status = max(status, walk_tree(ctx, w, fn, arg));
		} else {
			status = max(status, one_input(ctx, path, 0, fn, arg));
		}
	} while (++i < ctx->argc && !console_interrupted());
	kfree(w);
	return status;
}

bool cmd_reads_own_output(struct cmd_context *ctx, const struct file *file, const char *name)
{
	if (!ctx->out || !vfs_same_contents(file, ctx->out))
		return false;
	cmd_error(ctx, "%.128s: input file is output file", name);
	return true;
}

/* --- Lines --- */

void line_reader_init(struct line_reader *reader, struct file *file)
{
	*reader = (struct line_reader){ .file = file };
}

void line_reader_free(struct line_reader *reader)
{
	kfree(reader->buf);
}

/* Make room after reader->end, by moving what is left to the front or by growing: 0 or -errno. */
static int make_room(struct line_reader *reader)
{
	size_t size = reader->size ? reader->size * 2 : PAGE_SIZE;
	char *buf;

	if (reader->start) {
		memmove(reader->buf, reader->buf + reader->start, reader->end - reader->start);
		reader->end -= reader->start;
		reader->start = 0;
	}
	/* Keep one byte free for the terminator of a last line without newline. */
	if (reader->end + 1 < reader->size)
		return 0;
	if (size > LINE_MAX)
		return -E2BIG;
	buf = krealloc(reader->buf, size, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	reader->buf = buf;
	reader->size = size;
	return 0;
}

int line_reader_next(struct line_reader *reader, char **line, size_t *len, bool *newline)
{
	char *found;
	size_t seen = 0;
	ssize_t got;
	int err;

	for (;;) {
		*line = reader->buf + reader->start;
		*len = reader->end - reader->start;
		found = *len > seen ? memchr(*line + seen, '\n', *len - seen) : NULL;
		if (found || reader->at_eof)
			break;
		/* Bytes are not searched twice, or the time would grow with a line's square. */
		seen = *len;
		err = make_room(reader);
		if (err)
			return err;
		if (console_interrupted())
			return -EINTR;
		got = vfs_read(reader->file, reader->buf + reader->end,
			       reader->size - reader->end - 1);
		if (got < 0)
			return (int)got;
		reader->end += (size_t)got;
		reader->at_eof = !got;
	}
	if (newline)
		*newline = found;
	/* A last line without a newline counts, unless it is empty. */
	if (!found && !*len)
		return 0;
	if (found)
		*len = (size_t)(found - *line);
	(*line)[*len] = '\0';
	reader->start += *len + (found ? 1 : 0);
	return 1;
}
