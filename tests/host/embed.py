#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes the tracer's core and its ring buffer into another kernel, tests/host/embed, as
docs/porting.md says: copies the files that are named there and no others, compiles them, and looks
at what they ask for. That must be what trace/kernel.h lists, all of it and nothing else. Then the
kernel runs. Prints TAP.

usage: embed.py SOURCE_ROOT COMPILER ARGUMENT..."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools'))
import program  # noqa: E402
from tap import Tap  # noqa: E402

TAKEN = 'trace/*.h', 'trace/core/*.[ch]', 'trace/ring_buffer/*.[ch]', 'kernel/trace_hooks.h'
LIBRARY = ('kernel/types.h', 'kernel/compiler.h', 'kernel/lib/errno.h', 'kernel/lib/list.h',
           'kernel/lib/string.h', 'kernel/lib/sort.[ch]', 'kernel/lib/glob.[ch]')
# The kernel's own files, by where they go: headers of a kernel are in folders of the same names.
# The registers of its machine are those that all host tests simulate.
OWN = {'tests/host/embed/*.[ch]': 'tests/host/embed', 'tests/host/embed/kernel/*.h': 'kernel',
       'tests/host/embed/asm/*.h': 'asm', 'tests/host/include/asm/ftrace.h': 'asm'}
CONTRACT = 'trace/kernel.h'
# Headers of what the kernel does not supply: the port's functions, and the library's.
SUPPLIED = 'trace/arch.h', 'kernel/trace_hooks.h', 'kernel/lib/sort.h', 'kernel/lib/glob.h'
OWN_NAME = re.compile(r'embed_')
COMMENT = re.compile(r'/\*.*?\*/', re.DOTALL)


def read(path):
    """Returns a source file without its comments."""
    with open(path) as file:
        return COMMENT.sub(' ', file.read())


def statements(text):
    """Returns the text without the lines for the preprocessor, and with continued lines joined."""
    return re.sub(r'^\s*#.*$', '', text.replace('\\\n', ' '), flags=re.MULTILINE)


def declared(path):
    """Returns the functions and variables that a header declares for the linker."""
    text = re.sub(r'static inline[^;]*;', '', re.sub(r'\{[^{}]*\}', ';', statements(read(path))))
    functions = re.findall(r'^[a-z][\w\s*]*?\b\**(\w+)\([^;{}]*\);', text, re.MULTILINE)
    for line in re.findall(r'^extern [^(;]+;', text, re.MULTILINE):
        functions += re.findall(r'(\w+)(?:\[\])?[,;]', line)
    return set(functions)


class Contract:
    """What trace/kernel.h lists."""

    def __init__(self, root):
        text = read(os.path.join(root, CONTRACT))
        self.linked = declared(os.path.join(root, CONTRACT))
        self.inline = set(re.findall(r'static inline [^;(]*?(\w+)\(', text))
        self.macros = set(re.findall(r'defined\((\w+)\)', text))


def copy(root, folder, patterns):
    """Copies files by their paths from the root. Yields those to compile."""
    for pattern, place in patterns.items():
        for path in sorted(glob.glob(os.path.join(root, pattern))):
            name = os.path.join(place or os.path.dirname(os.path.relpath(path, root)),
                                os.path.basename(path))
            os.makedirs(os.path.join(folder, os.path.dirname(name)), exist_ok=True)
            shutil.copy(path, os.path.join(folder, name))
            if name.endswith('.c'):
                yield name


def run(folder, command):
    """Runs a command there. Returns what went wrong."""
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    return ['%sstatus %d' % (done.stdout, done.returncode)] if done.returncode else []


def symbols(folder, sources, option):
    output = subprocess.run(['nm', '-P', option] + [name + '.o' for name in sources], cwd=folder,
                            check=True, stdout=subprocess.PIPE, text=True).stdout
    return {line.split()[0] for line in output.split('\n') if len(line.split()) > 1}


def words(folder, patterns):
    found = set()
    for pattern in patterns:
        for path in glob.glob(os.path.join(folder, pattern)):
            if not path.endswith(CONTRACT):
                found |= set(re.findall(r'\w+', read(path)))
    return found


def check(tap, folder, taken, contract):
    """Compares what the objects and sources ask for with the list."""
    asked = symbols(folder, taken, '-u') - symbols(folder, taken, '--defined-only')
    asked = {name for name in asked if not OWN_NAME.match(name)}
    for header in SUPPLIED:
        asked -= declared(os.path.join(folder, header))
    # These are in the C library's string.h, and what clang makes of memcmp().
    asked -= {name for name in asked if re.match(r'mem|str|bcmp', name)}
    tap.case('every function that they ask for is listed', sorted(asked - contract.linked))
    tap.case('every function that is listed is asked for', sorted(contract.linked - asked))
    used = words(folder, TAKEN)
    needs = read(os.path.join(folder, 'kernel/trace_needs.h'))
    given = {name for name in re.findall(r'^#define (\w+)', needs, re.MULTILINE) +
             re.findall(r'^static [^;{]*?(\w+)\(', needs, re.MULTILINE) if not OWN_NAME.match(name)}
    tap.case('every macro and inline function that they need is listed',
             sorted(given - contract.macros - contract.inline))
    tap.case('every macro and inline function that is listed is needed',
             sorted((contract.macros | contract.inline) - used))


def main():
    root, *compiler = program.arguments(__doc__, 2, -1)
    tap = Tap()
    contract = Contract(root)
    with tempfile.TemporaryDirectory() as folder:
        taken = list(copy(root, folder, dict.fromkeys(TAKEN)))
        other = list(copy(root, folder, {**dict.fromkeys(LIBRARY), **OWN}))
        problems = [problem for name in taken + other for problem in
                    run(folder, [*compiler, '-I.', '-c', name, '-o', name + '.o'])]
        tap.case('the files that are taken compile in another kernel', problems)
        if problems:
            return tap.done()
        check(tap, folder, taken, contract)
        objects = [name + '.o' for name in taken + other]
        problems = run(folder, [*compiler, '-no-pie', '-o', 'embed', *objects])
        tap.case('nothing else is missing', problems)
        if not problems:
            tap.case('the tracer works there', run(folder, [os.path.join(folder, 'embed')]))
    return tap.done()


program.run('embed', main)
