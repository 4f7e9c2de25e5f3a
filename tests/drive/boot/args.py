#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Calls functions of very many prototypes with known values, traces them with their arguments and
results, and compares the text: all base types, sizes and orders, strings that can and cannot be
read, enums, structures, variadic functions. The functions are a module, so the table that a module
brings is tested as well; and when it is gone, its events must still be printed. The prototypes are
drawn with a fixed seed. Prints TAP.

usage: args.py ARCH BUILD_DIRECTORY"""
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '../../..'))
sys.path.insert(0, os.path.join(ROOT, 'tools'))

from tap import Tap

NR = 2000
SEED = 13
WORDS_MAX = 12          # so few that all of them are recorded
STRINGS_MAX = 6
GROUP = 50              # calls in a function, so that none is large
LONG = 'x' * 63 + 'not recorded'

HEAD = """
#include <linux/module.h>

#define FUNCTION __attribute__((noipa))
enum color { RED, GREEN = 7, BLUE = 0x80000000u };
enum shade { DARK = -3, LIGHT = 2 };
enum __attribute__((packed)) small { TINY = 1, LITTLE = 200 };
struct named;
typedef int (*function_t)(int);
typedef const volatile int number_t;
"""
SIZES = [1, 2, 3, 4, 5, 8, 12, 16, 20, 24]


def quoted(text):
    escapes = {'\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\', '"': '\\"'}
    shown = ''.join(escapes.get(c, c if ' ' <= c <= '~' else '\\x%02x' % ord(c)) for c in text)
    return '"%s"' % shown


def literal(text):
    return '"%s"' % ''.join('\\%03o' % ord(c) for c in text)


class Types:
    """Draws types, and values of them: each as C and as the trace must show it."""

    def __init__(self, bits, draw):
        self.bits, self.draw = bits, draw
        integers = [('signed char', 8, 1), ('unsigned char', 8, 0), ('short', 16, 1),
                    ('unsigned short', 16, 0), ('int', 32, 1), ('unsigned int', 32, 0),
                    ('long', bits, 1), ('unsigned long', bits, 0), ('long long', 64, 1),
                    ('unsigned long long', 64, 0), ('number_t', 32, 1)]
        self.all = [(name, size, self.integer(name, size, signed))
                    for name, size, signed in integers]
        self.all += [('_Bool', 8, self.boolean), ('char', 8, self.character),
                     ('enum color', 32, self.one_of('RED', 'GREEN', 'BLUE')),
                     ('enum shade', 32, self.shade), ('void *', bits, self.pointer),
                     ('enum small', 8, self.one_of('TINY', 'LITTLE')),
                     ('const struct named *', bits, self.pointer),
                     ('function_t', bits, self.pointer), ('const char *', bits, self.text),
                     ('char *', bits, self.pointer)]
        self.all += [('struct s%d' % size, 8 * size, self.structure(size)) for size in SIZES]

    def integer(self, name, size, signed):
        def value():
            number = self.draw.choice([0, 1, self.draw.getrandbits(size), (1 << size) - 1,
                                       1 << (size - 1), self.draw.getrandbits(size)])
            if signed and number >> (size - 1):
                number -= 1 << size
            return ('(%s)0x%xull' % (name, number & (1 << 64) - 1),
                    str(number) if signed else '0x%x' % number)
        return value

    def boolean(self):
        return self.draw.choice([('1', 'true'), ('0', 'false')])

    def character(self):
        c = self.draw.choice('aZ9 ~\'\n\0\x7f')
        return str(ord(c)), {"'": "'\\''"}.get(c, "'%s'" % quoted(c)[1:-1])

    def one_of(self, *names):
        return lambda: (self.draw.choice(names),) * 2

    def shade(self):
        return self.draw.choice([('DARK', 'DARK'), ('LIGHT', 'LIGHT'),
                                 ('(enum shade)-9', '-9'), ('(enum shade)5', '5')])

    def pointer(self):
        # No result is among the errors, which are shown as numbers.
        value = self.draw.getrandbits(self.bits - 1)
        return '(void *)0x%xul' % value, '0x%x' % value

    def text(self):
        bad = self.draw.choice([0, 0x10, 0xffc])
        text = self.draw.choice(['', '/etc/rc', 'a"b\\c\td\n', 'one \x01\x7f', 'no', LONG, None])
        if text is None:
            return '(const char *)0x%xul' % bad, '0x%x' % bad
        return literal(text), quoted(text[:63]) + ('...' if len(text) > 63 else '')

    def structure(self, size):
        return lambda: ('(struct s%d){ { %d } }' % (size, self.draw.getrandbits(7)), '{...}')


class Function:
    def __init__(self, number, types, draw):
        self.name = 'f%d' % number
        arguments, words, strings = [], 0, 0
        for letter in 'abcdefghij'[:draw.randint(0, 10)]:
            name, size, value = draw.choice(types.all)
            words += -(-size // types.bits)
            strings += name == 'const char *'
            if words > WORDS_MAX or strings > STRINGS_MAX:
                break
            arguments.append((name, letter, *value()))
        self.arguments = arguments
        self.variadic = bool(arguments) and draw.random() < 0.1
        self.result = draw.choice([None] + [t for t in types.all if t[0] != 'const char *'])
        self.value = self.result[2]() if self.result else ('', '')

    def code(self):
        parameters = ['%s %s' % argument[:2] for argument in self.arguments]
        parameters += ['...'] * self.variadic
        return 'static FUNCTION %s %s(%s)\n{\n\tbarrier();\n\treturn %s;\n}\n' % (
            self.result[0] if self.result else 'void', self.name,
            ', '.join(parameters) or 'void', self.value[0])

    def call(self):
        values = [argument[2] for argument in self.arguments]
        return '\t%s(%s);\n' % (self.name, ', '.join(values + ['7', '8'] * self.variadic))

    def text(self):
        shown = ['%s=%s' % (argument[1], argument[3]) for argument in self.arguments]
        return '%s(%s);%s' % (self.name, ', '.join(shown + ['...'] * self.variadic),
                              ' /* = %s */' % self.value[1] if self.result else '')


class Long:
    """A function with more arguments than are recorded, on both machines."""
    name = 'f_long'

    def code(self):
        return 'static FUNCTION void f_long(%s)\n{\n\tbarrier();\n}\n' % ', '.join(
            'int a%d' % n for n in range(20))

    def call(self):
        return '\tf_long(%s);\n' % ', '.join(map(str, range(20)))

    def text(self):
        return 'f_long(%s, ...);' % ', '.join('a%d=%d' % (n, n) for n in range(16))


def source(functions):
    """Returns the module: it calls all functions when it is loaded."""
    text = HEAD + ''.join('struct s%d { char c[%d]; };\n' % (size, size) for size in SIZES)
    text += ''.join(function.code() for function in functions)
    # The callers need no optimisation, which takes long.
    text += '#pragma GCC optimize("O0")\n'
    groups = [functions[at:at + GROUP] for at in range(0, len(functions), GROUP)]
    for number, group in enumerate(groups):
        text += 'static noinline void group%d(void)\n{\n%s}\n' % (
            number, ''.join(function.call() for function in group))
    text += 'static int __init call_all(void)\n{\n%s\treturn 0;\n}\n' % ''.join(
        '\tgroup%d();\n' % number for number in range(len(groups)))
    return text + ('static void __exit leave(void)\n{\n}\nmodule_init(call_all);\n'
                   'module_exit(leave);\nMODULE_LICENSE("GPL");\n')


SCRIPT = """rmmod corpus
cd /sys/kernel/tracing
echo 4096 > buffer_size_kb
echo :mod:corpus > set_ftrace_filter
echo 1 > options/funcgraph-args
echo 1 > options/funcgraph-retval
echo function_graph > current_tracer
insmod /lib/modules/corpus.ko
echo 0 > tracing_on
cat trace
rmmod corpus
echo gone
grep -c '[(][)]' trace"""


def compare(functions, lines):
    """Yields what differs."""
    shown = {}
    for line in lines:
        match = re.search(r'\|\s+((f\w+)\(.*)', line)
        if match:
            shown[match[2]] = match[1]
    for function in functions:
        if shown.get(function.name) != function.text():
            yield 'expected %s\n  shown %s\n%s' % (function.text(), shown.get(function.name),
                                                   function.code().split('\n')[0])


def main(arch, folder):
    draw = random.Random(SEED)
    types = Types({'i386': 32, 'arm64': 64}[arch], draw)
    functions = [Function(number, types, draw) for number in range(NR)] + [Long()]
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix='patchbay-args-') as temporary:
        path = os.path.join(temporary, 'corpus.c')
        with open(path, 'w') as file:
            file.write(source(functions))
        done = subprocess.run([os.path.join(ROOT, 'run'), arch, '--build', folder, '--module', path,
                               '--timeout', '120', '-c', SCRIPT], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    text, _, after = done.stdout.decode(errors='replace').replace('\r', '').partition('\ngone\n')
    tap.case('%d prototypes as text' % len(functions), compare(functions, text.split('\n')))
    gone = [] if done.returncode == 0 and after.strip().isdigit() and int(after) >= NR else [
        'status %d, after the module has gone: %s' % (done.returncode, after[-300:]),
        done.stderr.decode(errors='replace')[-2000:]]
    tap.case('events of a module that is gone', gone)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:3]))
