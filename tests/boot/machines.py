#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots other machines than the usual one: chipsets, processors, interrupt controllers, exception
levels, memory sizes. On each a trace and a suite of tests must work, or the kernel must say why it
cannot run there. Prints TAP.

usage: machines.py ARCH BUILD_DIRECTORY"""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import build
import qemu
from tap import Tap

SCRIPT = 'trace record -p function -l vfs_read cat /proc/cmdline\nktest sched\n'
# Name, memory, QEMU options, and what the log says when the machine is one that cannot be run on.
MACHINES = {
    'i386': [
        ('q35', '256', ['-M', 'q35'], None),
        ('no NX', '256', ['-cpu', 'max,-nx'], None),
        ('pentium2', '256', ['-cpu', 'pentium2'], None),
        ('486', '256', ['-cpu', '486'], 'cannot run'),
        ('two processors', '256', ['-smp', '2'], None),
        ('eight processors', '256', ['-smp', '8'], None),
        ('more processors than there is room for', '256', ['-smp', '10'], None),
        ('no ACPI, four processors', '256', ['-M', 'pc,acpi=off', '-smp', '4'], None),
        ('16 MiB', '16', [], None),
        ('1 GiB', '1024', [], None),
        ('5 GB', '5000', [], None),
    ],
    'arm64': [
        ('GICv3', '256', ['-machine', 'gic-version=3'], None),
        ('EL2', '256', ['-machine', 'virtualization=on'], None),
        ('EL2 and GICv3', '256', ['-machine', 'virtualization=on,gic-version=3'], None),
        ('EL3 beside it', '256', ['-machine', 'secure=on'], None),
        ('cortex-a53', '256', ['-cpu', 'cortex-a53'], None),
        ('cortex-a76', '256', ['-cpu', 'cortex-a76'], None),
        ('two processors', '256', ['-smp', '2'], None),
        ('four processors, EL2', '256', ['-smp', '4', '-machine', 'virtualization=on'], None),
        ('eight processors, GICv3', '256', ['-smp', '8', '-machine', 'gic-version=3'], None),
        ('more processors than there is room for', '256',
         ['-smp', '10', '-machine', 'gic-version=3'], None),
        ('32 MiB', '32', [], None),
        ('1 GiB', '1024', [], None),
        ('5 GB', '5000', [], None),
    ],
}


def boot(arch, folder, mem, options):
    """(stdout, log, exit status, words)"""
    machine = qemu.Machine(arch, build.image(folder, arch), qemu.boot_words(arch, True), SCRIPT,
                           mem=mem)
    machine.extra = options
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    try:
        out, log = process.communicate(timeout=60)
        status, words = machine.status(process.returncode)
    except subprocess.TimeoutExpired:
        process.kill()
        out, log = process.communicate()
        status, words = None, 'not over within 60 seconds'
    machine.close()
    return out.decode(errors='replace'), log.decode(errors='replace'), status, words


def check(arch, folder, mem, options, refusal):
    out, log, status, words = boot(arch, folder, mem, options)
    if refusal:
        good = status not in (0, None) and refusal in log
    else:
        good = status == 0 and 'vfs_read <-' in out and 'not ok' not in out
    return [] if good else ['status %s %s' % (status, words or ''), out[-1500:], log[-1500:]]


def main(arch, folder):
    tap = Tap()
    for name, mem, options, refusal in MACHINES[arch]:
        tap.case(name, check(arch, folder, mem, options, refusal))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
