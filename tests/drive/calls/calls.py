#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares what the function tracer and the function graph have recorded with what the processor
did: a plugin of QEMU (calls.c) writes down each execution of a traced function's first instruction,
and the trace is read from the guest's memory when it is off. All functions are traced, on one CPU
and on four, and in the midst of it all sites are patched, several times. With -icount a run is
always the same, and so is the verdict.

Between two calls of a function that nobody else calls, each call must be one event, of the same CPU
and in the same order. An interrupt, or another thread, may come between a function's first
instruction and its event; then the event follows later. Prints TAP.

usage: calls.py ARCH BUILD_DIRECTORY"""
import array
import bisect
import collections
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../../../tools'))
import build  # noqa: E402
import checksites  # noqa: E402
import guest  # noqa: E402
import qemu  # noqa: E402
import ringbuffer  # noqa: E402
from traces import traceevents  # noqa: E402
from tap import Tap  # noqa: E402

MARK = 'run_pwd'		# called at the first and at the last call of what is compared
SCRIPT = """cd /sys/kernel/tracing
echo 4096 > buffer_size_kb
echo %s > current_tracer
pwd
%s
workload fs 3
echo 1 > function_profile_enabled
%s
echo 0 > function_profile_enabled
echo 'vfs_*' > set_ftrace_notrace
workload fs 3
echo > set_ftrace_notrace
pwd
echo 0 > tracing_on
"""
EXCLUDED = 'vfs_'		# functions that the script leaves out for a while
# On one CPU threads hand each other work. On four the commands of a pipeline run at once.
WORK = {1: 'workload sched 4', 4: 'workload mm 1 | workload fs 3'}
DEADLINE = 120
# Where the comparison begins and ends, other CPUs may be between a call and its event.
MOST_AT_ENDS = 4
AHEAD = 40			# calls among which the one of an event is searched

# What the tracers record, and the field that names the function.
EVENTS = {'function': 'ip', 'funcgraph_entry': 'func', 'funcgraph_exit': 'func'}
# Each CPU has an idle thread of its own: they have 0, -1, -2 and -3 as their numbers.
Traced = collections.namedtuple('Traced', 'time thread function returns')
Counted = collections.Counter


def compile_plugin(folder):
    plugin = os.path.join(folder, 'calls.so')
    subprocess.run(['cc', '-shared', '-fPIC', '-O2', '-o', plugin, os.path.join(HERE, 'calls.c')],
                   check=True)
    return plugin


class Run:
    """One run of the guest: `called` has (cpu, function) of each call, and `events[cpu]` what the
    guest recorded there."""

    def __init__(self, arch, folder, tracer, cpus, scratch, plugin):
        image = checksites.Image(build.elf(folder, False))
        self.starts = sorted({image.function_of(entry) for entry in image.table})
        self.names = image.by_address
        functions, log = (os.path.join(scratch, name) for name in ('functions', 'log'))
        with open(functions, 'w') as file:
            file.writelines('%x\n' % start for start in self.starts)
        machine = qemu.Machine(arch, build.image(folder, arch), qemu.boot_words(arch, True),
                               SCRIPT % (tracer, WORK[cpus], WORK[cpus]), smp=cpus, mem='128',
                               icount=True)
        machine.extra += ['-plugin', '%s,functions=%s,log=%s' % (plugin, functions, log)]
        try:
            self._run(machine, arch, folder, cpus, log)
        finally:
            machine.close()

    def _run(self, machine, arch, folder, cpus, log):
        process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT)
        output = process.communicate(timeout=DEADLINE)[0].decode(errors='replace')
        status, words = machine.status(process.returncode)
        self.problems = ['status %d: %s' % (status, words), output] if status else []
        words = array.array('I')
        with open(log, 'rb') as file:
            words.frombytes(file.read())
        self.called = [(word >> 24, self.starts[word & 0xffffff]) for word in words]
        reader = traceevents.Reader(ringbuffer.read(
            guest.Guest(arch, build.elf(folder, False), machine.memory())))
        self.problems += reader.trace.notes
        self.events = [[] for _ in range(cpus)]
        for event in reader:
            for name, field in EVENTS.items():
                if reader.is_a(event, name):
                    function = self.function(reader.get(event, field))
                    self.events[event.cpu].append(Traced(event.time, event.pid or -event.cpu,
                                                         function, name == 'funcgraph_exit'))
        if not self.problems and len(self.marks()) < 2:
            self.problems = ['the trace has only %d events of %s' % (len(self.marks()), MARK)]

    def function(self, ip):
        return self.starts[bisect.bisect_right(self.starts, ip) - 1]

    def marks(self):
        """Returns when MARK was called, by the events."""
        return sorted(event.time for events in self.events for event in events
                      if not event.returns and self.names.get(event.function) == MARK)

    def window(self):
        """Returns what was called from the last but one call of MARK to the last one, and what was
        recorded in this time, each as a list of functions for each CPU."""
        first, last = [n for n, (_, function) in enumerate(self.called)
                       if self.names.get(function) == MARK][-2:]
        called = [[] for _ in self.events]
        for cpu, function in self.called[first:last + 1]:
            called[cpu].append(function)
        start, end = self.marks()[-2:]
        return called, [[event.function for event in events
                         if not event.returns and start <= event.time <= end]
                        for events in self.events]


def compare(called, recorded):
    """Takes each event of one CPU for the next call, or for one that is on its way to its event.
    Returns the calls that have no event, the events that have no call, and how many came late."""
    on_their_way, without_call, late, at = Counted(), Counted(), 0, 0
    for function in recorded:
        ahead = called[at:at + AHEAD]
        if function in ahead[:1]:
            at += 1
        elif on_their_way[function]:
            on_their_way[function] -= 1
            late += 1
        elif function in ahead:
            skipped = ahead.index(function)
            on_their_way.update(ahead[:skipped])
            at += skipped + 1
        else:
            without_call[function] += 1
    on_their_way.update(called[at:])
    return +on_their_way, without_call, late


def wrong_returns(events):
    """Tells what is wrong with the returns: each must be that of its thread's innermost call."""
    open_calls, nr = collections.defaultdict(list), 0
    for event in sorted(events, key=lambda event: event.time):
        calls = open_calls[event.thread]
        if not event.returns:
            calls.append(event.function)
            continue
        nr += 1
        if calls and calls.pop() != event.function:
            return ['0x%x returned, and was not the innermost call' % event.function]
    return [] if nr else ['no call returned']


def check(tap, run, tracer, cpus):
    called, recorded = run.window()
    missing, extra, late = Counted(), Counted(), 0
    for cpu in range(cpus):
        calls, events, behind = compare(called[cpu], recorded[cpu])
        missing += calls
        extra += events
        late += behind
    # A thread that moves to another CPU in the midst of it is recorded there.
    moved = missing & extra
    missing, extra = missing - moved, extra - moved
    left_out = Counted({f: n for f, n in missing.items() if run.names[f].startswith(EXCLUDED)})
    missing -= left_out
    left_out = sum(left_out.values())
    nr, most = sum(map(len, recorded)), MOST_AT_ENDS * (cpus - 1)

    def named(counted):
        return ', '.join('%s %d' % (run.names[f], n) for f, n in counted.most_common(10))

    wrong = []
    if sum(missing.values()) > most:
        wrong.append('calls without an event: ' + named(missing))
    if sum(extra.values()) > most:
        wrong.append('events without a call: ' + named(extra))
    if late > nr / 100:
        wrong.append('%d events are not in the order of the calls' % late)
    if not left_out:
        wrong.append('no call was left out, although %s* was' % EXCLUDED)
    if tracer == 'function_graph':
        wrong += wrong_returns(event for events in run.events for event in events)
    tap.case('%s on %d CPU%s' % (tracer, cpus, 's' * (cpus > 1)), wrong)
    tap.note('%d calls: %d were left out, %d events came late, %d on another CPU'
             % (sum(map(len, called)), left_out, late, sum(moved.values())))


def main(arch, folder):
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='patchbay-') as scratch:
        plugin = compile_plugin(scratch)
        for cpus in 1, 4:
            for tracer in 'function', 'function_graph':
                run = Run(arch, folder, tracer, cpus, scratch, plugin)
                if run.problems:
                    tap.case('%s on %d CPUs' % (tracer, cpus), run.problems)
                else:
                    check(tap, run, tracer, cpus)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
