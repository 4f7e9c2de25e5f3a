#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes asm-offsets.h: compiles arch/ARCH/asm-offsets.c to assembly and turns the
constants that kernel/module/kbuild.h's DEFINE() left there into #defines.

usage: asm-offsets.py INPUT OUTPUT DEPFILE COMPILER ARGUMENT..."""
import re
import subprocess

import program


def main():
    source, output, depfile, *compiler = program.arguments(__doc__, 4, -1)
    done = subprocess.run(compiler + ['-S', '-MD', '-MF', depfile, '-MT', output,
                                      '-o', '-', source], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return done.returncode
    lines = ['/* Made by tools/asm-offsets.py from %s. */' % source.split('/../')[-1]]
    for name, value, what in re.findall(r'"->(\S*) ?[$#]?(\S*) ?(.*)"', done.stdout):
        lines.append('#define %s %s /* %s */' % (name, value, what) if name else '')
    with open(output, 'w') as out:
        out.write('\n'.join(lines) + '\n')
    return 0


program.run('asm-offsets', main)
