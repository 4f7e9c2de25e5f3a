#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks tools/tracediff with traces that differ in a known way: each difference must be told by
name, and what makes no difference must not. Also reads and writes trace.dat without a guest.
Prints TAP."""
import io
import os
import random
import struct
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import tracediff
from traces import tracedat, traceevents, tracelines, tracetext
from tap import Tap

SEED, DIFFERENCES = 7, 20
FUNCTIONS = ['open_it', 'walk_it', 'read_it', 'close_it', 'free_it']
THREADS = ['sh-1', 'cat-5', 'cat-6', '<idle>-0']

FORMAT = '''name: function
ID: 1
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:unsigned long ip;	offset:8;	size:4;	signed:0;
	field:unsigned long parent_ip;	offset:12;	size:4;	signed:0;

print fmt: " %ps <-- %ps", (void *)REC->ip, (void *)REC->parent_ip
'''


def calls(chance, number=200):
    """Returns random calls: (thread, CPU, function, caller)."""
    return [(chance.choice(THREADS), 0, chance.choice(FUNCTIONS), chance.choice(FUNCTIONS))
            for _ in range(number)]


def function_text(trace, step=3):
    """Returns the text of calls, each so many microseconds after the one before."""
    return [' %15s-%-7s [%03d] .....  %4d.%06d: %s <-%s' % (
        *thread.split('-'), cpu, 1, step * i, name, caller)
        for i, (thread, cpu, name, caller) in enumerate(trace)]


def difference(one, other, with_times=False):
    return list(tracediff.differences(tracelines.parse(one), tracelines.parse(other), with_times))


def seeded(chance, trace, kind):
    """Changes a trace in one place. Returns it, and words that must be told about it."""
    trace = list(trace)
    at = chance.randrange(20, len(trace) - 20)
    thread, cpu, name, caller = trace[at]
    if kind == 'gone':
        del trace[at]
        return trace, ['count: ' + name, '- %s <-%s' % (name, caller)]
    if kind == 'added':
        trace.insert(at, (thread, cpu, 'new_one', caller))
        return trace, ['added: new_one, 1 call', 'from %s: 1 instead of 0' % caller,
                       '+ new_one <-' + caller]
    if kind == 'caller':
        trace[at] = thread, cpu, name, 'another'
        return trace, ['callers: ' + name, 'from another: 1 instead of 0', '+ %s <-another' % name]
    if kind == 'thread':
        trace = [(('dd-9' if t == thread else t), *rest) for t, *rest in trace]
        return trace, ['only in A', 'only in B']
    # In another order: this call of a thread and its next other one.
    other = next(i for i in range(at + 1, len(trace))
                 if trace[i][0] == thread and trace[i][2:] != trace[at][2:])
    trace[at], trace[other] = trace[other], trace[at]
    return trace, ['the same in another order']


def seeds_are_told():
    """Returns what was not told of seeded differences, and what was told of the others."""
    chance, problems = random.Random(SEED), []
    for number in range(DIFFERENCES):
        before = calls(chance)
        kind = ['gone', 'added', 'caller', 'order', 'thread'][number % 5]
        after, words = seeded(chance, before, kind)
        told = difference(function_text(before), function_text(after))
        heads = [line for line in told if line.startswith(('count', 'added', 'gone', 'callers'))]
        if len(heads) != (kind in ('gone', 'added', 'caller')):
            problems.append('%s: told of functions: %s' % (kind, heads))
        problems += ['%s: not told: %s, but: %s' % (kind, word, told[:9]) for word in words
                     if not any(word in line for line in told)]
    return problems


def equal_ones():
    """What makes no difference: times unless they are asked for, CPUs, the mix of threads, other
    pids, and other output around it."""
    chance = random.Random(SEED)
    trace = calls(chance)
    text = function_text(trace)
    mixed = [call for thread in THREADS for call in trace if call[0] == thread]
    moved = [(thread, 0 if '-0' in thread else 3, *rest) for thread, _, *rest in trace]
    later = [(thread.replace('-5', '-15').replace('-6', '-16'), *rest) for thread, *rest in trace]
    problems = []
    for name, other in ('times', function_text(trace, 5)), ('mix', function_text(mixed)), \
            ('CPUs', function_text(moved)), ('pids', function_text(later)), \
            ('output', ['/ # cat trace', '# tracer: function', *text, '/ # ', 'it - [is] 1: no']):
        problems += [name + ': ' + line for line in difference(text, other)]
    if not difference(text, function_text(trace, 5), True) or difference(text, text, True):
        problems.append('times were asked for')
    return problems


def graphs():
    """Threads, callers and durations of function_graph."""
    rule = ' ------------------------------------------'
    text = [' 0)               |  outer() {', ' 0)   0.100 us    |    inner(a=1);',
            ' 0)               |    /* said */', ' 0) + 12.000 us   |  } /* outer = 0x1 */', rule,
            ' 0)     sh-1      =>     cat-5     ', rule, '', ' 0)   0.300 us    |  outer();']
    threads = tracelines.parse(text)
    problems = []
    if threads.items != {('sh', 0): [tracelines.Item('outer', '', 'outer()', '', '12.000 us'),
                                     tracelines.Item('inner', 'outer', '  inner(a=1)', '',
                                                     '0.100 us'),
                                     tracelines.Item(None, '', '  /* said */', '', '')],
                         ('cat', 0): [tracelines.Item('outer', '', 'outer()', '', '0.300 us')]}:
        problems.append(str(threads.items))
    other = [line.replace('inner(a=1)', 'inner(a=2)') for line in text]
    told = difference(text, other)
    if not any('+   inner(a=2)' in line for line in told) or any('count' in line for line in told):
        problems.append('an argument: %s' % told)
    slower = [line.replace('12.000', '13.000') for line in text]
    if difference(text, slower) or not difference(text, slower, True):
        problems.append('a duration')
    return problems


def a_trace(count=3):
    trace = tracedat.Trace(4, 'a guest')
    trace.formats = [('ftrace', FORMAT)]
    trace.symbols = [(0x1000, 'one', ''), (0x2000, 'two', 'module')]
    trace.comms, trace.printks = {7: 'some thing'}, {0x99: 'a "text"\n\t\\ %d'}
    trace.stats = {0: 'entries: %d\n' % count, 1: ''}
    data = b''.join(struct.pack('<IHBBiII', 1000 << 5 | 4, 1, 0, 0, 7, 0x1004, 0x2001)
                    for _ in range(count))
    trace.cpus = {0: [tracedat.page_of(5000, data, 4, 9)] if count else [], 1: []}
    return trace


def files():
    """A trace.dat has what was written into it, and damaged ones are refused in words."""
    trace, problems = a_trace(), []
    file = io.BytesIO()
    tracedat.write(trace, file)
    again = tracedat.read(file.getvalue())
    for name in 'word', 'name', 'cpus', 'stats', 'formats', 'symbols', 'printks', 'comms', 'clock':
        if getattr(again, name) != getattr(trace, name):
            problems.append('%s: %r' % (name, getattr(again, name)))
    text = ''.join(tracetext.lines(traceevents.Reader(again))).split('\n')
    if text[2:4] != ['CPU:0 [LOST 9 EVENTS]',
                     '      some thing-7       [000] .....     0.000006: one <-two']:
        problems += text
    for size in range(0, len(file.getvalue()), 7):
        try:
            tracedat.read(file.getvalue()[:size])
            problems.append('%d bytes of it are enough' % size)
        except tracedat.BadFile:
            pass
    return problems


def fields():
    """An event that is known by its format alone: arrays, texts of variable length, and texts that
    are somewhere else."""
    trace, problems = a_trace(0), []
    common = FORMAT.split('\tfield:unsigned long ip')[0].split('format:')[1]
    trace.formats.append(('sched', 'name: happened\nID: 300\nformat:' + common +
                          '\tfield:char who[8];\toffset:8;\tsize:8;\tsigned:0;\n'
                          '\tfield:const char * why;\toffset:16;\tsize:4;\tsigned:0;\n'
                          '\tfield:__data_loc char[] name;\toffset:20;\tsize:4;\tsigned:0;\n'
                          '\tfield:s16 much;\toffset:24;\tsize:2;\tsigned:1;\n\n'
                          'print fmt: "%s", REC->who\n'))
    data = struct.pack('<I', 9 << 5 | 8) + struct.pack('<HBBi8sIIhH', 300, 0, 0, 7, b'me', 0x99,
                                                       28 | 4 << 16, -3, 0) + b'you\0'
    trace.cpus[0] = [tracedat.page_of(0, data, 4)]
    text = ''.join(tracetext.lines(traceevents.Reader(trace))).split(': ', 2)[2]
    if text != 'happened: who=me why=%s name=you much=-3\n' % trace.printks[0x99]:
        problems.append(text)
    return problems


def walks():
    """Events that lead out of a sub-buffer, or are none, do not verify."""
    page = a_trace().cpus[0][0]
    data = page[12:12 + 60]
    long = struct.pack('<II', 0, 4 + 124) + bytes(124)
    stamp = struct.pack('<II', 5 << 5 | 31, 1)
    problems = []
    for what, wanted in (data, 3), (data[:-4], None), (long, 1), (long[:-4], None), \
            (stamp + data, 3), (b'\x3d\0\0\0\xff\xff\0\0', None), (b'\x1d\0\0\0' + data, 0), \
            (b'\0\0\0\0\0\0\0\0', None), (b'', 0), (b'\x01', None):
        if traceevents.walk(what, 0) != wanted:
            problems.append('%s: %s' % (what[:16].hex(), traceevents.walk(what, 0)))
    if traceevents.time_at(stamp + data, 3 << 59) != (3 << 59) + (1 << 27) + 5 + 3000:
        problems.append('the upper bits of an absolute time')
    return problems


def main():
    tap = Tap()
    tap.case('seeded differences', seeds_are_told())
    tap.case('what makes no difference', equal_ones())
    tap.case('function_graph', graphs())
    tap.case('trace.dat', files())
    tap.case('fields of any event', fields())
    tap.case('events that do not verify', walks())
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
