/* SPDX-License-Identifier: MIT */
/*
 * Threads that wait for each other in every way there is: two play ball over a wait queue, two
 * compete for a mutex, and one answers requests by completions.
 */
#include "kernel/lib/errno.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/sched/wait.h"
#include "samples/workload/workload.h"

enum { PLAYER_0, PLAYER_1, RIVAL_0, RIVAL_1, SERVER, NR_THREADS };

struct sched_load {
	struct task_struct *threads[NR_THREADS];
	wait_queue_head_t table;
	unsigned int ball;			/* the player whose turn it is */
	struct mutex prize;
	bool prize_taken;
	struct completion request, reply;
	unsigned long passes, fights, requests, errors;
};

static bool my_turn(const struct sched_load *load, unsigned int me)
{
	return READ_ONCE(load->ball) == me || kthread_should_stop();
}

static void play(struct sched_load *load, unsigned int me)
{
	while (!kthread_should_stop()) {
		wait_event(load->table, my_turn(load, me));
		if (READ_ONCE(load->ball) != me)
			continue;
		load->passes++;
		WRITE_ONCE(load->ball, !me);
		wake_up(&load->table);
	}
}

static int player_0(void *data)
{
	play(data, 0);
	return 0;
}

static int player_1(void *data)
{
	play(data, 1);
	return 0;
}

static void hold_prize(struct sched_load *load)
{
	if (load->prize_taken)
		load->errors++;
	load->prize_taken = true;
	yield();			/* lets the other thread find the mutex taken */
	load->prize_taken = false;
	load->fights++;
}

static int rival(void *data)
{
	struct sched_load *load = data;

	while (!kthread_should_stop()) {
		mutex_lock(&load->prize);
		hold_prize(load);
		mutex_unlock(&load->prize);
		yield();
	}
	return 0;
}

/* It is also woken with a request when it is to stop: see sched_stop(). */
static int server(void *data)
{
	struct sched_load *load = data;

	for (;;) {
		wait_for_completion(&load->request);
		if (kthread_should_stop())
			return 0;
		load->requests++;
		complete(&load->reply);
	}
}

static int sched_start(struct sched_load *load)
{
	static int (*const functions[NR_THREADS])(void *) = {
		player_0, player_1, rival, rival, server,
	};
	static const char *const names[NR_THREADS] = {
		"player/0", "player/1", "rival/0", "rival/1", "server",
	};
	unsigned int n;

	init_waitqueue_head(&load->table);
	mutex_init(&load->prize);
	init_completion(&load->request);
	init_completion(&load->reply);
	for (n = 0; n < NR_THREADS; n++) {
		struct task_struct *task = kthread_run(functions[n], load, "%s", names[n]);

		/* Those that run already are ended by sched_stop(), which skips the others. */
		if (IS_ERR(task))
			return (int)PTR_ERR(task);
		load->threads[n] = task;
	}
	return 0;
}

/*
 * The server is not stopped by kthread_stop() alone: a wake-up does not end wait_for_completion().
 */
static void sched_stop(struct sched_load *load)
{
	unsigned int n;

	for (n = 0; n < SERVER; n++)
		if (load->threads[n])
			kthread_stop(load->threads[n]);
	if (load->threads[SERVER]) {
		WRITE_ONCE(load->threads[SERVER]->should_stop, true);
		complete(&load->request);
		kthread_join(load->threads[SERVER]);
	}
}

static int run_sched(struct workload_run *run)
{
	struct sched_load load;
	int err;

	memset(&load, 0, sizeof(load));
	err = sched_start(&load);
	while (!err && !workload_over(run)) {
		complete(&load.request);
		wait_for_completion(&load.reply);
		/* The others are of the same priority: each gets its turn on one CPU as well. */
		yield();
	}
	sched_stop(&load);
	if (err) {
		scnprintf(run->report, sizeof(run->report), "no thread");
		return err;
	}
	scnprintf(run->report, sizeof(run->report),
		  "%lu passes of a ball, %lu turns with a mutex, %lu requests answered",
		  load.passes, load.fights, load.requests);
	return load.errors ? -EIO : 0;
}

const struct workload workload_sched = {
	"sched", "threads, locks, wake-ups, completions", run_sched,
};
