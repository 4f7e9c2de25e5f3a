# SPDX-License-Identifier: MIT
"""Commands for gdb on Patchbay: `pb threads`, `pb trace [N]`, `pb sites FUNCTION`, `pb why
FUNCTION`. They read memory through gdb, so they work on a replay (./run --goto), on a running guest
(./run --gdb), and through any other stub; or, after `pb use DIR`, on what ./run --post-mortem has
kept. Load them by `source tools/gdb/pb.py`, with the image as gdb's file."""
import os
import sys

import gdb

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

import artifact
import guest
import postmortem
import program
import ringbuffer
import sites
import why
from traces import traceevents, tracetext

ARCHES = {'i386': 'i386', 'i386:x86-64': 'i386', 'aarch64': 'arm64'}
FRAME = {'i386': ('ebp', 'eflags'), 'arm64': ('x29', 'cpsr')}
LINES = 20
kept = None			# what `pb use` has opened: (memory, registers of the CPUs)


class ByGdb(guest.Guest):
    """A guest whose memory gdb reads."""

    def __init__(self):
        file = gdb.current_progspace().filename
        if not file:
            raise gdb.GdbError('gdb has no image: file build/ARCH/patchbay.elf')
        arch = ARCHES.get(gdb.selected_frame().architecture().name())
        if arch is None:
            raise gdb.GdbError('this is no machine of Patchbay')
        super().__init__(arch, file, b'')
        self.pages = {}

    def page(self, at):
        # The machine is stopped, so what was read once is still right.
        if at not in self.pages:
            try:
                self.pages[at] = bytes(gdb.selected_inferior().read_memory(at, guest.PAGE))
            except gdb.MemoryError:
                raise guest.Unreadable('nothing is mapped at 0x%x' % at) from None
        return self.pages[at]

    def read(self, va, size):
        data, first = b'', va - va % guest.PAGE
        for at in range(first, va + size, guest.PAGE):
            data += self.page(at)
        return data[va - first:va - first + size]


def registers(arch):
    """Returns the registers of each CPU, which are gdb's threads."""
    chosen, found = gdb.selected_thread(), []
    fp, flags = FRAME[arch]
    for thread in sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num):
        thread.switch()
        frame = gdb.newest_frame()
        found.append({name: int(frame.read_register(register)) & (1 << 64) - 1
                      for name, register in (('pc', 'pc'), ('fp', fp), ('flags', flags))})
        if arch == 'i386':
            found[-1] = {name: value & 0xffffffff for name, value in found[-1].items()}
    if chosen:
        chosen.switch()
    return found


def machine():
    """Returns (memory, registers of the CPUs) of what is looked at."""
    if kept:
        return kept
    memory = ByGdb()
    return memory, registers(memory.arch)


def use(folder):
    """Opens what ./run --post-mortem has kept, so that no machine is needed."""
    global kept
    try:
        arch, cpus, _ = artifact.load_about(folder)
        kept = artifact.load_memory(folder, arch), cpus
    except (OSError, program.Failure) as why:
        raise gdb.GdbError('%s: is not what ./run --post-mortem keeps (%s)' % (folder, why))
    gdb.execute('file ' + os.path.join(folder, 'image.elf'))


class Command(gdb.Command):
    """One of the commands: `lines` returns what it prints."""

    def __init__(self, name, usage, lines):
        self.usage, self.lines = usage, lines
        self.__doc__ = 'pb %s%s' % (name, usage)
        super().__init__('pb ' + name, gdb.COMMAND_DATA)

    def invoke(self, text, from_tty):
        words = gdb.string_to_argv(text)
        try:
            for line in self.lines(*words) or ():
                print(line)
        except TypeError:
            raise gdb.GdbError('usage: ' + self.__doc__) from None
        except (guest.Unreadable, sites.NoSite) as error:
            raise gdb.GdbError(str(error))


def threads():
    return postmortem.threads(*machine())


def trace(count=str(LINES)):
    reader = traceevents.Reader(ringbuffer.read(machine()[0]))
    lines = ''.join(tracetext.function_lines(reader)).split('\n')[:-1]
    return lines[-int(count):] + reader.trace.notes


def site(function):
    return sites.lines(machine()[0], function)


def reason(function):
    return why.lines(machine()[0], function)


class Commands(gdb.Command):
    __doc__ = __doc__


Commands('pb', gdb.COMMAND_DATA, prefix=True)
Command('threads', '', threads)
Command('trace', ' [N]', trace)
Command('sites', ' FUNCTION', site)
Command('why', ' FUNCTION', reason)
Command('use', ' DIR', use)
