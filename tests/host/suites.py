#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the file of a suite of the kernel's tests can be told from the suite's name, and the
other way round: the suite has the file's name, or its beginning up to a `_`. Prints TAP."""
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
sys.path.insert(0, os.path.join(ROOT, 'tools'))

from tap import Tap

FOLDER = 'tests/guest/ktest'
CASE = re.compile(r'^[A-Z_]*KTEST\((\w+), *(\w+)', re.MULTILINE)


def suites(path):
    with open(path) as file:
        return dict.fromkeys(suite for suite, _ in CASE.findall(file.read()))


def main():
    tap = Tap()
    for name in sorted(os.listdir(os.path.join(ROOT, FOLDER))):
        stem, kind = os.path.splitext(name)
        found = suites(os.path.join(ROOT, FOLDER, name)) if kind == '.c' else ()
        if found:
            tap.case(FOLDER + '/' + name, ['has a case of the suite ' + suite for suite in found
                                           if not (stem + '_').startswith(suite + '_')])
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
