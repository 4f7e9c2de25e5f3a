#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of function prototypes, by which the tracers print arguments and results, from
the debug information of an image or of a module's relocatable file. trace/output/prototypes.h has
the table's layout. For an image it is assembly, with the traced functions by their offset from
_text; for a module it is a section's contents, with the functions by a hash of their names.

usage: prototypes.py IMAGE OUTPUT
       prototypes.py --none OUTPUT       an empty table, for the first link
       prototypes.py --module FILE OUTPUT"""
import bisect
import struct

import dwarf_units
import program
from asm_table import assembly
from elf import ElfFile

# The kinds of types, as in trace/output/prototypes.h.
(VOID, BOOL, CHAR, SIGNED, UNSIGNED, POINTER, STRING, ENUM_SIGNED, ENUM_UNSIGNED,
 STRUCTURE) = range(10)
ATE_BOOLEAN, ATE_SIGNED, ATE_SIGNED_CHAR = 2, 5, 6
VARIADIC = 0x8000
LIMIT = 0xffff
# What a tracepoint runs: it has no site, but its arguments are those of the tracepoint.
TRACEPOINT = '__traceiter_'
# How far before or behind a function's first byte the compiler's table may point.
SITE_DISTANCE = 8


def ksym_hash(name):
    """Returns the same as ksym_hash() in kernel/kallsyms.h."""
    value = 0
    for byte in name.encode():
        value = (value * 33 + byte) & 0xffffffff
    return value ^ value >> 16


class Table:
    """Collects prototypes. Equal strings, types, lists of enumerators and prototypes are one."""

    def __init__(self):
        self.functions = {}             # key: index of the prototype's first word
        self.prototypes, self.types, self.enums, self.strings = [], [], [], bytearray(b'\0')
        self.known = {'': 0}            # by contents: where it is

    def _place(self, where, key, words):
        """Returns the index in the list `where` of these words, which are appended if they are new.
        Lists of different kinds never have equal keys."""
        if key not in self.known:
            self.known[key] = len(where)
            where += words
        return self.known[key]

    def string(self, text):
        return self._place(self.strings, text, text.encode() + b'\0')

    def type(self, kind, size, extra=0):
        words = [kind, min(size, LIMIT), extra]
        return self._place(self.types, ('type', *words), words) // 3

    def enum(self, values):
        words = [len(values)]
        for value, name in values:
            words += [value & 0xffff, value >> 16 & 0xffff, self.string(name)]
        return self._place(self.enums, ('enum', *words), words)

    def prototype(self, result, arguments, variadic):
        words = [result, len(arguments) | (VARIADIC if variadic else 0)]
        for name, number in arguments:
            words += [self.string(name), number]
        return self._place(self.prototypes, ('prototype', *words), words)

    def pack(self, path):
        """Returns the table as bytes."""
        parts = [self.prototypes, self.types, self.enums]
        if max(map(len, parts + [self.strings])) > LIMIT:
            raise SystemExit('%s: too many prototypes for a table of 16-bit offsets' % path)
        keys = sorted(self.functions)
        body = struct.pack('<%dI' % len(keys), *keys)
        body += struct.pack('<%dH' % len(keys), *(self.functions[key] for key in keys))
        at, starts = 24, []
        for part in parts:
            starts.append(at + len(body))
            body += struct.pack('<%dH' % len(part), *part)
        starts.append(at + len(body))
        body += bytes(self.strings)
        return struct.pack('<6I', at + len(body), len(keys), *starts) + body


class Reader:
    """Turns the entries of one unit of debug information into rows of a table."""

    def __init__(self, unit, table):
        self.unit, self.table, self.types = unit, table, {}

    def strip(self, offset):
        """Returns the entry of a type without its typedefs and qualifiers; None for void."""
        while offset is not None:
            entry = self.unit.entry(offset)
            if entry.tag not in ('typedef', 'const', 'volatile', 'restrict', 'atomic'):
                return entry
            offset = entry.type
        return None

    def pointer(self, entry):
        """Describes a pointer: to constant characters, to a structure with a name, or another."""
        target = self.unit.entry(entry.type) if entry.type is not None else None
        if target and target.tag == 'const':
            base = self.strip(target.type)
            if base and base.tag == 'base' and base.name == 'char':
                return self.table.type(STRING, self.unit.address_size)
        return self.table.type(POINTER, self.unit.address_size)

    def enumeration(self, entry):
        values = [(child.value, child.name) for child in self.unit.children(entry)]
        base = self.strip(entry.type)
        encoding = base.encoding if base else entry.encoding
        signed = encoding in (ATE_SIGNED, ATE_SIGNED_CHAR) or any(v < 0 for v, _ in values)
        # Values with more than 32 bits have no names.
        if any(not -1 << 31 <= value < 1 << 32 for value, _ in values):
            return self.table.type(SIGNED if signed else UNSIGNED, entry.size)
        return self.table.type(ENUM_SIGNED if signed else ENUM_UNSIGNED, entry.size,
                               self.table.enum(values))

    def base(self, entry):
        if entry.encoding == ATE_BOOLEAN:
            return self.table.type(BOOL, entry.size)
        if entry.name == 'char':
            return self.table.type(CHAR, entry.size)
        signed = entry.encoding in (ATE_SIGNED, ATE_SIGNED_CHAR)
        return self.table.type(SIGNED if signed else UNSIGNED, entry.size)

    def describe(self, offset):
        entry = self.strip(offset)
        if entry is None:
            return self.table.type(VOID, 0)
        if entry.tag == 'pointer':
            return self.pointer(entry)
        if entry.tag == 'enumeration':
            return self.enumeration(entry)
        if entry.tag == 'base':
            return self.base(entry)
        return self.table.type(STRUCTURE, entry.size)

    def number(self, offset):
        """Returns the index of a type in the table."""
        if offset not in self.types:
            self.types[offset] = self.describe(offset)
        return self.types[offset]

    def prototype(self, function):
        """Returns the index of a function's prototype. If a function is also inlined, the entry of
        its code points to the one that describes it."""
        arguments, variadic = [], False
        for child in self.unit.children(function.described):
            if child.tag == 'parameter':
                arguments.append((child.name, self.number(child.type)))
            variadic = variadic or child.tag == 'unspecified'
        return self.table.prototype(self.number(function.described.type), arguments, variadic)


def near_site(sites, address):
    at = bisect.bisect_left(sites, address - SITE_DISTANCE)
    return at < len(sites) and sites[at] <= address + SITE_DISTANCE


def of_image(elf):
    """Returns the table of an image's traced functions and of its tracepoints. Copies that the
    compiler made of a function for some of its calls (name.constprop.0) may lack arguments, so they
    have no prototype."""
    table, base = Table(), elf.address('_text')
    sites = sorted(elf.words(elf.address('__start_mcount_loc'), elf.address('__stop_mcount_loc')))
    symbols = [(address, name) for address, _, name in elf.functions()]
    starts = [address for address, _ in symbols]
    for unit in dwarf_units.units(elf):
        reader = Reader(unit, table)
        for function in unit.functions():
            # In debug information the code of a function begins behind the NOPs of its site.
            address, name = symbols[bisect.bisect_right(starts, function.address) - 1]
            if name == function.described.name and (near_site(sites, address) or
                                                    name.startswith(TRACEPOINT)):
                table.functions[address - base] = reader.prototype(function)
    return table


def of_module(elf):
    """Returns the table of a module's functions. Where two names have the same hash, neither has a
    prototype."""
    table, names = Table(), {}
    for unit in dwarf_units.units(elf):
        reader = Reader(unit, table)
        for function in unit.functions():
            name = function.described.name
            key = ksym_hash(name)
            if names.setdefault(key, name) == name:
                table.functions[key] = reader.prototype(function)
            else:
                table.functions.pop(key, None)
    return table


def main():
    words = program.arguments(__doc__, 2, 3)
    if words[0] == '--module' and len(words) == 3:
        with open(words[2], 'wb') as out:
            out.write(of_module(ElfFile(words[1])).pack(words[1]))
        return
    image, output = words
    table = Table() if image == '--none' else of_image(ElfFile(image))
    with open(output, 'w') as out:
        out.write(assembly(table.pack(image), 'prototypes.py', '.prototypes',
                           'kernel_prototypes'))


if __name__ == '__main__':
    program.run('prototypes', main)
