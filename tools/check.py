#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./check: sets up, builds every configuration, runs every test, and counts cases."""
import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

import build

# One row: a build directory below build/check, what to configure, and which suites run there.
# Suites that do not depend on how the code was optimised run once an architecture.
Row = collections.namedtuple('Row', 'name arch cross options suites quick')
KERNEL, ALL = ['build', 'boot'], ['build', 'boot', 'console']
ENTRY = ['-Dhook=patchable', '-Dcall_ops=disabled']
LITERAL = ['-Dhook=patchable', '-Dcall_ops=enabled']
MCOUNT = ['-Dhook=mcount']
PADS, NO_REGS, SIZE = ['-Dbranch_protection=true'], ['-Dsave_regs=disabled'], ['-Doptimization=s']
SMALL = ['-Dsave_regs=disabled', '-Dsmp=false']
ROWS = [
    Row('host', None, None, [], [], True),
    Row('i386', 'i386', 'i686-linux-gnu', [], ALL, True),
    Row('arm64', 'arm64', 'aarch64-linux-gnu', [], ALL, True),
    Row('i386-Os', 'i386', 'i686-linux-gnu', ['-Doptimization=s'], KERNEL, False),
    Row('arm64-Os', 'arm64', 'aarch64-linux-gnu', ['-Doptimization=s'], KERNEL, False),
    Row('i386-min', 'i386', 'i686-linux-gnu', SMALL, ['boot'], False),
    Row('arm64-min', 'arm64', 'aarch64-linux-gnu', SMALL, ['boot'], False),
    Row('i386-san', 'i386', 'i686-linux-gnu', ['-Dsanitize=enabled'], ['boot'], False),
    Row('arm64-san', 'arm64', 'aarch64-linux-gnu', ['-Dsanitize=enabled'], ['boot'], False),
    # Each way of making and reaching sites, at -O2 and -Os; landing pads and save_regs pairwise.
    Row('i386-entry', 'i386', 'i686-linux-gnu', ENTRY, KERNEL, False),
    Row('i386-entry-Os', 'i386', 'i686-linux-gnu', ENTRY + SIZE + PADS, KERNEL, False),
    Row('i386-literal', 'i386', 'i686-linux-gnu', LITERAL + PADS, KERNEL, False),
    Row('i386-literal-Os', 'i386', 'i686-linux-gnu', LITERAL + SIZE + NO_REGS, KERNEL, False),
    Row('i386-pads', 'i386', 'i686-linux-gnu', PADS, KERNEL, False),
    Row('arm64-entry', 'arm64', 'aarch64-linux-gnu', ENTRY + NO_REGS, KERNEL, False),
    Row('arm64-entry-Os', 'arm64', 'aarch64-linux-gnu', ENTRY + SIZE + PADS, KERNEL, False),
    Row('arm64-pads', 'arm64', 'aarch64-linux-gnu', PADS, KERNEL, False),
    Row('i386-mcount', 'i386', 'i686-linux-gnu', MCOUNT, KERNEL, False),
    Row('i386-mcount-Os', 'i386', 'i686-linux-gnu', MCOUNT + SIZE + PADS, KERNEL, False),
    Row('arm64-mcount', 'arm64', 'aarch64-linux-gnu', MCOUNT, KERNEL, False),
    Row('arm64-mcount-Os', 'arm64', 'aarch64-linux-gnu', MCOUNT + SIZE + PADS, KERNEL, False),
    Row('i386-elf', 'i386', 'i686-elf', [], KERNEL, False),
    Row('arm64-elf', 'arm64', 'aarch64-elf', [], KERNEL, False),
]


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
    """Counts cases from what `meson test` left: JUnit has each TAP case; testlog.json says what
    became of each test program, and one that broke is a failure even if its cases passed."""
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


def show_failures(folder):
    """What failing tests said: TAP's `not ok` lines and the notes below them."""
    with open(os.path.join(folder, 'testlog.json')) as file:
        for line in file:
            test = json.loads(line)
            if test['result'] in ('OK', 'SKIP', 'EXPECTEDFAIL'):
                continue
            print('  %s: %s' % (test['name'], test['result']))
            text = test.get('stdout', '') if test['result'] == 'FAIL' else (
                test.get('stdout', '')[-6000:] + test.get('stderr', '')[-3000:])
            show = test['result'] != 'FAIL'
            for out in text.split('\n'):
                if out.startswith(('ok ', 'not ok ')):
                    show = out.startswith('not ok ')
                if show and out.strip() and not out.startswith('1..'):
                    print('    ' + out)


def run_row(row, quick):
    """Builds and tests one configuration; its count."""
    start = time.monotonic()
    folder = os.path.join(build.ROOT, 'build', 'check', row.name)
    try:
        build.build(folder, row.arch, row.cross, row.options, everything=True)
    except build.BuildError as error:
        print('%-15s %s' % (row.name, error))
        return Count(failed=1)
    command = ['meson', 'test', '-C', folder, '--num-processes', str(os.cpu_count() or 1)]
    for suite in row.suites:
        if not quick or suite != 'console':
            command += ['--suite', suite]
    logs = os.path.join(folder, 'meson-logs')
    for name in ('testlog.junit.xml', 'testlog.json'):
        if os.path.exists(os.path.join(logs, name)):
            os.unlink(os.path.join(logs, name))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if not os.path.exists(os.path.join(logs, 'testlog.junit.xml')):
        print('%-15s meson test failed\n%s' % (row.name, done.stdout))
        return Count(failed=1)
    count = cases(logs)
    if done.returncode and not count.failed:
        count.failed += 1
    print('%-15s %s (%d s)' % (row.name, count, time.monotonic() - start))
    if count.failed:
        show_failures(logs)
    return count


def main():
    parser = argparse.ArgumentParser(
        prog='./check', description='Builds every configuration and runs every test.')
    parser.add_argument('--quick', action='store_true',
                        help='host tests; one configuration an architecture, without the console')
    args = parser.parse_args()
    build.setup('i386', 'arm64', 'grub', 'gdb', 'check')
    total = Count()
    for row in ROWS:
        if args.quick and not row.quick:
            continue
        if row.cross and not shutil.which(row.cross + '-gcc'):
            print('%-15s skipped: %s-gcc is not on PATH (cross/build-toolchain makes it)'
                  % (row.name, row.cross))
            total.add(Count(skipped=1))
            continue
        total.add(run_row(row, args.quick))
        sys.stdout.flush()
    print("JUnit: build/check/*/meson-logs/testlog.junit.xml")
    print(total)
    return 1 if total.failed or not total.passed else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except build.BuildError as error:
        sys.exit('check: %s' % error)
    except KeyboardInterrupt:
        sys.exit(130)
