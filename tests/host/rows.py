#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that ./check runs that part of the cross which docs/testing.md promises. Prints TAP."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools'))

import rows
from tap import Tap


def values(row):
    """Returns a row of the cross as a combination, which its options tell."""
    options, hooks = set(row.options), rows.HOOKS[row.arch]
    return (row.arch, next(hook for hook in reversed(hooks) if set(hooks[hook]) <= options),
            *(next(value for value in reversed(factor) if set(factor[value]) <= options)
              for factor in rows.FACTORS))


def of_cross(everything):
    """Returns the rows of the cross; with --all, rows of some kinds of kernel are beside them."""
    return [row for row in rows.rows(everything)[0] if row.arch and 'elf' not in row.name
            and not row.name.endswith(tuple(rows.build.SANITIZERS))
            and not (everything and row.name.endswith(tuple(rows.KINDS)))]


def not_there(possible):
    """Returns the pairs of values that can be built and that no row has, and the ways to make
    sites that no row boots on 1 CPU, or on 4."""
    chosen = of_cross(False)
    have = set().union(*(rows.pairs(values(row)) for row in chosen))
    problems = ['%s is not there' % (pair,)
                for pair in set().union(*map(rows.pairs, possible)) - have]
    for cpus, suite in ('1', 'boot'), ('4', 'smp'):
        booted = {values(row)[:2] for row in chosen if suite in row.suites}
        problems += ['%s %s has no %s CPUs' % (*way, cpus)
                     for way in {c[:2] for c in possible} - booted]
    return problems


def main():
    tap = Tap()
    possible = [c for arch in rows.HOOKS for c in rows.cross(arch)]
    tap.case('every pair of values, and every way to make sites', not_there(possible))
    every = of_cross(True)
    tap.case('--all is all', [] if len(every) == len(possible) and
             all({'boot', 'smp'} <= set(row.suites) for row in every) else [str(every)])
    for arch in rows.HOOKS:
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
    left, run = rows.rows()[1], len(of_cross(False))
    tap.case('what is left out is counted', [] if left + run == len(possible) else [
        '%d + %d, not %d' % (left, run, len(possible))])
    tap.case('--all leaves nothing out', [] if rows.rows(True)[1] == 0 else ['it does'])
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
