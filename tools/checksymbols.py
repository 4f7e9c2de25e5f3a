#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails the build when the symbol table in the image, which was made from its first link, is not
the one that the image itself gives; leaves a stamp otherwise. The image also has the prototypes of
its first link, by the order of the functions.

usage: checksymbols.py LINKED ACTUAL STAMP"""
import itertools

import program


def main():
    linked, actual, stamp = program.arguments(__doc__, 3)
    with open(linked) as a, open(actual) as b:
        lines = list(itertools.zip_longest(a, b, fillvalue='(end)'))
    for number, (x, y) in enumerate(lines):
        if x != y:
            raise SystemExit('the symbol table in the image is stale: line %d of %s is "%s", '
                             'of %s "%s"' % (number + 1, linked, x.strip(), actual, y.strip()))
    open(stamp, 'w').close()


program.run('checksymbols', main)
