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

struct running_stage {
	struct cmd_context ctx;
	const struct shell_command *command;	/* NULL if there are only redirections */
	struct task_struct *task;
	int status;
};

struct job {
	unsigned int nr_stages;
	struct running_stage stages[SHELL_STAGES_MAX];
};

static int script_status;
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
	console_write(text, min(len, sizeof(text) - 2) + 1);
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

/* Closing the output may give one more error: some tracefs files act on a write only then. */
static void stage_close(struct running_stage *stage)
{
	int err;

	if (stage->ctx.in)
		vfs_close(stage->ctx.in);
	stage->ctx.in = NULL;
	if (!stage->ctx.out)
		return;
	err = vfs_close(stage->ctx.out);
	stage->ctx.out = NULL;
	if (err && !stage->ctx.out_error)
		output_failed(&stage->ctx, err);
}

static int stage_status(const struct running_stage *stage)
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

/* Open the files after `<`, `>` and `>>`: 0, or 1 with the error printed. */
static int open_redirections(struct running_stage *stage, const struct shell_stage *source)
{
	struct file *file;

	if (source->in_path) {
		file = vfs_open(source->in_path, O_RDONLY, 0);
		if (IS_ERR(file))
			return open_failed(stage, source->in_path, (int)PTR_ERR(file));
		stage->ctx.in = file;
	}
	if (source->out_path) {
		/* After the input, so that if that is missing, the output file is not emptied. */
		file = vfs_open(source->out_path,
				O_WRONLY | O_CREAT | (source->append ? O_APPEND : O_TRUNC), 0644);
		if (IS_ERR(file))
			return open_failed(stage, source->out_path, (int)PTR_ERR(file));
		stage->ctx.out = file;
		stage->ctx.out_name = source->out_path;
	}
	return 0;
}

/*
 * Open the first input and the last output if they are not redirected: those of the command that
 * runs this pipeline, or for the output the console.
 */
static int open_ends(struct job *job)
{
	struct running_stage *first = &job->stages[0], *last = &job->stages[job->nr_stages - 1];
	struct cmd_context *outer = shell_current_command();
	struct file *file;

	/* If a command such as `trace` runs this pipeline, its files are used. */
	if (!first->ctx.in && outer && outer->in)
		first->ctx.in = vfs_get(outer->in);
	if (last->ctx.out)
		return 0;
	file = outer && outer->out ? vfs_get(outer->out) : console_open();
	if (IS_ERR(file))
		return cmd_error(&last->ctx, "%s", errno_string((int)PTR_ERR(file)));
	last->ctx.out = file;
	if (outer)
		last->ctx.out_name = outer->out_name;
	return 0;
}

static int open_pipes(struct job *job)
{
	struct file *ends[2];
	unsigned int i;
	int err;

	for (i = 1; i < job->nr_stages; i++) {
		err = vfs_pipe(ends);
		if (err)
			return cmd_error(&job->stages[i].ctx, "pipe: %s", errno_string(err));
		job->stages[i].ctx.in = ends[0];
		job->stages[i - 1].ctx.out = ends[1];
	}
	return 0;
}

/* Find the commands and open the files: 0, or the exit status, and then nothing is run. */
static int prepare_job(struct job *job, const struct shell_pipeline *p)
{
	struct running_stage *stage;
	unsigned int i;

	job->nr_stages = p->nr_stages;
	for (i = 0; i < job->nr_stages; i++) {
		stage = &job->stages[i];
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
	for (i = 0; i < job->nr_stages; i++)
		if (open_redirections(&job->stages[i], &p->stages[i]))
			return 1;
	return open_pipes(job) || open_ends(job);
}

static void start_stage(struct running_stage *stage)
{
	struct task_struct *task;

	task = kthread_create(stage_thread, stage, "%s",
			      stage->command ? stage->command->name : "sh");
	if (!IS_ERR(task)) {
		stage->task = task;
		wake_up_process(task);
		return;
	}
	cmd_error(&stage->ctx, "cannot start: %s", errno_string((int)PTR_ERR(task)));
	stage_close(stage);
}

/*
 * The status of the last stage, or if that is 0, of the first stage that printed an error. So a
 * pipe does not hide a failure, and yet `grep nothing file | wc -l` succeeds.
 */
static int job_status(const struct job *job)
{
	int status = stage_status(&job->stages[job->nr_stages - 1]);
	unsigned int i;

	for (i = 0; i < job->nr_stages && !status; i++)
		if (job->stages[i].ctx.nr_errors)
			status = stage_status(&job->stages[i]);
	return status;
}

static int run_pipeline(struct shell_pipeline *p)
{
	struct job *job = kzalloc(sizeof(*job), GFP_KERNEL);
	unsigned int i;
	int status;

	if (!job) {
		console_write("sh: Cannot allocate memory\n", 27);
		return 1;
	}
	status = prepare_job(job, p);
	if (status) {
		for (i = 0; i < job->nr_stages; i++)
			stage_close(&job->stages[i]);
	} else {
		for (i = 0; i < job->nr_stages; i++)
			start_stage(&job->stages[i]);
		/* Waiting begins when all are started, since the stages wait for each other. */
		for (i = 0; i < job->nr_stages; i++)
			if (job->stages[i].task)
				kthread_join(job->stages[i].task);
		status = job_status(job);
	}
	kfree(job);
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

static int run_script(const char *script, unsigned int line, struct shell_pipeline *p)
{
	bool outermost = !shell_current_command();
	struct shell_expansion expansion;
	const char *start = script;
	int status = 0, ret;

	/* A later part of a script continues with the status of the parts before it. */
	if (outermost && line <= 1)
		script_status = 0;
	while ((ret = shell_parse(&script, p)) != 0) {
		if (ret > 0) {
			ret = shell_expand(p, &expansion);
			if (!ret)
				ret = run_pipeline(p);
			shell_expansion_free(&expansion);
		} else {
			syntax_error(start, line, p);
			ret = SHELL_STATUS_SYNTAX;
		}
		if (!status)
			status = ret;
		if (outermost && !script_status)
			script_status = ret;
		if (console_interrupted())
			return SHELL_STATUS_INTERRUPTED;
	}
	return status;
}

int shell_run_lines(const char *script, unsigned int line)
{
	struct shell_pipeline *p = kmalloc(sizeof(*p), GFP_KERNEL);
	int status;

	if (!p) {
		console_write("sh: Cannot allocate memory\n", 27);
		return 1;
	}
	status = run_script(script, line, p);
	kfree(p);
	return status;
}

int shell_run(const char *script)
{
	return shell_run_lines(script, 0);
}
