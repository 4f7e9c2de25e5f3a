#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table by which `trace why` tells whether a function can be traced, and why not, as
assembly, from a linked image and its debug information. trace/tracefs/function_table.h has the
table's layout. With a file of ceilings, which are for the default options, calls have costs.

usage: classify.py IMAGE OUTPUT [CEILINGS]
       classify.py --none OUTPUT         an empty table, for the first link"""
import bisect
import os
import struct

import dwarf_units
import inlined
import program
from asm_table import assembly
from elf import ElfFile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The kinds of source files, as in trace/tracefs/function_table.h.
UNKNOWN, TRACED, UNTRACED, ASSEMBLY = range(4)
# How many of the functions that one is inlined into are named.
CALLERS = 8
NAME_SIZE = 96			# of a file's name, with its terminator
# Cases of the ceilings, in the order of enum call_cost.
CASES = ['ops_1', 'ops_1_regs', 'ops_1_recursion', 'ops_2', 'ops_10', 'direct',
         'direct_plus_ops_1', 'tracer_function', 'tracer_graph']
HEADER = '<3I%dH' % len(CASES)
ARCHES = {3: 'i386', 183: 'arm64'}


def kind_of(producer):
    """Tells from the words of a compiler, which include its options, how it made a file."""
    if producer.startswith('GNU AS'):
        return ASSEMBLY
    options = producer.split()
    return TRACED if '-p' in options or '-pg' in options or \
        any(option.startswith('-fpatchable-function-entry=') for option in options) else UNTRACED


def unit_ranges(elf):
    """Returns (start, end, offset of the unit in the debug information) of all code, in order."""
    section, found, at = elf.section('.debug_aranges'), [], 0
    data = elf.data[section.offset:section.offset + section.size] if section else b''
    while at < len(data):
        length, _, unit, size = struct.unpack_from('<IHIB', data, at)
        end, pair = at + 4 + length, '<2' + ('Q' if size == 8 else 'I')
        for first in range(at + -(-12 // (2 * size)) * 2 * size, end, 2 * size):
            start, count = struct.unpack_from(pair, data, first)
            if count:
                found.append((start, start + count, unit))
        at = end
    return sorted(found)


def front_coded(before, name):
    """Returns a name as the number of bytes that it shares with the one before, and the others."""
    a, b, same = before.encode(), name.encode(), 0
    while same < min(len(a), len(b), 255) and a[same] == b[same]:
        same += 1
    return bytes([same]) + b[same:] + b'\0'


def read_name(data, at, before):
    """Returns the front-coded name at a place, and the place behind it."""
    end = data.index(b'\0', at + 1)
    return (before.encode()[:data[at]] + data[at + 1:end]).decode(), end + 1


def unpack(data):
    """Returns what Classes.pack() has put into a table: for each function its file, or None; the
    kinds of files; by name how many functions one is inlined into, and the numbers of the first;
    and the weak functions that lost, by name, with their files."""
    nr, at, calls, *_ = struct.unpack_from(HEADER, data)
    numbers = struct.unpack_from('<%dH' % nr, data, struct.calcsize(HEADER))
    known, kinds = [None], {}
    while data[at]:
        kind = data[at]
        file, at = read_name(data, at + 1, known[-1] or '')
        known.append(file)
        kinds[file] = kind
    found, losers, at, name = {}, {}, calls, ''
    while data[at:at + 2] != b'\0\0':
        name, at = read_name(data, at, name)
        total, = struct.unpack_from('<H', data, at)
        values = struct.unpack_from('<%dH' % min(max(total, 1), CALLERS), data, at + 2)
        at += 2 + 2 * len(values)
        if total:
            found[name] = total, values
        else:
            losers[name] = known[values[0]]
    return [known[number] for number in numbers], kinds, found, losers


class Classes:
    """What is known of an image's functions: `files`, for each function in the order of their
    addresses the name of its file, or None; `kinds` of the files by name; `inlined`, by name the
    numbers of the functions that one is inlined into; `losers`, pairs of the names of a weak
    function that lost to another one, and of its file."""

    def __init__(self, elf):
        functions = elf.functions()
        self.starts = [address for address, _, _ in functions]
        self.ends = [address + size for address, size, _ in functions]
        # Names of files are relative to the folder in which the image is built.
        self.folder = os.path.dirname(os.path.abspath(elf.path))
        self.kinds, self.inlined, self.losers, self.compiled = {}, {}, set(), set()
        units = {}
        for unit in dwarf_units.units(elf):
            if unit.useful:
                units[unit.start] = self.add(unit)
        # In debug information the code of a function begins behind the NOPs of its site, so a range
        # may begin in it.
        ranges = unit_ranges(elf)
        range_ends = [end for _, end, _ in ranges]
        self.files = []
        for start, end in zip(self.starts, self.ends):
            i = bisect.bisect_right(range_ends, start)
            found = i < len(ranges) and ranges[i][0] < max(end, start + 1)
            self.files.append(units.get(ranges[i][2]) if found else None)
        if any(self.files[number] is None for number in self.compiled):
            raise SystemExit('%s: not every function in C is in a file' % elf.path)

    def add(self, unit):
        """Adds the functions of a unit, and returns the name of its file."""
        top = unit.entry(unit.first)
        file = os.path.relpath(os.path.join(self.folder, top.name), ROOT)
        self.kinds[file] = kind_of(top.producer)
        for function, names in inlined.of_unit(unit):
            number = bisect.bisect_right(self.starts, function.address) - 1
            # The body of a weak function that lost is there, but it is no symbol's.
            if function.address < self.ends[number]:
                self.compiled.add(number)
                # The compiler also splits functions, and may put the parts together again.
                for name in names - {function.described.name}:
                    self.inlined.setdefault(name, set()).add(number)
            else:
                self.losers.add((function.described.name, file))
        return file

    def pack(self, costs):
        """Returns the table as bytes."""
        long = [file for file in self.kinds if len(file.encode()) >= NAME_SIZE]
        if long:
            raise SystemExit('name too long for FUNCTION_SOURCE_LEN: ' + long[0])
        used = set(self.files) - {None} | {file for _, file in self.losers}
        numbers = {file: i for i, file in enumerate(sorted(used), 1)}
        files = struct.pack('<%dH' % len(self.files),
                            *(numbers.get(file, 0) for file in self.files))
        sources, before = b'', ''
        for file in sorted(used):
            sources += bytes([self.kinds[file]]) + front_coded(before, file)
            before = file
        # A weak function that lost is a record without callers, which has a file instead.
        records = [(name, 0, [numbers[file]]) for name, file in self.losers]
        records += [(name, len(found), sorted(found)[:CALLERS])
                    for name, found in self.inlined.items()]
        calls, before = b'', ''
        for name, total, values in sorted(records):
            calls += front_coded(before, name)
            calls += struct.pack('<%dH' % (1 + len(values)), total, *values)
            before = name
        at = struct.calcsize(HEADER) + len(files)
        return struct.pack(HEADER, len(self.files), at, at + len(sources) + 1, *costs) + files + \
            sources + b'\0' + calls + b'\0\0'


def costs_of(path, machine):
    """Returns what the cases may cost on a machine, by the file of ceilings."""
    with open(path) as file:
        rows = [line.split() for line in file if line.strip() and not line.startswith('#')]
    column = list(ARCHES).index(machine) + 1
    found = {row[0]: int(row[column]) for row in rows}
    return [found[case] for case in CASES]


def main():
    image, output, *ceilings = program.arguments(__doc__, 2, 3)
    costs = [0] * len(CASES)
    data = struct.pack(HEADER, 0, 0, 0, *costs)
    if image != '--none':
        elf = ElfFile(image)
        if ceilings:
            costs = costs_of(ceilings[0], elf.machine)
        data = Classes(elf).pack(costs)
    with open(output, 'w') as out:
        out.write(assembly(data, 'classify.py', '.kallsyms', 'function_table'))


if __name__ == '__main__':
    program.run('classify', main)
