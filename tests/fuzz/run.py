#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a libFuzzer target over its corpus, which must pass, and then for FUZZ_SECONDS (environment;
none by default) on whatever it thinks of. Prints TAP; an input that fails is told and kept.

usage: run.py TARGET CORPUS [PROGRAM]"""
import base64
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools'))

from tap import Tap

LIMITS = ['-timeout=20', '-rss_limit_mb=2048']
SHOWN = 1000			# bytes of an input


def finding(folder, output):
    """What to say of a run that failed: the input, and the first lines of what was wrong."""
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
    """Problems, and the last line of statistics."""
    os.makedirs(findings, exist_ok=True)
    done = subprocess.run([program, *LIMITS, '-artifact_prefix=' + findings + '/', *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    output = done.stdout.decode(errors='replace')
    if done.returncode:
        return finding(findings, output) + ['exit status %d' % done.returncode], ''
    return [], next((line for line in reversed(output.split('\n')) if 'DONE' in line), '')


def main(target, corpus, program=None):
    tap = Tap()
    seconds = int(os.environ.get('FUZZ_SECONDS') or 0)
    if not program:
        for name in ('corpus', 'fuzzing'):
            tap.case(name, skip='no clang with libFuzzer here when this was configured')
        return tap.done()
    program = os.path.abspath(program)
    findings, found = program + '-findings', program + '-corpus'
    files = sorted(os.path.join(corpus, name) for name in os.listdir(corpus))
    tap.case('corpus', fuzz(program, findings, *files)[0])
    if not seconds:
        tap.case('fuzzing', skip='FUZZ_SECONDS says how long; ./check sets it')
        return tap.done()
    os.makedirs(found, exist_ok=True)
    dictionary = os.path.join(os.path.dirname(os.path.dirname(corpus)), target + '.dict')
    words = ['-dict=' + dictionary] if os.path.exists(dictionary) else []
    problems, line = fuzz(program, findings, '-max_total_time=%d' % seconds, *words, found, corpus)
    tap.case('fuzzing', problems)
    tap.note('%d seconds: %s' % (seconds, line))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
