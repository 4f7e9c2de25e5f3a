#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the kernel's symbol tables (kernel/kallsyms.c reads them) from a linked image, as assembly:
all functions by address, and what modules may use by name: all global functions and variables.
An image that was linked with --emit-relocs also gets the table of its sites: the calls of _mcount,
which GCC does not list on arm64. Without an image, empty tables for the first link.

usage: symbols.py IMAGE OUTPUT
       symbols.py --none OUTPUT"""
import os

import program
from elf import ElfFile

KSYM_NAME_LEN = 512		# kernel/kallsyms.h


def site_table(sites):
    """Returns the table that -mrecord-mcount makes where GCC has it. Like the other tables it is
    placed behind all text, so its size moves no function. It is there even if it is empty, because
    ld counts sections in the names of the stubs that it makes for errata."""
    text = ['\t.section __mcount_loc, "a"', '\t.balign 8']
    return '\n'.join(text + ['\t.quad 0x%x' % site for site in sites]) + '\n'


def table(functions, exports, base):
    """Returns the tables as assembly, one value in each line. Functions are offsets from _text;
    names are strings, found by name_offsets. Exports are references that the linker resolves, since
    data move when the tables get their size; functions do not."""
    text = ['/* Made by tools/symbols.py: addresses from _text and names of all functions. */',
            '\t.section .kallsyms, "a"', '\t.balign 4',
            '\t.globl kallsyms_num', 'kallsyms_num:', '\t.long %d' % len(functions),
            '\t.globl kallsyms_offsets', 'kallsyms_offsets:']
    text += ['\t.long 0x%x' % (address - base) for address, _, _ in functions]
    text += ['\t.globl kallsyms_name_offsets', 'kallsyms_name_offsets:']
    at = 0
    where = {}
    for _, _, name in functions:
        text.append('\t.long %d' % at)
        where[name] = at
        at += len(name.encode()) + 1
    # The functions again, in the order in which strcmp() sorts their names; functions with the same
    # name by address.
    text += ['\t.globl kallsyms_by_name', 'kallsyms_by_name:']
    text += ['\t.long %d' % index for _, index in
             sorted((name.encode(), index) for index, (_, _, name) in enumerate(functions))]
    text += ['\t.globl kallsyms_num_exports', 'kallsyms_num_exports:',
             '\t.long %d' % len(exports), '\t.globl kallsyms_exports', 'kallsyms_exports:']
    more = []
    for name in exports:
        if name not in where:
            where[name] = at
            more.append(name)
            at += len(name.encode()) + 1
        text.append('\t.long %d, %s - .' % (where[name], name))
    text += ['\t.globl kallsyms_names', 'kallsyms_names:']
    text += ['\t.asciz "%s"' % name for name in [f[2] for f in functions] + more]
    text += ['\t.globl kallsyms_end', 'kallsyms_end:', '\t.balign 4',
             '\t.section .note.GNU-stack, "", %progbits']
    return '\n'.join(text) + '\n'


def main():
    image, output = program.arguments(__doc__, 2)
    functions, exports, base, sites = [], [], 0, []
    if image != '--none':
        if os.path.exists(output) and os.path.samefile(image, output):
            program.usage(__doc__)
        elf = ElfFile(image)
        base = elf.address('_text')
        if base is None:
            raise SystemExit('%s: no symbol _text' % image)
        functions, exports = elf.functions(), elf.exports()
        sites = elf.calls('_mcount')
        long = [name for _, _, name in functions if len(name.encode()) >= KSYM_NAME_LEN]
        if long:
            raise SystemExit('%s: name too long for KSYM_NAME_LEN: %s' % (image, long[0]))
    with open(output, 'w') as out:
        out.write(site_table(sites) + table(functions, exports, base))


program.run('symbols', main)
