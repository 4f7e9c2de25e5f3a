#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles a source file with faults planted in it: copies of all files that the patches touch are
made in FOLDER, patched there, and found before the sound ones. With --check it compiles nothing,
and tells as TAP which of all the patches apply.

A hunk is found by its lines alone: it must fit at exactly one place, whatever the line numbers in
its head say. So patches stay right while the code around them moves, and never land elsewhere.

usage: plant.py ROOT SOURCE OUTPUT DEPFILE FOLDER PATCH... -- COMPILER ARGUMENT...
       plant.py --check ROOT"""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'tools'))
import program  # noqa: E402
from tap import Tap  # noqa: E402


class Misfit(program.Failure):
    """The error of a patch that does not apply."""


def parse(path):
    """Returns the hunks of a unified diff: (file, number of the hunk in it, old lines, new lines).
    """
    with open(path) as file:
        lines = file.read().split('\n')[:-1]
    hunks, name = [], None
    for line in lines:
        if line.startswith('+++ b/'):
            name, number = line[len('+++ b/'):], 0
        elif line.startswith('@@'):
            number += 1
            hunks.append((name, number, [], []))
        elif line.startswith(('--- ', 'diff ', 'index ')) or not hunks:
            continue
        else:
            # An empty line is a line of context whose blank an editor has removed.
            kind, text = line[:1] or ' ', line[1:]
            if kind in ' -':
                hunks[-1][2].append(text)
            if kind in ' +':
                hunks[-1][3].append(text)
    if not hunks:
        raise Misfit('%s: no patch' % os.path.basename(path))
    return hunks


def apply(patch, read, write):
    """Applies all hunks of one patch. If one does not fit at exactly one place, the error names it.
    """
    for name, number, old, new in parse(patch):
        try:
            lines = read(name).split('\n')
        except OSError as error:
            raise Misfit('%s does not apply: %s' % (os.path.basename(patch),
                                                    program.describe(error))) from None
        places = [i for i in range(len(lines)) if lines[i:i + len(old)] == old]
        if len(places) != 1:
            raise Misfit('%s does not apply: hunk %d of %s fits at %d places; docs/testing.md '
                         'tells how to refresh it' %
                         (os.path.basename(patch), number, name, len(places)))
        lines[places[0]:places[0] + len(old)] = new
        write(name, '\n'.join(lines))


class Copies:
    """The files of the source tree. They are read from there first, and kept in memory once they
    were changed."""

    def __init__(self, root):
        self.root, self.changed = root, {}

    def read(self, name):
        if name not in self.changed:
            with open(os.path.join(self.root, name)) as file:
                return file.read()
        return self.changed[name]

    def write(self, name, text):
        self.changed[name] = text


def plant(root, source, output, depfile, folder, patches, compiler):
    copies = Copies(root)
    for patch in patches:
        apply(patch, copies.read, copies.write)
    shutil.rmtree(folder, ignore_errors=True)
    for name in {source, *copies.changed}:
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(copies.read(name))
    switch = [] if source.endswith('.S') else ['-include', 'tests/faults/planted.h']
    done = subprocess.run([compiler[0], '-I' + folder, *compiler[1:], *switch, '-MD', '-MF',
                           depfile,
                           '-MT', output, '-c', '-o', output, os.path.join(folder, source)])
    if done.returncode:
        return done.returncode
    # The object depends on the files that the copies were made of.
    with open(depfile) as file:
        text = file.read().replace(folder + '/', root + '/')
    with open(depfile, 'w') as file:
        file.write(text)
    return 0


def check(root):
    """Checks that every patch applies by itself, whether this build uses it or not, and that
    meson.build names it."""
    with open(os.path.join(HERE, 'meson.build')) as file:
        listed = set(re.findall(r"'(\w+)': ", file.read()))
    with open(os.path.join(root, 'docs', 'testing.md')) as file:
        told = set(re.findall(r'^\| `(\w+)` \|', file.read(), re.M))
    tap = Tap()
    for name in sorted(name[:-len('.patch')] for name in os.listdir(HERE)
                       if name.endswith('.patch')):
        copies, said = Copies(root), []
        try:
            apply(os.path.join(HERE, name + '.patch'), copies.read, copies.write)
        except (program.Failure, OSError) as error:
            said.append(str(error))
        if name not in listed:
            said.append('tests/faults/meson.build does not say which suite must fail')
        if name not in told:
            said.append('docs/testing.md does not tell what it does')
        tap.case(name, said)
    return tap.done()


def main():
    words = sys.argv[1:]
    if len(words) == 2 and words[0] == '--check':
        return check(words[1])
    if '--' not in words or words.index('--') < 6:
        program.usage(__doc__)
    split = words.index('--')
    root, source, output, depfile, folder, *patches = words[:split]
    return plant(root, source, output, depfile, folder, patches, words[split + 1:])


if __name__ == '__main__':
    program.run('plant', main)
