#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves from a linked image and its map that the patch sites are what the tracer believes: every
function of a traced file has one, no other has, the table lists exactly those, and literals are
aligned. Prints TAP.

usage: checksites.py BUILD_DIRECTORY/IMAGE.elf"""
import bisect
import collections
import os
import re
import struct

import classify
import program
from elf import ElfFile
from tap import Tap

EM_386, EM_AARCH64 = 3, 183
NOP5 = bytes.fromhex('0f1f440000')
A64_NOP = bytes.fromhex('1f2003d5')
SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What the compiler makes for each way of making sites: the NOPs of the site, those of the literal
# before the function, the literal's alignment, and the instruction that may stand before the site.
Mode = collections.namedtuple('Mode', 'site literal align landing')
ENDBR32, BTI_C = bytes.fromhex('f30f1efb'), bytes.fromhex('5f2403d5')
MODES = {
    'i386': {
        'fentry': Mode(NOP5, b'', 1, ENDBR32),
        'patchable': Mode(b'\x90' * 5, b'', 1, ENDBR32),
        'patchable_literal': Mode(b'\x90' * 5, b'\x90' * 4, 16, ENDBR32),
        'mcount': Mode(NOP5, b'', 1, b''),
        'fentry_counted': Mode(NOP5, b'', 1, ENDBR32),
        'mcount_counted': Mode(NOP5, b'', 1, b''),
    },
    'arm64': {
        'patchable': Mode(A64_NOP * 2, b'', 4, BTI_C),
        'patchable_literal': Mode(A64_NOP * 2, A64_NOP * 2, 8, BTI_C),
        'mcount': Mode(b'', b'', 4, b''),
    },
}
# A GCC that counts calls moves the address of a counter to edx before the call of a site; boot
# makes a NOP of that as well. Sites that are made by hand have this NOP from the start.
COUNTER_SIZE, COUNTERS = 5, (b'\xba', NOP5)
# What GCC puts before the site with hook=mcount on i386: endbr32, push, mov %esp,%ebp, sub and add
# on esp, mov to save registers, the alignment of a frame by edi or ecx, which lea sets, and a
# counter.
PROLOGUE = re.compile(
    rb'(?:\xf3\x0f\x1e\xfb)?(?:[\x50-\x57]|\x89\xe5|\x83[\xec\xe4\xc4].|\x81[\xec\xc4].{4}|'
    rb'[\x89\x8d][\x45\x4d\x55\x5d\x65\x6d\x75\x7d].|'
    rb'\x89[\x85\x8d\x95\x9d\xa5\xad\xb5\xbd].{4}|'
    rb'\x89[\x04\x0c\x14\x1c\x24\x2c\x34\x3c]\x24|'
    rb'\x89[\x44\x4c\x54\x5c\x64\x6c\x74\x7c]\x24.|\x8d[\x4c\x7c]\x24.|\xff[\x71\x77]\xfc)*'
    rb'(?:\xba.{4})?',
    re.DOTALL)


def mode_of(folder, machine):
    """Tells how this image's sites are made, from what <asm/site_mode.h> says."""
    arch = 'arm64' if machine == EM_AARCH64 else 'i386'
    with open(os.path.join(folder, 'arch', arch, 'include/asm/site_mode.h')) as file:
        on = re.findall(r'^#define (\w+) 1', file.read(), re.MULTILINE)
    name = next(define for define in on if define.startswith('HOOK_'))[len('HOOK_'):].lower()
    name += '_literal' if 'SITES_HAVE_LITERALS' in on else ''
    name += '_counted' if 'SITES_ARE_COUNTED' in on else ''
    return name, MODES[arch][name]


class Image:
    def __init__(self, path):
        self.elf = ElfFile(path)
        self.functions = self.elf.functions()
        self.by_address = {address: name for address, _, name in self.functions}
        self.objects = text_map(path + '.map')
        start = self.elf.address('__start_mcount_loc')
        stop = self.elf.address('__stop_mcount_loc')
        self.table = [word for word in self.elf.words(start, stop) if word]
        self.ordered = sorted(self.table)
        # NOPs too, perhaps a function's first instruction, but not for calls.
        start, stop = (self.elf.address('__%s_jump_sites' % mark) for mark in ('start', 'stop'))
        self.jumps = set(self.elf.words(start, stop)[::3])
        name, self.mode = mode_of(os.path.dirname(path), self.elf.machine)
        self.behind_prologue = name.startswith('mcount')
        self.counter = COUNTER_SIZE if name == 'fentry_counted' else 0
        self.callee = self.elf.address('__fentry__' if name.startswith('fentry') else
                                       'mcount' if self.elf.machine == EM_386 else '_mcount')
        self.starts = [address for address, _, _ in self.functions]
        self.sites = {a: n for a, s, n in self.functions if self.has_site(a, s)}

    def has_site(self, address, size):
        """Does the function look as if it had a patch site?"""
        if self.behind_prologue:
            return len(self.sites_behind_prologue(address, size)) == 1
        landing = self.mode.landing
        code = self.elf.read(address, min(size, len(landing) + self.counter + len(self.mode.site)))
        if code.startswith(landing):
            address, code = address + len(landing), code[len(landing):]
        if self.counter and not code.startswith(COUNTERS):
            return False
        return self.is_site(address + self.counter, code[self.counter:])

    def is_site(self, address, code):
        """Tells whether this is a NOP, or a call of what sites call before boot makes them NOPs."""
        if address in self.jumps:
            return False
        target = address + 5 + int.from_bytes(code[1:5], 'little', signed=True)
        return code.startswith(self.mode.site) or (
            code[:1] == b'\xe8' and self.callee is not None and target & 0xffffffff == self.callee)

    def sites_behind_prologue(self, address, size):
        """With hook=mcount: on arm64 the calls of _mcount; on i386, where not every NOP is a site,
        those that the table lists, if there is nothing but a prologue before them."""
        code = self.elf.read(address, size)
        if self.elf.machine == EM_AARCH64:
            words = [int.from_bytes(code[i:i + 4], 'little') for i in range(0, len(code) - 3, 4)]
            return [address + 4 * i for i, word in enumerate(words) if word >> 26 == 0x25 and
                    (address + 4 * (i + word) - self.callee) % (1 << 28) == 0]
        first, last = (bisect.bisect_left(self.ordered, a) for a in (address, address + size))
        return [entry for entry in self.ordered[first:last]
                if PROLOGUE.fullmatch(code[:entry - address])
                and self.is_site(entry, code[entry - address:])]

    def function_of(self, entry):
        """Returns the function that a table entry belongs to, or the entry itself if there is none.
        """
        if self.behind_prologue:
            index = bisect.bisect_right(self.starts, entry) - 1
            address, size, _ = self.functions[max(index, 0)]
            return address if entry in self.sites_behind_prologue(address, size) else entry
        entry -= self.counter
        landing = self.mode.landing
        if self.mode.literal:
            return entry + len(self.mode.literal)
        if entry - len(landing) in self.by_address:
            if self.elf.read(entry - len(landing), len(landing)) == landing:
                return entry - len(landing)
        return entry

    def kind(self, address):
        """Returns 'traced', 'untraced', 'assembly' (which makes its sites itself), or '' for code
        that is not ours (libgcc). Because of -ffunction-sections, only assembly is in plain .text.
        """
        section, path = self.objects(address)
        if section == '.text' and re.search(r'^lib\w', path):
            return 'assembly'
        if re.search(r'lib(traced(-\w+)?|module-[^/]*)\.a', path):
            return 'traced'
        return 'untraced' if re.search(r'libuntraced(-[^/]*)?\.a', path) else ''


    def sources(self):
        """Returns the (kind, name) of each function's file, as the image itself has them."""
        at = self.elf.address('function_table')
        nr, sources, inlined = struct.unpack('<3I', self.elf.read(at, 12))
        numbers = struct.unpack('<%dH' % nr, self.elf.read(at + sources - 2 * nr, 2 * nr))
        data, known, name, i = self.elf.read(at + sources, inlined - sources), [(0, '')], '', 0
        while data[i]:
            end = data.index(b'\0', i + 2)
            name = name[:data[i + 1]] + data[i + 2:end].decode()
            known.append((data[i], name))
            i = end + 1
        return [known[number] for number in numbers]

    def is_reason(self, address, kind, source):
        """Tells whether the linker's map says the same of a function's file."""
        wanted, object_file = self.kind(address), self.objects(address)[1]
        if kind == classify.UNKNOWN:
            # It is assembly inside of a C file, for a C function without a file ends the build.
            return wanted != 'traced'
        if source.replace('/', '_') + '.o' not in object_file:
            return False
        return kind == (classify.ASSEMBLY if source.endswith('.S') else
                        classify.TRACED if wanted == 'traced' else classify.UNTRACED)


def text_map(path):
    """Returns the linker's map as a function from an address in the text to its input section and
    object file."""
    found = []
    with open(path) as file:
        text = file.read()
    for match in re.finditer(r'^ (\.[\w.$-]+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$', text, re.M):
        if int(match[3], 16):
            found.append((int(match[2], 16), int(match[3], 16), (match[1], match[4])))
    starts = {start: (size, name) for start, size, name in found if start}
    order = sorted(starts)

    def lookup(address):
        index = bisect.bisect_right(order, address) - 1
        if index < 0 or address >= order[index] + starts[order[index]][0]:
            return '', ''
        return starts[order[index]][1]
    return lookup


def exempt_names():
    """Returns the names that sources declare `notrace`: the only functions in traced files without
    a site."""
    names = set()
    for top in ('arch', 'kernel', 'trace', 'samples', 'tests/guest/ktest'):
        for path, _, files in os.walk(os.path.join(SOURCES, top)):
            for name in files:
                if name.endswith(('.c', '.h')):
                    with open(os.path.join(path, name)) as file:
                        names.update(re.findall(r'\bnotrace\b[^;{}()]*?\b(\w+)\(', file.read()))
    return names


def main():
    path, = program.arguments(__doc__, 1)
    tap, image = Tap(), Image(path)
    exempt = exempt_names()
    sites = image.sites
    literal = image.mode.literal
    listed = [image.function_of(word) for word in image.table]

    def where(address):
        return '0x%x %s (%s)' % (address, image.by_address.get(address, '?'),
                                 image.objects(address)[1])

    tap.case('the table is not empty', [] if listed else ['no entry in __mcount_loc'])
    tap.case('no site is listed twice',
             [where(a) for a in sorted({a for a in listed if listed.count(a) > 1})]
             if len(set(listed)) != len(listed) else [])
    tap.case('every entry is a place in a function where sites are',
             [where(a) for a in listed if a not in image.by_address])
    tap.case('every entry has a NOP, or a call that boot makes one',
             [where(a) for a in listed if a in image.by_address and a not in sites])
    tap.case('every site is listed', [where(a) for a in sorted(set(sites) - set(listed))])
    tap.case('the table has as many entries as there are sites',
             [] if len(listed) == len(sites) else ['%d and %d' % (len(listed), len(sites))])
    tap.case('every function of a traced file has a site',
             [where(a) for a, _, n in image.functions if image.kind(a) == 'traced'
              and a not in sites and not n.endswith('.cold') and n.split('.')[0] not in exempt])
    tap.case('no other function has a site',
             [where(a) for a in sites if image.kind(a) not in ('traced', 'assembly')])
    if literal:
        tap.case('every literal is aligned',
                 [where(a) for a in listed if (a - len(literal)) % image.mode.align])
        tap.case('every literal is NOPs in the image', [
            where(a) for a in listed if image.elf.read(a - len(literal), len(literal)) != literal])
    sources = image.sources()
    tap.case('the table of classes has a reason for every function without a site',
             ['%s: %s' % (where(a), source) for (a, _, _), source in zip(image.functions, sources)
              if a not in sites and not image.is_reason(a, *source)]
             if len(sources) == len(image.functions) else ['%d functions' % len(sources)])
    # The linker itself adds a stub where code has an erratum of the CPU.
    tap.case('every function is in a file of ours or libgcc',
             [where(a) for a, _, _ in image.functions if not image.kind(a) and
              not any(name in image.objects(a)[1] for name in ('libgcc.a', 'linker stubs'))])
    tap.note('%d sites, %d functions' % (len(sites), len(image.functions)))
    return tap.done()


if __name__ == '__main__':
    program.run('checksites', main)
