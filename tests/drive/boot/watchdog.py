#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Locks CPUs up and reads the diagnosis: the machine must panic, name the CPU, and say where every
CPU was. A machine that only gets no time of its host must not, and has the right time. Prints TAP.

usage: watchdog.py ARCH BUILD_DIRECTORY"""
import ctypes
import os
import re
import signal
import subprocess
import sys
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import build
import qemu
from tap import Tap

THRESHOLD = 1
PAUSE = 4 * THRESHOLD		# what the host keeps the machine, or a CPU of it, stopped for
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT, WALL = 17, 0x4206, 0x4207, 0x40000000
# NMIs exist on a GICv3 machine and not on a GICv2 machine; on i386 every machine here has them.
NMI_MACHINES = {'i386': [('', [])], 'arm64': [(', GICv3', ['-machine', 'gic-version=3'])]}


def pause_machine(pid):
    os.kill(pid, signal.SIGSTOP)
    time.sleep(PAUSE)
    os.kill(pid, signal.SIGCONT)


def ptrace(request, tid):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(ctypes.c_long(request), ctypes.c_long(tid), None, None) < 0:
        raise OSError(ctypes.get_errno(), 'ptrace: ' + os.strerror(ctypes.get_errno()))


def pause_cpu(pid):
    """Stops the thread of QEMU that is CPU 2, as a debugger does."""
    for tid in map(int, os.listdir('/proc/%d/task' % pid)):
        with open('/proc/%d/task/%d/comm' % (pid, tid)) as comm:
            if comm.read().startswith('CPU 2/'):
                break
    else:
        raise OSError('QEMU has no thread for CPU 2')
    ptrace(PTRACE_SEIZE, tid)
    ptrace(PTRACE_INTERRUPT, tid)
    os.waitpid(tid, WALL)
    time.sleep(PAUSE)
    try:
        ptrace(PTRACE_DETACH, tid)
    except ProcessLookupError:
        os.waitpid(tid, WALL)	# QEMU is gone but for this: its status says why


def run(arch, folder, cpus, script, options, disturb=None):
    """Boots. Returns (log, exit status, words)."""
    cmdline = qemu.boot_words(arch, True) + ' watchdog_thresh=%d' % THRESHOLD
    machine = qemu.Machine(arch, build.image(folder, arch, True), cmdline, script, smp=cpus)
    machine.extra = ['-name', 'patchbay,debug-threads=on'] + options
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)
    try:
        if disturb:
            time.sleep(2)
            disturb(process.pid)
        log = process.communicate(timeout=90)[1]
        status, words = machine.status(process.returncode)
    except subprocess.TimeoutExpired:
        process.kill()
        log = process.communicate()[1]
        status, words = None, 'not over within 90 seconds'
    finally:
        process.kill()
        machine.close()
    return log.decode(errors='replace'), status, words


def clock_of_a_machine_in_pauses(arch, folder):
    """Returns the frequency in MHz that the kernel measures if its host lets the machine run for
    less than a millisecond at a time. The pauses are longer than the timer by which it measures
    takes to wrap."""
    machine = qemu.Machine(arch, build.image(folder, arch, True), qemu.boot_words(arch, True), '\n')
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)
    try:
        end = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < end:
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.06)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.0003)
        log = process.communicate(timeout=90)[1].decode(errors='replace')
    finally:
        process.kill()
        machine.close()
    return float(re.search(r'TSC at ([\d.]+) MHz', log)[1])


def wrong_clocks(arch, folder):
    """Returns the frequencies of some boots that differ by more than a tenth."""
    # One after the other: together they would get too little time between the pauses.
    clocks = sorted(clock_of_a_machine_in_pauses(arch, folder) for _ in range(4))
    return ['%s MHz' % clocks] if clocks[0] * 1.1 < clocks[-1] else []


def places(log):
    """Returns {CPU number: what the log says from the CPU's line on}."""
    parts = re.split(r'\bCPU: (\d+) PID', log)
    return {int(cpu): text for cpu, text in zip(parts[1::2], parts[2::2])}


def diagnosis(arch, folder, cpus, script, options, expected):
    """Returns what is missing. `expected` has texts of the log, and {cpu: text of its backtrace}.
    """
    log, status, words = run(arch, folder, cpus, script, options)
    texts, traces = expected
    found = places(log)
    problems = ['the log lacks: ' + text for text in texts if text not in log]
    problems += ['no word of CPU %d' % cpu for cpu in range(cpus) if cpu not in found]
    problems += ['CPU %d is not in %s' % (cpu, text) for cpu, text in traces.items()
                 if text not in found.get(cpu, '')]
    if status in (0, None):
        problems.append('status %s %s' % (status, words or ''))
    return problems + [log[-3000:]] if problems else []


def no_alarm(arch, folder, options, disturb, script='sleep 7\n'):
    log, status, words = run(arch, folder, 4, script, options, disturb)
    return [] if status == 0 else ['status %s %s' % (status, words or ''), log[-3000:]]


def main(arch, folder):
    tap = Tap()
    stuck = 'Kernel panic - not syncing: watchdog: lock-up: CPU %d '
    for name, options in NMI_MACHINES[arch]:
        tap.case('interrupts off on one of four CPUs' + name, diagnosis(
            arch, folder, 4, 'lockup hard 2\n', options,
            ([stuck % 2 + 'has taken no tick'], {2: 'lock_up_hard', 3: 'cpu_idle'})))
        tap.case('an NMI that does not end' + name, diagnosis(
            arch, folder, 4, 'lockup nmi 2\n', options,
            ([stuck % 2 + 'has taken no tick'], {2: 'does not answer', 3: 'cpu_idle'})))
    if arch == 'arm64':
        tap.case('interrupts off on one of four CPUs, GICv2', diagnosis(
            arch, folder, 4, 'lockup hard 2\n', [],
            (['no NMIs', stuck % 2 + 'has taken no tick'], {2: 'does not answer', 3: 'cpu_idle'})))
    tap.case('preemption off on one of four CPUs', diagnosis(
        arch, folder, 4, 'lockup soft 1\n', [],
        ([stuck % 1 + 'has not scheduled'], {1: 'lock_up_soft', 3: 'cpu_idle'})))
    tap.case('preemption off on the only CPU', diagnosis(
        arch, folder, 1, 'lockup soft\n', [],
        ([stuck % 0 + 'has not scheduled'], {0: 'lock_up_soft'})))
    tap.case('a host that stops the machine is no lock-up',
             no_alarm(arch, folder, [], pause_machine))
    if arch == 'i386':		# the other one is told
        tap.case('a host that stops the machine now and then spoils no measurement of its clock',
                 wrong_clocks(arch, folder))
    for name, options in NMI_MACHINES[arch]:
        for what, script in (('a host that stops one CPU is no lock-up', 'sleep 7\n'),
                             ('nor is a CPU that waits for that one', 'ktest soak 7\n')):
            try:
                tap.case(what + name, no_alarm(arch, folder, options, pause_cpu, script))
            except PermissionError as error:
                tap.case(what + name, skip=str(error))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
