/* SPDX-License-Identifier: MIT */
/*
 * Runs pipelines. Every stage is a command in a thread of its own, which has the command's name, so
 * that it can be recognised in traces and /proc/threads. A stage closes its files when it ends, and
 * so ends its neighbours: the reader of its output gets end of file, the writer of its input
 * -EPIPE.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/shell/shell.h"

struct running {
	unsigned int nr_stages;
	struct running_stage stages[SHELL_STAGES_MAX];
};

static int script_status;	/* the first one that was not 0 */
static int last_status;		/* what $? stands for, except in what a command runs */
static bool interactive;

static int stage_thread(void *data);

struct cmd_context *shell_current_command(void)
{
	struct running_stage *stage = current->thread_data;

	return current->thread_fn == stage_thread ? &stage->ctx : NULL;
}

int shell_script_status(void)
{
	return script_status;
}

void shell_set_interactive(void)
{
	interactive = true;
}

bool shell_is_interactive(void)
{
	return interactive;
}

bool cmd_is_interactive(const struct cmd_context *ctx)
{
	const struct file *out = ctx->out;

	return interactive && out && !ctx->out_name && !strcmp(inode_name(out->inode), "console");
}

const struct shell_command *shell_find_command(const char *name)
{
	const struct shell_command *cmd;

	for (cmd = __start_shell_commands; cmd < __stop_shell_commands; cmd++)
		if (!strcmp(cmd->name, name))
			return cmd;
	return NULL;
}

const struct shell_command *shell_next_command(const char *name)
{
	const struct shell_command *cmd, *next = NULL;

	for (cmd = __start_shell_commands; cmd < __stop_shell_commands; cmd++)
		if ((!name || strcmp(cmd->name, name) > 0) &&
		    (!next || strcmp(cmd->name, next->name) < 0))
			next = cmd;
	return next;
}

/* --- Output of commands --- */

void cmd_write_error(struct cmd_context *ctx, const char *buf, size_t len)
{
	ssize_t done = ctx->err ? vfs_write(ctx->err, buf, len) : 0;

	/* An error that its file has no room for is not lost; one that nobody wants to read is. */
	if (!ctx->err || (done < 0 && done != -EPIPE))
		console_write(buf, len);
}

int cmd_error(struct cmd_context *ctx, const char *fmt, ...)
{
	char text[256];
	va_list args;
	size_t len;

	ctx->nr_errors++;
	len = (size_t)scnprintf(text, sizeof(text), "%.40s: ", ctx->argv[0] ? ctx->argv[0] : "sh");
	va_start(args, fmt);
	len += (size_t)vscnprintf(text + len, sizeof(text) - len, fmt, args);
	va_end(args);
	/* A long name from the command line may have filled the buffer; keep room for a newline. */
	text[min(len, sizeof(text) - 2)] = '\n';
	cmd_write_error(ctx, text, min(len, sizeof(text) - 2) + 1);
	return 1;
}

/* Note the error. -EPIPE and -EINTR end the command as well, but are no failures to report. */
static void output_failed(struct cmd_context *ctx, int err)
{
	ctx->out_error = err;
	if (err != -EPIPE && err != -EINTR)
		cmd_error(ctx, "%.128s: %s", ctx->out_name ? ctx->out_name : "write error",
			  errno_string(err));
}

void cmd_write(struct cmd_context *ctx, const char *buf, size_t len)
{
	ssize_t done;

	while (len && !ctx->out_error) {
		done = vfs_write(ctx->out, buf, len);
		if (done <= 0) {
			output_failed(ctx, done ? (int)done : -EIO);
			break;
		}
		buf += done;
		len -= (size_t)done;
	}
}

void cmd_printf(struct cmd_context *ctx, const char *fmt, ...)
{
	char text[256], *buf = text;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (len >= (int)sizeof(text)) {
		/* Memory is allocated only for a long text, so that it need not be cut. */
		buf = kmalloc((size_t)len + 1, GFP_KERNEL);
		if (!buf) {
			output_failed(ctx, -ENOMEM);
			return;
		}
		va_start(args, fmt);
		vsnprintf(buf, (size_t)len + 1, fmt, args);
		va_end(args);
	}
	cmd_write(ctx, buf, (size_t)len);
	if (buf != text)
		kfree(buf);
}

/* --- Stages --- */

static int close_file(struct file **file)
{
	int err = *file ? vfs_close(*file) : 0;

	*file = NULL;
	return err;
}

/* Closing the output may give one more error: some tracefs files act on a write only then. */
static void stage_close(struct running_stage *stage)
{
	int err;

	close_file(&stage->ctx.in);
	/* After 2>&1 the last reference must be that of the output, which tells the error. */
	if (stage->ctx.err == stage->ctx.out)
		close_file(&stage->ctx.err);
	err = close_file(&stage->ctx.out);
	if (err && !stage->ctx.out_error)
		output_failed(&stage->ctx, err);
	close_file(&stage->ctx.err);
}

int shell_stage_status(const struct running_stage *stage)
{
	if (stage->status)
		return stage->status;
	return stage->ctx.nr_errors ? 1 : 0;
}

static int stage_thread(void *data)
{
	struct running_stage *stage = data;

	if (stage->command)
		stage->status = stage->command->run(&stage->ctx);
	stage_close(stage);
	return 0;
}

static int open_failed(struct running_stage *stage, const char *path, int err)
{
	return cmd_error(&stage->ctx, "%.128s: %s", path, errno_string(err));
}

static struct file *open_output(const char *path, bool append)
{
	return vfs_open(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0644);
}

/* Open the files after `<`, `2>` and `>`: 0, or 1 with the error printed. */
static int open_redirections(struct running_stage *stage, const struct shell_stage *source)
{
	struct cmd_context *ctx = &stage->ctx;
	struct file *file;

	if (source->in_path) {
		file = vfs_open(source->in_path, O_RDONLY, 0);
		if (IS_ERR(file))
			return open_failed(stage, source->in_path, (int)PTR_ERR(file));
		ctx->in = file;
	}
	/* After the input, so that if that is missing, the output files are not emptied. */
	if (source->err_path) {
		file = open_output(source->err_path, source->err_append);
		if (IS_ERR(file))
			return open_failed(stage, source->err_path, (int)PTR_ERR(file));
		ctx->err = file;
	}
	if (source->out_path) {
		file = open_output(source->out_path, source->append);
		if (IS_ERR(file))
			return open_failed(stage, source->out_path, (int)PTR_ERR(file));
		ctx->out = file;
		ctx->out_name = source->out_path;
	}
	return 0;
}

int shell_stage_open_output(struct running_stage *stage)
{
	struct cmd_context *outer = shell_current_command();
	struct file *file = outer && outer->out ? vfs_get(outer->out) : console_open();

	if (IS_ERR(file))
		return cmd_error(&stage->ctx, "%s", errno_string((int)PTR_ERR(file)));
	stage->ctx.out = file;
	if (outer)
		stage->ctx.out_name = outer->out_name;
	return 0;
}

/*
 * Open what is not redirected, the pipes being open: the first input, the last output, and where
 * errors go. They are those of the command that runs this pipeline (such as `trace`), or the
 * console.
 */
static int open_rest(struct running *run, const struct shell_pipeline *p)
{
	struct running_stage *first = &run->stages[0], *last = &run->stages[run->nr_stages - 1];
	struct cmd_context *outer = shell_current_command();

	if (!first->ctx.in && outer && outer->in)
		first->ctx.in = vfs_get(outer->in);
	if (!last->ctx.out && shell_stage_open_output(last))
		return 1;
	for (unsigned int i = 0; i < run->nr_stages; i++) {
		struct cmd_context *ctx = &run->stages[i].ctx;

		if (p->stages[i].err_to_out)
			ctx->err = vfs_get(ctx->out);
		else if (!ctx->err && outer && outer->err)
			ctx->err = vfs_get(outer->err);
	}
	return 0;
}

static int open_pipes(struct running *run)
{
	struct file *ends[2];
	unsigned int i;
	int err;

	for (i = 1; i < run->nr_stages; i++) {
		err = vfs_pipe(ends);
		if (err)
			return cmd_error(&run->stages[i].ctx, "pipe: %s", errno_string(err));
		run->stages[i].ctx.in = ends[0];
		run->stages[i - 1].ctx.out = ends[1];
	}
	return 0;
}

/* Find the commands and open the files: 0, or the exit status, and then nothing is run. */
static int prepare(struct running *run, const struct shell_pipeline *p)
{
	struct running_stage *stage;
	unsigned int i;

	run->nr_stages = p->nr_stages;
	for (i = 0; i < run->nr_stages; i++) {
		stage = &run->stages[i];
		stage->ctx.argc = p->stages[i].argc;
		stage->ctx.argv = p->stages[i].argv;
		if (!stage->ctx.argc)
			continue;
		stage->command = shell_find_command(stage->ctx.argv[0]);
		if (!stage->command) {
			cmd_error(&stage->ctx, "command not found");
			return SHELL_STATUS_NOT_FOUND;
		}
	}
	/* Files are opened after all commands were found, so that a misspelled one empties none. */
	for (i = 0; i < run->nr_stages; i++)
		if (open_redirections(&run->stages[i], &p->stages[i]))
			return 1;
	return open_pipes(run) || open_rest(run, p);
}

struct task_struct *shell_stage_create(struct running_stage *stage)
{
	struct task_struct *task = kthread_create(stage_thread, stage, "%s", stage->command ?
						  stage->command->name : "sh");

	if (!IS_ERR(task)) {
		stage->task = task;
		return task;
	}
	cmd_error(&stage->ctx, "cannot start: %s", errno_string((int)PTR_ERR(task)));
	stage_close(stage);
	return NULL;
}

/*
 * The status of the last stage, or if that is 0, of the first stage that printed an error. So a
 * pipe does not hide a failure, and yet `grep nothing file | wc -l` succeeds.
 */
static int running_status(const struct running *run)
{
	int status = shell_stage_status(&run->stages[run->nr_stages - 1]);
	unsigned int i;

	for (i = 0; i < run->nr_stages && !status; i++)
		if (run->stages[i].ctx.nr_errors)
			status = shell_stage_status(&run->stages[i]);
	return status;
}

int shell_no_memory(void)
{
	static const char text[] = "sh: Cannot allocate memory\n";

	console_write(text, sizeof(text) - 1);
	return 1;
}

static int run_pipeline(struct shell_pipeline *p)
{
	struct running *run = kzalloc(sizeof(*run), GFP_KERNEL);
	unsigned int i;
	int status;

	if (!run)
		return shell_no_memory();
	status = prepare(run, p);
	if (status) {
		for (i = 0; i < run->nr_stages; i++)
			stage_close(&run->stages[i]);
	} else {
		for (i = 0; i < run->nr_stages; i++)
			if (shell_stage_create(&run->stages[i]))
				wake_up_process(run->stages[i].task);
		/* Waiting begins when all are started, since the stages wait for each other. */
		for (i = 0; i < run->nr_stages; i++)
			if (run->stages[i].task)
				kthread_join(run->stages[i].task);
		status = running_status(run);
	}
	kfree(run);
	return status;
}

int shell_exec(struct cmd_context *ctx, int argc, char **argv)
{
	struct shell_pipeline *p;
	int status;

	if (argc < 1 || !shell_find_command(argv[0])) {
		cmd_error(ctx, "%.128s: command not found", argc < 1 ? "" : argv[0]);
		return SHELL_STATUS_NOT_FOUND;
	}
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return cmd_error(ctx, "%s", errno_string(-ENOMEM));
	/* @argv belongs to the caller and stays valid until this returns. */
	p->nr_stages = 1;
	p->stages[0] = (struct shell_stage){ .argc = argc, .argv = argv };
	status = run_pipeline(p);
	kfree(p);
	return status;
}

/* Print the error, with its line number if the script has several lines. @script is line @line. */
static void syntax_error(const char *script, unsigned int line, const struct shell_pipeline *p)
{
	char text[sizeof(p->error) + 32];
	bool numbered = line || strchr(script, '\n');
	size_t len = 0;

	for (line = max(line, 1u); script < p->error_at; script++)
		line += *script == '\n';
	if (numbered)
		len = (size_t)scnprintf(text, sizeof(text), "sh: line %u: %s\n", line, p->error);
	else
		len = (size_t)scnprintf(text, sizeof(text), "sh: %s\n", p->error);
	console_write(text, len);
}

/*
 * Parse the list at *@at, move *@at past it, and tell where it begins; @p is then its last
 * pipeline. Returns what shell_parse() does.
 */
static int parse_list(const char **at, int status, struct shell_pipeline *p, const char **begin)
{
	int ret = shell_parse(at, status, p);

	*begin = p->source;
	while (ret > 0 && p->end >= SHELL_END_AND)
		ret = shell_parse(at, status, p);
	return ret;
}

static int expand_and_run(struct shell_pipeline *p)
{
	struct shell_expansion expansion;
	int status = shell_expand(p, &expansion);

	if (!status)
		status = run_pipeline(p);
	shell_expansion_free(&expansion);
	return console_interrupted() ? SHELL_STATUS_INTERRUPTED : status;
}

/*
 * Run the list at *@script and move *@script past it; *@status is that of the last command, before
 * and after. Nothing is run if there is a syntax error in it. Returns what shell_parse() does.
 */
static int run_list(const char **script, int *status, struct shell_pipeline *p)
{
	const char *end = *script, *at;
	int ret = parse_list(&end, *status, p, &at);
	bool wanted = true;

	*script = end;
	if (ret > 0 && p->end == SHELL_END_BACKGROUND) {
		*status = shell_run_background(at, p->source_end);
		return ret;
	}
	/* Parsed again one by one, because $? stands for a status that is known only then. */
	while (ret > 0 && at < end && !console_interrupted()) {
		ret = shell_parse(&at, *status, p);
		if (ret > 0 && wanted)
			*status = expand_and_run(p);
		wanted = p->end == SHELL_END_AND ? !*status : *status;
		/* This error can only be a $? that makes a line too long, which is skipped. */
		if (ret < 0)
			*script = at;
	}
	return ret;
}

static int run_script(const char *script, unsigned int line, struct shell_pipeline *p)
{
	bool outermost = !shell_current_command();
	int own_status = 0, *last = outermost ? &last_status : &own_status;
	const char *start = script;
	int status = 0, ret;

	/* A later part of a script continues with the status of the parts before it. */
	if (outermost && line <= 1)
		script_status = 0;
	while ((ret = run_list(&script, last, p)) != 0) {
		if (ret < 0) {
			syntax_error(start, line, p);
			*last = SHELL_STATUS_SYNTAX;
		}
		if (!status)
			status = *last;
		if (outermost && !script_status)
			script_status = *last;
		if (console_interrupted())
			return SHELL_STATUS_INTERRUPTED;
	}
	return status;
}

int shell_run_lines(const char *script, unsigned int line)
{
	struct shell_pipeline *p = kmalloc(sizeof(*p), GFP_KERNEL);
	int status;

	if (!p)
		return shell_no_memory();
	status = run_script(script, line, p);
	kfree(p);
	return status;
}

int shell_run(const char *script)
{
	return shell_run_lines(script, 0);
}
