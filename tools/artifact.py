# SPDX-License-Identifier: MIT
"""A folder with all that is left of a machine which has not ended as it should: ./run --post-mortem
DIR keeps it, and looks at it again on any other machine. It has

    about.json    the architecture, how the machine ended, and the registers of its CPUs
    image.elf     the kernel with its symbols
    ram           the memory; what is zero in it takes no room
    log.txt       the kernel's log
    report.txt    what ./run said about it
    trace.dat     the trace, if there is one"""
import json
import os

import guest
import postmortem
import program
import record
from traces import tracewrite

ABOUT = 'about.json'
FILES = [ABOUT, 'image.elf', 'ram', 'log.txt', 'report.txt', 'trace.dat']


def is_one(folder):
    return os.path.isfile(os.path.join(folder, ABOUT))


def check(folder):
    """Raises program.Failure if a machine's remains cannot be put into this folder, because it has
    other files in it."""
    program.check_folder('--post-mortem', folder, FILES)


def keep(machine, image, folder, status, words):
    """Puts what is left of a machine into a folder. The file that makes it one is written last."""
    def path(name):
        return os.path.join(folder, name)

    os.makedirs(folder, exist_ok=True)
    for name in FILES:
        if os.path.lexists(path(name)):
            os.unlink(path(name))
    memory = machine.memory()
    record.save_ram(memory, path('ram'))
    # The image is copied as it is in memory here: a build may replace the file at any time.
    with open(path('image.elf'), 'wb') as file:
        file.write(guest.load(image).data)
    dead = guest.Guest(machine.arch, image, memory)
    with open(path('log.txt'), 'w') as file:
        file.write(dead.log())
    with open(path('report.txt'), 'w') as file:
        file.write(words + '\n')
    reader = record.trace_of(machine, image)
    if any(True for _ in reader):
        tracewrite.write(reader, path('trace.dat'))
    with open(path(ABOUT), 'w') as file:
        json.dump({'arch': machine.arch, 'status': status, 'ended': words.split('\n')[0],
                   'command_line': machine.cmdline, 'registers': machine.cpus}, file, indent=1)
        file.write('\n')


def try_to_keep(machine, image, folder, status, words):
    """The same, with a message if it cannot be done, or that tells where things are."""
    try:
        keep(machine, image, folder, status, words)
    except (guest.Unreadable, OSError) as error:
        if isinstance(error, OSError):
            error = program.describe(error)
        program.complain('run', '--post-mortem %s: %s' % (folder, error))
        return
    program.complain('run', 'what is left of the machine is in %s; look at it again with: '
                     './run --post-mortem %s' % (folder, folder))


def load_about(folder):
    """Returns (architecture, registers of the CPUs, words about the end) of the machine whose
    remains are in this folder."""
    try:
        with open(os.path.join(folder, ABOUT)) as file:
            about = json.load(file)
        return about['arch'], about['registers'], '%s; ./run exited with status %d' % (
            about['ended'], about['status'])
    except (ValueError, KeyError, TypeError):
        raise program.Failure('%s: is not what --post-mortem writes' % folder) from None


def load_memory(folder, arch):
    """Returns the memory of that machine, as a guest.Guest."""
    with open(os.path.join(folder, 'ram'), 'rb') as file:
        return guest.Guest(arch, os.path.join(folder, 'image.elf'), file.read())


def look(folder):
    """Prints a report about a machine whose remains are in this folder. Returns 0."""
    arch, cpus, words = load_about(folder)
    print(words)
    try:
        for line in postmortem.report(load_memory(folder, arch), cpus):
            print(line)
    except guest.Unreadable as error:
        raise program.Failure('no more of its memory makes sense: %s' % error) from None
    trace = os.path.join(folder, 'trace.dat')
    if os.path.exists(trace):
        print('the trace: tools/trace ' + trace)
    return 0
