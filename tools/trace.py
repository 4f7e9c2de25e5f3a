#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/trace: prints a summary of a trace that ./run --record has written, or converts it."""
import argparse
import sys

import elf
import guest
import program
import ringbuffer
from traces import tracedat, tracedraw, traceevents, tracetext, tracewrite

MACHINES = {3: 'i386', 183: 'arm64'}		# by the number in an ELF file
EPILOG = """The first FILE is a trace.dat, or with --elf a guest's RAM (./run --record FILE.ram).
Each further FILE is written in the format that its name ends with:
  .dat              trace.dat of trace-cmd and KernelShark
  .txt              the lines of the guest's own file `trace`
  .json             Chrome's JSON, for ui.perfetto.dev and chrome://tracing
  .folded, .svg     stacks with the time in each, and a flame graph of them
  .speedscope.json  for speedscope
  .ctf              a folder in the Common Trace Format, for babeltrace2"""


def output(text):
    if tracewrite.kind_of(text) is None:
        raise argparse.ArgumentTypeError('%s: ends with none of %s'
                                         % (text, ' '.join(tracewrite.ENDS)))
    return text


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog='tools/trace', epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter,
        description='Prints a summary of a trace, or converts it.')
    parser.add_argument('--elf', metavar='IMAGE',
                        help='FILE is the RAM of a guest that this image ran in')
    parser.add_argument('trace', metavar='FILE', help='the trace')
    parser.add_argument('outputs', metavar='FILE.dat|.txt|.json|...', nargs='*', type=output,
                        help='where to write it to')
    return parser.parse_args(argv)


def load(path, image):
    """Returns a reader of the trace in a file."""
    if not image:
        return tracewrite.read(path)
    arch = MACHINES.get(elf.ElfFile(image).machine)
    if arch is None:
        raise program.Failure('%s: the image of another machine' % image)
    with open(path, 'rb') as file:
        memory = guest.Guest(arch, image, file.read())
    if not memory.has_begun():
        raise program.Failure('%s: is not the RAM of a guest that ran %s' % (path, image))
    return traceevents.Reader(ringbuffer.read(memory))


def write_all(name, reader, paths):
    """Writes a trace to several files, and tells of those that it cannot be written to. Returns the
    exit status."""
    status = 0
    for path in paths:
        try:
            tracewrite.write(reader, path)
        except tracedraw.Refused as why:
            status = program.complain(name, '%s: %s' % (path, why))
    return status


def main(argv):
    args = arguments(argv)
    try:
        reader = load(args.trace, args.elf)
    except (tracedat.BadFile, guest.Unreadable) as why:
        raise program.Failure('%s: %s' % (args.trace, why)) from None
    if args.outputs:
        for note in reader.trace.notes:
            program.complain('trace', note)
        return write_all('trace', reader, args.outputs)
    for line in tracetext.summary(reader):
        print(line)
    return 0


if __name__ == '__main__':
    program.run('trace', main, sys.argv[1:])
