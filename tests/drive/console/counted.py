#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several CPUs under --icount, where the emulator runs one at a time: no wait may burn the time of
who is waited for, so threads that hand each other work must get on in seconds; and two runs are the
same, byte by byte. Prints TAP.

usage: counted.py ARCH BUILD_DIRECTORY"""
import os
import re
import sys

from console import ROOT, cases, expect, run
from tap import Tap

SCRIPT = 'workload sched 5; cat /proc/interrupts; trace record -p function -l wake_up_process ' \
    'workload sched 1; dmesg'
DEADLINE = 30


def twice(arch, build, cpus):
    runs = [run(arch, build, SCRIPT, '--smp', cpus, '--icount', '--timeout', '0',
                timeout=DEADLINE) for _ in range(2)]
    status, out, log = runs[0]
    expect(status == 0 and ' turns with a mutex' in out and 'smp: %s CPUs' % cpus in log, status,
           out[-1500:], log[-1500:])
    expect(runs[0] == runs[1], 'two runs differ')


def two_CPUs(arch, build):
    twice(arch, build, '2')


def four_CPUs(arch, build):
    twice(arch, build, '4')


def no_wake_up_waits_for_a_tick(arch, build):
    """Two threads are woken on one idle CPU at once: another idle CPU must fetch the second one, at
    once."""
    module = os.path.join(ROOT, 'tests', 'guest', 'modules', 'two_woken.c')
    status, _, log = run(arch, build, 'echo', '--smp', '4', '--icount', '--module', module,
                         '--timeout', '0', timeout=DEADLINE)
    found = re.search(r'two_woken: both ran after (\d+) us', log)
    expect(status == 0 and found and int(found[1]) < 1000, status, log[-1500:])


def main(arch, build):
    tap = Tap()
    cases(tap, [two_CPUs, four_CPUs, no_wake_up_waits_for_a_tick], arch, build)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
