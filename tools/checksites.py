#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves from a linked image and its map that the patch sites are what the tracer believes: every
function of a traced file has one, no other has, the table lists exactly those, and literals are
aligned. Prints TAP.

usage: checksites.py BUILD_DIRECTORY"""
import bisect
import collections
import os
import re
import sys

from elf import ElfFile
from tap import Tap

EM_AARCH64 = 183
NOP5 = bytes.fromhex('0f1f440000')
A64_NOP = bytes.fromhex('1f2003d5')
SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What the compiler leaves for each way of making sites: the NOPs of the site and of the literal
# before the function, the literal's alignment, and what may stand before the site.
Mode = collections.namedtuple('Mode', 'site literal align landing')
ENDBR32, BTI_C = bytes.fromhex('f30f1efb'), bytes.fromhex('5f2403d5')
MODES = {
    'i386': {
        'fentry': Mode(NOP5, b'', 1, ENDBR32),
        'patchable': Mode(b'\x90' * 5, b'', 1, ENDBR32),
        'patchable_literal': Mode(b'\x90' * 5, b'\x90' * 4, 16, ENDBR32),
    },
    'arm64': {
        'patchable': Mode(A64_NOP * 2, b'', 4, BTI_C),
        'patchable_literal': Mode(A64_NOP * 2, A64_NOP * 2, 8, BTI_C),
    },
}


def mode_of(folder, machine):
    """How this image's sites are made: what <asm/hook.h> includes."""
    arch = 'arm64' if machine == EM_AARCH64 else 'i386'
    with open(os.path.join(folder, 'arch', arch, 'include/asm/hook.h')) as file:
        return MODES[arch][re.search(r'/site_(\w+)\.h', file.read())[1]]


class Image:
    def __init__(self, folder):
        self.elf = ElfFile(os.path.join(folder, 'patchbay.elf'))
        self.functions = self.elf.functions()
        self.by_address = {address: name for address, _, name in self.functions}
        self.objects = text_map(os.path.join(folder, 'patchbay.elf.map'))
        start = self.elf.address('__start_mcount_loc')
        stop = self.elf.address('__stop_mcount_loc')
        self.table = [word for word in self.elf.words(start, stop) if word]
        self.mode = mode_of(folder, self.elf.machine)
        self.fentry = self.elf.address('__fentry__')
        self.sites = {a: n for a, s, n in self.functions if self.has_site(a, s)}

    def has_site(self, address, size):
        """Do the function's first bytes look like a patch site?"""
        site, landing = self.mode.site, self.mode.landing
        code = self.elf.read(address, min(size, len(landing) + len(site)))
        if code.startswith(landing):
            address, code = address + len(landing), code[len(landing):]
        target = address + 5 + int.from_bytes(code[1:5], 'little', signed=True)
        return code.startswith(site) or (code[:1] == b'\xe8' and self.fentry is not None
                                         and target & 0xffffffff == self.fentry)

    def function_of(self, entry):
        """The function that a table entry is for."""
        landing = self.mode.landing
        if self.mode.literal:
            return entry + len(self.mode.literal)
        if entry - len(landing) in self.by_address:
            if self.elf.read(entry - len(landing), len(landing)) == landing:
                return entry - len(landing)
        return entry

    def kind(self, address):
        """'traced', 'untraced', 'assembly' (which makes its sites itself), or '' for what is not
        ours (libgcc). -ffunction-sections leaves nothing but assembly in plain .text."""
        section, path = self.objects(address)
        if section == '.text' and re.search(r'^lib\w', path):
            return 'assembly'
        if re.search(r'lib(traced|module-[^/]*)\.a', path):
            return 'traced'
        return 'untraced' if re.search(r'libuntraced(-[^/]*)?\.a', path) else ''


def text_map(path):
    """The linker's map as a function: text address to input section and object file."""
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
    """Names that sources declare `notrace`: the only functions of traced files without a site."""
    names = set()
    for top in ('arch', 'kernel', 'trace', 'samples', 'tests/ktest'):
        for path, _, files in os.walk(os.path.join(SOURCES, top)):
            for name in files:
                if name.endswith(('.c', '.h')):
                    with open(os.path.join(path, name)) as file:
                        names.update(re.findall(r'\bnotrace\b[^;{}()]*?\b(\w+)\(', file.read()))
    return names


def main(folder):
    tap, image = Tap(), Image(folder)
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
    tap.case('every entry is the start of a function',
             [where(a) for a in listed if a not in image.by_address])
    tap.case('every entry has a NOP or a call of __fentry__',
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
    tap.case('every function is in a file of ours or libgcc',
             [where(a) for a, _, _ in image.functions
              if not image.kind(a) and 'libgcc.a' not in image.objects(a)[1]])
    tap.note('%d sites, %d functions' % (len(sites), len(image.functions)))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
