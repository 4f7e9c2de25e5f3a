#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./check: sets up, builds every configuration, runs every test, and counts cases."""
import argparse
import concurrent.futures
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

import build
import hunt
import named
import program
import rows


EPILOG = """NAME: what KTAP shows, a suite or `suite.case` (globs allowed), on 1 and 4 CPUs of both
architectures; or a test of Meson, on the host or in QEMU. --hunt draws new seeds, prints each as it
starts with the command that takes it again, and exits with 1 when it has found something."""

# The suites that --quick leaves out, and the words for what is left out.
SLOW = {'console': 'of consoles', 'smp': 'on several CPUs', 'planted': 'of planted faults',
        'machines': 'of other machines', 'long': 'that take long'}

ROWS_AT_ONCE = 3


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        return '%d passed, %d failed, %d skipped' % (self.passed, self.failed, self.skipped)


def cases(folder):
    """Counts cases in the reports of `meson test`: the JUnit file has each TAP case, and
    testlog.json tells how each test program ended. A program that broke is a failure even if its
    cases passed."""
    count, failing = Count(), set()
    for suite in xml.parse(os.path.join(folder, 'testlog.junit.xml')).getroot().iter('testsuite'):
        for case in suite.iter('testcase'):
            bad = case.find('failure') is not None or case.find('error') is not None
            if bad:
                count.failed += 1
                failing.add(suite.get('name').split('.', 1)[-1])
            elif case.find('skipped') is not None:
                count.skipped += 1
            else:
                count.passed += 1
    with open(os.path.join(folder, 'testlog.json')) as file:
        for line in file:
            test = json.loads(line)
            bad = test['result'] in ('FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT')
            if bad and test['name'] not in failing:
                count.failed += 1
    return count


def show_failures(folder, to):
    """Prints what failing tests printed: TAP's lines `not ok` and the notes below them."""
    with open(os.path.join(folder, 'testlog.json')) as file:
        for line in file:
            test = json.loads(line)
            if test['result'] in ('OK', 'SKIP', 'EXPECTEDFAIL'):
                continue
            print('  %s: %s' % (test['name'], test['result']), file=to)
            text = test.get('stdout', '') if test['result'] == 'FAIL' else (
                test.get('stdout', '')[-6000:] + test.get('stderr', '')[-3000:])
            show = test['result'] != 'FAIL'
            for out in text.split('\n'):
                if out.startswith(('ok ', 'not ok ')):
                    show = out.startswith('not ok ')
                if show and out.strip() and not out.startswith('1..'):
                    print('    ' + out, file=to)


def left_out(number, what, how):
    """Prints and counts what is left out: nothing is left out silently."""
    if number:
        print('%-28s skipped: %d %s (%s)' % ('left out', number, what, how))
    return Count(skipped=number)


def run_row(row, quick, jobs):
    """Builds and tests one configuration with so many processes. Returns its count, and the text to
    print."""
    text = io.StringIO()
    count = test_row(row, quick, jobs, text)
    return count, text.getvalue()


def test_row(row, quick, jobs, to):
    start = time.monotonic()
    if row.cross and not shutil.which(row.cross + '-gcc'):
        print('%-28s skipped: %s-gcc is not on PATH (cross/build-toolchain makes it)'
              % (row.name, row.cross), file=to)
        return Count(skipped=1)
    folder = os.path.join(build.ROOT, 'build', 'check', row.name)
    try:
        build.build(folder, row.arch, row.cross, row.options, everything=True, jobs=jobs, out=to)
    except build.BuildError as error:
        print('%-28s %s' % (row.name, error), file=to)
        return Count(failed=1)
    command = ['meson', 'test', '-C', folder, '--num-processes', str(jobs)]
    for suite in row.suites:
        command += ['--suite', suite]
    if quick:
        for suite in SLOW:
            command += ['--no-suite', suite]
    logs = os.path.join(folder, 'meson-logs')
    for name in ('testlog.junit.xml', 'testlog.json'):
        if os.path.exists(os.path.join(logs, name)):
            os.unlink(os.path.join(logs, name))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if not os.path.exists(os.path.join(logs, 'testlog.junit.xml')):
        print('%-28s meson test failed\n%s' % (row.name, done.stdout), file=to)
        return Count(failed=1)
    count = cases(logs)
    if done.returncode and not count.failed:
        count.failed += 1
    print('%-28s %s (%d s)' % (row.name, count, time.monotonic() - start), file=to)
    if count.failed:
        show_failures(logs, to)
    return count


def arguments():
    parser = argparse.ArgumentParser(
        prog='./check', formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EPILOG,
        description='Builds every configuration and runs every test. Seeds and corpora are fixed: '
        'verdict\nrepeats.')
    parser.add_argument('names', metavar='NAME', nargs='*',
                        help='only these, in the default configurations, with all that they print')
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument('--list', action='store_true', help='the names that there are')
    mode.add_argument('--quick', action='store_true',
                      help='host tests; one configuration an architecture, on one CPU, without '
                      'consoles, planted faults, other machines, and suites that take long')
    mode.add_argument('--all', action='store_true',
                      help='every hook mode x optimisation x save_regs x branch_protection x 1 '
                      'and 4 CPUs, every injected failure on 4, and every memory size with every '
                      'processor')
    mode.add_argument('--hunt', metavar='SECONDS', type=int,
                      help='look for what no fixed seed finds, for about so long')
    parser.add_argument('--sanitize', choices=['address', 'thread', 'undefined'],
                        help='hunt in kernels with this sanitizer')
    args = parser.parse_args()
    if args.names and (args.list or args.quick or args.all or args.hunt is not None):
        parser.error('NAME stands alone')
    if args.sanitize and args.hunt is None:
        parser.error('--sanitize goes with --hunt')
    if args.hunt is not None and args.hunt < 1:
        parser.error('--hunt %d: seconds' % args.hunt)
    return args


def main():
    args = arguments()
    os.environ['EXPLORE'] = os.environ['MACHINES'] = 'all' if args.all else ''
    # Our programs start a thousand times: Python compiles them once, into the build directory.
    os.environ.pop('PYTHONDONTWRITEBYTECODE', None)
    os.environ['PYTHONPYCACHEPREFIX'] = os.path.join(build.ROOT, 'build', 'check', 'bytecode')
    build.setup('i386', 'arm64', 'grub-i386', 'grub-arm64', 'uefi-i386', 'uefi-arm64', 'gdb',
                'check', 'trace')
    if args.list:
        return named.show_list()
    if args.names:
        return named.run(args.names)
    if args.hunt:
        return hunt.run(args.hunt, args.sanitize)
    return check(args)


def run_rows(run, quick):
    """Yields the results of run_row() in order. Several rows run at the same time, one more than
    there are CPUs for: while the last test of one runs, or waits for a guest that waits itself,
    another has work."""
    cpus = os.cpu_count() or 1
    at_once = min(cpus + 1, ROWS_AT_ONCE)
    pool = concurrent.futures.ThreadPoolExecutor(at_once)
    try:
        yield from pool.map(lambda row: run_row(row, quick, -(-cpus // at_once)), run)
    finally:
        pool.shutdown(cancel_futures=True)


def check(args):
    """Runs every row and prints the count of all cases. Returns 1 if one failed."""
    total, start = Count(), time.monotonic()
    table, cross = rows.rows(args.all)
    run = [row for row in table if row.quick or not args.quick]
    for count, text in run_rows(run, args.quick):
        total.add(count)
        print(text, end='', flush=True)
    total.add(left_out(len(table) - len(run), 'rows, and tests ' + ', '.join(SLOW.values()),
                       './check'))
    total.add(left_out(cross, 'configurations of the cross', './check --all'))
    print("JUnit: build/check/*/meson-logs/testlog.junit.xml")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print('%.1f minutes, %.1f of CPU time' % ((time.monotonic() - start) / 60,
                                              (used.ru_utime + used.ru_stime) / 60))
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == '__main__':
    program.run('check', main)
