#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that ./check runs that part of the cross which docs/testing.md promises. Prints TAP."""
import itertools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools'))

import rows
from tap import Tap


def values(row):
    """Returns a row of the cross by its options, with its suites' numbers of CPUs among them."""
    options = set(row.options)
    return [next(hook for hook in reversed(rows.HOOKS[row.arch])
                 if set(rows.HOOKS[row.arch][hook]) <= options)] + [
        next(value for value in reversed(factor) if set(factor[value]) <= options)
        for factor in rows.FACTORS]


def of_cross(arch, everything):
    """Returns the rows of the cross; with --all, rows of some kinds of kernel are beside them."""
    return [row for row in rows.rows(everything)[0] if row.arch == arch and 'elf' not in row.name
            and not row.name.endswith(tuple(rows.build.SANITIZERS))
            and not (everything and row.name.endswith(tuple(rows.KINDS)))]


def check(arch):
    """Returns pairs of values that can be built and that no row has, and single values that no row
    boots on 1 CPU, or on 4."""
    possible = list(rows.cross(arch))
    chosen = of_cross(arch, False)
    have = set().union(*(rows.pairs(values(row)) for row in chosen))
    problems = ['%s is not there' % (pair,) for c in possible for pair in rows.pairs(c) - have]
    for cpus, suite in ('1', 'boot'), ('4', 'smp'):
        booted = set().union(*(enumerate(values(row)) for row in chosen if suite in row.suites))
        problems += ['%s has no %s CPUs' % (v, cpus)
                     for c in possible for v in set(enumerate(c)) - booted]
    full = set(itertools.product(rows.HOOKS[arch], rows.FACTORS[0]))
    problems += ['%s %s is not there' % kind
                 for kind in full - {tuple(values(row)[:2]) for row in chosen}]
    return problems


def main():
    tap = Tap()
    for arch in rows.HOOKS:
        tap.case('%s: hook x optimisation in full, the rest pairwise' % arch, check(arch))
        every = of_cross(arch, True)
        tap.case('%s: --all is all' % arch, [] if len(every) == len(list(rows.cross(arch))) and
                 all({'boot', 'smp'} <= set(row.suites) for row in every) else [str(every)])
        tap.case('%s: a row of each kind of kernel' % arch,
                 [kind for kind in rows.KINDS for everything in (False, True) if 1 != sum(
                     row.arch == arch and row.name.endswith('-' + kind) and
                     set(rows.KINDS[kind]) <= set(row.options)
                     for row in rows.rows(everything)[0])])
        tap.case('%s: a row with each slow sanitizer' % arch,
                 [name for name, options in rows.build.SANITIZERS.items() if 1 != sum(
                     row.arch == arch and set(options) <= set(row.options)
                     for row in rows.rows()[0])])
    names = [row.name for row in rows.rows(True)[0]]
    tap.case('names are unique', [] if len(names) == len(set(names)) else names)
    left = rows.rows()[1]
    total = 2 * sum(len(list(rows.cross(arch))) for arch in rows.HOOKS)
    run = sum(('boot' in row.suites) + ('smp' in row.suites)
              for arch in rows.HOOKS for row in of_cross(arch, False))
    tap.case('what is left out is counted', [] if left + run == total else ['%d + %d, not %d' % (
        left, run, total)])
    tap.case('--all leaves nothing out', [] if rows.rows(True)[1] == 0 else ['it does'])
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
