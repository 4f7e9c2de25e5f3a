#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every room of the house uses those below it alone, and the parts of trace/core have an order. A
part is what has one name: set.c and set.h are one. Prints TAP, one case a room.

usage: layers.py SOURCE_ROOT"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))
import program  # noqa: E402
from tap import Tap  # noqa: E402

# What the files of a room may include, besides their own room. kernel/ knows the tracer through
# kernel/trace_hooks.h alone. trace/core and trace/ring_buffer, which can be taken into other
# kernels, know the kernel through trace/kernel.h alone, and the machine through trace/arch.h.
# The trampolines in which a port writes the events of the function tracer and of function_graph
# know how they look, and the shadow stack.
SEQUENCES = {'trace/tracers/trace_functions.h', 'trace/tracers/fgraph_stack.h'}
CONTRACT = {'kernel', 'trace/arch.h', 'trace/ftrace.h', 'trace/core'}
ROOMS = {
    'kernel': {'asm'},
    'arch/common': CONTRACT | SEQUENCES | {'asm'},
    'boot': {'asm', 'kernel', 'arch/arm64/sysreg.h'},
    'arch/i386': CONTRACT | {'asm', 'arch/common', 'boot'},
    'arch/arm64': CONTRACT | {'asm', 'arch/common', 'boot'},
    'trace/kernel.h': {'kernel/trace_needs.h', 'kernel/trace_hooks.h'},
    'trace/ftrace.h': {'trace/arch.h', 'trace/kernel.h'},
    'trace/arch.h': {'asm/ftrace.h', 'asm/local.h', 'trace/kernel.h'},
    'trace/core': {'trace/kernel.h', 'trace/arch.h', 'trace/ftrace.h'},
    'trace/ring_buffer': {'trace/kernel.h', 'trace/arch.h'},
    'trace/output': CONTRACT | {'trace/ring_buffer'},
    'trace/tracers': CONTRACT | {'trace/ring_buffer', 'trace/output'},
    'trace/events': CONTRACT | {'trace/ring_buffer', 'trace/output'},
    'trace/probes': CONTRACT | {'trace/ring_buffer', 'trace/output', 'trace/tracers',
                                'trace/events'},
    'trace/tracefs': CONTRACT | {'trace/ring_buffer', 'trace/output', 'trace/tracers',
                                 'trace/events', 'trace/probes'},
    'compat': {'asm', 'kernel', 'trace'},
    'samples': {'kernel', 'trace', 'compat'},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)
# The compiler's own headers, and on the host those of the C library, belong to no room.
OUTSIDE = re.compile(r'(sys/)?[a-z]+\.h')


def includes(path):
    """Yields what a file includes, by path from the root. Modules name their neighbours alone, and
    Linux's headers as Linux has them."""
    folder = os.path.dirname(path)
    with open(path) as file:
        for name in INCLUDE.findall(file.read()):
            beside, linux = os.path.join(folder, name), os.path.join('compat', name)
            if os.path.exists(beside):
                yield beside
            elif os.path.exists(linux):
                yield linux
            elif os.path.exists(name) or not OUTSIDE.fullmatch(name):
                yield name


def sources(room):
    """Returns the C and assembly files of the room and of the rooms in it."""
    if os.path.isfile(room):
        return [room]
    return sorted(os.path.join(path, name) for path, _, names in os.walk(room) for name in names
                  if name.endswith(('.c', '.h', '.S')))


def is_in(path, rooms):
    return any(path == room or path.startswith(room + '/') for room in rooms)


def strays(room, allowed):
    """Yields the includes that leave the room for a place where it may not look."""
    for path in sources(room):
        for name in includes(path):
            if not is_in(name, allowed | {room}):
                yield '%s includes %s' % (path, name)


def circle(uses, part, way):
    """Returns the first path from @part back to itself as a list, or None if there is none."""
    if part in way:
        return way[way.index(part):] + [part]
    found = (circle(uses, other, way + [part]) for other in sorted(uses.get(part, ())))
    return next(filter(None, found), None)


def circles(room):
    uses = {}
    for path in sources(room):
        part = os.path.splitext(path)[0]
        others = {os.path.splitext(name)[0] for name in includes(path) if is_in(name, {room})}
        uses.setdefault(part, set()).update(others - {part})
    for part in sorted(uses):
        found = circle(uses, part, [])
        if found:
            return [' -> '.join(map(os.path.basename, found))]
    return []


def main():
    root, = program.arguments(__doc__, 1)
    os.chdir(root)
    tap = Tap()
    for room, allowed in ROOMS.items():
        tap.case('%s uses what is below it' % room,
                 strays(room, allowed) if sources(room) else ['no files'])
    tap.case('the parts of trace/core have an order', circles('trace/core'))
    return tap.done()


program.run('layers', main)
