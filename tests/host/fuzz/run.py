#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a libFuzzer target over its corpus, which must pass, and then a fixed number of times on
what it makes of the corpus with a fixed seed: the same each time. With --random it looks for what
nobody has thought of, for so long, and goes on from what it has found before. Prints TAP; an input
that fails is told and kept.

usage: run.py [--random SECONDS] [--seed N] TARGET CORPUS [PROGRAM]"""
import argparse
import base64
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))

from tap import Tap

LIMITS = ['-timeout=20', '-rss_limit_mb=2048']
RUNS = 5000
SHOWN = 1000			# bytes of an input


def finding(folder, output):
    """Returns what to print of a run that failed: the input, and the first lines of what was wrong.
    """
    lines = output.split('\n')
    start = next((i for i, line in enumerate(lines) if 'ERROR' in line or '.c:' in line), -30)
    said = ['\n'.join(lines[start:][:30])]
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path, 'rb') as file:
            data = file.read()
        said.append('input: %s (%d bytes)' % (path, len(data)))
        if len(data) <= SHOWN:
            said.append('base64: ' + base64.b64encode(data).decode())
    return said


def fuzz(program, findings, *args):
    """Returns the problems, and the last line of statistics."""
    os.makedirs(findings, exist_ok=True)
    done = subprocess.run([program, *LIMITS, '-artifact_prefix=' + findings + '/', *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    output = done.stdout.decode(errors='replace')
    if done.returncode:
        return finding(findings, output) + ['exit status %d' % done.returncode], ''
    return [], next((line for line in reversed(output.split('\n')) if 'DONE' in line), '')


def search(tap, args, program, findings):
    """Searches for so long, beginning with everything that was found before."""
    found = program + '-corpus'
    os.makedirs(found, exist_ok=True)
    dictionary = os.path.join(os.path.dirname(os.path.dirname(args.corpus)), args.target + '.dict')
    words = ['-dict=' + dictionary] if os.path.exists(dictionary) else []
    problems, line = fuzz(program, findings, '-max_total_time=%d' % args.random,
                          '-seed=%d' % args.seed, *words, found, args.corpus)
    tap.case('fuzzing', problems)
    tap.note('%d seconds: %s' % (args.random, line))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--random', type=int, metavar='SECONDS')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('target')
    parser.add_argument('corpus')
    parser.add_argument('program', nargs='?')
    args = parser.parse_args()
    tap = Tap()
    if not args.program:
        for name in ('corpus', 'from_the_corpus'):
            tap.case(name, skip='no clang with libFuzzer here when this was configured')
        return tap.done()
    program = os.path.abspath(args.program)
    findings = program + '-findings'
    if args.random:
        search(tap, args, program, findings)
        return tap.done()
    files = sorted(os.path.join(args.corpus, name) for name in os.listdir(args.corpus))
    tap.case('corpus', fuzz(program, findings, *files)[0])
    # The first directory gets new inputs, which must not change the next run.
    with tempfile.TemporaryDirectory() as new:
        tap.case('from_the_corpus', fuzz(program, findings, '-seed=%d' % args.seed,
                                         '-runs=%d' % RUNS, new, args.corpus)[0])
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
