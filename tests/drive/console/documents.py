#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs what the README and docs/ show, word for word: each ```console block is typed, and what
comes back must be what stands there. Numbers, addresses and times may differ, a line `...` stands
for any number of lines, and `...` at a line's end for the rest of it. Prints TAP.

usage: documents.py ARCH BUILD_DIRECTORY DOCUMENT..."""
import os
import re
import shlex
import subprocess
import sys

from console import ROOT, RUN, Console, expect
from tap import Tap

import pexpect

HOST = re.compile(r'^\$ (.*)$')
GUEST = re.compile(r'^(/[^\s#]*) # ?(.*)$')
# What stands before a duration: a mark, if it is a long one.
MARK, ANY_MARK = re.compile(r' +[+!#*@$]? *(?=\d+\.\d+ us\b)'), r'\s*[+!#*@$]?\s*'
NUMBER = re.compile(r'\b0x[0-9a-f]+\b|\b[0-9a-f]*[0-9][0-9a-f]*(?:\.\d+)?\b')


def blocks(path):
    """Yields (line number, lines) of each ```console block."""
    with open(path) as file:
        lines = file.read().split('\n')
    inside = None
    for number, line in enumerate(lines, 1):
        if line.startswith('```'):
            if inside is not None:
                yield inside
            inside = (number + 1, []) if line == '```console' else None
        elif inside is not None:
            inside[1].append(line)


def steps(lines):
    """Returns a block as a list of (prompt, command, expected lines). The prompt is '$' or a
    guest's directory."""
    found = []
    for line in lines:
        host, guest = HOST.match(line), GUEST.match(line)
        if host:
            found.append(('$', host[1], []))
        elif guest:
            found.append((guest[1], guest[2], []))
        elif found:
            found[-1][2].append(line)
    return found


def pattern(line):
    """Turns a line of a document into an expression: every number matches any number, every space
    any spaces."""
    if MARK.search(line):
        return ANY_MARK.join(pattern(part) for part in MARK.split(line))
    out, at = [], 0
    for match in NUMBER.finditer(line):
        out += [re.escape(line[at:match.start()]), r'(?:0x)?[0-9a-f]+(?:\.\d+)?']
        at = match.end()
    out.append(re.escape(line[at:]))
    return re.sub(r'(?:\\ )+', r'\\s+', ''.join(out)).strip() or r'\s*'


def line_pattern(want):
    """Returns the expression for one line; `...` at its end stands for the rest."""
    rest = want.rstrip().endswith('...')
    text = want.rstrip()[:-3].rstrip() if rest else want.rstrip()
    return re.compile(r'\s*' + pattern(text) + (r'.*' if rest else r'\s*'))


def matches(expected, lines):
    """Tells whether the expected lines, some of which are gaps (None), match all of these lines.
    This is the classic wildcard match: after a mismatch the last gap takes one line more. Also
    returns how many lines fitted at most."""
    at = line = best = 0
    gap = None
    while line < len(lines):
        if at < len(expected) and expected[at] is None:
            gap = (at, line)
            at += 1
        elif at < len(expected) and expected[at].fullmatch(lines[line]):
            at, line = at + 1, line + 1
            best = max(best, at)
        elif gap:
            gap = (gap[0], gap[1] + 1)
            at, line = gap[0] + 1, gap[1]
        else:
            return False, best
    while at < len(expected) and expected[at] is None:
        at += 1
    return at == len(expected), max(best, at)


def compare(expected, text):
    """Returns None if the text is what was expected, otherwise what is wrong."""
    lines = [line.rstrip() for line in text.rstrip('\n').split('\n')] if text.strip() else []
    wanted = [None if want.strip() == '...' else line_pattern(want) for want in expected]
    good, reached = matches(wanted, lines)
    if good:
        return None
    missing = expected[reached] if reached < len(expected) else '(end)'
    return 'not there: %s\nin: %s' % (missing, '\n    '.join(lines[:40]))


class Session:
    """Runs one block: host commands, and the console that `./run ARCH` opens."""

    def __init__(self, arch, build):
        self.arch, self.build, self.console = arch, build, None

    def host(self, command):
        """Returns a host command's standard output. `./run` gets the architecture under test."""
        words = shlex.split(command, comments=True)
        if words[0] == './run' and '-c' not in words:
            options = [word for word in words[1:] if word not in ('i386', 'arm64')]
            self.console = Console(self.arch, self.build, *options)
            return ''
        run = ' '.join(shlex.quote(w) for w in (RUN, self.arch, '--build', self.build))
        command = re.sub(r'(^|(?<=\| ))\./run( i386| arm64)?', lambda _: run, command)
        done = subprocess.run(command, shell=True, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout.decode(errors='replace')

    def guest(self, directory, command):
        expect(self.console, 'no console is open for: ' + command)
        expect(self.console.directory == directory,
               'the prompt is %s, not %s' % (self.console.directory, directory))
        if command == 'poweroff':
            expect(self.console.close() == 0, 'poweroff did not end ./run with status 0')
            self.console = None
            return ''
        return self.console.command(command, timeout=240)	# megabytes of trace, on a busy host

    def end(self):
        if self.console:
            self.console.kill()


def play(tap, name, session, lines):
    for prompt, command, expected in steps(lines):
        if not command.strip():
            continue
        try:
            output = session.host(command) if prompt == '$' else session.guest(prompt, command)
            problem = compare(expected, output)
        except AssertionError as error:
            problem = str(error)
        except (pexpect.TIMEOUT, pexpect.EOF, subprocess.TimeoutExpired) as error:
            problem = type(error).__name__ + ': ' + str(error)[:2000]
        tap.case('%s %s' % (name, command), [problem] if problem else [])
    session.end()


def main(arch, build, *documents):
    tap = Tap()
    for document in documents:
        for number, lines in blocks(os.path.join(ROOT, document)):
            text = '\n'.join(lines)
            if '--grub' in text and arch != 'i386' or './check' in text:
                continue
            play(tap, '%s:%d' % (document, number), Session(arch, build), lines)
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
