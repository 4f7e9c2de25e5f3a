#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records a run, and goes to lines of its trace: the function, its arguments, thread and CPU there
are those of the line, and the line's event is the next one that its function records. gdb is used
once, with the commands of tools/gdb. Prints TAP.

usage: replay.py ARCH BUILD_DIRECTORY
PATCHBAY_REPLAYS is the number of lines (3)."""
import contextlib
import io
import os
import random
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

import findcall
import goto
import program
import replay
import replayable
import run
from tap import Tap

LINES = int(os.environ.get('PATCHBAY_REPLAYS', '3'))
SEED = 15
# Instructions that may lie between a function's entry and the end of the event about it. (An
# interrupt in between may record events of its own.)
MOST = 20000
# Functions of which `trace why` and `pb why` must say the same.
EXPLAINED = ('wake_up_process', 'wake_first', 'kernel_main', 'memcpy')
SCRIPT = ('trace why %s; ' % ' '.join(EXPLAINED) +
          'echo 1 > /sys/kernel/tracing/options/func-args; '
          'trace record -p function -e sched_switch workload sched 10 > /dev/null')


def ran(*words):
    done = subprocess.run([os.path.join(ROOT, 'run'), *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout, done.stderr


def passed(reader, event):
    """Returns what the event says of the arguments in registers, as far as it has them."""
    data, word = event.data, reader.trace.word
    values = [int.from_bytes(data[i:i + word], 'little')
              for i in range(8 + 2 * word, len(data) - word + 1, word)]
    return values


def differences(walk, reader, event, place, entry):
    """Returns what is wrong where the machine has come to at a place."""
    problems = []
    if place.at_entry and walk.pc(place.cpu) != entry:
        problems.append('CPU %d is at %#x' % (place.cpu, walk.pc(place.cpu)))
    if not walk.rings.is_context(place.cpu, event) or place.cpu != event.cpu:
        problems.append('another thread, or CPU')
    if place.at_entry and walk.rings.newest(event.cpu) >= event.time:
        problems.append('the event has been recorded already')
    if not place.at_entry and walk.rings.newest(event.cpu) != event.time:
        problems.append('the newest event is of another time')
    wanted, there = passed(reader, event), walk.arguments(place.cpu)
    # How many registers have arguments depends on the function; those that were recorded are there.
    count = min(len(wanted), len(there))
    if place.at_entry and wanted[:count] != there[:count]:
        problems.append('arguments %s, not %s' % (there, wanted))
    return problems


def lines_are_found(image, reader, make, events):
    """Goes to the place of each event. Returns what is wrong."""
    finder, problems = findcall.Finder(image, reader, make), []
    places = finder.find(events)
    order = sorted(range(len(events)), key=lambda i: places[i].icount)
    with findcall.Walk(image, make) as walk:
        for i in order:
            event, place = events[i], places[i]
            walk.run_to(place.icount)
            walk.watch()
            wrong = differences(walk, reader, event, place, finder.entry(event))
            walk.leave()
            if wrong:
                problems += [goto.shown(reader, event), *wrong]
        # The next place may be nearer than the end of an event, so the last one's alone is awaited.
        walk.small_steps(event, MOST // 20)
        if walk.at - place.icount > MOST:
            problems.append('the event is recorded %d instructions after the entry'
                            % (walk.at - place.icount))
    return problems


def chosen(reader):
    """Returns random events: calls, and one that is none."""
    draw = random.Random(SEED)
    calls = [event for event in reader if reader.function(event)]
    others = [event for event in reader if not reader.function(event)]
    return draw.sample(calls, LINES - 1) + draw.sample(others, 1)


def by_gdb(folder, reader, told):
    """Goes to a call by its number, in gdb. `told` is what the guest has printed."""
    status, out, err = ran('--goto', 'wake_up_process:3', folder, *(
        word for command in (
            'bt 2', 'pb threads', 'pb trace 2', 'pb sites wake_up_process', 'pb sites vfs_none',
            *('pb why ' + name for name in EXPLAINED), 'p $pc')
        for word in ('--gdb-commands', command)))
    calls = [event for event in reader if reader.function(event) == 'wake_up_process']
    wanted = ['#0 ', 'wake_up_process (', 'CPU 0: pid %d ' % calls[2].pid,
              'wake_up_process: calls what is attached', 'callbacks: 1']
    problems = [] if status in (0, 1) else ['status %d' % status]
    problems += ['not there: ' + text for text in wanted if text not in out]
    problems += [] if 'there is no function vfs_none' in err else ['vfs_none']
    # What is attached, and its cost, is told in other words.
    reasons = [line for line in told.split('\n') if line[:1].strip()]
    problems += [] if len(reasons) >= len(EXPLAINED) else ['trace why: ' + told]
    problems += ['pb why has not: ' + line for line in reasons if line not in out.split('\n')]
    before = [event for event in reader if event.time < calls[2].time][-1]
    line = goto.shown(reader, before).split('] ')[1].split(': ')
    problems += [] if all(word in out for word in line) else ['no line ' + ': '.join(line)]
    return problems + [out, err] if problems else []


def refused(folder, reader):
    """Returns what is wrong with the words about places that are none."""
    problems = []
    for where, words in (('1', 'no event in this line'), ('99999999', 'it has'),
                         ('vfs_none:1', 'no call of vfs_none'),
                         ('wake_up_process:0', 'calls of wake_up_process'),
                         ('99.000001', 'no line of the trace')):
        try:
            goto.wanted(reader, where)
            problems.append('%s is accepted' % where)
        except program.Failure as why:
            problems += [] if words in str(why) else [str(why)]
    call = next(event for event in reader if reader.function(event))
    with open(os.path.join(folder, 'trace.txt')) as file:
        text = file.read().split('\n')
    number = next(i for i, line in enumerate(text) if not line.startswith('#'))
    for where in text[number], str(number + 1), goto.shown(reader, call):
        problems += [] if goto.wanted(reader, where)[0] == call else ['%s: another line' % where]
    for words, said in ((['--replayable', folder, '-c', ''], 'needs --icount'),
                        (['--icount', '--smp', '2', '--replayable', folder, '-c', ''], '--smp 1'),
                        (['--gdb-commands', 'bt'], 'are for --goto'),
                        (['--goto', '1', '/'], 'is not what ./run --replayable writes')):
        with contextlib.redirect_stderr(io.StringIO()) as err:
            try:
                run.arguments(words)
                goto.go(*words[1:], None)
            except (SystemExit, program.Failure) as why:
                print(why, file=err)
        problems += [] if said in err.getvalue() else [err.getvalue()]
    return problems


def main():
    arch, folder = sys.argv[1:]
    tap = Tap()
    with tempfile.TemporaryDirectory() as place:
        to = os.path.join(place, 'run')
        status, told, err = ran(arch, '--build', folder, '--icount', '--mem', '32', '--replayable',
                             to, '-c', SCRIPT)
        # Not all of the functions can be traced, which is a status.
        tap.case('a run is kept', ['status %d' % status, err] if status != 1 else [])
        if status != 1:
            return tap.done()
        image, reader, make = replayable.load(to)
        try:
            problems = lines_are_found(image, reader, make, chosen(reader))
        except (findcall.NotFound, replay.Ended) as why:
            problems = [str(why)]
        tap.case('%d lines' % LINES, problems)
        tap.case('in gdb', by_gdb(to, reader, told))
        tap.case('places that are none', refused(to, reader))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
