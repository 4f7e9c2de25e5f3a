#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The configurations that ./check builds and tests: some by hand, and the cross of all that decides
how a site is made and reached. A run takes a part of the cross in which every way of making sites
meets every optimisation, and every value of any factor meets every value of any other.

usage: rows.py [--all]      lists them"""
import collections
import itertools

import build
import program

# One row: a build directory in build/check, its options, and the suites that run there. Suites that
# do not depend on how the code was optimised run once on each architecture.
Row = collections.namedtuple('Row', 'name arch cross options suites quick')
ALL = ['build', 'source', 'boot', 'console', 'smp']
# Rows of the cross boot one CPU, and some of them four as well.
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
FIXED = {'mcount': {2: 'noregs'}}

# Kernels for one processor, and kernels with UBSan. How sites are made makes no difference to
# these, so one of the rows that boot one CPU is built in each of these ways.
KINDS = {'up': ['-Dsmp=false'], 'san': ['-Dsanitize=undefined']}
# Kernels with KASAN or KCSAN, build.SANITIZERS, are slow: they have a choice of the tests, in
# suites of these names.
# Assertions about callers cost instructions, and in the default rows instructions are counted. So
# all other kernels have them, and those that --hunt boots.
ASSERTIONS = ['-Dassertions=true']
# The cross is about sites.
SITES = ['-Dtests=sites']


def cross(arch):
    """Yields all combinations that can be built: tuples of a hook and one value of each factor."""
    for combination in itertools.product(HOOKS[arch], *FACTORS):
        fixed = FIXED.get(combination[0], {})
        if all(fixed.get(factor, value) == value for factor, value in enumerate(combination)):
            yield combination


def pairs(combination):
    """Returns all pairs of the combination's values."""
    return set(itertools.combinations(enumerate(combination), 2))


def choose(combinations):
    """Chooses a part of the combinations that has every hook with every optimisation, and every
    pair that occurs. The default, which comes first, is in it."""
    wanted = set().union(*map(pairs, combinations))
    chosen = [combinations[0]]
    missing = wanted - pairs(chosen[0])
    # First come those with a new hook and optimisation, then whatever has a missing pair.
    for kind in dict.fromkeys(c[:2] for c in combinations[1:]):
        if kind != chosen[0][:2]:
            best = max((c for c in combinations if c[:2] == kind),
                       key=lambda c: len(pairs(c) & missing))
            chosen.append(best)
            missing -= pairs(best)
    while missing:
        chosen.append(max(combinations, key=lambda c: len(pairs(c) & missing)))
        missing -= pairs(chosen[-1])
    return chosen


def choose_smp(chosen):
    """Chooses the combinations that boot 4 CPUs as well, so that every value of every factor does
    so somewhere."""
    smp, missing = [], set(enumerate(chosen[0])).union(*map(enumerate, chosen))
    while missing:
        smp.append(max(chosen, key=lambda c: len(missing & set(enumerate(c)))))
        missing -= set(enumerate(smp[-1]))
    return smp


def make_row(arch, combination, suites, default):
    hook, *values = combination
    options = HOOKS[arch][hook] + sum((f[v] for f, v in zip(FACTORS, values)), [])
    options += [] if default else ASSERTIONS + SITES
    words = [hook, values[0]] + [v for f, v in zip(FACTORS[1:], values[1:]) if f[v]]
    return Row(arch if default else '-'.join([arch, *words]), arch, COMPILERS[arch], options,
               suites, default)


def hunted(sanitize=None):
    """Returns the rows that --hunt boots: the default kernels, with assertions, and with this
    sanitizer."""
    options = ASSERTIONS + (['-Dsanitize=' + sanitize] if sanitize else [])
    return [make_row(arch, next(cross(arch)), ALL, True)._replace(
        name=arch + '-hunt' + ('-' + sanitize if sanitize else ''), options=options)
            for arch in HOOKS]


def of_kind(row, kind):
    options = [option for option in row.options if option not in SITES]
    return row._replace(name='%s-%s' % (row.name, kind), options=options + KINDS[kind])


def rows(everything=False):
    """Returns the rows to run, and how many configurations of the cross are left out, with their
    numbers of CPUs."""
    made, left_out = [Row('host', None, None, [], [], True)], 0
    for arch in HOOKS:
        possible = list(cross(arch))
        chosen = choose(possible)
        smp = choose_smp(chosen)
        alone = [c for c in chosen if c not in smp]
        kinds = {alone[0]: 'up', [c for c in alone if 'regs' in c][-1]: 'san'}
        for c in possible if everything else chosen:
            default = c == possible[0]
            suites = FOUR if everything or c in smp else ONE
            row = make_row(arch, c, ALL if default else suites, default)
            if c in kinds:
                made += [row] * everything + [of_kind(make_row(arch, c, ONE, False), kinds[c])]
            else:
                made.append(row)
        if not everything:
            left_out += 2 * len(possible) - len(chosen) - len({*smp, possible[0]})
    for arch, compiler in {'i386': 'i686-elf', 'arm64': 'aarch64-elf'}.items():
        made.append(Row(arch + '-elf', arch, compiler, ASSERTIONS, ONE, False))
    for arch, compiler in COMPILERS.items():
        for name, options in build.SANITIZERS.items():
            made.append(Row('%s-%s' % (arch, name), arch, compiler, options + ASSERTIONS, [name],
                            False))
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
