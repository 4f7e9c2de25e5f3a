# SPDX-License-Identifier: MIT
"""What ./run keeps of a machine that has ended: the trace that was in its memory, in any format of
tools/traces/tracewrite.py, and the memory itself."""
import argparse

import guest
import program
import ringbuffer
import tracediff
from traces import tracedat, tracedraw, traceevents, tracelines, tracewrite

RAM = '.ram'
BLOCK = 1 << 20


def path(text):
    """Checks the argument of --record."""
    if not text.endswith(RAM) and tracewrite.kind_of(text) is None:
        raise argparse.ArgumentTypeError('%s: ends with none of %s' % (
            text, ' '.join([*tracewrite.ENDS, RAM])))
    return text


def save_ram(memory, to):
    """Writes memory to a file in which what is zero takes no room."""
    with open(to, 'wb') as file:
        for at in range(0, len(memory), BLOCK):
            block = memory[at:at + BLOCK]
            if block.strip(b'\0'):
                file.seek(at)
                file.write(block)
        file.truncate(len(memory))


def trace_of(machine, image):
    """Returns a reader of the trace in a machine's memory."""
    memory = guest.Guest(machine.arch, image, machine.memory())
    if not memory.has_begun():
        raise guest.Unreadable('the kernel has not begun')
    return traceevents.Reader(ringbuffer.read(memory))


def golden(path):
    """Returns what the trace of --golden says, before anything is booted."""
    try:
        return tracelines.read(path)
    except tracedat.BadFile as why:
        raise program.Failure('--golden %s: %s' % (path, why)) from None


def compare(machine, image, wanted):
    """Compares the trace in a machine's memory with that of --golden. Returns 0 if they are equal,
    otherwise 1, with the differences on stderr."""
    try:
        lines = list(tracediff.differences(wanted, tracelines.of_reader(trace_of(machine, image))))
    except guest.Unreadable as why:
        lines = [str(why)]
    if not lines:
        return 0
    return program.complain('run', '\n'.join(['the trace is not that of --golden:', *lines]))


def save(machine, image, paths):
    """Writes what --record asked for. Returns 0, or 1 with a message if something could not be
    written."""
    status, reader = 0, None
    for to in paths:
        try:
            if to.endswith(RAM):
                save_ram(machine.memory(), to)
                continue
            if reader is None:
                reader = trace_of(machine, image)
                for note in reader.trace.notes:
                    program.complain('run', '--record: ' + note)
                if not any(True for _ in reader):
                    program.complain('run', '--record: nothing was traced')
            tracewrite.write(reader, to)
        except (guest.Unreadable, tracedraw.Refused) as why:
            status = program.complain('run', '--record %s: %s' % (to, why))
        except OSError as error:
            status = program.complain('run', '--record: ' + program.describe(error))
    return status
