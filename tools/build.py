# SPDX-License-Identifier: MIT
"""Configures and builds one image. `run`, `check` and the tests do this before they boot it. A
build directory that exists is never configured again here; Ninja does that when it is needed."""
import contextlib
import fcntl
import json
import os
import subprocess
import sys

import program

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# The files that Meson makes before it knows whether it can configure the build.
MESON_FILES = {'meson-info', 'meson-logs', 'meson-private', '.gitignore', '.hgignore'}
ARCHES = ('i386', 'arm64')
# Options of ./run, and what they build.
SANITIZERS = {'kasan': ['-Dsanitize=address'], 'kcsan': ['-Dsanitize=thread']}
CROSS = {'i386': 'i686-linux-gnu', 'arm64': 'aarch64-linux-gnu'}


class BuildError(program.Failure):
    """The build cannot be made; the text says why."""


def setup(*groups):
    """Installs what these groups of tools/setup need and is missing."""
    done = subprocess.run([os.path.join(ROOT, 'tools', 'setup'), *groups], stdout=sys.stderr)
    if done.returncode:
        raise BuildError('set-up failed: see above')


def directory(arch):
    return os.path.join(ROOT, 'build', arch)


def elf(build, tests=False):
    """Returns the path of the image as the linker left it: the plain one, or the one with the
    kernel's tests."""
    return os.path.join(build, 'patchbay-tests.elf' if tests else 'patchbay.elf')


def image(build, arch, tests=False):
    """Returns the path of the file for QEMU's -kernel."""
    flat = os.path.join(build, 'patchbay-tests.Image' if tests else 'Image')
    return {'i386': elf(build, tests), 'arm64': flat}[arch]


@contextlib.contextmanager
def lock(build):
    """Lets only one process build in a directory, because Ninja itself does not prevent a second
    one."""
    os.makedirs(os.path.dirname(build), exist_ok=True)
    with open(build + '.lock', 'w') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def configured_source(build):
    """Returns the source tree that a build directory was configured for, or None if it is no build
    directory."""
    try:
        with open(os.path.join(build, 'meson-info', 'meson-info.json')) as file:
            return json.load(file)['directories']['source']
    except (OSError, ValueError, KeyError, TypeError):
        return None


def check_ours(build):
    """Refuses to build among somebody else's files: the directory must be absent, empty, or a build
    of this source tree (perhaps one that Meson could not finish)."""
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
    """Configures a new build directory. `cross` is the name of a file in cross/, or None for the
    host."""
    command = ['meson', 'setup', build, ROOT, *options]
    if cross:
        command += ['--cross-file', os.path.join(ROOT, 'cross', cross + '.ini')]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        out.write(done.stdout)
        raise BuildError('meson could not configure ' + build)


def ninja(build, *words, out=sys.stderr):
    """Builds. Prints nothing unless something has to be done or goes wrong."""
    process = subprocess.Popen(['ninja', '-C', build, '--quiet', *words], text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    for line in process.stdout:
        if line != 'ninja: no work to do.\n':
            out.write(line)
    if process.wait():
        raise BuildError('the build failed: see above')


def is_current(path, targets):
    """Tells whether everything is built. Ninja must not write anything to find out."""
    done = subprocess.run(['ninja', '-n', '-C', path, *targets], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.returncode == 0 and 'no work to do' in done.stdout


def is_writable(path):
    """Tells whether a build may write in this directory. Its lock file lies beside it."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return os.access(path, os.W_OK) and (not os.path.exists(path + '.lock') or
                                         os.access(path + '.lock', os.W_OK))


def build(path, arch, cross=None, options=(), everything=False, targets=None, tests=False,
          jobs=None,
          out=sys.stderr):
    """Configures the directory if that has not been done, and builds the image (plain or with
    tests), or everything that is built by default, or these targets, with this many jobs. Returns
    the directory. The tools' messages go to `out`."""
    path = os.path.abspath(path)
    if targets is None and not everything:
        targets = [elf('', tests).replace('.elf', '.verified'), image('', arch, tests)]
    check_ours(path)
    if not is_writable(path):
        # The directory belongs to somebody else, or is on a read-only disc. What is there is used
        # if it is up to date.
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
