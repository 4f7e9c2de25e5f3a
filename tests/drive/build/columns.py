#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No line of a source is longer than 100 columns, where a tab goes to the next multiple of 8.
Prints TAP, one case a folder.

usage: columns.py SOURCE_ROOT"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))
import program  # noqa: E402
from tap import Tap  # noqa: E402

FOLDERS = ('arch', 'compat', 'kernel', 'samples', 'tests', 'tools', 'trace')
SOURCES = ('.c', '.h', '.S', '.pml', '.py', 'meson.build')
WIDEST = 100


def long_lines(path):
    with open(path) as file:
        for number, line in enumerate(file, 1):
            columns = len(line.rstrip('\n').expandtabs(8))
            if columns > WIDEST:
                yield '%s:%d: %d columns' % (path, number, columns)


def main():
    root, = program.arguments(__doc__, 1)
    os.chdir(root)
    tap = Tap()
    for folder in FOLDERS:
        files = [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names
                 if name.endswith(SOURCES)]
        tap.case('%s has no line of more than %d columns' % (folder, WIDEST),
                 [line for path in sorted(files) for line in long_lines(path)] if files else
                 ['no files'])
    return tap.done()


program.run('columns', main)
