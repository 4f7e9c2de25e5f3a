#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/tracediff: tells how two traces differ: which functions are called that were not, or no
longer, how often, from where, and where the order of a thread's calls changes."""
import argparse
import collections
import difflib
import sys

import program
from traces import tracedat, tracelines

SAME, DIFFERENT = 0, 1
AROUND = 2			# equal lines that are shown around a difference
ALIGNED = 1500			# lines of a thread in which places are looked for
MOST = 5			# differences of a thread that are shown
LINES = 8			# lines of each that are shown

EPILOG = """A and B are each a trace.dat, or text: the guest's file `trace`, what ./run --record
FILE.txt writes, or the output of a console with a trace in it. Threads are compared one by one;
which CPU they ran on, how the lines of several threads mix, and what a call returned makes no
difference. Under --icount runs are repeated exactly, so every difference is one of the program.

Exit status: 0 if they are equal, 1 if they differ, 2 if they cannot be compared."""


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog='tools/tracediff', epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description='Tells how two traces differ.')
    parser.add_argument('--times', action='store_true', help='compare times and durations, too')
    parser.add_argument('before', metavar='A')
    parser.add_argument('after', metavar='B')
    args = parser.parse_args(argv)
    if not args.before or not args.after:
        parser.error('a name is empty')
    return args


def times(number):
    return '%d call%s' % (number, '' if number == 1 else 's')


def counted(threads):
    """Returns how often each function was called, and how often from each caller."""
    calls, callers = collections.Counter(), collections.Counter()
    for items in threads.items.values():
        for item in items:
            if item.name is not None:
                calls[item.name] += 1
                callers[item.name, item.caller] += 1
    return calls, callers


def count_lines(before, after):
    """Yields lines about functions and callers whose counts differ."""
    (calls_a, callers_a), (calls_b, callers_b) = counted(before), counted(after)
    changed = {name for name, _ in callers_a.keys() | callers_b.keys()
               if calls_a[name] != calls_b[name]}
    moved = {name for name, caller in callers_a.keys() | callers_b.keys()
             if callers_a[name, caller] != callers_b[name, caller]}
    for name in sorted(changed | moved):
        if not calls_a[name]:
            yield 'added: %s, %s' % (name, times(calls_b[name]))
        elif not calls_b[name]:
            yield 'gone: %s, which had %s' % (name, times(calls_a[name]))
        elif name in changed:
            yield 'count: %s, %s instead of %d' % (name, times(calls_b[name]), calls_a[name])
        else:
            yield 'callers: %s, still %s' % (name, times(calls_b[name]))
        for caller in sorted({caller for known, caller in callers_a.keys() | callers_b.keys()
                              if known == name and caller}):
            a, b = callers_a[name, caller], callers_b[name, caller]
            if a != b:
                yield '    from %s: %d instead of %d' % (caller, b, a)


def shown(mark, keys, start, end):
    start, end = max(start, 0), min(end, len(keys))
    for key in keys[start:min(end, start + LINES)]:
        # Of a stack its first line is enough.
        yield '    %s %s' % (mark, key.split('\n')[0])
    if end > start + LINES:
        yield '    %s and %d more' % (mark, end - start - LINES)


def order_lines(label, a, b, key):
    """Yields lines about where the items of one thread differ."""
    keys_a, keys_b = [key(item) for item in a], [key(item) for item in b]
    first = 0
    while first < min(len(a), len(b)) and keys_a[first] == keys_b[first]:
        first += 1
    last = 0
    while last < min(len(a), len(b)) - first and keys_a[-1 - last] == keys_b[-1 - last]:
        last += 1
    if collections.Counter(keys_a) == collections.Counter(keys_b):
        yield '%s: the same in another order:' % label
    else:
        yield '%s: from line %d on:' % (label, first + 1)
    end_a, end_b = len(a) - last, len(b) - last
    most_a, most_b = min(end_a, first + ALIGNED), min(end_b, first + ALIGNED)
    match = difflib.SequenceMatcher(None, keys_a[first:most_a], keys_b[first:most_b], False)
    blocks = [block for block in match.get_opcodes() if block[0] != 'equal']
    for number, (_, from_a, to_a, from_b, to_b) in enumerate(blocks[:MOST]):
        from_a, to_a, from_b, to_b = (first + n for n in (from_a, to_a, from_b, to_b))
        if number:
            yield '    ...'
        yield from shown(' ', keys_a, from_a - AROUND, from_a)
        yield from shown('-', keys_a, from_a, to_a)
        yield from shown('+', keys_b, from_b, to_b)
        yield from shown(' ', keys_a, to_a, to_a + AROUND)
    if len(blocks) > MOST:
        yield '    and %d more places' % (len(blocks) - MOST)
    if (most_a, most_b) != (end_a, end_b):
        yield '    and %d and %d more lines that are not compared one by one' % (
            end_a - most_a, end_b - most_b)


def differences(before, after, with_times=False):
    """Yields lines about how two traces differ; none if they are equal."""
    def key(item):
        return ('%s  [%s%s]' % (item.text, item.time, item.span)) if with_times else item.text

    threads = []
    for thread in [*before.items, *(key for key in after.items if key not in before.items)]:
        a, b = before.items.get(thread, []), after.items.get(thread, [])
        label = after.labels.get(thread) or before.labels[thread]
        if not a or not b:
            threads.append('%s: only in %s, %d lines' % (label, 'B' if not a else 'A',
                                                         len(a) or len(b)))
        elif [key(item) for item in a] != [key(item) for item in b]:
            threads += order_lines(label, a, b, key)
    if threads:
        yield from count_lines(before, after)
        yield from threads
        for name, lost in ('A', before.lost), ('B', after.lost):
            if lost:
                yield 'note: events were lost in %s, so what is missing may have happened' % name


def load(path):
    try:
        return tracelines.read(path)
    except tracedat.BadFile as why:
        words = '%s: %s' % (path, why)
    except OSError as error:
        words = program.describe(error)
    program.complain('tracediff', words)
    sys.exit(2)


def main(argv):
    args = arguments(argv)
    before, after = load(args.before), load(args.after)
    status = SAME
    for line in differences(before, after, args.times):
        print(line)
        status = DIFFERENT
    return status


if __name__ == '__main__':
    program.run('tracediff', main, sys.argv[1:])
