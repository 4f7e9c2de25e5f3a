# SPDX-License-Identifier: MIT
"""./run --goto WHERE DIR: repeats the run that ./run --replayable has kept in a folder up to one
line of its trace, and leaves one there in gdb."""
import os
import re
import signal
import subprocess
import sys

import findcall
import program
import replay
import replayable
from traces import tracetext

HELPERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gdb', 'pb.py')


def shown(reader, event):
    """Returns the line about an event as the tracer `function` shows it."""
    return '%s-%d [%03d] %s: %s' % (
        reader.comm(event.pid), event.pid, event.cpu,
        tracetext.time_of(event.time, reader.trace.in_ns).strip(),
        tracetext.text(reader, event).rstrip())


def _by_number(reader, number):
    line = 0
    for piece, event in tracetext.pieces(reader):
        line += piece.count('\n')
        if line >= number:
            if event is None:
                break
            return [event]
    raise program.Failure('--goto %d: trace.txt has no event in this line%s' % (
        number, '' if line >= number else '; it has %d lines' % line))


def _by_name(reader, name, number):
    found = [event for event in reader if reader.function(event) == name]
    if not found:
        raise program.Failure('--goto %s:%d: no call of %s is in the trace' % (name, number, name))
    if not 1 <= number <= len(found):
        raise program.Failure('--goto %s:%d: the trace has %d calls of %s'
                              % (name, number, len(found), name))
    return [found[number - 1]]


def _by_text(reader, where):
    """Returns the events whose time, or whose line, is this text."""
    if re.fullmatch(r'\d+\.\d+', where):
        found = [event for event in reader
                 if tracetext.time_of(event.time, reader.trace.in_ns).strip() == where]
    else:
        wanted = ' '.join(where.split())
        found = [event for piece, event in tracetext.pieces(reader)
                 if event and wanted in (' '.join(piece.split()), shown(reader, event))]
    if not found:
        raise program.Failure('--goto %s: no line of the trace is this one; give a line of '
                              'trace.txt, its number, its time, or function:N' % where)
    return found


def wanted(reader, where):
    """Returns the events that the words of --goto mean, of which the first one is taken."""
    named = re.fullmatch(r'([\w.]+):(\d+)', where)
    if where.isdigit():
        return _by_number(reader, int(where))
    if named:
        return _by_name(reader, named[1], int(named[2]))
    return _by_text(reader, where)


def debug(machine, place, image, commands):
    """Runs gdb on a stopped machine. Returns its exit status."""
    command = ['gdb-multiarch', '-q', image, '-ex', 'set pagination off', '-ex',
               'target remote ' + machine.path, '-x', HELPERS]
    # gdb takes a machine that it has stopped itself to be at CPU 0.
    command += ['-ex', 'thread %d' % (place.cpu + 1)] * bool(place.cpu)
    for words in commands or []:
        command += ['-ex', words]
    command += ['-batch'] * (commands is not None)
    interactive = commands is None
    if interactive:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.run(command, stdin=None if interactive else subprocess.DEVNULL,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
                          ).returncode


def go(where, folder, commands):
    """Does what ./run --goto is asked for. `commands` are gdb's, or None for a gdb on the terminal.
    Returns the exit status."""
    image, reader, make = replayable.load(folder)
    events = wanted(reader, where)
    event = events[0]
    print('run: going to: ' + shown(reader, event), file=sys.stderr)
    if len(events) > 1:
        print('run: %d lines are like this; function:N tells them apart' % len(events),
              file=sys.stderr)
    try:
        place, = findcall.Finder(image, reader, make).find([event])
        with replay.Replay(make()) as machine:
            machine.run_to(place.icount)
            print('run: after %d instructions, CPU %d, %s' % (
                place.icount, place.cpu, 'at the entry of ' + reader.function(event)
                if place.at_entry else 'just recorded'), file=sys.stderr, flush=True)
            return debug(machine, place, image, commands)
    except (findcall.NotFound, replay.Ended) as why:
        raise program.Failure('--goto %s: %s' % (where, why)) from None
