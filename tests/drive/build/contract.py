#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a port supplies is what kernel/arch.h and trace/arch.h declare: nothing that others use
stands elsewhere, and nothing stands there that the port lacks or nobody uses. The objects tell who
defines and who uses a symbol; inline functions and constants of <asm/...> leave no symbol, so the
sources tell of those. Prints TAP.

usage: contract.py SOURCE_ROOT BUILD ARCH"""
import collections
import glob
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))
import program  # noqa: E402
from elf import ElfFile  # noqa: E402
from tap import Tap  # noqa: E402

CONTRACT = ('kernel/arch.h', 'trace/arch.h')
# What the tracer asks of a kernel declares some of the contract again, for kernels that have other
# ports.
MIRROR = 'trace/kernel.h'
DEFAULTS = 'kernel_arch_default.c.o'
# These names are not ours to choose: the functions that GCC calls (helpers.py checks those), what
# it calls at a function's entry, and the names of Linux's configuration.
FOREIGN_OBJECT, FOREIGN_HEADER = '_libgcc.c.o', 'kconfig.h'
CALLED_AT_ENTRY = {'mcount', '_mcount', '__fentry__'}
LOCAL, WEAK, UNDEFINED = 0, 2, 0

COMMENT = re.compile(r'/\*.*?\*/', re.DOTALL)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.)*', re.MULTILINE | re.DOTALL)
CONSTANTS = re.compile(r'^ \* ([A-Z][A-Z0-9_]*(?:, [A-Z][A-Z0-9_]*)*)\t', re.MULTILINE)
MACRO = re.compile(r'^\s*#\s*define\s+(\w+)', re.MULTILINE)
INLINE = re.compile(r'^static [^;{}]*?(\w+)\s*\([^{};]*\)\s*\{', re.MULTILINE)
FUNCTION = re.compile(r'(\w+)\s*\((?!\*)')
POINTER = re.compile(r'\(\*(\w+)\)\s*\(')
VARIABLE = re.compile(r'(\w+)(?:\[\w*\])*(?:,|$)')
ASSIGNED = re.compile(r'^\s*(\w+) = ', re.MULTILINE)


def read(path):
    with open(path) as file:
        return file.read()


def code(text):
    return COMMENT.sub(' ', text)


def statements(text):
    """Yields (statement, the comment before it) for everything outside of braces that is no
    directive."""
    comment = statement = ''
    depth = 0
    for token in re.findall(r'/\*.*?\*/|[^/;{}]+|.', DIRECTIVE.sub('', text), re.DOTALL):
        if token.startswith('/*'):
            comment = token
        elif token == ';' and not depth:
            yield ' '.join(statement.split()), comment
            comment = statement = ''
        else:
            depth += (token == '{') - (token == '}')
            statement += '' if depth or token == '}' else token
            if token == '}' and not depth and '(' in statement:
                statement = ''		# that was a function with its body


def declared_in(statement):
    """Returns the names that a statement of a header declares, without types."""
    if statement.startswith('extern'):
        pointer = POINTER.search(statement)
        if pointer:
            return [pointer[1]]
        if '(' not in statement:
            return VARIABLE.findall(statement)
    function = FUNCTION.search(statement.replace('__attribute__', ''))
    return [function[1]] if function and not statement.startswith(('typedef', '_Static')) else []


def declarations(path):
    """Returns {name: whether it is optional} for everything that the header declares."""
    return {name: 'Optional:' in comment for statement, comment in statements(read(path))
            for name in declared_in(statement)}


class Port:
    """What the port's own files define."""

    def __init__(self, arch):
        self.macros, self.inlines, self.behind = set(), set(), set()
        for path in glob.glob('arch/%s/include/asm/*.h' % arch):
            if os.path.basename(path) != FOREIGN_HEADER:
                text = code(read(path))
                self.macros |= set(MACRO.findall(text))
                self.inlines |= set(INLINE.findall(text))
                self.behind |= set(declarations(path))
        self.linker = set(ASSIGNED.findall(code(read('arch/%s/kernel.lds.S' % arch))))


class Objects:
    """Which objects of a build define and use which symbols."""

    def __init__(self, build, arch):
        self.port, self.weak, used = set(), set(), collections.defaultdict(set)
        defined = set()
        for path in glob.glob(os.path.join(build, '*.p', '*.o')):
            name = os.path.basename(path)
            # The tables of symbols name what is exported; that is no use of it.
            if name.endswith('.symbols.S.o'):
                continue
            # What is before the kernel, in boot/, is the machine's as well.
            ours = name.startswith(('arch_', 'boot_'))
            private = name.startswith('tests_guest_%s_' % arch)
            for s in ElfFile(path).symbols:
                if not s.name or s.bind == LOCAL:
                    continue
                if s.section == UNDEFINED and not ours and not private:
                    used[s.name].add(name)
                elif s.section != UNDEFINED and ours and not name.endswith(FOREIGN_OBJECT):
                    self.port.update({s.name} - CALLED_AT_ENTRY)
                elif s.section != UNDEFINED and not ours:
                    defined.add(s.name)
                    if name == DEFAULTS and s.bind == WEAK:
                        self.weak.add(s.name)
        self.used = used
        self.left = set(used) - defined - self.port


def sources(folders, skipped=()):
    for folder in folders:
        for path, _, names in sorted(os.walk(folder)):
            yield from (os.path.join(path, name) for name in sorted(names)
                        if name.endswith(('.c', '.h', '.S')) and not path.startswith(skipped))


def named(paths):
    """Returns {word: a file that has it outside of comments and strings}."""
    found = {}
    for path in paths:
        for word in re.findall(r'\w+', re.sub(r'"[^"\n]*"', '', code(read(path)))):
            found.setdefault(word, path)
    return found


def elsewhere(names):
    """Yields declarations of the contract's names in other places."""
    for path in sources(('kernel', 'trace', 'samples', 'compat')):
        if path in CONTRACT or path == MIRROR:
            continue
        for statement, _ in statements(read(path)):
            if path.endswith('.h') or statement.startswith('extern'):
                for name in set(declared_in(statement)) & names:
                    yield '%s declares %s' % (path, name)


def main():
    root, build, arch = program.arguments(__doc__, 3)
    build = os.path.abspath(build)
    os.chdir(root)
    declared, constants = {}, set()
    for path in CONTRACT:
        declared.update(declarations(path))
        constants |= {name for line in CONSTANTS.findall(read(path)) for name in line.split(', ')}
    names, port, objects = set(declared) | constants, Port(arch), Objects(build, arch)
    others = [path for path in sources(('kernel', 'trace', 'samples', 'compat', 'tests/guest'),
                                       ('tests/guest/i386', 'tests/guest/arm64'))
              if path not in CONTRACT and path != MIRROR]
    named_by_others = named(others)
    named_by_tests = named(sources(['tests/guest/' + arch]))
    tap = Tap()

    tap.case('what others use of the objects in arch/ is declared', (
        '%s uses %s' % (sorted(objects.used[name])[0], name)
        for name in sorted(objects.port & set(objects.used) - names)
        # What only an inline function of <asm/...> needs is the port's own affair.
        if name in named_by_others or name not in port.behind))
    tap.case('what others use of the linker script is declared', (
        '%s uses %s' % (sorted(objects.used[name])[0], name)
        for name in sorted(objects.left & port.linker - names)))
    tap.case('what others use of <asm/...> is declared', (
        '%s uses %s' % (named_by_others[name], name)
        for name in sorted((port.macros | port.inlines) & set(named_by_others) - names)))
    tap.case('what is declared is there', (
        'the port has no ' + name for name in sorted(names) if not declared.get(name) and
        name not in (port.macros if name in constants else
                     objects.port | port.inlines | port.linker)))
    tap.case('what is declared is used', (
        'nobody uses ' + name for name in sorted(names)
        if name not in named_by_others and name not in named_by_tests))
    tap.case('what is declared is declared once', elsewhere(names))
    tap.case('what has a default is optional', (
        name + ' has a default' for name in sorted(objects.weak) if not declared.get(name)))
    return tap.done()


program.run('contract', main)
