/* SPDX-License-Identifier: MIT */
/*
 * The first process of the measurement, without a libc or a shell. It mounts what it needs, drives
 * /proc/peerbench and tracefs, prints lines "PEER ...", and switches the machine off. "peern=" and
 * "peerreps=" on the kernel's command line arrive in its environment.
 */
typedef unsigned long ul;
typedef unsigned long long u64;

#ifdef __i386__
enum { NR_exit = 1, NR_read = 3, NR_write = 4, NR_open = 5, NR_close = 6,
       NR_mount = 21, NR_mkdir = 39, NR_getppid = 64, NR_reboot = 88 };
static long sc(long n, long a, long b, long c, long d, long e)
{
	long r;

	asm volatile("int $0x80" : "=a"(r)
		     : "a"(n), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
	return r;
}
static inline u64 clk(void)
{
	unsigned int lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi) :: "memory");
	return ((u64)hi << 32) | lo;
}
asm(".globl _start\n_start:\n xor %ebp,%ebp\n mov %esp,%eax\n and $-16,%esp\n"
    " sub $12,%esp\n push %eax\n call cmain\n hlt\n");
static int sys_open(const char *p, int fl) { return sc(NR_open, (long)p, fl, 0644, 0, 0); }
static int sys_mkdir(const char *p) { return sc(NR_mkdir, (long)p, 0755, 0, 0, 0); }
#define O_TRUNC_ 01000
#else
enum { NR_exit = 93, NR_read = 63, NR_write = 64, NR_openat = 56, NR_close = 57,
       NR_mount = 40, NR_mkdirat = 34, NR_getppid = 173, NR_reboot = 142 };
static long sc(long n, long a, long b, long c, long d, long e)
{
	register long x8 asm("x8") = n;
	register long x0 asm("x0") = a;
	register long x1 asm("x1") = b;
	register long x2 asm("x2") = c;
	register long x3 asm("x3") = d;
	register long x4 asm("x4") = e;

	asm volatile("svc #0" : "+r"(x0)
		     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
/*
 * The timer runs at 62.5 MHz, so a step is 16 ns, and a nanosecond is an instruction under -icount
 * shift=0.
 */
static inline u64 clk(void)
{
	u64 v;

	asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(v) :: "memory");
	return v * 16;
}
asm(".globl _start\n_start:\n mov x29, #0\n mov x0, sp\n bl cmain\n brk #1\n");
static int sys_open(const char *p, int fl) { return sc(NR_openat, -100, (long)p, fl, 0644, 0); }
static int sys_mkdir(const char *p) { return sc(NR_mkdirat, -100, (long)p, 0755, 0, 0); }
#define O_TRUNC_ 01000
#endif

static ul len(const char *s) { ul n = 0; while (s[n]) n++; return n; }

static void put(const char *s) { sc(NR_write, 1, (long)s, len(s), 0, 0); }

static char line[512];
static ul lp;
static void ps(const char *s) { while (*s && lp < sizeof(line) - 2) line[lp++] = *s++; }
static void pu(u64 v)
{
	char b[24];
	int i = 24;

	b[--i] = 0;
	do { b[--i] = '0' + v % 10; v /= 10; } while (v);
	ps(b + i);
}
static void flush(void) { line[lp++] = '\n'; line[lp] = 0; put(line); lp = 0; }

static u64 num(const char **p)
{
	u64 v = 0;

	while (**p == ' ')
		(*p)++;
	while (**p >= '0' && **p <= '9')
		v = v * 10 + (*(*p)++ - '0');
	return v;
}

#define T "/sys/kernel/tracing/"

static long wr(const char *path, const char *s, int flags)
{
	int fd = sys_open(path, 1 | flags);
	long r;

	if (fd < 0) {
		ps("PEER fail open "); ps(path); ps(" "); pu(-fd); flush();
		return fd;
	}
	r = len(s) ? sc(NR_write, fd, (long)s, len(s), 0, 0) : 0;
	sc(NR_close, fd, 0, 0, 0, 0);
	if (r < 0) {
		ps("PEER fail write "); ps(path); ps(" "); ps(s); ps(" "); pu(-r); flush();
	}
	return r;
}

static char big[65536];

static void show(const char *tag, const char *path)
{
	int fd = sys_open(path, 0);
	long r;

	ps("PEER file "); ps(tag); flush();
	if (fd < 0) { put("  (absent)\n"); return; }
	while ((r = sc(NR_read, fd, (long)big, sizeof(big) - 1, 0, 0)) > 0)
		sc(NR_write, 1, (long)big, r, 0, 0);
	sc(NR_close, fd, 0, 0, 0, 0);
	put("\n");
}

/* Print the first lines of a file that begin with one of the given words. */
static void grep(const char *tag, const char *path, const char **w)
{
	int fd = sys_open(path, 0);
	long r, i = 0, j, k;

	if (fd < 0)
		return;
	r = sc(NR_read, fd, (long)big, sizeof(big) - 1, 0, 0);
	sc(NR_close, fd, 0, 0, 0, 0);
	if (r < 0)
		return;
	big[r] = 0;
	ps("PEER "); ps(tag);
	while (i < r) {
		for (j = i; j < r && big[j] != '\n'; j++)
			;
		big[j] = 0;
		/* A line that begins with two of the words would be printed twice; none does. */
		for (k = 0; w[k]; k++) {
			ul m = len(w[k]), q;

			for (q = 0; q < m && big[i + q] == w[k][q]; q++)
				;
			if (q == m) { ps(" ["); ps(big + i); ps("]"); }
		}
		i = j + 1;
	}
	flush();
}

static long lines(const char *path)
{
	int fd = sys_open(path, 0);
	long r, n = 0;

	if (fd < 0)
		return -1;
	while ((r = sc(NR_read, fd, (long)big, sizeof(big), 0, 0)) > 0)
		for (long i = 0; i < r; i++)
			n += big[i] == '\n';
	sc(NR_close, fd, 0, 0, 0, 0);
	return n;
}

struct snap { u64 clk, idle, retired; };

static int pfd = -1;

static struct snap snap(void)
{
	struct snap s = { 0, 0, 0 };
	char b[96];
	const char *p = b;
	long r;

	if (pfd < 0)
		pfd = sys_open("/proc/peerbench", 2);
	r = sc(NR_read, pfd, (long)b, sizeof(b) - 1, 0, 0);
	if (r <= 0)
		return s;
	b[r] = 0;
	s.clk = num(&p); s.idle = num(&p); s.retired = num(&p);
	return s;
}

static void bench(const char *cmd) { sc(NR_write, pfd, (long)cmd, len(cmd), 0, 0); }

static const char *peern = "100000", *peerreps = "3";
static int bootonly;
static const char *profile; /* "function" or "function_graph": one run that a debugger watches */

static void run(const char *verb, const char *name)
{
	static char c[128];
	char *o = c;
	const char *parts[] = { verb, " ", name, " ", peern, " ", peerreps, 0 };

	for (int i = 0; parts[i]; i++)
		for (const char *s = parts[i]; *s; s++)
			*o++ = *s;
	*o = 0;
	bench(c);
}

static void stats(const char *tag)
{
	static const char *w[] = { "entries", "overrun", "dropped", "bytes", 0 };

	grep(tag, T "per_cpu/cpu0/stats", w);
}

/* Time one write to a control file from user space. */
static void timed_write(const char *name, int rep, const char *path, const char *val)
{
	int fd = sys_open(path, 1);
	struct snap a, b;
	u64 t0, t1;
	long r;

	/* The snapshots are system calls too, so they stay outside of what is timed. */
	a = snap();
	t0 = clk();
	r = sc(NR_write, fd, (long)val, len(val), 0, 0);
	t1 = clk();
	b = snap();
	sc(NR_close, fd, 0, 0, 0, 0);
	ps("PEER res "); ps(name); ps(" n=1 rep="); pu(rep);
	ps(" ticks="); pu(t1 - t0);
	ps(" idle_us="); pu(b.idle - a.idle);
	ps(" retired_with_snaps="); pu(b.retired - a.retired);
	ps(r < 0 ? " FAILED" : " ok");
	flush();
}

static void snap_cost(void)
{
	for (int i = 0; i < 2; i++) {
		struct snap a = snap();
		u64 t0 = clk(), t1 = clk();
		struct snap b = snap();

		ps("PEER res snap_overhead n=1 rep="); pu(i);
		ps(" ticks="); pu(t1 - t0);
		ps(" snap_to_snap="); pu(b.clk - a.clk);
		ps(" idle_us="); pu(b.idle - a.idle);
		ps(" retired="); pu(b.retired - a.retired);
		flush();
	}
}

static void tracer_one(const char *tracer, const char *n_on, const char *n_big,
		       const char *n_off)
{
	wr(T "set_ftrace_filter", "tracee_relevant", O_TRUNC_);
	wr(T "tracing_on", "1", 0);
	wr(T "trace", "", O_TRUNC_);
	wr(T "current_tracer", tracer, 0);
	run("run", n_on);
	stats(n_on);
	wr(T "tracing_on", "0", 0);
	run("run", n_off);
	wr(T "current_tracer", "nop", 0);
	/* The buffer is large enough never to wrap. */
	wr(T "buffer_size_kb", "65536", 0);
	wr(T "tracing_on", "1", 0);
	wr(T "trace", "", O_TRUNC_);
	wr(T "current_tracer", tracer, 0);
	run("run", n_big);
	stats(n_big);
	wr(T "current_tracer", "nop", 0);
	wr(T "trace", "", O_TRUNC_);
	wr(T "buffer_size_kb", "1408", 0);
	wr(T "set_ftrace_filter", "", O_TRUNC_);
}

static void tracer_all(const char *tracer, const char *on, const char *off,
		       const char *call, const char *on_q, const char *off_q)
{
	int i;

	wr(T "tracing_on", "1", 0);
	for (i = 0; i < 3; i++) {
		wr(T "trace", "", O_TRUNC_);
		timed_write(on, i, T "current_tracer", tracer);
		stats("ring_when_on");
		if (i == 2)
			run("run", call);
		timed_write(off, i, T "current_tracer", "nop");
	}
	/*
	 * Measure again with the ring buffer switched off: this leaves patching, and hardly any
	 * recording.
	 */
	wr(T "tracing_on", "0", 0);
	for (i = 0; i < 3; i++) {
		timed_write(on_q, i, T "current_tracer", tracer);
		timed_write(off_q, i, T "current_tracer", "nop");
	}
	wr(T "tracing_on", "1", 0);
	wr(T "trace", "", O_TRUNC_);
}

static void user_loop(const char *name, int nr, long a, const char *b, long c, int n)
{
	for (int rep = 0; rep < 3; rep++) {
		struct snap s0 = snap();
		u64 t0 = clk(), t1;

		for (int i = 0; i < n; i++)
			sc(nr, a, (long)b, c, 0, 0);
		t1 = clk();
		struct snap s1 = snap();

		ps("PEER res "); ps(name); ps(" n="); pu(n); ps(" rep="); pu(rep);
		ps(" ticks="); pu(t1 - t0);
		ps(" idle_us="); pu(s1.idle - s0.idle); flush();
	}
}

static int same(const char *a, const char *b)	/* Does a begin with b? */
{
	while (*b)
		if (*a++ != *b++)
			return 0;
	return 1;
}

void cmain(long *sp)
{
	u64 born = clk();
	long argc = sp[0];
	char **env = (char **)(sp + argc + 2);
	struct snap s;
	int fd;
	static const char *mem[] = { "MemTotal", "MemFree", "Slab", 0 };

	/* The kernel passes words of its command line that it does not know as environment. */
	for (; *env; env++) {
		if (same(*env, "peern="))
			peern = *env + 6;
		if (same(*env, "peerreps="))
			peerreps = *env + 9;
		if (same(*env, "peerbootonly="))
			bootonly = 1;
		if (same(*env, "peerprofile="))
			profile = *env + 12;
	}
	sys_mkdir("/proc"); sys_mkdir("/sys");
	sc(NR_mount, (long)"proc", (long)"/proc", (long)"proc", 0, 0);
	sc(NR_mount, (long)"sysfs", (long)"/sys", (long)"sysfs", 0, 0);
	sc(NR_mount, (long)"tracefs", (long)"/sys/kernel/tracing", (long)"tracefs", 0, 0);
	s = snap();
	ps("PEER boot user_start_clock="); pu(born);
	ps(" idle_us_since_boot="); pu(s.idle); ps(" retired="); pu(s.retired); flush();
	bench("marks");
	grep("meminfo", "/proc/meminfo", mem);
	if (profile) {
		wr(T "set_ftrace_filter", "tracee_relevant", O_TRUNC_);
		wr(T "current_tracer", profile, 0);
		run("run", "profiled");
		goto out;
	}
	if (bootonly)
		goto out;
	show("trace_clock", T "trace_clock");
	show("dyn_ftrace_total_info", T "dyn_ftrace_total_info");
	ps("PEER count available_filter_functions=");
	pu(lines(T "available_filter_functions"));
	flush();
	show("available_tracers", T "available_tracers");
	show("buffer_size_kb", T "buffer_size_kb");
	show("clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource");
	bench("calib");
	snap_cost();

	ps("PEER begin ops"); flush();
	{
		static char c[64];
		char *o = c;
		const char *parts[] = { "ops ", peern, " ", peerreps, 0 };

		for (int i = 0; parts[i]; i++)
			for (const char *q = parts[i]; *q; q++)
				*o++ = *q;
		bench(c);
	}

	ps("PEER begin tracers"); flush();
	timed_write("ring_expand_1408kb", 0, T "buffer_size_kb", "1408");
	tracer_one("function", "tracer_function", "tracer_function_nowrap",
		   "tracer_function_tracing_off");
	tracer_one("function_graph", "tracer_graph", "tracer_graph_nowrap",
		   "tracer_graph_tracing_off");

	ps("PEER begin all functions"); flush();
	tracer_all("function", "enable_function_all", "disable_function_all",
		   "tracer_function_all", "enable_function_all_quiet",
		   "disable_function_all_quiet");
	tracer_all("function_graph", "enable_graph_all", "disable_graph_all",
		   "tracer_graph_all", "enable_graph_all_quiet",
		   "disable_graph_all_quiet");

	ps("PEER begin marker"); flush();
	wr(T "trace", "", O_TRUNC_);
	user_loop("null_syscall_getppid", NR_getppid, 0, 0, 0, 10000);
	fd = sys_open(T "trace_marker", 1);
	user_loop("trace_marker_16B", NR_write, fd, "0123456789abcde\n", 16, 10000);
	stats("marker");
	bench("printk 10000 3");
	stats("printk");
	grep("meminfo_end", "/proc/meminfo", mem);
out:
	ps("PEER done"); flush();
#ifdef __i386__
	sc(NR_reboot, 0xfee1deadL, 672274793, 0x01234567, 0, 0);
#else
	sc(NR_reboot, 0xfee1deadL, 672274793, 0x4321fedc, 0, 0);
#endif
	for (;;)
		;
}
