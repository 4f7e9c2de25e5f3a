# SPDX-License-Identifier: MIT
"""Compiles sources of modules outside the tree exactly as the kernel's own modules are compiled.
The build directory has the compiler and its arguments, in module-args, which Meson writes."""
import os
import re
import shlex
import subprocess
import tempfile

import prototypes
from build import BuildError
from elf import ElfFile


def name_of(source):
    """Returns the name of a module as on Linux: that of its file, with '_' in place of everything
    that a name in C cannot have."""
    return re.sub(r'\W', '_', os.path.splitext(os.path.basename(source))[0], flags=re.ASCII)


def add_prototypes(compiler, target, folder):
    """Adds the table of the prototypes of its functions to a module, by which a trace shows their
    arguments."""
    table = os.path.join(folder, 'prototypes')
    with open(table, 'wb') as file:
        file.write(prototypes.of_module(ElfFile(target)).pack(target))
    objcopy = subprocess.run([compiler, '-print-prog-name=objcopy'], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.strip()
    subprocess.run([objcopy, '--add-section', '.prototypes=' + table, '--set-section-flags',
                    '.prototypes=alloc,readonly,data', target], check=True)


def compile_module(build, source):
    """Returns the relocatable file that is made from one C source, as bytes."""
    with open(os.path.join(build, 'module-args')) as file:
        args = file.read().split('\n')
    with tempfile.TemporaryDirectory(prefix='patchbay-module-') as folder:
        target = os.path.join(folder, 'module.ko')
        done = subprocess.run([word for word in args if word] +
                              ['-DKBUILD_MODNAME="%s"' % name_of(source),
                               '-I' + os.path.dirname(os.path.abspath(source)),
                               '-c', '-o', target, os.path.abspath(source)], cwd=build)
        if done.returncode:
            raise BuildError('%s does not compile: see above' % source)
        add_prototypes(args[0], target, folder)
        with open(target, 'rb') as file:
            return file.read()


def take_apart(words):
    """Splits an argument into a module's file and its parameters, which are quoted as for a shell
    if they contain blanks."""
    if os.path.exists(words):
        return words, []
    try:
        source, *params = shlex.split(words) or ['']
    except ValueError as error:
        raise BuildError('--module %s: %s' % (words, error)) from None
    return source, params


def read_module(build, source):
    """Returns the relocatable file that a --module names, as bytes."""
    if not os.path.isfile(source):
        raise BuildError('--module %s: %s' % (source or "''", 'is no file' if
                                              os.path.exists(source) else 'no such file'))
    if source.endswith('.c'):
        return compile_module(build, source)
    if not source.endswith(('.o', '.ko')):
        raise BuildError('--module %s: neither C (.c) nor a module (.o, .ko)' % source)
    with open(source, 'rb') as file:
        return file.read()


def initrd(build, modules):
    """Returns the files for the initrd: each module under /lib/modules, and /etc/rc, which inserts
    them. Words after a source's name are the module's parameters."""
    files, commands = {}, []
    for words in modules:
        source, params = take_apart(words)
        data = read_module(build, source)
        path = 'lib/modules/%s.ko' % name_of(source)
        if path in files:
            raise BuildError('two modules are named ' + name_of(source))
        files[path] = data
        commands.append(' '.join(['insmod', '/' + path, *map(shlex.quote, params)]))
    if commands:
        files['etc/rc'] = ('\n'.join(commands) + '\n').encode()
    return files
