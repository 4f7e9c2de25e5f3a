#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The configurations that ./check builds and tests: some by hand, and the cross of all that decides
how a site is made and reached. The architecture is one of its factors. A run takes a part of the
cross: on each architecture every way of making sites, and of both together any two values.

usage: rows.py [--all]      lists them"""
import collections
import itertools

import build
import program

# One row: a build directory in build/check, its options, and the suites that run there. Suites that
# do not depend on how the code was optimised run once on each architecture.
Row = collections.namedtuple('Row', 'name arch cross options suites quick')
ALL = ['build', 'source', 'boot', 'console', 'smp']
ONE, FOUR = ['build', 'boot'], ['build', 'boot', 'smp']
COMPILERS = {'i386': 'i686-linux-gnu', 'arm64': 'aarch64-linux-gnu'}

# The cross. Each factor has values, each with a word for the row's name and with options; the
# default comes first. FIXED has what builds with a certain hook cannot change.
HOOKS = {
    'i386': {
        'fentry': [],
        'entry': ['-Dhook=patchable', '-Dcall_ops=disabled'],
        'literal': ['-Dhook=patchable', '-Dcall_ops=enabled'],
        'mcount': ['-Dhook=mcount'],
    },
    'arm64': {
        'literal': [],
        'entry': ['-Dhook=patchable', '-Dcall_ops=disabled'],
        'mcount': ['-Dhook=mcount'],
    },
}
FACTORS = [
    {'O2': [], 'Os': ['-Doptimization=s']},
    {'regs': [], 'noregs': ['-Dsave_regs=disabled']},
    {'nopads': [], 'pads': ['-Dbranch_protection=true']},
]
FIXED = {'mcount': {1: 'noregs'}}

# Kernels for one processor, and kernels with UBSan. How sites are made makes little difference to
# these, so on each architecture one row of the cross is built in each of these ways.
KINDS = {'up': ['-Dsmp=false'], 'san': ['-Dsanitize=undefined']}
# Kernels with KASAN or KCSAN, build.SANITIZERS, are slow: they have a choice of the tests, in
# suites of these names.
# Assertions about callers cost instructions, and in the default rows instructions are counted. So
# all other kernels have them, and those that --hunt boots.
ASSERTIONS = ['-Dassertions=true']
# The cross is about sites.
SITES = ['-Dtests=sites']


def cross(arch):
    """Yields all combinations that can be built: tuples of the architecture, a hook and one value
    of each factor."""
    for hook, *values in itertools.product(HOOKS[arch], *FACTORS):
        fixed = FIXED.get(hook, {})
        if all(fixed.get(factor, value) == value for factor, value in enumerate(values)):
            yield arch, hook, *values


def default_of(arch):
    return next(cross(arch))


def pairs(combination):
    """Returns all pairs of the combination's values."""
    return set(itertools.combinations(enumerate(combination), 2))


def choose(combinations):
    """Chooses a part of the combinations in which every pair of values is that occurs in them. On
    each architecture the default, which comes first there, is in the part, and another one with
    the default hook. Of those that add equally much, the one that comes last is taken, because it
    is the least like the default."""
    wanted, chosen = set().union(*map(pairs, combinations)), []

    def take(possible):
        chosen.append(max(reversed(possible), key=lambda c: len(pairs(c) & wanted)))
        wanted.difference_update(pairs(chosen[-1]))

    defaults = [default_of(arch) for arch in HOOKS]
    for default in defaults:
        take([default])
    for arch, hook, optimisation, *_ in defaults:
        take([c for c in combinations if c[:2] == (arch, hook) and c[2] != optimisation])
    while wanted:
        take(combinations)
    return chosen


def make_row(combination, suites, default):
    arch, hook, *values = combination
    options = HOOKS[arch][hook] + sum((f[v] for f, v in zip(FACTORS, values)), [])
    options += [] if default else ASSERTIONS + SITES
    words = [hook, values[0]] + [v for f, v in zip(FACTORS[1:], values[1:]) if f[v]]
    return Row(arch if default else '-'.join([arch, *words]), arch, COMPILERS[arch], options,
               suites, default)


def hunted(sanitize=None):
    """Returns the rows that --hunt boots: the default kernels, with assertions, and with this
    sanitizer."""
    options = ASSERTIONS + (['-Dsanitize=' + sanitize] if sanitize else [])
    return [make_row(default_of(arch), ALL, True)._replace(
        name=arch + '-hunt' + ('-' + sanitize if sanitize else ''), options=options)
            for arch in HOOKS]


def of_kind(combination, kind):
    row = make_row(combination, ONE if kind == 'up' else FOUR, False)
    options = [option for option in row.options if option not in SITES]
    return row._replace(name='%s-%s' % (row.name, kind), options=options + KINDS[kind])


def choose_kinds(chosen):
    """Chooses the combination that is built in each of the KINDS: those with arguments for
    callbacks, which have the most to test."""
    others = [c for c in chosen if c != default_of(c[0]) and c[1] not in FIXED]
    kinds = {}
    for arch in HOOKS:
        kinds.update(zip((c for c in others if c[0] == arch), KINDS))
    return kinds


def rows(everything=False):
    """Returns the rows to run, and how many configurations of the cross are left out."""
    made, possible = [Row('host', None, None, [], [], True)], [c for a in HOOKS for c in cross(a)]
    chosen = choose(possible)
    kinds = choose_kinds(chosen)
    for c in possible if everything else chosen:
        default = c == default_of(c[0])
        if everything or c not in kinds:
            made.append(make_row(c, ALL if default else FOUR, default))
        if c in kinds:
            made.append(of_kind(c, kinds[c]))
    for arch, compiler in {'i386': 'i686-elf', 'arm64': 'aarch64-elf'}.items():
        made.append(Row(arch + '-elf', arch, compiler, ASSERTIONS, ONE, False))
    for arch, compiler in COMPILERS.items():
        for name, options in build.SANITIZERS.items():
            made.append(Row('%s-%s' % (arch, name), arch, compiler, options + ASSERTIONS, [name],
                            False))
    left_out = 0 if everything else len(possible) - len(chosen)
    # The default rows come first, so that a fault that is everywhere shows early.
    return sorted(made, key=lambda row: not row.quick), left_out


def main():
    words = program.arguments(__doc__, 0, 1)
    if words not in ([], ['--all']):
        program.usage(__doc__)
    made, left_out = rows(bool(words))
    for row in made:
        print(('%-30s %-20s %s' % (row.name, ' '.join(row.suites) or 'host',
                                   ' '.join(row.options))).rstrip())
    print('left out of the cross: %d' % left_out)


if __name__ == '__main__':
    program.run('rows', main)
