/* SPDX-License-Identifier: MIT */
/*
 * Commands in the background: `LIST &`, and the commands jobs and kill. A list runs in a thread of
 * its own, "sh", as what a command runs does; the threads that it makes belong to its job. Ctrl-C
 * does not concern them. Instead kill sets a flag, which they poll as others poll Ctrl-C's.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/list.h"
#include "kernel/lib/string.h"
#include "kernel/lockdep.h"
#include "kernel/mm/mm.h"
#include "kernel/printk.h"
#include "kernel/sched/current.h"
#include "kernel/sched/job.h"
#include "kernel/sched/wait.h"
#include "kernel/shell/shell.h"

#define POLL_MS 10
#define SIGNAL_KILL 9
#define SIGNAL_TERM 15

struct background {
	struct job job;
	struct list_head node;		/* in the order of their numbers */
	unsigned int number;
	int signal;			/* that of kill, or 0 */
	bool told;			/* that it has ended */
	struct running_stage stage;
	char *argv[3];
	char text[];
};

static LIST_HEAD(all);
static DEFINE_MUTEX(jobs_lock);		/* the list, and what changes of a job */

static int run_sh(struct cmd_context *ctx)
{
	return shell_run(ctx->argv[1]);
}

static const struct shell_command sh = { .name = "sh", .run = run_sh };

static void release(struct job *job)
{
	struct background *bg = container_of(job, struct background, job);

	vfs_leave_working_dir(job->working_dir);
	kfree(bg);
}

static bool has_ended(const struct background *bg)
{
	return !task_function(bg->stage.task);
}

/* --- Lines about jobs --- */

/* What marks the job: the one that was started last, or the one before that. */
static char mark_of(const struct background *bg)
{
	if (bg->node.next == &all)
		return '+';
	return bg->node.next->next == &all ? '-' : ' ';
}

/* "[1]+  Running                 cat trace_pipe > f &" */
static void format_job(const struct background *bg, bool ended, char *line, size_t size)
{
	int status = ended ? shell_stage_status(&bg->stage) : 0;
	char state[16];

	lockdep_assert_held(&jobs_lock);
	if (!ended)
		strscpy(state, "Running", sizeof(state));
	else if (bg->signal)
		strscpy(state, bg->signal == SIGNAL_KILL ? "Killed" : "Terminated", sizeof(state));
	else if (status)
		scnprintf(state, sizeof(state), "Exit %d", status);
	else
		strscpy(state, "Done", sizeof(state));
	scnprintf(line, size, "[%u]%c  %-23s %s%s\n", bg->number, mark_of(bg), state, bg->text,
		  ended ? "" : " &");
}

/* Forget a job that has ended, after its line was printed. */
static void forget(struct background *bg)
{
	lockdep_assert_held(&jobs_lock);
	kthread_join(bg->stage.task);
	list_del_init(&bg->node);
	job_put(&bg->job);
}

/*
 * Call @print for each job, or only those that have ended, and forget the ones that have. Lines are
 * long, hence in allocated memory; without any, the jobs stay in the list.
 */
static void report(bool all_jobs, void (*print)(void *arg, const char *line), void *arg)
{
	const size_t size = SHELL_LINE_MAX + 64;
	struct background *bg, *next;
	char *line;
	bool ended;

	mutex_lock(&jobs_lock);
	line = list_empty(&all) ? NULL : kmalloc(size, GFP_KERNEL);
	/* First all lines and then the changes of the list, on which the marks depend. */
	list_for_each_entry(bg, &all, node) {
		ended = has_ended(bg);
		if (line && (all_jobs || ended)) {
			format_job(bg, ended, line, size);
			print(arg, line);
			bg->told = ended;
		}
	}
	list_for_each_entry_safe(bg, next, &all, node)
		if (bg->told)
			forget(bg);
	mutex_unlock(&jobs_lock);
	kfree(line);
}

static void print_on_console(void *arg, const char *line)
{
	console_write(line, strlen(line));
}

void shell_report_jobs(void)
{
	report(false, print_on_console, NULL);
}

static void print_as_output(void *arg, const char *line)
{
	cmd_write(arg, line, strlen(line));
}

static int run_jobs(struct cmd_context *ctx)
{
	if (ctx->argc > 1)
		return cmd_usage(ctx);
	report(true, print_as_output, ctx);
	return 0;
}
SHELL_COMMAND(jobs, "jobs", "List the commands in the background: those started with &.", run_jobs);

/* --- Starting --- */

static struct background *make_job(const char *text, size_t len)
{
	struct background *bg = kzalloc(sizeof(*bg) + len + 1, GFP_KERNEL);

	if (!bg)
		return NULL;
	memcpy(bg->text, text, len);
	INIT_LIST_HEAD(&bg->node);
	bg->argv[0] = "sh";
	bg->argv[1] = bg->text;
	bg->stage.command = &sh;
	bg->stage.ctx.argc = 2;
	bg->stage.ctx.argv = bg->argv;
	bg->job = (struct job){ .usage = 1, .release = release };
	/* From here on its own, so that a later `cd` on the console does not lead it elsewhere. */
	bg->job.working_dir = vfs_share_working_dir();
	return bg;
}

static void add_job(struct background *bg)
{
	struct background *other, *next;

	mutex_lock(&jobs_lock);
	/* In a script nobody is told of a job's end: those that have ended are forgotten here. */
	list_for_each_entry_safe(other, next, &all, node)
		if (!shell_is_interactive() && has_ended(other))
			forget(other);
	bg->number = 1;
	if (!list_empty(&all))
		bg->number += list_entry(all.prev, struct background, node)->number;
	list_add_tail(&bg->node, &all);
	mutex_unlock(&jobs_lock);
}

int shell_run_background(const char *text, const char *end)
{
	struct task_struct *task;
	struct background *bg;
	char line[32];

	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	bg = make_job(text, (size_t)(end - text));
	if (!bg)
		return shell_no_memory();
	task = shell_stage_open_output(&bg->stage) ? NULL : shell_stage_create(&bg->stage);
	if (!task) {
		job_put(&bg->job);
		return 1;
	}
	/* It was made as one of its creator's job, which may be none. */
	task_set_job(task, &bg->job);
	add_job(bg);
	scnprintf(line, sizeof(line), "[%u] %d\n", bg->number, (int)task->pid);
	/* Before it runs, since it may print, and may be forgotten once it has ended. */
	if (shell_is_interactive())
		console_write(line, strlen(line));
	wake_up_process(task);
	return 0;
}

/* --- kill --- */

struct pid_search {
	pid_t pid;
	struct job *job;
};

static int match_pid(struct task_struct *task, void *arg)
{
	struct pid_search *search = arg;

	if (task->pid != search->pid)
		return 0;
	/* With a reference, because the thread may end once the list of threads is unlocked. */
	search->job = job_get(task->job);
	return 1;
}

/*
 * The job that the thread @pid belongs to, with a reference; ERR_PTR(-ESRCH) without such a thread,
 * or -EPERM if it belongs to none.
 */
static struct background *find_pid(unsigned long pid)
{
	struct pid_search search = { .pid = (pid_t)pid };

	if (!pid || pid >= PID_MAX || !for_each_thread(match_pid, &search))
		return ERR_PTR(-ESRCH);
	return search.job ? container_of(search.job, struct background, job) : ERR_PTR(-EPERM);
}

static struct background *find_number(unsigned long number)
{
	struct background *bg;

	lockdep_assert_held(&jobs_lock);
	list_for_each_entry(bg, &all, node) {
		if (bg->number == number) {
			job_get(&bg->job);
			return bg;
		}
	}
	return ERR_PTR(-ENOENT);
}

/* A job that was forgotten has ended, and its thread's task_struct may be gone. */
static bool is_running(const struct background *bg)
{
	lockdep_assert_held(&jobs_lock);
	return !list_empty(&bg->node) && !has_ended(bg);
}

static void wait_for_end(const struct background *bg)
{
	bool running;

	do {
		msleep(POLL_MS);
		mutex_lock(&jobs_lock);
		running = is_running(bg);
		mutex_unlock(&jobs_lock);
	} while (running && !console_interrupted());
}

static int kill_failed(struct cmd_context *ctx, const char *operand, int err)
{
	if (err == -EPERM)
		return cmd_error(ctx, "%.64s: not in the background", operand);
	return cmd_error(ctx, "%.64s: no such %s", operand, err == -ENOENT ? "job" : "process");
}

/* Returns when it has ended and so has closed its files: what uses them can be changed then. */
static int kill_one(struct cmd_context *ctx, const char *operand, int signal)
{
	bool is_number = *operand == '%', running;
	struct background *bg;
	unsigned long number;

	if (kstrtoul(operand + is_number, 10, &number))
		return cmd_error(ctx, "%.64s: neither a PID nor a %%JOB", operand);
	/* With a reference to it, the job is there for as long as its end is awaited. */
	mutex_lock(&jobs_lock);
	bg = is_number ? find_number(number) : find_pid(number);
	running = !IS_ERR(bg) && is_running(bg);
	if (running) {
		bg->signal = signal;
		WRITE_ONCE(bg->job.killed, true);
	}
	mutex_unlock(&jobs_lock);
	if (IS_ERR(bg))
		return kill_failed(ctx, operand, (int)PTR_ERR(bg));
	if (!running) {
		job_put(&bg->job);
		return kill_failed(ctx, operand, -ESRCH);
	}
	wait_for_end(bg);
	job_put(&bg->job);
	return console_interrupted() ? SHELL_STATUS_INTERRUPTED : 0;
}

static int run_kill(struct cmd_context *ctx)
{
	struct cmd_options opts = { 0 };
	long long signal = SIGNAL_TERM;
	int option, status = 0, i;

	while ((option = cmd_option(ctx, &opts, "#")) > 0) {
		signal = cmd_number(ctx, opts.value, 64);
		if (signal < 0)
			return 1;
		/* Threads only poll for their end, so nothing else could be sent to them. */
		if (signal != SIGNAL_KILL && signal != SIGNAL_TERM)
			return cmd_error(ctx, "-%lld: there are only 9 and 15, which do the same",
					 signal);
	}
	if (option < 0)
		return 1;
	if (opts.index >= ctx->argc)
		return cmd_usage(ctx);
	for (i = opts.index; i < ctx->argc && !console_interrupted(); i++)
		status = max(status, kill_one(ctx, ctx->argv[i], (int)signal));
	return status;
}
SHELL_COMMAND(kill, "kill [-9] PID|%JOB...",
	      "End jobs in the background, by number or by any of their threads, and wait for it.",
	      run_kill);
