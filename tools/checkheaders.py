#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles every header alone, with the kernel's own flags: each must stand on its own, those of
assembly as assembly. Prints TAP.

usage: checkheaders.py SOURCE_ROOT ARCH COMPILER ARGUMENT..."""
import os
import subprocess

import program
from tap import Tap


def headers(root, arch):
    """Yields all headers that a kernel of this architecture can include, by path from the root."""
    others = tuple(os.path.join(root, folder) for folder in
                   ('tests/host', 'tests/guest/i386', 'tests/guest/arm64')
                   if folder != 'tests/guest/' + arch)
    for top in ('arch/' + arch, 'arch/common', 'boot', 'kernel', 'trace', 'compat', 'samples',
                'tests'):
        for path, _, files in sorted(os.walk(os.path.join(root, top))):
            for name in sorted(files):
                if name.endswith('.h') and not path.startswith(others):
                    yield os.path.relpath(os.path.join(path, name), root)


def is_assembly(path):
    with open(path) as file:
        return os.path.basename(path).startswith('linkage.h') or \
            '\n.macro ' in file.read()


def main():
    root, arch, *compiler = program.arguments(__doc__, 3, -1)
    if not os.path.isdir(os.path.join(root, 'arch', arch)):
        program.usage(__doc__)
    tap = Tap()
    for name in headers(root, arch):
        done = subprocess.run(
            [*compiler, '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror', '-std=gnu11', '-O2',
             '-fsyntax-only',
             '-I' + os.path.join(root, 'compat'), '-DKBUILD_MODNAME="x"', '-x',
             'assembler-with-cpp' if is_assembly(os.path.join(root, name)) else 'c', '-'],
            input='#include "%s"\n#include "%s"\n' % (name, name),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        tap.case(name, [done.stdout] if done.returncode else [])
    return tap.done()


if __name__ == '__main__':
    program.run('checkheaders', main)
