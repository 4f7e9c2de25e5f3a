#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots again and again, each time with another allocation failing (fail_alloc=N). Each boot
must come to an end by itself. If it is not what it is without a failure, the log says so in words;
no failure is a fault of another kind. FAILURES=all tries every allocation; without it some, spread
over boot. Prints TAP.

usage: failures.py ARCH BUILD_DIRECTORY"""
import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import build
import qemu
from tap import Tap

BOOTS = 24
NEVER = 1000000
# Shows everything that boot makes, and that it works.
SCRIPT = """ls / /proc /dev /etc /tmp /sys/kernel/tracing /sys/kernel/tracing/options
ls /sys/kernel/tracing/per_cpu/cpu0 /sys/kernel/tracing/events
cat /etc/word /proc/modules
trace record -b 64 -p function -l vfs_mkdir mkdir /tmp/new
trace reset
"""
FILES = {'etc/rc': b'echo rc\n', 'etc/word': b'a word\n'}
WORDS = re.compile(r'no memory|out of memory|[Cc]annot allocate|no room|without memory')
OTHER_FAULTS = re.compile(r'Oops:|fault while reporting|BUG|WARNING:|double fault')


def boot(arch, folder, n):
    """(what the script printed, the log, the exit status or None)"""
    cmdline = qemu.boot_words(arch, True) + ' poison fail_alloc=%d' % n
    machine = qemu.Machine(arch, build.image(folder, arch, False), cmdline, SCRIPT, mem='64',
                           files=FILES, smp=2)
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    try:
        out, log = process.communicate(timeout=60)
        status = machine.status(process.returncode)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        (out, log), status = process.communicate(), None
    finally:
        machine.close()
    return out.decode(errors='replace'), log.decode(errors='replace'), status


def problems(good, out, log, status):
    found = []
    if status is None:
        found.append('not over within 60 seconds')
    if other := OTHER_FAULTS.search(log):
        found.append('a fault of another kind: ' + other[0])
    if (out, status) != (good, 0) and not WORDS.search(log + out):
        found.append('status %s, and no word of why' % status)
    return found + [out[-1000:], log[-2500:]] if found else []


def main(arch, folder):
    tap = Tap()
    good, log, status = boot(arch, folder, NEVER)
    left = re.search(r'boot is over (\d+) allocations before', log)
    tap.case('boot without a failure', [] if status == 0 and left else ['status %s' % status, log])
    if not left:
        return tap.done()
    count = NEVER - int(left[1])
    step = 1 if os.environ.get('FAILURES') == 'all' else max(1, count // BOOTS)
    for n in range(0, count + step, step):
        tap.case('allocation %d of %d fails' % (n, count), problems(good, *boot(arch, folder, n)))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
