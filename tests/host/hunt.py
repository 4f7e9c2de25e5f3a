#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests ./check --hunt: what counts as found, what is stopped, that it keeps to its time, and what
a NAME means. Prints TAP."""
import contextlib
import io
import itertools
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools'))

import hunt
import named
from tap import Tap


def search(script):
    return hunt.Search('test', 1, 0, ['sh', '-c', script])


def hunting(seconds, scripts, more=()):
    """Hunts with these as the searches. Returns (the hunt, what it printed, the seconds that it
    took)."""
    made = hunt.Hunt(seconds, 1)
    made.endless = map(search, more)
    for script in scripts:
        made.fixed.put(search(script))
    start, said = time.monotonic(), io.StringIO()
    with contextlib.redirect_stdout(said):
        worker = threading.Thread(target=made.work)
        worker.start()
        worker.join()
    return made, said.getvalue(), time.monotonic() - start


def verdicts():
    made, text, _ = hunting(60, ['echo ok 1 - a', 'echo not ok 1 - b; echo "# why"', 'exit 3'])
    if (made.done, made.found, made.cut) != (3, 2, 0):
        yield 'done %d, found %d, cut %d' % (made.done, made.found, made.cut)
    if text.count('FOUND') != 2 or '# why' not in text or text.count('again: sh -c') != 2:
        yield text


def time_is_kept():
    hunt.GRACE = 1
    # A search that hangs is stopped with everything that it has started, and what it has printed by
    # then counts.
    made, text, took = hunting(1, ['sleep 100 & sleep 100', 'echo never'])
    if took > 30 or (made.done, made.found, made.cut) != (1, 0, 1) or 'echo never' in text:
        yield 'took %d s: %s' % (took, text)
    made, text, _ = hunting(1, ['echo not ok 1 - a; sleep 100'])
    if (made.found, made.cut) != (1, 1):
        yield text


def what_is_left_is_used():
    made, _, took = hunting(2, ['true'], itertools.repeat('sleep 0.1'))
    if made.done < 4 or took > 20:
        yield '%d searches in %d s' % (made.done, took)


def seeds_are_new():
    made = [list(hunt.soaks(60, None)) + list(hunt.models(60)) + list(hunt.lines(60, None)) +
            list(itertools.islice(hunt.shuffled(None), 8)) for _ in range(2)]
    seeds = {s.seed for searches in made for s in searches}
    if len(seeds) != 2 * len(made[0]):
        yield 'the same seed twice'
    for found in made[0]:
        if str(found.seed) not in ' '.join(found.command):
            yield 'not to be started again: %s' % (found,)
    texts = [' '.join(s.command) for s in made[0]]
    for words in ('i386 build', 'arm64 build', '--smp 2', '--smp 4', 'gic-version=3'):
        if not any('soak ' in text and words in text for text in texts):
            yield 'no soak with ' + words


def names():
    cases = ['fs.paths', 'fs.proc', 'fsx.paths', 'mm.paths']
    for pattern, meant in {'fs': cases[:2], 'fs.proc': cases[1:2],
                           '*.paths': [cases[0], *cases[2:]],
                           'paths': [], 'f*': cases[:3]}.items():
        if named.matching_cases(cases, pattern) != meant:
            yield '%s: %s' % (pattern, named.matching_cases(cases, pattern))


def main():
    tap = Tap()
    for test in (verdicts, what_is_left_is_used, time_is_kept, seeds_are_new, names):
        tap.case(test.__name__.replace('_', ' '), list(test()))
    return tap.done()


if __name__ == '__main__':
    sys.exit(main())
