#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Combinations of options that make no sense are refused at configure time, in words; without tests
there is one image, and nothing that would boot another. Prints TAP.

usage: options.py SOURCE_ROOT ARCH"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))

import build
from tap import Tap

# Options, separated by spaces, and a word that the refusal must contain.
REFUSED = {
    'i386': [('-Dcall_ops=enabled', 'hook=patchable'),
             ('-Dhook=fentry -Dcall_ops=enabled', 'literal'),
             ('-Dhook=patchable -Dcall_ops=enabled -Dc_args=-fno-function-sections', 'literals')],
    'arm64': [('-Dhook=fentry', 'i386 only'), ('-Dhook=fentry -Dcall_ops=disabled', 'i386 only'),
              ('-Dc_args=-fno-function-sections', 'literals')],
}
BOTH = [('-Dnr_cpus=33', 'maximum'),
        ('-Dhook=mcount -Dcall_ops=enabled', 'literal'),
        ('-Dhook=mcount -Dsave_regs=enabled', 'ftrace_regs'),
        ('-Dc_link_args=-Wl,--gc-sections', 'gc-sections'),
        ('-Dhook=mcount -Dc_args=-Wl,--gc-sections', 'gc-sections')]


def configure(root, compiler, option):
    """Returns whether Meson refused, what it printed, and the rules that it made."""
    cross = os.path.join(root, 'cross', compiler + '.ini')
    with tempfile.TemporaryDirectory(prefix='patchbay-') as folder:
        command = ['meson', 'setup', folder, root, '--cross-file', cross, *option.split()]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        rules = ''
        if not done.returncode:
            with open(os.path.join(folder, 'build.ninja')) as file:
                rules = file.read()
    return done.returncode != 0, done.stdout, rules


def expect(tap, root, compiler, option, word):
    refused, text, _ = configure(root, compiler, option)
    error = next((line for line in text.split('\n') if 'ERROR' in line), '')
    tap.case('%s is refused with %s' % (option, compiler),
             [] if refused and word in error else [text[-1500:]])


def expect_one_image(tap, root, compiler):
    refused, text, rules = configure(root, compiler, '-Dtests=false')
    other = [word for word in ('patchbay-tests', 'planted-', 'ktest_plan') if word in rules]
    tap.case('without tests there is one image', [text[-1500:]] if refused else other)


def main(root, arch):
    tap = Tap()
    expect_one_image(tap, root, build.CROSS[arch])
    for option, word in REFUSED[arch] + BOTH:
        expect(tap, root, build.CROSS[arch], option, word)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
