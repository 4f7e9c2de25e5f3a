#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./bench --native: the image of i386 can be linked as a program, which runs all its cases. What
they cost is not looked at. Prints TAP.

usage: native.py BUILD_DIR"""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../tools'))
import bench  # noqa: E402
import native_bench  # noqa: E402
import program  # noqa: E402
from tap import Tap  # noqa: E402

CASES = {'ops_1', 'ops_1_regs', 'ops_1_recursion', 'direct', 'direct_plus_ops_1', 'graph_1',
         'tracer_function', 'tracer_graph'}


def main():
    folder, = program.arguments(__doc__, 1)
    tap = Tap()
    native = native_bench.program(folder)
    tap.case('the image can be linked as a program')
    emulator = shutil.which('qemu-i386')
    skip = None
    problems = []
    try:
        costs = native_bench.measure([native], 2)
    except native_bench.CannotRun as error:
        costs = native_bench.measure([emulator, native], 2) if emulator else None
        skip = None if emulator else str(error)
    if costs is not None:
        problems = ['%s: not measured' % name for name in sorted(CASES - set(costs))]
        problems += ['%s: has no row' % name for name in sorted(set(costs) -
                                                               {row[0] for row in bench.PER_CALL})]
    tap.case('it runs all cases', problems, skip=skip)
    peers = {name: native_bench.measure_peer(name, *rest, repeats=2)
             for name, _, *rest in native_bench.PEERS if name.startswith('gcc_')}
    tap.case("tracers that GCC has can be measured",
             ['%s: %s' % peer for peer in peers.items() if isinstance(peer[1], str)])
    return tap.done()


program.run('native', main)
