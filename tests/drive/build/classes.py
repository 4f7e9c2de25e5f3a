#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an image's table of functions says of inlined ones must be what another reader of debug
information finds, python3-pyelftools, in some files; it must be what the final image gives; and the
table may take 7 % of the image at most. (That every function has a class, tools/checksites.py
proves.) Prints TAP.

usage: classes.py IMAGE"""
import bisect
import os
import sys

from elftools.elf.elffile import ELFFile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))

import classify
from elf import SHF_ALLOC, ElfFile
from tap import Tap

FILES = ('kernel/sched/sched.c', 'kernel/fs/vfs.c', 'trace/core/set.c')


def name_of(entry):
    while 'DW_AT_abstract_origin' in entry.attributes:
        entry = entry.get_DIE_from_attribute('DW_AT_abstract_origin')
    return entry.attributes['DW_AT_name'].value.decode()


def calls_in(entry):
    """Yields the names of the functions that are inlined into one."""
    for child in entry.iter_children():
        if child.tag == 'DW_TAG_inlined_subroutine':
            yield name_of(child)
        yield from calls_in(child)


def all_pairs(path):
    """Returns the pairs (address, inlined function's name) of the files, as pyelftools reads them.
    """
    found = set()
    with open(path, 'rb') as file:
        for unit in ELFFile(file).get_dwarf_info().iter_CUs():
            top = unit.get_top_DIE()
            if not top.attributes['DW_AT_name'].value.decode().endswith(FILES):
                continue
            for entry in top.iter_children():
                if entry.tag == 'DW_TAG_subprogram' and 'DW_AT_low_pc' in entry.attributes:
                    address = entry.attributes['DW_AT_low_pc'].value
                    found |= {(address, name) for name in calls_in(entry)
                              if name != name_of(entry)}
    return found


def main():
    path, tap = sys.argv[1], Tap()
    elf = ElfFile(path)
    classes = classify.Classes(elf)
    functions = [name for _, _, name in elf.functions()]
    known = {(number, name) for name, numbers in classes.inlined.items() for number in numbers}
    wanted = {(bisect.bisect_right(classes.starts, address) - 1, name)
              for address, name in all_pairs(path)}
    tap.case('%d inlined functions are what pyelftools reads' % len(wanted),
             ['%s in %s is not listed' % (name, functions[number])
              for number, name in sorted(wanted - known)] if wanted else ['none'])
    numbers = {number for number, file in enumerate(classes.files) if file in FILES}
    tap.case('and no others', ['%s in %s is listed' % (name, functions[number])
                               for number, name in sorted(known - wanted)
                               if number in numbers and number in {n for n, _ in wanted}])
    # The table was made from the first link, and is a part of the last one.
    table = classes.pack([0] * len(classify.CASES))
    at = classify.struct.calcsize(classify.HEADER)
    there = elf.read(elf.address('function_table'), len(table))
    tap.case('the table is that of this image', [] if there[at:] == table[at:] else ['it is not'])
    files, kinds, inlined, losers = classify.unpack(there)
    tap.case('the table can be read again', [] if (
        files, {name: total for name, (total, _) in inlined.items()}, set(losers.items())) == (
        classes.files, {name: len(numbers) for name, numbers in classes.inlined.items()},
        classes.losers) and kinds.items() <= classes.kinds.items() else ['it is another one'])
    size = sum(s.size for s in elf.sections if s.flags & SHF_ALLOC and s.name != '.bss')
    tap.case('the table is small', [] if len(table) * 100 <= 7 * size else
             ['%d bytes of %d' % (len(table), size)])
    tap.note('%d bytes, %d functions, %d of them only inlined' % (
        len(table), len(functions), len(set(classes.inlined) - set(functions))))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
