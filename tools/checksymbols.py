#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails the build when the symbol table that was linked into the image is not the one that
the image itself gives, or when a function has moved since the first link, whose prototypes are in
the image; leaves a stamp otherwise.

usage: checksymbols.py FIRST LINKED ACTUAL STAMP"""
import itertools

import program


def functions(path):
    """Returns the lines of the table with the functions' offsets."""
    with open(path) as file:
        text = file.read()
    return text[text.index('kallsyms_offsets:'):text.index('kallsyms_name_offsets:')]


def main():
    first, linked, actual, stamp = program.arguments(__doc__, 4)
    if functions(first) != functions(actual):
        raise SystemExit('functions have moved since the link of %s' % first)
    with open(linked) as a, open(actual) as b:
        lines = list(itertools.zip_longest(a, b, fillvalue='(end)'))
    for number, (x, y) in enumerate(lines):
        if x != y:
            raise SystemExit('the symbol table in the image is stale: line %d of %s is "%s", '
                             'of %s "%s"' % (number + 1, linked, x.strip(), actual, y.strip()))
    open(stamp, 'w').close()


program.run('checksymbols', main)
