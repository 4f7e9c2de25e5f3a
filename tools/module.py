# SPDX-License-Identifier: MIT
"""Compiles module sources outside the tree, exactly as the kernel's own modules are: the compiler
and its arguments come from the build directory (module-args, which Meson writes)."""
import os
import re
import subprocess
import tempfile

from build import BuildError


def name_of(source):
    """Linux's module name: the file's, with '_' for everything else."""
    return re.sub(r'\W', '_', os.path.splitext(os.path.basename(source))[0])


def compile_module(build, source):
    """The relocatable file made from one C source, as bytes."""
    if not os.path.isfile(source):
        raise BuildError('%s: no such file' % source)
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
        with open(target, 'rb') as file:
            return file.read()


def initrd(build, modules):
    """Files for the initrd: each module under /lib/modules, and /etc/rc, which inserts them. Words
    behind a source's name are its parameters."""
    files, commands = {}, []
    for words in modules:
        source, *params = words.split()
        if source.endswith(('.o', '.ko')):
            with open(source, 'rb') as file:
                data = file.read()
        else:
            data = compile_module(build, source)
        path = 'lib/modules/%s.ko' % name_of(source)
        if path in files:
            raise BuildError('two modules are named ' + name_of(source))
        files[path] = data
        commands.append(' '.join(['insmod', '/' + path, *params]))
    if commands:
        files['etc/rc'] = ('\n'.join(commands) + '\n').encode()
    return files
