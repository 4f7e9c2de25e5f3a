# SPDX-License-Identifier: MIT
"""./check NAME and ./check --list: run or list single tests of the default configurations."""
import collections
import fnmatch
import json
import os
import subprocess
import sys

import build
import program
import qemu
import rows

CPUS = ('1', '4')


def configured(row):
    """Returns the row's build directory, which is configured, but not built."""
    folder = os.path.join(build.ROOT, 'build', 'check', row.name)
    return build.build(folder, row.arch, row.cross, row.options, targets=[])


def default_rows():
    return [row for row in rows.rows()[0] if row.quick]


def meson_tests(folder):
    """Returns the names of Meson's tests in a build directory."""
    done = subprocess.run(['meson', 'introspect', '--tests', folder], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=True)
    return [test['name'] for test in json.loads(done.stdout)]


def kernel_cases(row):
    """Returns `suite.case` for each case in the image of this row, which is built for that."""
    folder = configured(row)
    build.build(folder, row.arch, tests=True)
    machine = qemu.Machine(row.arch, build.image(folder, row.arch, True),
                           qemu.boot_words(row.arch, True), 'ktest -l\n')
    process = machine.start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL)
    try:
        out, _ = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        raise program.Failure('%s does not list its tests' % row.name) from None
    finally:
        process.kill()
        machine.close()
    return out.decode(errors='replace').split()


def show_list():
    """Prints each name with the configurations that have it."""
    where = collections.defaultdict(list)
    for row in default_rows():
        names = meson_tests(configured(row))
        for name in dict.fromkeys(names + (kernel_cases(row) if row.arch else [])):
            where[name].append(row.name)
    for name in where:
        print('%-60s %s' % (name, ' '.join(where[name])))
    return 0


def matching_cases(cases, pattern):
    """Returns the cases whose suite, or whose whole name, matches."""
    return [case for case in cases if fnmatch.fnmatchcase(case, pattern) or
            fnmatch.fnmatchcase(case.split('.')[0], pattern)]


def run_meson(folder, names):
    """Runs these tests and tells whether all of them passed. Meson builds what they need, and
    prints their output."""
    done = subprocess.run(['meson', 'test', '-C', folder, '--verbose', *names],
                          stdin=subprocess.DEVNULL)
    return done.returncode == 0


def run_kernel(row, pattern):
    """Runs these suites or cases in the kernel, on each number of CPUs."""
    good = True
    ktap = os.path.join(build.ROOT, 'tools', 'ktap.py')
    for cpus in CPUS:
        print('%s, %s CPU%s:' % (row.name, cpus, 's' * (cpus != '1')), flush=True)
        done = subprocess.run([sys.executable, ktap, row.arch, configured(row), '--smp', cpus,
                               '--timeout', '600', pattern], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True)
        sys.stdout.write(done.stdout)
        good &= done.returncode == 0 and '\nnot ok ' not in '\n' + done.stdout
    return good


def run(patterns):
    """Runs what each name matches, wherever that exists. Returns 1 if something failed."""
    good, known = True, set()
    for row in default_rows():
        folder = configured(row)
        tests = meson_tests(folder)
        cases = kernel_cases(row) if row.arch else []
        for pattern in patterns:
            names = fnmatch.filter(tests, pattern)
            if names:
                known.add(pattern)
                good &= run_meson(folder, names)
            if matching_cases(cases, pattern):
                known.add(pattern)
                good &= run_kernel(row, pattern)
    unknown = [pattern for pattern in patterns if pattern not in known]
    if unknown:
        raise program.Failure('no such test: %s (--list tells their names)' % ', '.join(unknown))
    return 0 if good else 1
