#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever function GCC calls for arithmetic that a machine lacks, the kernel has it for modules: a
module that does all of that is compiled at each optimisation, and what it leaves undefined is
looked up in the image's table of exports. Prints TAP.

usage: helpers.py BUILD IMAGE"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))

from elf import ElfFile
from tap import Tap

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../guest/modules/helpers.c')
SHN_UNDEF = 0


def undefined(build, level):
    """Returns the names that the module does not define when it is compiled at optimisation @level.
    """
    with open(os.path.join(build, 'module-args')) as file:
        args = [word for word in file.read().split('\n') if word]
    with tempfile.TemporaryDirectory(prefix='patchbay-') as folder:
        target = os.path.join(folder, 'helpers.o')
        subprocess.run(args + ['-O' + level, '-DKBUILD_MODNAME="helpers"', '-c', '-o', target,
                               SOURCE],
                       cwd=build, check=True)
        return {s.name for s in ElfFile(target).symbols if s.name and s.section == SHN_UNDEF}


def main(build, image):
    tap = Tap()
    exported = set(ElfFile(image).exports())
    for level in ['0', 'g', '1', '2', '3', 's']:
        wanted = undefined(build, level)
        # If there are fewer, GCC has worked out the results itself.
        tap.case('-O' + level, ['the kernel has no ' + name for name in sorted(wanted - exported)] +
                 ([] if any(name.startswith('__popcount') for name in wanted) else
                  ['no helper is called: %s' % ' '.join(sorted(wanted))]))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
