# SPDX-License-Identifier: MIT
"""Configures and builds one image: what `run`, `check` and the tests do before they boot it.
A build directory that exists is never reconfigured here; Ninja does that when needed."""
import contextlib
import fcntl
import json
import os
import subprocess
import sys

import program

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What Meson makes before it knows whether it can configure.
MESON_FILES = {'meson-info', 'meson-logs', 'meson-private', '.gitignore', '.hgignore'}
ARCHES = ('i386', 'arm64')
CROSS = {'i386': 'i686-linux-gnu', 'arm64': 'aarch64-linux-gnu'}


class BuildError(program.Failure):
    """A build that cannot be had."""


def setup(*groups):
    """Installs what is missing for these groups of tools/setup."""
    done = subprocess.run([os.path.join(ROOT, 'tools', 'setup'), *groups], stdout=sys.stderr)
    if done.returncode:
        raise BuildError('set-up failed: see above')


def directory(arch):
    return os.path.join(ROOT, 'build', arch)


def elf(build, tests=False):
    """The plain image, or the one that has the kernel's tests, as the linker left it."""
    return os.path.join(build, 'patchbay-tests.elf' if tests else 'patchbay.elf')


def image(build, arch, tests=False):
    """What QEMU's -kernel is given."""
    flat = os.path.join(build, 'patchbay-tests.Image' if tests else 'Image')
    return {'i386': elf(build, tests), 'arm64': flat}[arch]


@contextlib.contextmanager
def lock(build):
    """One builder a directory: Ninja itself does not guard against a second one."""
    os.makedirs(os.path.dirname(build), exist_ok=True)
    with open(build + '.lock', 'w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def configured_source(build):
    """The source tree that a build directory was configured for, or None when it is no such."""
    try:
        with open(os.path.join(build, 'meson-info', 'meson-info.json')) as file:
            return json.load(file)['directories']['source']
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_ours(build):
    """Refuses to build among other people's files: what is there must be a build of this source
    tree (perhaps one that Meson could not finish), an empty directory, or nothing."""
    if not os.path.lexists(build):
        return
    if not os.path.isdir(build):
        raise BuildError('--build %s: exists and is no directory' % build)
    source = configured_source(build)
    if source:
        if os.path.realpath(source) != os.path.realpath(ROOT):
            raise BuildError('--build %s: is a build of %s, not of %s' % (build, source, ROOT))
        return
    others = sorted(set(os.listdir(build)) - MESON_FILES)
    if others:
        raise BuildError('--build %s: is neither empty nor a build of Patchbay: %s is in it'
                         % (build, others[0]))


def check_arch(build, arch):
    if not os.path.isdir(os.path.join(build, 'arch', arch)):
        raise BuildError('%s is configured for another architecture than %s' % (build, arch))


def configure(build, cross, options=(), out=sys.stderr):
    """A fresh build directory; `cross` is the name of a file in cross/, or None for the host."""
    command = ['meson', 'setup', build, ROOT, *options]
    if cross:
        command += ['--cross-file', os.path.join(ROOT, 'cross', cross + '.ini')]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        out.write(done.stdout)
        raise BuildError('meson could not configure ' + build)


def ninja(build, *words, out=sys.stderr):
    """Builds; quiet unless something has to be done or goes wrong."""
    process = subprocess.Popen(['ninja', '-C', build, '--quiet', *words], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    for line in process.stdout:
        if line != 'ninja: no work to do.\n':
            out.write(line)
    if process.wait():
        raise BuildError('the build failed: see above')


def is_current(path, targets):
    """Would Ninja have nothing to do? It must not write to find out."""
    done = subprocess.run(['ninja', '-n', '-C', path, *targets], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode == 0 and 'no work to do' in done.stdout


def is_writable(path):
    """Can a build go on, or begin, in this directory? The lock lies beside it."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return os.access(path, os.W_OK) and (not os.path.exists(path + '.lock') or
                                         os.access(path + '.lock', os.W_OK))


def build(path, arch, cross=None, options=(), everything=False, targets=None, tests=False,
          jobs=None,
          out=sys.stderr):
    """Configures where that was not done, and builds the image (plain or with tests), or all that
    is built by default, or these targets, by so many jobs at once; returns the directory. What the
    tools say goes to `out`."""
    path = os.path.abspath(path)
    if targets is None and not everything:
        targets = [elf('', tests).replace('.elf', '.verified'), image('', arch, tests)]
    check_ours(path)
    if not is_writable(path):
        # Somebody else's, or on a disc that is read-only: what is there may do as it is.
        exists = os.path.exists(os.path.join(path, 'build.ninja'))
        if not exists or not is_current(path, targets or []):
            raise BuildError('%s cannot be written to, and has no current build' % path)
        if arch:
            check_arch(path, arch)
        return path
    with lock(path):
        if not os.path.exists(os.path.join(path, 'build.ninja')):
            print('Configuring and building %s' % os.path.relpath(path), file=sys.stderr)
            configure(path, cross or (CROSS[arch] if arch else None), options, out)
        if arch:
            check_arch(path, arch)
        if targets or everything:
            ninja(path, *(['-j', str(jobs)] if jobs else []), *(targets or []), out=out)
    return path
