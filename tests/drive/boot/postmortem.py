#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hangs the kernel in many ways and looks at it from outside: what tools/postmortem.py says must
name the function that hangs, its thread, and who waits for whom. Prints TAP.

usage: postmortem.py ARCH BUILD_DIRECTORY"""
import os
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import build
import guest
import module
import postmortem
import qemu
from tap import Tap

SOURCE = os.path.join(ROOT, 'tests', 'guest', 'modules', 'hang_module.c')
SECONDS = 60		# in which the kernel must have come to where it hangs
FILE = 'lib/modules/hang_module.ko'
TRACE = 'trace start -p function -l vfs_*; '

# How it hangs, and below which line of the report what must stand.
WAYS = {
    'irqs_off': [('CPU %d: pid %d "hangs", interrupts off', 'spins_with_interrupts_off')],
    'spin': [('CPU %d: pid %d "hangs"', 'spins')],
    'lock': [('CPU %d: pid %d "hangs"', 'takes_a_lock_twice')],
    'abba': [('pid %d "hangs": asleep', '"other", a deadlock'),
             ('pid %d "hangs"', 'takes_the_first_then_the_second'),
             ('pid %d "other": asleep', '"hangs", a deadlock'),
             ('pid %d "other"', 'takes_the_second_then_the_first')],
    'keeper': [('pid %d "hangs": asleep', 'of pid %d "keeper"'),
               ('pid %d "hangs"', 'waits_for_one_that_sleeps'),
               ('pid %d "keeper"', 'keeps_a_mutex_while_it_sleeps')],
    'never': [('pid %d "hangs": asleep', 'is_never_woken')],
    'callback': [('CPU %d: pid %d "cat"', 'callback_that_never_returns')],
    'deaf': [('CPU %d: pid %d "hangs"', 'waits_for_a_deaf_cpu'),
             ('CPU 1: pid %d "deaf", interrupts off', 'spins_with_interrupts_off')],
}


def matches(pattern, line):
    """Tells whether the words of the pattern, around its numbers, stand in the line in order."""
    at = 0
    for words in pattern.split('%d'):
        at = line.find(words, at)
        if at < 0:
            return False
        at += len(words)
    return True


def missing(report, wanted):
    """Returns what is wanted and is not in the paragraph that it should be in."""
    paragraphs = []
    for line in report:
        if not line.startswith(' '):
            paragraphs.append([])
        paragraphs[-1].append(line)
    return ['not below "%s": %s' % (head, what) for head, what in wanted
            if not any(matches(head, p[0]) and any(matches(what, line) for line in p)
                       for p in paragraphs)]


class Hung:
    """A machine that loads the module which hangs in some way."""

    def __init__(self, arch, folder, how, smp=2):
        self.arch, self.symbols = arch, build.elf(folder, False)
        path = module.compile_module(folder, SOURCE)
        script = TRACE + 'cat /proc/cmdline; insmod /%s how=%s; cat /proc/cmdline\n' % (FILE, how)
        self.machine = qemu.Machine(arch, build.image(folder, arch), qemu.boot_words(arch, True),
                                    script, smp=smp, mem='64',
                                    files={FILE: path})
        self.process = self.machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                          stderr=subprocess.PIPE)
        self.log = bytearray()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while piece := self.process.stderr.read1(65536):
            self.log += piece

    def report(self):
        """Stops the machine for a look at it, and lets it go on."""
        cpus = postmortem.registers(self.arch, self.machine.monitor)
        dead = guest.Guest(self.arch, self.symbols, self.machine.memory())
        lines = list(postmortem.report(dead, cpus))
        postmortem.ask(self.machine.monitor, 'cont')
        return lines

    def close(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.machine.close()


def hangs(arch, folder, how, wanted):
    """Returns what the report about a kernel that hangs like this does not tell."""
    hung = Hung(arch, folder, how)
    try:
        end, problems, lines = time.monotonic() + SECONDS, ['it did not come so far'], []
        while problems and time.monotonic() < end and hung.process.poll() is None:
            if b'hang_module: ' not in hung.log:
                time.sleep(0.05)
                continue
            lines = hung.report()
            problems = missing(lines, wanted)
        if not problems and not any('vfs_open' in line and ' pid ' in line for line in lines):
            problems = ['the last calls are not in it']
        if not problems and not any('hang_module: ' + how in line for line in lines):
            problems = ['the log is not in it']
        return problems + lines if problems else []
    finally:
        hung.close()


def by_command(arch, folder, how, options, status, *words):
    """Hangs, or breaks, under ./run, and returns what is wrong with its status and its words."""
    done = subprocess.run([os.path.join(ROOT, 'run'), arch, '--build', folder, *options,
                           '--module', SOURCE + ' how=' + how, '-c', 'echo'],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    problems = [] if done.returncode == status else ['status %d' % done.returncode]
    problems += ['nothing about: ' + text for text in words if text not in done.stderr]
    return problems + [done.stderr[-3000:]] if problems else []


def kept(arch, folder):
    """Returns what is wrong when the remains of a machine are kept in a folder, and looked at
    again: the same report, without the machine. A machine that ends well leaves nothing."""
    run, tool = os.path.join(ROOT, 'run'), os.path.join(ROOT, 'tools', 'trace')

    def ran(*words):
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        return done.returncode, done.stdout, done.stderr

    with tempfile.TemporaryDirectory() as place:
        to = os.path.join(place, 'remains')
        boot = [run, arch, '--build', folder, '--mem', '64', '--smp', '2', '--flight',
                '--post-mortem', to]
        status, out, err = ran(*boot, '-c', 'echo well')
        if (status, out, os.path.exists(to)) != (0, 'well\n', False):
            return ['after a good end: %d %s' % (status, out), err, os.listdir(place)]
        status, _, err = ran(*boot, '--timeout', '4', '--module', SOURCE + ' how=abba', '-c',
                             'echo')
        said = err[err.find('run: no power-off'):].split('\n')[1:]
        status_again, out, more = ran(run, '--post-mortem', to)
        again = out.split('\n')
        problems = [] if (status, status_again, more) == (124, 0, '') else [
            'status %d, then %d' % (status, status_again), more]
        # Between the first line and the last is what ./run has said.
        problems += [] if again[1:-2] and again[1:-2] == said[:len(again) - 3] else [
            'the report is another one', *again, '---', *said]
        problems += [] if any('the last traced calls of CPU 1' in line for line in again) else [
            '--flight has traced nothing']
        with open(os.path.join(to, 'log.txt')) as file:
            problems += [] if 'hang_module: abba' in file.read() else ['the log is not in it']
        status, out, err = ran(tool, os.path.join(to, 'trace.dat'))
        problems += [] if not status and ' events of 2 CPUs' in out else [out, err]
        # Nothing is put among other files.
        with open(os.path.join(to, 'mine'), 'w'):
            pass
        status, _, err = ran(*boot, '-c', 'echo')
        return problems + ([] if status == 1 and 'something else is in it: mine' in err else [err])


def main():
    arch, folder = sys.argv[1:]
    tap = Tap()
    tap.case('remains in a folder', kept(arch, folder))
    for how, wanted in WAYS.items():
        tap.case('where it hangs: ' + how, hangs(arch, folder, how, wanted))
    tap.case('./run tells when time is over', by_command(
        arch, folder, 'never', ['--timeout', '3'], 124, 'no power-off within 3 seconds',
        'pid 3 "hangs": asleep', 'is_never_woken', 'the end of the log:'))
    for how, words in ('stack', 'stack overflow'), ('mutex', 'takes_a_mutex_twice'):
        tap.case('./run tells after a panic: ' + how, by_command(
            arch, folder, how, [], 122, words, 'the kernel panicked', 'kthread_join'))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
