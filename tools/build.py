# SPDX-License-Identifier: MIT
"""Configures and builds one image: what `run`, `check` and the tests do before they boot it.
A build directory that exists is never reconfigured here; Ninja does that when needed."""
import contextlib
import fcntl
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ARCHES = ('i386', 'arm64')
CROSS = {'i386': 'i686-linux-gnu', 'arm64': 'aarch64-linux-gnu'}


class BuildError(Exception):
    """What went wrong, in words for the user."""


def setup(*groups):
    """Installs what is missing for these groups of tools/setup."""
    done = subprocess.run([os.path.join(ROOT, 'tools', 'setup'), *groups], stdout=sys.stderr)
    if done.returncode:
        raise BuildError('set-up failed: see above')


def directory(arch):
    return os.path.join(ROOT, 'build', arch)


def image(build, arch):
    """What QEMU's -kernel is given."""
    return os.path.join(build, {'i386': 'patchbay.elf', 'arm64': 'Image'}[arch])


@contextlib.contextmanager
def lock(build):
    """One builder a directory: Ninja itself does not guard against a second one."""
    os.makedirs(os.path.dirname(build), exist_ok=True)
    with open(build + '.lock', 'w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def check_arch(build, arch):
    if not os.path.isdir(os.path.join(build, 'arch', arch)):
        raise BuildError('%s is configured for another architecture than %s' % (build, arch))


def configure(build, cross, options=()):
    """A fresh build directory; `cross` is the name of a file in cross/, or None for the host."""
    command = ['meson', 'setup', build, ROOT, *options]
    if cross:
        command += ['--cross-file', os.path.join(ROOT, 'cross', cross + '.ini')]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise BuildError('meson could not configure ' + build)


def ninja(build, *targets):
    """Builds; quiet unless something has to be done or goes wrong."""
    process = subprocess.Popen(['ninja', '-C', build, '--quiet', *targets], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    for line in process.stdout:
        if line != 'ninja: no work to do.\n':
            sys.stderr.write(line)
    if process.wait():
        raise BuildError('the build failed: see above')


def build(path, arch, cross=None, options=(), everything=False):
    """Configures where that was not done, and builds the image, or also what only tests need;
    returns the directory."""
    path = os.path.abspath(path)
    with lock(path):
        if not os.path.exists(os.path.join(path, 'build.ninja')):
            print('Configuring and building %s' % os.path.relpath(path), file=sys.stderr)
            configure(path, cross or (CROSS[arch] if arch else None), options)
        if arch:
            check_arch(path, arch)
        ninja(path, *([] if everything else ['patchbay.verified', image('', arch)]))
    return path
