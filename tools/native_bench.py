# SPDX-License-Identifier: MIT
"""The native half of ./bench: runs the image of i386 as a Linux program (tools/native_bench/), and
other tracers beside it. Tells core cycles: orientation, since they depend on the processor."""
import errno
import os
import re
import shutil
import subprocess
import tempfile

import build

SOURCES = os.path.join(build.ROOT, 'tools', 'native_bench')
REPEATS = 2000
PEER_REPEATS = 1000
ADDS = 100		# in a turn of the loop that the clock is calibrated by
# Flags of sites: the program's own files have none.
SITE_FLAGS = {'-pg', '-mrecord-mcount', '-mnop-mcount', '-mfentry'}
# A tracer and what has to be installed for it; flags for the compiler; the command that runs it,
# with words for the environment in front.
PEERS = [
    ('gcc_instrument', '-finstrument-functions, empty hooks', ('gcc',),
     ['-finstrument-functions', '-DEMPTY_HOOKS'], []),
    ('gcc_pg', "-pg: glibc's mcount, for gprof", ('gcc',), ['-pg'], []),
    ('uftrace', "uftrace record: libmcount, by -pg", ('gcc', 'uftrace'), ['-pg'],
     ['uftrace', 'record', '--no-pager', '-d', 'data']),
    ('xray_basic', "XRay of clang, basic mode", ('clang',),
     ['-fxray-instrument', '-fxray-instruction-threshold=1', '-DBY_XRAY'],
     ['env', 'XRAY_OPTIONS=patch_premain=true xray_mode=xray-basic verbosity=0']),
    ('xray_fdr', "XRay of clang, flight recorder", ('clang',),
     ['-fxray-instrument', '-fxray-instruction-threshold=1', '-DBY_XRAY'],
     ['env', 'XRAY_OPTIONS=patch_premain=true xray_mode=xray-fdr verbosity=0']),
]


class CannotRun(build.BuildError):
    """This machine does not run 32-bit programs."""


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors='replace', **options)
    if done.returncode:
        raise build.BuildError('%s: %s' % (command[0], done.stderr.strip() or
                                           'status %d' % done.returncode))
    return done.stdout


def program(folder):
    """Links the libraries of a build of i386, with the program's files in front. Returns its path.
    As for the image, it takes two links: the second has the symbols of the first."""
    folder = os.path.abspath(folder)
    out = os.path.join(folder, 'native')
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(folder, 'module-args')) as file:
        compiler = [word for word in file.read().split('\n') if word and word not in SITE_FLAGS]

    def compiled(source):
        target = os.path.join(out, os.path.basename(source) + '.o')
        run([*compiler, '-Wextra', '-Werror', '-c', '-o', target, source], cwd=folder)
        return target

    def linked(name, *objects):
        target = os.path.join(out, name)
        # What comes first is taken of what is defined twice. Without -S the link takes longer.
        run([compiler[0], '-m32', '-nostdlib', '-static', '-no-pie', '-Wl,-T,kernel.lds',
             '-Wl,--build-id=none,-z,max-page-size=4096,-z,noexecstack,-z,muldefs,-e,native_start',
             '-Wl,-S,--no-warn-rwx-segments', '-o', target, *objects, '-Wl,--whole-archive',
             *libraries, '-Wl,--no-whole-archive', '-lgcc'], cwd=folder)
        return target

    libraries = ['lib%s.a' % name for name in ('untraced', 'traced', 'untraced-tests',
                                               'traced-tests')]
    libraries += sorted(name for name in os.listdir(folder) if name.startswith('libmodule-') and
                        name.endswith('.a'))
    own = [compiled(os.path.join(SOURCES, name)) for name in ('native.c', 'loops.S')]
    empty = {name: compiled(os.path.join(folder, 'no-%s.S' % name))
             for name in ('symbols', 'prototypes', 'classes')}
    first = linked('link1', *own, *empty.values())
    symbols = os.path.join(out, 'symbols.S')
    run([os.path.join(build.ROOT, 'tools', 'symbols.py'), first, symbols])
    return linked('native', *own, compiled(symbols), empty['prototypes'], empty['classes'])


def parse(text):
    """Turns lines `bench KIND NAME TICKS TURNS` into {(kind, name): ticks per turn}."""
    return {(kind, name): int(ticks) / int(turns) for kind, name, ticks, turns in
            re.findall(r'^bench (\w+) (\w+) (\d+) (\d+)$', text, re.M)}


def cycles(values):
    """Returns {case: (cycles above a NOP site, the same below eight frames)}."""
    ticks_per_cycle = values[('adds', 'clock')] / ADDS
    return {name: tuple((values[(place, name)] - values[('base_' + place, name)]) / ticks_per_cycle
                        for place in ('alone', 'deep'))
            for kind, name in values if kind == 'alone'}


def measure(command, repeats=REPEATS):
    """Returns what the command that is the program costs."""
    try:
        return cycles(parse(run([*command, str(repeats)])))
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        raise CannotRun('this machine does not run 32-bit programs') from None


def measure_peer(name, needed, flags, command, repeats=PEER_REPEATS):
    """Returns a pair of numbers as in cycles(), or why there is none."""
    for tool in needed:
        if not shutil.which(tool):
            return tool + ' is not installed'
    # Tracers leave their files where they are started.
    with tempfile.TemporaryDirectory(prefix='patchbay-peer-') as folder:
        try:
            run([needed[0], '-O2', '-w', *flags, '-o', 'peer', os.path.join(SOURCES, 'peer.c')],
                cwd=folder)
            return cycles(parse(run([*command, './peer', name, str(repeats)],
                                    cwd=folder)))[name]
        except (build.BuildError, KeyError) as error:
            return 'does not run here: %s' % str(error).split('\n')[0]


def measure_peers():
    return {name: measure_peer(name, needed, flags, command)
            for name, _, needed, flags, command in PEERS}
