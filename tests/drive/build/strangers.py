#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No production file knows of tests: it neither includes one nor speaks of them, of measurements or
of planted faults. Prints TAP, one case a folder.

usage: strangers.py SOURCE_ROOT"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))
import program  # noqa: E402
from tap import Tap  # noqa: E402

FOLDERS = ('arch', 'kernel', 'trace', 'samples', 'compat', 'boot')
STRANGER = re.compile(r'(?i:ktest|\bplant(?:ed|_)|\bbench)|\b[Tt]ests\b|\b(?:by|for) a test\b')


def words(path):
    """Yields the lines of a file that know of tests."""
    with open(path) as file:
        for number, line in enumerate(file, 1):
            if STRANGER.search(line):
                yield '%s:%d: %s' % (path, number, line.strip())


def main():
    root, = program.arguments(__doc__, 1)
    os.chdir(root)
    tap = Tap()
    for folder in FOLDERS:
        files = [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names]
        tap.case('%s knows of no test' % folder,
                 [line for path in sorted(files) for line in words(path)] if files else
                 ['no files'])
    return tap.done()


program.run('strangers', main)
