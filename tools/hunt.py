# SPDX-License-Identifier: MIT
"""./check --hunt: searches with new seeds for failures that ./check, with its fixed seeds, does not
find. Each search is a program of its own; the command is printed with its seed, so that anybody can
run it again."""
import collections
import itertools
import os
import queue
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time

import build
import named
import rows

# How the time is divided; shuffled suites get the rest.
MODEL, FUZZ, SOAK, LINES = 0.15, 0.2, 0.25, 0.15
# Seconds after the end in which a search that has begun may still come to its own end; then it is
# stopped.
GRACE = 60
# A boot of all suites is not started if less than this part of the time is left, or less than so
# many seconds.
BOOT_PART, BOOT_SECONDS = 0.25, 90
LONG_SUITES = ['!explore', '!everything', '!soak']
# With a sanitizer these take minutes, too.
SLOW_SUITES = ['!unwind', '!ftrace_crowd']
MACHINES = {
    # These processors have NX: without it data can be executed, and the tests that check this would
    # fail.
    'i386': (['max', 'coreduo', 'n270', 'qemu64', 'Nehalem', 'EPYC'],
             [[], ['q35']]),
    'arm64': (['max', 'cortex-a53', 'cortex-a57', 'cortex-a72', 'cortex-a76', 'neoverse-n1',
               'a64fx'],
              [[], ['gic-version=3'], ['virtualization=on'], ['secure=on'],
               ['virtualization=on,gic-version=3']]),
}
MEMORY = [64, 96, 128, 192, 256, 512, 1024]

# A search: what it searches, its seed, its seconds, and its command as a list of words, to be run
# in the root of the checkout.
Search = collections.namedtuple('Search', 'name seed seconds command')


def new_seed():
    return random.SystemRandom().randrange(1, 2 ** 31)


def kernel(arch, sanitize):
    return 'build/check/' + next(row.name for row in rows.hunted(sanitize) if row.arch == arch)


def ktap(arch, sanitize, *words):
    return ['tools/ktap.py', arch, kernel(arch, sanitize), *map(str, words)]


def soaks(seconds, sanitize):
    """Yields searches that change sites while every CPU executes them."""
    machines = [('i386', []), ('arm64', []), ('arm64', ['--machine', 'gic-version=3'])]
    made = list(itertools.product(machines, (2, 4)))
    each = max(2, int(seconds / len(made)))
    for (arch, options), cpus in made:
        seed = new_seed()
        yield Search('soak', seed, each, ktap(arch, sanitize, '--smp', cpus, *options, '--timeout',
                                              each + 2 * GRACE, 'soak %d %d' % (each, seed)))


def lines(seconds, sanitize):
    """Yields searches that type random lines at consoles."""
    made = list(itertools.product(build.ARCHES, (1, 4)))
    each = max(1, int(seconds / len(made)))
    for arch, cpus in made:
        seed = new_seed()
        yield Search('lines', seed, each,
                     ['tests/drive/console/lines.py', '--random', str(each), '--seed', str(seed),
                      '--smp', str(cpus), arch, kernel(arch, sanitize)])


def models(seconds):
    """Yields searches that call the tracer's API in random sequences and compare it with the
    reference."""
    programs = ['build/check/host/tests/host/model/test_' + name
                for name in ('model_literals', 'model_stubs')]
    each = max(1, int(seconds / len(programs)))
    for program in programs:
        seed = new_seed()
        yield Search(os.path.basename(program), seed, each,
                     [program, '--random', str(each), '--seed', str(seed)])


def fuzzers(seconds):
    """Yields the fuzz targets: everything that reads untrusted input."""
    corpus = 'tests/host/fuzz/corpus'
    targets = sorted(os.listdir(os.path.join(build.ROOT, corpus)))
    each = max(1, int(seconds / len(targets)))
    for target in targets:
        seed, program = new_seed(), 'build/check/host/tests/host/fuzz/fuzz_' + target
        if os.path.exists(os.path.join(build.ROOT, program)):
            yield Search('fuzz_' + target, seed, each,
                         ['tests/host/fuzz/run.py', '--random', str(each), '--seed', str(seed),
                          target,
                          os.path.join(corpus, target), program])


def shuffled(sanitize):
    """Yields, without end, boots of all suites in a new order, on a machine that is drawn, for the
    architectures in turn."""
    draw = random.SystemRandom()
    for arch in itertools.cycle(build.ARCHES):
        models_, machines = MACHINES[arch]
        seed = new_seed()
        machine = draw.choice(machines)
        yield Search('shuffled', seed, 0, ktap(
            arch, sanitize, '--smp', draw.choice([1, 2, 3, 4, 6, 8]), '--mem',
            draw.choice(MEMORY[2:] if sanitize else MEMORY), '--cpu', draw.choice(models_),
            *itertools.chain(*(('--machine', m) for m in machine)),
            '--timeout', '300', '--shuffle', seed, *LONG_SUITES,
            *(SLOW_SUITES if sanitize else [])))


class Hunt:
    """Runs searches until the time is over, as many at once as the host has CPUs."""

    def __init__(self, seconds, jobs, sanitize=None):
        self.start, self.seconds, self.jobs = time.monotonic(), seconds, jobs
        self.sanitize = sanitize
        self.fixed, self.endless = queue.SimpleQueue(), shuffled(sanitize)
        self.lock, self.processes = threading.Lock(), set()
        self.done = self.found = self.cut = 0

    def left(self):
        return self.seconds - (time.monotonic() - self.start)

    def fill(self):
        """Queues the searches of known length, one of each kind in turn, so that no kind is left
        out when time runs short."""
        work = self.left() * self.jobs
        kinds = [list(models(work * MODEL)), list(soaks(work * SOAK, self.sanitize)),
                 list(fuzzers(work * FUZZ)), list(lines(work * LINES, self.sanitize))]
        for searches in itertools.zip_longest(*kinds):
            for search in filter(None, searches):
                self.fixed.put(search)

    def next(self):
        """Returns the next search, or None if there is no time for another."""
        with self.lock:
            try:
                search = self.fixed.get_nowait()
            except queue.Empty:
                needed = min(BOOT_SECONDS, self.seconds * BOOT_PART)
                return next(self.endless, None) if self.left() > needed else None
            # On a busy machine a search may start later than planned; it is then shortened.
            return search if self.left() > 0 else None

    def work(self):
        while search := self.next():
            self.say('%-16s seed %d: %s' % (search.name, search.seed, shlex.join(search.command)))
            self.run(search)

    def run(self, search):
        with tempfile.TemporaryFile('w+', errors='replace') as out:
            process = subprocess.Popen([*interpreter(search.command), *search.command],
                                       cwd=build.ROOT, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            with self.lock:
                self.processes.add(process)
            over = False
            try:
                process.wait(max(0, self.left()) + GRACE)
            except subprocess.TimeoutExpired:
                over = True
                end(process)
            with self.lock:
                self.processes.discard(process)
            out.seek(0)
            self.judge(search, process.returncode, over, out.read())

    def judge(self, search, status, over, text):
        """What a search printed before it was stopped counts; that it was stopped does not."""
        bad = any(line.startswith('not ok ') for line in text.split('\n'))
        with self.lock:
            self.done += 1
            self.cut += over
            self.found += bool(bad or (status and not over))
        if bad or (status and not over):
            lines = [line for line in text.split('\n') if not line.startswith(('ok ', '1..'))]
            self.say('FOUND by %s, seed %d:\n    %s\nagain: %s' % (
                search.name, search.seed, '\n    '.join(lines[:80]), shlex.join(search.command)))

    def say(self, text):
        with self.lock:
            print(text, flush=True)

    def stop(self):
        """Stops what still runs when this program itself is ended."""
        with self.lock:
            for process in self.processes:
                end(process)


def interpreter(command):
    return [sys.executable] if command[0].endswith('.py') else []


def end(process):
    """Kills a search and every process that it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def prepare(sanitize):
    """Builds the images, and the programs that run on the host."""
    for row in rows.hunted(sanitize):
        build.build(named.configured(row), row.arch, tests=True)
    for row in named.default_rows():
        if not row.arch:
            build.build(named.configured(row), None, everything=True)


def run(seconds, sanitize):
    """Runs the whole hunt, including the building, in about so many seconds, in kernels with this
    sanitizer (None: without one). Returns 1 if it found something."""
    jobs = os.cpu_count() or 1
    hunt = Hunt(seconds, jobs, sanitize)
    prepare(sanitize)
    # Even if building has taken most of the time, something is hunted for.
    hunt.seconds = max(hunt.seconds, time.monotonic() - hunt.start + seconds / 6)
    hunt.fill()
    workers = [threading.Thread(target=hunt.work, daemon=True) for _ in range(jobs)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        hunt.stop()
    print('%d searches in %d s, %d cut off by the end of the time: %d found something'
          % (hunt.done, time.monotonic() - hunt.start, hunt.cut, hunt.found))
    return 1 if hunt.found else 0
