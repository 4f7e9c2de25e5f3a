# SPDX-License-Identifier: MIT
"""Reads functions and types from the debug information of an ELF file: DWARF 4 and 5 as GCC writes
it, without what no tool needs. It reads an entry when it is asked for, and passes over the
rest, so that an image takes a fraction of a second. (python3-pyelftools, which reads everything,
takes ten times as long. A test compares the two.)"""
import struct

TAGS = {0x01: 'array', 0x04: 'enumeration', 0x05: 'parameter', 0x0d: 'member', 0x0f: 'pointer',
        0x13: 'structure', 0x15: 'subroutine', 0x16: 'typedef', 0x17: 'union', 0x18: 'unspecified',
        0x1d: 'inlined', 0x24: 'base', 0x26: 'const', 0x28: 'enumerator', 0x2e: 'function',
        0x35: 'volatile', 0x37: 'restrict', 0x47: 'atomic'}
ATTRIBUTES = {0x01: 'sibling', 0x03: 'name', 0x0b: 'size', 0x11: 'low_pc', 0x1c: 'value',
              0x25: 'producer', 0x31: 'origin', 0x38: 'offset', 0x3c: 'declaration',
              0x3e: 'encoding', 0x47: 'origin', 0x49: 'type', 0x55: 'ranges'}
# Forms: how a value is read. A number is that of its bytes.
FIXED = {0x05: 2, 0x06: 4, 0x07: 8, 0x0b: 1, 0x0c: 1, 0x0e: 4, 0x10: 4, 0x11: 1, 0x12: 2, 0x13: 4,
         0x14: 8, 0x17: 4, 0x19: 0, 0x1e: 16, 0x1f: 4, 0x21: 0, 0x25: 1, 0x26: 2, 0x28: 4}
ADDR, BLOCK2, BLOCK4, STRING, BLOCK, BLOCK1, SDATA, STRP, UDATA = 1, 3, 4, 8, 9, 10, 13, 14, 15
EXPRLOC, FLAG_PRESENT, LINE_STRP, IMPLICIT_CONST = 0x18, 0x19, 0x1f, 0x21
RELATIVE = {0x11, 0x12, 0x13, 0x14, 0x15}       # references that count from the unit's start
UT_COMPILE, UT_PARTIAL = 1, 3
SHT_RELA = 4
# Relocations of 4 and of 8 bytes by a symbol's value.
ABSOLUTE = {(183, 258): 4, (183, 257): 8, (62, 10): 4, (62, 1): 8}
RLE_OFFSET_PAIR, RLE_BASE_ADDRESS, RLE_START_END, RLE_START_LENGTH = 4, 5, 6, 7


def uleb(data, at):
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value, shift = value & 0x7f, 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at + 1


def sleb(data, at):
    start = at
    value, at = uleb(data, at)
    bits = 7 * (at - start)
    return (value - (1 << bits) if value >> (bits - 1) else value), at


def string(data, at):
    return data[at:data.index(b'\0', at)].decode()


def contents(elf, name):
    """Returns a section with its relocations. Those of i386 need none: what is in place counts from
    the start of the section that is meant."""
    section = elf.section(name)
    if section is None:
        return b''
    data = bytearray(elf.data[section.offset:section.offset + section.size])
    number = elf.sections.index(section)
    # In an image the linker has applied those that it has kept.
    for relocations in elf.sections if elf.address('_text') is None else []:
        if relocations.type != SHT_RELA or relocations.info != number:
            continue
        for at in range(relocations.offset, relocations.offset + relocations.size, 24):
            place, info, addend = struct.unpack_from('<QQq', elf.data, at)
            size = ABSOLUTE.get((elf.machine, info & 0xffffffff))
            if size:
                value = elf.symbols[info >> 32].value + addend
                data[place:place + size] = (value & (1 << 8 * size) - 1).to_bytes(size, 'little')
    return bytes(data)


class Entry:
    __slots__ = ('tag', 'inside', 'has_children', 'end', 'sibling', 'name', 'size', 'low_pc',
                 'value', 'origin', 'offset', 'declaration', 'encoding', 'type', 'ranges',
                 'described', 'address', 'producer')


class Unit:
    """The debug information of one source file. Entries are named by their offset in it."""

    def __init__(self, sections, start):
        self.sections, self.info = sections, sections['.debug_info']
        length, version = struct.unpack_from('<IH', self.info, start)
        self.start, self.end = start, start + 4 + length
        if version == 5:
            kind, self.address_size, abbrevs = struct.unpack_from('<BBI', self.info, start + 6)
            self.first, self.useful = start + 12, kind in (UT_COMPILE, UT_PARTIAL)
        else:
            abbrevs, self.address_size = struct.unpack_from('<IB', self.info, start + 6)
            self.first, self.useful = start + 11, version == 4
        self.abbrevs = self._abbreviations(abbrevs)

    def _abbreviations(self, at):
        known = self.sections.setdefault('abbreviations', {})
        if at in known:
            return known[at]
        start, data, found = at, self.sections['.debug_abbrev'], {}
        while data[at]:
            code, at = uleb(data, at)
            tag, at = uleb(data, at)
            children, at = data[at], at + 1
            fields = []
            while True:
                attribute, form, constant = data[at], data[at + 1], None
                if attribute < 0x80 and form < 0x80:
                    at += 2
                else:
                    attribute, at = uleb(data, at)
                    form, at = uleb(data, at)
                if form == IMPLICIT_CONST:
                    constant, at = sleb(data, at)
                if not attribute:
                    break
                fields.append((ATTRIBUTES.get(attribute), form, constant,
                               self.address_size if form == ADDR else FIXED.get(form)))
            found[code] = TAGS.get(tag), children, fields
        known[start] = found
        return found

    def _variable(self, form, at):
        """Returns the value of a form that says itself how long it is, and where it ends."""
        data = self.info
        if form in (UDATA, 0x15, 0x1a, 0x1b, 0x22, 0x23):
            return uleb(data, at)
        if form == SDATA:
            return sleb(data, at)
        if form == STRING:
            end = data.index(b'\0', at)
            return data[at:end].decode(), end + 1
        if form in (EXPRLOC, BLOCK):
            size, at = uleb(data, at)
        elif form in (BLOCK1, BLOCK2, BLOCK4):
            width = {BLOCK1: 1, BLOCK2: 2, BLOCK4: 4}[form]
            size, at = int.from_bytes(data[at:at + width], 'little'), at + width
        else:
            raise SystemExit('debug information has a form that is not known here: 0x%x' % form)
        return None, at + size

    def behind(self, form, at):
        """Returns where a value of such a form ends."""
        return self._variable(form, at)[1]

    def _value(self, form, constant, raw):
        if form == STRP:
            return string(self.sections['.debug_str'], raw)
        if form == LINE_STRP:
            return string(self.sections['.debug_line_str'], raw)
        if form == IMPLICIT_CONST:
            return constant
        if form == FLAG_PRESENT:
            return 1
        return raw + self.start if form in RELATIVE else raw

    def entry(self, at):
        """Returns the entry at this offset; None where a list of children ends."""
        code, at = uleb(self.info, at)
        if not code:
            return None
        entry = Entry()
        entry.tag, entry.has_children, fields = self.abbrevs[code]
        entry.name, entry.size, entry.value = '', 0, 0
        entry.type = entry.origin = entry.sibling = entry.declaration = None
        entry.low_pc = entry.ranges = entry.encoding = entry.offset = None
        entry.producer = ''
        info = self.info
        for attribute, form, constant, size in fields:
            if size is None:
                raw, at = self._variable(form, at)
            else:
                raw = int.from_bytes(info[at:at + size], 'little') if attribute else 0
                at += size
            if attribute:
                setattr(entry, attribute, self._value(form, constant, raw))
        entry.inside = at
        return entry

    def _behind(self, entry):
        """Returns where the entry behind this one and all that is in it begins."""
        if not entry.has_children:
            return entry.inside
        if entry.sibling:
            return entry.sibling
        at = entry.inside
        while True:
            child = self.entry(at)
            if child is None:
                return at + 1
            at = self._behind(child)

    def children(self, entry):
        at = entry.inside
        while entry.has_children:
            child = self.entry(at)
            if child is None:
                return
            yield child
            at = self._behind(child)

    def _first_range(self, at, base):
        """Returns where the first of a function's parts begins, which is the one with its entry."""
        data, size = self.sections['.debug_rnglists'], self.address_size
        while True:
            kind, at = data[at], at + 1
            if kind == RLE_BASE_ADDRESS:
                base, at = int.from_bytes(data[at:at + size], 'little'), at + size
            elif kind == RLE_OFFSET_PAIR:
                return base + uleb(data, at)[0]
            elif kind in (RLE_START_END, RLE_START_LENGTH):
                return int.from_bytes(data[at:at + size], 'little')
            else:
                return None

    def describe(self, at):
        """Describes a type in words, which are the same in every file that has this type."""
        if at is None:
            return 'void'
        entry = self.entry(at)
        if entry.tag == 'typedef':
            return self.describe(entry.type)
        if entry.tag == 'subroutine':
            return self.signature(entry)
        if entry.tag in ('pointer', 'const', 'volatile', 'array'):
            return '%s %s' % (self.describe(entry.type), entry.tag)
        return '%s %s' % (entry.tag, entry.name)

    def signature(self, function):
        """Describes in words what a function takes and returns."""
        return ', '.join([self.describe(function.type)] + [
            '...' if child.tag == 'unspecified' else self.describe(child.type)
            for child in self.children(function) if child.tag in ('parameter', 'unspecified')])

    def structure(self, entry):
        """Returns the members of a structure by name: (offset, size). An array has size 0."""
        found = {}
        for member in self.children(entry):
            if member.tag == 'member' and member.name and member.offset is not None:
                target = self.entry(member.type)
                while target.tag in ('typedef', 'const', 'volatile'):
                    target = self.entry(target.type)
                found[member.name] = member.offset, target.size
        return found

    def described(self, entry):
        """Returns the entry that describes a function: this one, or the one that it is a copy of.
        """
        while entry.origin:
            entry = self.entry(entry.origin)
        return entry

    def functions(self):
        """Yields the entries of functions that have code, with their address, and the entry that
        describes each: itself or, if it is also inlined, another one."""
        if not self.useful:
            return
        unit = self.entry(self.first)
        for entry in self.children(unit):
            if entry.tag != 'function' or entry.declaration or \
                    (entry.low_pc is None and entry.ranges is None):
                continue
            entry.address = entry.low_pc
            if entry.address is None:
                entry.address = self._first_range(entry.ranges, unit.low_pc or 0)
            entry.described = self.described(entry)
            if entry.address is not None:
                yield entry


def units(elf):
    """Yields the units of an ELF file."""
    sections = {name: contents(elf, name) for name in (
        '.debug_info', '.debug_abbrev', '.debug_str', '.debug_line_str', '.debug_rnglists')}
    at = 0
    while at < len(sections['.debug_info']):
        unit = Unit(sections, at)
        yield unit
        at = unit.end


def functions_like(elf, typedef):
    """Returns the addresses of all functions that a pointer of the type with this name may point
    to."""
    known = list(units(elf))
    wanted = set()
    for unit in known:
        for entry in unit.children(unit.entry(unit.first)):
            if entry.tag == 'typedef' and entry.name == typedef:
                wanted.add(unit.signature(unit.entry(unit.entry(entry.type).type)))
    return {entry.address for unit in known for entry in unit.functions()
            if unit.signature(entry.described) in wanted}


def structures(elf, files, names):
    """Returns the structures with these names as {name: (members, size)}, from the units of files
    whose names end like that."""
    found = {}
    for unit in units(elf):
        top = unit.entry(unit.first)
        if not top.name.endswith(files):
            continue
        for entry in unit.children(top):
            if entry.tag == 'structure' and entry.name in names and not entry.declaration:
                found[entry.name] = unit.structure(entry), entry.size
    return found
