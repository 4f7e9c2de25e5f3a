#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Types random lines at a kernel: commands of the shell, verbs of `trace`, writes to tracefs, made
from a grammar, with names and numbers that are right, nearly right and wrong. Whatever is typed,
the kernel must come to the end of the script without a report of a fault, and resetting everything
must leave no function attached. Of lines that fail, only those are printed that are needed, as a
command that takes them again. Prints TAP.

usage: lines.py ARCH BUILD_DIRECTORY [--seed N] [--random SECONDS] [--smp N]"""
import argparse
import itertools
import os
import random
import re
import shlex
import subprocess
import sys
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import build
import qemu
import shrink
from tap import Tap

TRACING = '/sys/kernel/tracing/'
FUNCTIONS = [
    'vfs_read', 'vfs_*', '*', 'kmalloc', '__schedule', '*sched*', 'no_such_function', '[a-k]*',
    '?fs*', '!vfs_read', '!*', '*_*_*', 'vfs_read vfs_write', '1', '500', '-5', '0',
    ':mod:ftrace_ops', '*:mod:ftrace_ops', '*:mod:nonesuch', 'vfs_read:traceon',
    'vfs_read:nonesuch:3', 'x' * 300, '', '# vfs_read', 'vfs_read\\n', '\\0', 'wake_up_process',
]
NUMBERS = ['0', '1', '2', '3', '-1', '5', '64', '100', '2000', '4194303', '4294967295',
           '4294967296', '18446744073709551616', '0x10', '010', '', ' 1 ', '1 2', 'x', '1e3']
TRACERS = ['function', 'nop', 'nonesuch', '', 'function nop']
MODULES = ['ftrace-ops', 'ftrace-direct', 'ftrace-direct-multi', 'ftrace-direct-modify',
           'livepatch-sample', 'livepatch-direct', 'nonesuch', '', '/tmp/file',
           'ftrace-ops nonesuch=1']
WORKLOADS = ['sched', 'fs', 'mm', 'cpu', 'all', 'nonesuch']
OPTIONS = ['annotate', 'func_stack_trace', 'func-no-repeats', 'overwrite', 'stacktrace', 'sym-addr',
           'sym-offset', 'verbose', 'latency-format', 'markers', 'raw', 'hex', 'bin', 'irq-info',
           'trace_printk', 'pause-on-trace', 'disable_on_free', 'nonesuch']
CLOCKS = ['local', 'global', 'counter', 'uptime', 'mono', 'boot', 'nonesuch']
# Files of tracefs that are read or written; what is written to them is drawn from the list.
FILES = {
    'set_ftrace_filter': FUNCTIONS, 'set_ftrace_notrace': FUNCTIONS, 'current_tracer': TRACERS,
    'tracing_on': NUMBERS, 'buffer_size_kb': NUMBERS, 'per_cpu/cpu0/buffer_size_kb': NUMBERS,
    'trace_clock': CLOCKS, 'trace_options': OPTIONS + ['no' + name for name in OPTIONS],
    'trace_marker': ['a marker', 'x' * 3000, '', '%s%n', '\\x01\\xff'], 'trace': NUMBERS,
    'buffer_percent': NUMBERS, 'free_buffer': NUMBERS, 'saved_cmdlines_size': NUMBERS,
    'error_log': NUMBERS, 'available_filter_functions': NUMBERS, 'enabled_functions': NUMBERS,
    'touched_functions': NUMBERS, 'dyn_ftrace_total_info': NUMBERS, 'README': NUMBERS,
    'per_cpu/cpu0/stats': NUMBERS, 'per_cpu/cpu0/trace': NUMBERS, 'saved_cmdlines': NUMBERS,
    'nonesuch': NUMBERS,
}
OTHERS = ['/proc/threads', '/proc/kallsyms', '/proc/modules', '/proc/meminfo', '/proc/interrupts',
          '/tmp/file', '/tmp', '/', '/nonesuch', '/sys/kernel/tracing/options/*',
          '/sys/kernel/tracing/per_cpu/*/stats']
# Resets everything, and tells what is left. Modules may lean on each other, so each is removed as
# often as there are modules.
EPILOGUE = '\n'.join(
    ['trace reset', 'echo 1 > /proc/sys/kernel/ftrace_enabled'] +
    ['rmmod ' + name.replace('-', '_') for name in MODULES[:6]] * 2 +
    ['trace reset', 'cd /', 'rm -rf /tmp/*', 'cat /sys/kernel/tracing/enabled_functions',
     'echo "the end of" the lines', 'poweroff 0'])
END = 'the end of the lines'
BAD = re.compile(r'Kernel panic|KASAN:|KCSAN:|BUG|WARNING|lockdep:|use after free')
LINES = 200			# a boot
TIMEOUT, SHRINK_SECONDS = 120, 200


def closed(line):
    """Returns the line with its last quote closed and without a backslash at its end, so that it
    does not take the next lines to be its own."""
    quote, before = '', ' '
    at = 0
    while at < len(line):
        char = line[at]
        if not quote and char == '#' and before in ' ;|':
            return line
        if char == '\\' and quote != "'":
            at += 1
            if at == len(line):
                return line[:-1] + quote
        elif char == quote:
            quote = ''
        elif not quote and char in '\'"':
            quote = char
        before = line[min(at, len(line) - 1)]
        at += 1
    return line + quote


class Grammar:
    """Draws lines."""

    def __init__(self, seed):
        self.draw = random.Random(seed)

    def one(self, *choices):
        return self.draw.choice(choices)

    def quoted(self, text):
        """Returns the text as a word of the shell, sometimes with quotes that do not fit."""
        return self.one("'%s'", "'%s'", "'%s'", '"%s"', '%s', "'%s") % text

    def function(self):
        return self.quoted(self.draw.choice(FUNCTIONS))

    def file(self):
        name = self.draw.choice(list(FILES))
        if not self.draw.randrange(4):
            name = 'options/' + self.draw.choice(OPTIONS)
        return name

    def path(self):
        return TRACING + self.file() if self.draw.randrange(4) else self.draw.choice(OTHERS)

    def write(self):
        name = self.file()
        values = FILES.get(name, NUMBERS) if self.draw.randrange(5) else FUNCTIONS
        return 'echo %s%s %s %s' % (self.one('', '', '-n ', '-e '),
                                    self.quoted(self.draw.choice(values)), self.one('>', '>', '>>'),
                                    TRACING + name)

    def read(self):
        return '%s %s%s' % (self.one('cat', 'head -n 3', 'tail -n 2', 'wc', 'sort -n', 'uniq -c',
                                     'hexdump -n 64', 'grep -c vfs', 'head -3', 'wc -l <'),
                            self.path(), self.one('', '', ' | tail -n 3', ' | sort -r | head -n 2',
                                                  ' > /tmp/file', ' | wc'))

    def trace(self):
        verb = self.one('record', 'record', 'start', 'stop', 'show | tail -n 2', 'reset', 'stat',
                        'list -f %s | wc -l' % self.function(), 'nonesuch', '')
        if verb in ('record', 'start'):
            verb += self.one('', ' -p function', ' -p ' + self.quoted(self.draw.choice(TRACERS)))
            for _ in range(self.draw.randrange(3)):
                verb += ' %s %s' % (self.one('-l', '-n', '-l'), self.function())
            verb += self.one('', ' -b %s' % self.quoted(self.draw.choice(NUMBERS[:9])))
            verb += ' ' + self.command() if verb.startswith('record') else ''
            return 'trace %s | tail -n 2' % verb
        return 'trace ' + verb

    def command(self):
        return self.one('cat /proc/threads', 'workload %s 3' % self.draw.choice(WORKLOADS),
                        'ls /proc', 'sleep 0.01', 'nonesuch', 'trace stat', '')

    def module(self):
        name = self.draw.choice(MODULES)
        return 'insmod ' + name if self.draw.randrange(2) else 'rmmod ' + name.replace('-', '_')

    def switch(self):
        return 'echo %s > /proc/sys/kernel/ftrace_enabled' % self.quoted(self.draw.choice(NUMBERS))

    def other(self):
        return self.one('mkdir -p /tmp/a/b', 'rm -r /tmp/a', 'cd ' + self.draw.choice(OTHERS),
                        'rm -f ' + self.path(), 'mkdir ' + self.path(), 'ps | tail -n 2', 'free',
                        'ls -l', 'lsmod', 'ktest fs | tail -n 1', 'dmesg | tail -n 1',
                        'workload %s 3' % self.draw.choice(WORKLOADS),
                        'sleep ' + self.one('0', '0.001', '-1', 'x', ''), 'bench nonesuch',
                        'echo %s > /tmp/file' % self.function(), 'cat < /tmp/file')

    def noise(self):
        """A line of characters that the shell has uses for."""
        length = self.draw.randrange(1, 40)
        return ''.join(self.draw.choice('ae*?[]\'"\\|<>;#!~ $&0-/') for _ in range(length))

    def line(self):
        kinds = [self.write] * 8 + [self.read] * 4 + [self.trace] * 4 + [self.module] * 3 + \
                [self.switch, self.other, self.other, self.noise]
        return closed(self.draw.choice(kinds)())


def boot(args, lines):
    """Boots with these lines. Returns what is wrong, as a list of strings."""
    machine = qemu.Machine(args.arch, build.image(args.build, args.arch, True),
                           qemu.boot_words(args.arch, True) + ' poison',
                           '\n'.join([*lines, EPILOGUE, '']),
                           smp=args.smp)
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)
    why = None
    try:
        out, log = process.communicate(timeout=TIMEOUT)
        why = machine.status(process.returncode)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        out, log = process.communicate()
        why = 'not over within %d seconds' % TIMEOUT
    finally:
        machine.close()
    out, log = out.decode(errors='replace').replace('\r', ''), log.decode(errors='replace')
    problems = [why] if why else []
    problems += [line for line in log.split('\n') if BAD.search(line)]
    tail = out.split('\n')[-40:]
    if END not in tail:
        problems += ['the script did not come to its end:', *tail, *log.split('\n')[-30:]]
    else:
        left = out[:out.rindex(END)].split('\n')
        attached = [line for line in left[-8:] if re.match(r'\w+ \(\d+\)', line)]
        problems += ['still attached after everything was reset: ' + line for line in attached]
    return problems


def check(args, tap, seed):
    grammar = Grammar(seed)
    lines = [grammar.line() for _ in range(LINES)]
    problems = boot(args, lines)
    tap.case('%d lines of seed %d' % (len(lines), seed), problems)
    if problems:
        needed = shrink.shrink(lines, lambda some: bool(boot(args, some)), SHRINK_SECONDS)
        tap.note('these lines do not fail again' if needed is None else
                 'this is enough: ./run %s --tests -c %s'
                 % (args.arch, shlex.quote('\n'.join([*needed, EPILOGUE]))))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--random', type=float, default=0, metavar='SECONDS',
                        help='goes on with the seeds that follow, for so long')
    parser.add_argument('--smp', type=int, default=2)
    parser.add_argument('arch', choices=build.ARCHES)
    parser.add_argument('build')
    args = parser.parse_args()
    tap = Tap()
    end = time.monotonic() + args.random
    for seed in itertools.count(args.seed):
        check(args, tap, seed)
        if time.monotonic() >= end:
            return tap.done()


if __name__ == '__main__':
    sys.exit(main())
