#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots an image, runs its in-kernel tests, and gives Meson flat TAP. All suites run in one boot.
If the kernel stops, the suite that was running has failed, and another boot continues with the next
suite. A case counts as passed only if three facts agree: the kernel's KTAP says so and its plans
add up, QEMU's exit status says the same, and the console was never silent for longer than
--timeout.

With --must-fail 'SUITE [SECONDS]' the names are those of images with a planted fault, and a case
passes if the suite fails, with --saying TEXT only if the log has TEXT. An image may have several
faults: for each --naming FAULT=FUNCTION (repeatable), a line with TEXT must name a function that
begins so. With --shuffle SEED (repeatable) the cases run in one boot, in an order that the seed
draws; of an order that fails, only those cases are printed that are needed to make its first
failure happen again. A name after `!` is left out.

usage: ktap.py ARCH BUILD_DIRECTORY [--smp N] [--mem SIZE] [--cpu MODEL] [--machine OPTIONS]
               [--qemu OPTIONS] [--timeout S] [--append CMDLINE]
               [--shuffle SEED] [--must-fail SUITE [--saying TEXT [--naming FAULT=FUNCTION]]]
               [NAME...]"""
import argparse
import os
import re
import shlex
import subprocess
import threading
import time

import build
import module
import postmortem
import program
import qemu
import shrink
from tap import Tap

RESULT = re.compile(r'^( *)(not )?ok (\d+)(?: -)? ?([^#]*?)(?:\s*#\s*(.*))?$')
PLAN = re.compile(r'^( *)1\.\.(\d+)')
LISTED = re.compile(r'^(\w+)\.\w+$', re.MULTILINE)

SHRINK_SECONDS = 150
MOST_ALONE = 5		# suites that are booted once more, alone, because they failed among others
MODULES = ['helpers', 'ktest_module', 'linux_includes', 'model_module']	# of tests/guest/modules


class Report:
    """What a KTAP text says: its cases in order, and what is wrong with the text itself."""

    def __init__(self, text):
        self.cases = []		# (name, passed, skip reason or None, what was said below it)
        self.suites = []		# those that have come to their end
        self.problems = []
        self.suite = ''			# the last that has begun
        self.failed = planned = False
        self._plans, self._seen, self._said = {}, {}, {}
        for line in text.split('\n'):
            result = RESULT.match(line)
            plan = PLAN.match(line)
            depth = len(line) - len(line.lstrip(' '))
            if plan:
                self._plans[depth], self._seen[depth] = int(plan[2]), 0
                planned = True
            elif result:
                self._result(result, depth)
            elif line.lstrip().startswith('# Subtest: '):
                self.suite = line.split(': ', 1)[1].strip()
            elif line.lstrip().startswith('#'):
                self._said.setdefault(depth, []).append(line.strip('# '))
        for depth in sorted(self._plans):
            self._close(depth)
        if not planned:
            self.problems.append('no KTAP plan: the tests did not run')

    def _result(self, result, depth):
        """Handles a result line. It is that of a suite if deeper lines came just before, otherwise
        of a case."""
        number = self._seen[depth] = self._seen.get(depth, 0) + 1
        if int(result[3]) != number:
            self.problems.append('result %s came as number %d: %s' % (result[3], number, result[0]))
        deeper = [d for d in self._plans if d > depth]
        said = sum((self._said.pop(d, []) for d in [*deeper, depth]), [])
        for d in deeper:
            self._close(d)
        passed, name, note = not result[2], result[4].strip(), result[5] or ''
        self.failed |= not passed
        if deeper:
            self.suites.append(name)
            # A suite fails even if all its cases have passed, if freed memory was written.
            if not passed and name not in self.failing():
                self.cases.append((name + '.', False, None, said))
            return
        skip = None
        if note.upper().startswith('SKIP'):
            skip = note[4:].strip(' :') or 'no reason given'
        if note and skip is None:
            said = said + [note]
        self.cases.append((self.suite + '.' + name, passed, skip, said))

    def failing(self):
        """Returns the suites with cases that failed, in order."""
        return list(dict.fromkeys(name.split('.')[0] for name, passed, _, _ in self.cases
                                  if not passed))

    def _close(self, depth):
        planned, seen = self._plans.pop(depth), self._seen.pop(depth, 0)
        if planned != seen:
            self.problems.append('%d results were planned and %d came' % (planned, seen))


class Output(threading.Thread):
    """Reads one of a machine's outputs to its end, and knows when the last text came."""

    def __init__(self, file):
        super().__init__(daemon=True)
        self.file, self.data, self.last = file, bytearray(), time.monotonic()
        self.start()

    def run(self):
        while piece := self.file.read1(65536):
            self.data += piece
            self.last = time.monotonic()

    def text(self):
        self.join()
        return self.data.decode(errors='replace').replace('\r\n', '\n')


def wait(machine, process, console, seconds):
    """Tells whether the machine ends by itself; if its console is silent for so many seconds, it is
    ended."""
    while (left := console.last + seconds - time.monotonic()) > 0:
        try:
            process.wait(timeout=left)
            return True
        except subprocess.TimeoutExpired:
            pass
    machine.end(process)
    return False


def boot(args, script, image=None, explain=False):
    """Boots once. Returns (stdout, log, the kernel's exit status or None if it had to be killed,
    words for an end that was not the kernel's own choice). With `explain` these tell where each CPU
    and thread was, also after a panic."""
    words = qemu.boot_words(args.arch, True) + ' poison ' + args.append
    machine = qemu.Machine(args.arch, image or build.image(args.build, args.arch, True), words,
                           script + '\n', smp=args.smp, mem=args.mem, files=args.files,
                           kind=args.machine, cpu=args.cpu)
    machine.extra = args.qemu.split()
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    console, log = Output(process.stdout), Output(process.stderr)
    try:
        status, why = None, 'nothing was said for %g seconds' % args.timeout
        if wait(machine, process, console, args.timeout):
            status, why = machine.status(process.returncode)
        if explain:
            status, why = postmortem.explained(machine, build.elf(args.build, True), status, why)
    finally:
        process.kill()
        machine.close()
    return console.text(), log.text(), status, why


def run_boot(args, tap, words):
    """Boots once. Returns its cases, with one case more if not all facts agree; the names that it
    listed; and the report."""
    out, log, status, why = boot(args, 'ktest -l %s\nktest %s' % (words, words), explain=True)
    planned = LISTED.findall(out.split('KTAP version 1', 1)[0])
    report = Report(out)
    alone = fails_alone(args, report) if len(set(planned)) > 1 and not args.shuffle else {}
    for name, passed, skip, said in report.cases:
        suite = name.split('.')[0]
        tap.case(name, [] if passed else (said or ['failed']) + alone.pop(suite, []), skip)
        if passed and said:
            tap.note('\n'.join(said))
    problems = report.problems
    if why:
        problems.append(why)
    elif (status == 0) == report.failed:
        problems.append('exit status %s, but KTAP says %s'
                        % (status, 'failed' if report.failed else 'passed'))
    if report.failed and 'KCSAN: ' in log:
        tap.note(log[log.index('KCSAN: '):])
    if problems:
        problems += ['the end of the console:'] + out.split('\n')[-30:]
        problems += ['the end of the log:'] + log.split('\n')[-40:]
    if problems or not report.cases:
        tap.case((report.suite or words or 'ktest') + ': ran to its end and said so',
                 ['\n'.join(problems)] if problems else ['no case ran'])
    return list(dict.fromkeys(planned)), report


def fails_alone(args, report):
    """Runs suites that failed among others alone. Returns for each a list with the sentence that
    tells how that went."""
    return {suite: ['alone, %s %s' % (suite, 'fails as well' if fails(args, [suite]) else
                                      'passes: what ran before it matters')]
            for suite in report.failing()[:MOST_ALONE]}


def run_suites(args, tap, names):
    """Runs all suites that are named, in as few boots as possible: one, if the kernel never stops.
    """
    words = [shlex.quote(word) for name in names for word in name.split()]
    while True:
        planned, report = run_boot(args, tap, ' '.join(words))
        done = [*report.suites, report.suite]
        if not report.problems or not set(planned) - set(done):
            return
        if not report.suite:		# it stopped before it began, and would do so again
            return
        words += [shlex.quote('!' + suite) for suite in dict.fromkeys(done)]


def run_shuffled(args, tap, seed):
    """Boots once with the cases in the order of this seed. If a case fails, finds the cases that
    have to run before it."""
    words = ' '.join(['shuffle=%d' % seed, *map(shlex.quote, args.names)])
    _, report = run_boot(args, tap, words)
    failed = next((name for name, passed, _, _ in report.cases if not passed), None)
    if not failed and not report.problems:
        return
    order = [line for line in boot(args, 'ktest -l ' + words)[0].split('\n') if line]
    # A kernel that stopped printed no result for the case that was running, which comes after those
    # it has reported.
    failed = failed or ([*order, None])[len(report.cases)]
    if failed not in order:
        return
    needed = shrink.shrink(order[:order.index(failed)],
                           lambda before: fails(args, [*before, failed]), SHRINK_SECONDS)
    if needed is None:
        tap.note('%s does not fail again behind the same cases, in the same order' % failed)
    else:
        tap.note('this is enough: ' + '; '.join('ktest ' + name for name in [*needed, failed]))


def fails(args, names):
    """Tells whether the last of these cases fails, or the kernel does not come to its end."""
    out, _, status, why = boot(args, '; '.join('ktest ' + name for name in names))
    last = Report(out[out.rfind('KTAP version 1\n1..1'):])
    return bool(why or last.failed or last.problems)


def run_planted(args, tap, fault):
    """Boots an image with a planted fault. Tells how the suite found the fault, or that it did not.
    """
    suffix = {'i386': '.elf', 'arm64': '.Image'}[args.arch]
    image = os.path.join(args.build, 'planted-' + fault + suffix)
    out, log, status, why = boot(args, 'ktest ' + args.must_fail, image)
    report = Report(out)
    failed = ['%s: %s' % (name, ' '.join(said[-1:])) for name, passed, _, said in report.cases
              if not passed]
    suite = args.must_fail.split()[0].split('.')[0]
    fault = args.append.split('planted=')[-1].split()[0] if fault == 'switched' else fault
    # An image that is missing or does not boot has caught nothing, and neither has one that ran out
    # of time.
    started = '# Subtest: ' + suite in out
    died = status is not None and bool(status or report.problems)
    caught = started and (bool(failed) or died) and args.saying in log
    tap.case('%s catches %s' % (suite, fault), [] if caught else [
        why or ('the suite did not start' if not started else
                'the log does not have "%s"' % args.saying if failed or died else
                'nothing failed'),
        out[-3000:], log[-3000:]])
    if caught:
        words = [args.saying] if args.saying else ['Kernel panic', 'fault', 'Fault']
        panic = next((line for line in log.split('\n') if any(w in line for w in words)), '')
        tap.note('failed: ' + ' '.join(failed) if failed else
                 'the kernel stopped with status %d: %s' % (status, panic))
        if failed and args.saying:
            tap.note(panic)
    said = [line for line in log.split('\n') if args.saying in line]
    for name, function in (naming.split('=') for naming in args.naming):
        lines = [line for line in said if ' %s' % function in line]
        tap.case('%s catches %s' % (suite, name), [] if lines else [
            'no report names %s...; there are:' % function, *said])
        if lines:
            tap.note(lines[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--smp', type=int, default=1)
    parser.add_argument('--mem', default='96')
    parser.add_argument('--cpu', default='max')
    parser.add_argument('--machine', action='append', default=[])
    parser.add_argument('--shuffle', type=int, action='append', default=[], metavar='SEED')
    parser.add_argument('--timeout', type=float, default=120)
    parser.add_argument('--append', default='')
    parser.add_argument('--qemu', default='', help='more options for QEMU')
    parser.add_argument('--must-fail', metavar='SUITE')
    parser.add_argument('--saying', default='', metavar='TEXT')
    parser.add_argument('--naming', action='append', default=[], metavar='FAULT=FUNCTION')
    parser.add_argument('arch', choices=build.ARCHES)
    parser.add_argument('build')
    parser.add_argument('names', nargs='*', metavar='NAME')
    args = parser.parse_intermixed_args()
    if os.environ.get('EXPLORE'):		# tests/guest/ktest/explore.c
        args.append += ' explore=' + os.environ['EXPLORE']
    sources = os.path.join(build.ROOT, 'tests', 'guest', 'modules')
    args.files = {'lib/modules/%s.ko' % name: module.compile_module(
        args.build, os.path.join(sources, name + '.c')) for name in MODULES}
    tap = Tap()
    for seed in args.shuffle:
        run_shuffled(args, tap, seed)
    if args.shuffle:
        return tap.done()
    if args.must_fail:
        for fault in args.names:
            run_planted(args, tap, fault)
        return tap.done()
    for name in args.names:
        if name.startswith('!'):
            tap.case(name[1:], skip='left out')
    run_suites(args, tap, args.names)
    return tap.done()


if __name__ == '__main__':
    program.run('ktap', main)
