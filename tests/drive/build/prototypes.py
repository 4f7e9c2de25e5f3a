#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The prototypes in an image's table must be those that another reader of debug information finds,
python3-pyelftools; and the table may take 5 % of the image at most. Prints TAP.

usage: prototypes.py IMAGE"""
import os
import sys

from elftools.elf.elffile import ELFFile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))

import prototypes
from elf import SHF_ALLOC, ElfFile
from tap import Tap

THROUGH = {'DW_TAG_typedef', 'DW_TAG_const_type', 'DW_TAG_volatile_type'}


def attribute(entry, name):
    found = entry.attributes.get('DW_AT_' + name)
    return found.value if found else None


def target(entry, name='type'):
    return entry.get_DIE_from_attribute('DW_AT_' + name) if attribute(entry, name) else None


def size(entry):
    """Returns the size of a type without its typedefs, and what it is; (0, None) for none."""
    while entry is not None and entry.tag in THROUGH:
        entry = target(entry)
    if entry is None:
        return 0, None
    if entry.tag == 'DW_TAG_pointer_type':
        return entry.cu['address_size'], 'pointer'
    name = attribute(entry, 'name')
    return attribute(entry, 'byte_size'), (name or b'').decode() if \
        entry.tag == 'DW_TAG_base_type' else entry.tag


def all_signatures(path):
    """Returns for each name of a function the set of its signatures, as pyelftools reads them."""
    found = {}
    with open(path, 'rb') as file:
        for unit in ELFFile(file).get_dwarf_info().iter_CUs():
            for entry in unit.get_top_DIE().iter_children():
                if entry.tag != 'DW_TAG_subprogram' or attribute(entry, 'declaration'):
                    continue
                while attribute(entry, 'abstract_origin') or attribute(entry, 'specification'):
                    entry = target(entry, 'abstract_origin' if attribute(entry, 'abstract_origin')
                                   else 'specification')
                tags = [child.tag for child in entry.iter_children()]
                arguments = [((attribute(child, 'name') or b'').decode(), size(target(child))[0])
                             for child in entry.iter_children()
                             if child.tag == 'DW_TAG_formal_parameter']
                found.setdefault((attribute(entry, 'name') or b'').decode(), set()).add(
                    (size(target(entry))[0], 'DW_TAG_unspecified_parameters' in tags,
                     tuple(arguments)))
    return found


def string(table, offset):
    return table.strings[offset:table.strings.index(b'\0', offset)].decode()


def signature(table, start):
    """Returns a prototype of the table in the same form."""
    words = table.prototypes[start:]
    count = words[1] & ~prototypes.VARIADIC
    return (table.types[3 * words[0] + 1], bool(words[1] & prototypes.VARIADIC),
            tuple((string(table, words[2 + 2 * n]), table.types[3 * words[3 + 2 * n] + 1])
                  for n in range(count)))


def main(path):
    tap = Tap()
    elf = ElfFile(path)
    table, expected, base = prototypes.of_image(elf), all_signatures(path), elf.address('_text')
    names = {address - base: name for address, _, name in elf.functions()}
    tap.case('%d prototypes are what pyelftools reads' % len(table.functions), [
        '%s: %s, expected one of %s' % (names[key], signature(table, start),
                                        expected.get(names[key]))
        for key, start in sorted(table.functions.items())
        if signature(table, start) not in expected.get(names[key], ())] +
        ['too few prototypes'] * (len(table.functions) < 400))
    packed = len(table.pack(path))
    image = sum(s.size for s in elf.sections if s.flags & SHF_ALLOC and s.type != 8)
    tap.case('the table takes %d of %d bytes' % (packed, image),
             ['more than 5 %'] * (packed * 20 > image))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
