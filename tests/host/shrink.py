#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests that tools/shrink.py finds what a failure needs, and nothing else. Prints TAP."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools'))

from shrink import shrink
from tap import Tap

ITEMS = list(range(40))


def main():
    tap = Tap()
    for needed in [], [0], [39], [7], [3, 4], [0, 39], [5, 20, 21, 38]:
        tries = []

        def fails(items):
            tries.append(items)
            return set(needed) <= set(items)
        found = shrink(ITEMS, fails, 60)
        tap.case('finds %s' % needed, [] if found == needed and len(tries) < 120 else
                 ['%s by %d tries' % (found, len(tries))])
    tap.case('says when all of it is not enough',
             [] if shrink(ITEMS, lambda items: False, 60) is None else ['it did not'])
    tap.case('stops when time has run out',
             [] if shrink(ITEMS, lambda items: 39 in items, 0) == ITEMS else ['it went on'])
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
