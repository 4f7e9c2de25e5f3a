#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./run, ./check, ./bench and tools/ as programs: wrong arguments, folders that are not theirs,
files that cannot be written, and where they are started from. Prints TAP.

usage: tools.py ARCH BUILD_DIRECTORY"""
import os
import shutil
import subprocess
import sys
import tempfile

from console import ROOT, RUN, cases, expect
from tap import Tap

NOBODY = '65534'


def tool(*words, cwd=ROOT, stdout=subprocess.PIPE, env=None):
    """Runs a program to its end. Returns (status, stdout, stderr). There must never be a traceback.
    """
    done = subprocess.run(words, cwd=cwd, timeout=100, stdin=subprocess.DEVNULL, stdout=stdout,
                          stderr=subprocess.PIPE, env=env)
    err = done.stderr.decode(errors='replace')
    expect('Traceback' not in err and 'Exception' not in err, words, err)
    return done.returncode, (done.stdout or b'').decode(errors='replace'), err


def programs():
    """Yields the files of tools/ that people or the build start, and that are not only imported.
    """
    folder = os.path.join(ROOT, 'tools')
    for name in sorted(os.listdir(folder)):
        if name.endswith('.py') and os.access(os.path.join(folder, name), os.X_OK):
            yield os.path.join(folder, name)


def wrong_arguments_are_told(arch, build):
    found = list(programs())
    expect(len(found) >= 10, found)
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, 'file')
        for path in found:
            for words in ['--nonesuch'] * 9, [image], ['', '']:
                shutil.copy(os.path.join(build, 'patchbay.elf'), image)
                status, out, err = tool(sys.executable, path, *words)
                expect(status in (1, 2) and err and not out, path, words, status, out, err)
                expect(status == 1 or 'usage' in err, path, words, err)
                with open(image, 'rb') as mine, \
                        open(os.path.join(build, 'patchbay.elf'), 'rb') as original:
                    expect(mine.read() == original.read(), path + ' wrote over its argument')


def wrong_wishes_to_check(arch, build):
    for words in (['direct', '--quick'], ['--list', '--all'], ['--hunt', '0'], ['--hunt', 'x'],
                  ['--hunt', '5', 'direct'], ['--sanitize', 'address'], ['--nonesuch']):
        status, out, err = tool('./check', *words)
        expect(status == 2 and 'usage: ./check' in err and not out, words, status, out, err)


def symbols_do_not_replace_their_image(arch, build):
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, 'file')
        shutil.copy(os.path.join(build, 'patchbay.elf'), image)
        size = os.path.getsize(image)
        status, _, err = tool(sys.executable, 'tools/symbols.py', image, image)
        expect(status == 2 and 'usage' in err and os.path.getsize(image) == size, status, err)


def output_that_fails(arch, build):
    """Writing may fail at once, or only at the end, as Python's buffer decides."""
    buffered = {name: value for name, value in os.environ.items() if name != 'PYTHONUNBUFFERED'}
    with open('/dev/full', 'w') as full:
        for words in ([RUN, '--help'], ['tools/rows.py'], ['./check', '--help']):
            for env in buffered, buffered | {'PYTHONUNBUFFERED': '1'}:
                status, _, err = tool(*words, stdout=full, env=env)
                expect(status == 1 and 'No space left on device' in err, words, status, err)


def numbers_that_have_nowhere_to_go(arch, build):
    status, _, err = tool('./bench', arch, '--json', '/nonesuch/numbers.json')
    expect(status == 1 and '/nonesuch/numbers.json: No such file' in err, status, err)


def folders_of_other_people(arch, build):
    with tempfile.TemporaryDirectory() as folder:
        theirs, file, link = (os.path.join(folder, n) for n in ('theirs', 'file', 'link'))
        os.mkdir(theirs)
        open(os.path.join(theirs, 'thesis.tex'), 'w').close()
        open(file, 'w').close()
        os.symlink('/nonesuch', link)
        for path, word in {theirs: 'neither empty nor a build of Patchbay: thesis.tex is in it',
                           file: 'is no directory', link: 'is no directory',
                           os.path.join(file, 'x'): 'file', ROOT: 'neither empty'}.items():
            status, _, err = tool(RUN, arch, '--build', path, '-c', 'echo no')
            expect(status == 1 and word in err, path, status, err)
        expect(sorted(os.listdir(folder)) == ['file', 'link', 'theirs'], os.listdir(folder))
        expect(os.listdir(theirs) == ['thesis.tex'], os.listdir(theirs))
        other = os.path.join(theirs, 'meson-info')
        os.mkdir(other)
        with open(os.path.join(other, 'meson-info.json'), 'w') as info:
            info.write('{"directories": {"source": "/nonesuch", "build": "x"}}')
        status, _, err = tool(RUN, arch, '--build', theirs, '-c', 'echo no')
        expect(status == 1 and 'is a build of /nonesuch' in err, status, err)


def checkout_that_cannot_be_written(arch, build):
    if os.geteuid():
        return			# who is not root cannot become somebody else
    other = ['setpriv', '--reuid', NOBODY, '--clear-groups']
    status, out, err = tool(*other, RUN, arch, '--build', build, '-c', 'echo hello')
    expect((status, out) == (0, 'hello\n'), status, out, err)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        status, out, err = tool(*other, RUN, arch, '--build', folder, '-c', 'echo hello')
        expect(status == 1 and 'cannot be written to, and has no current build' in err, err)


def started_by_symbolic_links(arch, build):
    with tempfile.TemporaryDirectory() as folder:
        for name in 'run', 'check', 'bench':
            os.symlink(os.path.join(ROOT, name), os.path.join(folder, 'first'))
            os.symlink('first', os.path.join(folder, name))
            status, out, err = tool('./' + name, '--help', cwd=folder)
            expect(status == 0 and 'usage: ./' + name in out, status, out, err)
            os.unlink(os.path.join(folder, 'first'))


def main(arch, build):
    tap = Tap()
    cases(tap, [wrong_arguments_are_told, wrong_wishes_to_check, symbols_do_not_replace_their_image,
                output_that_fails,
                numbers_that_have_nowhere_to_go, folders_of_other_people,
                checkout_that_cannot_be_written, started_by_symbolic_links], arch, build)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
