# SPDX-License-Identifier: MIT
"""Reads ELF files for the tools here: sections, symbols, and bytes by address; little endian, with
32 and 64 bits. It does not read what no tool needs."""
import collections
import struct

Section = collections.namedtuple('Section', 'name type flags addr offset size link info entsize')
Symbol = collections.namedtuple('Symbol', 'name value size type bind section')

SHT_SYMTAB, SHT_RELA, SHT_NOBITS = 2, 4, 8
SHF_ALLOC, SHF_EXECINSTR = 2, 4
STT_NOTYPE, STT_OBJECT, STT_FUNC = 0, 1, 2
R_AARCH64_CALL26 = 283


class ElfFile:
    def __init__(self, path):
        self.path = path
        with open(path, 'rb') as file:
            self.data = file.read()
        if self.data[:4] != b'\x7fELF':
            raise SystemExit('%s: not an ELF file' % path)
        self.bits = 64 if self.data[4] == 2 else 32
        self.machine = struct.unpack_from('<H', self.data, 18)[0]
        self.sections = self._sections()
        self.symbols = self._symbols()

    def _sections(self):
        if self.bits == 64:
            table, = struct.unpack_from('<Q', self.data, 0x28)
            size, count, names = struct.unpack_from('<HHH', self.data, 0x3a)
            layout = '<IIQQQQIIQQ'
        else:
            table, = struct.unpack_from('<I', self.data, 0x20)
            size, count, names = struct.unpack_from('<HHH', self.data, 0x2e)
            layout = '<10I'
        raw = [struct.unpack_from(layout, self.data, table + i * size) for i in range(count)]
        return [Section(self._string(raw[names][4], r[0]), r[1], r[2], r[3], r[4], r[5], r[6],
                        r[7], r[9]) for r in raw]

    def _string(self, table, offset):
        start = table + offset
        return self.data[start:self.data.index(b'\0', start)].decode()

    def _symbols(self):
        found = []
        for section in self.sections:
            if section.type != SHT_SYMTAB:
                continue
            strings = self.sections[section.link].offset
            layout = '<IBBHQQ' if self.bits == 64 else '<IIIBBH'
            for at in range(section.offset, section.offset + section.size, section.entsize):
                fields = struct.unpack_from(layout, self.data, at)
                if self.bits == 64:
                    name, info, _, index, value, size = fields
                else:
                    name, value, size, info, _, index = fields
                found.append(Symbol(self._string(strings, name), value, size, info & 15,
                                    info >> 4, index))
        return found

    def section(self, name):
        return next((s for s in self.sections if s.name == name), None)

    def address(self, name):
        """Returns the address of the symbol `name`, or None if there is none."""
        return next((s.value for s in self.symbols if s.name == name and s.section), None)

    def read(self, address, size):
        """Returns `size` bytes at a virtual address, also in a section of zeroes, which takes no
        room in the file."""
        for s in self.sections:
            if s.flags & SHF_ALLOC and s.addr <= address and address + size <= s.addr + s.size:
                if s.type == SHT_NOBITS:
                    return bytes(size)
                start = s.offset + address - s.addr
                return self.data[start:start + size]
        raise SystemExit('%s: nothing at 0x%x' % (self.path, address))

    def words(self, start, end):
        """Returns the pointer-sized words in [start, end)."""
        size = self.bits // 8
        count = (end - start) // size
        return struct.unpack('<%d%s' % (count, 'Q' if size == 8 else 'I'),
                             self.read(start, count * size)) if count else ()

    def functions(self):
        """Returns (address, size, name) of each function in the image, in address order, with one
        name for each: a global name is preferred to a local one at the same address."""
        best = {}
        for s in self.symbols:
            if s.type != STT_FUNC or not 0 < s.section < len(self.sections):
                continue
            if not self.sections[s.section].flags & SHF_EXECINSTR:
                continue
            rank = (s.bind == 1, s.size > 0, s.name)
            if s.value not in best or rank > best[s.value][0]:
                best[s.value] = (rank, s)
        return [(a, best[a][1].size, best[a][1].name) for a in sorted(best)]

    def exports(self):
        """Returns the name of each global function and variable, ordered by the names' bytes,
        without start-up code and data, whose memory is freed. (The symbol tables themselves are not
        in it: their symbols have no type.)"""
        start, end = self.address('__init_begin'), self.address('__init_end')
        found = {s.name for s in self.symbols
                 if s.bind in (1, 2) and s.type in (STT_FUNC, STT_OBJECT)
                 and 0 < s.section < len(self.sections) and not start <= s.value < end}
        return sorted(found, key=str.encode)

    def calls(self, name):
        """Returns the addresses at which the code of an arm64 image that kept its relocations calls
        the function `name`."""
        found = set()
        for section in self.sections:
            if section.type != SHT_RELA or self.bits != 64:
                continue
            if not self.sections[section.info].flags & SHF_EXECINSTR:
                continue
            for at in range(section.offset, section.offset + section.size, section.entsize):
                place, info, _ = struct.unpack_from('<QQq', self.data, at)
                if info & 0xffffffff == R_AARCH64_CALL26 and \
                        self.symbols[info >> 32].name == name:
                    found.add(place)
        return sorted(found)
